"""Proposing and approving handovers, and the accounts that can't be handed over."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import AccountsCase


@tagged("nka_accounts")
class TestHandoverDecision(AccountsCase):
    """Proposed by the manager, approved by a supervisor who isn't involved."""

    def _refused(self, error, pattern, call):
        with self.assertRefused(pattern, error):
            call()

    def test_manager_proposes_their_own_accounts_only(self):
        self.other_account.deputy_id = self.colleague
        for accounts, vals in (
            (self.other_account, {}),
            (self.other_account, {"to_user_id": self.supervisor.id}),
        ):
            with self.assertRefused("only your own accounts", AccessError):
                self._propose(accounts, self.colleague, **vals)
        foreign = self._key_account(self._new_client("Rhine Glass"), self.colleague)
        foreign.deputy_id = self.manager
        with self.assertRefused("isn't managed by"):
            self._propose(foreign)

    def test_manager_cannot_approve(self):
        handover = self._submit(self.account)
        for user in (self.manager, self.colleague):
            self._refused(
                AccessError,
                "supervisor",
                handover.with_user(user).action_approve,
            )
        self.assertEqual(self.account.manager_id, self.manager)

    def test_maker_cannot_approve_whatever_their_rights(self):
        handover = self._submit(self.account, self.supervisor)
        self._refused(
            AccessError,
            "another supervisor",
            handover.with_user(self.supervisor).action_approve,
        )
        self._refused(
            AccessError,
            "another supervisor",
            handover.with_user(self.supervisor).sudo().action_approve,
        )
        handover.with_user(self.supervisor_2).action_approve()
        self.assertEqual(handover.state, "done")

    def test_editor_counts_as_a_maker(self):
        handover = self._propose(self.account)
        handover.with_user(self.supervisor).credit_share = 40
        handover.with_user(self.manager).action_submit()
        self._refused(
            AccessError,
            "another supervisor",
            handover.with_user(self.supervisor).action_approve,
        )

    def test_supervisor_who_takes_over_cannot_approve(self):
        manager_group = self.env.ref("nka_key_accounts.group_key_account_manager")
        self.supervisor.group_ids += manager_group
        handover = self._submit(self.account, to_user_id=self.supervisor.id)
        self._refused(
            AccessError,
            "another supervisor",
            handover.with_user(self.supervisor).action_approve,
        )

    def test_superuser_cannot_approve(self):
        handover = self._submit(self.account)
        self._refused(AccessError, "supervisor", handover.sudo().action_approve)

    def test_second_approval_names_the_first(self):
        handover = self._submit(self.account)
        handover.with_user(self.supervisor).action_approve()
        self._refused(
            UserError,
            "already approved by nka_super ",
            handover.with_user(self.supervisor_2).action_approve,
        )

    def test_return_needs_a_reason_and_notifies_the_maker(self):
        handover = self._submit(self.account)
        question = handover.with_user(self.supervisor).action_return()
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        handover.with_user(self.supervisor).action_return(reason="Wait for the tender")
        self.assertEqual(handover.state, "returned")
        self.assertEqual(handover.return_reason, "Wait for the tender")
        self.assertEqual(handover.activity_ids.user_id, self.manager)
        handover.with_user(self.manager).reason = "The tender is over"
        handover.with_user(self.manager).action_submit()
        self.assertEqual(handover.activity_ids.user_id, self.supervisor)

    def test_maker_can_cancel_until_approved(self):
        handover = self._submit(self.account)
        handover.with_user(self.manager).action_cancel()
        self.assertEqual(handover.state, "cancelled")
        later = self.today + self._days(5)
        approved = self._hand_over(self.account, date=later)
        self._refused(
            AccessError, "supervisor", approved.with_user(self.manager).action_cancel
        )
        approved.with_user(self.supervisor).action_cancel()
        self.assertEqual(self.account.manager_id, self.manager)

    def test_content_is_locked_while_submitted(self):
        handover = self._submit(self.account)
        for vals in (
            {"to_user_id": self.supervisor.id},
            {"credit_share": 90},
            {"key_account_ids": [(4, self.other_account.id)]},
            {"date": self.today + self._days(1)},
        ):
            with self.assertRefused("Submitted"):
                handover.with_user(self.manager).write(vals)
            with self.assertRefused("Submitted"):
                handover.with_user(self.supervisor).write(vals)

    def test_refusal_on_a_finished_handover_names_no_accounts(self):
        handover = self._hand_over(self.account)
        self.env.invalidate_all()
        with self.assertRefused("is “Done”"):
            handover.with_user(self.manager).action_submit()

    def test_state_and_decision_cant_be_written(self):
        handover = self._propose(self.account).with_user(self.manager)
        for vals in (
            {"state": "approved"},
            {"approved_by_id": self.supervisor.id},
            {"maker_ids": [(5,)]},
        ):
            with self.assertRaises(AccessError):
                handover.write(vals)
            with self.assertRaises(AccessError):
                handover.sudo().write(vals)

    def test_submitted_handover_cannot_be_deleted(self):
        handover = self._submit(self.account)
        self._refused(UserError, "Cancel it", handover.with_user(self.manager).unlink)


