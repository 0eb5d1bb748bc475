"""Payments as journal entries: what reaches accounts that count as payment."""

from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError

from .test_money_unposted import MoneyCase

MARCH = date(2025, 3, 3)
LATER_IN_MARCH = date(2025, 3, 20)
APRIL = date(2025, 4, 10)


class TestEntries(MoneyCase):
    """The invoice of these tests is 1,000 untaxed and 150 tax, 1,150 in total."""

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(1000, MARCH)

    def _settled_by(self, *rows, **kwargs):
        entry = self._entry(*rows, **kwargs)
        self._match(self.invoice, entry)
        return entry

    def test_bank_against_receivable(self):
        self._settled_by((self.bank_account, 1150), (self.receivable, -1150))
        self.assertBuilt({3: "1000"})

    def test_cash_and_a_credit_card(self):
        cash = self._new_account("Petty cash", "asset_cash")
        card = self._new_account("Competitor profile", "liability_credit_card")
        self._settled_by((cash, 575), (card, 575), (self.receivable, -1150))
        self.assertBuilt({3: "1000"})

    def test_outstanding_receipts_count_and_a_suspense_account_does_not(self):
        lines = self.bank.inbound_payment_method_line_ids
        self._settled_by(
            (lines[0].payment_account_id, 575),
            (self.bank.suspense_account_id, 575),
            (self.receivable, -1150),
        )
        self.assertBuilt({3: "500"})

    def test_entry_that_is_partly_a_payment_counts_partly(self):
        self._settled_by(
            (self.bank_account, 1035), (self.costs, 115), (self.receivable, -1150)
        )
        self.assertBuilt({3: "900"})

    def test_netting_against_payable_does_not_count_unless_listed(self):
        payable = self.client.property_account_payable_id
        self._settled_by(
            (payable, 460), (self.bank_account, 690), (self.receivable, -1150)
        )
        self.assertBuilt({3: "600"})
        self._age()
        self.company.nka_money_account_ids = payable
        self.assertBuilt({3: "1000"})

    def test_tax_withheld_counts_if_its_account_is_listed(self):
        withheld = self._new_account("Tax withheld by clients")
        self._settled_by(
            (self.bank_account, 1035), (withheld, 115), (self.receivable, -1150)
        )
        self.assertBuilt({3: "900"})
        self._age()
        self.company.nka_money_account_ids = withheld
        self.assertBuilt({3: "1000"})
        self._age()
        self.company.nka_money_account_ids = False
        self.assertBuilt({3: "900"})

    def test_account_listed_later_counts_in_the_first_open_month(self):
        factor = self._new_account("Factoring")
        self._settled_by((factor, 1150), (self.receivable, -1150))
        self.assertBuilt({})
        self._age()
        self._close_month(MARCH)
        self.company.nka_money_account_ids = factor
        self.assertBuilt({4: "1000"})

    def test_new_bank_account_does_not_reread_old_invoices(self):
        self._build()
        self._age()
        before = self.env["nka.bonus.head"]._known_money(self.company)
        self._new_account("Second bank", "asset_cash")
        self._build()
        after = self.env["nka.bonus.head"]._known_money(self.company)
        self.assertEqual(len(after), len(before) + 1)

    def test_part_of_another_client_in_an_entry_is_theirs(self):
        other = self._invoice(500, MARCH, self.other_client)
        entry = self._entry(
            (self.bank_account, 1552.50),
            (self.costs, 172.50),
            (self.receivable, -1150),
            (self.receivable, -575, self.other_client),
        )
        for move in (self.invoice, other):
            own = entry.line_ids.filtered(
                lambda line, move=move: (
                    line.account_id == self.receivable
                    and line.partner_id == move.partner_id
                )
            )
            term = move.line_ids.filtered(
                lambda row: row.display_type == "payment_term"
            )
            (own | term).reconcile()
        self.assertEqual((self.invoice | other).mapped("amount_residual"), [0, 0])
        self.assertBuilt({3: "900"})

    def test_entry_from_another_clients_receivable_does_not_count(self):
        self._settled_by(
            (self.receivable, 1150, self.other_client), (self.receivable, -1150)
        )
        self.assertBuilt({})

    def test_payment_together_with_other_income(self):
        income = self._new_account("Interest", "income_other")
        self._settled_by(
            (self.bank_account, 1200), (self.receivable, -1150), (income, -50)
        )
        self.assertBuilt({3: "1000"})

    def test_transfer_through_the_bank_does_not_count(self):
        self._settled_by(
            (self.bank_account, 1150),
            (self.bank_account, -1150),
            (self.costs, 1150),
            (self.receivable, -1150),
        )
        self.assertBuilt({})

    def test_refunded_by_an_entry(self):
        self._settled_by((self.bank_account, 1150), (self.receivable, -1150))
        note = self._credit_note(self.invoice, APRIL, amount=400, match=False)
        back = self._entry(
            (self.bank_account, -414),
            (self._new_account("Fee", "income_other"), -46),
            (self.receivable, 460),
            day=APRIL,
        )
        self._match(note, back)
        self.assertBuilt({3: "1000", 4: "-360"})

    def test_credit_note_on_the_bank_account_is_no_payment(self):
        note = self._credit_note(self.invoice, APRIL, match=False)
        note.button_draft()
        note.invoice_line_ids.account_id = self.bank_account
        note.action_post()
        self._match(self.invoice, note)
        self.assertBuilt({})

    def test_foreign_invoice_with_the_exchange_difference_in_the_entry(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": date(2025, 1, 1), "rate": 0.5}
        )
        foreign = self._invoice(1000, MARCH, currency_id=euro.id)
        loss = self.company.expense_currency_exchange_account_id
        entry = self._entry(
            (self.bank_account, 2200),
            (loss, 100),
            (
                self.receivable,
                -2300,
                {"currency_id": euro.id, "amount_currency": -1150},
            ),
        )
        self._match(foreign, entry)
        self.assertEqual(foreign.amount_residual, 0)
        self.assertBuilt({3: "2000"})

    def test_no_exchange_difference_within_one_currency(self):
        loss = self.company.expense_currency_exchange_account_id
        self._settled_by(
            (self.bank_account, 1035), (loss, 115), (self.receivable, -1150)
        )
        self.assertBuilt({3: "900"})

    def test_payment_on_an_account_the_journal_no_longer_uses(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        self.assertBuilt({3: "1000"})

    def test_payment_whose_entry_was_changed_to_expenses(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self.assertBuilt({3: "1000"})
        self._age()
        entry = payment.move_id
        liquid = entry.line_ids.filtered(
            lambda row: row.account_id == payment.outstanding_account_id
        )
        entry.button_draft()
        liquid.account_id = self.costs
        entry.action_post()
        self.assertBuilt({})

    def test_partial_payments_of_several_kinds_to_the_cent(self):
        invoice = self._invoice(999.97, MARCH)
        third = round(invoice.amount_total / 3, 2)
        self._match(invoice, self._money(third, LATER_IN_MARCH))
        self._match(
            invoice,
            self._entry((self.bank_account, third), (self.receivable, -third)),
        )
        rest = invoice.amount_residual
        self._match(
            invoice,
            self._entry((self.bank_account, rest), (self.receivable, -rest), day=APRIL),
        )
        self._build()
        lines = self.env["nka.bonus.line"].search([("move_ref", "=", invoice.id)])
        self.assertEqual(round(sum(lines.mapped("amount")), 2), 999.97)

    def test_sales_receipt_paid_at_once(self):
        receipt = self._invoice(1000, MARCH, move_type="out_receipt")
        self._pay(receipt, 1150, MARCH)
        self._build()
        lines = self.env["nka.bonus.line"].search([("move_ref", "=", receipt.id)])
        self.assertEqual(sum(lines.mapped("amount")), 1000)


class TestSetting(MoneyCase):
    def test_administrator_lists_accounts_with_audit_event(self):
        withheld = self._new_account("Tax withheld by clients")
        admin = self._new_user("money admin", "group_key_account_admin")
        settings = self.env["nka.settings"].with_user(admin).create({})
        settings.nka_money_account_ids = [Command.set(withheld.ids)]
        self.assertEqual(self.company.nka_money_account_ids, withheld)
        event = self.env["nka.audit.event"].search(
            [("kind", "=", "setting"), ("res_model", "=", "res.company")],
            order="id desc",
            limit=1,
        )
        self.assertIn("Tax withheld", event.new)
        self.assertEqual(event.user_id, admin)

    def test_receivable_account_is_refused_with_advice(self):
        with self.assertRaisesRegex(
            ValidationError, "amounts still owed don't count as money"
        ):
            self.company.nka_money_account_ids = self.receivable

    def test_account_that_becomes_receivable_later_is_refused(self):
        account = self._new_account("Clearing", reconcile=True)
        self.company.nka_money_account_ids = account
        account.account_type = "asset_receivable"
        self.assertNotIn(
            account.id,
            self.env["nka.bonus.builder"]
            ._prepare_build(self.company, APRIL, False, None, 0)
            .accounts.money,
        )
