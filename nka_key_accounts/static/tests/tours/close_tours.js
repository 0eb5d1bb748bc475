import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const state = (name) => ({
    content: `The month is ${name}`,
    trigger: `.o_arrow_button_current:contains(${name})`,
    timeout: 60000,
});
const press = (name) => ({
    content: name,
    trigger: `.o_statusbar_buttons button[name=${name}]`,
    run: "click",
});

tours.add("nka_close_calculate", {
    steps: () => [
        press("action_calculate"),
        state("Calculated"),
        {
            content: "The total is on the page",
            trigger: ".o_field_widget[name=total_amount]:contains(180,000.00)",
        },
        {
            content: "The checklist is there",
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(No dispute is open):contains(Passed)",
        },
        {
            content: "Somebody else has to approve",
            trigger: ".alert:contains(another payroll officer has to approve)",
        },
        {
            content: "And so there is no such button",
            trigger: ".o_statusbar_buttons:not(:has(button[name=action_approve]))",
        },
    ],
});

tours.add("nka_close_dispute", {
    steps: () => [
        press("action_dispute"),
        {
            content: "Say what is wrong",
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit A day is missing.",
        },
        {
            content: "Raise it",
            trigger: ".modal-footer .btn-primary:contains(Send)",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

tours.add("nka_close_answer", {
    steps: () => [
        {
            content: "Open the dispute",
            trigger: ".o_data_row .o_data_cell:contains(A day is missing)",
            run: "click",
        },
        {
            content: "Choose an outcome",
            trigger: ".o_field_widget[name=outcome] input",
            run: "click",
        },
        {
            content: "It stays as it is",
            trigger: ".o_select_menu_item:contains(Rejected)",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".o_field_widget[name=answer] textarea",
            run: "edit It was a holiday.",
        },
        press("action_answer"),
        state("Answered"),
    ],
});

tours.add("nka_close_approve_and_lock", {
    steps: () => [
        press("action_approve"),
        state("Approved"),
        press("action_lock"),
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        state("Locked"),
        {
            content: "There is one payslip",
            trigger: ".oe_stat_button[name=action_open_slips]:contains(1)",
        },
        press("action_verify"),
        {
            content: "The seal holds",
            trigger: ".o_notification:contains(match the locked revision)",
        },
    ],
});
