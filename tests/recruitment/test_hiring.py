"""From the interview form to the employee: what stays, and what doesn't."""

from odoo.exceptions import AccessError, UserError

from .common import ANSWER, RecruitmentCase


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
