from odoo import models

from ... import paycalc
from .border import to_decimal, to_money


class PayAgreementTerms(models.Model):
    """An agreement's terms: for the arithmetic and for the digest."""

    _inherit = "nka.pay.agreement"

    # ------------------------------------------------------------ business
    def _plan_terms(self):
        """Terms of the version agreed to.

        :rtype: paycalc.PlanTerms
        """
        return self.version_id.sudo()._plan_terms()

    def _agreement_terms(self):
        """The agreement as the pay arithmetic knows it.

        :rtype: paycalc.AgreementTerms
        :raise paycalc.PayError: for terms nobody can be paid by
        """
        self.ensure_one()
        currency = self.currency_id
        return paycalc.AgreementTerms(
            target_earnings=to_money(self.target_earnings, currency),
            monthly_quota=to_money(self.monthly_quota, currency),
            draw=to_money(self.draw, currency),
            recovery_rate=to_decimal(self.recovery_rate, 4),
            floor=to_money(self.floor, currency),
            digits=currency.decimal_places,
        )

    def _try_terms(self):
        """The terms, or None while they aren't complete."""
        if not self.version_id:
            return None
        try:
            self._plan_terms()
            return self._agreement_terms()
        except paycalc.PayError:
            return None

    def _make_digest(self):
        """SHA-256 over everything the employee accepts, version-prefixed."""
        self.ensure_one()
        agreement = self.sudo()
        amounts = [
            str(to_money(agreement[name], agreement.currency_id))
            for name in ("target_earnings", "monthly_quota", "draw", "floor")
        ]
        return agreement.env["nka.pay.plan.version"]._digest_of(
            [
                agreement.employee_id.id,
                agreement.company_id.id,
                str(agreement.date_from),
                str(agreement.date_to or ""),
                agreement.currency_id.name,
                amounts,
                str(to_decimal(agreement.recovery_rate, 4)),
                str(to_decimal(agreement.rate, 12)),
                agreement.version_id.digest or agreement.version_id._make_digest(),
            ]
        )
