from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..facts.contacts import local_day
from ..trail.opening import open_action, open_records
from .waiting_sources import sources

#: An id holds the record's id and the number of the source.
SOURCE_BITS = 4
KINDS = [
    ("document", "Document"),
    ("report", "Weekly report"),
    ("handover", "Handover"),
    ("qualification", "Qualification"),
    ("origin", "Lead origin"),
    ("gate", "Gate not passed"),
    ("discount", "Discount"),
    ("request", "Request"),
    ("account", "Candidate"),
    ("rating", "External rating"),
    ("goal", "Goal"),
    ("dispute", "Pay dispute"),
    ("feedback", "Client feedback"),
    ("regime", "Secrecy regime"),
]
#: Upper limit in days of each age.
AGES = [
    ("today", "Today", 0),
    ("days", "1–2 days", 2),
    ("week", "3–7 days", 7),
    ("fortnight", "8–14 days", 14),
    ("longer", "More than 14 days", None),
]


class Waiting(models.Model):
    """What waits for a supervisor's decision, of all types in one list.

    Nothing is stored: the table is a query over the records that the reader can open.
    """

    _name = "nka.waiting"
    _description = "Waiting for a decision"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "days desc, id"

    kind = fields.Selection(KINDS, "Type", readonly=True)
    name = fields.Char("What", compute="_compute_name")
    res_id = fields.Integer("Record ID", readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Client", readonly=True)
    user_id = fields.Many2one("res.users", "From", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date("Waiting since", readonly=True)
    days = fields.Integer("Days waiting", readonly=True, aggregator="max")
    age = fields.Selection([age[:2] for age in AGES], "Waiting time", readonly=True)
    is_mine = fields.Boolean(
        "You can decide",
        readonly=True,
        help="Others have to decide on what you worked on or are paid for.",
    )

    # ------------------------------------------------------------ query
    @property
    def _table_query(self):
        self.env.flush_all()
        rows = [
            self._rows_of(source, visible)
            for source in sources(self.env)
            if (visible := self._visible(source))
        ]
        return SQL(
            "SELECT found.*, %(age)s AS age FROM (%(rows)s) found",
            age=self._sql_age(),
            rows=SQL(" UNION ALL ").join([self._no_rows(), *rows]),
        )

    @api.model
    def _visible(self, source):
        """Return the ids that wait and that the reader can open, or None."""
        records = self.env[source.model].with_context(active_test=False)
        if not records.has_access("read"):
            return None
        return records._search(source.waits, order="id").subselect()

    @api.model
    def _rows_of(self, source, visible):
        model = self.env[source.model].with_context(active_test=False)
        barred = model.sudo()._search(source.barred, order="id").subselect()
        day = local_day(self, source.values["since"])
        return SQL(
            """SELECT (source.id::bigint << %(bits)s) + %(number)s AS id,
                      %(kind)s AS kind, source.id AS res_id,
                      account.id AS key_account_id, %(partner)s AS partner_id,
                      %(who)s AS user_id, %(company)s AS company_id,
                      %(day)s AS date, GREATEST(%(today)s - %(day)s, 0) AS days,
                      source.id NOT IN %(barred)s AS is_mine
                 FROM %(table)s source
            LEFT JOIN nka_key_account account ON account.id = %(account)s
                WHERE source.id IN %(visible)s
                  AND (%(kind)s != 'request' OR account.id IS NOT NULL)""",
            bits=SOURCE_BITS,
            number=source.number,
            kind=source.kind,
            day=day,
            today=fields.Date.context_today(self),
            barred=barred,
            table=SQL.identifier(model._table),
            visible=visible,
            **{name: source.values[name] for name in ("account", "partner", "who")},
            company=source.values["company"],
        )

    @api.model
    def _no_rows(self):
        return SQL(
            """SELECT 0::bigint AS id, '' AS kind, 0 AS res_id,
                      NULL::int AS key_account_id, NULL::int AS partner_id,
                      NULL::int AS user_id, NULL::int AS company_id,
                      NULL::date AS date, 0 AS days, FALSE AS is_mine
                 FROM nka_key_account WHERE FALSE"""
        )

    @api.model
    def _sql_age(self):
        steps = [
            SQL("WHEN found.days <= %s THEN %s", limit, key)
            for key, _label, limit in AGES[:-1]
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(steps), AGES[-1][0])

    # ------------------------------------------------------------ compute
    @api.depends("kind", "res_id")
    @api.depends_context("uid", "lang")
    def _compute_name(self):
        models_by_kind = {item.kind: item.model for item in sources(self.env)}
        for kind, rows in self.grouped("kind").items():
            records = self.env[models_by_kind[kind]].browse(rows.mapped("res_id"))
            for row, record in zip(rows, records, strict=True):
                row.name = record.display_name

    @api.depends("name")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.name

    # ------------------------------------------------------------ counted reading
    def _key_records(self):
        """Count what is about a key account; reports and goals tell of none."""
        return self.filtered("key_account_id")

    @api.model
    def _key_domain(self):
        return Domain("key_account_id", "!=", False)

    # ------------------------------------------------------------ actions
    def action_open(self):
        """Open the record that waits, where it is decided on.

        :return: window action
        :raise AccessError: if the user can't read the record
        :raise UserError: if it doesn't exist any more
        """
        self.ensure_one()
        self.check_access("read")
        record = self._record()
        if not record:
            raise UserError(
                self.env._("This record no longer exists. Reload the page.")
            )
        record.check_access("read")
        return open_records(record, views=[(False, "form")])

    def _record(self):
        """Return the record behind this row; for a request, what it is about."""
        number = self.id & ((1 << SOURCE_BITS) - 1)
        found = [item for item in sources(self.env) if item.number == number]
        if not found:
            return self.browse()
        record = self.env[found[0].model].browse(self.id >> SOURCE_BITS).exists()
        if found[0].kind == "request" and record:
            record = self.env[record.res_model].browse(record.res_id).exists()
        return record

    @api.model
    def _open_kind(self, kind):
        """Return the action of the list in which one type is decided on.

        :param str kind: type of the rows
        """
        rows = self.search([("kind", "=", kind), ("is_mine", "=", True)])
        action = next(item.action for item in sources(self.env) if item.kind == kind)
        if not action:
            return open_action(
                self.env,
                "nka_waiting_action",
                domain=[("id", "in", rows.ids)],
                context={},
            )
        return open_action(
            self.env,
            action,
            domain=[("id", "in", rows.mapped("res_id"))],
            context={"active_test": False},
        )
