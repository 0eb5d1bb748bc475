import hashlib
import io
import re
import zipfile
from decimal import Decimal

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, format_date
from odoo.tools.pdf import merge_pdf

from ..pay.border import to_money
from ..statements.components import COMPONENTS, code, label
from ..trail.roles import PAYROLL_OFFICER
from .nka_pay_statement import checked
from .spreadsheet import to_csv, to_xlsx

_lt = LazyTranslate(__name__)

#: The columns of the file for an outside payroll, a contract (docs: closing a month):
#: added to at the end, never renamed or moved.
COLUMNS = (
    "company",
    "month",
    "employee_id",
    "badge",
    "employee",
    "component",
    "component_name",
    "amount",
    "currency",
    "statement_id",
    "revision",
    "seal",
)

WIDTHS = (20, 11, 11, 12, 26, 20, 24, 14, 9, 12, 9, 30)
AMOUNTS = ("amount", "previous_amount", "change", "mean_amount", "mean_change")

#: Part of the pay -> setting with its account.
EXPENSES = {
    "fixed": "nka_fixed_account_id",
    "soft": "nka_soft_account_id",
    "bonus": "nka_bonus_account_id",
}

NEEDED = ("nka_entry_journal_id", *EXPENSES.values(), "nka_payable_account_id")


