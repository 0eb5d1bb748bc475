"""Fixtures for weekly report tests: employees, reports in every state, and leaves."""

from datetime import date

from ..facts.common import EmployeesCase


class ReportCase(EmployeesCase):
    @classmethod
    def _report(cls, user=None, date_from=date(2026, 11, 16), **vals):
        """Create a draft as the manager."""
        user = user or cls.manager
        reports = cls.env["nka.work.report"].with_user(user)
        return reports.create(
            {
                "employee_id": user.employee_id.id,
                "date_from": date_from,
                "summary": "Met two clients, one is about to sign.",
                **vals,
            }
        )

    @classmethod
    def _submitted(cls, user=None, date_from=date(2026, 11, 16), **vals):
        report = cls._report(user, date_from, **vals)
        report.action_submit()
        return report

    @classmethod
    def _approved(cls, user=None, date_from=date(2026, 11, 16), **vals):
        report = cls._submitted(user, date_from, **vals)
        report.with_user(cls.supervisor).action_approve()
        return report

    @classmethod
    def _facts(cls, report):
        return {fact.kind: fact for fact in report.sudo().fact_ids}


def new_leave(case, employee, first, last, state="validate", unit="day", **vals):
    """Create an approved leave of an employee."""
    kind = case.env["hr.leave.type"].create(
        {"name": "Leave", "requires_allocation": False, "request_unit": unit}
    )
    leave = (
        case.env["hr.leave"]
        .with_context(leave_fast_create=True)
        .create(
            {
                "name": "Leave",
                "holiday_status_id": kind.id,
                "employee_id": employee.id,
                "request_date_from": first,
                "request_date_to": last,
                **vals,
            }
        )
    )
    case.env.flush_all()
    case.cr.execute("UPDATE hr_leave SET state = %s WHERE id = %s", [state, leave.id])
    leave.invalidate_recordset()
    return leave
