from datetime import timedelta

from odoo.tests import tagged

from .common import LedgerCase


@tagged("nka_ledger")
class TestJoinedClients(LedgerCase):
    """What a contact bought before it became part of a client credits nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_client("Stranger")

    def _join(self):
        self.stranger.with_user(self.supervisor_2).sudo().write(
            {"is_company": False, "parent_id": self.client.id}
        )
        self.env.flush_all()

    def _in_ledger(self):
        self.env.flush_all()
        self._build()
        return sum(self._lines().mapped("amount"))

    def test_invoice_of_a_stranger(self):
        self._paid(20000, self.today, self.stranger)
        self._join()
        self.assertEqual(self.stranger.commercial_partner_id, self.client)
        self.assertEqual(self._in_ledger(), 0)
        self._paid(300, self.today, self.stranger)
        self.assertEqual(self._in_ledger(), 300)

    def test_paid_after_the_joining(self):
        invoice = self._invoice(20000, self.today - timedelta(days=40), self.stranger)
        self._join()
        self._pay(invoice, invoice.amount_total, self.today)
        self.assertEqual(self._in_ledger(), 0)

    def test_invoice_dated_back(self):
        self._join()
        self._paid(20000, self.today - timedelta(days=1), self.stranger)
        self.assertEqual(self._in_ledger(), 0)

    def test_credit_note_goes_by_its_source(self):
        invoice = self._invoice(1000, self.today, self.stranger)
        self._join()
        self._credit_note(invoice, self.today)
        self.assertEqual(self._in_ledger(), 0)

    def test_who_leaves_takes_nothing_along(self):
        person = self.env["res.partner"].create(
            {"name": "Per Lind", "parent_id": self.client.id}
        )
        self._paid(700, self.today, person)
        self.assertEqual(self._in_ledger(), 700)
        person.with_user(self.supervisor_2).sudo().parent_id = self.stranger
        self.env.flush_all()
        self.assertEqual(self._in_ledger(), 700)

    def _paid(self, amount, day, client):
        invoice = self._invoice(amount, day, client)
        self._pay(invoice, invoice.amount_total, self.today)
        return invoice
