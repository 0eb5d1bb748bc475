"""What waits for a supervisor: all types, only what they can decide on, own rights."""

import json
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError

from ..deals.common import DealsCase
from ..pay.common import SeasonCase
from ..secrecy.common import SecrecyCase
from ..statements.common import ConfinedCase
from ..voice.common import VoiceCase

SUPERVISOR = "nka_key_accounts.group_key_account_supervisor"
#: Types that are about an account or a deal.
KINDS = {
    "account",
    "discount",
    "document",
    "gate",
    "handover",
    "origin",
    "qualification",
    "rating",
    "request",
}


class DeskMixin:
    def _rows(self, user, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        # A request is one user's; here several read the same rows.
        self.env["nka.waiting"].invalidate_model()
        return self.env["nka.waiting"].with_user(user).search(domain)

    def _row(self, user, record):
        found = self._rows(user, res_id=record.id)
        return found.filtered(lambda row: row._record()._name == record._name)

    def _page(self, user):
        opened = self.env["nka.desk"].with_user(user).action_open()
        return self.env["nka.desk"].with_user(user).browse(opened["res_id"])


class TestDesk(DeskMixin, DealsCase):
    """Everything about accounts waits; ``sharer`` is a supervisor with a share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sharer = cls._new_user("sharer", "group_key_account_supervisor")
        cls.kind = cls.env["nka.document.type"].create(
            {"name": "Paper", "code": "T-P", "review_days": 2}
        )
        cls.env["nka.assignment"]._distribute(
            {cls.account: {cls.manager: 70.0, cls.sharer: 30.0}}, cls.today
        )

    @classmethod
    def _document(cls, user=None):
        documents = cls.env["nka.document"].with_user(user or cls.manager)
        document = documents.create({"type_id": cls.kind.id, "lead_id": cls.lead.id})
        document.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"Paper",
                "res_model": document._name,
                "res_id": document.id,
            }
        )
        document.action_submit()
        return document

    @classmethod
    def _discount(cls, user=None):
        order = cls._quote(25, user=user)
        order.action_nka_ask_discount(reason="Volume")
        return cls.env["nka.discount.request"].search([("order_id", "=", order.id)])

    @classmethod
    def _origin(cls, user=None):
        return (
            cls.env["crm.lead"]
            .with_user(user or cls.manager)
            .create(
                {
                    "name": "Second mill",
                    "type": "lead",
                    "partner_id": cls.client.id,
                    "origin": "self_sourced",
                    "is_vip": True,
                }
            )
        )

    @classmethod
    def _qualification(cls, account, user=None):
        draft = (
            cls.env["nka.qualification"]
            .with_user(user or cls.manager)
            .create(
                {
                    "key_account_id": account.id,
                    "credit_rating": "a",
                    "verdict": "qualified",
                    "verdict_reason": "x",
                }
            )
        )
        draft.score_ids.score = "5"
        draft.action_submit()
        return draft

    @classmethod
    def _rating(cls, user=None):
        return (
            cls.env["nka.credit.rating"]
            .with_user(user or cls.manager)
            .create(
                {
                    "key_account_id": cls.account.id,
                    "rating": "b",
                    "date": cls.today,
                    "source": f"Agency {cls.env['nka.credit.rating'].search_count([])}",
                }
            )
        )

    @classmethod
    def _handover(cls, user=None):
        handover = (
            cls.env["nka.handover"]
            .with_user(user or cls.manager)
            .create(
                {
                    "key_account_ids": [Command.set(cls.account.ids)],
                    "from_user_id": cls.manager.id,
                    "to_user_id": cls.colleague.id,
                    "date": cls.today + cls._days(7),
                    "reason": "Another region",
                }
            )
        )
        handover.action_submit()
        return handover

    @classmethod
    def _candidate(cls):
        account = cls._nominate(cls._new_client("Candidate"))
        cls._qualify(account)
        return account

    @classmethod
    def _owed(cls):
        stages = cls.env["crm.stage"].search([("is_won", "=", False)])
        cls.lead.with_user(cls.manager).stage_id = stages[-1]
        cls.kind.stage_ids = stages[-1]
        return cls.lead

    def _everything(self):
        """Return a record of each type that the manager made."""
        found = {
            "document": self._document(),
            "discount": self._discount(),
            "origin": self._origin(),
            "qualification": self._qualification(self.account),
            "rating": self._rating(),
            "handover": self._handover(),
            "account": self._candidate(),
        }
        asked = self.env["nka.help.request"].with_user(self.employee_user)
        asked.create(
            {
                "res_model": "res.partner",
                "res_id": self.client.id,
                "is_decision": True,
                "text": "May I call them?",
            }
        ).action_send()
        found["request"] = self.env["mail.activity"].search(
            [("create_uid", "=", self.employee_user.id)]
        )
        found["gate"] = self._owed()
        return found

    def test_everything_waits_and_opens(self):
        found = self._everything()
        self.assertEqual(set(found), KINDS)
        asked = found.pop("request").user_id
        for user in (self.supervisor, self.supervisor_2):
            rows = self._rows(user)
            kinds = KINDS if user == asked else KINDS - {"request"}
            self.assertEqual(set(rows.mapped("kind")), kinds)
        for kind, record in found.items():
            with self.subTest(kind):
                row = self._rows(self.supervisor, kind=kind)
                self.assertEqual(row.res_id, record.id)
                self.assertEqual(row.days, 0)
                self.assertEqual(row.age, "today")
                self.assertEqual(row.name, record.display_name)
                opened = row.action_open()
                self.assertEqual(opened["res_model"], record._name)
                self.assertEqual(opened["res_id"], record.id)
        opened = self._rows(asked, kind="request").action_open()
        self.assertEqual(opened["res_model"], "res.partner")
        self.assertEqual(opened["res_id"], self.client.id)

    def test_own_work_is_not_offered(self):
        """A row can be decided on by exactly those who aren't refused as makers."""
        (self.manager | self.sharer).group_ids |= self.env.ref(SUPERVISOR)
        found = self._everything()
        found["own document"] = self._document(self.supervisor_2)
        found["own origin"] = self._origin(self.supervisor_2)
        found["own discount"] = self._discount(self.supervisor_2)
        found["own rating"] = self._rating(self.supervisor_2)
        del found["request"]
        people = self.manager | self.sharer | self.supervisor | self.supervisor_2
        for kind, record in found.items():
            for user in people:
                with self.subTest(kind, user=user.login):
                    row = self._rows(user, res_id=record.id).filtered(
                        lambda row, record=record, kind=kind: (
                            row._record() == record and row.kind in kind
                        )
                    )
                    if kind == "gate":
                        owners = self.env["nka.assignment"]._owners(
                            record.key_account_id, record
                        )
                        self.assertEqual(row.is_mine, user not in owners)
                        continue
                    makers = record.sudo()._makers()
                    self.assertEqual(row.is_mine, user not in makers)
        self.assertFalse(self._page(self.manager).document_count)
        self.assertTrue(self._page(self.supervisor).document_count)

    def test_what_is_decided_is_gone(self):
        document = self._document()
        self.assertEqual(self._page(self.supervisor).document_count, 1)
        document.with_user(self.supervisor).action_return(["No seal"])
        self.env.invalidate_all()
        self.assertFalse(self._page(self.supervisor).document_count)

    def test_a_candidate_waits_once_it_is_qualified(self):
        account = self._nominate(self._new_client("Early"))
        self.assertFalse(self._row(self.supervisor, account))
        self._qualify(account)
        self.assertTrue(self._row(self.supervisor, account).is_mine)

    def test_a_candidate_without_a_manager_waits(self):
        account = self._nominate(
            self._new_client("Nobody's"), self.supervisor_2, manager_id=False
        )
        self.assertTrue(self._row(self.supervisor, account).is_mine)
        self.assertFalse(self._row(self.supervisor_2, account).is_mine)

    def test_days_of_waiting_and_the_oldest_first(self):
        late = self._document()
        day = late.submit_date - self._days(10)
        late.sudo()._unlocked().write({"submit_date": day})
        self._document()
        self.env.flush_all()
        page = self._page(self.supervisor)
        row = page.waiting_ids[0]
        self.assertEqual(row.res_id, late.id)
        self.assertEqual((row.days, row.age), (10, "fortnight"))
        self.assertEqual(page.oldest_days, 10)
        [bars] = json.loads(page.graph)
        self.assertEqual([bar["value"] for bar in bars["values"]], [1, 0, 0, 1, 0])

    def test_each_type_has_its_longest_waiting_rows(self):
        for _number in range(5):
            self._document()
        self._rating()
        page = self._page(self.supervisor)
        self.assertEqual(page.document_count, 5)
        self.assertEqual(page.total_count, 6)
        kinds = sorted(page.waiting_ids.mapped("kind"))
        self.assertEqual(kinds, ["document"] * 3 + ["rating"])

    def test_counters_open_what_they_count(self):
        self._everything()
        page = self._page(self.supervisor)
        for kind in KINDS:
            count = page[f"{kind}_count"]
            opened = page.with_context(nka_kind=kind).action_open_kind()
            records = self.env[opened["res_model"]].with_user(self.supervisor)
            found = records.with_context(**opened["context"]).search(opened["domain"])
            with self.subTest(kind):
                self.assertEqual(len(found), count)
        opened = page.with_context(nka_kind="nonsense").action_open_kind()
        self.assertEqual(opened["res_model"], "nka.waiting")
        found = self.env["nka.waiting"].with_user(self.supervisor)
        self.assertEqual(found.search_count(opened["domain"]), page.total_count)

    def test_nothing_waits(self):
        page = self._page(self.supervisor)
        self.assertFalse(page.total_count)
        self.assertFalse(page.waiting_ids | page.other_ids)
        self.assertEqual(page.title, "Nothing waits for your decision")
        self.assertTrue(page.graph)

    def test_what_others_decide_is_listed_apart(self):
        document = self._document(self.supervisor_2)
        page = self._page(self.supervisor_2)
        self.assertEqual(page.other_ids.res_id, document.id)
        self.assertFalse(page.total_count)
        opened = page.action_open_others()
        found = self.env["nka.waiting"].with_user(self.supervisor_2)
        self.assertEqual(found.search(opened["domain"]), page.other_ids)

    def test_other_roles_are_refused(self):
        self._document()
        director = self._new_user("nka_director", "group_key_account_director")
        people = self.manager | self.officer | self.kam_admin | self.salesman | director
        page = self._page(self.supervisor)
        for user in people:
            with self.subTest(user.login):
                for attempt in (
                    lambda user=user: self._page(user),
                    lambda user=user: self._rows(user),
                    lambda user=user: page.with_user(user).action_open_all(),
                    lambda user=user: page.with_user(user).action_open_kind(),
                    lambda user=user: page.with_user(user).read(["title"]),
                ):
                    with self.refused(AccessError):
                        attempt()

    def test_the_page_of_another_supervisor_is_refused(self):
        page = self._page(self.supervisor)
        with self.refused(AccessError):
            page.with_user(self.supervisor_2).read(["title"])

    def test_nothing_of_another_company_waits(self):
        self._document()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.supervisor.company_ids |= company
        rows = self.env["nka.waiting"].with_user(self.supervisor)
        self.assertTrue(rows.search([]))
        self.assertFalse(rows.with_context(allowed_company_ids=company.ids).search([]))

    def test_a_row_whose_record_is_gone_is_refused(self):
        row = self._row(self.supervisor, self._rating())
        self.env["nka.credit.rating"].browse(row.res_id).with_user(
            self.manager
        ).unlink()
        with self.refused(UserError):
            row.action_open()

    def test_number_of_queries_is_constant(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            page = self._page(self.supervisor)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            page.web_read(
                {
                    "title": {},
                    "graph": {},
                    "waiting_ids": {
                        "fields": {"name": {}, "days": {}, "is_mine": {}, "kind": {}}
                    },
                    "other_ids": {"fields": {"name": {}}},
                }
            )
            return self.cr.sql_log_count - before

        for _number in range(2):
            self._document()
            self._rating()
            self._origin()
        count()
        few = count()
        for _number in range(6):
            self._document()
            self._rating()
            self._origin()
        # Creating records can clear caches, which the first page fills again.
        count()
        self.assertLessEqual(count(), few)


class TestDeskOfGoals(DeskMixin, SeasonCase):
    def test_an_objection_waits_for_the_team_s_supervisors(self):
        goal = self._goal()
        goal.with_user(self.supervisor).action_propose(reason="Set up late")
        self.assertFalse(self._row(self.supervisor, goal))
        goal.with_user(self.manager).action_object(reason="Too high")
        self.assertTrue(self._row(self.supervisor, goal).is_mine)
        self.manager.group_ids |= self.env.ref(SUPERVISOR)
        self.assertFalse(self._row(self.manager, goal).is_mine)
        self.assertEqual(self._page(self.supervisor).goal_count, 1)
        goal.with_user(self.supervisor).action_propose(reason="Set up late")
        self.assertFalse(self._row(self.supervisor, goal))

    def test_a_report_waits(self):
        with freeze_time("2026-11-28"):
            report = (
                self.env["nka.work.report"]
                .with_user(self.manager)
                .create(
                    {
                        "employee_id": self.manager.employee_id.id,
                        "date_from": date(2026, 11, 16),
                        "summary": "Met two clients.",
                    }
                )
            )
            report.action_submit()
            self.manager.group_ids |= self.env.ref(SUPERVISOR)
            self.assertTrue(self._row(self.supervisor, report).is_mine)
            self.assertFalse(self._row(self.manager, report).is_mine)


class TestDeskOfDisputes(DeskMixin, ConfinedCase):
    def test_a_dispute_waits_for_the_person_s_supervisors(self):
        dispute = self._dispute()
        for user in self.supervisor | self.supervisor_2:
            row = self._row(user, dispute)
            if dispute.with_user(user).sudo(False).has_access("read"):
                can = user in dispute.sudo()._supervisors()
                self.assertEqual(row.is_mine, can)
            else:
                self.assertFalse(row)
        self.assertTrue(dispute.sudo()._supervisors())


class TestDeskOfFeedback(DeskMixin, VoiceCase):
    def test_an_answer_waits_for_those_who_may_release_it(self):
        answer = self._answered()
        row = self._row(self.supervisor, answer)
        self.assertTrue(row.is_mine)
        self.assertEqual(row.days, 0)
        self.assertFalse(row.user_id)
        self.assertEqual(row.action_open()["res_id"], answer.id)
        page = self._page(self.supervisor)
        self.assertEqual(page.feedback_count, 1)
        opened = page.with_context(nka_kind="feedback").action_open_kind()
        self.assertEqual(opened["domain"], [("id", "in", answer.ids)])
        answer.with_user(self.supervisor).action_release()
        self.assertFalse(self._row(self.supervisor, answer))

    def test_the_manager_as_supervisor_learns_of_no_answer(self):
        answer = self._answered()
        self.manager.group_ids |= self.env.ref(SUPERVISOR)
        self.assertFalse(self._row(self.manager, answer))
        page = self._page(self.manager)
        self.assertFalse(page.feedback_count)
        self.assertNotIn(answer.id, page.other_ids.mapped("res_id"))


class TestDeskOfRegimes(DeskMixin, SecrecyCase):
    def test_a_regime_waits_for_supervisors_who_did_not_write_it(self):
        self.assertFalse(self._row(self.supervisor, self.regime))
        self.regime.with_user(self.kam_admin).action_submit()
        self.kam_admin.group_ids |= self.env.ref(SUPERVISOR)
        self.assertTrue(self._row(self.supervisor, self.regime).is_mine)
        self.assertFalse(self._row(self.kam_admin, self.regime).is_mine)
        page = self._page(self.supervisor)
        self.assertEqual(page.regime_count, 1)
        opened = page.with_context(nka_kind="regime").action_open_kind()
        self.assertEqual(opened["res_model"], self.regime._name)
        self.regime.with_user(self.supervisor).action_approve()
        self.assertFalse(self._row(self.supervisor, self.regime))

    def test_a_regime_of_another_company_waits_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        (self.supervisor | self.kam_admin).company_ids |= company
        regime = self._new_regime(company_id=company.id, name="There")
        regime.with_user(self.kam_admin).action_submit()
        rows = self.env["nka.waiting"].with_user(self.supervisor)
        kind = [("kind", "=", "regime")]
        here = rows.with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(here.search(kind))
        there = rows.with_context(allowed_company_ids=company.ids)
        self.assertEqual(there.search(kind).res_id, regime.id)
