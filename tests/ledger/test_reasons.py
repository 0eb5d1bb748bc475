"""Every reason why a payment isn't credited, with an example; and who can see it."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import LedgerCase

MARCH, APRIL = date(2025, 3, 10), date(2025, 4, 10)
MARCH_DAYS = date(2025, 3, 1), date(2025, 3, 31)


class ReasonsCase(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accounts = cls.env["account.account"]
        cls.costs = accounts.search([("account_type", "=", "expense")], limit=1)
        cls.receivable = cls.client.property_account_receivable_id

    def _rows(self, days=MARCH_DAYS, **kwargs):
        return (
            self.env["nka.bonus.check"]._check(self.company, *days, **kwargs).line_ids
        )

    def _told(self, days=MARCH_DAYS):
        """Return reason, untaxed payment, amount due and amount due to no one, of each
        row.
        """
        return sorted(
            (row.reason, row.untaxed, row.due, row.rest) for row in self._rows(days)
        )

    @classmethod
    def _entry(cls, day, *lines, post=True, **vals):
        """Post a journal entry of (account, debit) pairs; credits are negative."""
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": cls.client.id,
                            "debit": max(amount, 0),
                            "credit": max(-amount, 0),
                        }
                    )
                    for account, amount in lines
                ],
                **vals,
            }
        )
        if post:
            entry.action_post()
        return entry

    @classmethod
    def _paid(cls, untaxed=1000, day=MARCH, invoiced=None, **vals):
        invoice = cls._invoice(untaxed, invoiced or day, **vals)
        payer = {"partner_id": invoice.partner_id.id}
        cls._match(invoice, cls._money(invoice.amount_residual, day, **payer))
        return invoice


class TestReasons(ReasonsCase):
    def test_payment_methods_without_an_account(self):
        """Odoo leaves the account of a method empty; write-offs are reported all the
        same.
        """
        methods = self.bank.outbound_payment_method_line_ids
        methods.payment_account_id = False
        invoice = self._invoice(1000, MARCH)
        entry = self._entry(
            MARCH,
            (self.bank.default_account_id, 1080),
            (self.costs, 120),
            (self.receivable, -1200),
        )
        self._match(invoice, entry)
        self._build()
        self.assertEqual(
            self._told(), [("credited", 900, 900, 0), ("write_off", 0, 0, 0)]
        )

    def test_candidate_is_no_key_account(self):
        client = self.env["res.partner"].create(
            {"name": "Requested", "is_company": True}
        )
        account = self.env["nka.key.account"].create(
            {"partner_id": client.id, "manager_id": self.manager.id}
        )
        self.assertEqual(account.state, "candidate")
        invoice = self._invoice(1000, MARCH, client)
        self._match(invoice, self._money(1200, MARCH, partner_id=client.id))
        self.assertEqual(self._told(), [])

    def test_due_and_not_in_the_ledger_yet(self):
        self._paid()
        self.assertEqual(self._told(), [("missing", 1000, 1000, 0)])
        self._build()
        [row] = self._rows()
        self.assertEqual(
            (row.reason, row.credited, row.settled), ("credited", 1000, 1200)
        )
        self.assertEqual((row.user_id, row.is_different), (self.manager, False))

    def test_no_longer_due(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1200, MARCH)
        self._match(invoice, payment)
        self._build()
        payment.move_id.line_ids.remove_move_reconcile()
        rows = self._rows()
        gone = rows.filtered(lambda row: row.reason == "gone")
        self.assertEqual((gone.due, gone.credited, gone.is_different), (0, 1000, True))
        self.assertIn("unmatched", rows.mapped("reason"))

    def test_partly_credited_states_amount_and_reason(self):
        """The second owner has no agreement: their 40 % is credited to no one."""
        self.account.assignment_ids._unlocked().write({"share": 60})
        self.account.assignment_ids._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "share": 40,
                "date_from": date(2025, 1, 1),
            }
        )
        self._paid()
        self._build()
        lost, credited = self._rows().sorted("reason")
        self.assertEqual(
            (credited.reason, credited.due, credited.settled), ("partly", 600, 720)
        )
        self.assertEqual(
            (lost.reason, lost.rest, lost.settled), ("no_agreement", 400, 480)
        )
        self.assertIn("600.00", credited.note)
        self.assertIn("1,000.00", credited.note)
        self.assertIn("400.00", credited.note)
        self.assertIn("no pay agreement", credited.note)

    def test_account_without_owner(self):
        self._paid(day=MARCH, invoiced=date(2024, 12, 1))
        self.assertEqual(self._told(), [("no_owner", 1000, 0, 1000)])
        self.assertTrue(self._rows().note)

    def test_paid_by_the_other_basis(self):
        self._accepted_on_invoices(self.other_employee, self.other_client)
        self._match(
            self._invoice(1000, MARCH, self.other_client),
            self._money(1200, MARCH, partner_id=self.other_client.id),
        )
        self._build()
        rows = self._rows()
        told = {row.basis: (row.reason, row.due, row.rest) for row in rows}
        self.assertEqual(told["paid"], ("other_basis", 0, 1000))
        self.assertEqual(told["invoiced"], ("credited", 1000, 0))

    def _accepted_on_invoices(self, employee, client):
        plan = self.env["nka.pay.plan"].create({"name": "By invoices"})
        self._approved_version(date(2025, 1, 1), plan, bonus_basis="invoiced")
        self._accepted(employee, plan_id=plan.id, date_from=date(2025, 1, 1))
        self._owned_since(client, date(2025, 1, 1), self.colleague)

    def test_settled_without_a_payment(self):
        noted, lost = self._invoice(500, MARCH), self._invoice(300, MARCH)
        self._credit_note(noted, MARCH)
        entry = self._entry(MARCH, (self.costs, 360), (self.receivable, -360))
        self._match(lost, entry)
        self.assertEqual(
            self._told(), [("credit_note", 0, 0, 0), ("write_off", 0, 0, 0)]
        )

    def test_payment_with_a_write_off(self):
        invoice = self._invoice(1000, MARCH)
        self._pay(
            invoice,
            900,
            MARCH,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.costs.id,
        )
        self._build()
        told = {row.reason: (row.settled, row.untaxed) for row in self._rows()}
        self.assertEqual(told, {"credited": (900, 750), "write_off": (300, 0)})

    def test_untaxed_amount_of_zero(self):
        """A payment of a document that consists of tax only."""
        invoice = self._invoice(1000, MARCH)
        self._credit_note(invoice, MARCH, match=False)
        self._paid()
        self._build()
        self.assertNotIn("nothing", self._rows().mapped("reason"))

    def test_not_matched(self):
        self._money(77, MARCH)
        [row] = self._rows()
        self.assertEqual((row.reason, row.settled), ("unmatched", 77))
        self.assertTrue(row.note)

    def test_unmatched_journal_entry(self):
        bank = self.bank.default_account_id
        self._entry(MARCH, (bank, 77), (self.receivable, -77))
        self._entry(MARCH, (self.costs, 33), (self.receivable, -33))
        [row] = self._rows()
        self.assertEqual((row.reason, row.settled), ("unmatched", 77))

    def test_unmatched_bank_statement_line(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "partner_id": self.client.id,
                "date": MARCH,
                "amount": 88,
                "payment_ref": "Transfer",
            }
        )
        [row] = self._rows()
        self.assertEqual((row.reason, row.settled), ("unmatched", 88))

    def test_payment_without_an_entry(self):
        payment = self._money(99, MARCH)
        self.env.flush_all()
        # As if the payment method had no outstanding account.
        self.cr.execute(
            """UPDATE account_move_line SET parent_state = 'draft' WHERE move_id = %s;
               UPDATE account_payment SET move_id = NULL WHERE id = %s""",
            [payment.move_id.id, payment.id],
        )
        self.env.invalidate_all()
        [row] = self._rows()
        self.assertEqual((row.reason, row.settled), ("no_entry", 99))

    def test_receivable_that_is_no_invoice(self):
        """An opening balance as a journal entry: nothing is credited, and the row has a
        reason.
        """
        equity = self.env["account.account"].search(
            [("account_type", "=", "equity")], limit=1
        )
        opening = self._entry(
            date(2024, 12, 31), (self.receivable, 1200), (equity or self.costs, -1200)
        )
        payment = self._money(1200, MARCH)
        self._match(opening, payment)
        [row] = self._rows()
        self.assertEqual(
            (row.reason, row.settled, row.rest), ("no_invoice", 1200, 1200)
        )
        self.assertEqual((row.name, row.counterpart), (opening.name, payment.name))
        self.assertIn("invoice with its own date", row.note)
        self.assertEqual(row.action_open_invoice()["res_id"], opening.id)
        self.assertEqual(row.action_open_payment()["res_id"], payment.id)
        self.assertEqual(self._build(), 0)

    def test_paid_back(self):
        received = self._money(500, MARCH)
        self._match(received, self._money(500, MARCH, kind="outbound"))
        self.assertEqual(self._told(), [("returned", 0, 0, 0)])

    def test_order_of_another_client_is_reported(self):
        product = self.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order", "type": "service"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.other_client.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 1})
                ],
            }
        )
        order.action_confirm()
        invoice = self._invoice(1000, MARCH)
        invoice.invoice_line_ids.sale_line_ids = order.order_line
        self._match(invoice, self._money(1200, MARCH))
        self._build()
        told = {row.reason: row for row in self._rows()}
        self.assertEqual(set(told), {"credited", "other_order"})
        self.assertEqual(told["other_order"].action_open_order()["res_id"], order.id)

    def test_payment_of_a_branch_is_reported(self):
        """A client of the branch pays the company above it."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        client = self._new_client("Client of the branch")
        self.env["nka.key.account"].sudo()._unlocked().create(
            {"partner_id": client.id, "company_id": branch.id, "state": "key"}
        )
        self._match(
            self._invoice(1000, MARCH, client),
            self._money(1200, MARCH, partner_id=client.id),
        )
        rows = self.env["nka.bonus.check"]._check(branch, *MARCH_DAYS).line_ids
        self.assertEqual((rows.reason, rows.rest), ("branch", 1000))

    def _join(self, contact):
        """Put a contact under the client as supervisor, as if on 10 March."""
        contact.with_user(self.supervisor_2).sudo().write(
            {"is_company": False, "parent_id": self.client.id}
        )
        joins = self.env["nka.client.join"].search([("partner_id", "=", contact.id)])
        joins._unlocked().write({"date": MARCH})
        self.env.flush_all()

    def assertBeforeJoining(self, invoice):
        """Assert that it is reported, due to no one, and no difference that blocks the
        close.
        """
        self._build()
        rows = self._rows().filtered(lambda row: row.move_ref == invoice.id)
        self.assertEqual(rows.mapped("reason"), ["before_joining"])
        self.assertFalse(rows.user_id)
        self.assertEqual((rows.due, rows.rest), (0, rows.whole))
        self.assertIn("No action needed", rows.note)
        check = self.env["nka.bonus.check"]._check_month(self.company, *MARCH_DAYS)
        self.assertFalse(
            check.line_ids.filtered(lambda row: row.move_ref == invoice.id)
        )

    def test_bought_before_the_contact_joined_the_client(self):
        """Bought before, on the day itself, and paid after it; later purchases count."""
        stranger = self._new_client("Stranger")
        paid = self._paid(invoiced=date(2025, 3, 3), client=stranger)
        same_day = self._invoice(500, MARCH, stranger)
        self._join(stranger)
        self._match(
            same_day, self._money(600, APRIL.replace(month=3), partner_id=stranger.id)
        )
        later = self._paid(200, day=date(2025, 3, 12), client=stranger)
        back_dated = self._paid(
            70, date(2025, 3, 11), date(2025, 3, 9), client=stranger
        )
        for invoice in (paid, same_day, back_dated):
            self.assertBeforeJoining(invoice)
        rows = self._rows().filtered(lambda row: row.move_ref == later.id)
        self.assertEqual((rows.reason, rows.due), ("credited", 200))
        self.assertEqual(self._credited(), 200)

    def test_bought_before_by_a_contact_that_was_merged(self):
        stranger = self._new_client("Stranger")
        invoice = self._paid(client=stranger)
        later = self._paid(300)
        self.env["nka.client.join"]._add_documents(self.account, {"move": invoice.ids})
        self.cr.execute(
            "UPDATE account_move SET partner_id = %s, commercial_partner_id = %s "
            "WHERE id = %s",
            [self.client.id, self.client.id, invoice.id],
        )
        self.env.invalidate_all()
        self.assertBeforeJoining(invoice)
        rows = self._rows().filtered(lambda row: row.move_ref == later.id)
        self.assertEqual((rows.reason, rows.due), ("credited", 300))

    def test_credit_note_follows_its_source(self):
        stranger = self._new_client("Stranger")
        invoice = self._paid(invoiced=date(2025, 3, 3), client=stranger)
        self._join(stranger)
        note = self._credit_note(invoice, date(2025, 3, 20), match=False)
        payment = self._money(
            1200, date(2025, 3, 21), kind="outbound", partner_id=stranger.id
        )
        self._match(note, payment)
        self.assertBeforeJoining(invoice)
        self.assertBeforeJoining(note)
        self.assertEqual(self._credited(), 0)

    def test_statement_reports_earlier_purchases(self):
        stranger = self._new_client("Stranger")
        self._paid(invoiced=date(2025, 3, 3), client=stranger)
        self._join(stranger)
        told = self.env["nka.bonus.check"]._uncredited(
            self.company, self.manager, *MARCH_DAYS
        )
        [(account_id, reason, money, _day)] = told[self.manager.id]
        self.assertEqual(
            (account_id, reason, money), (self.account.id, "before_joining", 1200)
        )

    def test_each_reason_has_a_label(self):
        """In order of their subject; with advice wherever something can be done."""
        reasons = dict(self.env["nka.bonus.check.line"]._fields["reason"].selection)
        self.assertEqual(len(set(reasons.values())), len(reasons))
        self.assertLess(
            {"no_owner", "no_agreement", "no_invoice", "unmatched"}, {*reasons}
        )


