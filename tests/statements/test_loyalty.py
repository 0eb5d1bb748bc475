"""Loyalty share: a part of the bonus vests after twelve months of employment."""

from datetime import date

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import StatementCase

MONTHS = {number: date(2025, number, 1) for number in range(1, 13)}
JANUARY_2026 = date(2026, 1, 1)


class LoyaltyCase(StatementCase):
    """A fifth of the bonus is held; the employment began in January 2025."""

    BASIS = "invoiced"
    LEAVING = {"loyalty_share": 20, "loyalty_confirmed": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee.version_id.contract_date_start = date(2025, 1, 1)

    @classmethod
    def _closed(cls, month):
        statement = cls._calculate(month)
        assert statement.state == "calculated", statement.exception
        cls._close(statement)
        cls._age()
        return statement

    def _parts(self, statement):
        kinds = ("bonus", "loyalty", "vesting", "lapsed", "clawback", "correction")
        lines = statement.line_ids.filtered(lambda row: row.kind in kinds)
        return {row.kind: row.amount for row in lines}

    def _end(self, day, ended_by=None, user=None, **vals):
        wizard = (
            self.env["nka.pay.agreement.end"]
            .with_user(user or self.officer)
            .create(
                {
                    "agreement_id": self.agreement.id,
                    "is_renewal": False,
                    "date_to": day,
                    "reason": "They leave",
                    "ended_by": ended_by,
                    **vals,
                }
            )
        )
        wizard.action_apply()
        return wizard


class TestLoyaltyShare(LoyaltyCase):
    def test_held_month_by_month_and_vested_with_the_twelfth(self):
        for number in (2, 11):
            self._invoice(1000000, MONTHS[number].replace(day=5))
        february = self._closed(MONTHS[2])
        self.assertEqual(self._parts(february), {"bonus": 50000, "loyalty": -10000})
        self.assertEqual(
            (february.bonus_amount, february.loyalty_amount, february.loyalty_held),
            (40000, 10000, 10000),
        )
        november = self._closed(MONTHS[11])
        self.assertEqual(november.loyalty_held, 20000)
        december = self._calculate(MONTHS[12])
        self.assertEqual(self._parts(december), {"bonus": 0, "vesting": 20000})
        self.assertEqual((december.retro_amount, december.loyalty_held), (20000, 0))
        vesting = december.line_ids.filtered(lambda row: row.kind == "vesting")
        self.assertIn("were complete on 12/31/2025", vesting.formula)
        self.assertEqual(
            december.total_amount, sum(self._paid(december).mapped("amount"))
        )
        self._close(december)
        self._invoice(1000000, date(2026, 1, 5))
        january = self._calculate(JANUARY_2026)
        self.assertEqual(self._parts(january), {"bonus": 50000})
        self.assertEqual((january.loyalty_amount, january.loyalty_held), (0, 0))

    def _paid(self, statement):
        return statement.line_ids.filtered(lambda row: not row.is_shown_only)

    def test_employment_begins_with_the_contract(self):
        """Hired in June 2024: vested since May 2025."""
        self.employee.version_id.contract_date_start = date(2024, 6, 10)
        self._invoice(1000000, MONTHS[2].replace(day=5))
        self._invoice(1000000, MONTHS[6].replace(day=5))
        self._closed(MONTHS[2])
        june = self._calculate(MONTHS[6])
        self.assertEqual(self._parts(june), {"bonus": 50000, "vesting": 10000})

    def test_the_component_is_the_bonus(self):
        self._invoice(1000000, MONTHS[2].replace(day=5))
        february = self._closed(MONTHS[2])
        amounts = february._component_amounts()[february]
        self.assertEqual((amounts["bonus"], amounts["retro"]), (40000, 0))
        december = self._calculate(MONTHS[12])
        amounts = december._component_amounts()[december]
        self.assertEqual((amounts["bonus"], amounts["retro"]), (0, 10000))
        self.assertEqual(december._pay_by_code()["NKA_RETRO"], 10000)

    def test_the_draw_applies_to_what_is_paid(self):
        self.agreement._unlocked().write({"date_to": date(2025, 1, 31)})
        self._accepted(date_from=date(2025, 2, 1), draw=45000)
        self._invoice(1000000, MONTHS[2].replace(day=5))
        february = self._calculate(MONTHS[2])
        self.assertEqual((february.bonus_amount, february.carry_amount), (40000, 5000))
        self.assertEqual((february.balance, february.loyalty_held), (5000, 10000))

    def test_a_clawback_takes_back_its_share(self):
        invoice = self._invoice(1000000, MONTHS[2].replace(day=5))
        self._closed(MONTHS[2])
        self._credit_note(invoice, MONTHS[8].replace(day=5))
        august = self._calculate(MONTHS[8])
        self.assertEqual(
            self._parts(august), {"bonus": 0, "loyalty": 10000, "clawback": -50000}
        )
        self.assertEqual((august.loyalty_held, august.balance), (0, 40000))

    def test_an_adjustment_is_compared_before_the_share(self):
        invoice = self._invoice(1000000, MONTHS[2].replace(day=5))
        february = self._closed(MONTHS[2])
        corrections = self.env["nka.pay.correction"].with_user(self.officer)
        self.assertFalse(corrections._propose(february))
        invoice.button_draft()
        self.assertEqual(
            {
                part: (paid, due)
                for _s, part, paid, due in corrections._compare(february)
            }["bonus"],
            (50000, 50000),
            "The ledger of a closed month stays as it is",
        )

    def test_texts(self):
        self._invoice(1000000, MONTHS[2].replace(day=5))
        february = self._closed(MONTHS[2])
        line = february.line_ids.filtered(lambda row: row.kind == "loyalty")
        self.assertIn("is held until 12/31/2025, when twelve months", line.formula)
        self.assertIn("20", line.formula)
        self.assertIn("twelve months", self.agreement.held_note)
        variances = self.env["nka.pay.variance"].search(
            [("statement_id", "=", february.id), ("component", "=", "bonus")]
        )
        self.assertIn("held as a loyalty share: 10,000.00", variances.reason)

    def test_the_forecast_says_what_is_held(self):
        self._invoice(1000000, MONTHS[2].replace(day=5))
        self._build()
        forecast = self.env["nka.pay.forecast"]._make(
            self.manager, self.company, date(2025, 2, 10)
        )
        self.assertEqual((forecast.bonus_sure, forecast.credits), (40000, 1000000))
        self.assertIn("10,000.00", forecast.held_note)
        self.assertIn("12/31/2025", forecast.held_note)


class TestLeavers(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(1000000, date(2025, 2, 5))
        cls._invoice(200000, date(2025, 9, 5))
        cls.february = cls._closed(MONTHS[2])

    def test_lapses_if_the_employee_leaves_before(self):
        self._end(date(2025, 9, 30), "employee")
        september = self._calculate(MONTHS[9])
        self.assertEqual(
            self._parts(september), {"bonus": 10000, "loyalty": -2000, "lapsed": 0}
        )
        self.assertEqual((september.loyalty_held, september.loyalty_lapsed), (0, 12000))
        lapsed = september.line_ids.filtered(lambda row: row.kind == "lapsed")
        self.assertTrue(lapsed.is_shown_only)
        self.assertIn("12,000.00", lapsed.formula)
        self.assertIn("left on 09/30/2025", lapsed.formula)
        self.assertTrue(lapsed.reason)

    def test_paid_at_once_if_the_company_ends_it(self):
        self._end(date(2025, 9, 30), "company")
        september = self._calculate(MONTHS[9])
        self.assertEqual(self._parts(september), {"bonus": 10000, "vesting": 10000})
        vesting = september.line_ids.filtered(lambda row: row.kind == "vesting")
        self.assertIn("ended on 09/30/2025", vesting.formula)

    def test_a_fixed_term_that_expires_pays_it(self):
        self.agreement._unlocked().write({"date_to": date(2025, 9, 30)})
        september = self._calculate(MONTHS[9])
        self.assertEqual(self._parts(september), {"bonus": 10000, "vesting": 10000})

    def test_renewal_changes_nothing(self):
        self._end(date(2025, 9, 30), "company")
        self._accepted(date_from=date(2025, 10, 1))
        september = self._calculate(MONTHS[9])
        self.assertEqual(self._parts(september), {"bonus": 10000, "loyalty": -2000})

    def test_a_renewal_that_waits_for_its_acceptance_pays_nothing_early(self):
        """Delaying the acceptance beyond the close would pay what is held."""
        self._end(date(2025, 9, 30), is_renewal=True)
        september = self._calculate(MONTHS[9])
        self.assertEqual(self._parts(september), {"bonus": 10000, "loyalty": -2000})
        renewal = self._renewal()
        renewal.with_user(self.officer).action_propose()
        self.assertEqual(self._calculate(MONTHS[9]).loyalty_held, 12000)
        renewal.with_user(self.officer).action_withdraw()
        renewal.with_user(self.officer).unlink()
        september = self._calculate(MONTHS[9])
        self.assertEqual(self._parts(september), {"bonus": 10000, "vesting": 10000})

    def test_a_draft_doesnt_keep_what_the_company_owes(self):
        self._end(date(2025, 9, 30), "company")
        self._agreement(date_from=date(2025, 10, 1))
        self.assertEqual(self._calculate(MONTHS[9]).loyalty_held, 0)

    def _renewal(self):
        return self.env["nka.pay.agreement"].search(
            [("employee_id", "=", self.employee.id), ("state", "=", "draft")]
        )

    def test_months_of_an_earlier_employment_dont_count(self):
        """They left in September, and come back in the new year."""
        self._end(date(2025, 9, 30), "employee")
        self.employee.version_id.contract_date_end = date(2025, 9, 30)
        september = self._closed(MONTHS[9])
        self.assertEqual(september.loyalty_lapsed, 12000)
        self._accepted(date_from=JANUARY_2026)
        self._invoice(1000000, date(2026, 1, 5))
        january = self._calculate(JANUARY_2026)
        self.assertEqual(self._parts(january), {"bonus": 50000, "loyalty": -10000})
        line = january.line_ids.filtered(lambda row: row.kind == "loyalty")
        self.assertIn("12/31/2026", line.formula)
        self.assertEqual(january.loyalty_lapsed, 12000)

    def test_a_contract_without_a_break_counts(self):
        """Between two agreements, they worked elsewhere in the company."""
        self.employee.version_id.contract_date_start = date(2025, 2, 1)
        self._end(date(2025, 9, 30), "employee")
        self._closed(MONTHS[9])
        self._accepted(date_from=JANUARY_2026)
        self._invoice(1000000, date(2026, 1, 5))
        january = self._calculate(JANUARY_2026)
        self.assertEqual(self._parts(january), {"bonus": 50000})

    def test_nobody_says_who_ended_their_own_employment(self):
        self.manager.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_payroll_officer"
        )
        for is_renewal in (False, True):
            with self.refused(UserError, "Another payroll officer"):
                self._end(
                    date(2025, 9, 30),
                    "company",
                    user=self.manager,
                    is_renewal=is_renewal,
                )

    def test_an_end_after_the_close_is_settled_in_the_first_open_month(self):
        self._end(date(2025, 2, 28), "company")
        people = self.env["nka.pay.statement"]._payable_employees(
            MONTHS[3], self.company
        )
        self.assertIn(self.employee, people)
        march = self._calculate(MONTHS[3])
        self.assertEqual(self._parts(march), {"bonus": 0, "vesting": 10000})
        self.assertEqual(march.total_amount, 10000)
        self._close(march)
        later = self.env["nka.pay.statement"]._payable_employees(
            MONTHS[4], self.company
        )
        self.assertNotIn(self.employee, later)

    def test_who_ended_it_must_be_said_and_stays(self):
        with self.refused(UserError, "Select who ends the employment"):
            self._end(date(2025, 9, 30))
        self._end(date(2025, 9, 30), "employee")
        self.assertEqual(self.agreement.ended_by, "employee")
        event = self.env["nka.audit.event"].search(
            [("kind", "=", "ended_by"), ("res_id", "=", self.agreement.id)]
        )
        self.assertEqual(event.new, "employee")
        for user in (self.manager, self.officer, self.kam_admin):
            with self.refused((AccessError, UserError)):
                self.agreement.with_user(user).write({"ended_by": "company"})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(RestrictViolation),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "UPDATE nka_pay_agreement SET ended_by = 'company' WHERE id = %s",
                [self.agreement.id],
            )

    def test_the_wizard_says_what_it_decides(self):
        wizard = (
            self.env["nka.pay.agreement.end"]
            .with_user(self.officer)
            .new({"agreement_id": self.agreement.id, "is_renewal": False})
        )
        self.assertTrue(wizard.can_hold)
        self.assertIn("held as a loyalty share", wizard.consequence)


