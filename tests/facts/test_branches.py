"""A key account counts for its company and its branches, and for no other company."""

from datetime import datetime

from odoo import Command
from odoo.exceptions import ValidationError

from ..accounts.common import AccountsCase


class TestBranches(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.branch = cls._new_company("North branch", parent_id=cls.company.id)
        cls.below = cls._new_company("Harbour office", parent_id=cls.branch.id)
        cls.stranger = cls._new_company("Another company")
        cls.all_companies = cls.company | cls.branch | cls.below | cls.stranger
        people = cls.manager | cls.supervisor | cls.salesman | cls.env.user
        people.company_ids |= cls.all_companies
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.all_companies.ids,
            }
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.stranger, install_demo=False
        )
        cls.client = cls.client.with_env(cls.env)
        cls.account = cls.account.with_env(cls.env)

    @classmethod
    def _new_company(cls, name, **vals):
        return cls.env["res.company"].create({"name": name, **vals})

    def _bill(self, amount, company, **vals):
        """Post an overdue invoice of the given company to the client."""
        moves = self.env["account.move"].with_company(company)
        move = moves.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": self.today - self._days(40),
                "invoice_date_due": self.today - self._days(10),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Service", "price_unit": amount, "tax_ids": []}
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    def _figures(self):
        self.account.invalidate_recordset()
        return self.account.trailing_revenue, self.account.overdue_amount

    def test_documents_of_branches_count_and_open(self):
        own = self._bill(1000, self.company)
        north = self._bill(200, self.branch)
        harbour = self._bill(30, self.below)
        self._bill(4, self.stranger)
        self.assertEqual(self._figures(), (1230, 1230))
        account = self.account.with_user(self.supervisor)
        shown = self.env["account.move"].search(
            account.action_open_invoices()["domain"]
        )
        self.assertEqual(shown, own | north | harbour)
        items = self.env["account.move.line"].search(
            account.action_open_overdue()["domain"]
        )
        self.assertEqual(items.move_id, own | north | harbour)

    def test_sales_history_counts_branches(self):
        self._bill(1000, self.company)
        self._bill(200, self.branch)
        self._bill(4, self.stranger)
        history = self.env["nka.sales.history"]
        history._refresh(self.all_companies)
        rows = history.search([("key_account_id", "=", self.account.id)])
        self.assertEqual(sum(rows.mapped("invoiced_amount")), 1200)
        self.assertEqual(rows.company_id, self.company)

    def test_orders_of_branches_count(self):
        product = self.env["product.product"].create({"name": "Mill"})
        orders = self.env["sale.order"]
        for company, price in ((self.branch, 70), (self.stranger, 9)):
            orders |= orders.with_company(company).create(
                {
                    "partner_id": self.client.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "price_unit": price,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
            )
        orders.action_confirm()
        orders.date_order = datetime.now()
        history = self.env["nka.sales.history"]
        history._refresh(self.all_companies)
        rows = history.search([("key_account_id", "=", self.account.id)])
        self.assertEqual(sum(rows.mapped("ordered_amount")), 70)

    def test_partner_shows_its_status_in_branches(self):
        for company in (self.company, self.branch, self.below):
            partner = self.client.with_user(self.salesman).with_company(company)
            self.assertEqual(partner.key_account_state, "key", company.name)
            found = partner.search([("key_account_state", "=", "key")])
            self.assertIn(self.client, found, company.name)
            grouped = partner._read_group(
                [("id", "=", self.client.id)], ["key_account_state"]
            )
            self.assertEqual(grouped, [("key",)], company.name)
        partner = self.client.with_company(self.stranger)
        self.assertFalse(partner.key_account_state)

    def test_leads_of_branches_belong_to_the_account(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": company.name,
                    "partner_id": self.client.id,
                    "company_id": company.id,
                    "user_id": self.manager.id,
                    "team_id": False,
                }
                for company in (self.branch, self.below, self.stranger)
            ]
        )
        self.assertEqual(leads.mapped("key_account_id.id"), [self.account.id])
        self.assertFalse(leads[2].key_account_id)

    def test_commitment_from_an_order_of_a_branch(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Harbour crane",
                "type": "opportunity",
                "partner_id": self.client.id,
                "company_id": self.branch.id,
                "user_id": self.manager.id,
                "team_id": False,
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "company_id": self.branch.id,
                "opportunity_id": lead.id,
            }
        )
        commitment = self.env["nka.commitment"].create(
            {
                "text": "Deliver in spring",
                "kind": "delivery",
                "lead_id": lead.id,
                "order_id": order.id,
                "promised_date": self.today,
            }
        )
        self.assertEqual(commitment.key_account_id, self.account)

    def test_manager_sees_accounts_and_documents_from_a_branch(self):
        in_branch = {"allowed_company_ids": self.branch.ids}
        accounts = self.env["nka.key.account"].with_user(self.manager)
        found = accounts.with_context(**in_branch).search([])
        self.assertIn(self.account, found)
        move = self._bill(200, self.branch)
        moves = self.env["account.move"].with_user(self.manager)
        self.assertIn(move, moves.with_context(**in_branch).search([]))

    def test_access_to_a_branch_alone_grants_nothing(self):
        outsider = self._new_user(
            "nka_branch_super",
            "group_key_account_supervisor",
            company_id=self.branch.id,
            company_ids=[Command.set(self.branch.ids)],
        )
        accounts = self.env["nka.key.account"].with_user(outsider)
        found = accounts.with_context(allowed_company_ids=self.branch.ids).search([])
        self.assertNotIn(self.account, found)

    def test_second_account_in_the_company_tree_is_refused(self):
        accounts = self.env["nka.key.account"]
        for company in (self.branch, self.below):
            with self.refused(ValidationError, "applies to its company and all"):
                accounts.create(
                    {"partner_id": self.client.id, "company_id": company.id}
                )
        other = self._new_client("Delta Freight")
        accounts.create({"partner_id": other.id, "company_id": self.branch.id})
        with self.refused(
            ValidationError, "already a key account or candidate of North branch"
        ):
            accounts.create({"partner_id": other.id, "company_id": self.company.id})
        self.assertTrue(
            accounts.create({"partner_id": other.id, "company_id": self.stranger.id})
        )

    def test_discount_limit_applies_in_branches(self):
        self.tier.discount_limit = 5
        product = self.env["product.product"].create(
            {"name": "Mill", "list_price": 100}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "company_id": self.branch.id,
                "order_line": [
                    Command.create({"product_id": product.id, "discount": 50})
                ],
            }
        )
        self.assertTrue(order._nka_held())
