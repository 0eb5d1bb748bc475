"""The daily jobs of a manager's day cost constant queries."""

from odoo import Command
from odoo.addons.nka_key_accounts.models.competitors.nka_competitor import (
    REVIEW_ACTIVITY,
)
from odoo.tests import tagged

from ..plans.common import PlansCase

#: All daily jobs that concern a manager's accounts: model and method.
JOBS = (
    ("nka.key.account", "_cron_plan_contacts"),
    ("nka.key.account", "_cron_refresh_health"),
    ("nka.commitment", "_cron_remind"),
    ("nka.competitor", "_cron_remind_reviews"),
    ("nka.offer.contribution", "_cron_remind"),
    ("nka.account.plan.action", "_cron_remind"),
    ("nka.account.plan", "_cron_close_years"),
    ("nka.whitespace.line", "_cron_fill"),
    ("nka.sales.history", "_cron_refresh"),
)
FEW, MANY = 4, 16


@tagged("nka_day")
class TestDailyJobs(PlansCase):
    """Every account has something due for each job, at every run."""

    def _due(self, number):
        """Return ``number`` accounts on which something is due for every job."""
        accounts = self._more_accounts(number)
        accounts.supervisor_id = self.supervisor
        past, today = self.today - self._days(40), self.today
        owner = {"user_id": self.manager.id, "date_due": past}
        self.env["nka.commitment"].create(
            [
                {
                    "text": "Sixty days to pay",
                    "kind": kind,
                    "promised_value": 1,
                    "key_account_id": account.id,
                    "promised_date": past,
                    "date_agreed": past,
                }
                for account in accounts
                for kind in ("payment", "volume", "service")
            ]
        )
        self.env["nka.competitor"].create(
            [
                {
                    "name": f"Rival of {account.id}",
                    "user_id": self.manager.id,
                    "last_review_date": today - self._days(400),
                }
                for account in accounts
            ]
        )
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": "Line",
                    "type": "opportunity",
                    "partner_id": account.partner_id.id,
                    "user_id": self.manager.id,
                }
                for account in accounts
            ]
        )
        self.env["nka.offer.contribution"].with_user(self.manager).create(
            [
                {
                    "name": "Concept",
                    "lead_id": lead.id,
                    "function": "finance",
                    "user_id": self.employee_user.id,
                    "date_due": past,
                }
                for lead in leads
            ]
        )
        plans = self.env["nka.account.plan"].create(
            [
                {
                    "key_account_id": account.id,
                    "year": past.year - 1,
                    "vision": "<p>Grow</p>",
                    "objective_ids": [
                        Command.create({"name": name, "measure": name, "target": 9})
                        for name in ("revenue", "overdue", "wallet_share")
                    ],
                    "action_ids": [Command.create({"name": "Visit", **owner})],
                }
                for account in accounts
            ]
        )
        plans.action_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE nka_account_plan SET state = 'approved' WHERE id = ANY(%s)",
            [plans.ids],
        )
        self._bill_all(accounts)
        self.env["nka.health.history"].create(
            [
                {"key_account_id": account.id, "date": day, "health": 100}
                for account in accounts
                for day in (past, today - self._days(1))
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE nka_key_account SET create_date = create_date - interval '400 days'
                WHERE id = ANY(%s)""",
            [accounts.ids],
        )
        self.env["mail.activity"].search([]).unlink()
        self.env.invalidate_all()
        return accounts

    def _bill_all(self, accounts):
        """Create an old unpaid invoice for each account."""
        line = {"product_id": self.film_roll.id, "price_unit": 100, "tax_ids": []}
        past = self.today - self._days(200)
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": account.partner_id.id,
                    "invoice_date": past,
                    "invoice_date_due": past,
                    "invoice_line_ids": [Command.create(line)],
                }
                for account in accounts
            ]
        )
        moves.action_post()

    def _costs(self):
        """Return the queries of each job, in the order in which they run."""
        # A refresh within the same second would keep the date and save one query.
        self.env["res.company"].search([]).nka_history_date = False
        self.env.flush_all()
        return {
            f"{model}.{job}": self._queries(getattr(self.env[model], job))
            for model, job in JOBS
        }

    def test_every_job_of_these_rooms_is_listed(self):
        """A new job that isn't measured makes this test fail."""
        rooms = (
            "accounts",
            "facts",
            "history",
            "standing",
            "leads",
            "deals",
            "competitors",
            "plans",
            "day",
        )
        found = {
            (name, method)
            for name in self.env.registry
            if name.startswith("nka.")
            for cls in type(self.env[name]).mro()
            if cls.__module__.split(".")[-2:-1]
            and cls.__module__.split(".")[4:5]
            and cls.__module__.startswith("odoo.addons.nka_key_accounts.models.")
            and cls.__module__.split(".")[4] in rooms
            for method in vars(cls)
            if method.startswith("_cron_")
        }
        # Handovers due today are executed one by one, as they were approved.
        self.assertEqual(found - {("nka.handover", "_cron_execute_due")}, set(JOBS))

    def test_queries_of_one_night(self):
        self._due(2)
        self._costs()
        first = self._due(FEW)
        few = self._costs()
        activities = self.env["mail.activity"].search([])
        for kind in ("contact_client", "health_fell", "health_poor"):
            kind = self.env.ref(f"nka_key_accounts.mail_activity_type_{kind}")
            asked = activities.filtered(
                lambda one, kind=kind: one.activity_type_id == kind
            )
            self.assertLessEqual(set(first.ids), set(asked.mapped("res_id")), kind.name)
        reviews = activities.filtered(
            lambda one: one.activity_type_id == self.env.ref(REVIEW_ACTIVITY)
        )
        self.assertGreaterEqual(len(reviews), FEW)
        self._due(MANY)
        self.assertEqual(self._costs(), few)
