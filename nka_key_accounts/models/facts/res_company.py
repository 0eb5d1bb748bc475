from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_history_date = fields.Datetime("Sales history as of", readonly=True)
    nka_money_account_ids = fields.Many2many(
        "account.account",
        "nka_money_account_rel",
        "company_id",
        "account_id",
        "Further accounts that count as money",
        domain="[('account_type', '!=', 'asset_receivable')]",
        help="What a client settles into these accounts is credited like money in the bank: "
        "tax that the client withholds, netting with what is owed to them, factoring. "
        "Bank, cash and outstanding receipts count anyway.",
        nka_setting=True,
    )

    @api.constrains("nka_money_account_ids")
    def _check_nka_money_accounts(self):
        for company in self.sudo():
            receivable = company.nka_money_account_ids.filtered(
                lambda account: account.account_type == "asset_receivable"
            )
            if receivable:
                raise ValidationError(
                    self.env._(
                        "%s is a receivable account: what is still owed isn't money. Choose "
                        "the account that the amount goes to when the client settles, such "
                        "as a clearing account.",
                        receivable[0].display_name,
                    )
                )
