from odoo import fields, models
from odoo.fields import Domain

PARTS = ("nka.offer.contribution", "nka.concession", "nka.discount.request")


class HandoverOffer(models.Model):
    """Parts of offers go along with the account: their files, activities, followers."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        of_accounts = Domain("key_account_id", "in", accounts.ids)
        return {
            **super()._owned_domains(accounts),
            **dict.fromkeys(PARTS, of_accounts),
        }

    def _checklist_sources(self, accounts):
        asked = self.env["nka.offer.contribution"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("state", "in", ("asked", "returned", "delivered")),
            ]
        )
        planned = self.env["nka.concession"].search(
            [("key_account_id", "in", accounts.ids), ("state", "=", "planned")]
        )
        return [
            *super()._checklist_sources(accounts),
            ("contribution", asked),
            ("concession", planned),
        ]

    def _assign_receiver(self, records):
        if records._name != "crm.lead":
            return super()._assign_receiver(records)
        # Nobody but a supervisor gives a lead of a key account away otherwise.
        leads = self._quietly(records)
        return leads._unlocked().write({"user_id": self.to_user_id.id})

    def _account_by_record(self, accounts, records):
        if records._name in PARTS:
            return {record.id: record.key_account_id for record in records}
        return super()._account_by_record(accounts, records)


class HandoverLineOffer(models.Model):
    _inherit = "nka.handover.line"

    kind = fields.Selection(
        selection_add=[
            ("contribution", "Contribution asked"),
            ("concession", "Concession"),
        ],
        ondelete={"contribution": "cascade", "concession": "cascade"},
    )
