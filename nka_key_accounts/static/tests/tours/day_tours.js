import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** What each role sees after login: the desk, and the menus of key accounts above it. */
const DESKS = {
    nka_land_manager: [".o_form_view h1, .o_form_view .o_field_widget[name=title]", "Deals"],
    nka_land_super: [".o_form_view .o_field_widget[name=title]:contains(your decision)", "Control"],
    nka_land_payroll: [".o_last_breadcrumb_item:contains(Month-end close)", "Pay"],
    nka_land_admin: [".o_form_view .o_field_widget[name=first_month]", "Configuration"],
};

for (const [name, [desk, menu]] of Object.entries(DESKS)) {
    tours.add(name, {
        steps: () => [
            { content: "The desk is open", trigger: desk },
            {
                content: "With the menus of key accounts",
                trigger: `.o_menu_sections:contains(${menu})`,
            },
        ],
    });
}
