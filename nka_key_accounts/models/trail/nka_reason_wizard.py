from odoo import api, fields, models
from odoo.exceptions import UserError


class ReasonWizard(models.TransientModel):
    """Asks why, then runs the action with the answer."""

    _name = "nka.reason.wizard"
    _description = "Decision reason"

    res_model = fields.Char("Source model", required=True, readonly=True)
    res_ids = fields.Json("Source record IDs", required=True, readonly=True)
    action = fields.Char(required=True, readonly=True)
    reason = fields.Text(required=True)

    @api.model
    def _ask(self, records, action):
        """Open the question for a reason.

        :param records: what is decided on
        :param str action: their method that takes the answer, one of the keys of their
            ``_reason_actions``, whose values are the titles of the question
        :rtype: dict
        """
        title = records._reason_actions[action]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(title),  # pylint: disable=translation-contains-variable
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": records._name,
                "default_res_ids": records.ids,
                "default_action": action,
            },
        }

    def action_apply(self):
        """Run the action the question was asked for, as the person who answers."""
        self.ensure_one()
        records = self.env[self.res_model].browse(self.res_ids)
        if self.action not in getattr(records, "_reason_actions", {}):
            raise UserError(
                self.env._("This request has expired. Start the action again.")
            )
        records.check_access("read")
        getattr(records, self.action)(reason=self.reason)
        return {"type": "ir.actions.act_window_close"}
