"""Claims of CVs: who enters and checks them, and what stays on record."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .applicants import ApplicantsCase

REFUSED = (AccessError, UserError, ValidationError)


@tagged("nka_recruitment")
class TestClaims(ApplicantsCase):
    def test_each_result(self):
        """By whom, when and how; the audit trail doesn't repeat names."""
        for result in ("verified", "partly_verified", "false", "unverifiable"):
            claim = self._claim()
            self._decide(claim, result)
            self.assertEqual(claim.state, result)
            self.assertEqual(claim.checked_by_id, self.recruiter)
            self.assertEqual(claim.checked_on, self.today)
            self.assertEqual(claim.method, "document")
            self.assertEqual(claim.check_ids.mapped("result"), [result])
            event = self._events(claim, "state")
            self.assertEqual((event.old, event.new), ("unverified", result))
            self.assertEqual(event.note, "document")
            with self.refused(UserError, "Not verified"):
                self._decide(claim, "false")

    def test_what_a_check_needs(self):
        claim = self._claim().with_user(self.recruiter)
        with self.refused(UserError, "what the check showed"):
            claim.action_decide("verified", "document", "  ")
        for result, method in (("unverified", "document"), ("verified", "guess")):
            with self.refused(UserError, "Choose a result"):
                claim.action_decide(result, method, "Seen")
        with self.refused(UserError, "No referee"):
            claim.action_decide("verified", "referee", "Called")
        claim.referee_name = "Head of purchasing"
        with self.refused(UserError, "hasn't agreed"):
            claim.action_decide("verified", "referee", "Called")
        claim.referee_consent = True
        claim.action_decide("verified", "referee", "Called")
        self.assertEqual(claim.state, "verified")

    def test_interviewer_decides_nothing(self):
        claim = self._claim(user=self.interviewer)
        with self.refused(AccessError, "Only recruiters"):
            self._decide(claim, user=self.interviewer)
        self.assertFalse(claim.with_user(self.interviewer).may_decide)

    def test_recruiter_who_interviews(self):
        """Neither while they interview nor after they were removed there."""
        claim = self._claim()
        for record in (self.first, self.job):
            record.interviewer_ids = [Command.link(self.recruiter.id)]
            with self.refused(AccessError, "another recruiter"):
                self._decide(claim)
            record.with_user(self.recruiter).interviewer_ids = [
                Command.unlink(self.recruiter.id)
            ]
            with self.refused(AccessError, "another recruiter"):
                self._decide(claim)
        self._decide(claim, user=self.recruiter_2)

    def test_recruiter_who_applies(self):
        self.first.email_from = self.recruiter.email
        claim = self._claim(user=self.recruiter_2)
        with self.refused(AccessError, "another recruiter"):
            self._decide(claim)

    def test_checked_claim_is_kept(self):
        claim = self._claim()
        self._decide(claim, "false")
        own = claim.with_user(self.recruiter)
        for vals in ({"amount": 5}, {"client": "Other"}, {"referee_name": "X"}):
            with self.refused(UserError, "has a result"):
                own.write(vals)
        with self.refused(UserError, "stays with the applicant"):
            own.applicant_id = self.second
        with self.refused(UserError, "stays on record"):
            own.unlink()
        own.action_reopen(reason="The referee called back")
        self.assertEqual(claim.state, "unverified")
        self.assertFalse(claim.evidence)
        own.amount = 5
        with self.refused(UserError, "stays on record"):
            own.unlink()
        self._decide(claim)
        results = claim.check_ids.mapped("result")
        self.assertEqual(results, ["verified", "unverified", "false"])

    def test_state_by_hand(self):
        claim = self._claim().with_user(self.recruiter)
        for vals in (
            {"state": "verified"},
            {"checked_by_id": self.recruiter_2.id},
            {"evidence": "Seen"},
            {"interviewer_ids": [Command.clear()]},
        ):
            with self.refused(REFUSED):
                claim.write(vals)
        with self.refused(REFUSED):
            self._claim(state="verified")
        with self.refused(REFUSED):
            claim.with_context(default_state="verified").create(
                {"applicant_id": self.first.id, "name": "Forged"}
            )
        with self.refused(REFUSED):
            claim.env["nka.applicant.claim.check"].create(
                {
                    "claim_id": claim.id,
                    "result": "verified",
                    "evidence": "Seen",
                    "user_id": self.recruiter.id,
                    "date": self.today,
                }
            )
        self._decide(claim)
        for door in (claim.check_ids, claim.check_ids.sudo()):
            with self.refused(REFUSED):
                door.with_user(self.recruiter).sudo(door.env.su).write(
                    {"result": "false"}
                )
            with self.refused(REFUSED):
                door.with_user(self.recruiter).sudo(door.env.su).unlink()
        self.assertEqual(claim.copy().state, "unverified")

    def test_files_stay(self):
        claim = self._claim()
        other = self.env["ir.attachment"].create({"name": "cv.txt", "raw": b"CV"})
        window = (
            self.env["nka.applicant.claim.decision"]
            .with_user(self.recruiter)
            .create(
                {
                    "claim_id": claim.id,
                    "result": "verified",
                    "method": "document",
                    "evidence": "Saw the contract",
                    "attachment_ids": [
                        Command.create({"name": "contract.txt", "raw": b"Signed"})
                    ],
                }
            )
        )
        with self.refused(AccessError, "another record"):
            window._check_own_files(other)
        window.action_apply()
        file = claim.check_ids.attachment_ids
        self.assertEqual(file.res_model, "nka.applicant.claim.check")
        self.assertEqual(file.with_user(self.interviewer).raw, b"Signed")
        for vals in ({"raw": b"Changed"}, {"res_id": 0}):
            with self.refused(REFUSED):
                file.with_user(self.recruiter).write(vals)
        with self.refused(REFUSED):
            file.with_user(self.recruiter).unlink()
        with self.refused(REFUSED):
            file.with_user(self.employee_user).read(["raw"])
        self.first.with_user(self.recruiter).unlink()
        self.assertFalse(file.exists() or claim.exists())

    def test_who_sees_claims(self):
        claim = self._claim(referee_name="Jo Berg", referee_contact="jo@example.com")
        other = self._claim(self.second)
        self.second.interviewer_ids = self.interviewer_2
        for user in (self.recruiter, self.director):
            self.assertEqual(self._seen(user), claim | other)
        self.assertEqual(self._seen(self.interviewer), claim)
        for user in (self.manager, self.supervisor, self.kam_admin, self.officer):
            with self.refused(AccessError):
                self._seen(user)
        with self.refused(AccessError):
            other.with_user(self.interviewer).check_access("write")
        with self.refused(AccessError):
            self._claim(self.second, user=self.interviewer)
        with self.refused(AccessError):
            claim.with_user(self.interviewer).amount = 1
        self.assertFalse(claim.with_user(self.interviewer).may_edit)
        self.assertTrue(claim.with_user(self.recruiter).may_edit)
        with self.refused(AccessError):
            claim.with_user(self.director).amount = 1

    def _seen(self, user):
        claims = self.env["nka.applicant.claim"].with_user(user)
        return claims.search([("applicant_id", "in", (self.first | self.second).ids)])

    def test_referee_is_for_recruiters(self):
        claim = self._claim(referee_name="Jo Berg", referee_contact="jo@example.com")
        self.assertEqual(claim.with_user(self.recruiter).referee_name, "Jo Berg")
        for user in (self.interviewer, self.director):
            own = claim.with_user(user)
            self.assertTrue(own.has_referee)
            for name in ("referee_name", "referee_contact"):
                with self.refused(AccessError):
                    own.read([name])
                with self.refused(Exception):
                    own.search([(name, "ilike", "jo")])
                with self.refused(Exception):
                    own.search([], order=name)
                with self.refused(Exception):
                    own.formatted_read_group([], [name], ["__count"])
        self.recruiter.group_ids += self.env.ref("base.group_allow_export")
        with self.refused(AccessError, "can't be exported"):
            claim.with_user(self.recruiter).export_data(["name", "referee_contact"])
        with self.refused(AccessError, "can't be exported"):
            self.first.with_user(self.recruiter).export_data(
                ["partner_name", "nka_claim_ids/referee_name"]
            )

    def test_counts_open_their_records(self):
        applicant = self.first.with_user(self.recruiter)
        self.assertIn("No claims", applicant.nka_claim_hint)
        claims = [self._claim() for _each in range(3)]
        applicant.invalidate_recordset()
        self.assertEqual(applicant.nka_claim_unverified, 3)
        self.assertIn("None of the claims", applicant.nka_claim_hint)
        self._decide(claims[0], "false")
        self._decide(claims[1])
        self._decide(claims[2], "partly_verified")
        applicant.invalidate_recordset()
        self.assertIn("All claims", applicant.nka_claim_hint)
        for state in (
            "false",
            "verified",
            "partly_verified",
            "unverified",
            "unverifiable",
        ):
            action = applicant.with_context(
                nka_claim_state=state
            ).action_nka_open_claims()
            found = claims[0].search(action["domain"])
            self.assertEqual(len(found), applicant[f"nka_claim_{state}"])
        self.assertEqual(applicant.nka_claim_count, 3)

    def test_claims_move_no_score(self):
        score = self.first.matching_score
        self._decide(self._claim(), "false")
        self.first.invalidate_recordset()
        self.assertEqual(self.first.matching_score, score)

    def test_client_of_ours(self):
        """Nobody learns that a client is a key account, or whose."""
        self._key_account(self.client)
        self.client.customer_rank = 1
        claim = self._claim(client="«northwind steel», LLC").with_user(self.recruiter)
        self.assertEqual(claim.own_client_ids, self.client)
        self.assertNotIn("key", claim.own_client_note.lower())
        self.assertFalse(self._claim(client="Northwind").own_client_note)
        self.assertFalse(self._claim(client=False).own_client_note)
        self.client.customer_rank = 0
        self.assertFalse(self._claim(client="Northwind Steel").own_client_note)
        claims = claim | self._claim(client="Baltic Paper").with_user(self.recruiter)
        claims.invalidate_recordset()
        claims.mapped("client")
        with self.assertQueryCount(2):
            claims.mapped("own_client_note")

    def test_bad_input(self):
        with self.refused(ValidationError, "what the applicant claims"):
            self._claim(name="  ")
        with self.refused(ValidationError, "negative"):
            self._claim(amount=-1)
        self.assertEqual(self._claim().display_name, "Northwind Steel, 2023")
        text = self._claim(client=False, period=False, kind="other")
        self.assertEqual(text.display_name, "Other claim")
