import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

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
