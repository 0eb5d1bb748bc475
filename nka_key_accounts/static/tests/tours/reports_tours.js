import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("nka_week_report", {
    url: "/odoo/action-nka_key_accounts.nka_work_report_action_mine",
    steps: () => [
        {
            content: "The facts are there already",
            trigger: ".o_field_widget[name=fact_ids] .o_kanban_record:contains(Negotiations held)",
        },
        {
            content: "Say what I did",
            trigger: ".o_field_widget[name=summary] textarea",
            run: "edit Two talks at the plant, one of them good.",
        },
        {
            content: "Say what comes next",
            trigger: ".o_field_widget[name=plans] textarea",
            run: "edit Send the offer.",
        },
        {
            content: "Submit",
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            content: "It is with the supervisor now",
            trigger: ".o_statusbar_status:contains(Submitted)",
        },
        {
            content: "And can't be changed any more",
            trigger: ".o_field_widget[name=summary]:not(:has(textarea))",
        },
    ],
});
