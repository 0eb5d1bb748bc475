from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...paycalc import add_months
from ..trail.confined import check_reader
from ..trail.opening import open_records
from .agreed_terms import ENDED_BY


class PayAgreementEnd(models.TransientModel):
    """Wizard that ends an accepted agreement and optionally starts new terms."""

    _name = "nka.pay.agreement.end"
    _inherit = ["nka.known.mixin"]
    _description = "End of a pay agreement"

    agreement_id = fields.Many2one("nka.pay.agreement", required=True, readonly=True)
    date_to = fields.Date(
        "Last day",
        required=True,
        default=lambda self: self._end_of_month(),
        help="New terms start the day after, so with a renewal this must be the last "
        "day of a month. Without one, fixed pay and goal pay are paid up to this "
        "day.",
    )
    is_renewal = fields.Boolean("Renew with new terms", default=True)
    reason = fields.Text(required=True)
    ended_by = fields.Selection(
        ENDED_BY,
        "Employment ended by",
        help="Bonus held as a loyalty share is paid at once if the company ends the "
        "employment, and lapses if the employee ends it before twelve months of it.",
    )
    can_hold = fields.Boolean("Bonus can be held", compute="_compute_can_hold")
    consequence = fields.Text(compute="_compute_consequence")

    # ------------------------------------------------------------ compute
    @api.depends("agreement_id", "date_to", "is_renewal")
    def _compute_consequence(self):
        """Explain how payments still to come are credited, before the user confirms."""
        for wizard in self:
            wizard.consequence = False
            if wizard.agreement_id and wizard.date_to and not wizard.is_renewal:
                check_reader(wizard.agreement_id)
                wizard.consequence = wizard._say_consequence()

    @api.depends("agreement_id", "is_renewal")
    def _compute_can_hold(self):
        """Ask who ends the employment if bonus can be held."""
        for wizard in self:
            wizard.can_hold = not wizard.is_renewal and wizard._has_loyalty()

    def _has_loyalty(self):
        """Return whether an agreement of the person had a loyalty share: what was held
        by an earlier one can still be held.
        """
        agreement = self.agreement_id.sudo()
        of_person = agreement.search(
            [
                ("employee_id", "=", agreement.employee_id.id),
                ("company_id", "=", agreement.company_id.id),
            ]
        )
        return any(of_person.version_id.mapped("loyalty_share"))

    def _say_consequence(self):
        agreement = self.agreement_id
        said = agreement._say_leaving(self.date_to)
        if self.can_hold:
            said = self.env._(
                "%(said)s\nBonus held as a loyalty share is paid with the last month. "
                "It lapses if the employee ends the employment before twelve months "
                "of it.",
                said=said,
            )
        accounts = self.env["nka.assignment"].sudo()
        owned = accounts.search_count(
            [
                ("user_id", "=", agreement.sudo().user_id.id),
                ("company_id", "=", agreement.company_id.id),
                "|",
                ("date_to", "=", False),
                ("date_to", ">", self.date_to),
            ]
        )
        if not owned:
            return said
        return self.env._(
            "%(said)s\n%(person)s still manages key accounts after that day "
            "(%(count)s). Ask the supervisor to hand them over; until then, orders "
            "placed after that day aren't credited to anyone.",
            said=said,
            person=agreement.employee_id.sudo().name,
            count=owned,
        )

    # ------------------------------------------------------------ checks
    @api.constrains("agreement_id")
    def _check_readable(self):
        """Refuse agreements the user can't read: the wizard would show whose it is."""
        check_reader(self.agreement_id)

    @api.model
    def _end_of_month(self):
        today = fields.Date.context_today(self)
        return add_months(today, 1) - timedelta(days=1)

    def action_apply(self):
        """End the agreement and, on renewal, open the draft of the new terms.

        :raise UserError: for a day before the agreement or inside paid months
        """
        self.ensure_one()
        agreement = self.agreement_id
        agreement._check_officer()
        agreement._check_state("accepted")
        self._check_day()
        self._check_ended_by()
        ended_by = self.can_hold and self.ended_by
        agreement._finish(self.date_to, self.reason, ended_by)
        if not self.is_renewal:
            return {"type": "ir.actions.act_window_close"}
        following = agreement.copy({"date_from": self.date_to + timedelta(days=1)})
        return open_records(following)

    def _check_ended_by(self):
        """Check that another person says who ended the employment: it decides about
        money of the employee.
        """
        is_own = self.agreement_id.sudo().user_id == self.env.user
        if is_own and self._has_loyalty():
            raise UserError(
                self.env._(
                    "Another payroll officer has to end your agreement: it decides "
                    "whether bonus held for you is paid or lapses."
                )
            )
        if self.can_hold and not self.ended_by:
            raise UserError(
                self.env._(
                    "Select who ends the employment: it decides whether bonus held as "
                    "a loyalty share is paid or lapses."
                )
            )

    def _check_day(self):
        """Check that the day isn't before the agreement or in a paid month.

        With new terms it must also be the last day of a month.
        """
        first = self._first_last_day()
        if self.date_to < first:
            raise UserError(self._say_too_early(first))
        if self.is_renewal and (self.date_to + timedelta(days=1)).day != 1:
            raise UserError(
                self.env._(
                    "New terms start on the first of a month, so the current "
                    "terms must end on the last day of a month."
                )
            )

    def _first_last_day(self):
        """Return the first day on which the agreement can end.

        With new terms, this is the last day of a month.
        """
        first = self.agreement_id.date_from
        open_day = self._first_open_day()
        if open_day:
            first = max(first, open_day - timedelta(days=1))
        return add_months(first, 1) - timedelta(days=1) if self.is_renewal else first

    def _first_open_day(self):
        return self.agreement_id.plan_id.sudo()._first_open_day()

    def _say_too_early(self, first):
        if self.date_to < self.agreement_id.date_from:
            return self.env._(
                "The agreement starts on %(date_from)s. Choose %(first)s or a later "
                "day.",
                date_from=format_date(self.env, self.agreement_id.date_from),
                first=format_date(self.env, first),
            )
        return self.env._(
            "Months after this day have been paid and can't be changed. Choose "
            "%(first)s or a later day. To adjust a paid month, use Propose adjustment "
            "on its statement.",
            first=format_date(self.env, first),
        )
