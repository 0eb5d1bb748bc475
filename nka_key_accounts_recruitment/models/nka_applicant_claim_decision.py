from odoo import fields, models
from odoo.exceptions import AccessError

from .nka_applicant_claim import METHODS, RESULTS


class ApplicantClaimDecision(models.TransientModel):  # pylint: disable=no-wizard-in-models
    """Window for the result of a check."""

    _name = "nka.applicant.claim.decision"
    _description = "Result of a check"

    claim_id = fields.Many2one("nka.applicant.claim", required=True, readonly=True)
    has_referee = fields.Boolean(related="claim_id.has_referee", related_sudo=False)
    referee_consent = fields.Boolean(
        related="claim_id.referee_consent", related_sudo=False
    )
    result = fields.Selection(RESULTS, required=True)
    method = fields.Selection(METHODS, "How was it checked?", required=True)
    evidence = fields.Text("What did it show?", required=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    def action_apply(self):
        """Record the result, with its files, as the current user."""
        self.ensure_one()
        files = self.attachment_ids
        self._check_own_files(files)
        self.claim_id._decide(self.result, self.method, self.evidence, files)
        return {"type": "ir.actions.act_window_close"}

    def _check_own_files(self, files):
        """Refuse files that belong to other records: they would disappear there."""
        for file in files.sudo():
            if file.create_uid != self.env.user or (
                file.res_model and file.res_model != self._name
            ):
                raise AccessError(
                    self.env._(
                        "“%s” belongs to another record. Upload the file here.",
                        file.name,
                    )
                )
