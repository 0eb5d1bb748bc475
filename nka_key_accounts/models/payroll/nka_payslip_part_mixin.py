from odoo import api, models

from .refusals import explain


class PayslipPartMixin(models.AbstractModel):
    """Mixin for lines, inputs and worked days: read-only once the payslip is frozen."""

    _name = "nka.payslip.part.mixin"
    _description = "Part of a payslip"
    _inherit = ["nka.company.mixin"]
    _company_fields = ("payslip_id",)

    #: Many2one field of the payslip.
    _nka_slip_field = "payslip_id"
    #: Fields that can't change on a frozen payslip.
    _nka_frozen_fields = ()

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        ids = {vals.get(self._nka_slip_field) for vals in vals_list} - {None, False}
        self.env["hr.payslip"].browse(ids)._nka_ours()._check_nka_unfrozen()
        return super().create(vals_list)

    def write(self, vals):
        if not vals.keys().isdisjoint(self._nka_frozen_fields):
            slips = self.sudo()[self._nka_slip_field]
            if vals.get(self._nka_slip_field):
                slips |= slips.browse(vals[self._nka_slip_field])
            slips._nka_ours()._check_nka_unfrozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_nka_unlink(self):
        self.sudo()[self._nka_slip_field]._nka_ours()._check_nka_unfrozen()

    # ------------------------------------------------------------ access
    def _explain_refusal(self, operation):
        return explain(self, self.sudo()[self._nka_slip_field])
