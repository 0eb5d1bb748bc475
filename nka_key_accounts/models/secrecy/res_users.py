from odoo import SUPERUSER_ID, api, models
from odoo.tools import format_date, ormcache

from ..accounts.asking import Refused
from ..trail.opening import open_action
from ..trail.roles import ROLES


class ResUsers(models.Model):
    """Refuse work with key accounts until the secrecy regime is acknowledged."""

    _inherit = "res.users"

    @api.model
    def _nka_check_acknowledged(self):
        """Refuse users with a role who haven't acknowledged a regime in force.

        :raise AccessError: with a button that opens the regime
        """
        user = self.env.user
        if self.env.uid == SUPERUSER_ID or not user:
            return
        if user.has_groups(",".join(ROLES)):
            self._nka_check_regimes(self.env.uid)

    @api.model
    def _nka_is_refused(self):
        """Return whether :meth:`_nka_check_acknowledged` would refuse the user.

        :rtype: bool
        """
        try:
            self._nka_check_acknowledged()
        except Refused:
            return True
        return False

    @api.model
    @ormcache("uid")
    def _nka_check_regimes(self, uid):
        """Refuse a user who hasn't acknowledged a regime; it costs no query otherwise.

        A refusal isn't cached, as an exception never is: a read replica can be late to
        see an acknowledgement.
        """
        regime = self._nka_regimes_to_acknowledge(self.browse(uid))[:1]
        if not regime:
            return
        raise Refused(
            self.env._(
                "“%(regime)s” (order %(number)s of %(day)s) is in force at %(company)s. "
                "Read and acknowledge it before you work with key accounts.",
                regime=regime.name,
                number=regime.order_number,
                day=format_date(self.env, regime.date),
                company=regime.company_id.name,
            ),
            self._nka_acknowledge_action(regime),
            self.env._("Read and acknowledge"),
        )

    @api.model
    def _nka_acknowledge_action(self, regime):
        return open_action(
            self.env,
            "nka_secrecy_regime_action_mine",
            res_id=regime.id,
            view_mode="form",
            views=[(False, "form")],
            domain=[],
        )

    @api.model
    def _nka_regimes_to_acknowledge(self, user):
        """Return the regimes in force that a user still has to acknowledge.

        A user's companies decide, not the one they work in now: they choose that one
        themselves.

        :param res.users user: the user
        :rtype: nka.secrecy.regime
        """
        regimes = self.env["nka.secrecy.regime"].sudo()
        return regimes.search(
            [
                ("state", "=", "in_force"),
                ("company_id", "in", user.sudo().company_ids.ids),
                ("company_id.nka_secrecy_required", "=", True),
                ("acknowledgement_ids", "not any", [("user_id", "=", user.id)]),
            ]
        )
