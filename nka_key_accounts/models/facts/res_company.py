from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_money_account_ids = fields.Many2many(
        "account.account",
        "nka_money_account_rel",
        "company_id",
        "account_id",
        "Additional accounts that count as money",
        domain="[('account_type', '!=', 'asset_receivable')]",
        help="Amounts that clients settle through these accounts are credited like "
        "money in the bank, for example withholding tax, netting or factoring. "
        "Bank, cash and outstanding receipts accounts always count.",
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
                        "%s is a receivable account, and amounts still owed don't "
                        "count as money. Choose the account used when the client "
                        "settles, such as a clearing account.",
                        receivable[0].display_name,
                    )
                )
