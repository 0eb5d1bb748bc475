import { Component, useRef } from "@odoo/owl";
import { FileInput } from "@web/core/file_input/file_input";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useDocumentUpload } from "./document_upload";

const SUBJECTS = { "crm.lead": "lead_id", "nka.key.account": "key_account_id" };

/**
 * Create a document of an account or deal from files that the user selects with the button
 * or drops on the form. Files selected or dropped together become one document.
 */
export class DocumentDrop extends Component {
    static template = "nka_key_accounts.DocumentDrop";
    static components = { FileInput };
    static props = { ...standardWidgetProps, button: { type: Boolean, optional: true } };

    setup() {
        const root = useRef("root");
        const sheet = {
            get el() {
                return root.el?.closest(".o_form_sheet");
            },
        };
        this.uploads = useDocumentUpload(sheet, {
            values: () => ({ [SUBJECTS[this.props.record.resModel]]: this.props.record.resId }),
            reload: () => this.props.record.load(),
            prepare: () => this.isSaved(),
            isEnabled: () => !this.props.button,
        });
    }

    /** Save the record before files are selected or uploaded; return false if that fails. */
    async isSaved() {
        return this.props.record.save();
    }
}

registry.category("view_widgets").add("nka_document_drop", {
    component: DocumentDrop,
    extractProps: ({ attrs }) => ({ button: Boolean(attrs.button) }),
});
