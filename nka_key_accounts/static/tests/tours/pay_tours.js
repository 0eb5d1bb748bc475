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
            trigger: ".modal-footer .btn-primary:contains(Accept agreement)",
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
            trigger: ".o_kanban_view .o_view_nocontent:contains(Your supervisor sets your goals)",
        },
    ],
});
