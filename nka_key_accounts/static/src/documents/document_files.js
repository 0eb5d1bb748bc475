import { FileModel } from "@web/core/file_viewer/file_model";
import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { registry } from "@web/core/registry";
import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";

/**
 * Open files in the file viewer, because the preview beside the form needs a wide screen.
 * Files that the browser can't display are downloaded.
 */
export class DocumentFiles extends Many2ManyBinaryField {
    static template = "nka_key_accounts.DocumentFiles";

    setup() {
        super.setup();
        this.viewer = useFileViewer();
    }

    onClickFile(ev, { id }) {
        const files = this.files.map((file) => Object.assign(new FileModel(), file));
        const chosen = files.find((file) => file.id === id);
        if (chosen.isViewable) {
            ev.preventDefault();
            this.viewer.open(chosen, files);
        }
    }
}

registry.category("fields").add("nka_document_files", {
    ...many2ManyBinaryField,
    component: DocumentFiles,
});
