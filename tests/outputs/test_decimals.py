"""Months in a currency with three decimals or none, from the money to the journal entry.

Expected amounts come from the oracles of the unit tests.
"""

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction

from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..close.common import DECEMBER, NOVEMBER, CloseCase
from ..pay.common import HeldAboveFloor
from ..unit import crediting, oracle

ACCOUNTS = {
    "nka_fixed_account_id": "expense",
    "nka_soft_account_id": "expense",
    "nka_bonus_account_id": "expense",
    "nka_payable_account_id": "liability_current",
}


class TestThreeDecimals(HeldAboveFloor, CloseCase):
    """November and December of one manager in Kuwaiti dinars, paid by payments received.

    Nothing divides without a remainder: not the pay mix, the days or the instalments.
    """

    CURRENCY, DIGITS = "base.KWD", 3
    BASIS = "paid"
    FLOOR, TARGET, QUOTA, DRAW = 100.001, 1234.567, 10000.123, 20.003
    INVOICE, TOTAL, RECEIVED, BACK = 20000.007, 24000.008, (7777.777, 3.001), 4000.009

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        # The first version comes before any amount.
        currency = cls.env.ref(cls.CURRENCY)
        currency.active = True
        cls.env.company.currency_id = currency
        return super()._approved_version(date_start, plan, **vals)

    @classmethod
    def _agreement(cls, employee=None, **vals):
        terms = {
            "target_earnings": cls.TARGET,
            "monthly_quota": cls.QUOTA,
            "draw": cls.DRAW,
        }
        return super()._agreement(employee, **{**vals, **terms})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.close = cls._november()
        cls.statement = cls.close.statement_ids.sudo()

    @classmethod
    def _november(cls):
        """Lock November: two instalments, and reports for two weeks only."""
        cls._cover(NOVEMBER, date(2025, 11, 16))
        cls.invoice = cls._invoice(cls.INVOICE, date(2025, 11, 12))
        for number, amount in enumerate(cls.RECEIVED):
            cls._match(cls.invoice, cls._money(amount, date(2025, 11, 14 + number)))
        return cls._locked_close()

    def exact(self, amount):
        """Return a stored amount in the currency's smallest units."""
        number = Decimal(repr(float(amount)))
        rounded = number.quantize(Decimal(1).scaleb(-self.DIGITS))
        self.assertEqual(number, rounded, "finer than the currency")
        return rounded

    def of(self, number):
        return Decimal(repr(number)).quantize(Decimal(1).scaleb(-self.DIGITS))

    # ------------------------------------------------------------ expected
    def _split(self):
        parts = [
            oracle.money(
                oracle.half_up(
                    Fraction(self.of(self.TARGET)) * share / 10, self.DIGITS
                ),
                self.DIGITS,
            )
            for share in (4, 1)
        ]
        return (*parts, self.of(self.TARGET) - sum(parts))

    def _credit(self):
        received = sum(self.of(amount) for amount in self.RECEIVED)
        return crediting.paid_to_date(
            self.of(self.INVOICE), self.of(self.TOTAL), received, self.DIGITS
        )

    def _bonuses(self, *credits):
        """Return the bonus of each month, the first of them a month of the half-year."""
        rate = oracle.money(
            oracle.half_up(
                Fraction(self._split()[2]) / Fraction(self.of(self.QUOTA)), 12
            ),
            12,
        )
        quota = 6 * self.of(self.QUOTA)
        tiers = [(0, None, 1)]
        return oracle.half_year_bonus(rate, quota, tiers, credits, self.DIGITS)

    # ------------------------------------------------------------ tests
    def test_statement_equals_the_oracle(self):
        fixed = self._split()[0]
        days = (self.statement.employed_days, self.statement.covered_days)
        scheduled, covered = map(Decimal, map(repr, days))
        self.assertGreater(scheduled, covered)
        _earned, released, held = oracle.fixed(
            fixed, scheduled, scheduled, covered, self.of(self.FLOOR), self.DIGITS
        )
        credit = self._credit()
        (bonus,) = self._bonuses(credit)
        self.assertEqual(self.exact(self.statement.credit_amount), credit)
        self.assertEqual(
            [
                self.exact(self.statement[name])
                for name in ("fixed_amount", "held_amount", "bonus_amount")
            ],
            [released, held, bonus],
        )
        ((paid, balance),) = oracle.draw_course(
            [bonus], self.of(self.DRAW), 1, 0, self.DIGITS
        )
        self.assertEqual(self.exact(self.statement.balance), balance)
        self.assertEqual(self.exact(self.statement.total_amount), released + paid)

    def test_payslip_pays_the_smallest_unit(self):
        slip = self.statement.payslip_id
        self.assertEqual((slip.state, self.statement.payslip_error), ("done", False))
        paid = {line.code: self.exact(line.total) for line in slip.line_ids}
        self.assertEqual(paid["NKA_FIXED"], self.exact(self.statement.fixed_amount))
        self.assertEqual(paid["NKA_BONUS"], self.exact(self.statement.bonus_amount))
        self.assertEqual(
            self.exact(slip.nka_total_amount), self.exact(self.statement.total_amount)
        )
        self.env.flush_all()
        self.cr.execute(
            """SELECT SUM(total)::text FROM hr_payslip_line
                WHERE slip_id = %s AND code LIKE 'NKA\\_%%'""",
            [slip.id],
        )
        stored = Decimal(self.cr.fetchone()[0])
        self.assertEqual(stored, self.exact(self.statement.total_amount))

    def test_checks_and_integrity_hash(self):
        self.close._check_sealed()
        found = self.close.check_ids.filtered(
            lambda row: row.result == "failed" and row.code in ("credits", "payslip")
        )
        self.assertFalse(found)
        self.assertEqual(self._said(), "")
        unit = Decimal(1).scaleb(-self.DIGITS)
        change = "UPDATE nka_pay_statement SET total_amount = total_amount + %s"
        with self.tampered(change, unit), self.refused(Exception, "integrity hash"):
            self.close._check_sealed()

    def test_decimals_of_the_currency_stay(self):
        """The integrity hash covers all of them, so others would break it."""
        currency, before = self.company.currency_id, self.company.currency_id.rounding
        with self.refused(UserError, f"{currency.name} has to keep its decimals"):
            currency.rounding = 0.0001
        currency.rounding = before
        self.env.ref("base.CHF").rounding = 0.001
        self.close._check_sealed()

    def test_files(self):
        total = self.exact(self.statement.total_amount)
        wizards = self.env["nka.month.close.output"].with_user(self.officer)
        wizard = wizards.create({"close_id": self.close.id, "kind": "payroll_csv"})
        _name, content = wizard._make_payroll_csv()
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        amounts = [Decimal(row["amount"]) for row in rows]
        self.assertEqual({-row.as_tuple().exponent for row in amounts}, {self.DIGITS})
        self.assertEqual(sum(amounts), total)
        _name, content = wizard._make_payroll_xlsx()
        sheet = load_workbook(io.BytesIO(content)).active
        at = [cell.value for cell in sheet[1]].index("amount")
        cells = [row[at] for row in sheet.iter_rows(min_row=2)]
        self.assertEqual(sum(self.of(cell.value) for cell in cells), total)
        money = "#,##0" + f".{'0' * self.DIGITS}".rstrip(".")
        self.assertEqual({cell.number_format for cell in cells}, {money})

    def test_prints(self):
        total = self.statement.total_amount
        shown = formatLang(self.env, total, self.DIGITS)
        reports = self.env["ir.actions.report"].with_user(self.officer)
        for report, record in (
            ("report_month_register", self.close),
            ("report_pay_statement", self.statement),
        ):
            html, _type = reports._render_qweb_html(
                f"nka_key_accounts.action_{report}", record.ids
            )
            self.assertIn(shown, html.decode(), report)

    def test_journal_entry(self):
        accounts = self.env["account.account"].create(
            [
                {"name": name, "code": f"NKA{number}", "account_type": kind}
                for number, (name, kind) in enumerate(ACCOUNTS.items())
            ]
        )
        journal = self.env["account.journal"].create(
            {"name": "Pay", "code": "NKAP", "type": "general"}
        )
        self.company.write(dict(zip(ACCOUNTS, accounts.ids, strict=True)))
        self.company.nka_entry_journal_id = journal
        self.close.action_make_entry()
        lines = self.close.sudo().entry_id.line_ids
        total = self.exact(self.statement.total_amount)
        self.assertEqual(self.exact(sum(lines.mapped("credit"))), total)
        self.assertEqual(sum(self.exact(line.balance) for line in lines), 0)
        self.assertIn(str(total), self._events(self.close, "entry").note)

    def test_next_month_pays_the_difference(self):
        """The rest of the money and a credit note arrive in December; the two months
        together pay what one would have paid."""
        rest = self.invoice.amount_residual
        back = self._credit_note(self.invoice, date(2025, 12, 3), self.BACK)
        self.assertTrue(back)
        self._match(
            self.invoice, self._money(self.invoice.amount_residual, date(2025, 12, 4))
        )
        self.assertGreater(rest, self.invoice.amount_residual)
        december = self._locked_close(DECEMBER).statement_ids.sudo()
        whole = self.of(self.INVOICE) - self.of(self.BACK)
        first = self._credit()
        self.assertEqual(self.exact(december.credit_amount), whole - first)
        bonuses = self._bonuses(first, whole - first)
        self.assertEqual(self.exact(december.bonus_amount), bonuses[1])


class TestNoDecimals(TestThreeDecimals):
    """The same in yen."""

    CURRENCY, DIGITS = "base.JPY", 0
    FLOOR, TARGET, QUOTA, DRAW = 30001, 314159, 2718281, 5003
    INVOICE, TOTAL, RECEIVED, BACK = 4000007, 4800008, (1777777, 301), 777777
