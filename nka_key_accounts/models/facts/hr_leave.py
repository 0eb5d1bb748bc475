from odoo import api, models

from .nka_leave_approval import KEPT


class HrLeave(models.Model):
    """Record who approved time off, however it was approved."""

    _inherit = "hr.leave"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        approved = leaves.filtered(lambda leave: leave.sudo().state == "validate")
        if approved:
            approvals = self.env["nka.leave.approval"]
            # Types without approval are approved, and recorded, within ``create``.
            known = approvals.sudo().search([("leave_id", "in", approved.ids)])
            approvals._record(approved - known.leave_id.with_env(self.env))
        return leaves

    def write(self, vals):
        if "state" not in vals and vals.keys().isdisjoint(KEPT):
            return super().write(vals)
        approvals = self.env["nka.leave.approval"]
        before = {
            leave: leave._nka_kept()
            for leave in self.sudo().filtered(lambda leave: leave.state == "validate")
        }
        if before and "state" not in vals:
            approvals._keep_older(self.browse().union(*before))
        result = super().write(vals)
        now = self.sudo().filtered(lambda leave: leave.state == "validate")
        withdrawn = self.browse().union(*before) - now
        if withdrawn:
            approvals._withdraw(withdrawn)
        if vals.get("state") != "validate":
            now = now.filtered(lambda leave: before.get(leave) != leave._nka_kept())
        if now:
            approvals._record(now)
        return result

    # ------------------------------------------------------------ business
    def _nka_kept(self):
        """Return the values that an approval covers."""
        return [self[name] for name in KEPT]
