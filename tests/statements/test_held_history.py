"""Half a year of invoices, credit notes and approvals, against the slow oracle."""

from datetime import date
from decimal import Decimal
from random import Random

from odoo.addons.nka_key_accounts import paycalc

from ..unit import crediting, oracle
from .test_held_credits import HeldCase

FIRST = date(2025, 7, 1)
MONTHS = range(1, 7)


class HistoryCase(HeldCase):
    """Three deals; the second month completes the first year of employment."""

    BASIS = "invoiced"
    LEAVING = {"loyalty_share": 15, "loyalty_confirmed": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The year is complete on 31 August, within the history.
        cls.employee.version_id.contract_date_start = date(2024, 9, 1)
        cls.deals = [cls._new_deal(name=f"Deal {number}") for number in range(3)]

    def _live(self, seed):
        """Live through six months and return what each statement says."""
        chance = Random(seed)
        self.invoices, self.lacking, statements = [], set(), []
        left = {deal: list(self.types) for deal in self.deals}
        for number in MONTHS:
            month = paycalc.add_months(FIRST, number - 1)
            self._happen(chance, month, left)
            self.lacking |= {
                (move.id, number) for move, deal in self.invoices if left[deal]
            }
            statement = self._calculate(month)
            self.assertFalse(statement.exception)
            self._close(statement)
            self._age()
            statements.append(statement)
        return statements

    def _happen(self, chance, month, left):
        for deal in chance.sample(self.deals, chance.randint(1, 2)):
            move = self._sold(month, chance.randint(1, 900) * 1000, lead=deal)
            self.invoices.append((move, deal))
        if chance.random() < 0.6:
            move, _deal = chance.choice(self.invoices)
            if not move.reversal_move_ids:
                part = chance.choice([None, int(move.amount_untaxed / 4)])
                self._credit_note(move, month.replace(day=20), part)
        deal = chance.choice(self.deals)
        if left[deal] and chance.random() < 0.8:
            self._approve(*left[deal][: chance.randint(1, 2)], lead=deal)
            approved = self.env["nka.document"].search(
                [("lead_id", "=", deal.id), ("state", "=", "approved")]
            )
            left[deal] = [kind for kind in left[deal] if kind not in approved.type_id]

    def _ledger(self):
        """Return the ledger as the oracle takes it."""
        lines = self.env["nka.bonus.line"].search(
            [("user_id", "=", self.manager.id)], order="id"
        )
        return [
            (
                line.id,
                (line.move_id.reversed_entry_id or line.move_id).id,
                line.date.month - FIRST.month + 1,
                Decimal(str(line.amount)),
            )
            for line in lines
        ]

    def _assert_history(self, seed):
        statements = self._live(seed)
        ledger = self._ledger()
        counted = crediting.counting_months(ledger, self.lacking, MONTHS[-1])
        amounts = {row[0]: row[3] for row in ledger}
        credits = [
            sum((amounts[key] for key, month in counted.items() if month == number), 0)
            for number in MONTHS
        ]
        self.assertEqual(
            [Decimal(str(row.credit_amount)) for row in statements], credits
        )
        waiting = sum(amounts[key] for key, month in counted.items() if month is None)
        self.assertEqual(Decimal(str(statements[-1].held_credits)), Decimal(waiting))
        self._assert_pay(statements, credits)

    def _assert_pay(self, statements, credits):
        tiers = [(0, None, 1)]
        bonus = oracle.half_year_bonus("0.05", 12000000, tiers, credits, 2)
        states = ["holding", *["vested"] * 5]
        months = [
            (earned, 15, state) for earned, state in zip(bonus, states, strict=True)
        ]
        course = oracle.loyalty_course(months, 2)
        paid = oracle.draw_course([row[0] + row[1] for row in course], 0, 1, 0, 2)
        self.assertEqual(
            [
                Decimal(f"{r.bonus_amount + r.retro_amount + r.carry_amount:.2f}")
                for r in statements
            ],
            [amount for amount, _balance in paid],
        )
        self.assertEqual(
            [Decimal(f"{row.loyalty_held:.2f}") for row in statements],
            [row[2] for row in course],
        )


class TestHistories(HistoryCase):
    def test_a_history(self):
        self._assert_history(7)

    def test_another_history(self):
        self._assert_history(19)

    def test_a_third_history(self):
        self._assert_history(41)
