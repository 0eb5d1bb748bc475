"""The path of a mentee: what proves a step, what doesn't, and who confirms the manager."""

import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..common import NkaCase, mail_from

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
ROOT = "nka_key_accounts."
STEPS = "nka_mentorship_step_kind_"


class PathCase(NkaCase):
    """The manager is mentor of a colleague; both have clients and employees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mentor, cls.mentee = cls.manager, cls.colleague
        # The server's clock, because meetings are entered before they begin.
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.account = cls._key_account(cls.client, cls.mentor)
        cls.own = cls._key_account(cls.other_client, cls.mentee)
        cls.contact = cls._contact(cls.client)
        cls.own_contact = cls._contact(cls.other_client)
        employees = cls.env["hr.employee"]
        cls.employee = employees.create(
            {
                "name": "Mentee",
                "user_id": cls.mentee.id,
                "company_id": cls.env.company.id,
            }
        )
        cls.path = (
            cls.env["nka.mentorship"]
            .with_user(cls.supervisor)
            .create(
                {
                    "mentor_id": cls.mentor.id,
                    "mentee_id": cls.mentee.id,
                    "date_from": cls.today - timedelta(days=60),
                }
            )
        )
        cls.steps = {
            name: cls._step(name)
            for name in ("shadow", "minutes", "offer", "lead", "deputy")
        }

    @classmethod
    def _contact(cls, client):
        return cls.env["res.partner"].create(
            {"name": "Buyer", "email": f"b{client.id}@c.test", "parent_id": client.id}
        )

    @classmethod
    def _step(cls, name, path=None, **vals):
        return (
            cls.env["nka.mentorship.step"]
            .with_user(cls.supervisor)
            .create(
                {
                    "mentorship_id": (path or cls.path).id,
                    "kind_id": cls.env.ref(f"{ROOT}{STEPS}{name}").id,
                    **vals,
                }
            )
        )

    def _rpc(self, user, records, method, *args, **kwargs):
        model = self.env(user=user.id)[records._name]
        ids = [records.ids] if records.ids else []
        found = call_kw(model, method, [*ids, *args], kwargs)
        self.env.invalidate_all()
        return found

    def _meet(self, user, guest, contact, entered=3, days=2, accept=True, mail=True):
        """Enter a negotiation, let the guest accept, and hold it.

        :param int entered: days ago on which it was entered
        :param int days: days ago on which it took place
        """
        start = self.now - timedelta(days=days)
        events = self.env["calendar.event"]
        people = user.partner_id | guest.partner_id | contact
        vals = {
            "name": "Talk",
            "user_id": user.id,
            "start": str(start),
            "stop": str(start + timedelta(hours=1)),
            "is_negotiation": True,
            "partner_ids": [Command.set(people.ids)],
        }
        with freeze_time(self.now - timedelta(days=entered)):
            events = self.env["calendar.event"]
            event = events.browse(self._rpc(user, events, "create", [vals]))
        self._enter(event.attendee_ids, self.now - timedelta(days=entered))
        if accept:
            self._accept(event, guest)
        if mail:
            mail_from(contact, start)
        self._rpc(user, event, "action_set_outcome", "progress")
        return event

    def _enter(self, seats, moment):
        """Give attendees the day on which they were entered: the database's clock."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE calendar_attendee SET create_date = %s WHERE id = ANY(%s)",
            [moment, seats.ids],
        )
        self.env.invalidate_all()

    def _accept(self, event, guest):
        seat = event.attendee_ids.filtered(
            lambda seat: seat.partner_id == guest.partner_id
        )
        self._rpc(guest, seat, "do_accept")

    def _document(self, code, user=None, reviewer=None, **vals):
        user = user or self.mentee
        document = (
            self.env["nka.document"]
            .with_user(user)
            .create(
                {
                    "title": "Written by the mentee",
                    "type_id": self.env.ref(f"{ROOT}nka_document_type_{code}").id,
                    "key_account_id": self.own.id,
                    **vals,
                }
            )
        )
        self.env["ir.attachment"].with_user(user).create(
            {
                "name": "file.pdf",
                "datas": base64.b64encode(PDF),
                "res_model": document._name,
                "res_id": document.id,
            }
        )
        document.action_submit()
        if reviewer:
            reviewed = document.with_user(reviewer)
            reviewed.check_ids.is_done = True
            reviewed.action_approve()
        return document

    def _find(self):
        self._rpc(self.mentee, self.path, "action_find_proofs")

    def _state(self, name):
        return self.steps[name].state


