import base64
import hashlib
import hmac
import json
from datetime import timedelta
from functools import partial
from itertools import pairwise

from psycopg2 import Error

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, config
from odoo.tools.mail import plaintext2html

from ..trail.frozen_rows import frozen
from ..trail.roles import SUPERVISOR
from .checked import Check
from .scope import domain_in_scope

#: Formats of a signed checkpoint; the signing key is always named after the first.
FIRST_FORMAT = "nka-audit-seal-1"
SEAL_FORMAT = "nka-audit-seal-2"
FORMATS = (FIRST_FORMAT, SEAL_FORMAT)
#: Checkpoints are signed daily; a longer gap is reported.
LONGEST_GAP = timedelta(hours=36)
#: How far back gaps are reported.
REMEMBERED = timedelta(days=7)
#: How many of the newest checkpoints are read to find a gap, or a valid one.
NEWEST = 30
#: Signed columns, and the signature; they never change.
SIGNED = ("company_id", "date", "seq", "digest", "content", "signature")


class AuditSeal(models.Model):
    """Daily signed checkpoint of an audit chain, which is emailed out of the database.

    An attacker can rewrite the whole chain with all its hashes, but not the copies in
    the supervisors' mailboxes. These show whether earlier events were removed or
    replaced.
    """

    _name = "nka.audit.seal"
    _description = "Signed checkpoint of the audit trail"
    _order = "id desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)
    seq = fields.Integer("Last event", readonly=True)
    digest = fields.Char("Hash", readonly=True)
    content = fields.Text("Signed text", readonly=True, help="Exactly what was signed.")
    signature = fields.Char(readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null")
    is_mailed = fields.Boolean(
        "Emailed", readonly=True, help="At least one supervisor had an email address."
    )
    file = fields.Binary(compute="_compute_file")
    file_name = fields.Char("File name", compute="_compute_file")

    # For the previous checkpoint, and all checkpoints of a company in order.
    _company_idx = models.Index("(company_id, id)")

    @api.model
    def _guards(self):
        """Make signed columns read-only; whether it was emailed is stored later."""
        table = self._table
        return [
            *super()._guards(),
            *frozen(table, "TRUE", SIGNED, name=f"{table}_kept"),
            *frozen(table, "TRUE", operations="TRUNCATE", name=f"{table}_no_truncate"),
        ]

    @api.depends("content", "signature")
    def _compute_file(self):
        for seal in self:
            content = seal._signed_content() | {"signature": seal.signature}
            raw = json.dumps(content, indent=2, sort_keys=True).encode()
            seal.file = base64.b64encode(raw)
            seal.file_name = f"audit-{seal.company_id.id}-{seal.seq}.json"

    def _signed_content(self):
        """Return the content that was signed.

        Checkpoints of the first format didn't store it. Their content is built again
        from the columns, with the current name of the company.
        """
        self.ensure_one()
        if self.content:
            return json.loads(self.content)
        return {
            "format": FIRST_FORMAT,
            "database": self._database_uuid(),
            "company_id": self.company_id.id,
            "company": self.company_id.sudo().name,
            "date": fields.Datetime.to_string(self.date),
            "seq": self.seq,
            "digest": self.digest,
        }

    # ------------------------------------------------------------ signing
    @api.model
    def _database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    @api.model
    def _key(self):
        """Return the signing key.

        This is ``nka_audit_key`` of the server configuration, which database
        administrators don't need access to, or else a key derived from the database
        secret.
        """
        configured = config.get("nka_audit_key")
        if configured:
            return configured.encode()
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return f"{FIRST_FORMAT}:{secret}".encode()

    @api.model
    def _key_name(self):
        """Return a name that identifies the key without disclosing it."""
        name = hmac.new(self._key(), b"name of the key", hashlib.sha256)
        return name.hexdigest()[:16]

    @api.model
    def _sign(self, content):
        """Return the HMAC-SHA256 signature of canonical JSON."""
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key(), canonical.encode(), hashlib.sha256).hexdigest()

    @api.model
    def _prepare_content(self, head):
        """Return the content to sign: chain state and previous signature."""
        before = self.sudo().search([("company_id", "=", head.company_id.id)], limit=1)
        return {
            "format": SEAL_FORMAT,
            "database": self._database_uuid(),
            "company_id": head.company_id.id,
            "company": head.company_id.sudo().name,
            "date": fields.Datetime.to_string(fields.Datetime.now()),
            "seq": head.seq,
            "digest": head.digest,
            "before": before.signature or "",
            "signing_key": self._key_name(),
        }

    @api.model
    def _seal(self, head):
        """Sign the current state of a chain and return the checkpoint."""
        content = self._prepare_content(head)
        return self.sudo().create(
            {
                "company_id": head.company_id.id,
                "date": content["date"],
                "seq": content["seq"],
                "digest": content["digest"],
                "content": json.dumps(content, sort_keys=True),
                "signature": self._sign(content),
            }
        )

    # ------------------------------------------------------------ checking a file
    @api.model
    def _check_content(self, raw):
        """Compare an externally stored checkpoint with the current chain.

        :param bytes raw: the file as it was emailed
        :return: whether the chain matches, and an explanation
        :rtype: tuple[bool, str]
        :raise UserError: for a file that isn't a signed checkpoint of this database
        """
        content = self._read_content(raw)
        signature = content.pop("signature", "")
        if not self._is_signed(content, signature):
            return False, self.env._(
                "The signature is invalid: the file was changed, or signed with "
                "another key."
            )
        return self._compare(content)

    @api.model
    def _is_signed(self, content, signature):
        return hmac.compare_digest(self._sign(content), str(signature))

    @api.model
    def _read_content(self, raw):
        try:
            content = json.loads(raw)
        except ValueError:
            content = None
        if not isinstance(content, dict) or content.get("format") not in FORMATS:
            raise UserError(
                self.env._("This file isn't a signed checkpoint of an audit trail.")
            )
        if content.get("database") != self._database_uuid():
            raise UserError(
                self.env._("This signed checkpoint belongs to another database.")
            )
        return content

    @api.model
    def _compare(self, content):
        event = self.env["nka.audit.event"].search(
            [("company_id", "=", content["company_id"]), ("seq", "=", content["seq"])]
        )
        if not event and content["seq"]:
            return False, self.env._(
                "Event %(seq)s of %(date)s is missing: the chain was cut before it.",
                seq=content["seq"],
                date=content["date"],
            )
        if (event.digest or "") != content["digest"]:
            return False, self.env._(
                "Event %(seq)s of %(date)s has changed: the chain was rewritten at or "
                "before this event.",
                seq=content["seq"],
                date=content["date"],
            )
        return True, self.env._(
            "The chain up to event %(seq)s matches the checkpoint signed on %(date)s.",
            seq=content["seq"],
            date=content["date"],
        )

    # ------------------------------------------------------------ checking all
    @api.model
    def _check_all(self, company):
        """Compare the stored checkpoints with the chain, the key and each other.

        :rtype: list[Check]
        """
        every = Domain("company_id", "=", company.id)
        before = self._signed_before(company)
        ids = sorted(before)[-NEWEST:]
        scope = domain_in_scope(self) | Domain("id", "in", ids)
        seals = self.sudo().search(every & scope, order="id")
        findings = [*self._say_other_events(company)]
        for seal in seals:
            findings += seal._contradictions(*before[seal.id])
        newest = seals[-NEWEST:]
        return [
            Check(
                self.env._(
                    "Signed checkpoints in the database, against the audit trail"
                ),
                len(seals),
                findings,
                self.env._("Checkpoints"),
            ),
            Check(
                self.env._("Signed checkpoints emailed to supervisors"),
                self.sudo().search_count(every & Domain("is_mailed", "=", True)),
                [],
                self.env._("Checkpoints"),
                [
                    *self._gaps(company, newest),
                    *self._unsent(company, newest[-REMEMBERED.days :]),
                ],
            ),
        ]

    @api.model
    def _not_checked(self, company):
        """Return a message per group of checkpoints whose signature can't be verified.

        :rtype: list[str]
        """
        every = Domain("company_id", "=", company.id)
        seals = self.sudo().search(every & domain_in_scope(self))
        ours = self._key_name()
        other = seals.filtered(
            lambda seal: (seal._read_signed() or {}).get("signing_key", ours) != ours
        )
        first = seals.filtered(lambda seal: not seal.content)
        said = []
        if other:
            said.append(
                self.env._(
                    "signatures made with another key (checkpoints: %s)",
                    len(other),
                )
            )
        if first:
            said.append(
                self.env._(
                    "signatures of the first format, whose text isn't stored here "
                    "(checkpoints: %s)",
                    len(first),
                )
            )
        return said

    @api.model
    def _last_signed(self, company):
        """Return the number of the last event behind which a valid checkpoint stands.

        :return: 0 if none of the newest checkpoints is valid
        """
        for seal in reversed(self._newest(company, NEWEST)):
            content = seal._read_signed() or {}
            if content.get("signing_key") == self._key_name() and seal._agrees(content):
                return seal.seq
        return 0

    @api.model
    def _say_other_events(self, company):
        """Yield a message per checkpoint whose event is missing or has another hash."""
        rows = self.env.execute_query(
            SQL(
                """SELECT seal.date, seal.seq FROM nka_audit_seal seal
                     LEFT JOIN nka_audit_event event
                       ON event.company_id = seal.company_id AND event.seq = seal.seq
                    WHERE seal.company_id = %s AND seal.seq > 0
                      AND COALESCE(event.digest, '') IS DISTINCT FROM seal.digest
                    ORDER BY seal.id""",
                company.id,
            )
        )
        for date, seq in rows:
            yield self.env._(
                "The checkpoint of %(date)s doesn't match event %(seq)s of the chain: "
                "the chain was rewritten or cut at or before this event.",
                date=fields.Datetime.to_string(date),
                seq=seq,
            )

    @api.model
    def _signed_before(self, company):
        """Return what is stored of the checkpoint before each checkpoint.

        :return: signature, and whether it stores its text, by id of the next one
        :rtype: dict[int, tuple[str, bool]]
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT id, LAG(signature) OVER own, LAG(content) OVER own > ''
                     FROM nka_audit_seal WHERE company_id = %s
                   WINDOW own AS (ORDER BY id)""",
                company.id,
            )
        )
        return {
            seal_id: (signature or "", stored) for seal_id, signature, stored in rows
        }

    def _contradictions(self, signature, is_stored):
        """Yield a message for each contradiction of this checkpoint.

        :param str signature: signature of the previous checkpoint
        :param bool is_stored: whether that checkpoint stores its text
        """
        self.ensure_one()
        date = fields.Datetime.to_string(self.date)
        content = self._read_signed()
        # All checkpoints store their text since the second format.
        is_emptied = not self.content and is_stored
        if is_emptied or content is None or not self._agrees(content):
            yield self.env._(
                "The checkpoint of %s was changed after it was signed.", date
            )
        elif content.get("before", signature) != signature:
            yield self.env._(
                "A checkpoint before the one of %s is missing or was replaced.", date
            )

    def _read_signed(self):
        try:
            content = self._signed_content()
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def _agrees(self, content):
        """Return whether columns and signature match the signed text.

        Signatures of the first format aren't verified, because their text wasn't
        stored. Those made with another key can't be verified.
        """
        same = (
            content.get("company_id") == self.company_id.id
            and content.get("date") == fields.Datetime.to_string(self.date)
            and content.get("seq") == self.seq
            and content.get("digest") == self.digest
        )
        if (
            not same
            or not self.content
            or content.get("signing_key") != self._key_name()
        ):
            return same
        return self._is_signed(content, self.signature)

    @api.model
    def _newest(self, company, limit):
        """Return the newest checkpoints of a company, oldest first."""
        own = [("company_id", "=", company.id)]
        return self.sudo().search(own, limit=limit).sorted("id")

    @api.model
    def _gaps(self, company, seals):
        """Yield a message for each recent period in which nothing was signed."""
        now = fields.Datetime.now()
        moments = [seal.date for seal in seals] or [self._first_moment(company)]
        moments = [*filter(None, moments), now]
        for one, two in pairwise(moments):
            if two - one > LONGEST_GAP and two > now - REMEMBERED:
                yield self.env._(
                    "No checkpoint was signed between %(one)s and %(two)s. Check the "
                    "scheduled job that signs the audit trail, and its log.",
                    one=fields.Datetime.to_string(one),
                    two=fields.Datetime.to_string(two),
                )

    @api.model
    def _first_moment(self, company):
        """Return the date of the first event of a company's chain."""
        [(first,)] = self.env.execute_query(
            SQL(
                "SELECT MIN(date) FROM nka_audit_event WHERE company_id = %s AND seq = 1",
                company.id,
            )
        )
        return first

    @api.model
    def _unsent(self, company, seals):
        """Yield a message for each reason why these checkpoints weren't emailed."""
        now = fields.Datetime.now()
        if seals and not self._recipients(company):
            yield self._no_address(company)
        for seal in seals:
            date = fields.Datetime.to_string(seal.date)
            state = seal.mail_id.state
            if state == "exception" or state == "cancel":
                yield self.env._(
                    "The email with the checkpoint of %(date)s wasn't sent: %(reason)s",
                    date=date,
                    reason=seal.mail_id.failure_reason or state,
                )
            elif state == "outgoing" and now - seal.date > LONGEST_GAP:
                yield self.env._(
                    "The email with the checkpoint of %s hasn't been sent yet. Check "
                    "the outgoing mail server.",
                    date,
                )

    @api.model
    def _no_address(self, company):
        return self.env._(
            "No supervisor of %s has an email address, so signed checkpoints can't be "
            "sent. Add an address for at least one supervisor.",
            company.name,
        )

    # ------------------------------------------------------------ sending
    @api.model
    def _cron_seal(self):
        """Scheduled job, daily: sign every chain head and email it to the supervisors.

        An error in one company is reported to its supervisors and administrators, and
        doesn't stop the others.
        """
        heads = self.env["nka.audit.head"].sudo()
        heads._sequence_all()
        for head in heads.search([("seq", ">", 0)]):
            company = head.company_id
            seals = self.with_company(company)
            attempt = partial(
                seals.env["nka.audit.verification"]._attempt,
                company,
                otherwise=partial(seals._tell_failure, company),
            )
            seal = attempt(seals._seal, head)
            if seal and attempt(seal._mail):
                seals._tell_unsent(company)
            attempt(seals._tell_jobs, company)

    @api.model
    def _tell_failure(self, company, error):
        """Report a missing checkpoint; if that fails as well, log it."""
        subject = self.env._("The audit trail of %s wasn't signed", company.name)
        text = self.env._(
            "Today's checkpoint of the audit trail couldn't be signed or emailed: %s. "
            "Until one is, nothing outside the database proves what has happened since "
            "the last one. Fix the cause; the scheduled job tries again tomorrow, or "
            "when you run it.",
            self._cause(error),
        )
        self.env["nka.audit.verification"]._tell_or_log(company, subject, text)

    @api.model
    def _cause(self, error):
        """Return the cause of an error for users; the log has the details."""
        if isinstance(error, Error):
            return self.env._("database error, see the server log")
        if isinstance(error, OSError):
            return error.strerror or self.env._("a file couldn't be written")
        if isinstance(error, UserError):
            return str(error)
        return self.env._("see the server log")

    @api.model
    def _tell_jobs(self, company):
        """Report inactive or late scheduled jobs, since the verification itself may be
        one of them.
        """
        verifications = self.env["nka.audit.verification"]
        if warnings := verifications._check_jobs().warnings:
            subject = self.env._(
                "The verification of the audit trail of %s needs attention",
                company.name,
            )
            verifications._tell(company, subject, "\n".join(warnings))

    @api.model
    def _tell_unsent(self, company):
        """Report recent checkpoints that weren't emailed."""
        seals = self._newest(company, REMEMBERED.days)
        if unsent := [*self._unsent(company, seals)]:
            subject = self.env._(
                "Checkpoints of the audit trail of %s aren't being sent", company.name
            )
            self.env["nka.audit.verification"]._tell(
                company, subject, "\n".join(unsent)
            )

    def _mail(self):
        """Email this checkpoint to the supervisors who have an email address.

        ``is_mailed`` stores whether there was one.

        :return: True
        """
        self.ensure_one()
        mail = self._mail_supervisors(
            self.company_id,
            self.env._("Signed checkpoint of the audit trail, event %s", self.seq),
            self.env._(
                "Keep this message outside the database. The attached file proves the "
                "audit trail of %(company)s up to event %(seq)s. To verify it, go to "
                "Control ‣ Audit ‣ Signed checkpoints and choose “Verify a signed "
                "checkpoint”.",
                company=self.company_id.name,
                seq=self.seq,
            ),
            attachment=(self.file_name, base64.b64decode(self.file)),
        )
        self.sudo().write({"mail_id": mail.id, "is_mailed": bool(mail)})
        return True

    @api.model
    def _recipients(self, company):
        """Return the supervisors of a company who have an email address, as partners.

        :rtype: res.partner
        """
        supervisors = self.env["res.users"]._nka_holders(SUPERVISOR, company)
        return supervisors.sudo().partner_id.filtered("email")

    @api.model
    def _mail_supervisors(self, company, subject, text, attachment=None):
        """Queue an email to the supervisors of a company.

        :param res.company company: company of the supervisors
        :param str subject: subject of the email
        :param str text: plain text of the email
        :param attachment: ``(file name, bytes)`` or None
        :return: the email; empty if no supervisor has an email address
        :rtype: mail.mail
        """
        people = self._recipients(company)
        mails = self.env["mail.mail"].sudo()
        if not people:
            return mails
        attachments = self.env["ir.attachment"].sudo()
        if attachment:
            name, raw = attachment
            attachments = attachments.create({"name": name, "raw": raw})
        return mails.create(
            {
                "subject": subject,
                "body_html": plaintext2html(text),
                "recipient_ids": people.ids,
                "attachment_ids": attachments.ids,
                "auto_delete": False,
            }
        )
