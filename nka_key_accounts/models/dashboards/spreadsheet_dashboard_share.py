from odoo import api, models
from odoo.exceptions import UserError

OWN_DASHBOARDS = (
    "nka_key_accounts.dashboard_key_accounts",
    "nka_key_accounts.dashboard_pay",
)


class DashboardShare(models.Model):
    """Key account dashboards aren't shared: their link would need no login."""

    _inherit = "spreadsheet.dashboard.share"

    @api.constrains("dashboard_id")
    def _check_own_dashboards(self):
        refs = (self.env.ref(name, raise_if_not_found=False) for name in OWN_DASHBOARDS)
        own = {dashboard.id for dashboard in refs if dashboard}
        if own & set(self.sudo().dashboard_id.ids):
            raise UserError(
                self.env._(
                    "Dashboards of key accounts and pay can't be shared by a link, "
                    "because everyone with the link could read them. Ask an "
                    "administrator to give your colleague a role that reads them."
                )
            )
