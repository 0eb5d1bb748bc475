"""Payments for orders of people whose agreement has ended."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError

from .common import YEAR_START, LedgerCase

JANUARY, END = date(2025, 1, 20), date(2025, 2, 14)
FEBRUARY, MARCH, JUNE = date(2025, 2, 20), date(2025, 3, 20), date(2025, 6, 20)
LAST_DAY, AFTER, SEPTEMBER = date(2025, 8, 14), date(2025, 8, 15), date(2025, 9, 20)


class LeaverCase(LedgerCase):
    """The manager left on 14 February; the colleague has an agreement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accept_colleague()
        cls._leave()

    @classmethod
    def _accept_colleague(cls):
        cls._accepted(cls.other_employee, date_from=YEAR_START)

    @classmethod
    def _leave(cls, day=END):
        cls.agreement.sudo()._finish(day, "Left the company")

    def _paid(self, *days, amount=100000, ordered=JANUARY, **vals):
        """Post one invoice for each day, of an earlier order, paid on that day."""
        for day in days:
            invoice = self._invoice(amount, ordered, **vals)
            self._match(invoice, self._money(invoice.amount_total, day))

    def _succeed(self, day, account=None):
        """Assign the account to the colleague from a day on."""
        rows = (account or self.account).assignment_ids
        rows._unlocked().write({"date_to": date.fromordinal(day.toordinal() - 1)})
        self._new_owner(account or self.account, self.colleague, day)


class TestLeaver(LeaverCase):
    """Default terms: six months for the leaver, then the successor."""

    def test_payments_of_six_months_belong_to_the_leaver(self):
        self._paid(FEBRUARY, MARCH, JUNE)
        self._build()
        self.assertCredits({2: "100000", 3: "100000", 6: "100000"})

    def test_leaver_until_the_last_day_then_the_successor(self):
        self._succeed(date(2025, 3, 1))
        self._paid(MARCH, LAST_DAY, AFTER, SEPTEMBER)
        self._build()
        self.assertCredits({3: "100000", 8: "100000"})
        self.assertCredits({8: "100000", 9: "100000"}, self.colleague)

    def test_no_successor_while_they_still_own_the_account(self):
        self._paid(JUNE, SEPTEMBER)
        self._build()
        self.assertCredits({6: "100000"})
        self.assertCredits({}, self.colleague)

    def test_successor_assigned_later_gets_unassigned_credit(self):
        """From the day they own the account; earlier credit stays without a person."""
        self._paid(AFTER, SEPTEMBER)
        self._build()
        self._age()
        self._succeed(date(2025, 9, 1))
        self._build()
        self.assertCredits({9: "100000"}, self.colleague)

    def test_orders_after_the_end_do_not_count_for_the_leaver(self):
        """Even if an assignment is still open."""
        self._paid(MARCH, ordered=date(2025, 2, 15))
        self._paid(MARCH, ordered=END, amount=500)
        self._build()
        self.assertCredits({3: "500"})

    def test_end_entered_late_moves_earlier_credits(self):
        self.agreement.sudo()._unlocked().write({"date_to": False})
        self._paid(MARCH, ordered=date(2025, 3, 1))
        self._paid(MARCH, SEPTEMBER, amount=500)
        self._build()
        self.assertCredits({3: "100500", 9: "500"})
        self._age()
        self._leave()
        self._build()
        self.assertCredits({3: "500"})
        self.assertEqual(self._build(is_full=True), 0)

    def test_consecutive_terms_are_no_end(self):
        self.agreement.sudo()._unlocked().write({"date_to": date(2025, 2, 28)})
        self._accepted(date_from=date(2025, 3, 1))
        self._paid(SEPTEMBER, ordered=date(2025, 3, 1))
        self._paid(SEPTEMBER, amount=500)
        self._build()
        self.assertCredits({9: "100500"})

    def test_gap_between_two_agreements(self):
        """Six months of the gap follow the terms before it, the rest is the
        successor's; from the new agreement on all of it is the manager's again.
        """
        self._accepted(date_from=date(2025, 11, 1))
        self._succeed(date(2025, 3, 1))
        self._paid(JUNE, SEPTEMBER, date(2025, 11, 5))
        self._build()
        self.assertCredits({6: "100000", 11: "100000"})
        self.assertCredits({9: "100000"}, self.colleague)

    def test_successor_without_agreement_gets_nothing(self):
        self.env["nka.pay.agreement"].search(
            [("employee_id", "=", self.other_employee.id)]
        )._unlocked().write({"date_to": date(2025, 1, 31)})
        self._succeed(date(2025, 3, 1))
        self._paid(SEPTEMBER)
        self._build()
        self.assertFalse(self._lines(self.colleague))
        self._age()
        self._accepted(self.other_employee, date_from=date(2025, 9, 1))
        self._build()
        self.assertCredits({9: "100000"}, self.colleague)

    def test_archived_leaver_without_login_is_still_credited(self):
        self.employee.sudo().action_archive()
        self.manager.sudo().action_archive()
        self.employee.sudo().user_id = False
        self._paid(MARCH)
        self._build()
        self.assertCredits({3: "100000"})

    def test_partial_payments_around_the_last_day(self):
        """To the cent: what the leaver was credited isn't credited to the successor
        again.
        """
        self._succeed(date(2025, 3, 1))
        invoice = self._invoice(100, JANUARY)
        for day, amount in ((MARCH, 40.01), (LAST_DAY, 39.99), (AFTER, 40)):
            self._match(invoice, self._money(amount, day))
        self._build()
        self.assertCredits({3: "33.34", 8: "33.33"})
        self.assertCredits({8: "33.33"}, self.colleague)

    def test_closed_months_stay_and_the_open_one_takes_the_rest(self):
        self._paid(FEBRUARY, MARCH, JUNE)
        terms = type(self.env["nka.bonus.builder"])._credit_terms
        with patch.object(
            type(self.env["nka.bonus.builder"]),
            "_credit_terms",
            lambda *args: [as_before(row) for row in terms(*args)],
        ):
            self._age()
            self._build()
        self.assertCredits({})
        self._close_month(MARCH)
        self.assertEqual(self._build(), 1)  # June is open and read again
        # After an upgrade, what counted as a payment in the previous build isn't known.
        self.env.cr.execute("UPDATE nka_bonus_head SET money_accounts = NULL")
        self._build()
        self.assertCredits({4: "200000", 6: "100000"})
        self.assertEqual(set(self._lines().mapped("reason")), {"late", "event"})

    def test_leaver_cannot_extend_the_period(self):
        """With their own login, through the same methods as any RPC client."""
        tried = [
            (self.agreement, {"date_to": False}),
            (self.agreement, {"date_to": date(2026, 1, 31), "state": "accepted"}),
            (self.version, {"leaver_months": 60}),
            (self.version, {"after_leaving": "leaver", "leaver_months": 120}),
            (self.account.assignment_ids, {"date_to": False, "share": 100}),
        ]
        for record, vals in tried:
            for context in ({}, {"tracking_disable": True, "nka_unlocked": True}):
                own = record.with_user(self.manager).with_context(**context)
                with self.subTest(vals=vals), self.refused((AccessError, UserError)):
                    own.write(vals)
        with self.refused((AccessError, UserError)):
            self.env["nka.pay.agreement.end"].with_user(self.manager).create(
                {"agreement_id": self.agreement.id, "reason": "x", "date_to": SEPTEMBER}
            ).action_apply()


