import json
from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from ..trail.opening import open_action, open_page
from .nka_waiting import AGES, KINDS

#: Rows per type on the page, the longest waiting ones; the counters open all of them.
ROWS_PER_KIND = 3
#: Rows that other supervisors decide on.
ROWS_OF_OTHERS = 6


class Desk(models.Model):
    """First page of a supervisor: what waits for their decision, computed fields only.

    One record per user. What they can't decide on, because they worked on it or are
    paid for it, is listed apart and not counted.
    """

    _name = "nka.desk"
    _description = "To decide"
    _inherit = ["nka.read.mixin"]
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    title = fields.Char(compute="_compute_waiting")
    other_title = fields.Char("Decided by others", compute="_compute_waiting")
    total_count = fields.Integer("To decide", compute="_compute_waiting")
    other_count = fields.Integer(
        "Waiting for another supervisor", compute="_compute_waiting"
    )
    oldest_days = fields.Integer("Longest waiting (days)", compute="_compute_waiting")
    document_count = fields.Integer("Documents to review", compute="_compute_waiting")
    report_count = fields.Integer("Reports to review", compute="_compute_waiting")
    handover_count = fields.Integer("Handovers to approve", compute="_compute_waiting")
    qualification_count = fields.Integer(
        "Qualifications to approve", compute="_compute_waiting"
    )
    origin_count = fields.Integer("Origins to confirm", compute="_compute_waiting")
    gate_count = fields.Integer("Gates not passed", compute="_compute_waiting")
    discount_count = fields.Integer("Discounts to approve", compute="_compute_waiting")
    request_count = fields.Integer("Requests to answer", compute="_compute_waiting")
    account_count = fields.Integer("Candidates to confirm", compute="_compute_waiting")
    rating_count = fields.Integer("Ratings to accept", compute="_compute_waiting")
    goal_count = fields.Integer("Goals to settle", compute="_compute_waiting")
    dispute_count = fields.Integer("Disputes to answer", compute="_compute_waiting")
    feedback_count = fields.Integer("Feedback to read", compute="_compute_waiting")
    regime_count = fields.Integer("Regimes to approve", compute="_compute_waiting")
    waiting_ids = fields.Many2many(
        "nka.waiting", string="Longest waiting", compute="_compute_waiting"
    )
    other_ids = fields.Many2many(
        "nka.waiting", string="For another supervisor", compute="_compute_waiting"
    )
    graph = fields.Text("By waiting time", compute="_compute_waiting")

    _user_unique = models.UniqueIndex(
        "(user_id)", "Your page is already open. Reload it."
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("To decide")

    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_waiting(self):
        # Who may decide depends on the user, but the cache of rows doesn't know users.
        self.env["nka.waiting"].invalidate_model()
        rows = self.env["nka.waiting"].search_fetch([], ["kind", "days", "is_mine"])
        mine = rows.filtered("is_mine")
        others = rows - mine
        counts = Counter(mine.mapped("kind"))
        for kind, _label in KINDS:
            self[f"{kind}_count"] = counts[kind]
        self.total_count = len(mine)
        self.other_count = len(others)
        self.oldest_days = mine[:1].days
        self.waiting_ids = self._longest(mine)
        self.other_ids = others[:ROWS_OF_OTHERS]
        self.title = (
            self.env._("Waiting for your decision: %s", len(mine))
            if mine
            else self.env._("Nothing waits for your decision")
        )
        self.other_title = self.env._("Waiting for another supervisor: %s", len(others))
        self.graph = self._draw(mine)

    @api.model
    def _longest(self, rows):
        """Return the rows of each type that have waited longest, in the same order."""
        seen = Counter()
        shown = rows.browse()
        for row in rows:
            seen[row.kind] += 1
            if seen[row.kind] <= ROWS_PER_KIND:
                shown |= row
        return shown

    @api.model
    def _draw(self, rows):
        """Return the numbers of rows by waiting time for the graph."""
        labels = dict(
            self.env["nka.waiting"]._fields["age"]._description_selection(self.env)
        )
        left = list(rows.mapped("days"))
        values = []
        for key, _label, limit in AGES:
            inside = [days for days in left if limit is None or days <= limit]
            left = [days for days in left if limit is not None and days > limit]
            late = key in ("fortnight", "longer")
            values.append(
                {
                    "label": labels[key],
                    "value": len(inside),
                    "type": "past" if late else "future",
                }
            )
        return json.dumps([{"key": self.env._("To decide"), "values": values}])

    # ------------------------------------------------------------ counted reads
    def _key_records(self):
        """Count the rows that the page lists, not the page."""
        return self.browse()

    @api.model
    def _key_domain(self):
        return Domain.FALSE

    # ------------------------------------------------------------ actions
    @api.model
    def action_open(self):
        """Open the current user's own page. It is created the first time.

        :return: the action that shows it
        """
        self.env["res.users"]._nka_check_acknowledged()
        self.check_access("read")
        pages = self.sudo()
        page = pages.search([("user_id", "=", self.env.uid)])
        page = page or pages.create({"user_id": self.env.uid})
        return open_page(
            self.env, "nka_desk_action", "nka_desk_action_open", res_id=page.id
        )

    def action_open_kind(self):
        """Open the list of the type named in the button's context.

        :return: window action
        """
        self.check_access("read")
        kind = self.env.context.get("nka_kind")
        if kind not in dict(KINDS):
            return self.action_open_all()
        return self.env["nka.waiting"]._open_kind(kind)

    def action_open_all(self):
        """Open everything that waits for the current user's decision."""
        return self._open_rows(True)

    def action_open_others(self):
        """Open what waits for another supervisor."""
        return self._open_rows(False)

    @api.model
    def _open_rows(self, is_mine):
        self.check_access("read")
        return open_action(
            self.env,
            "nka_waiting_action",
            domain=[("is_mine", "=", is_mine)],
            context={},
        )
