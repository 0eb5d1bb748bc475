import hashlib
import re
from decimal import Decimal

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date

from ..pay.border import to_money
from ..statements.components import COMPONENTS, label
from ..trail.opening import open_action, open_list
from ..trail.roles import PAYROLL_OFFICER

_lt = LazyTranslate(__name__)

#: Setting of the expense account, by pay component.
EXPENSES = {
    "fixed": "nka_fixed_account_id",
    "soft": "nka_soft_account_id",
    "bonus": "nka_bonus_account_id",
}

NEEDED = ("nka_entry_journal_id", *EXPENSES.values(), "nka_payable_account_id")


class MonthClose(models.Model):
    """Prints, exports, journal entry and emails of a month: checked before, logged
    after.
    """

    _inherit = "nka.month.close"
    _guarded_fields = ("entry_id",)
    _audit_kinds = {"entry": _lt("Journal entry")}

    entry_id = fields.Many2one(
        "account.move",
        "Journal entry",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="account.group_account_readonly",
    )
    entry_name = fields.Char(
        "Journal entry reference", compute="_compute_entry", compute_sudo=True
    )
    entry_state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")],
        "Journal entry state",
        compute="_compute_entry",
        compute_sudo=True,
    )
    mail_count = fields.Integer("Emails", compute="_compute_mails")
    mail_sent_count = fields.Integer("Emails sent", compute="_compute_mails")

    # ------------------------------------------------------------ compute
    def _compute_entry(self):
        for close in self:
            entry = close.entry_id
            close.entry_name = entry.ref or entry.name
            close.entry_state = entry.state

    def _compute_mails(self):
        mails = self.env["nka.pay.statement.mail"].sudo()
        found = mails.search_fetch(
            [("statement_id.close_id", "in", self.ids)], ["statement_id", "state"]
        ).grouped(lambda mail: mail.statement_id.close_id)
        for close in self:
            states = found.get(close, mails).mapped("state")
            states = [state for state in states if state != "withdrawn"]
            close.mail_count = len(states)
            close.mail_sent_count = states.count("sent")

    # ------------------------------------------------------------ prints and exports
    def _check_output(self, is_final=True):
        """Check that the current user can print or export the month.

        :param bool is_final: whether the month has to be locked
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month isn't ready, or doesn't match its integrity hash
        """
        self.ensure_one()
        self._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can print or export pay data."),
        )
        self.check_access("read")
        if is_final:
            self._check_state("locked")
        else:
            self._check_state("calculated", "approved", "locked")
        if self.state == "locked":
            self._check_sealed()

    def _record_output(self, name, note, content=None):
        """Log an output in the audit trail.

        :param str name: file name
        :param str note: model, fields and number of rows
        :param bytes content: file content; the trail stores its SHA-256 hash
        """
        events = self.env["nka.audit.event"]
        digest = content and hashlib.sha256(content).hexdigest()
        events._append(
            [
                events._prepare_entry(
                    self, "export", old=self.digest, new=name, note=note, digest=digest
                )
            ]
        )

    def _file_name(self, kind, ending):
        """Return a descriptive file name, such as pay-2026-11-nordwind-r1.xlsx."""
        company = re.sub(r"\W+", "-", self.company_id.sudo().name.lower()).strip("-")
        revision = f"r{self.revision}" if self.state == "locked" else "draft"
        return f"{kind}-{self.month:%Y-%m}-{company[:40]}-{revision}.{ending}"

    def _sorted_statements(self):
        """Return the calculated statements of the month, by employee name."""
        return (
            self.sudo()
            .statement_ids.filtered(lambda row: row.state != "open")
            .sorted(lambda row: (row.employee_id.name or "", row.id))
        )

    def action_output(self):
        """Open the wizard for prints and exports of the month.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month isn't calculated
        """
        self.ensure_one()
        self._check_output(is_final=False)
        return open_list(
            self.env,
            "nka.month.close.output",
            [],
            self.env._("Print and export"),
            view_mode="form",
            target="new",
            context={"default_close_id": self.id},
        )

    def action_print_slips(self):
        """Print the payslips of a locked month into one PDF, by employee name.

        :return: the action that downloads the PDF
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month isn't locked, or payslips are missing
        """
        self._check_output()
        statements = self._sorted_statements()
        statements._check_payslips_complete()
        slips = self.env["hr.payslip"].browse(
            statement.payslip_id.id for statement in statements
        )
        self._record_output(
            self._file_name("payslips", "pdf"), f"hr.payslip: {len(slips)}"
        )
        report = self.env.ref("payroll.action_report_payslip")
        return report.report_action(slips)

    # ------------------------------------------------------------ register
    def _prepare_register(self):
        """Return headings, rows and totals of the register; amounts are Decimal.

        :rtype: dict
        """
        self.ensure_one()
        statements = self._sorted_statements()
        parts = statements._component_amounts()
        rows = [self._prepare_register_row(row, parts[row]) for row in statements]
        return {
            "headings": [label(self.env, name) for name in COMPONENTS],
            "rows": rows,
            "parts": [
                sum((row["parts"][position] for row in rows), Decimal(0))
                for position in range(len(COMPONENTS))
            ],
            "total": sum((row["total"] for row in rows), Decimal(0)),
            "held": sum((row["held"] for row in rows), Decimal(0)),
            "owed": sum((row["owed"] for row in rows), Decimal(0)),
            "bonus_held": sum((row["bonus_held"] for row in rows), Decimal(0)),
        }

    def _prepare_register_row(self, statement, parts):
        currency = statement.currency_id
        return {
            "name": statement.employee_id.name,
            "parts": [parts[name] for name in COMPONENTS],
            "total": to_money(statement.total_amount, currency),
            "held": to_money(statement.held_amount, currency),
            "owed": to_money(statement.balance, currency),
            "bonus_held": to_money(statement.loyalty_held, currency),
        }

    def _prepare_signatures(self):
        """Return the steps taken so far, each with user and time."""
        steps = (
            (self.env._("Calculated"), self.calculated_by_id, self.calculated_date),
            (self.env._("Approved"), self.approved_by_id, self.approved_date),
            (self.env._("Locked"), self.locked_by_id, self.locked_date),
        )
        return [
            {"done": step, "person": user.sudo().name, "date": date}
            for step, user, date in steps
            if user
        ]

    # ------------------------------------------------------------ variances
    def action_open_variance(self):
        """Open the variances of all employees in this month."""
        self.ensure_one()
        domain = self._variance_domain()
        return open_action(
            self.env, "nka_pay_variance_action", domain=domain, context={}
        )

    def _variance_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.month)]

    def _variances(self):
        """Return the variances of the month, by employee name and component.

        :rtype: nka.pay.variance
        """
        self.env.flush_all()
        rows = self.env["nka.pay.variance"].sudo().search(self._variance_domain())
        return rows.sorted(lambda row: (row.employee_id.name or "", row.position))

    # ------------------------------------------------------------ entry
    def _check_accounts(self):
        """Check that the journal and accounts for pay are set.

        :raise UserError: naming the missing ones
        """
        company = self.company_id.sudo()
        missing = [
            company._fields[name]._description_string(self.env)
            for name in NEEDED
            if not company[name]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "The journal entry can't be created because these accounts or "
                    "journals aren't set: %(missing)s. Ask an administrator to set "
                    "them under Key Accounts ‣ Configuration ‣ Settings.",
                    missing=", ".join(missing),
                )
            )

    def _check_no_entry(self):
        entry = self.sudo().entry_id
        if entry and entry.state != "cancel":
            raise UserError(
                self.env._(
                    "Journal entry %(entry)s already exists for %(month)s. Accounting "
                    "has to delete or cancel it before you can create another.",
                    month=self.display_name,
                    entry=self.entry_name,
                )
            )

    def _check_reopenable(self):
        """Refuse to reopen a month whose journal entry is posted and not reversed."""
        result = super()._check_reopenable()
        entry = self.sudo().entry_id
        is_reversed = "posted" in entry.reversal_move_ids.mapped("state")
        if entry.state == "posted" and not is_reversed:
            raise UserError(
                self.env._(
                    "Journal entry %(entry)s for %(month)s is posted. Ask accounting "
                    "to reverse it first, or settle the difference in the next month.",
                    entry=entry.name,
                    month=self.display_name,
                )
            )
        return result

    def action_make_entry(self):
        """Create the draft journal entry of a locked month, once.

        Requires no rights in accounting: the entry is created as superuser in the
        company of the month, and nothing else there is changed.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if accounts are missing or there is an entry already
        """
        self._check_output()
        self._seize("locked")
        self._check_accounts()
        self._check_no_entry()
        company = self.company_id.sudo()
        moves = self.env["account.move"].sudo().with_company(company)
        entry = moves.create(self._prepare_entry_vals())
        self.sudo()._unlocked().write({"entry_id": entry.id})
        events = self.env["nka.audit.event"]
        total = sum(entry.line_ids.mapped("debit"))
        amount = to_money(total, self.currency_id)
        note = f"account.move {entry.id}: {len(entry.line_ids)} lines, {amount}"
        events._append([events._prepare_entry(self, "entry", new=entry.ref, note=note)])
        return True

    def _take_back(self, state, reason):
        """Delete the draft entry and withdraw emails, whose figures become invalid."""
        locked = self.sudo().statement_ids.filtered(lambda row: row.state == "locked")
        result = super()._take_back(state, reason)
        locked._note_reopened()
        entry = self.sudo().entry_id
        if entry:
            self.sudo()._unlocked().write({"entry_id": False})
            entry.filtered(lambda move: move.state == "draft").unlink()
        return result

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
        """Return one line per account, in the order of the pay components."""
        company = self.company_id.sudo()
        amounts = {}
        for part, amount in self._entry_parts(statements):
            account = company.nka_carry_account_id if part == "carry" else None
            account = account or company[EXPENSES["bonus" if part == "carry" else part]]
            amounts[account] = amounts.get(account, Decimal(0)) + amount
        return [
            {"account_id": account.id, "name": self.display_name, **_sides(amount)}
            for account, amount in amounts.items()
        ]

    def _entry_parts(self, statements):
        """Yield the amounts paid by pay component, draws and recoveries separately."""
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

    # ------------------------------------------------------------ mail
    def action_mail_statements(self):
        """Email the statements of a locked month that haven't been emailed yet.

        :return: the action that shows how many were queued
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month isn't locked or doesn't match its integrity hash
        """
        self._check_output()
        count = len(self._note_mails())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Statements queued for email: %s. They will be sent within a few "
                    "minutes.",
                    count,
                )
                if count
                else self.env._("All statements have already been queued or sent."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_mails(self):
        """Open the emails of this month with their outcome."""
        self.ensure_one()
        domain = [("statement_id.close_id", "=", self.id)]
        return open_action(self.env, "nka_pay_statement_mail_action", domain=domain)

    def _seal(self, reason=False):
        """Store the revision on the statements; email them if the setting is on."""
        result = super()._seal(reason)
        self.sudo().statement_ids._note_revision(self.revision)
        if self.company_id.sudo().nka_mail_statements:
            self._note_mails()
        return result

    def _note_mails(self):
        """Create the records of the emails to send. A scheduled job creates and sends
        them.

        A statement is sent once, and again only if its month was reopened since.

        :return: the new nka.pay.statement.mail
        """
        mails = self.env["nka.pay.statement.mail"].sudo()
        known = mails.search([("statement_id.close_id", "=", self.id)])
        current = known.filtered(lambda row: row._is_current())
        made = mails._unlocked().create(
            [
                {"statement_id": row.id, "revision": self.revision}
                for row in self._sorted_statements() - current.statement_id
            ]
        )
        if made:
            mails._wake_job()
        return made


def _sides(amount):
    """Return debit and credit: positive amounts are debits, negative ones credits."""
    return {"debit": float(max(amount, 0)), "credit": float(max(-amount, 0))}
