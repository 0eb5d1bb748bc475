"""What a handover moves and when, and how it divides the sales credit."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import AccountsCase


@tagged("nka_accounts")
class TestHandover(AccountsCase):
    """Everything moves at once, on the effective date, after another user approves."""

    def test_account_moves_with_its_credit(self):
        handover = self._hand_over(self.account)
        self.assertEqual(handover.state, "done")
        self.assertEqual(self.account.manager_id, self.colleague)
        running = self.account.assignment_ids.filtered(lambda row: not row.date_to)
        self.assertEqual(running.user_id, self.colleague)
        self.assertEqual(running.share, 100)
        self.assertEqual(running.handover_id, handover)
        self.assertEqual(self.other_account.manager_id, self.manager)

    def test_only_the_incoming_manager_sees_it(self):
        lead = self._new_lead(self.client)
        self._hand_over(self.account)
        accounts = self.env["nka.key.account"]
        mine = accounts.with_user(self.manager).search([])
        self.assertNotIn(self.account, mine)
        with self.assertRaises(AccessError):
            self.account.with_user(self.manager).read(["note"])
        self.assertIn(self.account, accounts.with_user(self.colleague).search([]))
        leads = self.env["crm.lead"]
        self.assertNotIn(lead, leads.with_user(self.manager).search([]))
        self.assertIn(lead, leads.with_user(self.colleague).search([]))

    def test_open_work_moves_and_finished_work_stays(self):
        open_lead = self._new_lead(self.client)
        won_lead = self._new_lead(self.client)
        won_lead.action_set_won()
        foreign = self._new_lead(self.other_client)
        activities = [
            record.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.manager.id
            )
            for record in (self.account, open_lead, self.contact, foreign)
        ]
        self._hand_over(self.account)
        self.assertEqual(open_lead.user_id, self.colleague)
        self.assertEqual(won_lead.user_id, self.manager)
        self.assertEqual(foreign.user_id, self.manager)
        self.assertEqual(
            [activity.user_id for activity in activities],
            [self.colleague] * 3 + [self.manager],
        )

    def test_future_meetings_change_organizer_and_attendee(self):
        coming = self._new_meeting(self.contact, 3)
        past = self._new_meeting(self.contact, -3)
        guest = self._new_meeting(
            self.contact | self.manager.partner_id, 4, self.supervisor
        )
        self._hand_over(self.account)
        self.assertEqual(coming.user_id, self.colleague)
        self.assertIn(self.colleague.partner_id, coming.partner_ids)
        self.assertNotIn(self.manager.partner_id, coming.partner_ids)
        self.assertEqual(guest.user_id, self.supervisor)
        self.assertIn(self.colleague.partner_id, guest.partner_ids)
        self.assertEqual(past.user_id, self.manager)

    def test_orders_and_salesperson_of_the_client(self):
        self.client.user_id = self.manager
        order = self.env["sale.order"].create(
            {"partner_id": self.contact.id, "user_id": self.manager.id}
        )
        self._hand_over(self.account)
        self.assertEqual(order.user_id, self.colleague)
        self.assertEqual(self.client.user_id, self.colleague)

    def test_followers_and_links_to_files(self):
        lead = self._new_lead(self.client)
        lead.message_subscribe(self.manager.partner_id.ids)
        self.client.message_subscribe(self.manager.partner_id.ids)
        attachment = self.env["ir.attachment"].create(
            {"name": "terms.txt", "raw": b"terms", "res_model": "crm.lead"}
            | {"res_id": lead.id}
        )
        attachment.generate_access_token()
        self._hand_over(self.account)
        followers = (lead | self.env["crm.lead"]).message_partner_ids
        self.assertNotIn(self.manager.partner_id, followers)
        self.assertIn(self.colleague.partner_id, followers)
        self.assertNotIn(self.manager.partner_id, self.client.message_partner_ids)
        self.assertNotIn(self.manager.partner_id, self.account.message_partner_ids)
        self.assertFalse(attachment.access_token)

    def test_trail_names_both_managers(self):
        handover = self._hand_over(self.account)
        event = self._events(self.account, "handover")
        self.assertEqual(
            (event.old, event.new, event.note),
            (self.manager.name, self.colleague.name, "Territories were redrawn"),
        )
        self.assertEqual(
            self._events(handover, "state").mapped("new"),
            ["submitted", "approved", "done"],
        )
        assigned = self._events(self.account, "assignment")[-1]
        self.assertIn(self.manager.name, assigned.old)
        self.assertIn(self.colleague.name, assigned.new)


@tagged("nka_accounts")
class TestHandoverOnItsDate(AccountsCase):
    def test_future_handover_waits_for_its_date(self):
        day = self.today + self._days(5)
        handover = self._hand_over(self.account, date=day)
        self.assertEqual(handover.state, "approved")
        self.assertEqual(self.account.manager_id, self.manager)
        self.env["nka.handover"]._cron_execute_due()
        self.assertEqual(self.account.manager_id, self.manager)
        with freeze_time(fields.Datetime.to_datetime(day)):
            self.env["nka.handover"]._cron_execute_due()
        self.assertEqual(handover.state, "done")
        self.assertEqual(self.account.manager_id, self.colleague)
        first, second = self.account.assignment_ids.sorted("date_from")
        self.assertEqual(first.date_to, day - self._days(1))
        self.assertEqual(second.date_from, day)

    def test_a_late_job_never_backdates_a_handover(self):
        handover = self._hand_over(self.account, date=self.today + self._days(2))
        late = self.today + self._days(9)
        with freeze_time(fields.Datetime.to_datetime(late)):
            self.env["nka.handover"]._cron_execute_due()
        self.assertEqual(handover.date, late)
        self.assertEqual(self.account.assignment_ids[0].date_from, late)

    def test_a_failing_handover_doesnt_stop_others(self):
        day = self.today + self._days(5)
        stuck = self._hand_over(self.account, date=day)
        fine = self._hand_over(self.other_account, date=day)
        self.account.with_user(self.supervisor).action_retire(reason="Closed down")
        with freeze_time(fields.Datetime.to_datetime(day)):
            self.env["nka.handover"]._cron_execute_due()
        self.assertEqual(fine.state, "done")
        self.assertEqual(stuck.state, "returned")
        self.assertIn("isn't a current key account", stuck.return_reason)
        self.assertIn(self.manager, stuck.activity_ids.user_id)

    def test_of_two_handovers_on_one_day_the_last_counts(self):
        third = self._new_user("nka_third", "group_key_account_manager")
        with freeze_time(fields.Datetime.to_datetime(self.today + self._days(9))):
            self._hand_over(self.account, date=fields.Date.today())
            self._hand_over(
                self.account,
                proposer=self.supervisor_2,
                date=fields.Date.today(),
                from_user_id=self.colleague.id,
                to_user_id=third.id,
            )
        running = self.account.assignment_ids.filtered(lambda row: not row.date_to)
        self.assertEqual(running.user_id, third)
        self.assertEqual(
            self.account.assignment_ids.user_id,
            self.manager | third,
            "the colleague has no assignment of zero days",
        )


@tagged("nka_accounts")
class TestHandoverCredit(AccountsCase):
    def _shares(self):
        running = self.account.assignment_ids.filtered(lambda row: not row.date_to)
        return {row.user_id: row.share for row in running}

    def test_share_of_earlier_orders_is_kept_for_pay(self):
        self.env.company.write({"nka_credit_share": 50, "nka_credit_days": 90})
        handover = self._hand_over(self.account)
        self.assertEqual((handover.credit_share, handover.credit_days), (50, 90))
        handover = self._hand_over(self.other_account, credit_share=0, credit_days=0)
        self.assertEqual((handover.credit_share, handover.credit_days), (0, 0))

    def test_outgoing_manager_keeps_a_share(self):
        self._hand_over(self.account, keep_share=40)
        self.assertEqual(self._shares(), {self.manager: 40, self.colleague: 60})
        self.assertEqual(self.account.manager_id, self.colleague)

    def test_credit_alone(self):
        lead = self._new_lead(self.client)
        self._hand_over(self.account, scope="credit", keep_share=60)
        self.assertEqual(self._shares(), {self.manager: 60, self.colleague: 40})
        self.assertEqual(self.account.manager_id, self.manager)
        self.assertEqual(lead.user_id, self.manager)

    def test_third_managers_share_is_unchanged(self):
        third = self._new_user("nka_third", "group_key_account_manager")
        self._hand_over(self.account, scope="credit", keep_share=60)
        settled = self.account.assignment_ids.filtered(
            lambda row: row.user_id == self.colleague
        )
        self._hand_over(self.account, to_user_id=third.id)
        self.assertEqual(self._shares(), {third: 60, self.colleague: 40})
        self.assertTrue(settled.exists())
        self.assertFalse(settled.date_to)

    def test_incoming_manager_with_a_share_gets_the_rest(self):
        self._hand_over(self.account, scope="credit", keep_share=60)
        self._hand_over(self.account)
        self.assertEqual(self._shares(), {self.colleague: 100})


@tagged("nka_accounts")
class TestLeavingManager(AccountsCase):
    def _leave(self, **vals):
        return self._hand_over(
            self.env["nka.key.account"],
            proposer=self.supervisor_2,
            is_leaving=True,
            **vals,
        )

    def test_all_accounts_are_transferred_in_any_state(self):
        candidate = self._nominate(self._new_client("Rhine Glass"))
        former = self._key_account(self._new_client("Old Mill"))
        former.with_user(self.supervisor).action_retire(reason="Closed down")
        self._leave()
        accounts = self.account | self.other_account | candidate | former
        self.assertEqual(accounts.manager_id, self.colleague)
        seen = self.env["nka.key.account"].with_user(self.manager).search([])
        self.assertFalse(seen)

    def test_account_added_after_the_proposal(self):
        day = self.today + self._days(5)
        self._leave(date=day)
        late = self._key_account(self._new_client("Rhine Glass"))
        with freeze_time(fields.Datetime.to_datetime(day)):
            self.env["nka.handover"]._cron_execute_due()
        self.assertEqual(late.manager_id, self.colleague)

    def test_the_leaver_as_deputy(self):
        third = self._new_user("nka_third", "group_key_account_manager")
        of_third = self._key_account(self._new_client("Rhine Glass"), third)
        of_receiver = self._key_account(self._new_client("Old Mill"), self.colleague)
        (of_third | of_receiver).deputy_id = self.manager
        self._leave()
        self.assertEqual(of_third.deputy_id, self.colleague)
        self.assertFalse(of_receiver.deputy_id)

    def test_archived_manager(self):
        self.manager.active = False
        self._leave()
        self.assertEqual(self.account.manager_id, self.colleague)

    def test_a_leaver_keeps_no_share(self):
        with self.assertRefused("is leaving, so all accounts", ValidationError):
            self._leave(keep_share=10)

    def test_started_from_the_user_or_employee(self):
        action = self.manager.with_user(self.supervisor).action_hand_over_key_accounts()
        context = action["context"]
        self.assertEqual(context["default_from_user_id"], self.manager.id)
        self.assertTrue(context["default_is_leaving"])
        with self.assertRefused("employee who is linked to a user"):
            self.env["res.users"].action_hand_over_key_accounts()


@tagged("nka_accounts")
class TestDeputyInHandover(AccountsCase):
    def setUp(self):
        super().setUp()
        self.account.with_user(self.supervisor).deputy_id = self.colleague

    def test_incoming_manager_stops_being_the_deputy(self):
        self._hand_over(self.account)
        self.assertEqual(self.account.manager_id, self.colleague)
        self.assertFalse(self.account.deputy_id)

    def test_outgoing_manager_as_the_new_deputy(self):
        self._hand_over(self.account, new_deputy_id=self.manager.id)
        self.assertEqual(self.account.manager_id, self.colleague)
        self.assertEqual(self.account.deputy_id, self.manager)

    def test_other_deputy_is_kept(self):
        third = self._new_user("nka_third", "group_key_account_manager")
        self._hand_over(self.account, to_user_id=third.id)
        self.assertEqual(self.account.deputy_id, self.colleague)


@tagged("nka_accounts")
class TestChecklist(AccountsCase):
    def _lines(self, handover):
        return {(line.kind, line.name) for line in handover.line_ids}

    def test_lists_the_records_of_the_account(self):
        lead = self._new_lead(self.client)
        won = self._new_lead(self.client, name="Won last year")
        won.action_set_won()
        self._new_lead(self.other_client, name="Of somebody else")
        self._new_meeting(self.contact, 3, name="Terms of delivery")
        lead.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.manager.id, summary="Call back"
        )
        self.env["ir.attachment"].create(
            {"name": "terms.txt", "raw": b"t", "res_model": "crm.lead"}
            | {"res_id": lead.id}
        )
        self.account.activity_ids.filtered(
            lambda own: own.summary != "Call back"
        ).unlink()
        handover = self._submit(self.account)
        self.assertEqual(
            self._lines(handover),
            {
                ("lead", "Frame contract"),
                ("meeting", "Terms of delivery"),
                ("activity", "Call back"),
                ("contact", self.contact.display_name),
                ("file", "terms.txt"),
            },
        )
        self.assertEqual(handover.line_ids.key_account_id, self.account)

    def test_checked_items_survive_an_update(self):
        self._new_lead(self.client)
        handover = self._submit(self.account)
        line = handover.line_ids.filtered(lambda item: item.kind == "lead")
        line.with_user(self.manager).write({"done": True, "note": "Price is agreed"})
        self._new_lead(self.client, name="Second contract")
        handover.with_user(self.manager).action_refresh_checklist()
        self.assertTrue(line.exists().done)
        self.assertIn(("lead", "Second contract"), self._lines(handover))

    def test_only_the_system_creates_items(self):
        handover = self._submit(self.account)
        line = handover.line_ids[0]
        with self.assertRaises(AccessError):
            line.with_user(self.manager).name = "Nothing to see"
        with self.assertRaises(AccessError):
            line.with_user(self.supervisor).sudo().res_id = 1
        with self.assertRaises(AccessError):
            line.with_user(self.supervisor).unlink()

    def test_items_of_a_done_handover_are_for_the_incoming_manager(self):
        handover = self._submit(self.account)
        lines = self.env["nka.handover.line"]
        domain = [("handover_id", "=", handover.id)]
        self.assertTrue(lines.with_user(self.manager).search(domain))
        self.assertFalse(lines.with_user(self.colleague).search(domain))
        handover.with_user(self.supervisor).action_approve()
        self.assertFalse(lines.with_user(self.manager).search(domain))
        self.assertTrue(lines.with_user(self.colleague).search(domain))
        with self.assertRaises(UserError):
            handover.line_ids[0].with_user(self.supervisor).done = True

    def test_client_owned_in_two_companies_keeps_its_meetings(self):
        company = self.env["res.company"].create({"name": "Far Branch"})
        self.manager.company_ids += company
        self.env["nka.key.account"].create(
            {
                "partner_id": self.client.id,
                "company_id": company.id,
                "manager_id": self.manager.id,
            }
        )
        meeting = self._new_meeting(self.contact, 3)
        self._hand_over(self.account)
        self.assertEqual(meeting.user_id, self.manager)


@tagged("nka_accounts")
class TestHandoverCost(AccountsCase):
    def test_queries_do_not_grow_with_leads(self):
        """Except for two searches of Odoo itself per lead, for its sales team."""

        def queries(client, leads):
            account = self._key_account(self._new_client(client))
            for number in range(leads):
                self._new_lead(account.partner_id, name=f"Deal {number}")
            handover = self._submit(account)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            handover.with_user(self.supervisor).action_approve()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries("Warm-up", 1)
        few, many = queries("Few", 2), queries("Many", 22)
        self.assertLessEqual(many - few, 2 * 20, f"{few} queries became {many}")
