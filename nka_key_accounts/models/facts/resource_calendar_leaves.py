from odoo import api, models

from .nka_holiday_entry import KEPT


class ResourceCalendarLeaves(models.Model):
    """Record who enters public holidays."""

    _inherit = "resource.calendar.leaves"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._nka_note()
        return entries

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({*KEPT, "resource_id", "time_type"}):
            # Odoo creates the entries of time off around a holiday again.
            self.exists()._nka_note()
        return result

    # ------------------------------------------------------------ business
    def _nka_note(self):
        for_all = self.sudo().filtered(lambda entry: not entry.resource_id)
        if for_all:
            self.env["nka.holiday.entry"]._record(for_all)

    def _reevaluate_leaves(self, time_domain_dict):
        """Keep approvals of time off that Odoo approves again because of a holiday.

        Entering a holiday approves no one's time off.
        """
        approvals = self.env["nka.leave.approval"].sudo()
        if not time_domain_dict:
            return super()._reevaluate_leaves(time_domain_dict)
        domain = self._get_domain(time_domain_dict)
        leaves = (
            self.env["hr.leave"].sudo().search([*domain, ("state", "=", "validate")])
        )
        approvals._keep_older(leaves)
        known = approvals.search([("leave_id", "in", leaves.ids)])
        withdrawn = known.filtered("is_withdrawn")
        result = super()._reevaluate_leaves(time_domain_dict)
        still = leaves.exists().filtered(lambda leave: leave.state == "validate")
        (known - withdrawn).filtered(
            lambda row: row.leave_id in still
        ).is_withdrawn = False
        since = approvals.search(
            [("leave_id", "in", still.ids), ("id", "not in", known.ids)]
        )
        since.unlink()
        return result
