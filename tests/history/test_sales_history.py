"""Sales history: figures, access rules and query counts."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError

from ..accounts.common import AccountsCase


class TestSalesHistory(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machines, cls.parts = cls.env["product.category"].create(
            [{"name": "Machines"}, {"name": "Parts"}]
        )
        cls.machine, cls.part = cls.env["product.product"].create(
            [
                {"name": "Mill", "categ_id": cls.machines.id, "standard_price": 60},
                {"name": "Belt", "categ_id": cls.parts.id},
            ]
        )
        cls.account.assignment_ids._unlocked().write({"date_from": date(2024, 1, 1)})
        cls._bill(date(2024, 5, 10), (cls.machine, 100), (cls.part, 50))
        cls._bill(date(2025, 5, 20), (cls.machine, 300))
        cls._bill(date(2025, 5, 21), (cls.machine, 100), move_type="out_refund")
        cls._bill(date(2023, 3, 1), (cls.part, 40))
        cls.env["sale.order"].create(
            {
                "partner_id": cls.client.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 500})
                    for product in (cls.machine, cls.part)
                ],
            }
        ).action_confirm()
        cls.history = cls.env["nka.sales.history"]
        cls.history._refresh(cls.env.company)

    @classmethod
    def _bill(cls, day, *lines, **vals):
        lines = [
            Command.create(
                {"product_id": product.id, "price_unit": price, "tax_ids": []}
            )
            for product, price in lines
        ]
        return cls._new_invoice(cls.client, 0, date=day, invoice_line_ids=lines, **vals)

    def _sums(self, domain, *measures, user=None):
        rows = self.history.with_user(user or self.env.user)._read_group(
            [("key_account_id", "=", self.account.id), *domain], [], measures
        )
        return [round(value or 0, 2) for value in rows[0]]

    def _of(self, year):
        return [("month", ">=", date(year, 1, 1)), ("month", "<=", date(year, 12, 31))]

    def test_amounts_by_year_and_category(self):
        self.assertEqual(self._sums(self._of(2024), "invoiced_amount:sum"), [150])
        self.assertEqual(
            self._sums([("categ_id", "=", self.parts.id)], "invoiced_amount:sum"), [90]
        )
        self.assertEqual(self._sums(self._of(2025), "invoiced_amount:sum"), [200])

    def test_year_on_year_compares_the_same_days(self):
        figures = self._sums(
            [("month", "=", date(2025, 5, 1))],
            "invoiced_amount:sum",
            "invoiced_before:sum",
            "growth:avg",
        )
        self.assertEqual(figures, [200, 150, 33.33])
        later = [("month", ">", self.today)]
        self.assertFalse(self.history.search(later))

    def test_totals_do_not_compare_years(self):
        def growth(domain):
            ours = [("key_account_id", "=", self.account.id), *domain]
            return self.history._read_group(ours, [], ["growth:avg"])[0][0]

        self.assertFalse(growth([]))
        self.assertFalse(growth([("month", ">=", date(2024, 1, 1))]))
        self.assertAlmostEqual(growth(self._of(2024)), 275)
        across = [("month", ">=", date(2024, 3, 1)), ("month", "<", date(2025, 3, 1))]
        self.assertAlmostEqual(growth(across), 275)

    def test_first_year_is_no_growth(self):
        """100 and 300 in the first twelve months; the following year compares 110 with
        100.
        """
        account = self._key_account(self._new_client("Newcomer"))
        client = account.partner_id
        for day, amount in (
            (date(2024, 11, 5), 100),
            (date(2025, 4, 1), 300),
            (date(2025, 11, 5), 110),
        ):
            line = {"product_id": self.part.id, "price_unit": amount, "tax_ids": []}
            lines = [Command.create(line)]
            self._new_invoice(client, 0, date=day, invoice_line_ids=lines)
        self.history._refresh(self.env.company)
        found = self.history._read_group(
            [("key_account_id", "=", account.id)],
            ["month:year"],
            ["invoiced_amount:sum", "comparable_amount:sum", "growth:avg"],
            order="month:year",
        )[:2]
        figures = [[round(value or 0, 2) for value in row[1:]] for row in found]
        self.assertEqual(figures, [[100, 0, 0], [410, 110, 10]])

    def test_document_of_two_categories_counts_once(self):
        figures = self._sums([], "order_count:sum", "ordered_amount:sum")
        self.assertEqual(figures, [1, 1000])
        self.assertEqual(self._sums([], "average_order:avg"), [1000])
        self.assertEqual(self._sums(self._of(2024), "average_invoice:avg"), [150])

    def test_orders_before_a_contact_joined_the_client_do_not_count(self):
        trader = self.env["res.partner"].create({"name": "Per Lind"})
        for price in (7000, 30):
            line = {"product_id": self.part.id, "price_unit": price}
            self.env["sale.order"].create(
                {"partner_id": trader.id, "order_line": [Command.create(line)]}
            ).action_confirm()
            trader.with_user(self.supervisor).parent_id = self.client
        self.history._refresh(self.env.company)
        figures = self._sums([], "order_count:sum", "ordered_amount:sum")
        self.assertEqual(figures, [2, 1030])

    def test_margin_of_products_with_a_cost(self):
        figures = self._sums(
            self._of(2024), "margin:sum", "costed_amount:sum", "margin_percent:avg"
        )
        self.assertEqual(figures, [40, 100, 40])

    def test_manager_at_that_time(self):
        self.assertEqual(
            self._sums([("user_id", "=", False)], "invoiced_amount:sum"), [40]
        )
        self._hand_over(self.account)
        self.history._refresh(self.env.company)
        self.assertEqual(
            self._sums([("user_id", "=", self.manager.id)], "invoiced_amount:sum"),
            [350],
        )

    def test_access(self):
        everything = self._sums([], "invoiced_amount:sum")
        for user in (self.manager, self.supervisor, self.kam_admin):
            seen = self._sums([], "invoiced_amount:sum", user=user)
            self.assertEqual(seen, everything, user.login)
        self.assertEqual(
            self._sums([], "invoiced_amount:sum", user=self.colleague), [0]
        )
        for user in (self.officer, self.salesman, self.employee_user):
            with self.assertRaises(AccessError):
                self._sums([], "invoiced_amount:sum", user=user)
        with self.assertRaises(AccessError):
            self.history.with_user(self.supervisor).search([]).write({"margin": 1})

    def test_shows_its_date(self):
        action = self.history.with_user(self.manager)._action_open()
        self.assertIn("as of", action["name"])
        made = self.env.company.nka_history_date
        self.history.with_user(self.manager).action_refresh()
        self.assertEqual(self.env.company.nka_history_date, made)
        self.env.company.sudo().nka_history_date = False
        self.assertIn("not available yet", self.history._action_open()["name"])

    def test_a_row_opens_its_invoices(self):
        row = self.history.search([("month", "=", date(2025, 5, 1))], limit=1)
        found = self.env["account.move"].search(row.action_open_invoices()["domain"])
        self.assertEqual(sum(found.mapped("amount_untaxed_signed")), 200)

    def test_refresh_query_count_is_constant(self):
        def cost():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.history._refresh(self.env.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost()
        self._bill(date(2025, 7, 1), (self.part, 10))
        few = cost()
        for day in range(1, 6):
            self._bill(date(2025, 6, day), (self.part, 10))
        # The company's timestamp is written only when its second has changed, and
        # defaults are read only when they aren't in the cache.
        self.assertLessEqual(cost(), few + 3)
        self.assertEqual(
            self._sums([("month", "=", date(2025, 6, 1))], "invoiced_amount:sum"), [50]
        )
