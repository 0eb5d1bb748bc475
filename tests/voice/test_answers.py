"""What a client answers, and who reads it when."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import VoiceCase


@tagged("nka_voice")
class TestAnswers(VoiceCase):
    def test_supervisor_is_told_first(self):
        answer = self._answered()
        self.assertEqual(answer.state, "answered")
        self.assertEqual(
            answer.with_user(self.supervisor).feedback, "Nobody calls back"
        )
        notices = self.env["mail.message"].search(
            [("subject", "=like", "Client feedback:%")]
        )
        told = notices.notified_partner_ids
        self.assertEqual(told, self.supervisor.partner_id)
        self.assertNotIn("Nobody", "".join(notices.mapped("body")))
        self.assertFalse(notices.filtered("model"))

    def test_once(self):
        answer = self._answered(score=1)
        answer.rating_apply(5, rating=answer.rating_id, feedback="All fine")
        self.assertEqual((answer.score, answer.feedback), (1, "Nobody calls back"))

    def test_only_by_its_own_rating(self):
        answer = self._survey().answer_ids[0]
        other = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(answer._name),
                "res_id": answer.id,
            }
        )
        with self.refused(AccessError):
            answer.rating_apply(5, rating=other)
        with self.refused(AccessError):
            answer.with_user(self.supervisor).rating_apply(5, rating=answer.rating_id)
        self.assertEqual(answer.state, "asked")

    def test_released_by_the_supervisor(self):
        answer = self._answered()
        self.assertFalse(self.answers.with_user(self.manager).search([]))
        answer.with_user(self.supervisor).action_release()
        self.assertEqual(answer.state, "disclosed")
        self.assertEqual(answer.released_by_id, self.supervisor)
        own = self.answers.with_user(self.manager).search([])
        self.assertEqual(own.feedback, "Nobody calls back")
        self.assertFalse(self.answers.with_user(self.colleague).search([]))
        self.assertEqual(
            self._events(answer, "state").mapped("new"),
            ["asked", "answered", "disclosed"],
        )
        with self.refused(UserError):
            answer.with_user(self.supervisor).action_release()

    def test_released_after_days(self):
        answer = self._answered()
        self.answers._follow(self.company)
        self.assertEqual(answer.state, "answered")
        self._later(answer, 14)
        self.answers._follow(self.company)
        self.assertEqual(answer.state, "disclosed")

    def test_own_client_is_another_supervisor_s(self):
        """A supervisor who manages the client is its manager here."""
        self.account.manager_id.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        answer = self._answered()
        own = answer.with_user(self.manager)
        self.assertFalse(own.search([]))
        with self.refused(AccessError):
            own.read(["score"])
        with self.refused(AccessError):
            own.action_release()
        self.assertFalse(self.rounds.with_user(self.manager).search([]))

    def test_director_reads_released(self):
        answer = self._answered()
        self.assertFalse(self.answers.with_user(self.director_user).search([]))
        answer.with_user(self.supervisor).action_release()
        self.assertTrue(self.answers.with_user(self.director_user).search([]))
        with self.refused(AccessError):
            answer.with_user(self.director_user).action_release()

    def test_expires(self):
        survey = self._survey()
        self._later(survey.answer_ids, 31)
        answer = survey.answer_ids[0]
        answer.rating_apply(5, rating=answer.rating_id)
        self.assertEqual(answer.state, "asked")
        self.answers._follow(self.company)
        self.assertEqual(set(survey.answer_ids.mapped("state")), {"expired"})

    def test_undelivered(self):
        survey = self._survey()
        answer = survey.answer_ids[0]
        self._mails(answer).write({"state": "exception", "failure_reason": "No box"})
        self.answers._follow(self.company)
        self.assertEqual(answer.state, "undelivered")
        self.assertFalse(self._mails(answer))

    def test_blind_spot(self):
        for attitude, score, view in (
            ("5", 1, "blind"),
            ("3", 1, "blind"),
            ("4", 3, "agree"),
            ("5", 3, "blind"),
            ("3", 3, "agree"),
            ("1", 3, "better"),
            ("2", 5, "better"),
        ):
            answer = self.answers.new(
                {"attitude": attitude, "key_account_id": self.account.id}
            )
            self.assertEqual(answer._view(score), view, (attitude, score))

    def test_blind_spot_of_the_day_of_the_question(self):
        """Retyping the attitude later doesn't hide a blind spot."""
        self.people.attitude = "5"
        answer = self._answered(score=1)
        answer.stakeholder_id.with_user(self.manager).attitude = "1"
        answer.with_user(self.supervisor).action_release()
        self.assertEqual(answer.view, "blind")
        self.assertEqual(answer.gap, 4)
        person = answer.stakeholder_id.with_user(self.manager)
        self.assertEqual(person.voice_view, "blind")
        self.assertEqual(self.account.with_user(self.manager).voice_blind_count, 1)

    # ------------------------------------------------------------ health
    def _factor(self):
        self.account._refresh_health()
        self.account.invalidate_recordset()
        return (self.account.health_scores or {}).get("voice")

    def test_health(self):
        answer = self._answered(score=3)
        self.assertIsNone(self._factor())
        answer.with_user(self.supervisor).action_release()
        self.assertEqual(self._factor(), 50)

    def test_frozen(self):
        answer = self._answered()
        answer.flush_recordset()
        for query in (
            "UPDATE nka_voice_answer SET score = 5 WHERE id = %s",
            "UPDATE nka_voice_answer SET attitude = '1' WHERE id = %s",
            "UPDATE nka_voice_answer SET feedback = 'All fine' WHERE id = %s",
        ):
            self.refused_by_database(query, answer.id)
        with self.refused(UserError):
            answer.unlink()

    def test_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        survey = self._survey()
        self.assertIn("How satisfied", self._mails(survey.answer_ids)[0].subject)
        answer = survey.answer_ids[0]
        answer.partner_id.lang = "ru_RU"
        self.assertEqual(answer._language(), "ru_RU")
        answer.partner_id.lang = "fr_FR"
        self.assertEqual(answer._language(), "en_US")
