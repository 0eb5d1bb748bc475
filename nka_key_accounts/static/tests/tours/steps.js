// Steps that tours of several rooms take.

// Milliseconds for what was typed to be looked up: on a busy machine the usual ten seconds are few.
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

// From the list that opens on a click.
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

// What was typed is marked in the answer to it; the list before closes when the answer comes.
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

// People are shown with their pictures, and nothing of what was typed is marked.
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
