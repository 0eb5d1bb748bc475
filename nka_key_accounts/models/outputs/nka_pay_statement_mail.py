import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, email_normalize

from .nka_pay_statement import checked

_lt = LazyTranslate(__name__)

_logger = logging.getLogger(__name__)
#: Number of attempts to send before a payroll officer has to send again.
MAX_ATTEMPTS = 5
BATCH = 50
TEMPLATE = "nka_key_accounts.mail_template_pay_statement"


class PayStatementMail(models.Model):
    """Email of a statement to its employee, with its outcome."""

    _name = "nka.pay.statement.mail"
    _description = "Statement email"
    _inherit = ["nka.guard.mixin"]
    _order = "id desc"
    _rec_name = "statement_id"

    _guarded_fields = (
        "statement_id",
        "revision",
        "noted_date",
        "state",
        "email",
        "attempts",
        "error",
        "sent_date",
        "mail_id",
    )
    _audit_kinds = {"mail": _lt("Statement email")}
    _company_fields = ("statement_id",)

    statement_id = fields.Many2one(
        "nka.pay.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        related="statement_id.user_id", store=True, string="Person"
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    month = fields.Date(related="statement_id.month")
    revision = fields.Integer(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("failed", "Not sent"),
            ("withdrawn", "Withdrawn"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    email = fields.Char("Sent to", readonly=True)
    noted_date = fields.Datetime(
        "Requested on", readonly=True, default=fields.Datetime.now, required=True
    )
    attempts = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    sent_date = fields.Datetime("Sent on", readonly=True)
    mail_id = fields.Many2one(
        "mail.mail",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_system",
    )

    _once = models.Constraint(
        "UNIQUE(statement_id, revision)",
        "This statement is already queued to be emailed. Use “Send again” on that "
        "entry instead.",
    )

    # ------------------------------------------------------------ checks
    def _is_current(self):
        """Return whether this is an email of the statement as locked now."""
        statement = self.statement_id
        return (
            self.state != "withdrawn"
            and statement.state == "locked"
            and self.revision >= statement.revision
        )

    def _check_current(self):
        for note in self:
            if not note._is_current():
                raise UserError(
                    self.env._(
                        "%(statement)s was locked again with revision %(revision)s. "
                        "Send that revision instead of revision %(old)s.",
                        statement=note.statement_id.display_name,
                        revision=note.statement_id.revision,
                        old=note.revision,
                    )
                )

    def _check_not_sending(self):
        """Refuse emails that are being sent right now: they would be sent twice."""
        if busy := self.mail_id - self._free_mails():
            note = self.filtered(lambda row: row.mail_id in busy)[0]
            raise UserError(
                self.env._(
                    "%s is being emailed right now. Try again in a moment.",
                    note.statement_id.display_name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_resend(self):
        """Send statements again, sent or failed, to the current address.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if a statement isn't locked, was replaced, or is being sent
        """
        self.env["nka.pay.statement"]._check_officer()
        self.check_access("read")
        own = self.sudo()
        stale = own.filtered(lambda row: row.statement_id.state != "locked")
        if stale:
            raise UserError(
                self.env._(
                    "%s is no longer locked. Lock its month again; the new statement "
                    "will then be sent.",
                    stale[0].statement_id.display_name,
                )
            )
        own._check_current()
        own.statement_id._check_printable()
        own._check_not_sending()
        own.mail_id.filtered(lambda mail: mail.state != "sent").unlink()
        own._unlocked().write(
            {"state": "waiting", "attempts": 0, "error": False, "sent_date": False}
        )
        self._wake_job()
        return True

    # ------------------------------------------------------------ job
    @api.model
    def _wake_job(self):
        self.env.ref("nka_key_accounts.ir_cron_statement_mail").sudo()._trigger()

    @api.model
    def _cron_send(self):
        """Create and queue waiting emails, each in its own transaction, and retry."""
        unsent = self.search([("state", "in", ("waiting", "queued", "failed"))])
        unsent.filtered(lambda row: not row._is_current())._withdraw()
        waiting = self._due()
        jobs = self.env["ir.cron"]
        jobs._commit_progress(remaining=len(waiting))
        for mails in waiting._by_month():
            for mail in mails:
                mail._send()
                if not jobs._commit_progress(1):
                    return

    def _by_month(self):
        """Yield these records month by month, with the integrity hash verified once
        each.

        If a month doesn't match its hash, its records are verified one by one, and each
        stores the error.
        """
        for close, mails in self.grouped(lambda row: row.statement_id.close_id).items():
            try:
                close._check_sealed()
            except UserError:
                yield mails
            else:
                yield checked(mails, mails.statement_id)

    @api.model
    def _due(self):
        """Return the records to process: waiting, or failed with attempts left."""
        return self.search(
            [
                ("attempts", "<", MAX_ATTEMPTS),
                ("state", "in", ("waiting", "failed")),
                ("statement_id.state", "=", "locked"),
            ],
            order="attempts, id",
            limit=BATCH,
        ).filtered(lambda row: row._is_current())

    def _send(self):
        """Queue the email of one statement, and store a failure.

        Errors of the PDF renderer or a missing address must not stop the other emails,
        so they are caught here; the savepoint undoes partial changes.
        """
        self.ensure_one()
        vals = {"attempts": self.attempts + 1, "error": False}
        try:
            with self.env.cr.savepoint():
                vals.update(self._queue())
        except UserError as error:
            vals.update(state="failed", error=str(error))
        except OSError as error:
            _logger.info("Statement %s not sent: %s", self.statement_id.id, error)
            vals.update(
                state="failed", error=self.env._("The PDF couldn't be generated.")
            )
        self._unlocked().write(vals)

    def _queue(self):
        """Create the email with its attachment, or requeue the one that failed before.

        :return: values of this record
        """
        statement = self.statement_id
        statement._check_printable()  # skipped if the month was verified just now
        email = self._own_address()
        if self.mail_id and email == self.email:
            self.mail_id.mark_outgoing()
            return {"state": "queued"}
        self.mail_id.unlink()
        mail_id = (
            self.env.ref(TEMPLATE)
            .sudo()
            .send_mail(
                statement.id,
                email_values={
                    "email_to": email,
                    # No other recipients, whatever the template has: users can edit it.
                    "email_cc": False,
                    "recipient_ids": [],
                    "attachment_ids": self._make_file().ids,
                },
            )
        )
        self._say_replaced(mail_id)
        return {"state": "queued", "email": email, "mail_id": mail_id}

    def _say_replaced(self, mail_id):
        """Start the email text with a note that an earlier statement is replaced."""
        statement = self.statement_id
        language = statement.user_id.lang or self.env.lang
        if said := statement.with_context(lang=language)._say_replaced():
            mail = self.env["mail.mail"].sudo().browse(mail_id)
            said = Markup("<p><b>%s</b></p>") % said
            mail.write({"body_html": f"{said}{mail.body_html or ''}"})

    def _make_file(self):
        """Create the PDF to send, attached to this record; it replaces the last one."""
        statement = checked(self.statement_id, self.statement_id)
        self._drop_files()
        files = self.env["ir.attachment"].sudo()
        return files.create(
            {
                "name": f"{statement.display_name}.pdf",
                "raw": statement._render_pdf(),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _own_address(self):
        """Return the employee's own address.

        :raise UserError: if there is none, or another employee of the month has the
            same
        """
        address = self._address_of(self.statement_id)
        if not address:
            raise UserError(
                self.env._(
                    "No email address. Add one to the employee, then send again."
                )
            )
        others = self.statement_id.close_id.statement_ids - self.statement_id
        for other in others:
            if self._address_of(other) == address:
                raise UserError(
                    self.env._(
                        "%s has the same email address. Give each employee their own "
                        "address, then send again.",
                        other.employee_id.name,
                    )
                )
        return address

    @api.model
    def _address_of(self, statement):
        employee = statement.employee_id.sudo()
        if statement.company_id.nka_mail_private:
            return email_normalize(employee.private_email or "")
        return email_normalize(employee.work_email or statement.user_id.email or "")

    # ------------------------------------------------------------ withdrawing
    def _free_mails(self):
        """Return the emails of these records that the queue isn't sending right now.

        :rtype: mail.mail
        """
        return self.mail_id.sudo().try_lock_for_update()

    def _withdraw(self):
        """Cancel unsent emails of reopened months. Sent ones stay recorded.

        Emails being sent right now are skipped: they end as sent, or the next run of
        the job withdraws them.
        """
        unsent = self.filtered(lambda row: row.state not in ("sent", "withdrawn"))
        free = unsent._free_mails()
        gone = unsent.filtered(lambda row: not row.mail_id or row.mail_id in free)
        free.unlink()
        gone._drop_files()
        gone._unlocked().write({"state": "withdrawn", "error": False})
        events = self.env["nka.audit.event"]
        note = self.env._("Withdrawn before sending: the month was reopened")
        events._append(
            [
                events._prepare_entry(
                    row.statement_id, "mail", old=row.email, note=note
                )
                for row in gone
            ]
        )

    def _drop_files(self):
        files = self.env["ir.attachment"].sudo()
        own = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        files.search(own).unlink()

    # ------------------------------------------------------------ outcome
    def _note_sent(self):
        """Record that the mail server accepted the emails."""
        self._unlocked().write(
            {"state": "sent", "error": False, "sent_date": fields.Datetime.now()}
        )
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(row.statement_id, "mail", new=row.email)
                for row in self
            ]
        )

    def _note_failed(self, reason):
        """Record that sending failed. The job tries again."""
        self._unlocked().write({"state": "failed", "error": reason})