class MonthClose(models.Model):
    """What leaves a month: checked before, on record after."""

    _inherit = "nka.month.close"
    _audit_kinds = {"entry": _lt("Journal entry")}

    # entry
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

    # mail
    mail_count = fields.Integer("E-mails", compute="_compute_mails")
    mail_sent_count = fields.Integer("E-mails sent", compute="_compute_mails")

    def _check_output(self, is_final=True):
        """Refuse an output to others than officers, of an open or a broken month.

        :param bool is_final: only a locked month will do
        :raise AccessError: for anybody but a payroll officer
        :raise UserError: when the month isn't ready, or isn't what was sealed
        """
        self.ensure_one()
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Pay is printed and exported by payroll officers only. Ask one of "
                "yours; nothing was made."
            ),
        )
        self.check_access("read")
        if is_final:
            self._check_state("locked")
        else:
            self._check_state("calculated", "approved", "locked")
        if self.state == "locked":
            self._check_sealed()

    def _record_output(self, name, note, content=None):
        """Tell the trail what was made of the month.

        :param str name: of the file
        :param str note: model, fields and number of rows
        :param bytes content: of the file; the trail keeps its SHA-256
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
        """A name that says what it is on any disk: pay-2026-11-nordwind-r1.xlsx."""
        company = re.sub(r"\W+", "-", self.company_id.sudo().name.lower()).strip("-")
        revision = f"r{self.revision}" if self.state == "locked" else "draft"
        return f"{kind}-{self.month:%Y-%m}-{company[:40]}-{revision}.{ending}"

    def _sorted_statements(self):
        """Calculated statements of the month by the person's name."""
        return (
            self.sudo()
            .statement_ids.filtered(lambda row: row.state != "open")
            .sorted(lambda row: (row.employee_id.name or "", row.id))
        )

    def action_output(self):
        """Ask what to print or export."""
        self.ensure_one()
        self._check_output(is_final=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print and export"),
            "res_model": "nka.month.close.output",
            "view_mode": "form",
            "target": "new",
            "context": {"default_close_id": self.id},
        }

    # ============================================================ register
    # The register: everybody's pay of the month on one sheet.

    def _prepare_register(self):
        """Rows, totals and headings of the register; amounts are Decimal.

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
        }

    def _prepare_register_row(self, statement, parts):
        currency = statement.currency_id
        return {
            "name": statement.employee_id.name,
            "parts": [parts[name] for name in COMPONENTS],
            "total": to_money(statement.total_amount, currency),
            "held": to_money(statement.held_amount, currency),
            "owed": to_money(statement.balance, currency),
        }

    def _prepare_signatures(self):
        """Who did which step and when, as far as the month has come."""
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

    # ============================================================ payroll file
    # The month for an outside payroll: a row per employee and component.

    def _make_payroll_file(self, ending, delimiter=",", with_bom=True):
        """Make the file, from a locked and unbroken month only, and record it.

        :param str ending: xlsx or csv
        :param str delimiter: of a CSV file
        :param bool with_bom: mark a CSV file as UTF-8
        :return: (name, bytes)
        """
        self._check_output()
        rows = self._prepare_payroll_rows()
        if ending == "xlsx":
            content = to_xlsx(
                self._file_name("pay", "")[:-1],
                COLUMNS,
                rows,
                WIDTHS,
                self.currency_id.decimal_places,
            )
        else:
            content = to_csv(COLUMNS, rows, delimiter, with_bom)
        name = self._file_name("pay", ending)
        note = f"nka.pay.statement.line: {', '.join(COLUMNS)}; {len(rows)} rows"
        self._record_output(name, note, content)
        return name, content

    def _prepare_payroll_rows(self):
        """Every employee with every component, zeros too, in a stable order."""
        statements = self._sorted_statements()
        amounts = statements._component_amounts()
        return [
            self._prepare_payroll_row(statement, component, amounts[statement])
            for statement in statements
            for component in COMPONENTS
        ]

    def _prepare_payroll_row(self, statement, component, amounts):
        return (
            self.company_id.sudo().name,
            self.month,
            statement.employee_id.id,
            statement.employee_id.barcode or "",
            statement.employee_id.name,
            code(component),
            label(self.env, component),
            amounts[component],
            self.currency_id.name,
            statement.id,
            self.revision,
            self.digest,
        )

    # ============================================================ variance
    # What moved against the months before, and why.

    def action_open_variance(self):
        """Everybody's changes of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_variance_action"
        )
        return {**action, "domain": self._variance_domain(), "context": {}}

    def _variance_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.month)]

    def _variances(self):
        """Rows of the month by person and component, the largest of a person first.

        :rtype: nka.pay.variance
        """
        self.env.flush_all()
        rows = self.env["nka.pay.variance"].sudo().search(self._variance_domain())
        return rows.sorted(lambda row: (row.employee_id.name or "", row.position))

    def _make_variance_file(self):
        """The variances as a workbook; recorded in the trail.

        :return: (name, bytes)
        """
        self._check_output(is_final=False)
        rows = [self._prepare_variance_row(row) for row in self._variances()]
        content = to_xlsx(
            self._file_name("variance", "")[:-1],
            self._variance_headings(),
            rows,
            (26, 22, 14, 14, 14, 14, 14, 70),
            self.currency_id.decimal_places,
            totals=range(2, 7),
        )
        name = self._file_name("variance", "xlsx")
        fields = ", ".join(("employee_id", "component", *AMOUNTS, "reason"))
        note = f"nka.pay.variance: {fields}; {len(rows)} rows"
        self._record_output(name, note, content)
        return name, content

    def _variance_headings(self):
        names = ("employee_id", "component", *AMOUNTS, "reason")
        rows = self.env["nka.pay.variance"]
        return [rows._fields[name]._description_string(self.env) for name in names]

    def _prepare_variance_row(self, row):
        amounts = [to_money(row[name], self.currency_id) for name in AMOUNTS]
        component = dict(row._selection_component())[row.component]
        return (row.employee_id.name, component, *amounts, row.reason)

    # ============================================================ statements
    # The statements on paper: a file per employee.

    def _make_statement_files(self):
        """A zip with one PDF per employee, in his own language; recorded in the trail.

        :return: (name, bytes)
        """
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for statement, content in self._statement_pdfs():
                archive.writestr(self._statement_file_name(statement), content)
        return self._hand_over_statements("zip", target.getvalue())

    def _make_statement_bundle(self):
        """All statements one after the other in one PDF, to be printed and filed.

        :return: (name, bytes)
        """
        pages = [content for _statement, content in self._statement_pdfs()]
        return self._hand_over_statements("pdf", merge_pdf(pages))

    def _statement_pdfs(self):
        """The statements with their PDFs, one by one.

        One report at a time: wkhtmltopdf as Debian builds it takes one record only.

        :raise UserError: where the month isn't locked and sealed, or has none
        """
        self._check_output()
        statements = self._sorted_statements()
        if not statements:
            raise UserError(
                self.env._("%s has no statement to print.", self.display_name)
            )
        for statement in statements:
            yield statement, checked(statement, statement)._render_pdf()

    def _hand_over_statements(self, ending, content):
        name = self._file_name("statements", ending)
        count = len(self._sorted_statements())
        note = f"nka.pay.statement: PDF; {count} statements"
        self._record_output(name, note, content)
        return name, content

    def _statement_file_name(self, statement):
        """The person first, so that the files sort by name; the id keeps namesakes apart."""
        person = re.sub(r"[^\w .-]+", "_", statement.employee_id.name or "").strip(" .")
        return f"{person} {self.month:%Y-%m} ({statement.id}).pdf"

    def _make_report_file(self, report, kind):
        """One of the reports on the month as a PDF; the report itself is on record.

        :param str report: external id of the report
        :param str kind: first word of the file's name
        :return: (name, bytes)
        """
        self._check_output(is_final=False)
        reports = self.env["ir.actions.report"].sudo()
        content, _type = reports._render_qweb_pdf(report, self.ids)
        return self._file_name(kind, "pdf"), content

    # ============================================================ entry
    # The month in the books: one balanced draft entry, made on request.

    def _compute_entry(self):
        for close in self:
            entry = close.entry_id
            close.entry_name = entry.ref or entry.name
            close.entry_state = entry.state

    # ------------------------------------------------------------ entry: checks
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

    # ------------------------------------------------------------ entry: actions
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

    # ------------------------------------------------------------ entry: business
    def _take_back(self, state, reason):
        """A draft entry goes with the figures it was made of."""
        result = super()._take_back(state, reason)
        entry = self.sudo().entry_id
        if entry:
            self.sudo()._unlocked().write({"entry_id": False})
            entry.filtered(lambda move: move.state == "draft").unlink()
        return result

    # ------------------------------------------------------------ entry: preparing
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

    # ============================================================ mail
    # Statements by e-mail: noted with the lock, made and sent after it.

    def _compute_mails(self):
        rows = (
            self.env["nka.pay.statement.mail"]
            .sudo()
            ._read_group(
                [("statement_id.close_id", "in", self.ids)],
                ["statement_id", "state"],
                ["__count"],
            )
        )
        for close in self:
            counts = [
                (state, count)
                for statement, state, count in rows
                if statement.close_id == close
            ]
            close.mail_count = sum(count for _state, count in counts)
            close.mail_sent_count = sum(
                count for state, count in counts if state == "sent"
            )

    def action_mail_statements(self):
        """E-mail every statement of a locked month that wasn't e-mailed yet."""
        self._check_output()
        count = len(self._note_mails())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s statements go out by e-mail in the next minutes.", count
                )
                if count
                else self.env._("Every statement is on its way or sent already."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_mails(self):
        """What became of the e-mails of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_statement_mail_action"
        )
        return {**action, "domain": [("statement_id.close_id", "=", self.id)]}

    # ------------------------------------------------------------ mail: business
    def _seal(self, reason=False):
        """Where the company wants it, everybody gets his sealed statement by mail."""
        result = super()._seal(reason)
        if self.company_id.sudo().nka_mail_statements:
            self._note_mails()
        return result

    def _note_mails(self):
        """Note down whom to send to; files are made and sent by the job.

        A statement is sent once, and again only when it was approved anew since.

        :return: the new nka.pay.statement.mail
        """
        mails = self.env["nka.pay.statement.mail"].sudo()
        known = mails.search([("statement_id.close_id", "=", self.id)])
        current = known.filtered(
            lambda row: row.noted_date >= row.statement_id.approved_date
        )
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
    """An amount above zero is a debit, one below it a credit."""
    return {"debit": float(max(amount, 0)), "credit": float(max(-amount, 0))}
