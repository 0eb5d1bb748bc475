from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DealsCase


@tagged("nka_offer")
class TestContribution(DealsCase):
    """Contributions to an offer, requested from colleagues and delivered by them."""

    def _delivered(self, **vals):
        item = self._ask(**vals)
        mine = item.with_user(item.user_id)
        mine.answer = "<p>Two robots and a conveyor</p>"
        mine.action_deliver()
        return item

    def test_requested_delivered_accepted(self):
        item = self._ask()
        self.assertEqual(self._activities(item).user_id, self.employee_user)
        self.assertEqual(self._activities(item).date_deadline, item.date_due)
        mine = item.with_user(self.employee_user)
        mine.write({"answer": "<p>Two robots</p>"})
        mine.action_deliver()
        self.assertEqual(item.date_delivered, self.today)
        self.assertEqual(self._activities(item).user_id, self.manager)
        item.action_accept()
        self.assertEqual(item.state, "accepted")
        self.assertFalse(self._activities(item))
        self.assertEqual(
            self._events(item, "state").mapped("new"),
            ["asked", "delivered", "accepted"],
        )
        self.assertEqual(self._events(item)[-1].lead_ref, self.lead.id)

    def test_empty_answer_is_refused(self):
        item = self._ask().with_user(self.employee_user)
        with self.assertRaisesRegex(UserError, "Enter the answer"):
            item.action_deliver()

    def test_returned_with_a_reason(self):
        item = self._delivered()
        item.action_return(reason="Which robot?")
        self.assertEqual(item.state, "returned")
        activity = self._activities(item)
        self.assertEqual(activity.user_id, self.employee_user)
        self.assertIn("Which robot?", activity.note)
        mine = item.with_user(self.employee_user)
        mine.answer = "<p>The big one</p>"
        mine.action_deliver()
        self.assertEqual(item.state, "delivered")

    def test_delivered_is_read_only(self):
        item = self._delivered()
        for user, vals in (
            (self.employee_user, {"answer": "<p>Else</p>"}),
            (self.manager, {"date_due": self.today}),
        ):
            with self.assertRaises(UserError):
                item.with_user(user).write(vals)

    def test_files_must_be_those_delivered(self):
        item = self._ask()
        file = (
            self.env["ir.attachment"]
            .with_user(self.employee_user)
            .create(
                {
                    "name": "concept.txt",
                    "raw": b"Two robots",
                    "res_model": item._name,
                    "res_id": item.id,
                }
            )
        )
        mine = item.with_user(self.employee_user)
        mine.attachment_ids = file
        mine.action_deliver()
        self.assertTrue(self._events(item, "state")[-1].file_digest)
        with self.assertRaises(AccessError):
            file.raw = b"Three robots"
        file.sudo().raw = b"Three robots"
        with self.assertRaisesRegex(UserError, "have changed since"):
            item.action_accept()
        self.assertEqual(file.with_user(self.manager).raw, b"Three robots")
        with self.assertRaisesRegex(UserError, "can't be made public"):
            file.sudo().public = True

    def test_contributor_reads_their_contribution_only(self):
        item = self._ask()
        other = self._ask(person=self.salesman, name="Prices")
        mine = self.env["nka.offer.contribution"].with_user(self.employee_user)
        self.assertEqual(mine.search([]), item)
        self.assertEqual(mine.browse(item.id).client_name, self.client.name)
        with self.assertRaises(AccessError):
            mine.browse(other.id).read(["name"])
        for name in ("lead_id", "key_account_id"):
            with self.assertRaises(AccessError):
                mine.browse(item.id).read([name])
        for record in (self.lead, self.account):
            with self.assertRaises(AccessError):
                record.with_user(self.employee_user).read(["display_name"])
        view = mine.get_view(view_type="form")
        self.assertNotIn('name="lead_id"', view["arch"])

    def test_contributor_writes_their_answer_only(self):
        item = self._ask().with_user(self.employee_user)
        for vals in (
            {"date_due": self.today},
            {"user_id": self.salesman.id},
            {"name": "Nothing"},
            {"state": "accepted"},
            {"lead_id": self._new_lead(self.other_client).id},
        ):
            with self.assertRaises(UserError):
                item.write(vals)
        for step in (item.action_accept, item.action_return, item.action_withdraw):
            with self.assertRaises(UserError):
                step()
        with self.assertRaises(AccessError):
            item.unlink()

    def test_others_neither_read_nor_request(self):
        item = self._ask()
        for user in (self.colleague, self.officer, self.salesman):
            found = self.env["nka.offer.contribution"].with_user(user).search([])
            self.assertFalse(found, user.login)
            with self.assertRaises(AccessError):
                item.with_user(user).write({"answer": "<p>Mine</p>"})
        for user in (self.colleague, self.deputy, self.employee_user, self.kam_admin):
            with self.assertRaises(AccessError):
                self._ask(user=user)
        self.assertTrue(item.with_user(self.deputy).name)
        self.assertTrue(item.with_user(self.supervisor).name)

    def test_only_the_contributor_answers(self):
        item = self._ask()
        for user in (self.manager, self.supervisor):
            with self.assertRaisesRegex(AccessError, "is assigned to"):
                item.with_user(user).write({"answer": "<p>As I like it</p>"})
            with self.assertRaises(AccessError):
                item.with_user(user).action_deliver()

    def test_contributor_cannot_accept(self):
        item = self._delivered(person=self.supervisor)
        with self.assertRaises(AccessError):
            item.with_user(self.supervisor).action_accept()
        item.with_user(self.manager).action_accept()

    def test_users_without_the_company_or_a_login_cannot_be_asked(self):
        outside = self.env["res.company"].create({"name": "Elsewhere"})
        self.employee_user.write(
            {"company_ids": [(6, 0, outside.ids)], "company_id": outside.id}
        )
        with self.assertRaisesRegex(UserError, "You can't ask"):
            self._ask()
        # A user without a part in the deal doesn't learn who owns it.
        self.env.invalidate_all()
        with self.refused(AccessError):
            self._ask(user=self.colleague)

    def test_requests_are_withdrawn_not_deleted(self):
        item = self._ask()
        with self.assertRaisesRegex(UserError, "Withdraw"):
            item.unlink()
        item.action_withdraw(reason="Client wants a standard machine")
        self.assertFalse(self._activities(item))

    def test_reminder_query_count_is_constant(self):
        item = self._ask(date_due=self.today - self._days(1))
        self.assertTrue(item.is_overdue)
        self._activities(item).unlink()
        items = self.env["nka.offer.contribution"]
        items._cron_remind()
        self.assertEqual(
            self._activities(item).mapped("user_id"), self.employee_user | self.manager
        )
        items._cron_remind()
        self.assertEqual(len(self._activities(item)), 2)
        few = self._queries(items._cron_remind)
        for _number in range(5):
            self._ask(date_due=self.today - self._days(1))
        items._cron_remind()
        self.assertEqual(self._queries(items._cron_remind), few)

    def test_deal_without_contributions_shows_none(self):
        """The button of a deal without contributions shows no technical name."""
        self.assertFalse(self.lead.with_user(self.manager).contribution_state)

    def test_deal_shows_missing_contributors(self):
        self._delivered().action_accept()
        self._ask(date_due=self.today - self._days(1))
        lead = self.lead.with_user(self.manager)
        self.assertEqual(lead.contribution_state, "1/2")
        self.assertEqual(lead.overdue_contribution_count, 1)

    def test_merged_deals_keep_their_offers(self):
        other = self._new_lead(self.client)
        item = self._ask(lead_id=other.id)
        (self.lead | other).with_user(self.supervisor).merge_opportunity()
        self.assertTrue(item.lead_id.exists())
        self.assertEqual(item.key_account_id, self.account)


