from odoo import fields, models

from .nka_bonus_check import REASONS


class BonusCheckLine(models.TransientModel):
    _name = "nka.bonus.check.line"
    _description = "Compared payment or paper"
    _order = "date, id"

    check_id = fields.Many2one(
        "nka.bonus.check", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="check_id.company_id.currency_id")
    date = fields.Date(readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Client", readonly=True)
    name = fields.Char("Invoice", readonly=True)
    counterpart = fields.Char("Settled by", readonly=True)
    settled = fields.Monetary(
        readonly=True, help="With tax, in the company's currency."
    )
    due = fields.Monetary("Credit due", readonly=True)
    credited = fields.Monetary("In the ledger", readonly=True)
    is_different = fields.Boolean("Differs", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
