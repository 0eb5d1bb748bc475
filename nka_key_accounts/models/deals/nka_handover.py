from odoo import api, models


class Handover(models.Model):
    """Commitments and parts of offers go along with their account."""

    _inherit = "nka.handover"

    @api.model
    def _owned_models(self):
        return [
            *super()._owned_models(),
            "nka.commitment",
            "nka.offer.contribution",
            "nka.concession",
            "nka.discount.request",
        ]

    def _checklist_sources(self, accounts):
        open_states = {
            "nka.commitment": ("commitment", ("proposed", "open")),
            "nka.offer.contribution": (
                "contribution",
                ("asked", "returned", "delivered"),
            ),
            "nka.concession": ("concession", ("planned",)),
        }
        of_accounts = ("key_account_id", "in", accounts.ids)
        return [
            *super()._checklist_sources(accounts),
            *(
                (kind, self.env[model].search([of_accounts, ("state", "in", states)]))
                for model, (kind, states) in open_states.items()
            ),
        ]
