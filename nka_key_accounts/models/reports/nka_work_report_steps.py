from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .nka_work_report import OPEN_STATES

WRITE = "nka_key_accounts.mail_activity_type_write_report"
REVIEW = "nka_key_accounts.mail_activity_type_review_report"


class WorkReportSteps(models.Model):
    """From the draft to the approval."""

    _inherit = "nka.work.report"

    # ------------------------------------------------------------ checks
    def _check_not_maker(self):
        for report in self.sudo():
            if self.env.user in report._makers():
                raise AccessError(
                    self.env._(
                        "%s is about you, so another supervisor has to approve it. "
                        "Nothing was changed.",
                        report.display_name,
                    )
                )

    def _check_begun(self):
        today = fields.Date.context_today(self)
        for report in self:
            if report.date_from > today:
                raise UserError(self.env._("%s hasn't begun yet.", report.display_name))

    def _check_words(self):
        for report in self:
            if not (report.summary or "").strip():
                raise UserError(
                    self.env._(
                        "Say in a sentence or two what you did; the facts are there "
                        "already."
                    )
                )

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Hand one's own reports in, with the facts as of now.

        :raise AccessError: for somebody else's report
        :raise UserError: without words, or before its days have begun
        """
        self._check_own()
        self._check_state(*OPEN_STATES)
        self._check_begun()
        self._check_words()
        self._collect_facts()
        self._move_to("submitted", submitted_date=fields.Datetime.now())
        self.sudo().activity_feedback([WRITE])
        self._ask_reviewers()
        return True

    def action_approve(self):
        """Approve submitted reports, one or many at once; never one's own.

        :raise AccessError: for anybody but a supervisor, or for one's own report
        """
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        self.sudo()._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )
        self.sudo().activity_feedback([REVIEW])
        return True

    def action_return(self, reason=None):
        """Send submitted reports back with a question; asks for it when not given."""
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_return")
        self.sudo()._move_to("returned", note=reason, return_reason=reason)
        self.sudo().activity_feedback([REVIEW], feedback=reason)
        for report in self:
            report._remind(reason)
        return True

    def action_refresh_facts(self):
        """Collect the facts of open reports again, as of now."""
        self._check_own()
        self._check_state(*OPEN_STATES)
        self._collect_facts()
        return True

    @api.model
    def action_open_mine(self):
        """Open the acting person's report to write next: a returned one, else the
        oldest open one, else this week's, made on the spot.

        :raise UserError: for a person who isn't an employee
        """
        report = self._find_mine() or self._make_mine()
        report._collect_facts()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My week"),
            "res_model": self._name,
            "view_mode": "form",
            "res_id": report.id,
        }

    # ------------------------------------------------------------ business
    @api.model
    def _find_mine(self):
        mine = self.search(
            [("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)],
            order="date_from",
        )
        return mine.filtered(lambda r: r.state == "returned")[:1] or mine[:1]

    @api.model
    def _make_mine(self):
        employee = self._own_employee()
        if not employee:
            raise UserError(
                self.env._(
                    "No employee is linked to your login, so there is no week to "
                    "report. Ask HR to link one."
                )
            )
        today = fields.Date.context_today(self)
        domain = [
            ("employee_id", "=", employee),
            ("date_from", "<=", today),
            ("date_to", ">=", today),
        ]
        return self.search(domain) or self.create({"employee_id": employee})

    def _ask_reviewers(self):
        for report in self.sudo():
            reviewer = report._first_supervisor()
            if reviewer:
                report.activity_schedule(REVIEW, user_id=reviewer.id)

    def _remind(self, note=False):
        """Ask the manager for his report, once."""
        report = self.sudo()
        if report.user_id and not report.activity_search([WRITE]):
            report.activity_schedule(WRITE, user_id=report.user_id.id, note=note)
