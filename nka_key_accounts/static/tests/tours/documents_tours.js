import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const press = (name) => ({
    content: `Press the button ${name}`,
    trigger: `.o_statusbar_buttons button[name=${name}]:enabled`,
    run: "click",
});

const inState = (state) => ({
    content: `Wait for the state ${state}`,
    trigger: `.o_statusbar_status button[data-value=${state}].o_arrow_button_current`,
});

// On a deal's form, as its manager, while its contract isn't approved.
tours.add("nka_gate_closed", {
    steps: () => [
        press("action_set_won_rainbowman"),
        {
            content: "The gate names what is missing, and offers to make it",
            trigger: ".modal:contains(Contract of test) .modal-footer button:contains(Create)",
        },
        {
            content: "Close it",
            trigger: ".modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "The deal is where it was",
            trigger: "body:not(:has(.modal)) button[name=action_set_won_rainbowman]",
        },
    ],
});

// On a deal's form, as its manager: convert a file to a document and submit it.
tours.add("nka_add_document", {
    steps: () => [
        {
            content: "Open the documents",
            trigger: ".o_notebook a[name=nka_documents]",
            run: "click",
        },
        {
            content: "Choose a file",
            trigger: ".o_nka_document_drop:contains(Add a document)",
            run() {
                const chosen = new DataTransfer();
                chosen.items.add(new File(["Ten days of delivery"], "T-Contract.txt"));
                const input = this.anchor.querySelector("input[type=file]");
                input.files = chosen.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        {
            content: "The dialog has guessed the type from the name of the file",
            trigger: ".modal .o_field_widget[name=type_id] input:value(Contract of test)",
        },
        {
            content: "Submit it at once",
            trigger: ".modal-footer button[name=action_submit]",
            run: "click",
        },
        {
            content: "It waits for its review",
            trigger: ".o_field_widget[name=nka_document_ids] .o_data_row:contains(Submitted)",
        },
    ],
});

// On a submitted document, as a supervisor: read the file, then return the document.
tours.add("nka_return_document", {
    steps: () => [
        {
            content: "Open the file for reading",
            trigger: ".o_field_widget[name=attachment_ids] .caption a:contains(T-Contract)",
            run: "click",
        },
        {
            content: "It is shown over the form, not downloaded",
            trigger: ".o-FileViewer iframe[src*='/web/content/']",
        },
        {
            content: "Close it",
            trigger: ".o-FileViewer [aria-label=Close]",
            run: "click",
        },
        press("action_return"),
        {
            content: "Add a finding",
            trigger: ".modal .o_field_widget[name=line_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Say what is wrong",
            trigger: ".modal .o_selected_row .o_field_widget[name=text] textarea",
            run: "edit Page 3 is missing",
        },
        {
            content: "Send it back",
            trigger: ".modal-footer button[name=action_return]",
            run: "click",
        },
        inState("returned"),
    ],
});

// On a returned document, as its author.
tours.add("nka_answer_finding", {
    steps: () => [
        {
            content: "Open the findings",
            trigger: ".o_notebook a[name=findings]",
            run: "click",
        },
        {
            content: "Go to the answer",
            trigger: ".o_field_widget[name=finding_ids] .o_data_row td[name=answer]",
            run: "click",
        },
        {
            content: "Answer",
            trigger: ".o_selected_row .o_field_widget[name=answer] textarea",
            run: "edit Page 3 is on the back of page 2",
        },
        press("action_submit"),
        inState("submitted"),
    ],
});

// On a submitted document, as a supervisor: the checklist with the file beside.
tours.add("nka_approve_document", {
    steps: () => [
        press("action_review"),
        {
            content: "The file is beside the checklist",
            trigger: ".modal .o_nka_preview iframe[src*='/web/content/']",
        },
        {
            content: "The item holds",
            trigger: ".modal .o_data_row:contains(Signed) .o_boolean_toggle input:not(:checked)",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".modal .o_data_row:contains(Signed) .o_boolean_toggle input:checked",
        },
        {
            content: "Approve",
            trigger: ".modal-footer button[name=action_approve]",
            run: "click",
        },
        inState("approved"),
    ],
});

// On the same deal's form, as its manager, once the contract is approved.
tours.add("nka_gate_open", {
    steps: () => [
        press("action_set_won_rainbowman"),
        {
            content: "The deal is won",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Won)",
        },
    ],
});
