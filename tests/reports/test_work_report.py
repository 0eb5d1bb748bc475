from datetime import date, datetime, timedelta
from itertools import pairwise

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.reports.weeks import (
    month_reports,
    report_days,
    reports_between,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import proven_talk
from .common import EmployeesCase, ReportCase, new_leave


@tagged("nka_reports")
class TestReportDays(EmployeesCase):
    """Report weeks that never cross the end of a month."""

    def test_weeks_of_a_month(self):
        spans = [(a.day, b.day) for a, b in month_reports(date(2026, 11, 5))]
        self.assertEqual(spans, [(1, 8), (9, 15), (16, 22), (23, 30)])
        spans = [(a.day, b.day) for a, b in month_reports(date(2026, 12, 5))]
        self.assertEqual(spans, [(1, 6), (7, 13), (14, 20), (21, 27), (28, 31)])

    def test_every_day_belongs_to_one_report(self):
        day = date(2025, 1, 1)
        spans = reports_between(day, date(2028, 12, 31))
        self.assertEqual(spans[0][0], day)
        self.assertEqual(spans[-1][1], date(2028, 12, 31))
        for (first, last), following in pairwise(spans):
            self.assertEqual(last + timedelta(days=1), following[0])
            self.assertEqual(first.month, last.month)
            self.assertLessEqual((last - first).days, 10)
            self.assertEqual(report_days(last), (first, last))


@tagged("nka_reports")
class TestWorkReport(ReportCase):
    """Writing, submitting, approving and returning a report."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-11-23 09:00:00"))

    def test_submit_and_approve(self):
        report = self._report()
        self.assertEqual(report.date_to, date(2026, 11, 22))
        report.action_submit()
        self.assertEqual(report.state, "submitted")
        self.assertTrue(report.sudo().activity_ids.user_id)
        report.with_user(self.supervisor).action_approve()
        self.assertEqual(report.approved_by_id, self.supervisor)
        states = self._events(report, "state").mapped("new")
        self.assertEqual(states, ["submitted", "approved"])
        self.assertFalse(report.sudo().activity_ids)

    def test_bulk_approval(self):
        reports = self._submitted() + self._submitted(self.colleague)
        reports.with_user(self.supervisor).action_approve()
        self.assertEqual(set(reports.mapped("state")), {"approved"})

    def test_return_with_a_question(self):
        report = self._submitted().with_user(self.supervisor)
        question = report.action_return()
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        self.assertEqual(report.state, "submitted")
        report.action_return(reason="Who decides at Northwind?")
        self.assertEqual(report.state, "returned")
        self.assertEqual(report.return_reason, "Who decides at Northwind?")
        self.assertIn(self.manager, report.sudo().activity_ids.user_id)
        own = report.with_user(self.manager)
        own.write({"summary": "Anna Berg decides."})
        own.action_submit()
        self.assertEqual(report.state, "submitted")

    def test_own_report_cannot_be_approved(self):
        employee = self._new_employee(self.supervisor)
        self.supervisor.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_manager"
        )
        report = self._submitted(self.supervisor)
        self.assertEqual(report.employee_id, employee)
        for attempt in (report.action_approve, report.sudo().action_approve):
            with self.refused(AccessError, "Another supervisor"):
                attempt()
        with self.refused(AccessError, "Another supervisor"):
            report.action_return(reason="Well")
        report.with_user(self.supervisor_2).action_approve()

    def test_only_supervisors_approve(self):
        report = self._submitted()
        for user in (self.manager, self.officer, self.kam_admin, self.colleague):
            with self.refused(AccessError):
                report.with_user(user).action_approve()
            with self.refused(AccessError):
                report.with_user(user).action_return(reason="x")
        self.assertEqual(report.state, "submitted")

    def test_only_the_manager_writes(self):
        report = self._report()
        for user in (self.supervisor, self.colleague, self.officer):
            with self.refused(AccessError):
                report.with_user(user).write({"summary": "Nothing"})
            with self.refused(AccessError):
                report.with_user(user).action_submit()
        with self.refused(AccessError, "Only the manager it is about"):
            report.with_user(self.supervisor).sudo().write({"summary": "Nothing"})
        with self.refused(AccessError):
            self._report(self.colleague, employee_id=self.employee.id)

    def test_submitted_text_is_read_only(self):
        report = self._submitted()
        with self.refused(UserError, "ask your supervisor"):
            report.write({"plans": "Other plans"})
        with self.refused(UserError):
            report.unlink()

    def test_approved_report_is_locked_in_the_database(self):
        report = self._approved()
        for column, value in (
            ("summary", "Something else"),
            ("state", "draft"),
            ("date_to", date(2026, 11, 29)),
        ):
            self.refused_by_database(
                f"UPDATE nka_work_report SET {column} = %s WHERE id = %s",
                value,
                report.id,
            )
        self.refused_by_database("DELETE FROM nka_work_report WHERE id = %s", report.id)

    def test_guarded_fields(self):
        report = self._report()
        for vals in ({"state": "approved"}, {"approved_by_id": self.supervisor.id}):
            with self.refused(AccessError):
                report.write(vals)
            with self.refused(AccessError):
                self._report(date_from=date(2026, 11, 9), **vals)

    def test_needs_a_summary_and_days_that_have_begun(self):
        with self.refused(UserError, "sentence"):
            self._submitted(summary=" ")
        with self.refused(UserError, "hasn't started"):
            self._submitted(date_from=date(2026, 12, 1))

    def test_day_belongs_to_one_report(self):
        self._report()
        with self.refused(ValidationError, "already"):
            self._report(date_from=date(2026, 11, 18))

    def test_open_mine(self):
        model = self.env["nka.work.report"].with_user(self.manager)
        action = model.action_open_mine()
        report = model.browse(action["res_id"])
        self.assertEqual(report.date_from, date(2026, 11, 23))
        self.assertEqual(report.user_id, self.manager)
        older = self._report()
        self.assertEqual(model.action_open_mine()["res_id"], older.id)
        older.action_submit()
        older.with_user(self.supervisor).action_return(reason="Why?")
        self.assertEqual(model.action_open_mine()["res_id"], older.id)
        with self.refused(UserError, "isn't linked to an employee"):
            self.env["nka.work.report"].with_user(
                self.salesman
            ).sudo().action_open_mine()

    def test_late(self):
        report = self._report()
        self.assertTrue(report.is_late)
        self.assertIn(report, report.search([("is_late", "=", True)]))
        report.action_submit()
        self.assertFalse(report.is_late)


@tagged("nka_reports")
class TestReportFacts(ReportCase):
    """Recorded activity, counted for all managers of a week at once."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-11-20 09:00:00"))

    def _negotiation(self, user, start=datetime(2026, 11, 17, 9), **vals):
        return proven_talk(self.env, user, start, **vals)

    def test_negotiations_held(self):
        held = self._negotiation(self.manager)
        self._negotiation(self.manager, negotiation_outcome="not_held")
        self._negotiation(self.manager, is_negotiation=False, negotiation_outcome=False)
        self._negotiation(self.manager, datetime(2026, 11, 10, 9))
        self._negotiation(self.colleague)
        report = self._report()
        report._collect_facts()
        fact = self._facts(report)["negotiations"]
        self.assertEqual((fact.count, fact.res_ids), (1, held.ids))
        action = fact.with_user(self.manager).action_open()
        self.assertEqual(action["domain"], [("id", "in", held.ids)])

    def test_leads_quotations_and_deals(self):
        leads = self.env["crm.lead"].with_user(self.manager)
        lead = leads.create(
            {
                "name": "Big",
                "is_vip": True,
                "expected_revenue": 5000,
                "type": "opportunity",
            }
        )
        won = leads.create(
            {"name": "Done", "expected_revenue": 5000, "type": "opportunity"}
        )
        won.sudo().action_set_won()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "user_id": self.manager.id,
                "order_line": [
                    Command.create({"name": "x", "display_type": "line_note"})
                ],
            }
        )
        self.env.flush_all()
        for table, record in (("crm_lead", lead), ("sale_order", order)):
            self.cr.execute(
                f"UPDATE {table} SET create_date = '2026-11-18' WHERE id = %s",
                [record.id],
            )
        report = self._report()
        report._collect_facts()
        facts = self._facts(report)
        self.assertEqual(facts["new_vip_leads"].res_ids, lead.ids)
        self.assertEqual(facts["quotations"].res_ids, order.ids)
        self.assertEqual(facts["deals_won"].res_ids, won.ids)
        self.assertEqual(facts["deals_won"].amount, 5000)

    def test_quotations_in_several_currencies(self):
        """JPY 150,000 at 150 is 1,000, in addition to 500 in company currency."""
        yen = self.env["res.currency"].create({"name": "JPT", "symbol": "J"})
        self.env["res.currency.rate"].create(
            {"currency_id": yen.id, "name": date(2026, 1, 1), "rate": 150}
        )
        product = self.env["product.product"].create({"name": "x", "type": "service"})
        for currency, amount in ((yen, 150000), (self.env.company.currency_id, 500)):
            prices = self.env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id}
            )
            line = {"product_id": product.id, "price_unit": amount, "tax_ids": []}
            self.env["sale.order"].create(
                {
                    "partner_id": self.client.id,
                    "user_id": self.manager.id,
                    "pricelist_id": prices.id,
                    "order_line": [Command.create(line)],
                }
            )
        self.env.flush_all()
        self.cr.execute(
            "UPDATE sale_order SET create_date = '2026-11-18' WHERE user_id = %s",
            [self.manager.id],
        )
        report = self._report()
        report._collect_facts()
        self.assertEqual(self._facts(report)["quotations"].amount, 1500)

    def test_overdue(self):
        self._key_account(self.client)
        invoice = self._new_invoice(self.client, 1000, date(2026, 11, 2))
        report = self._report()
        report._collect_facts()
        fact = self._facts(report)["overdue"]
        lines = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        self.assertEqual((fact.count, fact.amount), (1, 1000))
        self.assertEqual(fact.res_ids, lines.ids)

    def test_recorded_activity_is_locked_after_submission(self):
        report = self._submitted()
        self._negotiation(self.manager)
        report._collect_facts()
        self.assertEqual(self._facts(report)["negotiations"].count, 0)

    def test_recorded_activity_cannot_be_written(self):
        report = self._report()
        report._collect_facts()
        fact = report.sudo().fact_ids[0]
        with self.refused(AccessError):
            fact.with_user(self.manager).write({"count": 99})
        with self.refused(AccessError):
            fact.write({"count": 99})

    def test_query_count_is_constant(self):
        counts = []
        for size in (2, 12):
            users = [
                self._new_user(f"nka_many_{size}_{n}", "group_key_account_manager")
                for n in range(size)
            ]
            for user in users:
                self._new_employee(user)
            reports = self.env["nka.work.report"].union(*map(self._report, users))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            reports._collect_facts()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("nka_reports")
