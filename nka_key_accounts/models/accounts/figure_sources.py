"""Records that the figures of key accounts are made of, in one registry.

The figures are no stored computes, so these records cost nothing more than before; but a
figure that was read before a change must not survive it in the cache of the same
transaction. Forgetting it takes no query.
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
    """Let figures read in a transaction be forgotten when such records change.

    :param str names: technical names of models, of another room or addon
    """
    _SOURCES.update(names)


class Base(models.AbstractModel):
    _inherit = "base"

    def modified(self, fnames, create=False, before=False):
        """Forget figures; every create, write and unlink passes here."""
        result = super().modified(fnames, create, before)
        if self._name in _SOURCES:
            accounts = self.env["nka.key.account"]
            accounts.invalidate_model(accounts._figure_names(), flush=False)
        return result
