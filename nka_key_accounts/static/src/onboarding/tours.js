import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Menus of the navigation bar, and their items once it is open. */
const bar = (id) => `.o_menu_sections [data-menu-xmlid="nka_key_accounts.${id}"]`;
const item = (id) => `.o-dropdown--menu [data-menu-xmlid="nka_key_accounts.${id}"]`;

/**
 * Open a menu of the navigation bar, then one of its items.
 *
 * @param {string} section id of the menu
 * @param {string} sectionText what it contains
 * @param {string} id id of the item
 * @param {string} text what the item is for
 */
function open(section, sectionText, id, text) {
    return [
        {
            trigger: bar(section),
            content: sectionText,
            tooltipPosition: "bottom",
            run: "click",
        },
        { trigger: item(id), content: text, tooltipPosition: "right", run: "click" },
        { trigger: ".o_action_manager .o_control_panel" },
    ];
}

const tours = registry.category("web_tour.tours");

tours.add("nka_tour_manager", {
    url: "/odoo/key-accounts",
    steps: () => [
        {
            trigger: bar("menu_nka_day"),
            content: _t("My day shows whom to contact, and deals and documents that wait for you."),
            tooltipPosition: "bottom",
            run: "click",
        },
        ...open(
            "menu_nka_accounts",
            _t("Your clients and all that is known about them."),
            "menu_nka_key_account",
            _t("Each client has one page: contacts, deals, documents and plan.")
        ),
        ...open(
            "menu_nka_control",
            _t("What a supervisor has to approve."),
            "menu_nka_document",
            _t("Upload documents here and submit them. A deal enters its next stage when they are approved.")
        ),
        ...open(
            "menu_nka_pay",
            _t("Your weekly reports, goals and pay."),
            "menu_nka_pay_statement_mine",
            _t("Every line of a statement opens what it was calculated from. You can dispute it there.")
        ),
    ],
});

tours.add("nka_tour_supervisor", {
    url: "/odoo/key-account-decisions",
    steps: () => [
        ...open(
            "menu_nka_control",
            _t("All that waits for your decision."),
            "menu_nka_desk",
            _t("Documents, reports, discounts and more on one page, the longest waiting first.")
        ),
        ...open(
            "menu_nka_accounts",
            _t("All key accounts of the company."),
            "menu_nka_key_account",
            _t("Confirm candidates, assign deputies and hand accounts over here.")
        ),
        ...open(
            "menu_nka_reporting",
            _t("Figures of the company."),
            "menu_nka_dashboard_key_accounts",
            _t("Portfolio, revenue, overdue amounts and pipeline in one picture.")
        ),
    ],
});

tours.add("nka_tour_officer", {
    url: "/odoo/month-close",
    steps: () => [
        ...open(
            "menu_nka_pay",
            _t("All that concerns pay."),
            "menu_nka_month_close",
            _t("A month is calculated by one officer, approved by another, and locked.")
        ),
        ...open(
            "menu_nka_pay",
            _t("Questions of employees are here, too."),
            "menu_nka_pay_dispute",
            _t("Answer disputes before you lock the month.")
        ),
        ...open(
            "menu_nka_pay",
            _t("The result of all months."),
            "menu_nka_dashboard_pay",
            _t("Fixed pay, goal pay and bonus against target earnings.")
        ),
    ],
});

tours.add("nka_tour_director", {
    url: "/odoo/key-accounts",
    steps: () => [
        ...open(
            "menu_nka_reporting",
            _t("Figures of the company."),
            "menu_nka_dashboard_key_accounts",
            _t("Portfolio, revenue, overdue amounts and pipeline in one picture.")
        ),
        {
            trigger: ".o_menu_toggle, .o_navbar_apps_menu button",
            content: _t("Go back to your key accounts from the list of apps."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: '.o_app[data-menu-xmlid="nka_key_accounts.menu_nka_root"]',
            content: _t("Key accounts: clients, figures and pay totals."),
            tooltipPosition: "right",
            run: "click",
        },
        ...open(
            "menu_nka_accounts",
            _t("All key accounts of the company."),
            "menu_nka_key_account",
            _t("Each client has one page. You can read all of them and change none.")
        ),
    ],
});

tours.add("nka_tour_administrator", {
    url: "/odoo/key-accounts",
    steps: () => [
        {
            trigger: bar("menu_nka_setup"),
            content: _t("Setup: first month, roles, existing clients, and a list of what is missing."),
            tooltipPosition: "bottom",
            run: "click",
        },
        ...open(
            "menu_nka_configuration",
            _t("Terms that rarely change."),
            "menu_nka_document_type",
            _t("Which documents a deal needs for which stage.")
        ),
        ...open(
            "menu_nka_pay",
            _t("Rules of pay."),
            "menu_nka_pay_plan",
            _t("A pay plan and its versions. You approve them; a payroll officer prepares them.")
        ),
    ],
});
