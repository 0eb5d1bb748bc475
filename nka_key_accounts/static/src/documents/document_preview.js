import { FileModel } from "@web/core/file_viewer/file_model";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { many2ManyBinaryField } from "@web/views/fields/many2many_binary/many2many_binary_field";

import { Component, useState } from "@odoo/owl";

/**
 * Show the files of a document beside its checklist, one at a time, on any screen.
 * Files that the browser can't display are offered for download.
 */
export class DocumentPreview extends Component {
    static template = "nka_key_accounts.DocumentPreview";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ chosen: null });
    }

    get files() {
        return this.props.record.data[this.props.name].records.map(({ resId, data }) =>
            Object.assign(new FileModel(), {
                id: resId,
                name: data.name,
                mimetype: data.mimetype,
            })
        );
    }

    get file() {
        const files = this.files;
        return files.find((file) => file.id === this.state.chosen) || files[0];
    }
}

registry.category("fields").add("nka_document_preview", {
    component: DocumentPreview,
    supportedTypes: ["one2many", "many2many"],
    isEmpty: () => false,
    relatedFields: many2ManyBinaryField.relatedFields,
});
