"""Loader of real sales, on a small folder created for the test."""

from datetime import date, datetime

from odoo.tests import tagged

from tools.real.report import differences, sales_table, sums
from tools.real.work import make_key_accounts

from ...unit.real_sales import won
from .common import DIRTY_LINES, RealLoaderCase


@tagged("nka_real")
class TestRealLoader(RealLoaderCase):
    """Records in the database after a load."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loader.run()
        cls.confirmed = make_key_accounts(cls.loader)

    # ------------------------------------------------------------ people
    def test_agent_is_a_key_account_manager(self):
        agent = self._ref("user_annasnelling")
        self.assertEqual(
            (agent.name, agent.login), ("Anna Snelling", "anna.snelling@example.com")
        )
        self.assertTrue(agent.has_group("nka_key_accounts.group_key_account_manager"))
        self.assertFalse(
            agent.has_group("nka_key_accounts.group_key_account_supervisor")
        )

    def test_manager_is_a_supervisor_and_leads_the_team(self):
        supervisor = self._ref("user_dustinbrinkmann")
        self.assertTrue(
            supervisor.has_group("nka_key_accounts.group_key_account_supervisor")
        )
        team = self._ref("team_dustinbrinkmann")
        self.assertEqual(team.user_id, supervisor)
        self.assertEqual(
            team.member_ids.mapped("name"), ["Anna Snelling", "Moses Frase"]
        )

    def test_no_invitations_are_mailed(self):
        emails = self.loader.records("res.users").mapped("email")
        self.assertFalse(self.env["mail.mail"].search([("email_to", "in", emails)]))

    # ------------------------------------------------------------ clients
    def test_client(self):
        client = self._ref("client_acme")
        self.assertTrue(client.is_company)
        self.assertEqual(client.industry_id.name, "Technology")
        self.assertEqual(client.country_id.code, "US")
        self.assertIn("Employees: 2822", client.comment)

    def test_subsidiary_keeps_its_own_country_and_status(self):
        subsidiary = self._ref("client_bluth")
        self.assertEqual(subsidiary.parent_id, self._ref("client_acme"))
        self.assertEqual(subsidiary.commercial_partner_id, subsidiary)
        self.assertEqual(subsidiary.country_id.code, "KE")
        self.assertEqual(self._ref("client_acme").country_id.code, "US")

    # ------------------------------------------------------------ deals
    def test_won_deal(self):
        lead = self._ref("deal_W1")
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(lead.user_id, self._ref("user_annasnelling"))
        self.assertEqual(lead.team_id, self._ref("team_dustinbrinkmann"))
        self.assertEqual(lead.partner_id, self._ref("client_acme"))
        self.assertEqual(lead.expected_revenue, 4514)
        self.assertEqual(lead.create_date, datetime(2016, 10, 20, 12))
        self.assertEqual(lead.date_closed, datetime(2017, 3, 1, 12))
        self.assertEqual(lead.day_close, 132)

    def test_lost_deal_is_archived_at_list_price(self):
        lead = self._ref("deal_L1")
        self.assertEqual((lead.won_status, lead.active), ("lost", False))
        self.assertEqual(lead.expected_revenue, 55)
        self.assertEqual(lead.date_closed, datetime(2017, 3, 7, 12))

    def test_open_deals_are_in_their_stages(self):
        engaged, prospect = self._ref("deal_E1"), self._ref("deal_P1")
        self.assertEqual(
            (engaged.won_status, engaged.stage_id.name), ("pending", "Engaging")
        )
        self.assertEqual(
            (prospect.won_status, prospect.stage_id.name), ("pending", "Prospecting")
        )
        self.assertEqual(engaged.expected_revenue, 4821)
        self.assertFalse(engaged.date_closed)

    def test_deals_of_a_subsidiary_have_its_name(self):
        self.assertEqual(self._ref("deal_W2").partner_name, "Bluth")

    def test_deal_without_a_client_is_loaded(self):
        self.assertFalse(self._ref("deal_E4").partner_id)

    # ------------------------------------------------------------ invoices
    def test_invoice(self):
        invoice = self._ref("invoice_W2")
        self.assertEqual((invoice.move_type, invoice.state), ("out_invoice", "posted"))
        self.assertEqual(invoice.partner_id, self._ref("client_bluth"))
        self.assertEqual(invoice.invoice_user_id, self._ref("user_mosesfrase"))
        self.assertEqual(invoice.invoice_date, date(2017, 2, 7))
        self.assertEqual(invoice.date, date(2017, 2, 7))
        self.assertEqual(invoice.currency_id.name, "USD")
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (50.25, 50.25))
        self.assertFalse(invoice.invoice_line_ids.tax_ids)
        self.assertEqual(
            invoice.invoice_line_ids.product_id, self._ref("product_mgspecial")
        )

    def test_sale_price_is_the_close_value_not_the_list_price(self):
        self.assertEqual(self._ref("product_gtxpro").list_price, 4821)
        self.assertEqual(self._ref("invoice_W3").amount_untaxed, 1000.10)

    def test_misspelled_product_is_recognized(self):
        self.assertEqual(
            self._ref("invoice_W3").invoice_line_ids.product_id,
            self._ref("product_gtxpro"),
        )
        self.assertEqual(len(self.loader.records("product.product")), 2)

    def test_won_deal_without_a_client_has_no_invoice(self):
        self.assertEqual(self._ref("deal_W4").won_status, "won")
        self.assertNotIn("nka_real.invoice_W4", self.loader.ids("account.move"))

    # ------------------------------------------------------------ sums
    def _differences(self):
        """Return the differences except those of credits: no month is calculated."""
        found = differences(self.loader, {})
        return [line for line in found if not line.startswith("Credit of")]

    def test_sums_equal_the_source(self):
        won_count, won_value, count, value = map(sum, zip(*sums(self.loader).values()))
        self.assertEqual((won_count, str(won_value)), (5, "14634.35"))
        self.assertEqual((count, str(value)), (4, "14564.35"))
        self.assertEqual(self._differences(), [])

    def test_lost_cent_is_noticed(self):
        self._ref("deal_W1").expected_revenue -= 0.01
        self.assertEqual(
            self._differences(),
            ["Won value: 14,634.34 in the database, 14,634.35 in the source"],
        )

    def test_missing_credit_is_noticed(self):
        found = differences(self.loader, {})
        self.assertIn(
            "Credit of Anna Snelling in 2017-03: 0 in the database, 4,514.00 in the source",
            found,
        )

    def test_other_invoices_are_not_counted(self):
        self._new_invoice(self._ref("client_acme"), 500)
        self.assertEqual(self._differences(), [])

    def test_table_per_agent(self):
        anna = self._ref("user_annasnelling")
        line = next(line for line in sales_table(self.loader, {}) if anna.name in line)
        self.assertEqual(
            line.split()[2:], ["1", "3", "5,584.10", "2", "5,514.10", "0", "0"]
        )

    # ------------------------------------------------------------ key accounts
    def test_largest_client_becomes_a_key_account(self):
        account = self.env["nka.key.account"].search(
            [("partner_id", "=", self._ref("client_acme").id)]
        )
        self.assertEqual(account.state, "key")
        self.assertEqual(account.manager_id, self._ref("user_annasnelling"))
        self.assertEqual(account.supervisor_id, self._ref("user_dustinbrinkmann"))
        self.assertEqual(account.nominated_by_id, account.manager_id)

    def test_deals_reference_their_key_account(self):
        lead = self._ref("deal_E1")
        self.assertEqual(lead.key_account_id.partner_id, lead.partner_id)

    def test_client_whose_agent_has_no_manager_is_refused(self):
        self.assertEqual(self.confirmed, 2)
        self.assertEqual(
            self.loader.refused,
            [
                "Condax isn't a key account: "
                "the source names no agent with a manager for it."
            ],
        )

    # ------------------------------------------------------------ reruns
    def _again(self, source=None):
        """Load again and return the number of new records by model."""
        before = self._count()
        loader = self._loader(source or self.source)
        loader.run()
        self.assertEqual(make_key_accounts(loader), 0)
        after = self._count()
        return {m: after[m] - before[m] for m in after if after[m] != before[m]}

    def test_rerun_adds_nothing(self):
        self.assertEqual(self._again(), {})

    def test_rerun_keeps_changes_of_users(self):
        self._ref("client_acme").name = "Acme Worldwide"
        self._again()
        self.assertEqual(self._ref("client_acme").name, "Acme Worldwide")

    def test_rerun_adds_new_lines_of_the_source(self):
        gained = won(opportunity_id="W9", close_value="3")
        lines = [*DIRTY_LINES["sales_pipeline"], gained]
        source = self._read({"sales_pipeline": lines})
        self.assertEqual(self._again(source), {"crm.lead": 1, "account.move": 1})
