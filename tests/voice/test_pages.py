"""The pages on which clients answer, without a login."""

import re

from odoo.tests import HttpCase, tagged

from .common import VoiceCase


@tagged("nka_voice")
class TestPages(VoiceCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.answer = self._survey().answer_ids[0]
        self.token = self.answer.rating_id.access_token
        self.env.flush_all()

    def _open(self, path, **data):
        answer = self.url_open(path, data=data or None)
        self.answer.invalidate_recordset()
        return answer.text

    def _send(self, **data):
        """Send the form of the page, as a browser does."""
        page = self._open(f"/rate/{self.token}/1")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        data["csrf_token"] = found and found[1]
        return self._open(f"/rate/{self.token}/submit_feedback", **data)

    def test_one_click_and_a_sentence(self):
        page = self._open(f"/rate/{self.token}/3")
        self.assertIn("How satisfied are you", page)
        self.assertRegex(page, r'checked="checked"[^>]*|value="3"[^>]*checked')
        self.assertEqual(self.answer.state, "asked")
        page = self._send(rate="1", feedback="Too slow <b>")
        self.assertIn("Thank you", page)
        self.assertNotIn("Too slow", page)
        self.assertEqual((self.answer.score, self.answer.feedback), (1, "Too slow <b>"))
        # Whoever has the link reads nothing and changes nothing.
        page = self._open(f"/rate/{self.token}/5")
        self.assertNotIn("Too slow", page)
        self._send(rate="5", feedback="Fine")
        self.assertEqual(self.answer.score, 1)

    def test_file_instead_of_a_sentence(self):
        """A forged form loses nothing of the click."""
        page = self._open(f"/rate/{self.token}/1")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        answer = self.url_open(
            f"/rate/{self.token}/submit_feedback",
            data={"csrf_token": token, "rate": "1"},
            files={"feedback": ("x.txt", b"x")},
        )
        self.assertEqual(answer.status_code, 200)
        self.answer.invalidate_recordset()
        self.assertEqual((self.answer.score, self.answer.feedback), (1, False))

    def test_own_people_answer_for_nobody(self):
        self.authenticate(self.manager.login, self.manager.login.ljust(8, "x"))
        page = self._open(f"/rate/{self.token}/5")
        self.assertIn("Only they can answer", page)
        self._send(rate="5")
        self.assertEqual(self.answer.state, "asked")
        self._open(f"/nka/feedback/{self.token}/stop", stop="1")
        self.assertEqual(self.answer.state, "asked")

    def test_opting_out(self):
        page = self._open(f"/nka/feedback/{self.token}/stop")
        self.assertIn("Don't you want", page.replace("&#39;", "'"))
        self.assertEqual(self.answer.state, "asked")
        page = self._open(f"/nka/feedback/{self.token}/stop", stop="1")
        self.assertEqual(self.answer.state, "refused")
        refusal = self.env["nka.voice.refusal"].search(
            [("partner_id", "=", self.answer.partner_id.id)]
        )
        self.assertEqual(refusal.source, "link")
        self._open(f"/nka/feedback/{self.token}/stop", stop="1")
        page = self._open(f"/rate/{self.token}/5")
        self.assertIn("closed", page)

    def test_wrong_links(self):
        self.assertEqual(self.url_open("/rate/nonsense/5").status_code, 404)
        self.assertEqual(self.url_open("/nka/feedback/nonsense/stop").status_code, 404)
        page = self._open(f"/rate/{self.token}/4")
        self.assertIn("How satisfied", page)

    def test_other_ratings_keep_odoo_s_page(self):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.client.id,
                "partner_id": self.client.id,
            }
        )
        self.env.flush_all()
        page = self._open(f"/rate/{rating.access_token}/5")
        self.assertIn("Thank you for rating our services", page)
