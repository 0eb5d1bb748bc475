"""If payments arrived, a statement without credits always gives the reason."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import StatementCase

NOVEMBER = date(2025, 11, 1)
TWELFTH = date(2025, 11, 12)


class UncreditedCase(StatementCase):
    def _bonus(self, employee=None):
        statement = self._calculate(NOVEMBER, employee)
        return statement.line_ids.filtered(lambda line: line.kind == "bonus")

    def _pay_old_invoice(self):
        """Create an invoice dated before the client had an owner."""
        invoice = self._invoice(100000, date(2024, 12, 1))
        self._match(invoice, self._money(120000, TWELFTH))


class TestUncredited(UncreditedCase):
    def test_no_payment_arrived(self):
        line = self._bonus()
        self.assertIn("No sales were credited", line.reason)
        self.assertFalse(line.is_uncredited)

    def test_payment_for_earlier_sales(self):
        self._pay_old_invoice()
        line = self._bonus()
        self.assertNotIn("No sales were credited", line.reason)
        self.assertIn("120,000.00", line.reason)
        self.assertIn(self.client.name, line.reason)
        self.assertIn("The account had no manager", line.reason)
        self.assertIn("12/01/2024", line.reason)
        self.assertTrue(line.is_uncredited)

    def test_payment_for_an_order_of_another_manager(self):
        """The colleague owns the client now; the orders were the manager's."""
        invoice = self._invoice(100000, date(2025, 9, 1))
        self._accepted(self.other_employee, date_from=date(2025, 1, 1))
        self.account.assignment_ids._unlocked().write({"date_to": date(2025, 10, 31)})
        self.account.assignment_ids._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "date_from": NOVEMBER,
            }
        )
        self._match(invoice, self._money(120000, TWELFTH))
        line = self._bonus(self.other_employee)
        self.assertIn("120,000.00", line.reason)
        self.assertIn("Belongs to the account's manager", line.reason)
        self.assertNotIn(self.manager.name, line.reason)
        self.assertEqual(self._bonus().amount, 5000)

    def test_unmatched_payment(self):
        self._money(777, TWELFTH)
        self.assertIn("Not matched with an invoice", self._bonus().reason)

    def test_clawback_equals_the_credit(self):
        invoice = self._invoice(100, TWELFTH, taxes=self.tax.browse())
        self._match(invoice, self._money(100, TWELFTH))
        note = self._credit_note(invoice, TWELFTH, match=False)
        self._match(note, self._money(100, TWELFTH, kind="outbound"))
        reason = self._bonus().reason
        self.assertNotIn("No sales were credited", reason)
        self.assertIn("Clawbacks offset", reason)

    def test_in_russian(self):
        self._pay_old_invoice()
        line = self._bonus()
        lang = self.env["res.lang"]._activate_lang("ru_RU")
        self.assertTrue(lang)
        told = line.with_context(lang="ru_RU").reason
        self.assertIn("120", told)
        self.assertIn(self.client.name, told)

    def test_figure_opens_own_rows(self):
        self._pay_old_invoice()
        line = self._bonus().with_user(self.manager)
        action = line.action_open_uncredited()
        rows = self.env[action["res_model"]].with_user(self.manager)
        [row] = rows.search(action["domain"])
        self.assertEqual((row.reason, row.rest), ("no_owner", 100000))
        self.assertTrue(row.note)
        with self.refused(UserError, "and payroll officers can see"):
            line.sudo().statement_id.with_user(self.colleague).sudo(False).env[
                "nka.bonus.check"
            ]._open_own(self.manager, self.company, NOVEMBER, TWELFTH)

    @freeze_time("2025-11-20 10:00:00")
    def test_forecast_gives_the_reason(self):
        self._pay_old_invoice()
        forecasts = self.env["nka.pay.forecast"].with_user(self.manager)
        forecast = forecasts.browse(forecasts.action_open_mine()["res_id"])
        self.assertIn("120,000.00", forecast.bonus_reason)
        action = forecast.action_open_money()
        rows = self.env[action["res_model"]].with_user(self.manager)
        self.assertEqual(rows.search(action["domain"]).mapped("reason"), ["no_owner"])

    def test_one_comparison_for_all(self):
        """A calculation runs one comparison, however many employees it covers."""
        self._accepted(self.other_employee, date_from=date(2025, 1, 1))
        self._pay_old_invoice()
        checks = type(self.env["nka.bonus.check"])
        asked = []
        real = checks._uncredited

        def counted(records, company, users, *days):
            asked.append(users)
            return real(records, company, users, *days)

        self.patch(checks, "_uncredited", counted)
        self.env["nka.pay.statement"]._calculate(
            self.employee | self.other_employee, NOVEMBER
        )
        self.assertEqual([len(users) for users in asked], [2])
