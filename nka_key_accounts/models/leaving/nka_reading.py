from odoo import api, models


class Reading(models.Model):
    _inherit = "nka.reading"

    @api.model
    def _policy(self):
        """Compare leavers with their baseline more strictly."""
        policy = super()._policy()
        limits = policy and self.env["nka.departure"]._limits_of(self.env.uid)
        if not limits:
            return policy
        _may_take_out, told, stopped = limits
        return policy._replace(
            told=_stricter(policy.told, told),
            stopped=_stricter(policy.stopped, stopped),
        )


def _stricter(one, other):
    """Return the smaller multiple; 0 is none."""
    return min(filter(None, (one, other)), default=0)
