from datetime import timedelta

from odoo import api, fields, models

from ..trail.roles import MANAGER
from .nka_work_report import OPEN_STATES
from .weeks import report_days, reports_between

#: The job looks back this far, for managers added late and weeks it didn't run.
LOOK_BACK_DAYS = 28
FRIDAY = 4


class WorkReportJob(models.Model):
    """Reports made by the job, and reminders."""

    _inherit = "nka.work.report"

    @api.model
    def _cron_reports(self):
        """Make the missing reports with their facts, refresh open ones, remind."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].sudo().search([]):
            self._make_reports(company, today)
        since = today - timedelta(days=LOOK_BACK_DAYS)
        domain = [("state", "in", OPEN_STATES), ("date_to", ">=", since)]
        self.search(domain)._collect_facts()
        for report in self.search(self._domain_late()):
            report._remind()

    @api.model
    def _make_reports(self, company, today):
        """Make the reports that managers of a company lack.

        The running week's comes on Friday, or on its last day. Days before somebody's
        contract, and weeks without a day of work, need none.

        :return: the new reports
        :rtype: nka.work.report
        """
        employees = self._reporting_employees(company)
        if not employees:
            return self.browse()
        since = today - timedelta(days=LOOK_BACK_DAYS)
        spans = [
            span for span in reports_between(since, today) if self._is_due(span, today)
        ]
        vals_list = self._prepare_missing(employees, spans)
        return self.sudo()._unlocked().create(vals_list)

    @api.model
    def _is_due(self, span, today):
        return (
            span[1] <= today or today.weekday() >= FRIDAY or report_days(today) != span
        )

    @api.model
    def _prepare_missing(self, employees, spans):
        first, last = spans[0][0], spans[-1][1]
        needed = self._days_to_report(employees, first, last)
        taken = {
            (report.employee_id.id, report.date_from)
            for report in self.sudo().search(
                [("employee_id", "in", employees.ids), ("date_to", ">=", first)]
            )
        }
        return [
            {"employee_id": employee.id, "date_from": begin, "date_to": end}
            for begin, end in spans
            for employee in employees
            if (employee.id, begin) not in taken
            and any(begin <= day <= end for day in needed[employee.id])
        ]

    @api.model
    def _reporting_employees(self, company):
        """Employees of a company whose login is a key account manager's."""
        users = self.env.ref(MANAGER).sudo().all_user_ids
        return (
            self.env["hr.employee"]
            .sudo()
            .search([("user_id", "in", users.ids), ("company_id", "=", company.id)])
        )

    @api.model
    def _days_to_report(self, employees, first, last):
        """Workdays under contract on which somebody was neither on leave nor off."""
        employed = self._employed_days(employees, first, last)
        leaves = self._leave_days(employees, first, last)
        return {id_: days - leaves[id_] for id_, days in employed.items()}
