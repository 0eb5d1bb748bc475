"""A company's ledger counts the documents of its branches, and of no other company."""

from datetime import date

from odoo import Command

from .common import APRIL, MARCH, OrdersCase

MAY = date(2025, 5, 12)
CLOSED = date(2025, 5, 1)


class TestBranches(OrdersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._new_company("North branch", parent_id=cls.company.id)
        cls.below = cls._new_company("Harbour office", parent_id=cls.branch.id)
        cls.stranger = cls._new_company("Another company")
        companies = cls.company | cls.branch | cls.below | cls.stranger
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": companies.ids}
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.stranger, install_demo=False
        )
        for name in ("client", "other_client", "product", "bank", "account"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        cls._share_receivables(cls.branch | cls.below)

    @classmethod
    def _new_company(cls, name, **vals):
        return cls.env["res.company"].create({"name": name, **vals})

    def _branch_bill(self, company, amount, day=APRIL, post=True):
        line = {"name": "Service", "price_unit": amount, "tax_ids": []}
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": day,
                    "invoice_line_ids": [Command.create(line)],
                }
            )
        )
        if post:
            move.action_post()
        return move

    def _receive(self, move, amount, day=MAY):
        payment = self._money(amount, day)
        self._match(move, payment)
        return payment

    def test_invoice_of_a_branch_and_its_payment(self):
        for company, amount in ((self.branch, 100), (self.below, 20)):
            move = self._branch_bill(company, amount, MARCH)
            self.assertEqual(move.company_id, company)
            self._receive(move, amount)
        self._branch_bill(self.stranger, 3)
        self._build()
        self._assert_both({5: "120"}, {})
        line = self._lines()[0]
        self.assertEqual(line.company_id, self.company)
        self.assertNothingMissed()

    def test_payment_undone_at_a_branch(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        payment = self._receive(move, 100)
        self._build()
        self._close_month(CLOSED)
        self._age()
        payment.move_id.line_ids.remove_move_reconcile()
        self._build()
        self._assert_both({5: "100", 6: "-100"}, {})
        self.assertNothingMissed()

    def test_invoice_of_a_branch_changed_after_the_close(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        self._receive(move, 100)
        self._build()
        self._close_month(CLOSED)
        self._age()
        move.button_draft()
        self._build()
        self._assert_both({5: "100", 6: "-100"}, {})

    def test_orders_of_a_branch_count_on_their_day(self):
        orders = self.env["sale.order"]
        for day in (MARCH, APRIL):
            line = {"product_id": self.product.id, "price_unit": 50, "tax_ids": []}
            order = orders.with_company(self.branch).create(
                {
                    "partner_id": self.client.id,
                    "company_id": self.branch.id,
                    "order_line": [Command.create(line)],
                }
            )
            order.action_confirm()
            order.date_order = day
            orders |= order
        move = self._bill(orders)
        self.assertEqual(move.company_id, self.branch)
        self._receive(move, 100)
        self._build()
        self._assert_both({5: "50"}, {5: "50"})

    def test_credit_note_of_a_branch(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        self._receive(move, 100)
        note = self._credit_note(move, MAY, match=False)
        self._match(note, self._money(40, MAY, kind="outbound"))
        self._build()
        self._assert_both({5: "60"}, {})

    def test_branch_with_its_own_account(self):
        """It has a ledger of its own; the company above doesn't count its clients."""
        own = self.env["nka.key.account"].create(
            {
                "partner_id": self.other_client.id,
                "company_id": self.branch.id,
                "manager_id": self.env.uid,
            }
        )
        self.assertEqual(own.company_id, self.branch)
        move = self._branch_bill(self.branch, 100, MARCH, post=False)
        move.partner_id = self.other_client
        move.action_post()
        payment = self._money(100, MAY, partner_id=self.other_client.id)
        self._match(move, payment)
        self._build()
        self._assert_both({}, {})
        self.env.flush_all()
        move.button_draft()
        self.env.flush_all()
        self.env.cr.execute("SELECT DISTINCT company_ref FROM nka_bonus_touched")
        told = {company_id for (company_id,) in self.env.cr.fetchall()}
        self.assertEqual(told, {self.company.id, self.branch.id})

    # ------------------------------------------------------------ money
    def _discounted(self, company, amount):
        """Post an invoice with 10 % early payment discount until ten days after MAY."""
        move = self._branch_bill(company, amount, MAY, post=False)
        move.invoice_payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "10 % in 10 days",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 10,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _entry(self, received, lost, *moves, company=None):
        """Post an entry that settles documents, partly with expenses."""
        costs = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        receivable = self.client.property_account_receivable_id
        lines = [
            {"account_id": self.bank.default_account_id.id, "debit": received},
            {"account_id": costs.id, "debit": lost},
            {
                "account_id": receivable.id,
                "partner_id": self.client.id,
                "credit": received + lost,
            },
        ]
        entries = self.env["account.move"].with_company(company or self.company)
        entry = entries.create(
            {"date": MAY, "line_ids": [Command.create(line) for line in lines]}
        )
        entry.action_post()
        self._match(*moves, entry)
        return entry

    def _due_told(self, company=None):
        """Return what is due to each person by the credit reconciliation."""
        days = date(2025, 1, 1), date(2025, 12, 31)
        check = self.env["nka.bonus.check"]._check(company or self.company, *days)
        self.assertFalse(check.line_ids.filtered("is_different"))
        return sum(check.line_ids.mapped("due"))

    def test_payment_of_a_branch_invoice_reset_to_draft(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        payment = self._receive(move, 100)
        self._build()
        self._close_month(CLOSED)
        self._age()
        payment.action_draft()
        self._build()
        self._assert_both({5: "100", 6: "-100"}, {})
        self.assertNothingMissed()
        self.assertEqual(self._due_told(), 0)
        payment.action_post()
        self._build()
        self._assert_both({5: "100"}, {})

    def test_discount_over_invoices_of_company_and_branch(self):
        """It belongs to the branch's invoice; if its terms are removed, it is spread."""
        granted = self._discounted(self.branch, 1000)
        plain = self._branch_bill(self.company, 1000, MAY)
        self._entry(1900, 100, granted, plain)
        self._build()
        credits = {line.move_ref: line.amount for line in self._lines(self.colleague)}
        self.assertEqual(credits, {granted.id: 900, plain.id: 1000})
        self.assertEqual(self._due_told(), 1900)
        self._age()
        self._without_discount(granted)
        self._build()
        self.assertEqual(self._by_move(), {granted.id: 950, plain.id: 950})
        self.assertNothingMissed()
        self.assertEqual(self._due_told(), 1900)

    def _by_move(self, company=None):
        sums = {}
        for line in self.env["nka.bonus.line"].search(
            [("company_id", "=", (company or self.company).id)]
        ):
            sums[line.move_ref] = sums.get(line.move_ref, 0) + line.amount
        return sums

    def _without_discount(self, move):
        """Remove the payment terms as an accountant does, on the reconciled line."""
        term = move.line_ids.filtered(lambda row: row.display_type == "payment_term")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move_line SET discount_date = NULL WHERE id = %s", [term.id]
        )
        self.cr.execute(
            "UPDATE account_move SET invoice_payment_term_id = NULL WHERE id = %s",
            [move.id],
        )
        self.env.invalidate_all()

    def test_changes_at_the_company_reach_branches_with_accounts(self):
        """One entry can settle documents of both: a discount of one affects the other."""
        self.env["nka.key.account"].create(
            {
                "partner_id": self.other_client.id,
                "company_id": self.branch.id,
                "manager_id": self.env.uid,
            }
        )
        move = self._branch_bill(self.company, 100, MARCH)
        self._build()
        self._without_discount(move)
        move.button_draft()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT company_ref FROM nka_bonus_touched WHERE move_ref = %s",
            [move.id],
        )
        told = {company_id for (company_id,) in self.env.cr.fetchall()}
        self.assertEqual(told, {self.company.id, self.branch.id})

    def test_entry_at_a_branch_settles_an_invoice_of_the_company(self):
        move = self._branch_bill(self.company, 1000, MAY)
        entry = self._entry(900, 100, move, company=self.branch)
        self.assertEqual(entry.company_id, self.branch)
        self._build()
        self.assertEqual(self._by_move(), {move.id: 900})
        self.assertEqual(self._due_told(), 900)
        self._age()
        entry.button_draft()
        self._build()
        self.assertEqual(self._by_move(), {move.id: 0})
        self.assertEqual(self._due_told(), 0)
        self.assertNothingMissed()