class TestReaders(ReasonsCase):
    """A manager sees their own rows, and nothing about the pay of others."""

    def _own(self, user=None):
        user = user or self.manager
        checks = self.env["nka.bonus.check"].with_user(user)
        action = checks._open_own(user, self.company, *MARCH_DAYS)
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_manager_sees_why_their_payments_are_not_credited(self):
        self._paid(day=MARCH, invoiced=date(2024, 12, 1))
        self._money(77, MARCH)
        self.assertEqual({*self._own().mapped("reason")}, {"no_owner", "unmatched"})

    def test_rows_of_others_hide_person_and_amount(self):
        self._accepted(self.other_employee, date_from=date(2025, 1, 1))
        self.account.assignment_ids._unlocked().write({"date_to": date(2025, 2, 28)})
        self.account.assignment_ids._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "date_from": date(2025, 3, 1),
            }
        )
        self._paid(day=MARCH, invoiced=date(2025, 2, 1))
        self._build()
        [row] = self._own(self.colleague)
        self.assertEqual((row.reason, row.settled), ("other_owner", 1200))
        self.assertFalse(row.user_id)
        self.assertEqual((row.due, row.credited, row.rest), (0, 0, 0))
        [row] = self._own()
        self.assertEqual((row.reason, row.due), ("credited", 1000))

    def test_full_comparison_is_for_officers_only(self):
        self._paid()
        rows = self._rows()
        mine = self.env[rows._name].with_user(self.manager)
        self.assertFalse(mine.search([("id", "in", rows.ids)]))
        with self.assertRaises(AccessError):
            rows.with_user(self.manager).read(["due"])
        with self.assertRaises(AccessError):
            rows.with_user(self.manager).action_open_credits()
        theirs = self._own()
        self.assertFalse(
            mine.with_user(self.colleague).search([("id", "in", theirs.ids)])
        )
        with self.assertRaises(AccessError):
            theirs.with_user(self.manager).write({"reason": "credited"})
        with self.assertRaises(AccessError):
            theirs.check_id.with_user(self.manager).write({"person_id": 1})

    def test_owner_and_officer_open_the_record(self):
        checks = self.env["nka.bonus.check"].with_user(self.colleague)
        with self.refused(UserError, "and payroll officers can see"):
            checks._open_own(self.manager, self.company, *MARCH_DAYS)
        checks = self.env["nka.bonus.check"].with_user(self.officer)
        action = checks._open_own(self.manager, self.company, *MARCH_DAYS)
        self.assertEqual(action["res_model"], "nka.bonus.check.line")

    def test_row_opens_its_record(self):
        invoice = self._paid()
        self._build()
        [row] = self._rows()
        self.assertEqual(row.action_open_invoice()["res_id"], invoice.id)
        self.assertEqual(row.action_open_payment()["res_model"], "account.payment")
        credits = row.action_open_credits()
        found = self.env[credits["res_model"]].search(credits["domain"])
        self.assertEqual(found, self._lines())
        with self.refused(UserError, "This row has no such record"):
            row.action_open_order()
        check = self.env["nka.bonus.check"].with_user(self.officer)
        own = check._check(self.company, *MARCH_DAYS).line_ids.with_user(self.officer)
        with self.refused(UserError, "account team and accounting"):
            own.action_open_invoice()
        with self.assertRaises(AccessError):
            row.with_user(self.officer).action_open_invoice()
