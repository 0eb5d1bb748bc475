// Steps shared by the tours of several rooms.

// Timeout for search results, in milliseconds. Odoo's ten seconds are too short on a busy machine.
const PATIENCE = 30000;

export const clickAction = (name) => ({
    content: `Press the button ${name}`,
    trigger: `.o_statusbar_buttons button[name=${name}]`,
    run: "click",
});

export const inState = (state) => ({
    content: `Wait for the state ${state}`,
    trigger: `.o_statusbar_status button[data-value=${state}].o_arrow_button_current`,
});

const picked = (field, name) => ({
    content: `${name} is picked`,
    trigger: `.o_field_widget[name=${field}] input:value(${name})`,
});

// Pick a record from the list that opens on a click.
export const pick = (field, name) => [
    {
        content: `Open the list of ${field}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: "click",
    },
    {
        content: `Pick ${name}`,
        trigger: `.o-autocomplete--dropdown-item > a:contains(${name})`,
        timeout: PATIENCE,
        run: "click",
    },
    picked(field, name),
];

// Search results highlight the typed text, which distinguishes them from the previous list.
export const find = (field, typed, name) => [
    {
        content: `Type ${typed}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: `edit ${typed}`,
    },
    {
        content: `Pick ${name}`,
        trigger: `.o-autocomplete--dropdown-item > a:contains(${name}):has(.text-primary)`,
        timeout: PATIENCE,
        run: "click",
    },
    picked(field, name),
];

// Pick a user or partner shown with an avatar: such results don't highlight the typed text.
export const name = (field, person) => [
    {
        content: `Type ${person}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: `edit ${person}`,
    },
    {
        content: `Pick ${person}`,
        trigger: `.o-autocomplete--dropdown-item > a:contains(${person})`,
        timeout: PATIENCE,
        run: "click",
    },
    {
        content: `${person} is picked`,
        trigger: `.o_field_widget[name=${field}]:not(:has(.o-autocomplete--dropdown-menu))`,
    },
];

export const answerReason = (text) => [
    {
        content: "Say why",
        trigger: ".modal .o_field_widget[name=reason] :is(textarea, input)",
        run: `edit ${text}`,
    },
    {
        content: "Confirm the reason",
        trigger: ".modal button[name=action_apply]",
        run: "click",
    },
    {
        content: "The question is closed",
        trigger: "body:not(:has(.modal))",
    },
];
