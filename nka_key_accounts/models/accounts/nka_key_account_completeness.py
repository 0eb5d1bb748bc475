"""How much of an account is documented, so that nobody is the only one who knows it."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountCompleteness(models.Model):
    _inherit = "nka.key.account"

    completeness = fields.Integer(
        "Completeness (%)",
        compute="_compute_figures",
        aggregator="avg",
        help="Part of the listed items that are on record.",
    )
    completeness_items = fields.Html(
        "What is on record", compute="_compute_completeness_items"
    )

    @api.model
    def _figure_names(self):
        return [*super()._figure_names(), "completeness"]

    # ------------------------------------------------------------ items
    @api.model
    def _completeness_conditions(self, alias):
        """Hook: what should be on record; rooms add their own.

        :return: code, label and SQL condition over the account row called ``alias``
        :rtype: list[tuple[str, str, SQL]]
        """
        return [
            ("tier", self.env._("Tier"), self._sql_filled(alias, "tier_id")),
            ("deputy", self.env._("Deputy"), self._sql_filled(alias, "deputy_id")),
            ("people", self.env._("Two contacts"), self._sql_has_people(alias)),
            ("plan", self.env._("Next contact planned"), self._sql_has_plan(alias)),
            ("note", self.env._("What everybody should know"), self._sql_noted(alias)),
            (
                "qualification",
                self.env._("Valid qualification"),
                self._sql_qualified(alias),
            ),
        ]

    @api.model
    def _sql_completeness(self, alias):
        items = self._completeness_conditions(alias)
        met = SQL(" + ").join(SQL("(%s)::int", sql) for _code, _label, sql in items)
        return SQL("ROUND(100.0 * (%s) / %s)", met, len(items))

    def _compute_completeness_items(self):
        items = self._completeness_conditions("account")
        met = self._read_completeness(items) if self.ids else {}
        for account in self:
            row = met.get(account._origin.id)
            account.completeness_items = row and self._render_items(items, row)

    def _read_completeness(self, items):
        """Which items are on record: one statement.

        :rtype: dict[int, dict[str, bool]]
        """
        self.env.flush_all()
        columns = [
            SQL("(%s) AS %s", sql, SQL.identifier(code)) for code, _label, sql in items
        ]
        self.env.cr.execute(
            SQL(
                "SELECT account.id, %s FROM nka_key_account account WHERE id = ANY(%s)",
                SQL(", ").join(columns),
                self.ids,
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    @api.model
    def _render_items(self, items, row):
        item_html = Markup("<li><i class='fa fa-fw %s'></i> %s</li>")
        return Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup().join(
            item_html
            % (
                "fa-check text-success" if row[code] else "fa-square-o text-muted",
                label,
            )
            for code, label, _sql in items
        )

    # ------------------------------------------------------------ expressions
    @api.model
    def _sql_filled(self, alias, fname):
        return SQL("%s IS NOT NULL", SQL.identifier(alias, fname))

    @api.model
    def _sql_has_people(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM res_partner person
                 WHERE person.commercial_partner_id = %(client)s
                   AND person.id != %(client)s AND person.active
                   AND person.type = 'contact'
                   AND COALESCE(person.email, person.phone, '') != '') >= 2""",
            client=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_has_plan(self, alias):
        coming = SQL("event.start > %s", fields.Datetime.now())
        return SQL(
            "COALESCE(%s, %s) IS NOT NULL",
            self._sql_meeting(alias, SQL("MIN"), coming),
            self._sql_activity(alias),
        )

    @api.model
    def _sql_noted(self, alias):
        return SQL(
            r"COALESCE(regexp_replace(%s, '<[^>]*>|&nbsp;', '', 'g'), '') ~ '\S'",
            SQL.identifier(alias, "note"),
        )

    @api.model
    def _sql_qualified(self, alias):
        return SQL(
            """EXISTS (SELECT 1 FROM nka_qualification verdict
                        WHERE verdict.key_account_id = %s
                          AND verdict.state = 'approved'
                          AND verdict.verdict IN ('qualified', 'conditional')
                          AND verdict.date_valid >= %s)""",
            SQL.identifier(alias, "id"),
            fields.Date.context_today(self),
        )
