from odoo import models

#: A person's own affairs, and the regime itself: no acknowledgement is needed.
OWN_AFFAIRS = ("nka.pay.agreement", "nka.pay.dispute", "nka.secrecy.regime")


class StateMixin(models.AbstractModel):
    """Refuse steps of users who haven't acknowledged the secrecy regime."""

    _inherit = "nka.state.mixin"

    def _move_to(self, state, note=False, **vals):
        if self._needs_acknowledgement():
            self.env["res.users"]._nka_check_acknowledged()
        return super()._move_to(state, note, **vals)

    def _check_state(self, *states):
        # First, since the error names the record.
        if self and not self.env.su and self._needs_acknowledgement():
            self.env["res.users"]._nka_check_acknowledged()
        return super()._check_state(*states)

    def _needs_acknowledgement(self):
        """Hook: return whether steps need the acknowledgement of the secrecy regime.

        :rtype: bool
        """
        return self._name not in OWN_AFFAIRS
