"""The 3-month average is the same on the close, the variance report and the checklist."""

from datetime import date

from odoo import Command

from ..ledger.common import LedgerCase


class TestMeans(LedgerCase):
    """One person has been paid for three months, another only for the last of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = [
            (cls.employee, cls.manager, date(2025, 1, 1), 100),
            (cls.employee, cls.manager, date(2025, 2, 1), 200),
            (cls.employee, cls.manager, date(2025, 3, 1), 330),
            (cls.other_employee, cls.colleague, date(2025, 3, 1), 77),
            (cls.employee, cls.manager, date(2025, 4, 1), 250),
        ]
        for employee, user, month, amount in cls.rows:
            cls._statement(employee, user, month, amount)
        cls.close = (
            cls.env["nka.month.close"]
            .sudo()
            .create({"company_id": cls.company.id, "month": date(2025, 4, 1)})
        )

    @classmethod
    def _statement(cls, employee, user, month, amount):
        statement = (
            cls.env["nka.pay.statement"]
            .sudo()
            ._unlocked()
            .create(
                {
                    "employee_id": employee.id,
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "month": month,
                    "state": "calculated",
                    "total_amount": amount,
                    "fixed_amount": amount,
                    "line_ids": [
                        Command.create(
                            {"kind": "fixed", "component": "fixed", "amount": amount}
                        )
                    ],
                }
            )
        )
        cls.env.flush_all()
        return statement

    def _variances(self):
        return self.env["nka.pay.variance"].search(
            [("company_id", "=", self.company.id), ("month", "=", self.close.month)]
        )

    def test_close_shows_the_sum_of_the_variances(self):
        whole = sum(self._variances().mapped("mean_amount"))
        self.assertEqual(round(whole, 2), 287)
        self.assertEqual(self.close.mean_amount, 287)

    def test_half_a_cent_is_rounded_alike_in_the_pdf(self):
        """Screens round 771.445 to 771.45; so does the PDF."""
        report = self.env["report.nka_key_accounts.report_month_variance"]
        currency = self.close.currency_id
        self.assertEqual(report._money(771.445, currency), "771.45")
        self.assertEqual(report._money(-771.445, currency), "-771.45")

    def test_last_month_too(self):
        whole = sum(self._variances().mapped("previous_amount"))
        self.assertEqual(whole, 407)
        self.assertEqual(self.close.last_amount, 407)

    def test_average_of_each_person_equals_that_of_the_checklist(self):
        means = self.env["nka.pay.variance"]._person_means(
            [(self.company.id, self.close.month)]
        )
        for employee, mean in means[self.company.id, self.close.month].items():
            rows = self._variances().filtered(
                lambda row, employee=employee: row.employee_id.id == employee
            )
            self.assertAlmostEqual(sum(rows.mapped("mean_amount")), mean, 2)