def as_before(terms):
    """Terms as stored before the rules for leavers existed."""
    return type(terms)(terms.user_id, terms.basis, terms.date_from, terms.date_to)


class TestSuccessor(LeaverCase):
    LEAVING = {"after_leaving": "successor"}

    def test_owner_of_the_account_from_the_next_day(self):
        self._succeed(date(2025, 2, 15))
        self._paid(END, date(2025, 2, 15), MARCH, SEPTEMBER)
        self._build()
        self.assertCredits({2: "100000"})
        wanted = {2: "100000", 3: "100000", 9: "100000"}
        self.assertCredits(wanted, self.colleague)

    def test_shared_account_goes_to_its_owners(self):
        """66.67 % of 100.05 belonged to the leaver. By the shares of February a third
        of that is the colleague's and the rest no one's; from March on all of it is the
        colleague's.
        """
        account = self._owned_since(self.other_client, YEAR_START)
        account.assignment_ids._unlocked().write({"share": 66.67})
        self._new_owner(account, self.colleague, YEAR_START, 33.33)
        self._succeed_alone(account)
        for day in (FEBRUARY, MARCH, JUNE):
            invoice = self._invoice(100.05, JANUARY, self.other_client)
            payment = self._money(120.06, day, partner_id=self.other_client.id)
            self._match(invoice, payment)
        self._build()
        self.assertCredits({})
        self.assertCredits({2: "55.58", 3: "100.05", 6: "100.05"}, self.colleague)

    def _succeed_alone(self, account):
        """The assignment still lists the leaver until the end of February."""
        account.assignment_ids._unlocked().write({"date_to": date(2025, 2, 28)})
        self._new_owner(account, self.colleague, date(2025, 3, 1))


