from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..trail.roles import PAYROLL_OFFICER

WORKERS = (
    "nka_key_accounts.ir_cron_payslips_1",
    "nka_key_accounts.ir_cron_payslips_2",
)

#: A worker stops after this many consecutive rounds without a result.
IDLE_ROUNDS = 5


class PayslipJob(models.Model):
    """Payslips to generate in the background, by any free worker.

    Locked statements with a job, but without a confirmed payslip or an error, are
    waiting. A worker locks the rows of some, generates their payslips and commits. If
    it is killed, the next worker takes these rows.
    """

    _name = "nka.payslip.job"
    _description = "Background payslip job"
    _order = "id desc"
    _rec_name = "run_id"

    run_id = fields.Many2one(
        "hr.payslip.run", "Batch", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users",
        "Requested by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    statement_ids = fields.One2many(
        "nka.pay.statement", "payslip_job_id", "Statements", readonly=True
    )
    total_count = fields.Integer("Payslips", compute="_compute_counts")
    done_count = fields.Integer("Generated", compute="_compute_counts")
    error_count = fields.Integer("Failed", compute="_compute_counts")
    progress = fields.Float("Progress (%)", compute="_compute_counts")
    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Done")],
        compute="_compute_counts",
    )

    # ------------------------------------------------------------ compute
    @api.depends("statement_ids.payslip_id", "statement_ids.payslip_error")
    def _compute_counts(self):
        counts = self._counts()
        for job in self:
            total, done, errors = counts.get(job.id, (0, 0, 0))
            job.total_count, job.done_count, job.error_count = total, done, errors
            job.progress = 100 * (done + errors) / total if total else 100
            job.state = _state_of(total, done + errors)

    def _counts(self):
        """Count all, paid and failed statements of each job, with one query."""
        if not self.ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT payslip_job_id, COUNT(*),
                          COUNT(*) FILTER (WHERE payslip.state = 'done'),
                          COUNT(payslip_error)
                     FROM nka_pay_statement statement
                     LEFT JOIN hr_payslip payslip ON payslip.id = payslip_id
                    WHERE payslip_job_id IN %s GROUP BY payslip_job_id""",
                tuple(self.ids),
            )
        )
        return {job_id: tuple(counts) for job_id, *counts in rows}

    # ------------------------------------------------------------ actions
    def action_retry(self):
        """Try failed payslips again, once their errors are resolved.

        :raise AccessError: if the user isn't a payroll officer
        """
        self.check_access("read")
        if not self.env.user.has_group(PAYROLL_OFFICER):
            raise AccessError(
                self.env._("Only a payroll officer can generate payslips.")
            )
        failed = self.sudo().statement_ids.filtered("payslip_error")
        failed._unlocked().write({"payslip_error": False})
        self._wake()
        return True

    # ------------------------------------------------------------ business
    @api.model
    def _order_slips(self, statements, run):
        """Queue statements and trigger the workers.

        :param statements: nka.pay.statement, locked and without payslip
        :rtype: nka.payslip.job
        """
        job = self.create({"run_id": run.id, "user_id": self.env.uid})
        statements._unlocked().write({"payslip_job_id": job.id, "payslip_error": False})
        self._wake()
        return job

    @api.model
    def _wake(self):
        for worker in WORKERS:
            cron = self.env.ref(worker, raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger()

    @api.model
    def _cron_make(self):
        """Generate payslips until none is waiting or the worker's time is up.

        Runs in several scheduled actions; each batch is a transaction of its own.
        """
        crons = self.env["ir.cron"]
        waiting = self._waiting_count()
        seconds = crons._commit_progress(remaining=waiting)
        if not waiting:
            try:
                self._finish_rest()
                self.env.flush_all()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Another worker finishes them at the same time.
                self.env.cr.rollback()
            return
        idle = 0
        while seconds and idle < IDLE_ROUNDS:
            made = self._make_some()
            waiting = self._waiting_count()
            if not made and not waiting:
                break
            idle = 0 if made else idle + 1
            seconds = crons._commit_progress(made, remaining=waiting)

    @api.model
    def _make_some(self):
        """Generate one batch of payslips of one job.

        After a conflict with another worker, the batch is left for the next round.

        :return: the number of statements processed
        """
        try:
            statements = self._take()
            if not statements:
                self._finish_rest()
                return 0
            job = statements.payslip_job_id
            job._make_batch(statements)
            job._finish()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            return 0
        return len(statements)

    def _make_batch(self, statements):
        """Generate payslips for these statements; one by one if they fail together.

        An error that appears only at confirmation is then stored on its own statement,
        and the other statements get their payslips.
        """
        try:
            self._make_together(statements)
        except UserError:
            for statement in statements:
                try:
                    self._make_together(statement)
                except UserError as error:
                    statement._unlocked().write({"payslip_error": str(error)})

    def _make_together(self, statements):
        run = self.run_id.with_user(self.user_id).with_company(self.company_id)
        with self.env.cr.savepoint():
            run.sudo()._nka_make(statements)

    @api.model
    def _take(self):
        """Lock waiting statements of the oldest job that has unlocked ones.

        :rtype: nka.pay.statement, of one job and at most one batch
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT statement.id, statement.payslip_job_id,
                          company.nka_payslip_batch
                     FROM nka_pay_statement statement
                     JOIN res_company company ON company.id = statement.company_id
                    WHERE %s
                    ORDER BY statement.payslip_job_id, statement.id
                    LIMIT (SELECT MAX(nka_payslip_batch) FROM res_company)
                      FOR NO KEY UPDATE OF statement SKIP LOCKED""",
                self._waiting(),
            )
        )
        if not rows:
            return self.env["nka.pay.statement"]
        _id, first, size = rows[0]
        ids = [id_ for id_, job_id, _size in rows if job_id == first]
        return self.env["nka.pay.statement"].sudo().browse(ids[:size])

    @api.model
    def _waiting(self):
        return SQL(
            """statement.payslip_job_id IS NOT NULL AND statement.state = 'locked'
               AND statement.payslip_error IS NULL
               AND NOT EXISTS (SELECT FROM hr_payslip payslip
                                WHERE payslip.id = statement.payslip_id
                                  AND payslip.state = 'done')"""
        )

    @api.model
    def _waiting_count(self):
        self.env.flush_all()
        query = SQL(
            "SELECT COUNT(*) FROM nka_pay_statement statement WHERE %s", self._waiting()
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _finish_rest(self):
        """Finish jobs whose last batches ran at once, so that neither saw the end."""
        open_ones = self.search([("run_id.state", "=", "draft")])
        open_ones.filtered(lambda job: job.state == "done" and job.done_count)._finish()

    def _finish(self):
        """Close the payslip batch of each job that has generated all payslips.

        Hook: called after every batch of payslips.
        """
        for job in self:
            job.invalidate_recordset(["state"])
            if job.state == "done" and not job.error_count:
                job.run_id.close_payslip_run()


def _state_of(total, settled):
    if settled >= total:
        return "done"
    return "running" if settled else "waiting"
