"""A new month-end close proposes the month that can be closed, or names the open one."""

from datetime import date

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..close.common import DECEMBER, NOVEMBER, CloseCase

OCTOBER = date(2025, 10, 1)


class TestNewMonth(CloseCase):
    def _new(self, user=None):
        return Form(self.env["nka.month.close"].with_user(user or self.officer))

    def _desk(self, user=None):
        closes = self.env["nka.month.close"].with_user(user or self.officer)
        return closes.action_open_desk()

    def test_a_company_begins_with_its_first_agreement(self):
        first = min(self.env["nka.pay.agreement"].search([]).mapped("date_from"))
        self.assertEqual(self._new().month, first.replace(day=1))

    def test_a_company_begins_with_the_month_of_its_setup_page(self):
        setups = self.env["nka.setup"].with_user(self.kam_admin)
        page = setups.browse(setups.action_open_setup()["res_id"])
        page.first_month = OCTOBER
        self.assertEqual(self._new().month, OCTOBER)
        self._locked_close(NOVEMBER)
        self.assertEqual(self._new().month, DECEMBER)

    def test_a_company_without_agreements_begins_with_last_month(self):
        company = self.env["res.company"].create({"name": "New"})
        self.officer.company_ids = [Command.link(company.id)]
        form = Form(
            self.env["nka.month.close"]
            .with_user(self.officer)
            .with_context(allowed_company_ids=company.ids)
        )
        today = fields.Date.context_today(self.officer)
        last = fields.Date.subtract(today.replace(day=1), months=1)
        self.assertEqual(form.month, last)

    def test_the_month_after_the_last_is_proposed(self):
        self._locked_close(NOVEMBER)
        form = self._new()
        self.assertEqual(form.month, DECEMBER)
        self.assertFalse(form.month_note)
        self.assertEqual(form.save().month, DECEMBER)

    def test_an_open_month_is_named_and_can_be_opened(self):
        close = self._new_close(NOVEMBER)
        close.action_calculate()
        form = self._new()
        self.assertEqual(form.month, DECEMBER)
        self.assertIn("November 2025 isn't locked yet", form.month_note)
        self.assertEqual(form.open_close_id, close)
        form.month = NOVEMBER
        self.assertEqual(form.month_note, "November 2025 is already open.")

    def test_a_running_month_says_from_when(self):
        form = self._new()
        form.month = fields.Date.context_today(self.officer).replace(day=1)
        self.assertIn("can be calculated from", form.month_note)

    def test_the_desk_is_the_month_in_progress(self):
        self.assertFalse(self._desk().get("res_id"))
        close = self._new_close(NOVEMBER)
        for user in (self.officer, self.second):
            self.assertEqual(self._desk(user)["res_id"], close.id)
        close.action_calculate()
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()
        self.assertFalse(self._desk().get("res_id"))


class TestPayslipPrints(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.close = cls._locked_close(NOVEMBER)
        cls.statement = cls.close.sudo().statement_ids[:1]
        cls.slips = cls.close.sudo().statement_ids.payslip_id
        employee = cls.statement.employee_id
        employee.identification_id = "ID-4711"

    def _html(self, report, user, slips=None):
        reports = self.env["ir.actions.report"].with_user(user)
        ids = (slips or self.slips).ids
        return reports._render_qweb_html(report, ids)[0].decode()

    def test_officers_print_payslips_of_their_months_whole(self):
        for report in ("payroll.report_payslip", "payroll.report_payslipdetails"):
            for user in (self.officer, self.second):
                page = self._html(report, user)
                self.assertIn("ID-4711", page)
                self.assertIn(self.slips[:1].number, page)

    def test_one_click_prints_all_of_the_month(self):
        action = self.close.with_user(self.second).action_print_slips()
        self.assertEqual(action["report_name"], "payroll.report_payslip")
        self.assertEqual(set(action["context"]["active_ids"]), set(self.slips.ids))
        event = self._events(self.close, "export")[-1:]
        self.assertIn("payslips-2025-11", event.new)

    def test_only_officers_print_and_only_locked_months(self):
        for user in (self.manager, self.supervisor, self.kam_admin):
            with self.assertRaises(AccessError):
                self.close.with_user(user).action_print_slips()
        with self.refused(UserError):
            self._new_close(DECEMBER).action_print_slips()

    def test_others_print_no_payslips(self):
        """The person paid can read their payslip; what only HR can read stays closed."""
        for user in (self.supervisor, self.kam_admin, self.colleague, self.salesman):
            with self.assertRaises(AccessError):
                self._html("payroll.report_payslip", user)

    def test_officers_print_no_payslips_of_others(self):
        """A payslip of the payroll engine that pays no statement isn't theirs."""
        slip = self.env["hr.payslip"].create(
            {
                "employee_id": self.statement.employee_id.id,
                "date_from": NOVEMBER,
                "date_to": NOVEMBER.replace(day=30),
            }
        )
        self.assertFalse(slip.is_nka)
        with self.assertRaises(AccessError):
            self._html("payroll.report_payslip", self.officer, slip)
