from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..pay.step_progress import told

#: Told at the start and half way: ten payslips are to cost ten queries each at most.
PLACES = 2
#: No chatter for what the audit trail records, a payslip of hundreds.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
}


class HrPayslipMake(models.Model):
    """Payslips of many locked statements: each once, however often it is asked."""

    _inherit = "hr.payslip"

    # ------------------------------------------------------------ business
    @api.model
    def _nka_make(self, statements, run):
        """Create, compute and confirm the payslips of locked statements.

        What exists is kept. Who can't be paid gets the reason on his statement
        (``payslip_error``); the others go on. Statements that another session works
        on are left to it.

        :param statements: nka.pay.statement of one company and month, locked
        :param run: hr.payslip.run that takes the payslips
        :return: the payslips made now
        :rtype: hr.payslip
        :raise UserError: when a statement isn't locked or the batch is closed
        """
        statements = statements.sudo()
        statements._check_state("locked")
        run = run.sudo()
        waiting = self._nka_missing(self._nka_take(self._nka_missing(statements)))
        if not waiting:
            return self.browse()
        run._check_nka_takes(waiting)
        quiet = self.sudo().with_context(**QUIET)
        drafts = quiet._nka_drafts(waiting)
        begun = {slip._nka_key() for slip in drafts}
        fresh = waiting.filtered(lambda row: row._payslip_key() not in begun)
        made = quiet.create(quiet._nka_prepare_slips(fresh, run))
        made._compute_name()
        drafts.filtered(lambda slip: not slip.payslip_run_id).payslip_run_id = run
        slips = (made | drafts)._nka_fill(made)
        slips.action_payslip_done()
        return slips.with_env(self.env)

    @api.model
    def _nka_missing(self, statements):
        """Those of these statements that no confirmed payslip pays.

        :rtype: nka.pay.statement
        """
        return statements.sudo().filtered(
            lambda statement: statement.payslip_id.state != "done"
        )

    @api.model
    def _nka_drafts(self, statements):
        """Payslips begun by hand for these people and months: they are finished."""
        return self.search(
            [
                ("employee_id", "in", statements.employee_id.ids),
                ("date_from", "in", list(set(statements.mapped("month")))),
                ("company_id", "in", statements.company_id.ids),
                ("state", "in", ("draft", "verify")),
                ("is_nka", "=", True),
            ]
        )

    @api.model
    def _nka_take(self, statements):
        """Lock the rows of statements nobody else works on.

        :rtype: nka.pay.statement
        """
        if not statements:
            return statements
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM nka_pay_statement
                    WHERE id IN %s AND state = 'locked'
                    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED""",
                tuple(statements.ids),
            )
        )
        taken = {id_ for (id_,) in rows}
        return statements.filtered(lambda row: row.id in taken)

    @api.model
    def _nka_prepare_slips(self, statements, run):
        """Values of the payslips; a contract's own structure of ours comes first."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        structure = run.struct_id or run.company_id._nka_structure()
        versions = self._nka_paying_versions(
            statements.employee_id, run.date_start, statements.company_id
        )
        vals_list = []
        for statement in statements:
            version = versions.get(
                statement.employee_id.id, self.env["hr.version"].sudo()
            )
            own = version.struct_id.id in ids and version.struct_id
            vals_list.append(
                {
                    "employee_id": statement.employee_id.id,
                    "company_id": statement.company_id.id,
                    "contract_id": version.id,
                    "struct_id": (own or structure).id,
                    "date_from": statement.month,
                    "date_to": fields.Date.end_of(statement.month, "month"),
                    "payslip_run_id": run.id,
                }
            )
        return vals_list

    def _nka_fill(self, made):
        """Compute what can be computed; the reason is written down for the rest.

        :param made: those made just now, which are dropped when they can't be computed
        :return: the payslips with lines
        """
        found = self._nka_statements()
        self.line_ids.unlink()
        lines, failed = {}, {}
        for slip in told(self.env, "payslips", self, PLACES):
            statement = found[slip]
            try:
                lines[slip] = slip._nka_prepare_bound(statement)
            except UserError as error:
                failed[slip] = str(error)
        for slip, text in failed.items():
            found[slip]._unlocked().write({"payslip_id": False, "payslip_error": text})
        bad = self.browse([slip.id for slip in failed])
        (bad & made).unlink()
        good = self - bad
        self._nka_write_lines(lines)._nka_name_in_all_languages()
        for slip in good.filtered(lambda slip: not slip.number):
            slip.number = self._nka_next_number()
        good.write({"state": "verify", "compute_date": fields.Date.today()})
        return good

    def _nka_prepare_bound(self, statement):
        """Bind a payslip to its statement and prepare its lines.

        :raise UserError: when it can't be paid
        """
        self._nka_raise(self._nka_refusal(self, statement))
        statement._unlocked().write({"payslip_id": self.id, "payslip_error": False})
        return self._nka_prepare_lines()

    @api.model
    def _nka_raise(self, text):
        if text:
            raise UserError(text)

    @api.model
    def _nka_withdraw(self, statements):
        """Cancel the payslips of statements that were reopened; new ones can follow.

        :param statements: nka.pay.statement, no longer locked
        :return: the cancelled payslips, which stay for the record
        :raise UserError: when a statement is locked or its payslip is paid
        """
        statements = statements.sudo()
        statements._check_state("open", "calculated", "approved")
        slips = statements.payslip_id
        paid = slips.filtered("paid")
        if paid:
            raise UserError(
                self.env._(
                    "The payslip %s is paid. What was wrong with it is corrected in the "
                    "first open month.",
                    paid[0].number,
                )
            )
        slips.with_context(**QUIET).write({"state": "cancel"})
        statements._unlocked().write({"payslip_error": False})
        return slips

    @api.model
    def _nka_order(self, statements, run):
        """Make payslips now, or in the background when there are many.

        :param statements: nka.pay.statement of one company and month, locked
        :param run: hr.payslip.run that takes them
        :return: the job that makes them, empty when they are made
        :rtype: nka.payslip.job
        """
        missing = self._nka_missing(statements)
        if len(missing) <= run.company_id.sudo().nka_payslip_direct:
            self._nka_make(missing, run)
            return self.env["nka.payslip.job"]
        return self.env["nka.payslip.job"].sudo()._order_slips(missing, run)
