"""The first hour of a company, in a browser, by the people who do it.

An empty company with salespeople, clients and invoices is set up and closes its first
month. Every click and every filled field counts; the closed month is compared with plain
SQL over invoices and payments.
"""

import re
from unittest import mock

import pytest

from odoo.tests.common import ChromeBrowser
from odoo.tools import SQL

from .company import SELLERS, WAGE, CompanyCase

#: Clicks and filled fields of everybody together.
MOST_INPUTS = 80
ACTION = "/odoo/action-nka_key_accounts"
DAY = f"{ACTION}.nka_day_action_open"
MONTHS = f"{ACTION}.nka_month_close_action"
QUEUE = f"{ACTION}.nka_desk_action_open"
#: Tour, login and the page they land on, in the order in which the work is done.
STEPS = (
    ("administrator", "odoo_admin", "/odoo"),
    ("supervisor", "super_1", QUEUE),
    ("officer", "officer_1", MONTHS),
    ("plan", "kam_admin", "/odoo"),
    ("agreements", "officer_1", MONTHS),
    ("goals", "super_1", QUEUE),
    *(("manager", f"seller_{at}", DAY) for at in range(1, len(SELLERS) + 1)),
    ("calculate", "officer_1", MONTHS),
    ("close", "officer_2", MONTHS),
)


@pytest.mark.slow
class TestFirstHour(CompanyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.heard = []
        console = ChromeBrowser._handle_console

        def listen(browser, **params):
            cls.heard += [str(arg.get("value")) for arg in params.get("args", ())]
            return console(browser, **params)

        cls._listen = staticmethod(listen)

    def _do(self, tour, login, url):
        """Run a tour as this user and return the number of inputs it reports."""
        name = f"nka_first_hour_{tour}"
        with mock.patch.object(ChromeBrowser, "_handle_console", self._listen):
            self.start_tour(url, name, login=login, timeout=300)
        (count,) = re.findall(rf"Inputs of {name}: (\d+)", "\n".join(self.heard))
        self.heard.clear()
        return int(count)

    def _build_assets(self):
        """Build scripts and styles one after the other: on a busy machine, requests that
        wait for them would give up.
        """
        login = STEPS[0][1]
        self.authenticate(login, login)
        page = self.url_open("/odoo", timeout=300).text
        for url in sorted(set(re.findall(r'"(/web/assets/[^"]+)"', page))):
            self.url_open(url, timeout=300)

    def test_from_nothing_to_a_closed_month(self):
        self._build_assets()
        counts = {
            f"{tour} {login}": self._do(tour, login, url) for tour, login, url in STEPS
        }
        self.env.invalidate_all()
        self.assertLessEqual(sum(counts.values()), MOST_INPUTS, counts)
        self._check_accounts()
        self._check_statements()
        self._check_page()

    def _check_accounts(self):
        accounts = self.env["nka.key.account"].search([])
        self.assertEqual(accounts.partner_id, self.clients)
        self.assertEqual(set(accounts.mapped("state")), {"key"})
        self.assertEqual(accounts.supervisor_id, self.boss.user_id)
        for account in accounts:
            seller = self._seller_of(account.partner_id)
            self.assertEqual(account.manager_id, seller, account.partner_id.name)

    def _check_statements(self):
        """Fixed pay is 40 % of the wage; the bonus is 50 % of it by sales per quota."""
        close = self.env["nka.month.close"].search([])
        self.assertEqual((close.month, close.state), (self.month, "locked"))
        self.assertEqual(close.calculated_by_id, self.office[4])
        self.assertEqual(close.locked_by_id, self.office[5])
        expected = {
            user_id: (0.4 * WAGE, 0.5 * WAGE * float(paid / quota))
            for user_id, paid, quota in self._money()
        }
        self.assertEqual(len(expected), len(SELLERS))
        self.assertTrue(any(bonus for _fixed, bonus in expected.values()))
        statements = close.sudo().statement_ids
        found = {
            statement.user_id.id: (statement.fixed_amount, statement.bonus_amount)
            for statement in statements
        }
        for user_id, amounts in expected.items():
            for amount, figure in zip(amounts, found[user_id], strict=True):
                self.assertAlmostEqual(amount, figure, delta=0.011)
        self.assertEqual(set(statements.payslip_id.mapped("state")), {"done"})
        for statement in statements:
            net = statement.payslip_id.line_ids.filtered(
                lambda line: line.code == "NET"
            )
            self.assertAlmostEqual(net.total, statement.total_amount, 2)

    def _money(self):
        """Untaxed sales paid in the month, and average monthly sales, by salesperson.

        The invoices have one rate of tax, so 100/120 of each payment is untaxed.
        """
        self.env.flush_all()
        until = self.today.replace(day=1)
        return self.env.execute_query(
            SQL(
                """SELECT move.invoice_user_id,
                          COALESCE(SUM((
                              SELECT SUM(part.amount) FROM account_partial_reconcile part
                                JOIN account_move_line due ON due.id = part.debit_move_id
                                JOIN account_move_line paid ON paid.id = part.credit_move_id
                               WHERE due.move_id = move.id AND paid.date >= %(month)s
                                 AND paid.date < %(until)s)), 0) / 1.2,
                          round((SUM(move.amount_untaxed) FILTER (
                              WHERE move.invoice_date >= %(since)s
                                AND move.invoice_date < %(until)s) / 12)::numeric, -2)
                     FROM account_move move WHERE move.id = ANY(%(ids)s)
                    GROUP BY move.invoice_user_id""",
                month=self.month,
                until=until,
                since=until.replace(year=until.year - 1),
                ids=self.invoices.ids,
            )
        )

    def _check_page(self):
        page = self.env["nka.setup"].search([])
        self.assertEqual(page.missing_count, 0, page.todo_ids.mapped("code"))
        self.assertIn("closed", page.done_ids.mapped("code"))
