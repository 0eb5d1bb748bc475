from odoo import api, models


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.sudo()._nka_move_answers()
        return lines.exists()

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"question_id", "value_text_box"}):
            self.sudo()._nka_move_answers()
        return result

    @api.model
    def _nka_move_answers(self, questions=None):
        """Move answers to questions that are kept on the application out of the survey.

        :param survey.question questions: all answers to these; without, these lines
        """
        lines = self
        if questions is not None:
            lines = self.search([("question_id", "in", questions.ids)])
        kept = lines.filtered("question_id.nka_five_years")
        for line in kept:
            line.user_input_id._nka_keep_answer(line.value_text_box)
        kept.unlink()
