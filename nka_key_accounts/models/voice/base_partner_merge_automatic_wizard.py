from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Keep opt-outs and answers when contacts are merged.

    Odoo moves foreign keys by plain SQL and deletes rows that a unique index catches:
    a second opt-out of the same person can go, a second answer can't.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        refusals = self.env["nka.voice.refusal"].sudo()
        standing = refusals.search(
            [("partner_id", "in", partner_ids), ("state", "=", "standing")],
            order="id",
        )
        for twins in standing.grouped("company_id").values():
            for twin in twins[1:]:
                twin._move_to("lifted", note=self.env._("Contacts merged"))
        return super()._merge(partner_ids, dst_partner, extra_checks)
