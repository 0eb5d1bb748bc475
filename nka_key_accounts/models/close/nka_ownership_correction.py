from odoo import api, fields, models
from odoo.tools import format_date

from ..ledger.terms import FIRST_DAY


class OwnershipCorrection(models.TransientModel):
    """Wizard for supervisors to correct since when accounts belong to their owner, or
    who owned them before.
    """

    _name = "nka.ownership.correction"
    _inherit = ["nka.known.mixin"]
    _description = "Correction of ownership"

    key_account_ids = fields.Many2many(
        "nka.key.account", string="Key accounts", readonly=True
    )
    account_company_ids = fields.Many2many(
        "res.company", compute="_compute_account_company_ids"
    )
    date = fields.Date(
        "Owned from",
        required=True,
        help="First day on which orders are credited to the owner.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Earlier owner",
        domain="[('share', '=', False), ('company_ids', 'in', account_company_ids)]",
        help="Who owned the accounts from that day until the present owner began. Leave "
        "empty if the present owner did.",
    )
    reason = fields.Text(required=True)
    note = fields.Char("What can be corrected", compute="_compute_note")

    # ------------------------------------------------------------ compute
    @api.depends("key_account_ids")
    def _compute_account_company_ids(self):
        for wizard in self:
            wizard.account_company_ids = wizard.key_account_ids.company_id

    @api.depends("key_account_ids")
    def _compute_note(self):
        """Name the first day that no closed month covers, if there is a closed month."""
        assignments = self.env["nka.assignment"]
        for wizard in self:
            companies = wizard.key_account_ids.company_id
            days = [assignments._first_open_day(company) for company in companies]
            day = max(days, default=FIRST_DAY)
            wizard.note = day > FIRST_DAY and self.env._(
                "Earlier months are closed: days from %s on can be corrected.",
                format_date(self.env, day),
            )

    # ------------------------------------------------------------ actions
    def action_apply(self):
        """Correct the ownership. The next calculation credits the orders accordingly.

        :return: action that closes the wizard
        :raise AccessError: unless the user is a supervisor who isn't concerned
        """
        self.ensure_one()
        self.env["nka.assignment"]._correct(
            self.key_account_ids, self.date, self.reason, self.user_id
        )
        return {"type": "ir.actions.act_window_close"}
