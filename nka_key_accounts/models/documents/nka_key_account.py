from odoo import fields, models


class KeyAccount(models.Model):
    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.read.mixin"]

    document_ids = fields.One2many("nka.document", "key_account_id", "Documents")
    document_count = fields.Integer(compute="_compute_document_count")

    def _compute_document_count(self):
        groups = self.env["nka.document"]._read_group(
            [("key_account_id", "in", self.ids)], ["key_account_id"], ["__count"]
        )
        counts = dict(groups)
        for account in self:
            account.document_count = counts.get(account, 0)

    def action_open_documents(self):
        """Open the documents of the account and its deals."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_document_action"
        )
        return {
            **action,
            "domain": [("key_account_id", "=", self.id)],
            "context": {"default_key_account_id": self.id},
        }
