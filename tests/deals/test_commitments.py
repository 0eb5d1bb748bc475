from odoo import Command
from odoo.addons.nka_key_accounts.models.deals.nka_commitment import (
    DUE_ACTIVITY,
    REMEDY_ACTIVITY,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import DealsCase


@tagged("nka_market")
class TestCommitment(DealsCase):
    """A term agreed in a deal, from the promise to its outcome."""

    def test_kept(self):
        commitment = self._promise()
        self.assertEqual(commitment.state, "open")
        self.assertEqual(commitment.manager_id, self.manager)
        commitment.action_keep()
        self.assertEqual(commitment.state, "kept")
        self.assertEqual(commitment.actual_date, self.today)
        steps = self._events(commitment, "state").mapped(lambda e: (e.old, e.new))
        self.assertEqual(steps, [(False, "open"), ("open", "kept")])

    def test_kept_late_shows_the_delay(self):
        commitment = self._promise(promised_date=self.today - self._days(4))
        commitment.action_keep()
        self.assertEqual(commitment.delay_days, 4)

    def test_account_comes_from_the_deal(self):
        model = self.env["nka.commitment"].with_user(self.manager)
        commitment = model.create({"text": "Ten days", "lead_id": self.lead.id})
        self.assertEqual(commitment.key_account_id, self.account)
        self.assertEqual(self.lead.with_user(self.manager).commitment_ids, commitment)

    def test_deal_of_another_account_is_refused(self):
        lead = self._new_lead(self.other_client)
        commitment = self._promise()
        with self.assertRaises(ValidationError):
            commitment.lead_id = lead

    def test_cannot_be_moved_to_another_account(self):
        account = self._key_account(self.other_client)
        with self.assertRaisesRegex(UserError, "can't be moved"):
            self._promise().write({"key_account_id": account.id})

    def test_promising_party_follows_the_kind(self):
        self.assertEqual(self._promise(kind="payment").promised_by, "client")
        self.assertEqual(self._promise(kind="price").promised_by, "us")
        self.assertEqual(
            self._promise(kind="price", promised_by="client").promised_by, "client"
        )

    def test_breached_and_remedied(self):
        commitment = self._promise(promised_date=self.today - self._days(1))
        question = commitment.action_breach()
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        self.assertEqual(commitment.state, "open")
        commitment.action_breach(reason="The supplier failed")
        self.assertEqual(commitment.state, "breached")
        self.assertEqual(
            self._events(commitment, "state")[-1].note, "The supplier failed"
        )
        todo = commitment.activity_search([REMEDY_ACTIVITY])
        self.assertEqual(todo.user_id, self.manager)
        with self.assertRaisesRegex(UserError, "will be remedied first"):
            commitment.action_remedy()
        commitment.remedy = "Two pallets free"
        commitment.action_remedy()
        self.assertEqual(commitment.remedied_date, self.today)
        self.assertEqual(self._events(commitment, "remedy").new, "Two pallets free")
        self.assertFalse(commitment.activity_search([REMEDY_ACTIVITY]))

    def test_reason_wizard(self):
        commitment = self._promise()
        question = commitment.action_breach()
        wizard = self.env["nka.reason.wizard"].with_user(self.manager)
        wizard.with_context(**question["context"]).create(
            {"reason": "Late"}
        ).action_apply()
        self.assertEqual(commitment.state, "breached")

    def test_waived_by_an_uninvolved_supervisor(self):
        commitment = self._promise()
        with self.assertRaisesRegex(AccessError, "supervisor"):
            commitment.action_waive(reason="Not needed")
        by_supervisor = self._promise(self.supervisor)
        with self.assertRaisesRegex(AccessError, "You worked on"):
            by_supervisor.action_waive(reason="Not needed")
        question = commitment.with_user(self.supervisor).action_waive()
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        commitment.with_user(self.supervisor).action_waive(
            reason="Client changed plans"
        )
        self.assertEqual(commitment.state, "waived")
        self.assertEqual(commitment.reason, "Client changed plans")

    def test_state_cannot_be_written(self):
        commitment = self._promise()
        for attempt in (
            lambda: commitment.write({"state": "kept"}),
            lambda: commitment.sudo().write({"state": "kept"}),
            lambda: commitment.write({"manager_id": self.colleague.id}),
            lambda: commitment.write({"remedied_date": self.today}),
            lambda: self._promise(state="kept"),
            lambda: commitment.with_context(default_state="kept").copy(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertEqual(commitment.state, "open")

    def test_closed_commitments_are_read_only(self):
        commitment = self._promise()
        commitment.action_keep()
        with self.assertRaisesRegex(UserError, "the promised terms can't be changed"):
            commitment.text = "Twenty days"
        for step in ("action_keep", "action_accept", "action_remedy"):
            with self.assertRaises(UserError):
                getattr(commitment, step)()
        with self.assertRaises(UserError):
            commitment.action_breach(reason="x")

    def test_agreed_commitments_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            self._promise().unlink()

    def test_changed_terms_are_logged(self):
        commitment = self._promise()
        commitment.promised_date = self.today + self._days(30)
        event = self._events(commitment, "commitment_terms")
        self.assertIn(str(self.today + self._days(10)), event.old)
        self.assertIn(str(self.today + self._days(30)), event.new)

    def test_handover_moves_open_commitments(self):
        closed, open_ = self._promise(), self._promise()
        closed.action_keep()
        self.account._unlocked().write({"manager_id": self.colleague.id})
        self.assertEqual(open_.manager_id, self.colleague)
        self.assertEqual(closed.manager_id, self.manager)


@tagged("nka_market")
class TestCommitmentFigures(DealsCase):
    def test_kept_rate_excludes_open_and_waived(self):
        for closing in ("keep", "keep", "keep", "breach", None, "waive"):
            commitment = self._promise()
            if closing == "keep":
                commitment.action_keep()
            elif closing:
                getattr(commitment.with_user(self.supervisor), f"action_{closing}")(
                    reason="x"
                )
        [(manager, rate)] = self.env["nka.commitment"]._read_group(
            [("key_account_id", "=", self.account.id)],
            ["manager_id"],
            ["kept_rate:avg"],
        )
        self.assertEqual((manager, rate), (self.manager, 75))
        self.assertEqual(self.account.commitment_kept_rate, 75)
        self.assertEqual(self.account.open_commitment_count, 1)

    def test_pivot_groups_by_manager_and_account(self):
        self._promise().action_keep()
        rows = (
            self.env["nka.commitment"]
            .with_user(self.manager)
            .formatted_read_group(
                [],
                ["manager_id", "key_account_id"],
                ["kept_rate:avg", "delay_days:avg"],
            )
        )
        self.assertEqual(rows[0]["kept_rate:avg"], 100)

    def test_overdue_counts_and_lowers_the_health(self):
        self.account._refresh_health()
        self.assertNotIn("commitments", self.account.health_scores)
        commitment = self._promise(promised_date=self.today - self._days(1))
        self.assertTrue(commitment.is_overdue)
        self.assertEqual(commitment.search([("is_overdue", "=", True)]), commitment)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.overdue_commitment_count, 1)
        self.account._refresh_health()
        self.assertEqual(self.account.health_scores["commitments"], 75)


@tagged("nka_market")
class TestCommitmentRoles(DealsCase):
    def test_deputy_proposes_and_manager_accepts(self):
        proposed = self._promise(self.deputy)
        self.assertEqual(proposed.state, "proposed")
        for step in ("action_accept", "action_keep"):
            with self.assertRaisesRegex(AccessError, "Only the account's manager"):
                getattr(proposed, step)()
        proposed.text = "Twelve days"
        proposed.with_user(self.manager).action_accept()
        self.assertEqual(proposed.state, "open")
        by_manager = self._promise().with_user(self.deputy)
        self.assertEqual(by_manager.text, "Ten days of delivery")
        with self.assertRaises(AccessError):
            by_manager.text = "Never"
        with self.assertRaises(AccessError):
            by_manager.action_keep()

    def test_proposed_commitments_can_be_deleted(self):
        promise = self._promise(self.deputy)
        promise.unlink()
        self.assertFalse(promise.exists())

    def test_strangers_have_no_access(self):
        commitment = self._promise()
        for user in (self.colleague, self.officer, self.salesman, self.employee_user):
            with self.assertRaises(AccessError):
                commitment.with_user(user).read(["text"])
            with self.assertRaises(AccessError):
                commitment.with_user(user).action_keep()
            with self.assertRaises(AccessError):
                self._promise(user)

    def test_admin_and_superuser_cannot_close(self):
        commitment = self._promise()
        self.assertEqual(commitment.with_user(self.kam_admin).text, commitment.text)
        for user in (self.kam_admin, self.env.ref("base.user_root")):
            with self.assertRaises(AccessError):
                commitment.with_user(user).action_keep()
        self.assertEqual(commitment.state, "open")

    def test_supervisor_closes_with_audit_event(self):
        commitment = self._promise()
        commitment.with_user(self.supervisor).action_breach(reason="Seen on site")
        self.assertEqual(self._events(commitment, "state")[-1].user_id, self.supervisor)

    def test_other_companies_have_no_access(self):
        company = self.env["res.company"].create({"name": "Sister"})
        self.supervisor_2.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        commitment = self._promise()
        self.assertFalse(
            commitment.with_user(self.supervisor_2).search([("id", "=", commitment.id)])
        )


@tagged("nka_market")
class TestCommitmentJob(DealsCase):
    """An overdue commitment creates one activity."""

    def _run(self):
        self.env["nka.commitment"]._cron_remind()

    def test_one_activity_for_the_responsible(self):
        overdue = self._promise(promised_date=self.today - self._days(1))
        coming = self._promise()
        self._run()
        self._run()
        activity = overdue.activity_search([DUE_ACTIVITY])
        self.assertEqual(activity.user_id, self.manager)
        self.assertFalse(coming.activity_ids)
        overdue.action_keep()
        self.assertFalse(overdue.activity_search([DUE_ACTIVITY]))

    def test_activity_for_the_supervisor_without_manager_and_deputy(self):
        overdue = self._promise(promised_date=self.today - self._days(1))
        self.account._unlocked().write({"manager_id": False, "deputy_id": False})
        self._run()
        activity = overdue.sudo().activity_search([DUE_ACTIVITY])
        self.assertEqual(activity.user_id, self.account.supervisor_id)
        self.assertTrue(activity.user_id)

    def test_activity_when_accounting_contradicts_a_commitment(self):
        promise = self._promise(kind="payment", promised_value=10, promised_date=False)
        promise.date_agreed = self.today - self._days(90)
        self._new_invoice(self.client, 100, self.today - self._days(40))
        self._run()
        self.assertTrue(promise.activity_search([DUE_ACTIVITY]))

    def test_job_query_count_is_constant(self):
        def promise(count):
            self.env["nka.commitment"].create(
                [
                    {
                        "text": "x",
                        "kind": "payment",
                        "promised_value": 5,
                        "key_account_id": self.account.id,
                        "promised_date": self.today - self._days(2),
                    }
                ]
                * count
            )

        promise(3)
        few = self._queries(self._run)
        promise(60)
        many = self._queries(self._run)
        self.assertLessEqual(many, few + 2)
