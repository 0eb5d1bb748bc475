from odoo import api, fields, models
from odoo.exceptions import UserError


class ReasonWizard(models.TransientModel):
    """Wizard that asks for a reason, then calls the action with it."""

    _name = "nka.reason.wizard"
    _description = "Decision reason"

    res_model = fields.Char("Source model", required=True, readonly=True)
    res_ids = fields.Json("Source record IDs", required=True, readonly=True)
    action = fields.Char(required=True, readonly=True)
    reason = fields.Text(required=True)

    @api.model
    def _ask(self, records, action):
        """Return an action that opens the reason wizard.

        :param records: the records that the decision is about
        :param str action: method of the records that takes the reason; a key of their
            ``_reason_actions``, whose values are the window titles
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
        """Call the action with the reason entered, as the current user.

        :raise UserError: when the records don't declare the action in
            ``_reason_actions``
        """
        self.ensure_one()
        records = self.env[self.res_model].browse(self.res_ids)
        if self.action not in getattr(records, "_reason_actions", {}):
            raise UserError(
                self.env._("This request has expired. Start the action again.")
            )
        records.check_access("read")
        getattr(records, self.action)(reason=self.reason)
        return {"type": "ir.actions.act_window_close"}
