"""Figures from the documents of all accounts at once are those of each account."""

import random

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .common import FiguresCase

ROUNDS = 3


@tagged("nka_facts")
class TestDocumentsAtOnce(FiguresCase):
    """The slow way is the oracle: one query for each figure of an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(20261130)
        branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.env.company.id}
        )
        cls.env.user.company_ids += branch
        cls.accounts = cls.env["nka.key.account"].search([])
        cls.unsold = cls._nominate(cls._new_client("Nothing sold"))
        contacts = cls.env["res.partner"].create(
            [
                {"name": "Purchasing", "parent_id": client.id}
                for client in (cls.client, cls.other_client)
            ]
        )
        cls.joining = cls._new_client("Joins later")
        cls.buyers = contacts | cls.client | cls.other_client | cls.joining
        year = relativedelta(years=1)
        edges = (cls.today, cls.today - year, cls.today - 2 * year)
        cls.dates = [day + cls._days(n) for day in edges for n in (-1, 0, 1)]

    def _sell(self):
        invoices = self.env["account.move"]
        for day in self.chance.sample(self.dates, 4):
            kind = self.chance.choice(["out_invoice", "out_invoice", "out_refund"])
            amount = self.chance.randrange(100, 900)
            buyer = self.chance.choice(self.buyers)
            invoices |= self._new_invoice(buyer, amount, day, move_type=kind)
        return invoices

    def _change(self, invoices):
        """Pay a part, take one back to draft, and have a contact join or leave."""
        sold = invoices.filtered(lambda move: move.move_type == "out_invoice")
        if sold:
            self._pay(sold[0], sold[0].amount_total / 2)
        invoices[-1:].filtered(
            lambda move: move.payment_state == "not_paid"
        ).button_draft()
        parent = self.chance.choice([self.client, self.env["res.partner"]])
        self.joining.with_user(self.supervisor).sudo().parent_id = parent

    def _assert_same(self):
        self.env.flush_all()
        every = self.accounts | self.unsold
        found = self.env.execute_query(
            SQL("%s ORDER BY 1", every._sql_standing(SQL("account.id > 0")))
        )
        expected = self.env.execute_query(
            SQL(
                """SELECT account.id, %s, %s, %s FROM nka_key_account account
                    ORDER BY account.id""",
                every._sql_trailing_revenue("account"),
                every._sql_earlier_revenue("account"),
                every._sql_overdue_amount("account"),
            )
        )
        self.assertEqual(found, expected)
        alone = self.env.execute_query(
            every._sql_standing(SQL("account.id = %s", self.account.id))
        )
        self.assertEqual(alone, [row for row in found if row[0] == self.account.id])
        return found

    def test_random_documents(self):
        seen = set()
        for _round in range(ROUNDS):
            self._change(self._sell())
            seen |= {figure for _id, *row in self._assert_same() for figure in row}
        self.assertGreater(len(seen), 5)

    def test_edges_of_the_windows(self):
        for day, amount in zip(self.dates, (1, 2, 4, 8, 16, 32, 64, 128, 256)):
            self._new_invoice(self.client, amount, day)
        rows = {account_id: row for account_id, *row in self._assert_same()}
        # Yesterday, today, the day after the window began; a year before the same.
        self.assertEqual(rows[self.account.id][:2], [1 + 2 + 32, 8 + 16 + 256])
        self.assertEqual(rows[self.unsold.id], [0, 0, 0])
