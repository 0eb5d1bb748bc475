import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
// Milliseconds for what was typed to be looked up: on a busy machine the usual ten seconds are few.
const PATIENCE = 30000;

const clickAction = (name) => ({
    content: `Press the button ${name}`,
    trigger: `.o_statusbar_buttons button[name=${name}]`,
    run: "click",
});

const inState = (state) => ({
    content: `Wait for the state ${state}`,
    trigger: `.o_statusbar_status button[data-value=${state}].o_arrow_button_current`,
});

const picked = (field, name) => ({
    content: `${name} is picked`,
    trigger: `.o_field_widget[name=${field}] input:value(${name})`,
});

// From the list that opens on a click.
const pick = (field, name) => [
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
const find = (field, typed, name) => [
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
const name = (field, person) => [
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

// From the client's contact form, as its future manager.
tours.add("nka_no_people", {
    steps: () => [
        {
            content: "Cards in columns of clients, without a client, say what to do",
            trigger: ".o_kanban_view .o_view_nocontent:contains(Put the people of your clients)",
        },
    ],
});

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

const answerReason = (text) => [
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

// On a draft qualification's form, as the manager of the candidate.
tours.add("nka_submit_qualification", {
    steps: () => [clickAction("action_submit"), inState("submitted")],
});

// On the submitted qualification's form, as a supervisor.
tours.add("nka_approve_qualification", {
    steps: () => [clickAction("action_approve"), inState("approved")],
});

// On the form of a negotiation that is over, as its organiser.
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

// On an open commitment's form, as the manager who answers for it.
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
