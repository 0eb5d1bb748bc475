"""From the interview form to the employee: what stays, and what doesn't."""

from odoo.addons.nka_key_accounts_recruitment.models.words import speaks_of_ownership
from odoo.exceptions import AccessError, UserError

from .common import ANSWER, RecruitmentCase

ADDON = "nka_key_accounts_recruitment"
#: Answers, and whether they may speak of a business of one's own.
WORDS = (
    ("Own business", True),
    ("I will run my own business", True),
    ("I'd like to start a small company with a friend", True),
    ("As an entrepreneur", True),
    ("Self-employed, as a consultant", True),
    ("Owner of a logistics company", True),
    ("У меня будет свой бизнес", True),
    ("Хочу открыть собственное дело", True),
    ("Буду предпринимателем", True),
    ("Владельцем небольшой компании", True),
    ("Хочу работать на себя", True),
    ("Head of key accounts in this company", False),
    ("Running the business of one large client", False),
    ("Руководителем отдела в вашей компании", False),
    ("На своём месте, с крупными клиентами", False),
    ("Делать своё дело хорошо", False),
    ("", False),
    (False, False),
)


class TestHiring(RecruitmentCase):
    def _fill_in(self, applicant, text=ANSWER, **vals):
        answer = self.form.sudo()._create_answer(
            partner=applicant.partner_id, **({"applicant_id": applicant.id} | vals)
        )
        public = self.env.ref("base.public_user")
        answer.with_user(public).sudo()._save_lines(self.question, text)
        return answer

    def test_form_is_on_the_position(self):
        self.assertEqual(self.job.survey_id, self.form)
        questions = self.form.question_ids
        self.assertEqual(len(questions), 8)
        self.assertFalse(any(questions.mapped("is_scored_question")))
        self.assertEqual(questions.filtered("nka_five_years"), self.question)

    def test_answer_arrives_and_leaves_the_survey(self):
        answer = self._fill_in(self.applicant)
        self.assertEqual(self.applicant.nka_five_years, ANSWER)
        self.assertFalse(answer.user_input_line_ids)
        self.assertFalse(self.applicant.nka_owner_flag)
        self.assertTrue(self.applicant.nka_owner_hint)
        self.assertFalse(self.applicant.nka_owner_set_by_id)

    def test_employee_without_decision(self):
        self._noted()
        employee = self._hire(self.applicant)
        self.assertEqual(self.applicant.employee_id, employee)
        self.assertFalse(self.applicant.nka_five_years)
        self.assertFalse(self.applicant.nka_owner_flag)
        decision = self.applicant.nka_owner_decision_ids
        self.assertEqual((decision.decision, decision.state), ("drop", "removed"))
        self.assertFalse(decision.note)

    def test_employee_after_a_director_decided_to_keep_it(self):
        self._noted()
        for user in (self.recruiter, self.interviewer, self.supervisor, self.manager):
            with self.refused(AccessError):
                self.applicant.with_user(user).action_nka_keep_note("No matter")
        self.applicant.with_user(self.director).action_nka_keep_note("Agreement made")
        employee = self._hire(self.applicant)
        decision = self.applicant.nka_owner_decision_ids
        self.assertEqual((decision.state, decision.employee_id), ("kept", employee))
        self.assertEqual(decision.with_user(self.director).note, ANSWER)
        self.assertFalse(self.applicant.nka_five_years)
        with self.refused(AccessError):
            decision.with_user(self.recruiter).read(["note"])

    def test_list_of_the_new_manager_begins(self):
        employee = self._hire(self.applicant)
        start = self.env["nka.manager.start"].search(
            [("employee_id", "=", employee.id)]
        )
        self.assertEqual((start.way, start.state), ("hired", "preparing"))
        self.assertEqual(employee.job_id, self.job)
        self.assertEqual(employee.department_id, self.department)
        other = self._hire(self.other_applicant)
        self.assertFalse(
            self.env["nka.manager.start"].search([("employee_id", "=", other.id)])
        )

    def test_nothing_to_decide(self):
        with self.refused(UserError, "no answer"):
            self.applicant.with_user(self.director).action_nka_keep_note("Reason")

    def test_claims_are_on_the_list_of_the_new_manager(self):
        claim = (
            self.env["nka.applicant.claim"]
            .with_user(self.recruiter)
            .create(
                {
                    "applicant_id": self.applicant.id,
                    "name": "Won the supply contract",
                    "client": "Northwind Steel",
                }
            )
        )
        self._hire(self.applicant)
        self._hire(self.other_applicant)
        item = self.env["nka.manager.start.item"].search([("code", "=", "claims")])
        self.assertEqual((item.state, item.who), ("open", "supervisor"))
        self.assertIn("recruiter", item.hint)
        start = item.start_id
        with self.refused(UserError, "Ask"):
            start.with_user(self.supervisor)._open_claims()
        action = start.with_user(self.director)._open_claims()
        self.assertEqual(action["res_model"], "nka.applicant.claim")
        claim.with_user(self.recruiter).action_decide("verified", "document", "Seen")
        item.invalidate_recordset()
        self.assertEqual((item.state, item.done_on), ("done", self.today))

    def test_directors_read_applications_of_key_account_managers_only(self):
        applicants = self.env["hr.applicant"].with_user(self.director)
        view = self.env.ref(f"{ADDON}.hr_applicant_view_form_director")
        shown = applicants.get_views([(view.id, "form")])
        names = shown["models"]["hr.applicant"]["fields"]
        self._noted()
        mine = applicants.search(
            [("id", "in", (self.applicant + self.other_applicant).ids)]
        )
        self.assertEqual(mine.ids, self.applicant.ids)
        read = mine.read(sorted(set(names)))[0]
        self.assertEqual(
            (read["nka_five_years"], read["nka_owner_flag"]), (ANSWER, True)
        )
        for vals in ({"nka_owner_flag": False}, {"partner_name": "Another"}):
            with self.refused(AccessError):
                mine.write(vals)
        with self.refused(AccessError):
            applicants.create({"partner_name": "Another"})

    def test_words(self):
        for text, expected in WORDS:
            self.assertEqual(speaks_of_ownership(text), expected, text)