@tagged("nka_accounts")
class TestHandoverRefusals(AccountsCase):
    """Refused handovers give the reason and move nothing."""

    def _assert_refused(self, pattern, accounts=None, **vals):
        if accounts is None:
            accounts = self.account
        with self.assertRefused(pattern):
            self._submit(accounts, self.supervisor, **vals)
        self.assertEqual(self.account.manager_id, self.manager)

    def test_date_in_the_past(self):
        self._assert_refused("in the past", date=self.today - self._days(1))

    def test_incoming_manager_needs_the_role(self):
        self._assert_refused(
            "doesn't have the key account manager role", to_user_id=self.salesman.id
        )

    def test_incoming_manager_is_active_and_in_the_company(self):
        stranger = self._new_user("nka_stranger", "group_key_account_manager")
        other = self.env["res.company"].create({"name": "Far Branch"})
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(UserError):
            self._submit(self.account, to_user_id=stranger.id)
        handover = self._submit(self.account)
        self.colleague.active = False
        with self.assertRefused("archived"):
            handover.with_user(self.supervisor).action_approve()

    def test_outgoing_and_incoming_manager_must_differ(self):
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self._propose(self.account, to_user_id=self.manager.id)
        self.assertIn("two_people", str(caught.exception))

    def test_reason_and_accounts_are_required(self):
        self._assert_refused("Enter the reason", reason=" ")
        self._assert_refused("at least one", self.env["nka.key.account"])

    def test_former_account(self):
        self.account.with_user(self.supervisor).action_retire(reason="Closed down")
        self._assert_refused("isn't a current key account")

    def test_account_of_another_company(self):
        company = self.env["res.company"].create({"name": "Far Branch"})
        self.supervisor.company_ids += company
        self.manager.company_ids += company
        foreign = self.env["nka.key.account"].create(
            {
                "partner_id": self._new_client("Rhine Glass").id,
                "company_id": company.id,
                "manager_id": self.manager.id,
            }
        )
        self._assert_refused("company|compan", self.account | foreign)

    def test_account_handed_over_meanwhile(self):
        handover = self._propose(self.account)
        third = self._new_user("nka_third", "group_key_account_manager")
        self._hand_over(self.account, to_user_id=third.id)
        with self.assertRefused("isn't managed by"):
            handover.with_user(self.supervisor).action_submit()
        self.assertEqual(self.account.manager_id, third)

    def test_two_pending_handovers_of_one_account(self):
        self._submit(self.account)
        self._assert_refused("in progress")

    def test_deputy_and_manager_must_differ(self):
        with self.assertRefused("must be different people", ValidationError):
            self._propose(self.account, new_deputy_id=self.colleague.id)

    def test_shares_out_of_range(self):
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self._propose(self.account, credit_share=120)
        self.assertIn("share_range", str(caught.exception))

    def test_outgoing_manager_cannot_keep_more_than_they_have(self):
        self._hand_over(self.account, keep_share=40)
        with self.assertRefused("can't keep"):
            self._submit(
                self.account,
                self.supervisor,
                from_user_id=self.manager.id,
                scope="credit",
                keep_share=50,
            )

    def test_several_managers_in_one_selection(self):
        foreign = self._key_account(self._new_client("Rhine Glass"), self.colleague)
        selected = (self.account | foreign).with_user(self.supervisor)
        with self.assertRefused("the same manager"):
            selected.action_hand_over()
