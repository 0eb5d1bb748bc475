from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .nka_applicant_claim import METHODS, STATES


class ApplicantClaimCheck(models.Model):
    """One check of a claim: by whom, when, how, with which result. Never changed."""

    _name = "nka.applicant.claim.check"
    _description = "Check of a claim"
    _inherit = ["nka.guard.mixin"]
    _order = "id desc"
    _rec_name = "claim_id"
    _company_fields = ("claim_id",)
    _guarded_fields = (
        "claim_id",
        "result",
        "method",
        "evidence",
        "user_id",
        "date",
        "attachment_ids",
    )

    claim_id = fields.Many2one(
        "nka.applicant.claim",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="claim_id.company_id", store=True, index=True)
    result = fields.Selection(STATES, required=True, readonly=True)
    method = fields.Selection(METHODS, "How", readonly=True)
    evidence = fields.Text("What it showed", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Checked by", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Date("Checked on", required=True, readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "nka_applicant_claim_check_file_rel",
        string="Files",
        readonly=True,
    )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked(vals_list):
            raise AccessError(
                self.env._(
                    "Checks are entered with the button “Enter result” of a claim."
                )
            )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _check_unlink(self):
        if not self._is_unlocked():
            raise UserError(
                self.env._(
                    "Checks stay on record. They are deleted with the applicant."
                )
            )

    def _keep_files(self, files):
        """Move the uploaded files here, where only the program can change them."""
        for check in self:
            kept = files if check == self[:1] else files.copy()
            kept.sudo().write({"res_model": check._name, "res_id": check.id})
            check._unlocked().write({"attachment_ids": [fields.Command.set(kept.ids)]})
