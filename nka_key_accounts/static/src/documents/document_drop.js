import { Component, useRef } from "@odoo/owl";
import { Dropzone } from "@web/core/dropzone/dropzone";
import { useCustomDropzone } from "@web/core/dropzone/dropzone_hook";
import { FileInput } from "@web/core/file_input/file_input";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useFileUploader } from "@web/core/utils/files";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SUBJECTS = { "crm.lead": "lead_id", "nka.key.account": "key_account_id" };

class DocumentDropzone extends Component {
    static template = "nka_key_accounts.DocumentDropzone";
    static components = { Dropzone };
    static props = ["*"];
}

/**
 * Create a document of an account or deal from files that the user selects with the button
 * or drops on the form. Files selected or dropped together become one document.
 */
export class DocumentDrop extends Component {
    static template = "nka_key_accounts.DocumentDrop";
    static components = { FileInput };
    static props = { ...standardWidgetProps, button: { type: Boolean, optional: true } };

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.upload = useFileUploader();
        const root = useRef("root");
        const sheet = {
            get el() {
                return root.el?.closest(".o_form_sheet");
            },
        };
        useCustomDropzone(
            sheet,
            DocumentDropzone,
            { extraClass: "o_nka_document_dropzone", onDrop: (ev) => this.onDrop(ev) },
            () => !this.props.button
        );
    }

    /** Save the record before files are selected or uploaded; return false if that fails. */
    async isSaved() {
        return this.props.record.save();
    }

    async onDrop(ev) {
        const files = [...ev.dataTransfer.files];
        if (!files.length || !(await this.isSaved())) {
            return;
        }
        const sent = await this.upload("/web/binary/upload_attachment", {
            csrf_token: odoo.csrf_token,
            ufile: files,
            model: "nka.document",
            id: 0,
        });
        if (sent) {
            await this.onUploaded(sent);
        }
    }

    async onUploaded(sent) {
        const failed = sent.find((file) => file.error);
        if (failed) {
            this.notification.add(failed.error, { type: "danger" });
            return;
        }
        const { record } = this.props;
        const opening = await this.orm.call(
            "nka.document",
            "action_create_from_attachments",
            [sent.map((file) => file.id)],
            { [SUBJECTS[record.resModel]]: record.resId }
        );
        await record.load();
        this.tell(opening);
    }

    tell(opening) {
        const close = this.notification.add(_t("%s was created as a draft.", opening.name), {
            type: "success",
            autocloseDelay: 15000,
            buttons: [
                { name: _t("Submit"), primary: true, onClick: () => close() || this.submit(opening) },
                { name: _t("Show"), onClick: () => close() || this.action.doAction(opening) },
            ],
        });
    }

    async submit(opening) {
        await this.orm.call("nka.document", "action_submit", [[opening.res_id]]);
        await this.props.record.load();
    }
}

registry.category("view_widgets").add("nka_document_drop", {
    component: DocumentDrop,
    extractProps: ({ attrs }) => ({ button: Boolean(attrs.button) }),
});
