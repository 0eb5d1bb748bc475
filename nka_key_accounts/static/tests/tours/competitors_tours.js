import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// On a deal's form, as its manager.
tours.add("nka_lost_to_competitor", {
    steps: () => [
        {
            content: "The deal is lost",
            trigger: ".o_statusbar_buttons button:contains(Lost)",
            run: "click",
        },
        {
            content: "Type the competitor",
            trigger: ".modal .o_field_widget[name=competitor_id] input",
            run: "edit Rival",
        },
        {
            content: "Pick the competitor",
            trigger: ".o-autocomplete--dropdown-item > a:contains(Rival Ltd)",
            run: "click",
        },
        {
            content: "Mark it as lost",
            trigger: ".modal button[name=action_lost_reason_apply]",
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ],
});
