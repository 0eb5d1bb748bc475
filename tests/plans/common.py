"""Base class of the tests of account plans and whitespace."""

from odoo import Command

from ..competitors.common import CompetitorsCase


class PlansCase(CompetitorsCase):
    @classmethod
    def _fill(cls, accounts=None):
        lines = cls.env["nka.whitespace.line"]
        lines._fill(accounts or cls.env["nka.key.account"].search([]))

    @classmethod
    def _note(cls, category, spend, supplier="unknown", user=None, **vals):
        """Create a line for what the client buys elsewhere, as the manager."""
        return (
            cls.env["nka.whitespace.line"]
            .with_user(user or cls.manager)
            .create(
                {
                    "key_account_id": cls.account.id,
                    "categ_id": category.id,
                    "spend": spend,
                    "supplier": supplier,
                    **vals,
                }
            )
        )

    @classmethod
    def _plan(cls, user=None, **vals):
        """Create a complete draft for this year, as the manager."""
        plans = cls.env["nka.account.plan"].with_user(user or cls.manager)
        return plans.create(
            {
                "key_account_id": cls.account.id,
                "year": cls.today.year,
                "vision": "<p>First supplier of film</p>",
                "objective_ids": [
                    Command.create(
                        {"name": "Sales", "measure": "revenue", "target": 1000}
                    )
                ],
                "action_ids": [
                    Command.create(
                        {
                            "name": "Visit the plant",
                            "user_id": cls.manager.id,
                            "date_due": cls.today + cls._days(20),
                        }
                    )
                ],
                **vals,
            }
        )

    @classmethod
    def _approved_plan(cls, **vals):
        plan = cls._plan(**vals)
        plan.action_submit()
        plan.with_user(cls.supervisor).action_approve()
        return plan
