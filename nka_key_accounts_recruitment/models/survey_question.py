from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .roles import RECRUITER


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    nka_five_years = fields.Boolean(
        "Answer kept on the application",
        copy=True,
        help="The answer isn't stored with the survey, where interviewers and reports "
        "would show it. It goes to the application, for recruiters and directors.",
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_five_years", "question_type")
    def _check_nka_five_years(self):
        for question in self.sudo():
            if question.nka_five_years and question.question_type != "text_box":
                raise ValidationError(
                    self.env._(
                        "Only a question with a free text of several lines can be kept "
                        "on the application, because its answer never has a score."
                    )
                )

    def _nka_check_recruiter(self):
        if not (self.env.su or self.env.user.has_group(RECRUITER)):
            raise AccessError(
                self.env._(
                    "Only a recruiter can decide whether the answer to this question is "
                    "kept on the application."
                )
            )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if "nka_five_years" in vals:
            self._nka_check_recruiter()
        result = super().write(vals)
        if vals.get("nka_five_years"):
            self.env["survey.user_input.line"].sudo()._nka_move_answers(self)
        return result
