"""Whom to call today and why, and the next contact as an activity."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

CONTACT_ACTIVITY = "nka_key_accounts.mail_activity_type_contact_client"
#: The activity appears so many days before the contact is due.
AHEAD_DAYS = 3


class KeyAccountCadence(models.Model):
    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.reminder.mixin"]

    contact_reason = fields.Selection(
        [
            ("overdue", "Due by cadence"),
            ("planned", "Planned"),
            ("never", "No contact yet"),
        ],
        "Why today",
        compute="_compute_figures",
        search="_search_contact_reason",
        help="Why the client should be called today; empty when nothing is due.",
    )
    contact_reason_text = fields.Char("Reason", compute="_compute_contact_reason_text")

    # ------------------------------------------------------------ figures
    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "contact_reason"]

    def _search_contact_reason(self, operator, value):
        return self._search_figure("contact_reason", operator, value)

    @api.model
    def _sql_contact_reason(self, alias):
        """A plan for later silences everything; else the cadence, else the plan."""
        return SQL(
            """(CASE WHEN %(state)s NOT IN ('candidate', 'key') THEN NULL
                     WHEN %(plan)s > %(today)s THEN NULL
                     WHEN %(last)s IS NULL THEN 'never'
                     WHEN %(last)s + %(cadence)s <= %(today)s THEN 'overdue'
                     WHEN %(plan)s IS NOT NULL THEN 'planned' END)""",
            state=SQL.identifier(alias, "state"),
            plan=self._sql_planned_contact(alias),
            last=self._sql_last_contact_date(alias),
            cadence=SQL.identifier(alias, "cadence_days"),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _sql_planned_contact(self, alias):
        coming = SQL("event.start > %s", fields.Datetime.now())
        return SQL(
            "LEAST(%s, %s)",
            self._sql_meeting(alias, SQL("MIN"), coming),
            self._sql_activity(alias),
        )

    @api.depends("contact_reason", "last_contact_date", "next_contact_date")
    @api.depends_context("lang", "tz")
    def _compute_contact_reason_text(self):
        today = fields.Date.context_today(self)
        for account in self:
            account.contact_reason_text = account._contact_reason_words(today)

    def _contact_reason_words(self, today):
        if self.contact_reason == "never":
            return self.env._("Nobody has been in touch yet.")
        if self.contact_reason == "overdue":
            return self.env._(
                "Last contact %(days)s days ago, every %(cadence)s agreed.",
                days=(today - self.last_contact_date).days,
                cadence=self.cadence_days,
            )
        if self.contact_reason == "planned":
            late = (today - self.next_contact_date).days
            if late > 0:
                return self.env._("Planned %s days ago and still open.", late)
            return self.env._("Planned for today.")
        return False

    # ------------------------------------------------------------ actions
    def action_log_contact(self):
        """Note a contact with the client and plan the next one."""
        self.ensure_one()
        return self._action_log_contact()

    def _action_log_contact(self, stakeholder=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact with %s", self.display_name),
            "res_model": "nka.contact.log",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_key_account_id": self.id,
                "default_stakeholder_id": stakeholder.id if stakeholder else False,
            },
        }

    # ------------------------------------------------------------ business
    @api.model
    def _cron_plan_contacts(self):
        """Give whoever is on duty the contacts that fall due as activities, once each.

        An activity of ours that a later contact made superfluous goes again, and one goes
        along when the manager leaves or comes back. The number of statements doesn't
        grow with the accounts.
        """
        rows = self._read_contact_plan()
        self._pass_contacts_on(rows)
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=AHEAD_DAYS)
        stale = [row["activity_id"] for row in rows if row["due"] > soon]
        self.env["mail.activity"].browse(filter(None, stale)).unlink()
        due = [row for row in rows if row["due"] <= soon and not row["planned"]]
        self.browse(row["id"] for row in due)._raise_activities(
            CONTACT_ACTIVITY,
            {row["id"]: row["user_id"] for row in due},
            {row["id"]: row["due"] for row in due},
        )

    @api.model
    def _pass_contacts_on(self, rows):
        """Activities of this job that wait on the list of the manager while the deputy
        stands in, or the other way round; what people gave to others stays there.
        """
        moved = defaultdict(list)
        for row in rows:
            pair = {row["manager_id"], row["deputy_id"]} - {row["user_id"]}
            if row["activity_id"] and row["owner_id"] in pair:
                moved[row["user_id"]].append(row["activity_id"])
        for user_id, ids in moved.items():
            activities = self.env["mail.activity"].sudo().browse(ids)
            # No mail is sent for them: they stand on the to-do list.
            activities.with_context(mail_activity_quick_update=True).user_id = user_id

    def _read_contact_plan(self):
        """For each current account with a manager: who is on duty, day due, whether anything is
        planned, and the activity this job made earlier.

        :rtype: list[dict]
        """
        self.env.flush_all()
        coming = SQL("event.start > %s", fields.Datetime.now())
        kind = self.env.ref(CONTACT_ACTIVITY)
        self.env.cr.execute(
            SQL(
                """SELECT account.id, %(duty)s AS user_id, account.manager_id,
                          account.deputy_id, waiting.id AS activity_id,
                          waiting.user_id AS owner_id,
                          COALESCE(%(last)s, account.date_start,
                                   account.create_date::date)
                          + account.cadence_days AS due,
                          COALESCE(%(meeting)s, %(activity)s) IS NOT NULL AS planned
                     FROM nka_key_account account
        LEFT JOIN LATERAL (SELECT ours.id, ours.user_id FROM mail_activity ours
                            WHERE ours.res_model = 'nka.key.account'
                              AND ours.res_id = account.id AND ours.automated
                              AND ours.active AND ours.activity_type_id = %(kind)s
                            ORDER BY ours.id LIMIT 1) waiting ON TRUE
                    WHERE account.state IN ('candidate', 'key')
                      AND account.manager_id IS NOT NULL""",
                duty=self._sql_on_duty("account"),
                last=self._sql_last_contact_date("account"),
                meeting=self._sql_meeting("account", SQL("MIN"), coming),
                activity=self._sql_activity("account"),
                kind=kind.id,
            )
        )
        return self.env.cr.dictfetchall()
