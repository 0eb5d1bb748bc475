"""The manager tries every door to a client's answer before its release."""

import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import VoiceCase

SECRET = "They never call back"


@tagged("nka_voice")
class TestHostile(VoiceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people.attitude = "5"

    def setUp(self):
        super().setUp()
        self.answer = self._answered(feedback=SECRET)
        self.asked = self.answer.round_id.answer_ids - self.answer
        self.env.flush_all()
        self.env.invalidate_all()

    def _as(self, model, user=None):
        return self.env[model].with_user(user or self.manager)

    # ------------------------------------------------------------ reading
    def test_rows(self):
        for user in (self.manager, self.deputy, self.colleague):
            mine = self._as("nka.voice.answer", user)
            self.assertFalse(mine.search([]))
            self.assertFalse(mine.search_read([], ["score"]))
            self.assertFalse(mine.name_search(""))
            self.assertFalse(mine.search_count([("score", "=", 1)]))
            self.assertFalse(
                [
                    group
                    for group in mine.formatted_read_group(
                        [], ["key_account_id"], ["score:avg", "feedback:array_agg"]
                    )
                    if group["score:avg"]
                ]
            )
            with self.refused(AccessError):
                mine.browse(self.answer.id).read(["feedback"])
            with self.refused(AccessError):
                mine.browse(self.answer.id).export_data(["feedback"])
        for user in (self.employee_user, self.salesman, self.officer, self.kam_admin):
            with self.refused(AccessError):
                self._as("nka.voice.answer", user).search([])

    def test_surveys(self):
        for user in (self.manager, self.director_user, self.kam_admin):
            for model in ("nka.voice.round", "nka.voice.refusal"):
                with self.refused(AccessError):
                    self._as(model, user).search([])

    def test_ratings(self):
        """Odoo opens ratings to every employee, those of answers to nobody."""
        for user in (self.manager, self.supervisor, self.employee_user):
            ratings = self._as("rating.rating", user)
            ours = [("res_model", "=", "nka.voice.answer")]
            self.assertFalse(ratings.search(ours))
            self.assertFalse(ratings.search([("feedback", "ilike", "call")]))
            self.assertFalse(ratings.name_search("Northwind"))
            self.assertFalse(
                ratings.formatted_read_group(ours, ["rating"], ["__count"])
            )
            row = ratings.browse(self.answer.rating_id.id)
            for call in (
                lambda row=row: row.read(["feedback", "access_token"]),
                lambda row=row: row.write({"rating": 5}),
                lambda row=row: row.reset(),
                lambda row=row: row.export_data(["feedback"]),
            ):
                with self.refused(AccessError):
                    call()

    def test_token_is_nobody_s(self):
        for user in (self.supervisor, self.kam_admin, self.manager):
            with self.refused(AccessError):
                self._as("nka.voice.answer", user).browse(self.answer.id).read(
                    ["rating_id"]
                )

    def test_forged_rating(self):
        """A rating with a token of one's own is no answer."""
        ratings = self._as("rating.rating")
        target = self.asked[0]
        model_id = self.env["ir.model"]._get_id("nka.voice.answer")
        vals = {"res_model_id": model_id, "res_id": target.id}
        token = uuid.uuid4().hex
        with self.refused(AccessError):
            ratings.create({**vals, "access_token": token, "rating": 5})
        partner_model = self.env["ir.model"]._get_id("res.partner")
        own = ratings.create({"res_model_id": partner_model, "res_id": 1})
        with self.refused(AccessError):
            own.write(vals)
        self.assertEqual(target.state, "asked")

    def test_mails(self):
        """The questions carry the tokens: nobody reads them in Odoo."""
        mails = self._mails(self.asked)
        self.assertTrue(mails)
        system = self.env.ref("base.group_system")
        self.manager.group_ids += system
        own = self._as("mail.mail")
        self.assertFalse(own.search([("id", "in", mails.ids)]))
        with self.refused(AccessError):
            own.browse(mails.ids).read(["body_html"])
        messages = mails.mail_message_id
        for user in (self.manager, self.supervisor, self.employee_user):
            found = self._as("mail.message", user)
            self.assertFalse(found.search([("id", "in", messages.ids)]))
            with self.refused(AccessError):
                found.browse(messages.ids).read(["body"])
        notices = self._as("mail.notification").search(
            [("mail_message_id", "in", messages.ids)]
        )
        self.assertFalse(notices)

    def test_supervisor_s_notice(self):
        notice = self.env["mail.message"].search(
            [("subject", "=like", "Client feedback:%")]
        )
        self.assertFalse(self._as("mail.message").search([("id", "in", notice.ids)]))

    def test_totals(self):
        account = self._as("nka.key.account").browse(self.account.id)
        self.assertEqual(account.voice_count, 0)
        self.assertEqual(account.voice_score, 0)
        self.assertEqual(account.voice_blind_count, 0)
        person = self._as("nka.stakeholder").browse(self.answer.stakeholder_id.id)
        self.assertFalse(person.voice_view)
        with self.refused(AccessError):
            account.read(["voice_waiting_count"])
        with self.refused(AccessError):
            person.read(["voice_hindrance"])

    def test_no_field_leads_to_answers(self):
        """A search through a list of answers would tell who was asked.

        Odoo evaluates “has any” of a list without the record rules of its rows.
        """
        names = ("nka.voice.answer", "nka.voice.round", "nka.voice.refusal")
        leading = [
            f"{model._name}.{field.name}"
            for model in self.env.values()
            if not model._name.startswith("nka.voice.")
            for field in model._fields.values()
            if field.comodel_name in names
        ]
        self.assertFalse(leading)

    def test_health_tells_nothing(self):
        self.account._refresh_health()
        account = self._as("nka.key.account").browse(self.account.id)
        self.assertNotIn("voice", account.health_scores or {})

    def test_trail(self):
        """Managers don't read the trail; supervisors not that of their own clients."""
        places = [("res_model", "in", ("nka.voice.answer", "nka.voice.round"))]
        with self.refused(AccessError):
            self._as("nka.audit.event").search(places)
        self.assertTrue(self._as("nka.audit.event", self.supervisor).search(places))
        self.manager.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        self.assertFalse(self._as("nka.audit.event").search(places))

    # ------------------------------------------------------------ acting
    def test_nobody_writes(self):
        for user in (self.manager, self.supervisor, self.director_user, self.kam_admin):
            answers = self._as("nka.voice.answer", user)
            row = answers.browse(self.answer.id)
            for vals in ({"score": 5}, {"state": "disclosed"}, {"feedback": "Fine"}):
                with self.refused(AccessError):
                    row.write(vals)
            with self.refused(AccessError):
                row.unlink()
            with self.refused(AccessError):
                answers.create(
                    {
                        "round_id": self.answer.round_id.id,
                        "key_account_id": self.account.id,
                        "partner_id": self.answer.partner_id.id,
                        "date_asked": self.today,
                    }
                )
            with self.refused(AccessError):
                self._as("nka.voice.round", user).create(
                    {
                        "key_account_id": self.account.id,
                        "occasion": "regular",
                        "origin": "mine",
                        "date": self.today,
                        "date_from": self.today,
                    }
                )

    def test_manager_does_nothing(self):
        row = self._as("nka.voice.answer").browse(self.answer.id)
        with self.refused(AccessError):
            row.action_release()
        with self.refused(AccessError):
            row.action_open_trail()
        refusal = self.env["nka.voice.refusal"].create(
            {"partner_id": self.ben.partner_id.id}
        )
        with self.refused(AccessError):
            refusal.with_user(self.manager).action_lift(reason="Ask them")
        with self.refused((AccessError, UserError)):
            self._as("res.company").browse(self.company.id).write(
                {"nka_voice_active": False}
            )

    def test_settings_of_the_manager(self):
        with self.refused(AccessError):
            self.company.with_user(self.manager).nka_voice_release_days = 1
