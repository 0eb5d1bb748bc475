import { registry } from "@web/core/registry";
import { answerReason, clickAction, inState } from "./steps";

const tours = registry.category("web_tour.tours");

// On an open commitment's form, as the manager responsible for it.
tours.add("nka_breach_and_remedy", {
    steps: () => [
        clickAction("action_breach"),
        ...answerReason("The lorry broke down"),
        inState("breached"),
        {
            content: "Agree on a remedy",
            trigger: ".o_field_widget[name=remedy] textarea",
            run: "edit Free delivery of the next lot",
        },
        clickAction("action_remedy"),
        {
            content: "It is remedied",
            trigger: ".ribbon:contains(Remedied)",
        },
    ],
});
