from odoo import api, fields, models
from odoo.fields import Domain

from .roles import CARE


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    # Only until it is known whose answer it is.
    nka_five_years = fields.Text(
        "In five years", groups=CARE, copy=False, exportable=False
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        inputs = super().create(vals_list)
        inputs._nka_hand_over()
        return inputs

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"applicant_id", "nka_five_years"}):
            self._nka_hand_over()
        return result

    def _nka_hand_over(self):
        """Move answers to the application they belong to."""
        for answer in self.sudo():
            if answer.nka_five_years and answer.applicant_id:
                answer.applicant_id._nka_take_answer(answer.nka_five_years)
                answer.nka_five_years = False

    # ------------------------------------------------------------ business
    @api.model
    def _nka_let_expire(self, day):
        """Remove answers given until a day that never found their application."""
        kept = Domain("nka_five_years", "!=", False) & Domain("create_date", "<=", day)
        self.search(kept).nka_five_years = False

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        if not question.sudo().nka_five_years:
            return super()._save_lines(question, answer, comment, overwrite_existing)
        self._nka_keep_answer(answer)
        return None

    def _nka_keep_answer(self, text):
        """Keep an answer outside the survey. A test of the form keeps nothing.

        :param text: what was entered; an empty text doesn't delete an earlier answer
        """
        self.ensure_one()
        text = text.strip() if isinstance(text, str) else ""
        if text and not self.test_entry:
            self.sudo().nka_five_years = text
