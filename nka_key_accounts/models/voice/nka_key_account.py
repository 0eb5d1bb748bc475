from odoo import api, fields, models
from odoo.tools import SQL

from ..trail.opening import open_action
from ..trail.roles import DIRECTOR, MANAGER, SUPERVISOR

READERS = f"{MANAGER},{SUPERVISOR},{DIRECTOR}"


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    # No field lists the answers: a search for clients without any would not go by the
    # record rules of the answers, and tell whom the house asked.
    voice_count = fields.Integer(
        "Answers of the client", compute="_compute_voice", groups=READERS
    )
    voice_score = fields.Float(
        "Client satisfaction",
        compute="_compute_voice",
        digits=(16, 1),
        groups=READERS,
        help="Mean of the answers of the last twelve months that you can read, from 1 to 5.",
    )
    voice_blind_count = fields.Integer(
        "Blind spots", compute="_compute_voice", groups=READERS
    )
    voice_waiting_count = fields.Integer(
        "Feedback to read", compute="_compute_voice", groups=SUPERVISOR
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("uid")
    def _compute_voice(self):
        """Count what the user can read, so that totals tell managers nothing earlier."""
        year_ago = fields.Date.subtract(fields.Date.context_today(self), years=1)
        groups = self.env["nka.voice.answer"]._read_group(
            [
                ("key_account_id", "in", self._origin.ids),
                ("state", "in", ("answered", "disclosed")),
                ("date_answered", ">", year_ago),
            ],
            ["key_account_id", "state", "view"],
            ["__count", "score:sum"],
        )
        for account in self:
            own = [row[1:] for row in groups if row[0] == account._origin]
            count = sum(row[2] for row in own)
            account.voice_count = count
            account.voice_score = sum(row[3] for row in own) / count if count else 0
            account.voice_blind_count = sum(row[2] for row in own if row[1] == "blind")
            account.voice_waiting_count = sum(
                row[2] for row in own if row[0] == "answered"
            )

    # ------------------------------------------------------------ health
    @api.model
    def _health_contributors(self, alias):
        """Add what clients answered; accounts without answers skip this factor."""
        score = self._sql_voice_score(alias)
        return [
            *super()._health_contributors(alias),
            ("voice", self.env._("Client feedback"), score, 20),
        ]

    @api.model
    def _sql_voice_score(self, alias):
        """Return SQL for the mean of the released answers of twelve months, 0 to 100.

        Answers that aren't released don't count: managers read the health score.
        """
        return SQL(
            """(SELECT 25.0 * (AVG(said.score) - 1) FROM nka_voice_answer said
                 WHERE said.key_account_id = %s AND said.state = 'disclosed'
                   AND said.date_answered > %s::date - 365)""",
            SQL.identifier(alias, "id"),
            fields.Date.context_today(self),
        )

    # ------------------------------------------------------------ supervisors
    def _voice_supervisors(self, managers):
        """Return who reads the client's answers first: the account's supervisor, else
        all others of the company; never those who look after the client.

        :param managers: further managers whom the answers are about
        :rtype: res.users
        """
        self.ensure_one()
        own = managers | self.manager_id | self.deputy_id
        users = self.env["res.users"].sudo()
        holders = users._nka_holders(SUPERVISOR, self.company_id) - own
        return (self.supervisor_id & holders) or holders

    # ------------------------------------------------------------ actions
    def action_open_voice(self):
        """Open what this client answered."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_voice_answer_action",
            name=f"{self.env._('Client feedback')}: {self.display_name}",
            domain=[("key_account_id", "=", self.id)],
            context={},
        )
