from odoo import api, models


class Base(models.AbstractModel):
    """Refuse rows that tell about key accounts, of models whose reads aren't counted.

    Counted reads are refused where they are counted.
    """

    _inherit = "base"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access) and self._needs_regime():
            self.env["res.users"]._nka_check_acknowledged()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    @api.model
    def _needs_regime(self):
        """Hook: return whether the current user reads these rows for others' clients.

        :rtype: bool
        """
        return False