class TestChangedBasis(LeaverCase):
    """By invoices until the end of June, then by payments; the manager left on 31 July."""

    BASIS = "invoiced"
    LEAVING = {"after_leaving": "successor"}

    @classmethod
    def _accept_colleague(cls):
        cls.by_money = cls.env["nka.pay.plan"].create({"name": "By money"})
        cls._approved_version(
            YEAR_START, cls.by_money, bonus_basis="paid", **cls.LEAVING
        )
        plan = {"plan_id": cls.by_money.id}
        cls._accepted(cls.other_employee, date_from=YEAR_START, **plan)

    @classmethod
    def _leave(cls, day=date(2025, 7, 31)):
        cls.agreement.sudo()._finish(date(2025, 6, 30), "Other terms")
        plan = {"plan_id": cls.by_money.id}
        cls.agreement = cls._accepted(date_from=date(2025, 7, 1), **plan)
        super()._leave(day)

    def test_invoice_is_credited_on_one_basis(self):
        """What was credited as invoiced isn't the successor's when it is paid."""
        self._succeed(date(2025, 8, 1))
        self._paid(SEPTEMBER)
        self._paid(SEPTEMBER, ordered=date(2025, 7, 3), amount=500)
        self._build()
        self.assertCredits({1: "100000"})
        self.assertCredits({9: "500"}, self.colleague)
        checks = self.env["nka.bonus.check"]
        lines = checks._check(self.company, YEAR_START, date(2025, 12, 31)).line_ids
        self.assertFalse(lines.filtered("is_different"))
        told = lines.filtered(lambda row: row.basis == "paid")
        self.assertEqual(
            sorted((row.reason, row.due, row.rest) for row in told),
            [("credited", 500, 0), ("other_basis", 0, 100000)],
        )


class TestNobody(LeaverCase):
    LEAVING = {"after_leaving": "nobody"}

    def test_no_one_is_credited_whoever_owns_the_account(self):
        self._succeed(date(2025, 2, 15))
        self._paid(END, FEBRUARY, SEPTEMBER)
        self._build()
        self.assertCredits({2: "100000"})
        self.assertCredits({}, self.colleague)

    def test_split_part_stays_with_the_outgoing_manager(self):
        """Handed over after they left: 30 % of earlier orders for twenty days."""
        day = date(2025, 3, 10)
        self._succeed(day)
        self._split_handover(day)
        self._paid(FEBRUARY, MARCH, date(2025, 3, 29), date(2025, 3, 30), SEPTEMBER)
        self._build()
        self.assertCredits({3: "60000"})
        self.assertCredits({3: "240000", 9: "100000"}, self.colleague)


class TestAtOnce(LeaverCase):
    """With 0 months the successor is credited from the next day."""

    LEAVING = {"leaver_months": 0}

    def test_last_day_is_theirs_and_the_next_is_not(self):
        self._succeed(date(2025, 2, 1))
        self._paid(END, date(2025, 2, 15))
        self._build()
        self.assertCredits({2: "100000"})
        self.assertCredits({2: "100000"}, self.colleague)


class TestInvoiced(LeaverCase):
    BASIS = "invoiced"
    LEAVING = {"leaver_months": 1}

    def test_invoice_after_the_end_for_an_earlier_order(self):
        self._ordered(JANUARY, FEBRUARY)
        self._ordered(JANUARY, MARCH)
        self._build()
        self.assertCredits({2: "1000"})

    def test_credit_note_reverses_the_credited_person(self):
        """To the cent, also after the leaver's months have ended."""
        self._succeed(date(2025, 3, 1))
        self._credit_note(self._invoice(1000, JANUARY), SEPTEMBER)
        self._build()
        self.assertCredits({1: "1000", 9: "-1000"})
        self.assertCredits({}, self.colleague)

    def _ordered(self, order_day, day, amount=1000):
        product = self.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order", "type": "service"}
        )
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": []}
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [(0, 0, line)]}
        )
        order.action_confirm()
        order.date_order = order_day
        invoice = order._create_invoices()
        invoice.invoice_date = day
        invoice.action_post()


class TestOtherBasis(LeaverCase):
    """The leaver was paid by invoices, the successor is paid by payments."""

    BASIS = "invoiced"
    LEAVING = {"leaver_months": 1}

    @classmethod
    def _accept_colleague(cls):
        plan = cls.env["nka.pay.plan"].create({"name": "By what arrives"})
        cls._approved_version(YEAR_START, plan, bonus_basis="paid")
        cls._accepted(cls.other_employee, plan_id=plan.id, date_from=YEAR_START)

    def test_credited_as_invoiced_is_not_credited_as_paid(self):
        self._succeed(date(2025, 3, 1))
        self._paid(SEPTEMBER, amount=1000)
        self._paid(SEPTEMBER, amount=500, ordered=date(2025, 3, 1))
        self._build()
        self.assertCredits({1: "1000"})
        self.assertCredits({9: "500"}, self.colleague)


class TestTerms(LedgerCase):
    def test_months_have_a_range(self):
        for months in (-1, 121):
            with self.refused(ValidationError, "from 0 to 120"):
                self._new_version(date(2026, 1, 1), leaver_months=months)
