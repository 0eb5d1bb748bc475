from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_mail_statements = fields.Boolean(
        "Email statements when a month is locked",
        help="Each employee receives only their own statement, as a PDF.",
        nka_setting=True,
    )
    nka_mail_private = fields.Boolean(
        "Use private email addresses",
        help=(
            "Send statements to the employee's private email address instead of their "
            "work address."
        ),
        nka_setting=True,
    )
    nka_csv_delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab")],
        "Delimiter of CSV files",
        default=",",
        required=True,
        nka_setting=True,
    )
    nka_csv_bom = fields.Boolean(
        "Mark CSV files as UTF-8",
        default=True,
        help=(
            "Excel needs the byte order mark to display names correctly; some payroll "
            "programs reject it."
        ),
        nka_setting=True,
    )
    nka_entry_journal_id = fields.Many2one(
        "account.journal",
        "Payroll journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        nka_setting=True,
    )
    nka_fixed_account_id = fields.Many2one(
        "account.account",
        "Fixed pay expense account",
        check_company=True,
        nka_setting=True,
    )
    nka_soft_account_id = fields.Many2one(
        "account.account",
        "Goal pay expense account",
        check_company=True,
        nka_setting=True,
    )
    nka_bonus_account_id = fields.Many2one(
        "account.account",
        "Bonus expense account",
        check_company=True,
        nka_setting=True,
    )
    nka_carry_account_id = fields.Many2one(
        "account.account",
        "Draw account",
        check_company=True,
        help=(
            "Account that carries draws until later bonus recovers them. Leave empty "
            "to expense draws like the bonus."
        ),
        nka_setting=True,
    )
    nka_payable_account_id = fields.Many2one(
        "account.account",
        "Wages payable account",
        check_company=True,
        nka_setting=True,
    )
