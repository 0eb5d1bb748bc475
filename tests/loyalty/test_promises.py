"""What is promised to a manager: who makes, keeps, answers and sees it."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import LoyaltyCase


@tagged("nka_loyalty")
class TestPromises(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise = cls._promise()

    def _activities(self, promise, user):
        return promise.activity_ids.filtered(lambda one: one.user_id == user)

    # ------------------------------------------------------------ course
    def test_kept_and_confirmed(self):
        """The owner without a role reports it, the manager confirms it."""
        promise = self.promise
        self.assertEqual(promise.date_first, promise.date_due)
        todo = self._activities(promise, self.hr)
        self.assertEqual(todo.date_deadline, promise.date_due)
        wizard = promise.with_user(self.hr).action_keep()
        self.assertEqual(wizard["res_model"], "nka.reason.wizard")
        promise.with_user(self.hr).action_keep("Course of 12 May, certificate attached")
        self.assertEqual(promise.state, "kept")
        self.assertEqual(promise.answer, "pending")
        self.assertEqual(promise.closed_by_id, self.hr)
        self.assertFalse(self._activities(promise, self.hr))
        self.assertTrue(self._activities(promise, self.manager))
        promise.with_user(self.manager).action_confirm()
        self.assertEqual(promise.answer, "confirmed")
        self.assertFalse(promise.activity_ids)
        with self.refused(UserError, "You confirmed"):
            promise.with_user(self.manager).action_dispute("No")
        with self.refused(UserError):
            promise.with_user(self.hr).action_break("Changed our mind")
        self.assertEqual(self._events(promise, "state").mapped("new"), ["open", "kept"])
        self.assertEqual(self._events(promise, "promise").mapped("new"), ["confirmed"])

    def test_disputed_stays_overdue(self):
        promise = self._late()
        self.assertTrue(promise.is_overdue)
        promise.with_user(self.supervisor).action_keep("They read the book")
        self.assertFalse(promise.is_overdue)
        promise.with_user(self.manager).action_dispute("No course took place")
        self.assertTrue(promise.is_overdue)
        self.assertEqual(promise.answer_note, "No course took place")
        self.assertIn(promise, promise.search([("is_overdue", "=", True)]))
        self.assertNotIn(promise, promise.search([("is_overdue", "=", False)]))
        self.assertTrue(self._activities(promise, self.hr))
        promise.with_user(self.hr).action_keep("Course of 12 May")
        self.assertEqual(promise.answer, "pending")
        self.assertFalse(promise.answer_note)

    def test_withdrawal_can_be_disputed(self):
        promise = self._late()
        with self.refused(AccessError, "supervisor of"):
            promise.with_user(self.hr).action_withdraw("No budget")
        promise.with_user(self.supervisor).action_withdraw("No budget")
        self.assertFalse(promise.is_overdue)
        promise.with_user(self.manager).action_dispute("We agreed on it")
        self.assertTrue(promise.is_overdue)

    def test_broken_can_still_be_kept(self):
        self.promise.with_user(self.hr).action_break("Nobody offers it this year")
        self.assertEqual(self.promise.state, "broken")
        self.assertFalse(self.promise.answer)
        with self.refused(UserError):
            self.promise.with_user(self.manager).action_dispute("No")
        self.promise.with_user(self.hr).action_keep("Course of next spring")
        self.assertEqual(self.promise.answer, "pending")

    def test_another_day_needs_consent(self):
        promise = self.promise
        day, later = promise.date_due, promise.date_due + self._days(30)
        promise.with_user(self.supervisor).date_proposed = later
        self.assertEqual(promise.date_due, day)
        self.assertTrue(self._activities(promise, self.manager))
        for user in (self.supervisor, self.hr):
            with self.refused(AccessError, "Only"):
                promise.with_user(user).action_agree_day()
        promise.with_user(self.manager).action_keep_day()
        self.assertFalse(promise.date_proposed)
        with self.refused(UserError, "No other day"):
            promise.with_user(self.manager).action_agree_day()
        promise.with_user(self.supervisor).date_proposed = later
        promise.with_user(self.manager).action_agree_day()
        self.assertEqual(promise.date_due, later)
        self.assertEqual(promise.date_first, day)
        self.assertEqual(self._activities(promise, self.hr).date_deadline, later)
        self.assertEqual(len(self._events(promise, "promise")), 4)
        with self.refused(ValidationError, "already due"):
            promise.with_user(self.supervisor).date_proposed = later

    def test_owner_changes(self):
        self.promise.with_user(self.supervisor).owner_id = self.officer
        self.assertFalse(self._activities(self.promise, self.hr))
        self.assertTrue(self._activities(self.promise, self.officer))
        [event] = self._events(self.promise, "promise")
        self.assertIn(self.officer.name, event.new)

    def test_person_is_told(self):
        told = self.promise.message_ids.filtered(
            lambda message: self.manager.partner_id in message.partner_ids
        )
        self.assertTrue(told)

    def test_reminders_are_not_doubled(self):
        self.env["nka.promise"]._cron_remind()
        self.assertEqual(len(self._activities(self.promise, self.hr)), 1)
        self.promise.activity_ids.unlink()
        self.env["nka.promise"]._cron_remind()
        self.assertEqual(len(self._activities(self.promise, self.hr)), 1)

    def test_name_falls_back_to_the_type(self):
        promise = self._promise(name=False, kind="assistant")
        self.assertEqual(promise.display_name, "Assistant")

    # ------------------------------------------------------------ hostile company
    def test_terms_are_kept(self):
        for vals in (
            {"name": "A book"},
            {"kind": "equipment"},
            {"note": "At their own cost"},
            {"employee_id": self.other_employee.id},
            {"date_due": self.today + self._days(400)},
        ):
            with self.refused(UserError, "can't be changed"):
                self.promise.with_user(self.supervisor).write(vals)
        with self.refused(UserError, "stay on record"):
            self.promise.unlink()
        with self.refused(AccessError):
            self.promise.with_user(self.supervisor).unlink()

    def test_guarded(self):
        for vals in (
            {"state": "kept"},
            {"answer": "confirmed"},
            {"evidence": "x"},
            {"date_first": self.today},
            {"date_made": self.today - self._days(9)},
            {"closed_by_id": self.manager.id},
            {"user_id": self.supervisor.id},
        ):
            for user in (self.supervisor, self.manager, self.hr):
                with self.refused(AccessError):
                    self.promise.with_user(user).write(vals)
            if "user_id" not in vals:
                with self.refused(AccessError):
                    self._promise(**vals)
        with self.refused(AccessError):
            promises = self.env["nka.promise"].with_user(self.supervisor)
            promises.with_context(default_state="kept").create(
                {
                    "employee_id": self.employee.id,
                    "owner_id": self.hr.id,
                    "date_due": self.today,
                }
            )

    def test_company_does_not_answer(self):
        self.promise.with_user(self.hr).action_keep("Done")
        for user in (self.hr, self.supervisor):
            for step in ("action_confirm", "action_dispute"):
                with self.refused(AccessError, "Only"):
                    getattr(self.promise.with_user(user), step)()

    def test_owner_is_able(self):
        portal = self.env["res.users"].create(
            {
                "name": "Client",
                "login": "nka_client",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user(
            "nka_stranger",
            "group_key_account_supervisor",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        for owner, reason in (
            (self.manager, "promise made to them"),
            (portal, "active user"),
            (stranger, "access to"),
            (self.director, "director"),
        ):
            with self.refused(ValidationError, reason):
                self._promise(owner_id=owner.id)
        with self.refused(ValidationError, "has no user"):
            nobody = self.env["hr.employee"].create({"name": "Nobody"})
            self.env["nka.promise"].create(
                {
                    "employee_id": nobody.id,
                    "owner_id": self.hr.id,
                    "date_due": self.today,
                }
            )

    # ------------------------------------------------------------ roles
    def test_readers(self):
        for user in (self.manager, self.supervisor, self.director, self.hr):
            found = self.env["nka.promise"].with_user(user).search([])
            self.assertIn(self.promise, found, user.login)
            found.read()
        for user in (
            self.colleague,
            self.supervisor_2,
            self.officer,
            self.kam_admin,
            self.salesman,
            self.employee_user,
        ):
            promises = self.env["nka.promise"].with_user(user)
            self.assertNotIn(self.promise, promises.search([]), user.login)
            with self.refused(AccessError):
                self.promise.with_user(user).read(["name"])
            with self.refused(AccessError):
                self.promise.with_user(user).action_keep("Done")
        events = self.env["nka.audit.event"]
        about = [("res_model", "=", "nka.promise")]
        self.assertTrue(events.with_user(self.supervisor).search(about))
        self.assertFalse(events.with_user(self.supervisor_2).search(about))

    def test_makers(self):
        self._promise(self.supervisor_2, employee_id=self.other_employee.id)
        for user in (
            self.manager,
            self.colleague,
            self.supervisor_2,
            self.officer,
            self.kam_admin,
            self.director,
            self.employee_user,
        ):
            with self.refused(AccessError):
                self._promise(user)

    def test_supervisor_finds_the_person(self):
        domain = [("user_id", "!=", False), ("company_id", "=", self.env.company.id)]
        found = (
            self.env["hr.employee"]
            .with_user(self.supervisor)
            .name_search(self.employee.name, domain)
        )
        self.assertIn(self.employee.id, [row[0] for row in found])
        with Form(self.env["nka.promise"].with_user(self.supervisor)) as form:
            form.name = "Assistant"
            form.employee_id = self.employee
            form.date_due = self.today
        self.assertEqual(form.record.owner_id, self.supervisor)

    def test_no_promise_to_oneself(self):
        """A supervisor who is a manager, too, promises themselves nothing."""
        self.manager.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        with self.refused(AccessError):
            self._promise(self.manager)
        with self.refused(AccessError):
            self.promise.with_user(self.manager).write({"owner_id": self.officer.id})
        for step in ("action_keep", "action_break", "action_withdraw"):
            with self.refused(AccessError):
                getattr(self.promise.with_user(self.manager), step)("Done")

    def test_director_changes_nothing(self):
        promise = self.promise.with_user(self.director)
        for step in (
            "action_keep",
            "action_break",
            "action_withdraw",
            "action_confirm",
            "action_dispute",
            "action_agree_day",
        ):
            with self.refused(AccessError):
                getattr(promise, step)()
        with self.refused(AccessError):
            promise.write({"date_proposed": self.today})
        with self.refused(AccessError):
            promise.write({"owner_id": self.supervisor.id})

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        director = self._new_user(
            "nka_director_2",
            "group_key_account_director",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["nka.promise"].with_user(director).search([]))
        with self.refused(UserError):
            self._promise(company_id=company.id)

    # ------------------------------------------------------------ director
    def test_overdue_reaches_directors(self):
        promise = self._late(name="Assistant for tenders")
        page = self.env["nka.overview"].with_user(self.director)
        page = page.browse(page.action_open()["res_id"])
        self.assertIn(promise, page.promise_ids)
        self.assertNotIn(self.promise, page.promise_ids)
        self.assertEqual(page.promise_count, 1)
        self.assertIn("Assistant for tenders", page.mail_html)
        action = page.action_open_promises()
        found = (
            self.env["nka.promise"].with_user(self.director).search(action["domain"])
        )
        self.assertEqual(found, promise)

    def test_mail_without_changes(self):
        """A week without changes is told to directors if a promise is overdue."""
        overview, week = self.env["nka.overview"], self.today - self._days(7)
        company = self.env.company
        sent = self.env["mail.mail"].search_count([])
        self.env["nka.account.week"].search([]).unlink()
        overview._start_week(company, week)
        self.assertEqual(self.env["mail.mail"].search_count([]), sent)
        self._late()
        self.env["nka.week.change"].search([]).unlink()
        overview._start_week(company, week)
        self.assertGreater(self.env["mail.mail"].search_count([]), sent)

    def test_no_kpi_on_it(self):
        fields = self.env["ir.model.fields"]
        for model, day in (
            ("nka.promise", "date_closed"),
            ("nka.departure", "left_on"),
        ):
            with self.subTest(model), self.refused(ValidationError, "never affect pay"):
                self.env["nka.kpi"].create(
                    {
                        "name": "Loyalty",
                        "code": "loyalty",
                        "measure": "custom",
                        "model_id": self.env["ir.model"]._get_id(model),
                        "date_field_id": fields._get(model, day).id,
                        "owner_field_id": fields._get(model, "user_id").id,
                        "aggregate": "count",
                    }
                )
