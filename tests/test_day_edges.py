"""What changes behind the day's back: people who leave, deals taken up again, no history."""

from odoo.exceptions import RedirectWarning
from odoo.tests import Form, tagged

from .common_market import MarketCase
from .common_qualification import qualify

AWAY_NOW = """
    UPDATE hr_leave SET date_from = now() AT TIME ZONE 'UTC' - interval '1 hour',
           date_to = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE id = %s
"""


@tagged("nka_day")
class TestVerdicts(MarketCase):
    """A qualification speaks until another one does."""

    def test_a_later_refusal_ends_the_earlier_verdict(self):
        candidate = self._nominate(self.other_client)
        qualify(candidate, self.supervisor)
        self.assertTrue(candidate.qualification_id)
        qualify(candidate, self.supervisor, verdict="rejected")
        candidate.invalidate_recordset()
        self.assertFalse(candidate.qualification_id)
        with self.assertRaises(RedirectWarning):
            candidate.with_user(self.supervisor).action_confirm()
        again = qualify(candidate, self.supervisor, verdict="conditional")
        candidate.invalidate_recordset()
        self.assertEqual(candidate.qualification_id, again)

    def test_without_invoices_no_discipline_is_shown(self):
        """Zero days and zero percent would read like the best of payers."""
        candidate = self._nominate(self.other_client)
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": candidate.id})
        form = Form(draft)
        for name in ("dso_days", "late_share", "paid_count", "worst_delay_days"):
            self.assertTrue(form._get_modifier(name, "invisible"), name)
        self._new_invoice(self.other_client, 100)
        draft.action_refresh_facts()
        self.assertFalse(Form(draft)._get_modifier("dso_days", "invisible"))

    def test_an_invoice_taken_back_was_not_paid_late(self):
        invoice = self._new_invoice(self.client, 1000, self.today - self._days(90))
        invoice._reverse_moves(
            [{"invoice_date": self.today, "date": self.today}], cancel=True
        )
        self.assertEqual(invoice.payment_state, "reversed")
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": self.account.id})
        self.assertEqual((draft.paid_count, draft.worst_delay_days), (0, 0))
