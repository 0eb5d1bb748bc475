from odoo import fields, models


class HandoverLine(models.Model):
    """One thing the giving manager explains to the receiving one.

    The system lists them; people tick them off and add a remark.
    """

    _name = "nka.handover.line"
    _description = "Handover checklist item"
    _inherit = ["nka.guard.mixin"]
    _order = "handover_id, kind_sequence, id"

    _guarded_fields = (
        "handover_id",
        "key_account_id",
        "kind",
        "kind_sequence",
        "res_model",
        "res_id",
        "name",
    )

    handover_id = fields.Many2one(
        "nka.handover", required=True, index=True, ondelete="cascade"
    )
    key_account_id = fields.Many2one(
        "nka.key.account", required=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("lead", "Open lead"),
            ("order", "Open order"),
            ("activity", "Activity"),
            ("meeting", "Meeting"),
            ("contact", "Contact to introduce"),
            ("file", "File"),
            ("plan_action", "Action of a plan"),
        ],
        required=True,
    )
    kind_sequence = fields.Integer()
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", required=True)
    # As it was called when it was listed: the record may go, the checklist stays.
    name = fields.Char("What", required=True)
    done = fields.Boolean()
    note = fields.Char("Remark")

    def write(self, vals):
        if not self._is_unlocked(vals):
            self.handover_id._check_state("draft", "submitted", "approved", "returned")
        return super().write(vals)

    def action_open_record(self):
        """Open the record itself, with the rights of whoever asks."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
