"""Stakeholders of key accounts: map, coverage by our people, and gaps."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..facts import contacts
from ..trail.opening import open_action

#: Minimum number of stakeholders, and of our people in touch with the client.
KNOWN_PEOPLE = 2
CELL_WIDTH = 150
CELL_HEIGHT = 96
MARGIN_LEFT = 70
MARGIN_BOTTOM = 28
RADIUS = 13
#: Maximum number of people per cell of the map; the others are shown as a number.
CELL_PEOPLE = 3

COLORS = {
    "1": "#d9534f",
    "2": "#e8a33d",
    "3": "#8a8d93",
    "4": "#5aa469",
    "5": "#2f7d4f",
}


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    stakeholder_ids = fields.One2many(
        "nka.stakeholder", "key_account_id", "Stakeholders"
    )
    stakeholder_count = fields.Integer("Known stakeholders", compute="_compute_figures")
    people_warnings = fields.Html(
        "Stakeholder warnings",
        compute="_compute_people_warnings",
        compute_sudo=True,
        sanitize=False,
    )
    has_people_gap = fields.Boolean(
        "Stakeholder gaps",
        compute="_compute_people_warnings",
        search="_search_has_people_gap",
        compute_sudo=True,
        help=(
            "No decision maker, a single contact, or fewer than two of our people in "
            "touch with the client in the last 12 months."
        ),
    )
    acquainted_user_ids = fields.Many2many(
        "res.users",
        string="In touch in the last 12 months",
        compute="_compute_acquainted_user_ids",
        compute_sudo=True,
        help=(
            "Our people with meetings, emails, calls, orders or approved documents "
            "that show contact with the client."
        ),
    )
    stakeholder_map = fields.Html(
        "Influence and attitude", compute="_compute_stakeholder_map", sanitize=False
    )

    # ------------------------------------------------------------ compute
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

    def _compute_acquainted_user_ids(self):
        found = contacts.read(self._origin)
        for account in self:
            account.acquainted_user_ids = sorted(found.get(account._origin.id, ()))

    @api.depends(
        "stakeholder_ids.influence",
        "stakeholder_ids.attitude",
        "stakeholder_ids.active",
        "stakeholder_ids.partner_id.name",
    )
    @api.depends_context("lang")
    def _compute_stakeholder_map(self):
        for account in self:
            people = account.stakeholder_ids
            account.stakeholder_map = account._draw_map(people) if people else False

    # ------------------------------------------------------------ search
    @api.model
    def _search_has_people_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """(%(state)s IN ('candidate', 'key') AND (
                    %(known)s < %(needed)s OR %(deciding)s = 0 OR %(ours)s < %(few)s))""",
                state=SQL.identifier(alias, "state"),
                needed=model._sql_people_needed(alias),
                known=model._sql_stakeholder_count(alias),
                deciding=model._sql_deciding(alias),
                ours=model._sql_ours(alias),
                few=KNOWN_PEOPLE,
            )
        )

    # ------------------------------------------------------------ actions
    def action_open_stakeholders(self):
        """Open the stakeholders of this client: list, reporting lines and map."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_stakeholder_action_account",
            name=self.env._("Stakeholders: %s", self.display_name),
            domain=[("key_account_id", "=", self.id)],
            context={
                "active_id": self.id,
                "default_key_account_id": self.id,
                "hierarchy_res_id": False,
            },
        )

    # ------------------------------------------------------------ warnings
    def _read_people(self):
        """Return the counts of people and the silent key contacts. One query.

        :return: rows by account id
        :rtype: dict[int, dict]
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT account.id, account.cadence_days,
                          %(known)s AS known, %(deciding)s AS deciding, %(ours)s AS ours,
                          %(needed)s AS needed,
                          (SELECT jsonb_agg(jsonb_build_array(
                                      silent.id, silent.name, silent.days)
                                      ORDER BY silent.days DESC, silent.id)
                             FROM (%(silent)s) silent
                            WHERE silent.days > account.cadence_days) AS silent
                     FROM nka_key_account account WHERE account.id = ANY(%(ids)s)""",
                known=self._sql_stakeholder_count("account"),
                deciding=self._sql_deciding("account"),
                ours=self._sql_ours("account"),
                needed=self._sql_people_needed("account"),
                silent=self._sql_silence("account"),
                ids=self.ids,
            )
        )
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    def _people_gaps(self, row):
        """Return what is missing on the stakeholder map, as pairs of a link and a
        message.
        """
        url = f"/odoo/key-accounts/{self.id}/account-stakeholders"
        if not row["known"]:
            return [
                (url, self.env._("No stakeholders are recorded for this client yet."))
            ]
        gaps = []
        if not row["deciding"]:
            gaps.append((url, self.env._("No decision maker is known.")))
        if row["known"] < row["needed"]:
            gaps.append(
                (url, self.env._("The relationship depends on a single contact."))
            )
        if row["ours"] < KNOWN_PEOPLE:
            gaps.append(
                (
                    url,
                    self.env._(
                        "Fewer than two of our people were in touch with the client "
                        "in the last 12 months."
                    ),
                )
            )
        return gaps

    def _people_silent(self, row):
        return [
            (
                f"/odoo/stakeholders/{person_id}",
                self.env._(
                    "%(person)s: no contact for %(days)s days; agreed cadence is every "
                    "%(cadence)s days.",
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

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_stakeholder_count(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM nka_stakeholder person
                 WHERE person.key_account_id = %s AND person.active)""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_people_needed(self, alias):
        """A client who is a person doesn't depend on a single contact: they are it."""
        return SQL(
            """(SELECT CASE WHEN client.is_company THEN %s ELSE 1 END
                  FROM res_partner client WHERE client.id = %s)""",
            KNOWN_PEOPLE,
            SQL.identifier(alias, "partner_id"),
        )

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
        """Return SQL for the number of our people in touch with the client.

        It is based on records of the last twelve months. Users entered in
        ``covered_by_ids`` don't count, because any user can be entered there.
        """
        return contacts.people_sql(self, alias, SQL("COUNT(DISTINCT ours.id)"))

    @api.model
    def _sql_silence(self, alias):
        """Return SQL for the days without contact, per key contact of the account.

        Without any contact, they are counted from the day the stakeholder was created.
        """
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

    @api.model
    def _sql_people_score(self, alias):
        """Return SQL for a score from 0 to 100, or NULL without stakeholders.

        One third each for a decision maker, two stakeholders and two of our people.
        """
        return SQL(
            """CASE WHEN %(known)s > 0 THEN 100.0 / 3 * (
                    (%(deciding)s > 0)::int + (%(known)s >= %(needed)s)::int
                    + (%(ours)s >= %(few)s)::int) END""",
            known=self._sql_stakeholder_count(alias),
            deciding=self._sql_deciding(alias),
            ours=self._sql_ours(alias),
            needed=self._sql_people_needed(alias),
            few=KNOWN_PEOPLE,
        )

    # ------------------------------------------------------------ map
    def _draw_map(self, people):
        """Return the map as SVG: five columns of attitude, three rows of influence."""
        attitudes = people._fields["attitude"]._description_selection(self.env)
        influences = people._fields["influence"]._description_selection(self.env)
        cells = people.grouped(lambda person: (person.attitude, person.influence))
        parts = self._draw_axes(attitudes, influences)
        for (attitude, influence), group in cells.items():
            parts += self._draw_cell(
                group, int(attitude) - 1, len(influences) - int(influence)
            )
        width = MARGIN_LEFT + CELL_WIDTH * len(attitudes)
        height = CELL_HEIGHT * len(influences) + MARGIN_BOTTOM
        return Markup(
            '<div class="overflow-auto"><svg xmlns="http://www.w3.org/2000/svg" '
            'role="img" aria-label="%s" viewBox="0 0 %s %s" '
            'style="width:100%%;min-width:560px;max-width:%spx" '
            'font-family="sans-serif" font-size="12">%s</svg></div>'
        ) % (self._map_label(people), width, height, width, Markup().join(parts))

    def _map_label(self, people):
        """Return the map as text, for screen readers."""
        attitude = dict(people._fields["attitude"]._description_selection(self.env))
        influence = dict(people._fields["influence"]._description_selection(self.env))
        return "; ".join(
            self.env._(
                "%(person)s: influence %(influence)s, attitude %(attitude)s",
                person=person.display_name,
                influence=influence[person.influence],
                attitude=attitude[person.attitude],
            )
            for person in people
        )

    @api.model
    def _draw_axes(self, attitudes, influences):
        cell = Markup(
            '<rect x="%s" y="%s" width="%s" height="%s" fill="%s" fill-opacity="0.07" '
            'stroke="currentColor" stroke-opacity="0.25"/>'
        )
        text = Markup(
            '<text x="%s" y="%s" text-anchor="%s" fill="currentColor" '
            'fill-opacity="0.75">%s</text>'
        )
        rows = list(reversed(influences))
        parts = []
        for row, (_key, name) in enumerate(rows):
            middle = CELL_HEIGHT * row + CELL_HEIGHT // 2 + 4
            parts.append(text % (MARGIN_LEFT - 8, middle, "end", name))
            parts += [
                cell
                % (
                    MARGIN_LEFT + CELL_WIDTH * column,
                    CELL_HEIGHT * row,
                    CELL_WIDTH,
                    CELL_HEIGHT,
                    COLORS[key],
                )
                for column, (key, _name) in enumerate(attitudes)
            ]
        bottom = CELL_HEIGHT * len(rows) + 18
        for column, (_key, name) in enumerate(attitudes):
            middle = MARGIN_LEFT + CELL_WIDTH * column + CELL_WIDTH // 2
            parts.append(text % (middle, bottom, "middle", name))
        return parts

    @api.model
    def _draw_cell(self, people, column, row):
        """Draw the people of one cell. A dashed ring marks people whom nobody of
        ours had contact with in twelve months.
        """
        left = MARGIN_LEFT + CELL_WIDTH * column + RADIUS + 6
        top = CELL_HEIGHT * row + RADIUS + 5
        shown = people[:CELL_PEOPLE]
        parts = [
            self._draw_person(person, left, top + number * 30)
            for number, person in enumerate(shown)
        ]
        if rest := len(people) - len(shown):
            parts.append(
                Markup('<text x="%s" y="%s" fill="currentColor">+%s</text>')
                % (left + CELL_WIDTH - 46, top + 4, rest)
            )
        return parts

    @api.model
    def _draw_person(self, person, x, y):
        name = person.display_name
        initials = "".join(word[0] for word in name.split()[:2]).upper()
        words = name if len(name) <= 17 else f"{name[:16]}…"
        color = COLORS[person.attitude]
        # Recorded contact decides, not what is entered.
        known = bool(person.proven_user_ids)
        return Markup(
            '<a href="/odoo/stakeholders/%s"><title>%s</title>'
            '<circle cx="%s" cy="%s" r="%s" fill="%s" fill-opacity="%s" stroke="%s" '
            'stroke-width="2" stroke-dasharray="%s"/>'
            '<text x="%s" y="%s" text-anchor="middle" font-size="10" fill="%s">%s</text>'
            '<text x="%s" y="%s" fill="currentColor">%s</text></a>'
        ) % (
            person.id,
            name,
            x,
            y,
            RADIUS,
            color,
            "1" if known else "0",
            color,
            "" if known else "4 3",
            x,
            y + 4,
            "#fff" if known else color,
            initials,
            x + RADIUS + 5,
            y + 4,
            words,
        )
