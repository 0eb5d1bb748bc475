from odoo import fields, models
from odoo.fields import Domain

PARTS = ("nka.offer.contribution", "nka.concession", "nka.discount.request")


class Handover(models.Model):
    """People, orders, commitments and parts of offers go along with their account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        of_accounts = Domain("key_account_id", "in", accounts.ids)
        return {
            **super()._owned_domains(accounts),
            "sale.order": Domain(
                "partner_id.commercial_partner_id", "in", accounts.partner_id.ids
            )
            & Domain("company_id", "=", self.company_id.id),
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
            ("order", self._open_orders(accounts)),
            ("commitment", commitments),
            ("contribution", asked),
            ("concession", planned),
        ]

    def _open_orders(self, accounts):
        """Quotations, and orders that still have something to bill."""
        return self.env["sale.order"].search(
            self._owned_domains(accounts)["sale.order"]
            & (
                Domain("state", "in", ("draft", "sent"))
                | (
                    Domain("state", "=", "sale")
                    & Domain("invoice_status", "!=", "invoiced")
                )
            )
        )

    def _move_work(self, accounts):
        """Orders and the people who were introduced to the receiver go along.

        Both managers stay entered there: the client still knows the one who leaves.
        """
        orders = self._givers(self._open_orders(accounts))
        orders.write({"user_id": self.to_user_id.id})
        super()._move_work(accounts)
        known = self.env["nka.stakeholder"].search(
            [
                ("key_account_id", "in", accounts.ids),
                ("covered_by_ids", "in", self.from_user_id.ids),
            ]
        )
        known.filtered(lambda person: self._is_introduced(person)).write(
            {"covered_by_ids": [fields.Command.link(self.to_user_id.id)]}
        )

    def _is_introduced(self, person):
        """Whether the checklist says that the receiver was introduced."""
        return any(
            line.done and line.res_id == person.partner_id.id
            for line in self.line_ids
            if line.res_model == "res.partner"
        )
