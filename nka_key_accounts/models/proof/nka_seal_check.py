import base64

from odoo import fields, models


class SealCheck(models.TransientModel):
    """Wizard that compares an external signed checkpoint with the chain."""

    _name = "nka.seal.check"
    _description = "Signed checkpoint verification"

    file = fields.Binary("Signed checkpoint", required=True, attachment=False)
    file_name = fields.Char("File name")
    is_good = fields.Boolean("Intact", readonly=True)
    message = fields.Text("Result", readonly=True)

    def action_check(self):
        """Compare the file with the chain and show the result.

        :raise UserError: for a file that isn't a signed checkpoint of this database
        """
        self.ensure_one()
        seals = self.env["nka.audit.seal"]
        raw = base64.b64decode(self.file)
        self.is_good, self.message = seals._check_content(raw)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verify a signed checkpoint"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
