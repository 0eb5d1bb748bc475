// The first hour of a company: each tour is what one person does after login.
// Clicks and filled fields are counted; the test adds them up.
import { registry } from "@web/core/registry";

import { answerReason, clickAction, inState } from "./steps";

// Calculating and locking take longer than ten seconds on a busy machine.
const PATIENCE = 60000;
const tours = registry.category("web_tour.tours");

const isInput = (step) => typeof step.run === "string";

// Report the number of inputs when the last step has passed.
const counted = (name, steps) =>
    tours.add(name, {
        steps: () => [
            ...steps.map((step) => ({ timeout: PATIENCE, ...step })),
            {
                content: "Report the number of inputs",
                trigger: "body",
                run: () => console.log(`Inputs of ${name}: ${steps.filter(isInput).length}`),
            },
        ],
    });

const click = (content, trigger) => ({ content, trigger, run: "click" });
const see = (content, trigger) => ({ content, trigger });

const lastMonth = () => luxon.DateTime.now().minus({ months: 1 }).startOf("month").toFormat("MM/dd/yyyy");
const openApp = () => [
    click("Open the list of apps", ".o_navbar_apps_menu button"),
    click("Open Key accounts", "[data-menu-xmlid='nka_key_accounts.menu_nka_root']"),
];
const openMenu = (section, entry) => [
    click("Open the section", `[data-menu-xmlid='nka_key_accounts.${section}']`),
    click("Open the entry", `[data-menu-xmlid='nka_key_accounts.${entry}']`),
];
const item = (label) => `.o_field_widget[name=todo_ids] .o_data_row:contains(${label})`;
const show = (label) => click(`Show: ${label}`, `${item(label)} button[name=action_open]`);
const isDone = (label) =>
    see(`Done: ${label}`, `.o_field_widget[name=todo_ids]:not(:contains(${label}))`);
const selectAll = () => click("Select all rows", ".o_list_renderer thead .o_list_record_selector input");
const press = (name) => click(name, `.o_control_panel button[name=${name}]`);
const give = (person, role) =>
    click(
        `${person}: ${role}`,
        `.o_data_row:contains(${person}) .o_field_widget[name=${role}] input`
    );

counted("nka_first_hour_administrator", [
    ...openApp(),
    click("Open the first month", ".o_field_widget[name=first_month] button"),
    {
        content: "Enter the last month that has ended",
        trigger: ".o_field_widget[name=first_month] input",
        run: `edit ${lastMonth()}`,
    },
    click("Open the roles", ".o_notebook .nav-link[name=roles]"),
    give("Bruno Berg", "is_manager"),
    give("Clara Cole", "is_manager"),
    give("David Dale", "is_manager"),
    give("Emma East", "is_manager"),
    give("Felix Ford", "is_manager"),
    give("Sara Super", "is_supervisor"),
    give("Samuel Super", "is_supervisor"),
    give("Olga Officer", "is_officer"),
    give("Otto Officer", "is_officer"),
    give("Karl Keeper", "is_admin"),
    click("Save", ".o_form_button_save"),
    see("The page is saved", ".o_form_saved, .o_form_button_save:not(:visible)"),
    click("Open what is missing", ".o_notebook .nav-link[name=items]"),
    isDone("Two payroll officers"),
    show("Key accounts confirmed"),
    see("Fifteen clients are proposed", ".o_data_row:eq(14)"),
    selectAll(),
    press("action_nominate"),
    see("All are nominated", ".o_data_row:eq(14):contains(Nominated)"),
]);

counted("nka_first_hour_supervisor", [
    ...openMenu("menu_nka_accounts", "menu_nka_takeover"),
    see("Fifteen clients are nominated", ".o_data_row:eq(14):contains(Nominated)"),
    selectAll(),
    press("action_confirm"),
    see("All are confirmed", ".o_data_row:eq(14):contains(Confirmed)"),
]);

counted("nka_first_hour_officer", [
    ...openMenu("menu_nka_pay", "menu_nka_setup_officer"),
    show("Pay plan approved"),
    clickAction("action_submit"),
    inState("submitted"),
]);

counted("nka_first_hour_plan", [
    ...openApp(),
    show("Pay plan approved"),
    clickAction("action_approve"),
    inState("approved"),
]);

counted("nka_first_hour_agreements", [
    ...openMenu("menu_nka_pay", "menu_nka_setup_agreement"),
    see("Wage and sales are proposed", ".o_data_row:eq(4):contains(4,000.00)"),
    selectAll(),
    press("action_propose"),
    see("All are proposed", ".o_data_row:eq(4):contains(Proposed)"),
]);

counted("nka_first_hour_goals", [
    ...openMenu("menu_nka_control", "menu_nka_setup_supervisor"),
    show("Goals accepted"),
    see("Goals are drafted", ".o_data_row:eq(19)"),
    selectAll(),
    press("action_propose"),
    ...answerReason("Goals of the first season"),
    see("All are proposed", ".o_data_row:eq(19):contains(Proposed)"),
]);

counted("nka_first_hour_manager", [
    click("Accept the agreement", ".o_field_widget[name=agreement_ids] [name=action_accept]"),
    see("The agreement is accepted", ".o_form_view:not(:has(.o_field_widget[name=agreement_ids]))"),
    click("Accept the goals", "button[name=action_accept_goals]"),
    see("The goals are accepted", ".o_form_view:not(:has(button[name=action_accept_goals]))"),
]);

counted("nka_first_hour_calculate", [
    ...openMenu("menu_nka_pay", "menu_nka_setup_officer"),
    show("First month closed"),
    clickAction("action_calculate"),
    inState("calculated"),
]);

counted("nka_first_hour_close", [
    ...openMenu("menu_nka_pay", "menu_nka_setup_officer"),
    show("First month closed"),
    clickAction("action_approve"),
    inState("approved"),
    clickAction("action_lock"),
    click("Confirm the lock", ".modal-footer .btn-primary"),
    inState("locked"),
    click("Open the payslips", ".oe_stat_button[name=action_open_slips]"),
    see("Five payslips are done", ".o_list_view .o_data_row:eq(4):contains(Done)"),
]);
