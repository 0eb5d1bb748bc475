"""The timeline of a client: one stream of what happened, under the reader's rights."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from ..common import mail_from
from ..documents.common import PDF, DocumentCase
from ..statements.common import StatementCase


class TestTimeline(StatementCase):
    """An account with a meeting, an email, a document, an order, an invoice, a credit
    note, two payments, a won deal and a disputed statement.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.invoice = cls._invoice(1000, cls.today)
        cls.payment = cls._pay(cls.invoice, 700, cls.today)
        cls.note = cls._credit_note(cls.invoice, cls.today, 100)
        cls.deal = cls.env["crm.lead"].create(
            {
                "name": "Frame contract",
                "type": "opportunity",
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
                "expected_revenue": 5000,
            }
        )
        cls.deal.action_set_won()
        cls.meeting = cls._meeting("Yearly talk")
        cls.mail = mail_from(cls.client, cls.now, subject="Your offer")
        product = cls.env["product.product"].create({"name": "Film"})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 1000})
                ],
            }
        )
        cls.order.action_confirm()
        cls.document = cls._document()

    @classmethod
    def _meeting(cls, name, **vals):
        return cls.env["calendar.event"].create(
            {
                "name": name,
                "user_id": cls.manager.id,
                "partner_ids": [Command.set((cls.manager.partner_id | cls.client).ids)],
                "start": cls.now - timedelta(hours=3),
                "stop": cls.now - timedelta(hours=2),
                **vals,
            }
        )

    @classmethod
    def _document(cls):
        kind = DocumentCase._new_type.__func__(cls, "Contract of test", "T-TIMELINE")
        documents = cls.env["nka.document"].with_user(cls.manager)
        document = documents.create(
            {"type_id": kind.id, "key_account_id": cls.account.id, "title": "Contract"}
        )
        DocumentCase._upload.__func__(cls, document, PDF)
        document.action_submit()
        return document

    def _read(self, user, account=None):
        account = account or self.account
        entries = self.env["nka.timeline.entry"].with_user(user)
        return entries.search([("key_account_id", "=", account.id)])

    def _steps(self, user):
        return set(self._read(user).mapped("step"))

    def test_manager_reads_everything_of_the_account(self):
        self.assertEqual(
            self._steps(self.manager),
            {
                "meeting",
                "email_in",
                "won",
                "submitted",
                "order",
                "invoice",
                "credit_note",
                "payment",
            },
        )

    def test_every_line_opens_its_record(self):
        opened = {
            entry.step: (action["res_model"], action["res_id"])
            for entry in self._read(self.manager)
            for action in [entry.action_open()]
        }
        self.assertEqual(
            opened,
            {
                "meeting": ("calendar.event", self.meeting.id),
                "email_in": ("res.partner", self.client.id),
                "won": ("crm.lead", self.deal.id),
                "submitted": ("nka.document", self.document.id),
                "order": ("sale.order", self.order.id),
                "invoice": ("account.move", self.invoice.id),
                "credit_note": ("account.move", self.note.id),
                "payment": ("account.payment", self.payment.id),
            },
        )

    def test_amounts_are_those_of_the_records(self):
        amounts = {entry.step: entry.amount for entry in self._read(self.manager)}
        self.assertEqual(
            [amounts[step] for step in ("order", "invoice", "credit_note", "payment")],
            [1000, 1000, -100, 700],
        )

    def test_subject_of_a_message_without_one_is_its_text(self):
        mail_from(self.client, self.now, body="<p>We <b>sign</b>&nbsp;today</p>")
        names = self._read(self.manager).mapped("name")
        self.assertIn("We sign today", names)

    def test_review_replaces_submission(self):
        self.document.with_user(self.supervisor).action_approve()
        steps = self._steps(self.supervisor)
        self.assertIn("approved", steps)
        self.assertNotIn("submitted", steps)

    def test_bank_transaction_without_payment(self):
        invoice = self._invoice(500, self.today)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": self.today,
                "amount": 600,
                "partner_id": self.client.id,
                "payment_ref": "Transfer",
            }
        )
        _bank, suspense, _other = line._seek_for_lines()
        receivable = invoice.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        suspense.account_id = receivable.account_id
        (suspense | receivable).reconcile()
        entries = self._read(self.manager)
        [entry] = entries.filtered(
            lambda row: row.name == invoice.name and row.amount == 600
        )
        self.assertEqual(entry.step, "payment")
        self.assertEqual(entry.action_open()["res_id"], invoice.id)

    def test_dispute_is_shown_to_those_who_read_it(self):
        self._build()
        statement = self._calculate(self.today.replace(day=1))
        self.assertTrue(statement.credit_amount)
        dispute = (
            self.env["nka.pay.dispute"]
            .with_user(self.manager)
            .create({"statement_id": statement.id, "text": "Half of it is missing"})
        )
        [entry] = self._read(self.manager).filtered(lambda row: row.kind == "dispute")
        self.assertEqual(entry.step, "disputed")
        self.assertEqual(entry.action_open()["res_id"], dispute.id)
        deputy = self._new_user("nka_tl_deputy", "group_key_account_manager")
        self.account.with_user(self.supervisor).deputy_id = deputy
        self.assertNotIn("disputed", self._steps(deputy))

    # ------------------------------------------------------------ rights
    def test_colleague_reads_nothing(self):
        self.assertFalse(self._read(self.colleague))
        [entry] = self._read(self.manager).filtered(lambda row: row.step == "invoice")
        with self.refused(AccessError):
            entry.with_user(self.colleague).action_open()
        self.env.invalidate_all()
        self.assertFalse(entry.with_user(self.colleague).read(["name"]))

    def test_officer_and_employee_have_no_access(self):
        for user in (self.officer, self.employee_user, self.salesman):
            with self.refused(AccessError):
                self._read(user)

    def test_forged_ids_open_only_what_the_user_can_read(self):
        hidden = self._invoice(10, self.today, self.other_client)
        entries = self.env["nka.timeline.entry"].with_user(self.colleague)
        forged = (self.account.id << 35) + (hidden.id << 4) + 5
        with self.refused(AccessError):
            entries.browse(forged).action_open()
        for unknown in (15, (hidden.id << 4) + 15, (2**30 << 4) + 5, (2**30 << 4) + 2):
            with self.refused(UserError):
                entries.browse(unknown).action_open()

    def test_private_meeting_of_another_stays_private(self):
        self._meeting("Interview", privacy="private")
        self.assertIn("Interview", self._read(self.manager).mapped("name"))
        self.assertNotIn("Interview", self._read(self.supervisor).mapped("name"))

    def test_account_opens_its_timeline(self):
        action = self.account.with_user(self.manager).action_open_timeline()
        self.assertEqual(action["res_model"], "nka.timeline.entry")
        self.assertEqual(action["domain"], [("key_account_id", "=", self.account.id)])
        with self.refused(AccessError):
            self.account.with_user(self.colleague).action_open_timeline()

    # ------------------------------------------------------------ cost
    def test_reading_takes_as_many_queries_for_more_records(self):
        few, spent = self._measure()
        for number in range(5):
            self._invoice(number + 1, self.today)
        many, more_spent = self._measure()
        self.assertEqual(many, few + 5)
        self.assertLessEqual(more_spent, spent)

    def _measure(self):
        """Return the number of lines read, and of queries once caches are warm."""
        domain = [("key_account_id", "=", self.account.id)]
        entries = self.env["nka.timeline.entry"].with_user(self.manager)
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = entries.search_read(domain, ["name", "date"])
        return len(rows), self.env.cr.sql_log_count - before
