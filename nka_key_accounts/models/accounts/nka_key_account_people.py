"""Who decides at the client, who of us they know, and what is missing there."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: So many of our people should be known to a client, and of his to us.
KNOWN_PEOPLE = 2


class KeyAccountPeople(models.Model):
    _inherit = "nka.key.account"

    stakeholder_ids = fields.One2many("nka.stakeholder", "key_account_id", "People")
    stakeholder_count = fields.Integer("People known", compute="_compute_figures")
    people_warnings = fields.Html(
        compute="_compute_people_warnings", compute_sudo=True, sanitize=False
    )
    has_people_gap = fields.Boolean(
        "People missing",
        compute="_compute_people_warnings",
        search="_search_has_people_gap",
        compute_sudo=True,
        help="No decision maker, one contact only, or fewer than two of our people "
        "known to the client.",
    )

    # ------------------------------------------------------------ figures
    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "stakeholder_count"]

    @api.model
    def _sql_stakeholder_count(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM nka_stakeholder person
                 WHERE person.key_account_id = %s AND person.active)""",
            SQL.identifier(alias, "id"),
        )

    # ------------------------------------------------------------ warnings
    @api.depends(
        "stakeholder_ids.role",
        "stakeholder_ids.influence",
        "stakeholder_ids.active",
        "stakeholder_ids.covered_by_ids",
        "cadence_days",
        "state",
    )
    @api.depends_context("lang", "tz")
    def _compute_people_warnings(self):
        current = self.filtered(lambda account: account.state in ("candidate", "key"))
        facts = current._read_people() if current.ids else {}
        for account in self:
            row = facts.get(account._origin.id)
            gaps = account._people_gaps(row) if row else []
            silent = account._people_silent(row) if row else []
            account.has_people_gap = bool(gaps)
            account.people_warnings = self._render_warnings([*gaps, *silent])

    def _read_people(self):
        """Counts of people and the silent key contacts: one statement.

        :rtype: dict[int, dict]
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT account.id, account.cadence_days,
                          %(known)s AS known, %(deciding)s AS deciding, %(ours)s AS ours,
                          (SELECT jsonb_agg(jsonb_build_array(
                                      silent.id, silent.name, silent.days)
                                      ORDER BY silent.days DESC, silent.id)
                             FROM (%(silent)s) silent
                            WHERE silent.days > account.cadence_days) AS silent
                     FROM nka_key_account account WHERE account.id = ANY(%(ids)s)""",
                known=self._sql_stakeholder_count("account"),
                deciding=self._sql_deciding("account"),
                ours=self._sql_ours("account"),
                silent=self._sql_silence("account"),
                ids=self.ids,
            )
        )
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _sql_deciding(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM nka_stakeholder person
                 WHERE person.key_account_id = %s AND person.active
                   AND person.role = 'decision_maker')""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_ours(self, alias):
        """How many of our people the client's people know, who are still with us."""
        return SQL(
            """(SELECT COUNT(DISTINCT rel.user_id) FROM nka_stakeholder person
                  JOIN nka_stakeholder_user_rel rel ON rel.stakeholder_id = person.id
                  JOIN res_users ours ON ours.id = rel.user_id AND ours.active
                 WHERE person.key_account_id = %s AND person.active)""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_silence(self, alias):
        """Days of silence of the account's key contacts, since we know them at least."""
        return SQL(
            """SELECT person.id, party.name,
                      %(today)s - COALESCE(%(last)s, person.create_date::date) AS days
                 FROM nka_stakeholder person
                 JOIN res_partner party ON party.id = person.partner_id
                WHERE person.key_account_id = %(account)s
                  AND person.active AND person.is_key""",
            today=fields.Date.context_today(self),
            last=self.env["nka.stakeholder"]._sql_last_contact("person"),
            account=SQL.identifier(alias, "id"),
        )

    def _people_gaps(self, row):
        """What is missing on the map, as pairs of a link and words."""
        url = f"/odoo/key-accounts/{self.id}/account-stakeholders"
        if not row["known"]:
            return [(url, self.env._("Nobody of this client is on the map yet."))]
        gaps = []
        if not row["deciding"]:
            gaps.append((url, self.env._("No decision maker is known.")))
        if row["known"] < KNOWN_PEOPLE:
            gaps.append((url, self.env._("Everything hangs on one contact.")))
        if row["ours"] < KNOWN_PEOPLE:
            gaps.append(
                (url, self.env._("Fewer than two of our people are known there."))
            )
        return gaps

    def _people_silent(self, row):
        return [
            (
                f"/odoo/stakeholders/{person_id}",
                self.env._(
                    "%(person)s: silent for %(days)s days, every %(cadence)s agreed.",
                    person=name,
                    days=days,
                    cadence=row["cadence_days"],
                ),
            )
            for person_id, name, days in row["silent"] or []
        ]

    @api.model
    def _render_warnings(self, warnings):
        if not warnings:
            return False
        line_html = Markup("<li><a href='%s' class='alert-link'>%s</a></li>")
        return Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup().join(
            line_html % warning for warning in warnings
        )

    @api.model
    def _search_has_people_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """(%(state)s IN ('candidate', 'key') AND (
                    %(known)s < %(few)s OR %(deciding)s = 0 OR %(ours)s < %(few)s))""",
                state=SQL.identifier(alias, "state"),
                known=model._sql_stakeholder_count(alias),
                deciding=model._sql_deciding(alias),
                ours=model._sql_ours(alias),
                few=KNOWN_PEOPLE,
            )
        )

    # ------------------------------------------------------------ health
    @api.model
    def _health_contributors(self, alias):
        """People on the map: one third each for decision maker, two of theirs, two of
        ours. An account without a map isn't judged by it.
        """
        return [
            *super()._health_contributors(alias),
            ("people", self.env._("People known"), self._sql_people_score(alias), 15),
        ]

    @api.model
    def _sql_people_score(self, alias):
        return SQL(
            """CASE WHEN %(known)s > 0 THEN 100.0 / 3 * (
                    (%(deciding)s > 0)::int + (%(known)s >= %(few)s)::int
                    + (%(ours)s >= %(few)s)::int) END""",
            known=self._sql_stakeholder_count(alias),
            deciding=self._sql_deciding(alias),
            ours=self._sql_ours(alias),
            few=KNOWN_PEOPLE,
        )

    # ------------------------------------------------------------ actions
    def action_open_stakeholders(self):
        """The people of this client: list, chart of who reports to whom, and map."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_stakeholder_action_account"
        )
        return {
            **action,
            "name": self.env._("People: %s", self.display_name),
            "domain": [("key_account_id", "=", self.id)],
            "context": {
                "active_id": self.id,
                "default_key_account_id": self.id,
                "hierarchy_res_id": False,
            },
        }
