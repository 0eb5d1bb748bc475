"""What stands out in the look-back, and the dossier that seals it."""

import base64
import hashlib

from odoo.exceptions import AccessError, UserError

from .common import LeavingCase


class TestLookBack(LeavingCase):
    def _habits(self):
        """A manager who reads 30 records a day, and a colleague who reads 100."""
        days = [back for back in range(1, 300) if back not in (2, 3, 4)]
        self._habit(self.manager, 30, days)
        self._habit(self.colleague, 100, days)
        for user in (self.manager, self.colleague):
            self._habit(user, 100, (2, 3, 4))

    def test_three_hundred_records_in_three_days(self):
        self._habits()
        leaver = self._figure(self._depart())
        used = self._figure(self._depart(self.kam_admin, self.employees[1]))
        self.assertEqual(leaver.most, 300)
        self.assertEqual(leaver.most_from, self.now - self._days(4))
        self.assertEqual(leaver.usual_most, 90)
        self.assertTrue(leaver.is_unusual)
        self.assertEqual(used.most, 300)
        self.assertFalse(used.is_unusual)
        self.assertAlmostEqual(used.ratio, 1)

    def test_beside_own_usual_and_peers(self):
        self._habits()
        row = self._figure(self._depart())
        self.assertEqual(row.total, 87 * 30 + 300)
        self.assertEqual(row.usual, 90 * 30)
        self.assertEqual(row.peers, 90 * 100)

    def test_habit_of_a_weekday_is_no_surprise(self):
        mondays = [
            back
            for back in range(1, 300)
            if (self.now - self._days(back)).isoweekday() == 1
        ]
        others = [back for back in range(1, 300) if back not in mondays]
        self._habit(self.manager, 200, mondays)
        self._habit(self.manager, 10, others)
        self.assertFalse(self._figure(self._depart()).is_unusual)

    def test_few_days_have_no_usual(self):
        self._habit(self.manager, 500, (1, 2))
        row = self._figure(self._depart())
        self.assertEqual(row.total, 1000)
        self.assertFalse(row.has_usual)
        self.assertFalse(row.is_unusual)

    def test_reads_not_added_up_yet_count(self):
        self._habit(self.manager, 30, range(1, 200))
        self._reads(self.manager, 400)
        row = self._figure(self._depart())
        self.assertEqual(row.most, 460)
        self.assertTrue(row.is_unusual)

    def test_redirected_contacts_stand_out(self):
        contacts = self.env["res.partner"].create(
            [{"name": f"P {n}", "parent_id": self.client.id} for n in range(22)]
        )
        contacts[0].with_user(self.manager).email = "new.firm@example.com"
        self.assertEqual(self._figure(self._depart(), "redirect").total, 1)
        self.env["nka.departure"].search([]).sudo().action_cancel(reason="Again")
        for contact in contacts[1:]:
            contact.with_user(self.manager).email = "new.firm@example.com"
        row = self._figure(self._depart(), "redirect")
        self.assertEqual(row.total, 22)
        self.assertTrue(row.is_unusual)

    def test_nothing_is_read_without_notice(self):
        self._habits()
        self.company.nka_reading_kept = False
        departure = self._depart()
        self.assertFalse(departure.has_reading_days)
        self.assertFalse(self._figure(departure))
        self.assertTrue(self._figure(departure, "redirect"))

    def test_queries_do_not_grow_with_days_and_peers(self):
        self._depart(self.kam_admin, self.employees[1])
        departure = self._depart().sudo()
        departure._look_back()
        self.env.flush_all()
        with self.assertQueryCount(60):
            departure._look_back()

    # ------------------------------------------------------------ dossier
    def test_sealed_with_its_hash_in_the_trail(self):
        self._habit(self.manager, 30)
        departure = self._depart(note="A competitor called")
        self.assertEqual(
            departure.action_seal_dossier()["res_model"], "nka.reason.wizard"
        )
        departure.action_seal_dossier(reason="The board, on gardening leave")
        dossier = departure.dossier_ids
        content = base64.b64decode(dossier.sudo().file)
        self.assertTrue(content)
        self.assertEqual(dossier.digest, hashlib.sha256(content).hexdigest())
        self.assertEqual(dossier.number, 1)
        event = self._events(departure, "dossier")
        self.assertEqual(event.file_digest, dossier.digest)
        self.assertEqual(event.note, "The board, on gardening leave")
        self.assertIn(f"/{dossier.id}/file/", dossier.action_download()["url"])
        with self.refused(AccessError):
            dossier.with_user(self.supervisor_2)._hand_out()
        self.assertEqual(dossier._hand_out().file, dossier.sudo().file)
        self.assertEqual(len(self._events(departure, "dossier")), 2)
        for user in (self.manager, self.supervisor_2, self.director, self.officer):
            with self.subTest(user=user.login), self.refused(AccessError):
                dossier.with_user(user).read(["file"])

    def test_content_names_what_matters(self):
        departure = self._depart(note="A competitor called")
        reports = self.env["ir.actions.report"].with_user(self.supervisor)
        html, _kind = reports._render_qweb_html(
            "nka_key_accounts.report_departure", departure.ids
        )
        for text in ("A competitor called", "Look-back", "Nobody takes over yet"):
            self.assertIn(text, html.decode())
        for user in (self.director, self.manager):
            with self.refused(AccessError):
                reports.with_user(user)._render_qweb_html(
                    "nka_key_accounts.report_departure", departure.ids
                )

    def test_damage_is_found_and_refused(self):
        departure = self._depart()
        departure.action_seal_dossier(reason="The board")
        dossier = departure.dossier_ids
        verifications = self.env["nka.audit.verification"]
        [check] = [
            check
            for check in verifications._checks(self.company)
            if "dossiers" in check.title
        ]
        self.assertEqual((check.count, check.findings), (1, []))
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", dossier._name),
                ("res_id", "=", dossier.id),
                ("res_field", "=", "file"),
            ]
        )
        file.sudo().raw = b"other"
        dossier.invalidate_recordset()
        self.assertEqual(len(verifications._check_dossiers(self.company).findings), 1)
        with self.refused(AccessError, "differs"):
            dossier.action_download()
        self.refused_by_database(
            "UPDATE nka_departure_dossier SET digest = 'x' WHERE id = %s", dossier.id
        )
        with self.refused((UserError, AccessError)):
            dossier.sudo().unlink()
