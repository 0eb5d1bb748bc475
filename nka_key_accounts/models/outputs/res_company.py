from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_mail_statements = fields.Boolean(
        "E-mail statements when a month is locked",
        help="Everybody gets his own statement as a PDF, nobody else's.",
        nka_setting=True,
    )
    nka_mail_private = fields.Boolean(
        "Use private addresses",
        help="Statements go to the private address kept with the employee instead of "
        "his address at work.",
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
        help="Excel needs the mark to read names rightly; some payroll programs refuse it.",
        nka_setting=True,
    )
    nka_entry_journal_id = fields.Many2one(
        "account.journal",
        "Journal of pay",
        check_company=True,
        domain="[('type', '=', 'general')]",
        nka_setting=True,
    )
    nka_fixed_account_id = fields.Many2one(
        "account.account",
        "Expense of fixed pay",
        check_company=True,
        nka_setting=True,
    )
    nka_soft_account_id = fields.Many2one(
        "account.account",
        "Expense of soft pay",
        check_company=True,
        nka_setting=True,
    )
    nka_bonus_account_id = fields.Many2one(
        "account.account",
        "Expense of bonus",
        check_company=True,
        nka_setting=True,
    )
    nka_carry_account_id = fields.Many2one(
        "account.account",
        "Advances on bonus",
        check_company=True,
        help="Where draws are kept until later bonus pays them back. Empty: they are "
        "an expense like the bonus.",
        nka_setting=True,
    )
    nka_payable_account_id = fields.Many2one(
        "account.account",
        "Owed to employees",
        check_company=True,
        nka_setting=True,
    )
