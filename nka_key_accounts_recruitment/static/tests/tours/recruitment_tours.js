import { registry } from "@web/core/registry";
import { clickAction, inState } from "@nka_key_accounts/../tests/tours/steps";

const tours = registry.category("web_tour.tours");

// On the application, as the recruiter.
tours.add("nka_hire", {
    steps: () => [
        {
            content: "Open what concerns key account managers",
            trigger: ".o_notebook a[name=nka_key_account_manager]",
            run: "click",
        },
        {
            content: "The answer may speak of a business of their own",
            trigger: ".o_form_view .alert:contains(business of their own)",
        },
        {
            content: "Set the mark",
            trigger: ".o_field_widget[name=nka_owner_flag] input",
            run: "click",
        },
        {
            content: "It asks for care",
            trigger: ".o_form_view .alert:contains(agree early)",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Wait until it is saved",
            trigger: ".o_form_saved",
        },
        clickAction("create_employee_from_applicant"),
        {
            content: "The employee is open",
            trigger: ".o_form_view .o_field_widget[name=employee_type], .o_form_view .o_field_widget[name=work_email]",
        },
    ],
});

// On the mentorship, as a supervisor.
tours.add("nka_confirm_hired", {
    steps: () => [
        clickAction("action_confirm_manager"),
        {
            content: "Confirm it",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        inState("working"),
    ],
});
