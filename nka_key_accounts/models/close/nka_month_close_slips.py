from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.float_utils import float_compare

from ..payroll.components import PAID, SUMS

STATEMENT = "nka.pay.statement"


class MonthCloseSlips(models.Model):
    """The payslips of a month: made with the lock, compared to the cent, sealed."""

    _inherit = "nka.month.close"

    slip_count = fields.Integer("Payslips", compute="_compute_slip_count")
    slip_progress = fields.Float("Payslips made (%)", compute="_compute_slip_count")

    @api.depends("statement_ids.payslip_id.state", "statement_ids.state")
    def _compute_slip_count(self):
        domain = [("close_id", "in", self.ids), ("state", "=", "locked")]
        statements = self.env[STATEMENT].sudo()
        locked = dict(statements._read_group(domain, ["close_id"], ["__count"]))
        paid = dict(
            statements._read_group(
                [*domain, ("payslip_id.state", "=", "done")], ["close_id"], ["__count"]
            )
        )
        for close in self:
            count, total = paid.get(close._origin, 0), locked.get(close._origin, 0)
            close.slip_count = count
            close.slip_progress = 100 * count / total if total else 0

    # ------------------------------------------------------------ actions
    def action_open_slips(self):
        """The payslips of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.hr_payslip_action_statement"
        )
        slips = self.sudo().statement_ids.payslip_id
        return {**action, "domain": [("id", "in", slips.ids)], "context": {}}

    # ------------------------------------------------------------ business
    def _make_slips(self, statements):
        """Have payslips made: at once, or in the background when they are many.

        :param statements: locked nka.pay.statement
        :raise UserError: names everybody whose payslip couldn't be made, and why
        """
        slips = self.env["hr.payslip"]
        run = self.env["hr.payslip.run"]._nka_run(self.company_id.sudo(), self.month)
        if self.state != "locked":
            self.sudo()._unlocked().write({"payslip_run_id": run.id})
        job = slips._nka_order(statements.sudo(), run)
        if job:
            return
        self._check_slips_made(statements.sudo())
        run.close_payslip_run()

    def _check_slips_made(self, statements):
        missing = self.env["hr.payslip"]._nka_missing(statements)
        if missing:
            raise UserError(
                self.env._(
                    "Payslips couldn't be made, so the month isn't locked:\n%s\nSettle "
                    "it, or take the month back and leave these people out.",
                    "\n".join(
                        f"– {row.display_name}: {row.payslip_error or ''}"
                        for row in missing
                    ),
                )
            )

    def _check_slips_complete(self):
        """Nobody is paid by a month whose payslips are still being made."""
        waiting = self.env["hr.payslip"]._nka_missing(self.sudo().statement_ids)
        if waiting:
            raise UserError(
                self.env._(
                    "%(count)s payslips of %(month)s aren't made yet. Look under "
                    "Payslips in the background what they wait for.",
                    count=len(waiting),
                    month=self.display_name,
                )
            )

    def _find_payslip(self, _rule):
        """Statements whose payslip is missing or says something else."""
        locked = self.statement_ids.filtered(lambda row: row.state == "locked")
        waiting = locked.filtered(
            lambda row: (
                row.payslip_job_id
                and row.payslip_id.state != "done"
                and not row.payslip_error
            )
        )
        wrong = (locked - waiting).filtered(self._is_paid_otherwise)
        if not locked or (waiting and not wrong):
            return STATEMENT, None
        return STATEMENT, wrong.ids

    def _is_paid_otherwise(self, statement):
        """Whether a statement's payslip is missing or not equal to the cent."""
        slip = statement.payslip_id
        if slip.state != "done":
            return True
        digits = statement.currency_id.decimal_places
        return any(
            float_compare(paid, due, precision_digits=digits)
            for paid, due in _compared(slip.line_ids, statement)
        )

    def _seal_payslip(self, statements):
        """The payslip that pays a statement, with its lines; none while it is waiting."""
        found = {}
        for row in statements:
            slip = row.payslip_id
            found[row.id] = slip.state == "done" and sorted(
                [line.code, f"{line.quantity:.4f}", f"{line.total:.4f}"]
                for line in slip.line_ids
            )
        return found


class PayslipJob(models.Model):
    """When the last payslip of a month is made in the background, it is sealed again."""

    _inherit = "nka.payslip.job"

    def _finish(self):
        result = super()._finish()
        for job in self.sudo().filtered(lambda job: job.state == "done"):
            closes = job.statement_ids.close_id
            for close in closes.filtered(lambda row: row.state == "locked"):
                close._finish_slips()
        return result


class MonthCloseFinish(models.Model):
    _inherit = "nka.month.close"

    def _finish_slips(self):
        """Compare what was made in the background, and seal it with the month.

        Who couldn't be paid shows on the checklist; the seal waits for him.
        """
        rule = self.env.ref("nka_key_accounts.nka_month_close_rule_payslip").sudo()
        values = self._prepare_check(rule, *self._find(rule))
        check = self.check_ids.filtered(lambda row: row.code == "payslip").sudo()
        check._unlocked().write(values)
        if values["result"] == "ok" and self._has_unsealed_slips():
            self._seal(self.env._("All payslips are made"))


def _compared(lines, statement):
    """Pairs of what a payslip says and what it has to: by code, in all, and net."""
    paid = {line.code: line.total for line in lines}
    for code, due in statement._pay_by_code().items():
        yield paid.get(code, 0), due
    yield sum(line.total for line in lines if line.code in PAID), statement.total_amount
    if "NET" in paid:
        parts = [
            line.total
            for line in lines
            if line.category_id.code in SUMS["NET"] and line.code not in SUMS
        ]
        yield paid["NET"], sum(parts)
