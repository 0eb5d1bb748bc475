from odoo import api, models

from .frozen_payslip import LINE


class HrPayslipLine(models.Model):
    _name = "hr.payslip.line"
    _inherit = ["hr.payslip.line", "nka.payslip.part.mixin"]

    _nka_slip_field = "slip_id"
    # The date is the payslip's, stored a moment after the payslip is confirmed.
    _nka_frozen_fields = (*LINE, "date_from")

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Sort without the contracts' dates where the reader may not see them.

        The engine sorts lines by contract, whose dates are for personnel officers;
        a payslip of ours has one contract.
        """
        if order == self._order and not self._nka_sees_contracts():
            order = "slip_id, sequence, id"
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _nka_sees_contracts(self):
        return self.env.su or self.env.user.has_group("hr.group_hr_user")
