from odoo import api, fields, models
from odoo.tools import SQL

from ..trail.roles import DIRECTOR, MANAGER, SUPERVISOR
from . import measure, picture

READERS = f"{SUPERVISOR},{DIRECTOR}"


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    known_picture = fields.Html(
        "Who knows whom",
        compute="_compute_known_picture",
        compute_sudo=True,
        sanitize=False,
    )
    introduction_ids = fields.One2many(
        "nka.dependency.plan",
        "key_account_id",
        "Introductions",
        groups=f"{MANAGER},{READERS}",
    )
    dependency_user_id = fields.Many2one(
        "res.users",
        "Depends on",
        compute="_compute_dependency",
        compute_sudo=True,
        groups=READERS,
        help="Who holds the largest share of the contact with the client.",
    )
    dependency_share = fields.Float(
        "Largest share (%)",
        compute="_compute_dependency",
        search="_search_dependency_share",
        compute_sudo=True,
        groups=READERS,
        digits=(16, 0),
    )

    # ------------------------------------------------------------ compute
    @api.depends("stakeholder_ids", "manager_id", "deputy_id")
    @api.depends_context("lang", "tz")
    def _compute_known_picture(self):
        """Draw who was in touch with whom, with two queries for a company's accounts.

        As superuser, because it names colleagues and contacts; it shows no content of a
        mail or meeting.
        """
        self.known_picture = False
        for company, accounts in self.filtered("id").grouped("company_id").items():
            ties, shares = accounts._read_known(company)
            for account in accounts:
                account.known_picture = picture.draw(
                    account,
                    ties.get(account._origin.id, {}),
                    shares.get(account._origin.id, {}),
                )

    def _read_known(self, company):
        """Return who knows whom now, and the shares, by account id.

        :rtype: tuple[dict[int, dict], dict[int, dict[int, float]]]
        """
        self.env.flush_all()
        now, accounts = fields.Datetime.now(), self._origin
        ties, shares = {}, {}
        for account_id, user_id, partner_id, *tie in self.env.execute_query(
            measure.pairs_sql(accounts, company, now)
        ):
            known = ties.setdefault(account_id, {})
            known[user_id, partner_id] = picture.Tie(*tie)
        rows = measure.rows_sql(
            accounts,
            measure.periods_of(company, now)[:1],
            now,
            SQL("account.id = ANY(%s)", accounts.ids),
        )
        for account_id, user_id, share in self.env.execute_query(
            SQL("SELECT account_id, user_id, share FROM (%s) row", rows)
        ):
            shares.setdefault(account_id, {})[user_id] = float(share)
        return ties, shares

    def _compute_dependency(self):
        rows = self.env["nka.dependency"].search_fetch(
            [("key_account_id", "in", self._origin.ids), ("is_current", "=", True)],
            ["key_account_id", "user_id", "share"],
            order="share desc, id",
        )
        first = {
            account.id: group[:1]
            for account, group in rows.grouped("key_account_id").items()
        }
        for account in self:
            row = first.get(account._origin.id, rows.browse())
            account.dependency_user_id = row.user_id
            account.dependency_share = row.share

    def _search_dependency_share(self, operator, value):
        if operator not in (">", ">="):
            return NotImplemented
        # Under the user's rights: a search would tell managers the share.
        rows = self.env["nka.dependency"]
        rows.check_access("read")
        held = rows._search([("is_current", "=", True), ("share", operator, value)])
        return fields.Domain("id", "in", held.subselect("key_account_id"))

    # ------------------------------------------------------------ actions
    def action_open_dependency(self):
        """Open the revenue that leaves with one person, of this account."""
        self.ensure_one()
        return self.env["nka.dependency"]._action_open(self)

    def action_plan_introduction(self):
        """Open a new plan to introduce a colleague to this client."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Introduce a colleague"),
            "res_model": "nka.dependency.plan",
            "view_mode": "form",
            "target": "new",
            "context": {"default_key_account_id": self.id},
        }
