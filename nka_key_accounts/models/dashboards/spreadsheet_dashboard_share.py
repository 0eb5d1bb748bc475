from odoo import api, models
from odoo.exceptions import UserError

OWN_DASHBOARDS = (
    "nka_key_accounts.dashboard_key_accounts",
    "nka_key_accounts.dashboard_pay",
)


class DashboardShare(models.Model):
    """Key account dashboards aren't shared: their link would need no login."""

    _inherit = "spreadsheet.dashboard.share"

    @api.model_create_multi
    def create(self, vals_list):
        own = {
            dashboard.id
            for name in OWN_DASHBOARDS
            if (dashboard := self.env.ref(name, raise_if_not_found=False))
        }
        if any(vals.get("dashboard_id") in own for vals in vals_list):
            raise UserError(
                self.env._(
                    "Dashboards of key accounts and pay can't be shared by a link, "
                    "because everyone with the link could read them. Ask an "
                    "administrator to give your colleague a role that reads them."
                )
            )
        return super().create(vals_list)