@tagged("nka_offer")
class TestConcession(DealsCase):
    """Concessions: what we give and what we get."""

    def _concession(self, user=None, **vals):
        items = self.env["nka.concession"].with_user(user or self.manager)
        return items.create(
            {
                "name": "Free commissioning",
                "lead_id": self.lead.id,
                "cost": 300,
                "gain": "Three years of volume",
                "gain_value": 1000,
                "client_benefit": "Starts a month earlier",
                "client_value": 500,
                **vals,
            }
        )

    def test_balance_of_the_deal(self):
        item = self._concession()
        dropped = self._concession(cost=5000, gain_value=0)
        dropped.action_drop(reason="Too dear")
        lead = self.lead.with_user(self.manager)
        self.assertEqual(item.balance, 700)
        self.assertEqual(lead.concession_balance, 700)
        self.assertEqual((lead.concession_cost, lead.concession_gain), (300, 1000))

    def test_agreed_is_read_only_and_logged(self):
        item = self._concession()
        item.action_agree()
        event = self._events(item, "state")[-1]
        self.assertIn("Free commissioning", event.note)
        self.assertEqual(event.lead_ref, self.lead.id)
        for vals in ({"cost": 1}, {"gain": "Nothing"}, {"state": "planned"}):
            with self.assertRaises(UserError):
                item.write(vals)
        with self.assertRaises(UserError):
            item.unlink()

    def test_concession_without_return_needs_a_supervisor(self):
        item = self._concession(gain=" ", gain_value=0)
        self.assertTrue(item.is_gift)
        with self.assertRaisesRegex(AccessError, "what we get"):
            item.action_agree()
        item.with_user(self.supervisor).action_agree()

    def test_roles(self):
        item = self._concession()
        self.assertEqual(item.with_user(self.deputy).balance, 700)
        for user in (self.deputy, self.colleague, self.salesman, self.employee_user):
            with self.assertRaises(AccessError):
                self._concession(user=user)
            with self.assertRaises(AccessError):
                item.with_user(user).cost = 1
            with self.assertRaises(AccessError):
                item.with_user(user).action_agree()
        for user in (self.colleague, self.salesman, self.employee_user):
            with self.assertRaises(AccessError):
                item.with_user(user).read(["name"])

    def test_cannot_be_moved_to_another_deal(self):
        item = self._concession()
        with self.assertRaisesRegex(UserError, "can't be moved"):
            item.lead_id = self._new_lead(self.other_client)

    def test_handover_moves_the_offer(self):
        asked, given = self._ask(), self._concession()
        handover = self.env["nka.handover"].create(
            {
                "key_account_ids": self.account.ids,
                "from_user_id": self.manager.id,
                "to_user_id": self.colleague.id,
                "date": self.today,
                "reason": "Territories",
            }
        )
        sources = dict(handover._checklist_sources(self.account))
        self.assertEqual(sources["contribution"].ids, asked.ids)
        self.assertEqual(sources["concession"].ids, given.ids)
        listed = self.env["nka.handover.line"]._prepare_lines(handover)
        self.assertLessEqual(
            {(asked._name, asked.id), (given._name, given.id)}, listed.keys()
        )
