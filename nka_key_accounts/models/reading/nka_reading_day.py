from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..control.nka_reading import TAKEN_KINDS
from ..facts.calendars import zone_name
from ..trail.frozen_rows import frozen

#: Kinds that count as reading, and the column of each kind.
READ_KINDS = ("account", "contact", "document", "print", "file")
COLUMNS = {kind: f"{kind}_count" for kind in (*READ_KINDS, *TAKEN_KINDS)}


#: Rule of :func:`.frozen` that protects rows of a person's day until the company's
#: retention has passed.
KEPT_RULE = """(before->>'day')::date > CURRENT_DATE - COALESCE(
    (SELECT nka_reading_days FROM res_company
      WHERE id = (before->>'company_id')::integer), 400)"""


class ReadingDay(models.Model):
    """What a person with a key account role read, printed, exported and sent in a day.

    A scheduled action adds up the reads of days that are over; nothing is written while
    people work. Rows are kept only if staff were informed, are never changed, and are
    deleted only when the company's retention has passed.
    """

    _name = "nka.reading.day"
    _description = "Day total of reading"
    _log_access = False
    _order = "day desc, read_count desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Person", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    day = fields.Date(required=True, readonly=True)
    account_count = fields.Integer("Account records", required=True, readonly=True)
    contact_count = fields.Integer("Contacts", required=True, readonly=True)
    document_count = fields.Integer("Documents", required=True, readonly=True)
    print_count = fields.Integer("Prints", required=True, readonly=True)
    file_count = fields.Integer("Files", required=True, readonly=True)
    export_count = fields.Integer("Exported records", required=True, readonly=True)
    mail_count = fields.Integer("Emails sent with files", required=True, readonly=True)
    read_count = fields.Integer(
        "Records read",
        required=True,
        readonly=True,
        help="Account records, contacts, documents, prints and files.",
    )
    taken_count = fields.Integer(
        "Exported or sent",
        required=True,
        readonly=True,
        help="Exported records and emails sent with files.",
    )
    baseline = fields.Float(
        "Own baseline",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median of the person's records read on the same weekday in the weeks before.",
    )
    ratio = fields.Float(
        "Times the baseline",
        digits=(16, 1),
        readonly=True,
        aggregator="max",
        help="Records read, divided by the baseline. Lower baselines are raised to the "
        "smallest one of the settings.",
    )
    notice = fields.Text(
        related="company_id.nka_reading_notice", string="Notice to staff"
    )
    informed_on = fields.Date(related="company_id.nka_reading_informed_on")

    # Used at every counted read, for the baseline.
    _person_unique = models.UniqueIndex(
        "(user_id, day)", "A person has only one day total of reading for each day."
    )

    @api.model
    def _guards(self):
        return [*super()._guards(), *frozen(self._table, KEPT_RULE)]

    # ------------------------------------------------------------ compute
    @api.depends("user_id", "day")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.user_id.name}, {row.day}"

    # ------------------------------------------------------------ CRUD
    # Raises a readable error; a database trigger enforces the same rule.
    # pylint: disable=method-required-super
    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_change()

    def write(self, vals):
        self._refuse_change()

    def unlink(self):
        self._refuse_change()

    def copy(self, default=None):
        self._refuse_change()

    @api.model
    def load(self, fields, data):
        self._refuse_change()

    @api.model
    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "Day totals of reading are added up by the system. They can't be entered, "
                "changed or deleted, and are removed when the retention period ends."
            )
        )

    # ------------------------------------------------------------ keeping
    @api.model
    def _cron_keep(self):
        """Add up the days that are over and delete those whose retention has passed."""
        self._keep()
        self._forget()

    @api.model
    def _keep(self):
        """Add up the reads of the days that are over, for people who were informed.

        :return: number of new rows
        :rtype: int
        """
        companies = self.env["res.company"].sudo().search([])
        companies.flush_recordset()
        self.env["res.users"].flush_model(["company_id", "company_ids"])
        days = [(company.id, self._today_in(company)) for company in companies]
        rows = self.env.execute_query(
            SQL(
                """WITH today (company_id, day) AS (VALUES %(days)s),
                 total AS (
                   SELECT person.id AS user_id, person.company_id, reading.day,
                          %(sums)s,
                          %(read)s AS read_count, %(taken)s AS taken_count
                     FROM nka_reading reading
                     JOIN res_users person ON person.id = reading.user_id
                     JOIN today ON today.company_id = person.company_id
                    WHERE reading.day < today.day
                      AND EXISTS (
                          SELECT FROM res_company_users_rel works
                            JOIN res_company company ON company.id = works.cid
                           WHERE works.user_id = person.id
                             AND company.nka_reading_kept
                             AND company.nka_reading_informed_on <= reading.day)
                      AND NOT EXISTS (
                          SELECT FROM nka_reading_day kept
                           WHERE kept.user_id = person.id AND kept.day = reading.day)
                    GROUP BY person.id, person.company_id, reading.day)
                   INSERT INTO nka_reading_day
                          (user_id, company_id, day, %(columns)s, read_count,
                           taken_count, baseline, ratio)
                   SELECT total.*, past.usual,
                          CASE WHEN past.usual IS NOT NULL THEN read_count
                               / GREATEST(past.usual, company.nka_reading_floor) END
                     FROM total
                     JOIN res_company company ON company.id = total.company_id
               CROSS JOIN LATERAL (
                          SELECT %(usual)s AS usual FROM nka_reading_day past
                           WHERE past.user_id = total.user_id AND past.day < total.day
                             AND past.day >= total.day - 7 * company.nka_reading_weeks
                          ) past
                    ORDER BY total.day, total.user_id
              ON CONFLICT DO NOTHING RETURNING id""",
                days=SQL(", ").join(SQL("(%s, %s::date)", *pair) for pair in days),
                sums=SQL(", ").join(self._sql_sum([kind]) for kind in COLUMNS),
                read=self._sql_sum(READ_KINDS),
                taken=self._sql_sum(TAKEN_KINDS),
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS.values())),
                usual=self._sql_usual(
                    "read_count", SQL("total.day"), SQL("company.nka_reading_min_days")
                ),
            )
        )
        return len(rows)

    @api.model
    def _today_in(self, company):
        """Return today's date where a company works."""
        return fields.Date.context_today(self.with_context(tz=zone_name(company)))

    @api.model
    def _sql_sum(self, kinds):
        return SQL(
            "COALESCE(SUM(reading.count) FILTER (WHERE COALESCE(reading.kind, 'account') "
            "IN %s), 0)",
            tuple(kinds),
        )

    @api.model
    def _forget(self):
        """Delete the rows whose retention has passed."""
        for table in ("nka_reading_alert", "nka_reading_day"):
            self.env.cr.execute(
                SQL(
                    """DELETE FROM %s old USING res_company company
                        WHERE company.id = old.company_id
                          AND old.day <= CURRENT_DATE - company.nka_reading_days""",
                    SQL.identifier(table),
                )
            )

    # ------------------------------------------------------------ baseline
    @api.model
    def _sql_usual(self, name, day, min_days):
        """Return the median of a column of ``past``, of the weekday of ``day``.

        With too few days of that weekday it is the median of all days; NULL if those
        are too few as well.
        """
        same = SQL("EXTRACT(isodow FROM past.day) = EXTRACT(isodow FROM %s)", day)
        median = SQL(
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)",
            SQL.identifier("past", name),
        )
        return SQL(
            """CASE WHEN COUNT(past.id) FILTER (WHERE %(same)s) >= %(needed)s
                    THEN %(median)s FILTER (WHERE %(same)s)
                    WHEN COUNT(past.id) >= %(needed)s THEN %(median)s END""",
            same=same,
            needed=min_days,
            median=median,
        )

    @api.model
    def _baselines(self, users, day, policy, names=("read_count", "taken_count")):
        """Return the usual totals of people on the weekday of a day, with one query.

        :param res.users users: people
        :param date day: the baseline covers the weeks before it
        :param Policy policy: number of weeks, and of days that a baseline needs
        :param names: columns of this model
        :return: median by column and user id; None if the days are too few
        :rtype: dict[int, dict[str, float or None]]
        """
        medians = (
            self._sql_usual(name, SQL("%s::date", day), policy.min_days)
            for name in names
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT person.id, %(medians)s
                     FROM unnest(%(users)s) AS person (id)
                LEFT JOIN nka_reading_day past
                       ON past.user_id = person.id AND past.day < %(day)s
                      AND past.day >= %(day)s::date - %(days)s
                    GROUP BY person.id""",
                medians=SQL(", ").join(medians),
                users=users.ids,
                day=day,
                days=7 * policy.weeks,
            )
        )
        return {number: dict(zip(names, found, strict=True)) for number, *found in rows}