@tagged("nka_talent")
class TestProofs(PathCase):
    def test_negotiation_of_the_mentor_that_the_mentee_attended(self):
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        step = self.steps["shadow"]
        self.assertEqual(step.state, "proven", step.missing)
        self.assertEqual(step.date_proven, self.today)
        action = self._rpc(self.mentee, step, "action_open_proof")
        self.assertEqual(
            (action["res_model"], action["res_id"]), (event._name, event.id)
        )
        note = self._events(step, "state")[-1]
        self.assertEqual((note.old, note.new), ("open", "proven"))

    def test_meetings_that_prove_nothing(self):
        silent = self.env["res.partner"].create(
            {"name": "Without email", "parent_id": self.client.id}
        )
        for reason, vals in (
            ("hasn't accepted", {"accept": False}),
            ("added after it had begun", {"entered": 1}),
            ("no evidence", {"mail": False, "contact": silent, "days": 1}),
        ):
            with self.subTest(reason):
                vals = {"contact": self.contact, **vals}
                event = self._meet(self.mentor, self.mentee, **vals)
                self._find()
                self.assertEqual(self._state("shadow"), "open")
                self.assertIn(reason, self.steps["shadow"].missing)
                event.sudo().active = False

    def test_accepted_for_the_mentee_by_the_mentor(self):
        event = self._meet(self.mentor, self.mentee, self.contact, accept=False)
        seat = event.attendee_ids.filtered(
            lambda seat: seat.partner_id == self.mentee.partner_id
        )
        seat.with_user(self.mentor).sudo().state = "accepted"
        self._find()
        self.assertEqual(self._state("shadow"), "open")

    def test_meeting_without_client(self):
        self._meet(self.mentor, self.mentee, self.supervisor.partner_id)
        self._find()
        self.assertEqual(self._state("shadow"), "open")
        self.assertIn("No contact of a key account", self.steps["shadow"].missing)

    def test_negotiation_that_the_mentee_led(self):
        self._meet(self.mentee, self.mentor, self.own_contact)
        self._find()
        self.assertEqual(self._state("lead"), "proven", self.steps["lead"].missing)
        self.assertEqual(self._state("shadow"), "open")

    def test_one_meeting_proves_one_step(self):
        second = self._step("shadow")
        self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        self.assertEqual({self._state("shadow"), second.state}, {"proven", "open"})

    def test_meeting_before_the_mentorship(self):
        self.path.date_from = self.today - timedelta(days=1)
        self._meet(self.mentor, self.mentee, self.contact, entered=5, days=4)
        self._find()
        self.assertEqual(self._state("shadow"), "open")

    def test_minutes_and_offer_that_a_supervisor_approved(self):
        self._document("minutes", reviewer=self.supervisor_2)
        deal = self.env["crm.lead"].create(
            {
                "name": "Paper",
                "type": "opportunity",
                "partner_id": self.other_client.id,
                "user_id": self.mentee.id,
            }
        )
        self._document("offer", lead_id=deal.id)
        self._find()
        self.assertEqual(self._state("minutes"), "proven")
        self.assertEqual(self._state("offer"), "open")
        self.assertIn("isn't approved", self.steps["offer"].missing)

    def test_documents_of_others(self):
        account = {"key_account_id": self.account.id}
        self._document("minutes", self.mentor, self.supervisor_2, **account)
        self._find()
        self.assertEqual(self._state("minutes"), "open")

    def test_minutes_approved_by_a_mentor_who_is_a_supervisor(self):
        self.mentor.group_ids += self.env.ref(ROOT + "group_key_account_supervisor")
        self._document("minutes", reviewer=self.mentor)
        self._find()
        self.assertEqual(self._state("minutes"), "open")
        self.assertIn("Another supervisor", self.steps["minutes"].missing)

    def test_order_confirmed_by_somebody_else(self):
        order = self._quotation()
        order.with_user(self.mentee).sudo().action_confirm()
        self._find()
        self.assertIn("The client or another", self.steps["offer"].missing)
        other = self._quotation()
        other.with_user(self.supervisor_2).sudo().action_confirm()
        self._find()
        self.assertEqual(self.steps["offer"].proof_id, other.id)

    def _quotation(self):
        product = self.env["product.product"].create(
            {"name": "Steel", "list_price": 100}
        )
        orders = self.env["sale.order"].with_user(self.mentee).sudo()
        return orders.create(
            {
                "partner_id": self.other_client.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )

    def test_deputy_for_a_month_with_contact(self):
        step = self.steps["deputy"]
        step.kind_id.sudo().active = True
        self._find()
        self.assertIn("aren't the deputy", step.missing)
        self.account.with_user(self.supervisor).deputy_id = self.mentee
        self._find()
        self.assertEqual(step.state, "open")
        self.assertIn("The step takes 30 days", step.missing)
        later = self.now + timedelta(days=31)
        with freeze_time(later):
            self._find()
            self.assertEqual(step.state, "open")
            for days in (1, 5, 9):
                mail = {"partner_ids": self.mentee.partner_id.ids}
                mail_from(self.contact, later - timedelta(days=days), **mail)
            self._find()
        self.assertEqual(step.state, "proven", step.missing)

    def test_deputy_post_that_was_left_starts_again(self):
        self.account.with_user(self.supervisor).deputy_id = self.mentee
        self._find()
        self.account.with_user(self.supervisor).deputy_id = False
        with freeze_time(self.now + timedelta(days=20)):
            self._find()
            self.account.with_user(self.supervisor).deputy_id = self.mentee
            self._find()
        with freeze_time(self.now + timedelta(days=31)):
            self._find()
        step = self.steps["deputy"]
        self.assertEqual(step.state, "open")
        self.assertEqual(step.sudo().watched_since, self.today + timedelta(days=20))


@tagged("nka_talent")
class TestLostProofs(PathCase):
    """A proof that is undone takes the step back, with a visible note."""

    def _proven(self):
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        self.assertEqual(self._state("shadow"), "proven")
        return event

    def test_cancelled_deleted_or_emptied_meetings(self):
        event = self._proven()
        for change in (
            lambda event: event.write({"active": False}),
            lambda event: event.write({"partner_ids": [(3, self.contact.id)]}),
            lambda event: event.unlink(),
        ):
            if not event:
                event = self._meet(self.mentor, self.mentee, self.contact)
                self._find()
            change(event.sudo())
            self.env["nka.mentorship.step"]._cron_follow()
            step = self.steps["shadow"]
            self.assertEqual(step.state, "open")
            self.assertIn("no longer counts", step.lost_note)
            self.assertIn("no longer counts", self._events(step, "state")[-1].note)
            event = None

    def test_day_of_the_first_proof_is_kept(self):
        event = self._proven()
        event.sudo().active = False
        with freeze_time(self.now + timedelta(days=10)):
            self._find()
            self.assertEqual(self._state("shadow"), "open")
            event.sudo().active = True
            event.sudo().nka_fixed_date = False
            self._find()
        self.assertEqual(self.steps["shadow"].date_proven, self.today)

    def test_revision_that_was_returned(self):
        document = self._document("minutes", reviewer=self.supervisor_2)
        self._find()
        self.assertEqual(self._state("minutes"), "proven")
        revision = self.env["nka.document"].browse(
            document.action_new_revision()["res_id"]
        )
        revision.with_user(self.mentee).action_submit()
        revision.with_user(self.supervisor_2).action_return(["Names are missing"])
        self._find()
        self.assertEqual(self._state("minutes"), "open")
        self.assertIn("returned", self.steps["minutes"].lost_note)


@tagged("nka_talent")
class TestDoors(PathCase):
    """Who writes what: nobody types that a step is proven."""

    def test_nobody_writes_proofs(self):
        step = self.steps["shadow"]
        for user in (self.mentor, self.mentee, self.supervisor, self.supervisor_2):
            for vals in (
                {"state": "proven"},
                {"proof_model": "calendar.event", "proof_id": 1},
                {"date_proven": str(self.today)},
            ):
                with self.refused(AccessError):
                    self._rpc(user, step, "write", vals)

    def test_nobody_creates_proven_steps(self):
        vals = {
            "mentorship_id": self.path.id,
            "kind_id": self.steps["shadow"].kind_id.id,
        }
        with self.refused(AccessError):
            self._rpc(
                self.supervisor,
                self.steps["shadow"].browse(),
                "create",
                [{**vals, "state": "proven"}],
            )
        steps = self.steps["shadow"].browse().with_user(self.supervisor)
        with self.refused(AccessError):
            steps.with_context(default_state="waived").create(vals)
        with self.refused(AccessError):
            self.path.write({"step_ids": [Command.create({**vals, "state": "proven"})]})
        for user in (self.mentor, self.mentee):
            with self.refused(AccessError):
                self._rpc(user, steps, "create", [vals])

    def test_mentor_who_is_a_supervisor_plans_and_decides_nothing(self):
        self.mentor.group_ids += self.env.ref(ROOT + "group_key_account_supervisor")
        step = self.steps["shadow"].with_user(self.mentor)
        path = self.path.with_user(self.mentor)
        for act in (
            lambda: step.action_waive(reason="Known"),
            lambda: step.write({"note": "Easier"}),
            lambda: step.unlink(),
            lambda: self._rpc(self.mentor, path, "action_propose_path"),
            lambda: self._rpc(self.mentor, path, "action_confirm_manager"),
            lambda: path.write(
                {"step_ids": [Command.create({"kind_id": step.kind_id.id})]}
            ),
        ):
            with self.refused(AccessError, "another supervisor has to plan"):
                act()

    def test_steps_that_were_proven_stay(self):
        self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        step = self.steps["shadow"]
        with self.refused(UserError, "stays on record"):
            step.unlink()
        with self.refused(UserError, "stays on record"):
            self.path.unlink()
        with self.refused(UserError, "start another one"):
            self.path.mentor_id = self.supervisor_2
        with self.refused(UserError, "Open"):
            step.note = "Other"
        with self.refused(UserError, "instead of copying"):
            step.copy()
        with self.refused(UserError, "can't be changed"):
            step.kind_id.with_user(self.kam_admin).evidence = "lead"

    def test_steps_stay_what_they_were_planned_as(self):
        with self.refused(UserError, "planned as"):
            self.steps["lead"].kind_id = self.steps["shadow"].kind_id
        with self.refused(UserError, "No record proves"):
            self.steps["lead"].action_open_proof()

    def test_strangers_see_nothing(self):
        stranger = self._new_user("nka_third", "group_key_account_manager")
        steps = self.env["nka.mentorship.step"].with_user(stranger)
        self.assertFalse(steps.search([]))
        self.assertEqual(steps._read_group([], [], ["__count"]), [(0,)])
        with self.refused(AccessError):
            self._rpc(stranger, self.steps["lead"], "read", ["state"])
        with self.refused(AccessError):
            self._rpc(stranger, self.path, "action_find_proofs")
        for user in (self.salesman, self.employee_user, self.officer):
            self.assertFalse(steps.with_user(user).has_access("read"))

    def test_own_kinds_need_a_proof_that_is_found(self):
        kinds = self.env["nka.mentorship.step.kind"].with_user(self.kam_admin)
        with self.refused(ValidationError, "type of document"):
            kinds.create({"name": "Visit the plant"})
        kind = kinds.create(
            {
                "name": "Visit the plant",
                "document_type_id": self.env.ref(
                    ROOT + "nka_document_type_client_card"
                ).id,
            }
        )
        step = self._step("shadow", kind_id=kind.id)
        self._document("client_card", reviewer=self.supervisor_2)
        self._find()
        self.assertEqual(step.state, "proven")


@tagged("nka_talent")
class TestConfirming(PathCase):
    def _waive(self):
        for step in self.steps.values():
            step.action_waive(reason="Did it in the last job")

    def test_not_before_the_path_is_done(self):
        with self.refused(UserError, "Open steps: Attend"):
            self.path.action_confirm_manager()
        empty = self.path.copy(
            {"date_from": self.today, "mentee_id": self.supervisor_2.id}
        )
        with self.refused(UserError, "no steps yet"):
            empty.with_user(self.supervisor).action_confirm_manager()

    def test_confirmed_by_a_supervisor(self):
        self._waive()
        self.assertEqual(self.path.state, "done")
        self.assertTrue(self.path._nka_path_is_done())
        self.path.action_confirm_manager()
        self.assertEqual(self.path.state, "confirmed")
        self.assertEqual(self.path.confirmed_by_id, self.supervisor)
        start = self.env["nka.manager.start"].search(
            [("employee_id", "=", self.employee.id)]
        )
        self.assertEqual((start.state, start.way), ("working", "grown"))
        with self.refused(UserError, "stays as it is"):
            self._step("lead")
        with self.refused(UserError):
            self.path.action_confirm_manager()

    def test_confirming_gives_nobody_a_role(self):
        groups = self.mentee.group_ids
        self._waive()
        self.path.action_confirm_manager()
        self.assertEqual(self.mentee.group_ids, groups)

    def test_waived_step_asked_for_after_all(self):
        self._waive()
        self.steps["lead"].action_reopen(reason="The client is new")
        self.assertEqual(self.path.state, "open")
        with self.refused(AccessError):
            self._rpc(self.mentee, self.steps["lead"], "action_waive", "Known")

    def test_proof_lost_just_before(self):
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        for step in self.steps.values():
            if step.state == "open":
                step.action_waive(reason="Did it in the last job")
        event.sudo().active = False
        with self.refused(UserError, "Open steps"):
            self.path.action_confirm_manager()
        with self.refused(AccessError):
            self._rpc(self.mentee, self.path, "action_confirm_manager")
        with self.refused(AccessError):
            self._rpc(self.supervisor, self.path, "write", {"state": "confirmed"})


@tagged("nka_talent")
class TestProposing(PathCase):
    """Steps are proposed from the gaps against the position of a manager."""

    def test_steps_for_the_skills_that_are_missing(self):
        kinds = self.env["nka.mentorship.step.kind"].search([])
        kinds.skill_ids = False
        documents = self.env.ref(ROOT + "skill_documents")
        self.steps["minutes"].kind_id.sudo().skill_ids = documents
        with self.refused(UserError, "planned already"):
            self.path.action_propose_path()
        self.path.step_ids.unlink()
        self.path.action_propose_path()
        step = self.path.step_ids
        self.assertEqual((step.kind, step.skill_id), ("minutes", documents))
        self.assertEqual(step.date_due, self.today + timedelta(weeks=3))
        self.assertIn("Write the minutes", self._events(step, "state").note)

    def test_without_gaps_or_for_others(self):
        self.env["hr.job.skill"].search([]).unlink()
        with self.refused(UserError, "No skill gaps"):
            self.path.action_propose_path()
        for user in (self.mentor, self.mentee):
            with self.refused(AccessError):
                self._rpc(user, self.path, "action_propose_path")

    def test_planning_begins_the_preparation(self):
        start = self.env["nka.manager.start"].search(
            [("employee_id", "=", self.employee.id)]
        )
        self.assertEqual((start.state, start.way), ("preparing", "grown"))
        self.assertEqual(start.date_start, self.path.date_from)
        path = start.item_ids.filtered(lambda item: item.code == "path")
        self.assertEqual(path.state, "open")

    def test_number_of_queries(self):
        others = [self._step("lead") for _number in range(4)]
        self._find()
        self.env.invalidate_all()
        steps = self.path.step_ids.sudo()
        steps.mapped("kind_id.name")
        with self.assertQueryCount(6):
            steps._read_missing()
        self.assertEqual(len(others), 4)


@tagged("nka_talent")
class TestThirdMentee(PathCase):
    """The third mentee at a time is refused on every road."""

    def test_create_import_and_moves(self):
        two, three = (
            self._new_user(f"nka_m{n}", "group_key_account_manager") for n in (2, 3)
        )
        paths = self.env["nka.mentorship"].with_user(self.supervisor)
        second = paths.create({"mentor_id": self.mentor.id, "mentee_id": two.id})
        vals = {"mentor_id": self.mentor.id, "mentee_id": three.id}
        with self.refused(ValidationError, "already has two mentees"):
            paths.create(vals)
        found = paths.load(
            ["mentor_id/.id", "mentee_id/.id"], [[self.mentor.id, three.id]]
        )
        self.assertIn("already has two mentees", str(found["messages"]))
        later = paths.create(
            {**vals, "mentor_id": self.mentee.id, "date_from": self.today}
        )
        with self.refused(ValidationError, "already has two mentees"):
            later.mentor_id = self.mentor
        second.date_to = self.today + timedelta(days=10)
        after = paths.create({**vals, "date_from": self.today + timedelta(days=11)})
        for change in (
            lambda: after.write({"date_from": self.today}),
            lambda: second.write({"date_to": False}),
            lambda: second.copy({"mentee_id": self.supervisor_2.id}),
        ):
            with self.refused(ValidationError, "already has two mentees"):
                change()


@tagged("nka_talent")
class TestMentorsPart(PathCase):
    """The mentor's part in the weekly report and in a season goal."""

    def test_weekly_report_and_kpi(self):
        self._meet(self.mentor, self.mentee, self.contact)
        self.assertEqual(self._measured(), (0, ()))
        self._find()
        self.steps["lead"].action_waive(reason="Known")
        step = self.steps["shadow"]
        self.assertEqual(self._measured(), (1, (step.id,)))
        facts = self.env["nka.work.report.fact"]
        source = facts._fact_sources()[-1]
        found = facts._count_source(
            self.mentor | self.mentee, self.env.company, self.today, self.today, source
        )
        self.assertEqual(found, {self.mentor.id: (1, 0.0, [step.id])})

    def test_lost_steps_are_listed_with_their_reason(self):
        event = self._meet(self.mentor, self.mentee, self.contact)
        self._find()
        event.sudo().active = False
        self._find()
        kpi = self.env.ref(ROOT + "nka_kpi_mentorship_steps")
        found = kpi._measure(self.mentor, self._span(), evidence=True)[self.mentor.id]
        self.assertEqual(found.left_out, ((self.steps["shadow"].id, "step_lost"),))
        self.assertEqual(found.actual, 0)

    def _span(self):
        from odoo.addons.nka_key_accounts.models.pay.measurement import Span

        return Span(self.env.company, self.today, self.today)

    def _measured(self):
        kpi = self.env.ref(ROOT + "nka_kpi_mentorship_steps")
        found = kpi._measure(self.mentor | self.mentee, self._span(), evidence=True)
        self.assertEqual(found[self.mentee.id].actual, 0)
        return found[self.mentor.id].actual, found[self.mentor.id].ids