class TestTerms(LoyaltyCase):
    NEXT = date(2026, 7, 1)

    def test_needs_a_confirmation(self):
        with self.refused(ValidationError, "Labour law checked"):
            self._new_version(self.NEXT, loyalty_share=10)
        version = self._new_version(self.NEXT, loyalty_share=0)
        self.assertFalse(version.loyalty_confirmed)

    def test_has_a_range(self):
        for share in (-1, 101):
            with self.refused(ValidationError, "0"):
                self._new_version(
                    self.NEXT, loyalty_share=share, loyalty_confirmed=True
                )

    def test_is_part_of_the_hash_only_if_set(self):
        version = self._new_version(self.NEXT)
        plain = version._make_digest()
        version.write({"loyalty_share": 5, "loyalty_confirmed": True})
        self.assertNotEqual(version._make_digest(), plain)
        version.write({"loyalty_share": 0})
        self.assertEqual(version._make_digest(), plain)

    def test_started_terms_are_frozen(self):
        for name, value in (("loyalty_share", 0), ("loyalty_confirmed", False)):
            with self.refused((UserError, AccessError)):
                self.version.with_user(self.officer).write({name: value})
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    f"UPDATE nka_pay_plan_version SET {name} = %s WHERE id = %s",
                    [value, self.version.id],
                )

    def test_what_if_says_what_is_held(self):
        what_if = self.env["nka.pay.what.if"].create({"version_id": self.version.id})
        full = what_if.line_ids.filtered(lambda row: row.level == 100)
        self.assertEqual((full.bonus_amount, full.loyalty_amount), (100000, 20000))
        self.assertIn("twelve months", what_if.held_note)
