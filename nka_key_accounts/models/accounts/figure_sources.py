"""Registry of the models that figures of key accounts are computed from.

Figures aren't stored computed fields, so writing these models costs no recomputation. A
figure read before such a write must not stay in the cache of the transaction;
invalidating it takes no query.
"""

from odoo import models

_SOURCES = {
    "account.move",
    "account.partial.reconcile",
    "calendar.event",
    "crm.lead",
    "mail.activity",
    "mail.message",
    "mail.notification",
}


def register_sources(*names):
    """Register models whose changes invalidate the cached figures.

    :param str names: technical names of models of another room or addon
    """
    _SOURCES.update(names)


class Base(models.AbstractModel):
    _inherit = "base"

    def modified(self, fnames, create=False, before=False):
        """Invalidate figures. Called by every create, write and unlink."""
        result = super().modified(fnames, create, before)
        if self._name in _SOURCES:
            accounts = self.env["nka.key.account"]
            accounts.invalidate_model(accounts._figure_names(), flush=False)
        return result
