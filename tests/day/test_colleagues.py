"""Deputies, mentors, notes and the handover pack: who can do what, and when."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError

from ..accounts.common import AccountsCase
from ..reports.common import new_leave


class TestCovering(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("nka_deputy", "group_key_account_manager")
        (cls.account | cls.other_account).with_user(
            cls.supervisor
        ).deputy_id = cls.deputy
        cls.lead = cls._new_lead(cls.client)
        cls.employee = cls.env["hr.employee"].create(
            {"name": "Manager", "user_id": cls.manager.id}
        )
        cls.promise = (
            cls.env["nka.commitment"]
            .with_user(cls.manager)
            .create(
                {
                    "text": "Ten days",
                    "kind": "delivery",
                    "key_account_id": cls.account.id,
                    "promised_date": cls.today,
                }
            )
        )
        cls.now = fields.Datetime.now()

    def _absence(self, state="validate", **vals):
        """Create time off from an hour ago to two days ahead, on any weekday."""
        leave = new_leave(self, self.employee, self.today, self.today, state)
        self.cr.execute(
            "UPDATE hr_leave SET date_from = %s, date_to = %s WHERE id = %s",
            [self.now - timedelta(hours=1), self.now + timedelta(days=2), leave.id],
        )
        self.env.invalidate_all()
        return leave

    def _as_deputy(self, record):
        self.env.invalidate_all()
        return record.with_user(self.deputy)

    def _writes(self):
        """Return the models that the deputy can write: account, deal, commitment."""
        allowed = []
        for record, vals in (
            (self.account, {"note": "<p>He called</p>"}),
            (self.lead, {"expected_revenue": 2000}),
            (self.promise, {"text": "Twelve days"}),
        ):
            try:
                with self.env.cr.savepoint():
                    self._as_deputy(record).write(vals)
                    allowed.append(record._name)
            except AccessError:
                pass
        return allowed

    EVERYTHING = ["nka.key.account", "crm.lead", "nka.commitment"]

    def test_self_approved_time_off_gives_the_deputy_no_rights(self):
        leave = self._absence("confirm")
        forged = {"leave_skip_state_check": True, "leave_fast_create": True}
        leave.with_user(self.manager).with_context(**forged).sudo().write(
            {"state": "validate"}
        )
        self.env.flush_all()
        self.assertEqual(leave.state, "validate")
        self.assertEqual(self._writes(), [])
        leave.with_user(self.supervisor).sudo().write({"state": "confirm"})
        leave.with_user(self.supervisor).sudo().write({"state": "validate"})
        self.assertEqual(self._writes(), self.EVERYTHING)

    def test_rights_begin_and_end_with_the_time_off(self):
        self.assertEqual(self._writes(), [])
        self._absence()
        self.assertEqual(self._writes(), self.EVERYTHING)
        with freeze_time(self.now + timedelta(days=2, minutes=1)):
            self.assertEqual(self._writes(), [])

    def test_requested_time_off_or_training_gives_no_rights(self):
        leave = self._absence("confirm")
        self.assertEqual(self._writes(), [])
        leave.sudo().holiday_status_id.time_type = "other"
        self.cr.execute("UPDATE hr_leave SET state = 'validate'")
        self.assertEqual(self._writes(), [])

    def test_closes_the_commitments_of_the_manager(self):
        with self.assertRefused("answers for the account|access|allowed", AccessError):
            self._as_deputy(self.promise).action_keep()
        self._absence()
        self._as_deputy(self.promise).action_keep()
        self.assertEqual(self.promise.state, "kept")

    def test_other_colleagues_get_no_rights(self):
        self._absence()
        with self.assertRaises(AccessError):
            self.account.with_user(self.colleague).read(["note"])

    def test_a_covering_deputy_cant_take_over(self):
        candidate = self._nominate(
            self._new_client("Rhine Glass"), deputy_id=self.deputy.id
        )
        self._absence()
        with self.assertRefused("covering for the manager", AccessError):
            self._as_deputy(candidate).manager_id = self.deputy
        with self.assertRefused("only through a handover"):
            self.account.with_user(self.supervisor).manager_id = self.deputy
        with self.assertRefused("change or remove its salesperson", AccessError):
            self._as_deputy(self.lead).user_id = self.deputy

    def test_todays_contacts_go_to_the_covering_deputy(self):
        kind = self.env.ref("nka_key_accounts.mail_activity_type_contact_client")
        self._absence()
        self.account.cadence_days = 1
        with freeze_time(self.now + timedelta(days=1, hours=1)):
            self.env["nka.key.account"]._cron_plan_contacts()
        activities = self.account.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )
        self.assertEqual(activities.user_id, self.deputy)

    def test_the_form_and_my_day_show_who_is_covering(self):
        self.assertFalse(self.account.absence_text)
        self._absence()
        self.assertIn("is covering", self.account.absence_text)
        day = self.env["nka.day"].with_user(self.deputy)
        day = day.browse(day.action_open()["res_id"])
        self.assertIn("nka_manager", day.standing_text)
        self.assertIn(self.lead, day.lead_ids)
        self.account.with_user(self.supervisor).deputy_id = False
        self.env.invalidate_all()
        self.assertIn("without cover", self.account.absence_text)

    def test_my_day_is_visible_to_its_user_only(self):
        day = self.env["nka.day"].with_user(self.manager)
        own = day.browse(day.action_open()["res_id"])
        self.assertEqual(day.action_open()["res_id"], own.id)
        self.assertIn(self.account, own.due_ids)
        self.assertEqual(own.lead_count, 1)
        self.assertFalse(own.standing_text)
        with self.assertRaises(AccessError):
            own.with_user(self.colleague).read(["title"])
        with self.assertRaises(AccessError):
            own.with_user(self.officer).read(["title"])

    def test_my_day_costs_constant_queries(self):
        day = self.env["nka.day"].with_user(self.manager)
        own = day.browse(day.action_open()["res_id"])
        names = ["due_ids", "lead_ids", "commitment_ids", "graph", "title"]

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            own.read(names)
            return self.env.cr.sql_log_count - before

        cost()
        few = cost()
        for number in range(4):
            self._new_lead(self._nominate(self._new_client(f"C{number}")).partner_id)
        cost()  # new accounts clear the caches of access rights
        self.assertLessEqual(cost(), few)


class TestMentor(AccountsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mentor = cls._new_user("nka_mentor", "group_key_account_manager")
        cls.lead = cls._new_lead(cls.client)
        cls.note = (
            cls.env["nka.account.note"]
            .with_user(cls.manager)
            .create(
                {
                    "key_account_id": cls.account.id,
                    "name": "The controller decides",
                    "body": "<p>On Tuesdays</p>",
                }
            )
        )

    def _begin(self, mentee=None, **vals):
        return (
            self.env["nka.mentorship"]
            .with_user(self.supervisor)
            .create(
                {
                    "mentor_id": self.mentor.id,
                    "mentee_id": (mentee or self.manager).id,
                    "date_from": self.today,
                    **vals,
                }
            )
        )

    def _sees(self, record):
        self.env.invalidate_all()
        return bool(record.with_user(self.mentor)._filtered_access("read"))

    def test_reads_during_the_mentorship_and_changes_nothing(self):
        self.assertFalse(self._sees(self.account))
        item = self._begin(date_to=self.today + self._days(10))
        for record, fname in (
            (self.account, "note"),
            (self.lead, "name"),
            (self.note, "name"),
        ):
            self.assertTrue(self._sees(record), record._name)
            with self.assertRaises(AccessError):
                record.with_user(self.mentor).write({fname: "My records"})
        self.assertTrue(item.is_running)
        with freeze_time(self.today + self._days(12)):
            self.assertFalse(self._sees(self.account))
            self.assertFalse(self._sees(self.note))

    def test_reads_plans_whitespace_and_offers(self):
        """A mentor reads the mentee's records, but can't change any of them."""
        category = self.env["product.category"].create({"name": "Film"})
        ours = {"key_account_id": self.account.id}
        deal = {"lead_id": self.lead.id, "name": "Concept"}
        step = {"name": "Visit", "date_due": self.today, "user_id": self.manager.id}
        made = {
            "nka.account.plan": {**ours, "year": self.today.year},
            "nka.whitespace.line": {**ours, "categ_id": category.id, "spend": 10},
            "nka.concession": deal,
            "nka.offer.contribution": {**step, **deal, "function": "technology"},
        }
        records = [
            self.env[model].with_user(self.manager).create(vals)
            for model, vals in made.items()
        ]
        plan = {"plan_id": records[0].id}
        records += [
            records[0].objective_ids.create({**plan, "name": "Grow", "target": 5}),
            records[0].action_ids.create({**plan, **step}),
        ]
        for record in records:
            self.assertFalse(self._sees(record), record._name)
        self._begin(date_to=self.today + self._days(10))
        for record in records:
            self.assertTrue(self._sees(record), record._name)
            with self.assertRaises(AccessError):
                record.with_user(self.mentor).write({"company_id": False})
            with self.assertRaises(AccessError):
                record.with_user(self.mentor).unlink()
        with freeze_time(self.today + self._days(12)):
            for record in records:
                self.assertFalse(self._sees(record), record._name)

    def test_progress_shows_no_pay(self):
        item = self._begin().with_user(self.mentor)
        self.env.invalidate_all()
        self.assertEqual(item.account_count, 2)
        self.assertEqual(item.open_lead_count, 1)
        words = " ".join(self.env["nka.mentorship"]._fields)
        for word in ("pay", "bonus", "salary", "attainment"):
            self.assertNotIn(word, words)

    def test_at_most_two_mentees(self):
        self._begin()
        self._begin(self.colleague)
        third = self._new_user("nka_third", "group_key_account_manager")
        with self.assertRefused("two mentees", ValidationError):
            self._begin(third)
        self._begin(
            third,
            date_from=self.today - self._days(20),
            date_to=self.today - self._days(10),
        )

    def test_supervisors_decide_and_events_are_recorded(self):
        with self.assertRaises(AccessError):
            self.env["nka.mentorship"].with_user(self.mentor).create(
                {"mentor_id": self.mentor.id, "mentee_id": self.manager.id}
            )
        with self.assertRefused("key account manager", ValidationError):
            self._begin(mentor_id=self.salesman.id)
        item = self._begin()
        item.date_to = self.today
        self.assertEqual(len(self._events(item, "mentorship")), 2)

    # ------------------------------------------------------------ notes
    def test_a_note_keeps_every_version(self):
        self.note.write({"body": "<p>On Thursdays</p>"})
        self.env.invalidate_all()
        earlier = self.note.earlier_ids
        self.assertEqual(len(earlier), 1)
        self.assertIn("Tuesdays", earlier.body)
        with self.assertRefused("earlier version", AccessError):
            earlier.with_user(self.manager).body = "<p>Never</p>"
        with self.assertRefused("set automatically", AccessError):
            self.note.author_id = self.colleague

    def test_a_note_is_kept_in_a_handover(self):
        with self.assertRefused("stay with the client", AccessError):
            self.note.unlink()
        self._hand_over(self.account)
        self.env.invalidate_all()
        self.assertEqual(
            self.note.with_user(self.colleague).name, "The controller decides"
        )
        with self.assertRaises(AccessError):
            self.note.with_user(self.manager).read(["name"])
        with self.assertRefused("belongs to", Exception):
            self.note.sudo().key_account_id = self.other_account

    # ------------------------------------------------------------ pack
    def test_pack_for_incoming_manager_and_supervisors_is_logged(self):
        handover = self._submit(self.account, date=self.today + self._days(3))
        for user in (self.manager, self.colleague):
            with self.assertRaises(AccessError):
                handover.with_user(user).action_print_pack()
        handover.with_user(self.supervisor).action_approve()
        with self.assertRefused("to the incoming manager", AccessError):
            handover.with_user(self.manager).action_print_pack()
        handover.with_user(self.colleague).action_print_pack()
        event = self._events(handover, "export")
        self.assertEqual(event.user_id, self.colleague)
        report = self.env["ir.actions.report"].with_user(self.colleague)
        html, _kind = report._render_qweb_html(
            "nka_key_accounts.report_handover_pack", handover.ids
        )
        for word in (b"Northwind Steel", b"The controller decides", b"Frame contract"):
            self.assertIn(word, html)
        with self.assertRaises(AccessError):
            report.with_user(self.manager)._render_qweb_html(
                "nka_key_accounts.report_handover_pack", handover.ids
            )

    def test_pack_of_a_client_without_a_tier(self):
        """Missing values leave no stray comma."""
        self.account.with_user(self.supervisor).write(
            {"tier_id": False, "deputy_id": False}
        )
        handover = self._submit(self.account, date=self.today + self._days(3))
        report = self.env["ir.actions.report"].with_user(self.supervisor)
        html, _kind = report._render_qweb_html(
            "nka_key_accounts.report_handover_pack", handover.ids
        )
        self.assertRegex(html.decode(), r'text-muted">\s*Contact cadence')
