from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged

from ..common import NkaCase, qualify


@tagged("nka_accounts")
class TestQualification(NkaCase):
    """Creditworthiness and potential, assessed by one user and approved by another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._nominate(cls.client)

    def _draft(self, user=None, **vals):
        model = self.env["nka.qualification"].with_user(user or self.manager)
        return model.create({"key_account_id": self.account.id, **vals})

    def test_confirmation_needs_an_approved_qualification(self):
        account = self.account.with_user(self.supervisor)
        with self.assertRaisesRegex(RedirectWarning, "no approved qualification"):
            account.action_confirm()
        self.assertEqual(account.state, "candidate")
        qualify(self.account, self.supervisor_2)
        account.invalidate_recordset()
        account.action_confirm()
        self.assertEqual(account.state, "key")

    def test_rejected_or_expired_does_not_confirm(self):
        qualify(self.account, self.supervisor, verdict="rejected")
        qualify(self.account, self.supervisor, date_valid=self.today - self._days(1))
        with self.assertRaises(RedirectWarning):
            self.account.with_user(self.supervisor).action_confirm()

    def test_submission_says_what_is_missing(self):
        draft = self._draft()
        with self.assertRaisesRegex(UserError, "the verdict.*credit rating.*Margin"):
            draft.action_submit()
        self.assertEqual(draft.state, "draft")

    def test_maker_cannot_approve(self):
        draft = self._draft(
            self.supervisor, credit_rating="a", verdict="qualified", verdict_reason="x"
        )
        draft.score_ids.with_user(self.supervisor_2).score = "5"
        draft.action_submit()
        for maker in (self.supervisor, self.supervisor_2):
            with self.assertRaisesRegex(AccessError, "You worked on"):
                draft.with_user(maker).action_approve()
        with self.assertRaises(AccessError):
            draft.with_user(self.manager).action_approve()
        with self.assertRaises(AccessError):
            draft.with_user(self.env.ref("base.user_root")).action_approve()
        self.assertEqual(draft.state, "submitted")

    def test_submitted_qualification_is_locked(self):
        qualification = qualify(self.account, self.supervisor).with_user(self.manager)
        for change in (
            lambda: qualification.write({"credit_limit": 5}),
            lambda: qualification.write({"rating_file": b"eA=="}),
            lambda: qualification.score_ids[:1].write({"score": "5"}),
            lambda: qualification.score_ids[:1].unlink(),
            lambda: qualification.write({"score_ids": [(5,)]}),
            lambda: qualification.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "can't change it"):
                change()

    def test_company_and_order_of_scores_cant_be_written(self):
        """Values copied from another record change only with that record."""
        qualification = qualify(self.account, self.supervisor)
        score = qualification.score_ids[:1]
        for vals in ({"sequence": 7}, {"company_id": False}):
            with self.refused(AccessError, "only with the buttons"):
                score.with_user(self.manager).write(vals)
        score.criterion_id.sequence = 77
        self.assertEqual(score.sequence, 77)

    def test_users_without_access_cant_score(self):
        qualification = qualify(self.account, self.supervisor)
        criterion = self.env["nka.qualification.criterion"].create(
            {"name": "Fresh", "weight": 5}
        )
        self.env.invalidate_all()
        scores = self.env["nka.qualification.score"].with_user(self.colleague)
        with self.refused(AccessError):
            scores.create(
                {
                    "qualification_id": qualification.id,
                    "criterion_id": criterion.id,
                    "weight": 5,
                }
            )

    def test_returned_with_a_question(self):
        draft = self._draft(credit_rating="a", verdict="qualified", verdict_reason="x")
        draft.score_ids.score = "3"
        draft.action_submit()
        reviewer = draft.with_user(self.supervisor)
        self.assertEqual(reviewer.action_return()["res_model"], "nka.reason.wizard")
        reviewer.action_return(reason="Who rated him?")
        self.assertEqual(draft.state, "draft")
        self.assertEqual(self._events(draft, "state")[-1].note, "Who rated him?")
        self.assertIn(self.manager, draft.activity_ids.user_id)

    def test_potential_is_the_weighted_share_of_the_maximum(self):
        draft = self._draft()
        self.assertEqual(draft.potential_score, 0)
        draft.score_ids.score = "3"
        self.assertEqual(draft.potential_score, 60)
        heaviest = draft.score_ids.filtered(lambda line: line.weight == 25)
        heaviest.score = "5"
        self.assertEqual(draft.potential_score, 70)

    def test_payments_in_draft_dont_count(self):
        late = self._new_invoice(self.client, 1000, self.today - self._days(100))
        self._pay(late, self.today - self._days(70))
        draft = self._draft()
        self.assertEqual((draft.paid_count, draft.late_share), (1, 100))
        late.line_ids.matched_credit_ids.credit_move_id.move_id.button_draft()
        draft.action_refresh_facts()
        self.assertEqual((draft.paid_count, draft.late_share), (0, 0))

    def test_payment_history_comes_from_the_invoices(self):
        late, open_, punctual = (
            self._new_invoice(self.client, amount, self.today - self._days(days))
            for amount, days in ((1000, 100), (500, 50), (500, 20))
        )
        self._pay(late, self.today - self._days(70))
        self._pay(punctual, self.today - self._days(20))
        draft = self._draft()
        self.assertEqual(draft.trailing_revenue, 2000)
        self.assertEqual((draft.open_amount, draft.overdue_amount), (500, 500))
        self.assertEqual(draft.dso_days, 91)
        self.assertEqual((draft.paid_count, draft.late_share), (2, 50))
        self.assertEqual(draft.worst_delay_days, 30)
        self.assertEqual(open_.payment_state, "not_paid")

    def _pay(self, invoice, day):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": day})._create_payments()

    def test_colleagues_cant_read_or_create_qualifications(self):
        qualification = qualify(self.account, self.supervisor)
        with self.assertRaises(AccessError):
            qualification.with_user(self.colleague).read(["verdict"])
        with self.assertRaises(AccessError):
            self._draft(self.colleague)
        with self.assertRaises(AccessError):
            self._draft(self.officer)
