from odoo import models
from odoo.fields import Domain

#: Kind of checklist line, and the states in which work is still open, by model.
OPEN_PARTS = {
    "nka.commitment": ("commitment", ("proposed", "open")),
    "nka.offer.contribution": ("contribution", ("asked", "returned", "delivered")),
    "nka.concession": ("concession", ("planned",)),
}


class Handover(models.Model):
    """Hand over orders, commitments, contributions and concessions with the account."""

    _inherit = "nka.handover"

    def _owned_domains(self, accounts):
        of_accounts = Domain("key_account_id", "in", accounts.ids)
        return {
            **super()._owned_domains(accounts),
            "sale.order": Domain(
                "partner_id.commercial_partner_id", "in", accounts.partner_id.ids
            )
            & Domain("company_id", "=", self.company_id.id),
            **dict.fromkeys((*OPEN_PARTS, "nka.discount.request"), of_accounts),
        }

    def _checklist_sources(self, accounts):
        of_accounts = ("key_account_id", "in", accounts.ids)
        return [
            *super()._checklist_sources(accounts),
            ("order", self._open_orders(accounts)),
            *(
                (kind, self.env[model].search([of_accounts, ("state", "in", states)]))
                for model, (kind, states) in OPEN_PARTS.items()
            ),
        ]

    def _open_orders(self, accounts):
        """Return quotations, and orders that aren't fully invoiced."""
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
        orders = self._givers(self._open_orders(accounts))
        orders.write({"user_id": self.to_user_id.id})
        return super()._move_work(accounts)
