import { AttachmentList } from "@mail/core/common/attachment_list";
import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { askType } from "./document_upload";

const SUBJECTS = ["crm.lead", "nka.key.account"];
const ROLES = [
    "nka_key_accounts.group_key_account_manager",
    "nka_key_accounts.group_key_account_supervisor",
];

/** Add a "Convert to document" action to files in the chatter of deals and accounts. */
patch(AttachmentList.prototype, {
    setup() {
        super.setup();
        this.nkaAction = useService("action");
        this.nkaOrm = useService("orm");
        this.nkaState = useState({ hasRole: false });
        if (this.props.attachments.some((file) => SUBJECTS.includes(file.thread?.model))) {
            Promise.all(ROLES.map((role) => user.hasGroup(role))).then((answers) => {
                this.nkaState.hasRole = answers.some(Boolean);
            });
        }
    },

    canMakeDocument(attachment) {
        const { hasRole } = this.nkaState;
        return hasRole && !attachment.uploading && SUBJECTS.includes(attachment.thread?.model);
    },

    async onClickMakeDocument(attachment) {
        const opening = await this.nkaOrm.call(
            "nka.document",
            "action_create_from_attachments",
            [[attachment.id]]
        );
        await this.nkaAction.doAction(askType(opening));
    },

    getActions(attachment) {
        const actions = super.getActions(attachment);
        if (this.canMakeDocument(attachment)) {
            actions.push({
                label: _t("Convert to document"),
                icon: "fa fa-file-text-o",
                onSelect: () => this.onClickMakeDocument(attachment),
            });
        }
        return actions;
    },
});
