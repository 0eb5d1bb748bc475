from odoo import api, fields, models
from odoo.tools import format_date

from ... import paycalc
from ..facts import calendars
from ..trail.opening import open_action
from ..trail.roles import PAYROLL_OFFICER


class MonthClose(models.Model):
    """The desk of payroll officers: the month in progress, and the next one to close."""

    _inherit = "nka.month.close"

    month = fields.Date(default=lambda self: self._next_month(self.env.company))
    open_close_id = fields.Many2one(
        "nka.month.close", "Month in progress", compute="_compute_open_close_id"
    )
    month_note = fields.Char("What to do first", compute="_compute_open_close_id")

    # ------------------------------------------------------------ compute
    @api.depends("month", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_open_close_id(self):
        """Say on a new page why its month can't be closed yet."""
        for close in self:
            is_new = not close._origin and close.month
            close.open_close_id = is_new and close._month_in_progress(close.company_id)
            close.month_note = is_new and close._describe_obstacle()

    def _describe_obstacle(self):
        """Return the sentence for a month that isn't the next one to close, or False."""
        month = paycalc.month_start(self.month)
        in_progress = self.open_close_id
        if in_progress.month == month:
            return self.env._("%s is already open.", in_progress.display_name)
        if in_progress and in_progress.month < month:
            return self.env._(
                "%s isn't locked yet. Months are closed in order, so lock it first.",
                in_progress.display_name,
            )
        if self.month_end >= calendars.today(self.company_id):
            return self.env._(
                "This month can be calculated from %s.",
                format_date(self.env, paycalc.add_months(month, 1)),
            )
        return False

    @api.onchange("company_id")
    def _onchange_company_id(self):
        if not self._origin:
            self.month = self._next_month(self.company_id)

    # ------------------------------------------------------------ business
    @api.model
    def _month_in_progress(self, company):
        """Return the company's earliest month that isn't locked, empty if none.

        :rtype: nka.month.close
        """
        domain = [("company_id", "=", company.id), ("state", "!=", "locked")]
        return self.search(domain, order="month", limit=1)

    @api.model
    def _next_month(self, company):
        """Return the first day of the first month that has no month-end close yet.

        Months before the first pay agreement, and before the last calculated month,
        can't be closed.

        :rtype: date
        """
        closes = self.sudo().search([("company_id", "=", company.id)])
        started = closes.filtered(lambda close: close.state != "open")
        month = (
            paycalc.add_months(max(started.mapped("month")), 1)
            if started
            else self._first_month(company)
        )
        while month in closes.mapped("month"):
            month = paycalc.add_months(month, 1)
        return month

    @api.model
    def _first_month(self, company):
        """Hook: return the first month of a company that hasn't closed any.

        :rtype: date
        """
        ((day,),) = (
            self.env["nka.pay.agreement"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("accepted", "ended")),
                ],
                [],
                ["date_from:min"],
            )
        )
        last = paycalc.add_months(fields.Date.context_today(self), -1)
        return paycalc.month_start(day or last)

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_desk(self):
        """Open the month in progress of the current company, or all months.

        :raise AccessError: if the user isn't a payroll officer
        """
        self._check_group(
            PAYROLL_OFFICER, self.env._("Only a payroll officer can close a month.")
        )
        close = self._month_in_progress(self.env.company)
        changes = {"res_id": close.id, "views": [(False, "form")]} if close else {}
        return open_action(self.env, "nka_month_close_action", **changes)
