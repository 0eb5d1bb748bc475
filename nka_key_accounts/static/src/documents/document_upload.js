import { Component, useRef } from "@odoo/owl";
import { Dropzone } from "@web/core/dropzone/dropzone";
import { useCustomDropzone } from "@web/core/dropzone/dropzone_hook";
import { FileInput } from "@web/core/file_input/file_input";
import { registry } from "@web/core/registry";
import { useFileUploader } from "@web/core/utils/files";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

class DocumentDropzone extends Component {
    static template = "nka_key_accounts.DocumentDropzone";
    static components = { Dropzone };
    static props = ["*"];
}

/**
 * Let users drop files on a part of the page. Files dropped together become one document, and a
 * dialog asks for its type and submits it.
 *
 * @param {Object} target - Reference to the element.
 * @param {Object} options
 * @param {() => Object} options.values - Returns further values of the document.
 * @param {() => Promise} options.reload - Called after the dialog was closed.
 * @param {() => Promise<boolean>} [options.prepare] - Called before the upload.
 * @param {() => boolean} [options.isEnabled] - Whether files can be dropped.
 * @returns {{ onUploaded: (files: Object[]) => Promise }}
 */
export function useDocumentUpload(target, { values, reload, prepare, isEnabled }) {
    const action = useService("action");
    const notification = useService("notification");
    const orm = useService("orm");
    const upload = useFileUploader();

    async function onUploaded(files) {
        const failed = files.find((file) => file.error);
        if (failed) {
            notification.add(failed.error, { type: "danger" });
            return;
        }
        const opening = await orm.call(
            "nka.document",
            "action_create_from_attachments",
            [files.map((file) => file.id)],
            values()
        );
        await reload();
        await action.doAction(askType(opening), { onClose: reload });
    }

    async function onDrop(ev) {
        const files = [...ev.dataTransfer.files];
        if (!files.length || (prepare && !(await prepare()))) {
            return;
        }
        const sent = await upload("/web/binary/upload_attachment", {
            csrf_token: odoo.csrf_token,
            ufile: files,
            model: "nka.document",
            id: 0,
        });
        if (sent) {
            await onUploaded(sent);
        }
    }

    useCustomDropzone(
        target,
        DocumentDropzone,
        { extraClass: "o_nka_document_dropzone", onDrop },
        isEnabled
    );
    return { onUploaded };
}

/** Return the action that opens a new document in a dialog with what a submission needs. */
export function askType(opening) {
    return {
        ...opening,
        target: "new",
        context: { form_view_ref: "nka_key_accounts.nka_document_view_form_upload" },
    };
}

/** Button and drop zone of lists of documents. */
export class DocumentUpload extends Component {
    static template = "nka_key_accounts.DocumentUpload";
    static components = { FileInput };
    static props = { context: Object, reload: Function };

    setup() {
        const root = useRef("root");
        const content = {
            get el() {
                return root.el?.closest(".o_action")?.querySelector(".o_content");
            },
        };
        this.uploads = useDocumentUpload(content, {
            values: () => this.values,
            reload: () => this.props.reload(),
        });
    }

    /** The account or deal whose documents are listed. */
    get values() {
        const { default_lead_id, default_key_account_id } = this.props.context;
        const values = { lead_id: default_lead_id, key_account_id: default_key_account_id };
        return Object.fromEntries(Object.entries(values).filter(([, id]) => id));
    }
}

const withUpload = (Controller) =>
    class extends Controller {
        static components = { ...Controller.components, DocumentUpload };

        /** Reviewers' queues list the documents of others. */
        get canUpload() {
            return !this.props.context.nka_without_drafts;
        }
    };

const views = registry.category("views");

views.add("nka_document_list", {
    ...listView,
    Controller: withUpload(listView.Controller),
    buttonTemplate: "nka_key_accounts.DocumentListButtons",
});
views.add("nka_document_kanban", {
    ...kanbanView,
    Controller: withUpload(kanbanView.Controller),
    buttonTemplate: "nka_key_accounts.DocumentKanbanButtons",
});