class TestReportJob(ReportCase):
    def setUp(self):
        super().setUp()
        self.model = self.env["nka.work.report"]

    def _job(self, today):
        with freeze_time(today):
            self.model._cron_reports()
        return self.model.search([("employee_id", "=", self.employee.id)])

    def test_created_on_friday_with_recorded_activity(self):
        reports = self._job("2026-11-19")
        self.assertNotIn(date(2026, 11, 16), reports.mapped("date_from"))
        reports = self._job("2026-11-20")
        report = reports.filtered(lambda r: r.date_from == date(2026, 11, 16))
        self.assertTrue(report.fact_ids)
        self.assertEqual(report.state, "draft")
        self.assertEqual(report.company_id, self.employee.company_id)
        again = self._job("2026-11-20")
        self.assertEqual(len(again), len(reports))

    def test_late_reports_are_reminded_once(self):
        self._job("2026-11-24")
        reports = self._job("2026-11-25")
        late = reports.filtered(lambda r: r.date_from == date(2026, 11, 16))
        self.assertEqual(late.activity_ids.user_id, self.manager)
        self.assertEqual(len(late.activity_ids), 1)
        notices = self.env["mail.message"].search(
            [
                ("model", "=", late._name),
                ("res_id", "=", late.id),
                ("message_type", "=", "user_notification"),
            ]
        )
        self.assertEqual(len(notices), 1)
        self.assertEqual(notices.notified_partner_ids, self.manager.partner_id)

    def test_weeks_absent_or_before_the_contract_need_no_report(self):
        self._leave(date(2026, 11, 9), date(2026, 11, 15))
        self._leave(date(2026, 11, 16), date(2026, 11, 18))
        hired = self._new_employee(
            self.supervisor_2, contract_date_start=date(2026, 11, 16)
        )
        self.supervisor_2.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_manager"
        )
        reports = self._job("2026-11-20")
        starts = reports.mapped("date_from")
        self.assertNotIn(date(2026, 11, 9), starts)
        self.assertIn(date(2026, 11, 16), starts)
        new = self.model.search([("employee_id", "=", hired.id)])
        self.assertEqual(new.mapped("date_from"), [date(2026, 11, 16)])

    def _leave(self, first, last, **vals):
        return new_leave(self, self.employee, first, last, **vals)
