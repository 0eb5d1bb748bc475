import { registry } from "@web/core/registry";
import { find, inState, pick } from "./steps";

const tours = registry.category("web_tour.tours");

// On a new opportunity's form, as a manager.
tours.add("nka_lead_with_referral", {
    steps: () => [
        {
            content: "Name the lead",
            trigger: ".o_field_widget[name=name] :is(textarea, input)",
            run: "edit Cranes for the new yard",
        },
        ...find("partner_id", "Old", "Old Mill"),
        {
            content: "Make it a VIP lead",
            trigger: ".o_field_widget[name=is_vip] input",
            run: "click",
        },
        {
            content: "Open the origins",
            trigger: ".o_field_widget[name=origin] input",
            run: "click",
        },
        {
            content: "It was recommended",
            trigger: ".o_select_menu_item:contains(Referral)",
            run: "click",
        },
        ...pick("referrer_partner_id", "Northwind Steel"),
        {
            content: "Save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_saved",
        },
    ],
});

// On the form of a past negotiation, as its organizer.
tours.add("nka_outcome_and_minutes", {
    steps: () => [
        {
            content: "Agreement was reached",
            trigger: "button[name=action_set_outcome]:contains(Agreement reached)",
            run: "click",
        },
        {
            content: "Write the minutes",
            trigger: "button[name=action_make_minutes]",
            run: "click",
        },
        {
            content: "The minutes are a document",
            trigger: ".o_form_view .o_field_widget[name=title]",
        },
        inState("draft"),
    ],
});
