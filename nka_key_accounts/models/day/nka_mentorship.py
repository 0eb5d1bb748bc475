from odoo import fields, models
from odoo.tools import SQL

from ..facts import negotiations
from ..facts.companies import is_covered_sql
from ..trail.opening import open_action

PROGRESS_DAYS = 30
PROGRESS = (
    "account_count",
    "due_count",
    "meeting_count",
    "open_lead_count",
    "won_count",
    "overdue_commitment_count",
    "average_health",
    "average_completeness",
)


class Mentorship(models.Model):
    """Progress of the mentee: counts only, without pay data."""

    _inherit = "nka.mentorship"

    account_count = fields.Integer("Accounts", compute="_compute_progress")
    due_count = fields.Integer("Overdue contacts", compute="_compute_progress")
    meeting_count = fields.Integer(
        "Negotiations, last 30 days", compute="_compute_progress"
    )
    open_lead_count = fields.Integer("Open deals", compute="_compute_progress")
    won_count = fields.Integer("Deals won, last 30 days", compute="_compute_progress")
    overdue_commitment_count = fields.Integer(
        "Overdue commitments", compute="_compute_progress"
    )
    average_health = fields.Integer("Average health", compute="_compute_progress")
    average_completeness = fields.Integer(
        "Profile completeness (%)", compute="_compute_progress"
    )

    # ------------------------------------------------------------ compute
    def _compute_progress(self):
        rows = self._read_progress() if self.ids else {}
        for item in self:
            # New mentorships and those that are over have no progress.
            found = rows.get(item._origin.id) if item.is_running else None
            item.update(found or dict.fromkeys(PROGRESS, 0))

    def _read_progress(self):
        self.env.flush_all()
        accounts = self.env["nka.key.account"]
        now = fields.Datetime.now()
        since = fields.Datetime.subtract(now, days=PROGRESS_DAYS)
        theirs = SQL("event.user_id = ANY(%s)", self.mentee_id.ids)
        self.env.cr.execute(
            SQL(
                """SELECT mentoring.id, COUNT(account.id) AS account_count,
                          COUNT(*) FILTER (WHERE %(reason)s = 'overdue') AS due_count,
                          COALESCE(SUM(%(leads)s), 0) AS open_lead_count,
                          COALESCE(SUM(%(promises)s), 0) AS overdue_commitment_count,
                          COALESCE(ROUND(AVG(account.health)), 0)::int AS average_health,
                          COALESCE(ROUND(AVG(%(complete)s)), 0)::int
                              AS average_completeness,
                          (SELECT COUNT(*) FROM crm_lead lead
                            WHERE lead.user_id = mentoring.mentee_id
                              AND %(is_covered)s
                              AND lead.won_status = 'won'
                              AND lead.date_closed >= %(since)s) AS won_count,
                          (SELECT COUNT(*) FROM %(held)s held
                            WHERE held.user_id = mentoring.mentee_id) AS meeting_count
                     FROM nka_mentorship mentoring
                LEFT JOIN nka_key_account account
                       ON account.manager_id = mentoring.mentee_id
                      AND account.company_id = mentoring.company_id
                      AND account.state IN ('candidate', 'key')
                    WHERE mentoring.id = ANY(%(ids)s) GROUP BY mentoring.id""",
                is_covered=is_covered_sql(
                    SQL("lead.company_id"), SQL("mentoring.company_id")
                ),
                reason=accounts._sql_contact_reason("account"),
                leads=accounts._sql_open_lead_count("account"),
                promises=accounts._sql_overdue_commitment_count("account"),
                complete=accounts._sql_completeness("account"),
                since=since,
                held=negotiations.held_sql(self.env, theirs, since, now),
                ids=self.ids,
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    # ------------------------------------------------------------ actions
    def action_open_accounts(self):
        """Open the mentee's accounts."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_key_account_action",
            name=self.env._("Accounts of %s", self.mentee_id.sudo().name),
            domain=[("manager_id", "=", self.mentee_id.id)],
            context={"create": False},
        )
