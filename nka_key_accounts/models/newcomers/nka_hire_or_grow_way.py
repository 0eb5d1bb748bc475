from statistics import median

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..trail.opening import open_action
from .nka_manager_start import WAYS

#: Fewest people whose averages are shown; of fewer, each one's own figure is.
FEWEST = 5


class HireOrGrowWay(models.Model):
    """One way of becoming a manager, with the figures of the people who came that way.

    Counts only the people whose three first seasons have passed, and only those whom the
    reader sees. Below :data:`FEWEST` of them it shows their own figures, not averages.
    """

    _name = "nka.hire.or.grow.way"
    _description = "Hire or grow"
    _auto = False
    _order = "company_id, sequence"
    _rec_name = "way"
    _depends = {"res.company": ["active"]}

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(readonly=True)
    way = fields.Selection(WAYS, "How they came", readonly=True)
    person_ids = fields.Many2many(
        "nka.hire.or.grow", string="People", compute="_compute_figures"
    )
    person_count = fields.Integer("People started", compute="_compute_figures")
    complete_count = fields.Integer("Three seasons passed", compute="_compute_figures")
    is_few = fields.Boolean("Too few for averages", compute="_compute_figures")
    median_days = fields.Float(
        "Median days", compute="_compute_figures", digits=(16, 0)
    )
    attainment = fields.Float(compute="_compute_figures", digits=(16, 0))
    first_pass_rate = fields.Float(compute="_compute_figures", digits=(16, 0))
    stayed_rate = fields.Float(compute="_compute_figures", digits=(16, 0))
    average_cost = fields.Monetary(compute="_compute_figures")
    order_text = fields.Char("Days to the first own order", compute="_compute_figures")
    attainment_text = fields.Char("Quota attainment", compute="_compute_figures")
    first_pass_text = fields.Char("First-pass approval", compute="_compute_figures")
    stayed_text = fields.Char("Still managers", compute="_compute_figures")
    cost_text = fields.Char("Cost of each", compute="_compute_figures")
    note = fields.Char("How to read it", compute="_compute_figures")

    # ------------------------------------------------------------ compute
    @api.depends("way")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["way"]._description_selection(self.env))
        for page in self:
            page.display_name = labels.get(page.way, "")

    @property
    def _table_query(self):
        ways = [way for way, _label in WAYS]
        return SQL(
            """SELECT company.id * 10 + way.position AS id, company.id AS company_id,
                      way.position AS sequence, way.code AS way
                 FROM res_company company
           CROSS JOIN UNNEST(%s) WITH ORDINALITY way(code, position)
                WHERE way.code != 'other' OR EXISTS (
                          SELECT FROM nka_manager_start start
                           WHERE start.company_id = company.id AND start.way = way.code)""",
            ways,
        )

    # ------------------------------------------------------------ compute
    @api.depends("company_id", "way")
    @api.depends_context("uid", "lang", "tz")
    def _compute_figures(self):
        """Read all people with one query, as the user sees them."""
        people = self.env["nka.hire.or.grow"].search(
            [("company_id", "in", self.company_id.ids)]
        )
        groups = people.grouped(lambda row: (row.company_id, row.way))
        for row in self:
            own = groups.get((row.company_id, row.way), people.browse())
            row.person_ids = own
            row.person_count = len(own)
            row.update(row._prepare_figures(own.filtered("is_complete")))
            row.note = row._say_note(own)

    def _prepare_figures(self, people):
        """Return the figures of people whose three seasons have passed."""
        enough = len(people) >= FEWEST
        days = people.filtered("has_order").mapped("order_days")
        quota, decided = (
            sum(people.mapped("quota")),
            sum(people.mapped("document_count")),
        )
        rates = {
            "attainment": 100 * sum(people.mapped("credits")) / quota if quota else 0,
            "first_pass_rate": (
                100 * sum(people.mapped("document_passed")) / decided if decided else 0
            ),
            "stayed_rate": (
                100 * sum(people.mapped("has_stayed")) / len(people) if people else 0
            ),
            "average_cost": sum(people.mapped("cost")) / len(people) if people else 0,
            "median_days": median(days) if days else 0,
        }
        return {
            "complete_count": len(people),
            "is_few": not enough,
            **{name: value if enough else 0 for name, value in rates.items()},
            "order_text": self._say_days(people, days, enough),
            "attainment_text": self._say_rate(
                people, rates["attainment"], "attainment", "quota", enough
            ),
            "first_pass_text": self._say_rate(
                people,
                rates["first_pass_rate"],
                "first_pass_rate",
                "document_count",
                enough,
            ),
            "stayed_text": people
            and self.env._(
                "%(stayed)s of %(all)s",
                stayed=sum(people.mapped("has_stayed")),
                all=len(people),
            ),
            "cost_text": self._say_costs(people, rates["average_cost"], enough),
        }

    def _say_days(self, people, days, enough):
        if not people:
            return False
        if not enough:
            return "; ".join(
                str(row.order_days) if row.has_order else self.env._("no order yet")
                for row in people
            )
        if not days:
            return self.env._("none of %s people", len(people))
        return self.env._(
            "median %(days)s (%(with)s of %(all)s people)",
            **{"days": f"{median(days):.0f}", "with": len(days), "all": len(people)},
        )

    def _say_rate(self, people, rate, name, base, enough):
        if not people:
            return False
        if enough:
            return self._percent(rate) if any(people.mapped(base)) else "–"
        return "; ".join(
            self._percent(row[name]) if row[base] else "–" for row in people
        )

    def _say_costs(self, people, average, enough):
        if not people:
            return False
        if enough:
            return self.env._("average %s", self._money(average))
        return "; ".join(self._money(row.cost) for row in people)

    def _money(self, amount):
        return format_amount(
            self.env, round(amount), self.currency_id, trailing_zeroes=False
        )

    def _percent(self, rate):
        return f"{rate:.0f}\N{NO-BREAK SPACE}%"

    def _say_note(self, people):
        """Say how far the figures can be compared."""
        complete = people.filtered("is_complete")
        if not people:
            return self.env._("Nobody came this way yet.")
        if not complete:
            return self.env._(
                "Nobody's first three seasons have passed. The first figures come on %s.",
                format_date(
                    self.env, fields.Date.add(min(people.mapped("date_end")), days=1)
                ),
            )
        if len(complete) < FEWEST:
            return self.env._(
                "Three seasons have passed for %(count)s: their own figures are shown, one "
                "by one. Averages follow from %(fewest)s people on; so few people don't "
                "prove that one way is better.",
                count=len(complete),
                fewest=FEWEST,
            )
        return self.env._(
            "Three seasons have passed for %s. Differences can have other reasons than "
            "the way they came.",
            len(complete),
        )

    # ------------------------------------------------------------ actions
    def action_open_people(self):
        """Open the people who came this way, one by one."""
        self.ensure_one()
        self.check_access("read")
        return open_action(
            self.env,
            "nka_hire_or_grow_action",
            domain=[("company_id", "=", self.company_id.id), ("way", "=", self.way)],
            context={},
        )
