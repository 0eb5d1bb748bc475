from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...paycalc import add_months
from ..trail.confined import check_reader
from ..trail.opening import open_records


class PayAgreementEnd(models.TransientModel):
    """When an accepted agreement ends, why, and whether new terms follow it."""

    _name = "nka.pay.agreement.end"
    _description = "End of a pay agreement"

    agreement_id = fields.Many2one("nka.pay.agreement", required=True, readonly=True)
    date_to = fields.Date(
        "Last day",
        required=True,
        default=lambda self: self._end_of_month(),
        help="New terms begin on the day after, so this is the last day of a month then. "
        "Another day pays its month's fixed and soft pay up to that day.",
    )
    is_renewal = fields.Boolean("New terms follow", default=True)
    reason = fields.Text(required=True)

    # ------------------------------------------------------------ checks
    @api.constrains("agreement_id")
    def _check_readable(self):
        """Nobody asks about an agreement that they may not read: its name tells whose."""
        check_reader(self.agreement_id)

    @api.model
    def _end_of_month(self):
        today = fields.Date.context_today(self)
        return add_months(today, 1) - timedelta(days=1)

    def action_apply(self):
        """End the agreement; with new terms, open their draft.

        :raise UserError: for a day before the agreement or inside paid months
        """
        self.ensure_one()
        agreement = self.agreement_id
        agreement._check_officer()
        agreement._check_state("accepted")
        self._check_day()
        agreement._finish(self.date_to, self.reason)
        if not self.is_renewal:
            return {"type": "ir.actions.act_window_close"}
        following = agreement.copy({"date_from": self.date_to + timedelta(days=1)})
        return open_records(following)

    def _check_day(self):
        open_day = self.agreement_id.plan_id.sudo()._first_open_day()
        after = self.date_to + timedelta(days=1)
        if self.date_to < self.agreement_id.date_from or (
            open_day and after < open_day
        ):
            raise UserError(
                self.env._(
                    "Choose a day that is within the agreement and not paid yet."
                )
            )
        if self.is_renewal and after.day != 1:
            raise UserError(
                self.env._("New terms begin on the first of a month: end on the last.")
            )
