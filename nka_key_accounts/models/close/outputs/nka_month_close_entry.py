from decimal import Decimal

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...pay.border import to_money

#: Part of the pay -> setting with its account.
EXPENSES = {
    "fixed": "nka_fixed_account_id",
    "soft": "nka_soft_account_id",
    "bonus": "nka_bonus_account_id",
}
NEEDED = ("nka_entry_journal_id", *EXPENSES.values(), "nka_payable_account_id")


class MonthCloseEntry(models.Model):
    """The month in the books: one balanced draft entry, made on request."""

    _inherit = "nka.month.close"

    entry_id = fields.Many2one(
        "account.move",
        "Journal entry",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="account.group_account_readonly",
    )
    entry_name = fields.Char("Entry", compute="_compute_entry", compute_sudo=True)
    entry_state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")],
        "State of the entry",
        compute="_compute_entry",
        compute_sudo=True,
    )

    def _compute_entry(self):
        for close in self:
            entry = close.entry_id
            close.entry_name = entry.ref or entry.name
            close.entry_state = entry.state

    # ------------------------------------------------------------ checks
    def _check_accounts(self):
        """Refuse while the books have no place for pay, naming what is missing."""
        company = self.company_id.sudo()
        missing = [
            company._fields[name]._description_string(self.env)
            for name in NEEDED
            if not company[name]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "The books have no place for pay yet. Missing: %(missing)s. Let an "
                    "administrator set them under Key Accounts, Configuration, Settings.",
                    missing=", ".join(missing),
                )
            )

    def _check_no_entry(self):
        entry = self.sudo().entry_id
        if entry and entry.state != "cancel":
            raise UserError(
                self.env._(
                    "The entry of %(month)s is made already: %(entry)s. Accounting "
                    "deletes or cancels it before another one is made.",
                    month=self.display_name,
                    entry=self.entry_name,
                )
            )

    def _check_reopenable(self):
        """A month whose entry is in the books stays closed until it is reversed."""
        result = super()._check_reopenable()
        entry = self.sudo().entry_id
        is_reversed = "posted" in entry.reversal_move_ids.mapped("state")
        if entry.state == "posted" and not is_reversed:
            raise UserError(
                self.env._(
                    "The entry %(entry)s of %(month)s is posted. Let accounting "
                    "reverse it first, or let the difference be settled in the next "
                    "month; nothing was changed.",
                    entry=entry.name,
                    month=self.display_name,
                )
            )
        return result

    # ------------------------------------------------------------ actions
    def action_make_entry(self):
        """Make the draft entry of a locked month, once.

        Needs no rights in accounting: it is made as superuser, in the month's own
        company, and nothing else there is touched.

        :raise UserError: when accounts are missing or the entry is there
        """
        self._check_output()
        self._seize()
        self._check_accounts()
        self._check_no_entry()
        company = self.company_id.sudo()
        moves = self.env["account.move"].sudo().with_company(company)
        entry = moves.create(self._prepare_entry_vals())
        self.sudo()._unlocked().write({"entry_id": entry.id})
        events = self.env["nka.audit.event"]
        total = sum(entry.line_ids.mapped("debit"))
        note = f"account.move {entry.id}: {len(entry.line_ids)} lines, {total:.2f}"
        events._append([events._prepare_entry(self, "entry", new=entry.ref, note=note)])
        return True

    # ------------------------------------------------------------ business
    def _take_back(self, state, reason):
        """A draft entry goes with the figures it was made of."""
        result = super()._take_back(state, reason)
        entry = self.sudo().entry_id
        if entry:
            self.sudo()._unlocked().write({"entry_id": False})
            entry.filtered(lambda move: move.state == "draft").unlink()
        return result

    # ------------------------------------------------------------ preparing
    def _prepare_entry_vals(self):
        company, statements = self.company_id.sudo(), self._sorted_statements()
        lines = [
            *self._prepare_expense_lines(statements),
            *(self._prepare_payable_line(row) for row in statements),
        ]
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": company.nka_entry_journal_id.id,
            "date": self.month_end,
            "ref": self.env._(
                "Pay of key account managers, %(month)s, revision %(revision)s",
                month=format_date(self.env, self.month, date_format="LLLL yyyy"),
                revision=self.revision,
            ),
            "line_ids": [
                Command.create(vals)
                for vals in lines
                if vals["debit"] or vals["credit"]
            ],
        }

    def _prepare_expense_lines(self, statements):
        """One line per account, in the order of the parts of pay."""
        company = self.company_id.sudo()
        amounts = {}
        for part, amount in self._entry_parts(statements):
            account = company.nka_carry_account_id if part == "carry" else None
            account = account or company[EXPENSES["bonus" if part == "carry" else part]]
            amounts[account] = amounts.get(account, Decimal(0)) + amount
        return [
            {
                "account_id": account.id,
                "name": self.display_name,
                **_sides(amount),
            }
            for account, amount in amounts.items()
        ]

    def _entry_parts(self, statements):
        """What was paid by part of the pay, draw and recovery apart."""
        rows = (
            self.env["nka.pay.statement.line"]
            .sudo()
            ._read_group(
                [("statement_id", "in", statements.ids), ("is_shown_only", "=", False)],
                ["component", "kind"],
                ["amount:sum"],
            )
        )
        for component, kind, amount in rows:
            part = "carry" if kind == "carry" else component
            yield part, to_money(amount, self.currency_id)

    def _prepare_payable_line(self, statement):
        amount = to_money(statement.total_amount, self.currency_id)
        return {
            "account_id": self.company_id.sudo().nka_payable_account_id.id,
            "name": statement.display_name,
            "partner_id": statement.employee_id.work_contact_id.id,
            **_sides(-amount),
        }


def _sides(amount):
    """An amount above zero is a debit, one below it a credit."""
    return {"debit": float(max(amount, 0)), "credit": float(max(-amount, 0))}
