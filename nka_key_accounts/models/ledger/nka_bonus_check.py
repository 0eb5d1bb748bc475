from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, clean_context

from ... import paycalc
from ..trail.opening import open_list
from ..trail.roles import PAYROLL_OFFICER
from . import check_sql, planner

REASONS = [
    ("credited", "Credited"),
    ("missing", "Not in the ledger yet: calculate again"),
    ("gone", "No longer due, still in the ledger: calculate again"),
    ("credit_note", "A credit note is no money"),
    ("exchange", "An exchange difference is no money"),
    ("write_off", "A write-off or other entry is no money"),
    ("no_owner", "Nobody owned the account on the day of the order"),
    ("no_agreement", "The owner has no pay agreement on that day"),
    ("other_basis", "The owner is paid by the other basis"),
    ("nothing", "Comes to nothing: no untaxed amount, or all credited before"),
    ("unmatched", "Not matched with an invoice"),
    ("no_entry", "The payment waits for the bank: it has no entry yet"),
]


class BonusCheck(models.TransientModel):
    """Ledger against accounting for some days: what is credited, and why the rest isn't."""

    _name = "nka.bonus.check"
    _description = "Reconciliation of credits with accounting"
    _inherit = ["nka.company.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "First day",
        required=True,
        default=lambda self: paycalc.add_months(fields.Date.context_today(self), -1),
    )
    date_to = fields.Date(
        "Last day",
        required=True,
        default=lambda self: (
            paycalc.month_start(fields.Date.context_today(self)) - timedelta(1)
        ),
    )
    line_ids = fields.One2many("nka.bonus.check.line", "check_id", readonly=True)
    difference_count = fields.Integer("Differences", readonly=True)

    # ------------------------------------------------------------ actions
    def action_check(self):
        """List every payment and invoice of the days with its credit or the reason why not.

        :raise AccessError: for anybody but a payroll officer
        """
        self.ensure_one()
        self.env["nka.state.mixin"]._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer compares credits with accounting."),
        )
        self._fill()
        return open_list(
            self.env,
            "nka.bonus.check.line",
            [("check_id", "=", self.id)],
            self.env._("Credits and accounting"),
            view_mode="list,pivot",
            views=[(False, "list"), (False, "pivot")],
            context={"search_default_group_reason": 1},
        )

    # ------------------------------------------------------------ business
    @api.model
    def _check(self, company, date_from, date_to, only_different=False):
        """Compare some days; for the month close.

        :param bool only_different: list nothing but what differs: a month in order is
            then read and not written
        :return: the comparison, with its lines and ``difference_count``
        :rtype: nka.bonus.check
        """
        check = self.sudo().with_context(clean_context(self.env.context))
        check = check.create(
            {"company_id": company.id, "date_from": date_from, "date_to": date_to}
        )
        check._fill(only_different)
        return check

    def _fill(self, only_different=False):
        """One statement per basis, and one for money that isn't matched at all."""
        self.env.flush_all()
        self.sudo().line_ids.unlink()
        build = self._prepare_check_build()
        builder = self.env["nka.bonus.builder"].sudo()
        with planner.planned_for(self.env.cr, build.is_wide):
            for basis in ("paid", "invoiced"):
                steps = builder._due_ctes(build, basis)
                steps.append(check_sql.compare_sql(self, build, basis, only_different))
                self.env.cr.execute(SQL("WITH %s", SQL(", ").join(steps)))
        if not only_different:
            self.env.cr.execute(check_sql.unmatched_sql(self))
        self.line_ids.invalidate_model()
        self.invalidate_recordset(["line_ids"])
        lines = self.env["nka.bonus.check.line"].sudo()
        self.difference_count = lines.search_count(
            [("check_id", "=", self.id), ("is_different", "=", True)]
        )

    def _prepare_check_build(self):
        builder = self.env["nka.bonus.builder"].sudo()
        build = builder._prepare_build(self.company_id, self.date_to, False, None, 0)
        is_wide = planner.is_wide(self.env, self.date_from, self.date_to)
        return build.since(self.date_from, is_wide)
