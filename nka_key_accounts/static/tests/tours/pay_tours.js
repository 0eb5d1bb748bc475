import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("nka_accept_agreement", {
    url: "/odoo/action-nka_key_accounts.nka_pay_agreement_action_open_mine",
    steps: () => [
        {
            content: "The terms are on one screen",
            trigger: ".o_form_view .o_field_widget[name=bonus_amount]:contains(100,000)",
        },
        {
            content: "Accept",
            trigger: ".o_statusbar_buttons button[name=action_accept]",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary:contains(I accept)",
            run: "click",
        },
        {
            content: "Accepted, with name and digest",
            trigger: ".o_form_view .o_field_widget[name=digest]:contains(v1$)",
        },
        {
            content: "There is nothing more to accept",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_accept]))",
        },
    ],
});

tours.add("nka_no_goals", {
    url: "/odoo/action-nka_key_accounts.nka_season_goal_action_open_mine",
    steps: () => [
        {
            content: "An empty page says who sets the goals",
            trigger: ".o_kanban_view .o_view_nocontent:contains(Your supervisor sets them)",
        },
    ],
});

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

tours.add("nka_dispute", {
    url: "/odoo/action-nka_key_accounts.nka_pay_statement_action_mine",
    steps: () => [
        {
            content: "Open the month",
            trigger: ".o_data_row td[name=month]",
            run: "click",
        },
        {
            content: "Every line says how it was reached; dispute the bonus",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Bonus) button[name=action_dispute]",
            run: "click",
        },
        {
            content: "Say what is wrong",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit The order of the fifth is missing.",
        },
        {
            content: "Send it",
            trigger: ".modal .btn-primary:contains(Send)",
            run: "click",
        },
        {
            content: "The statement shows the open dispute",
            trigger: ".o_form_view .oe_stat_button:contains(Open disputes):contains(1)",
        },
    ],
});
