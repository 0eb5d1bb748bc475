from odoo import fields, models
from odoo.fields import Domain

PARTS = ("nka.offer.contribution", "nka.concession", "nka.discount.request")


class Handover(models.Model):
    """People, commitments and competitors go along with their account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        of_accounts = Domain("key_account_id", "in", accounts.ids)
        return {
            **super()._owned_domains(accounts),
            "nka.stakeholder": of_accounts,
            "nka.commitment": of_accounts,
            **dict.fromkeys(PARTS, of_accounts),
        }

    def _checklist_sources(self, accounts):
        of_accounts = [("key_account_id", "in", accounts.ids)]
        commitments = self.env["nka.commitment"].search(
            [*of_accounts, ("state", "in", ("proposed", "open"))]
        )
        asked = self.env["nka.offer.contribution"].search(
            [*of_accounts, ("state", "in", ("asked", "returned", "delivered"))]
        )
        planned = self.env["nka.concession"].search(
            [*of_accounts, ("state", "=", "planned")]
        )
        return [
            *super()._checklist_sources(accounts),
            ("commitment", commitments),
            ("contribution", asked),
            ("concession", planned),
        ]

    def _account_by_record(self, accounts, records):
        if records._name in ("nka.stakeholder", "nka.commitment", *PARTS):
            return {record.id: record.key_account_id for record in records}
        return super()._account_by_record(accounts, records)

    def _move_work(self, accounts):
        """The receiver is known to the people his predecessor knew.

        Both are entered: the client still knows the one who leaves.
        """
        moved = super()._move_work(accounts)
        known = self.env["nka.stakeholder"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("covered_by_ids", "in", self.from_user_id.ids),
            ]
        )
        known.filtered(lambda person: self._is_introduced(person)).write(
            {"covered_by_ids": [fields.Command.link(self.to_user_id.id)]}
        )
        return moved

    def _is_introduced(self, person):
        """Whether the checklist says that the receiver was introduced."""
        return any(
            line.done and line.res_id == person.partner_id.id
            for line in self.line_ids
            if line.res_model == "res.partner"
        )

    # ============================================================ offer
    # Parts of offers go along with the account: their files, activities, followers.

    def _assign_receiver(self, records):
        if records._name != "crm.lead":
            return super()._assign_receiver(records)
        # Nobody but a supervisor gives a lead of a key account away otherwise.
        leads = self._quietly(records)
        return leads._unlocked().write({"user_id": self.to_user_id.id})
