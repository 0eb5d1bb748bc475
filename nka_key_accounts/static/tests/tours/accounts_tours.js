import { registry } from "@web/core/registry";
import { clickAction, inState, name } from "./steps";

const tours = registry.category("web_tour.tours");

// From the client's contact form, as its future manager.
tours.add("nka_nominate", {
    steps: () => [
        {
            content: "Nominate the client",
            trigger: ".o_form_view button[name=action_nominate_key_account]",
            run: "click",
        },
        inState("candidate"),
    ],
});

// On the candidate's form, as a supervisor.
tours.add("nka_confirm", {
    steps: () => [clickAction("action_confirm"), inState("key")],
});

// On the account's form, as its manager.
tours.add("nka_hand_over", {
    steps: () => [
        clickAction("action_hand_over"),
        ...name("to_user_id", "nka_colleague"),
        {
            content: "Say why",
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit I move to the north",
        },
        clickAction("action_submit"),
        inState("submitted"),
        {
            content: "Look at the checklist",
            trigger: ".o_notebook a[name=checklist]",
            run: "click",
        },
        {
            content: "The open lead is on it",
            trigger: ".o_field_widget[name=line_ids] td:contains(Frame contract)",
        },
    ],
});

// On the handover's form, as a supervisor.
tours.add("nka_approve_handover", {
    steps: () => [clickAction("action_approve"), inState("done")],
});
