import base64
import hashlib
import hmac
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config
from odoo.tools.mail import plaintext2html

from ..trail.roles import SUPERVISOR

SEAL_FORMAT = "nka-audit-seal-1"


class AuditSeal(models.Model):
    """The signed head of a chain on a day, which leaves the database by mail.

    Whoever rewrites the whole chain with all its digests can't rewrite the copies
    in the supervisors' mailboxes; they show what was cut or replaced before them.
    """

    _name = "nka.audit.seal"
    _description = "Signed head of the audit chain"
    _order = "id desc"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    date = fields.Datetime(required=True)
    seq = fields.Integer("Last event")
    digest = fields.Char()
    signature = fields.Char()
    file = fields.Binary(compute="_compute_file")
    file_name = fields.Char(compute="_compute_file")

    @api.depends("company_id", "date", "seq", "digest", "signature")
    def _compute_file(self):
        for seal in self:
            content = seal._content() | {"signature": seal.signature}
            raw = json.dumps(content, indent=2, sort_keys=True).encode()
            seal.file = base64.b64encode(raw)
            seal.file_name = f"audit-{seal.company_id.id}-{seal.seq}.json"

    def _content(self):
        """What is signed."""
        self.ensure_one()
        return {
            "format": SEAL_FORMAT,
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
        """Key of the signature: ``nka_audit_key`` of the server's configuration file,
        which a database administrator needn't see, else one made of the database's
        own secret.
        """
        configured = config.get("nka_audit_key")
        if configured:
            return configured.encode()
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return f"{SEAL_FORMAT}:{secret}".encode()

    @api.model
    def _sign(self, content):
        """HMAC-SHA256 over canonical JSON."""
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key(), canonical.encode(), hashlib.sha256).hexdigest()

    @api.model
    def _seal(self, head):
        """Sign where a chain stands now."""
        seal = self.sudo().create(
            {
                "company_id": head.company_id.id,
                "date": fields.Datetime.now(),
                "seq": head.seq,
                "digest": head.digest,
            }
        )
        seal.signature = self._sign(seal._content())
        return seal

    # ------------------------------------------------------------ checking
    @api.model
    def _check_content(self, raw):
        """Compare a seal kept outside with the chain as it is today.

        :param bytes raw: the file as it was mailed
        :return: whether it holds, and why in words
        :rtype: tuple[bool, str]
        :raise UserError: for a file that is no seal of this database
        """
        content = self._read_content(raw)
        signature = content.pop("signature", "")
        signed = hmac.compare_digest(self._sign(content), str(signature))
        if not signed:
            return False, self.env._(
                "The signature isn't ours: the file was changed, or signed with "
                "another key."
            )
        return self._compare(content)

    @api.model
    def _read_content(self, raw):
        try:
            content = json.loads(raw)
        except ValueError:
            content = None
        if not isinstance(content, dict) or content.get("format") != SEAL_FORMAT:
            raise UserError(
                self.env._("This file is no signed head of an audit trail.")
            )
        if content.get("database") != self._database_uuid():
            raise UserError(self.env._("This signed head is of another database."))
        return content

    @api.model
    def _compare(self, content):
        event = self.env["nka.audit.event"].search(
            [("company_id", "=", content["company_id"]), ("seq", "=", content["seq"])]
        )
        if not event and content["seq"]:
            return False, self.env._(
                "Event %(seq)s of %(date)s is gone: the chain was cut before it.",
                seq=content["seq"],
                date=content["date"],
            )
        if (event.digest or "") != content["digest"]:
            return False, self.env._(
                "Event %(seq)s of %(date)s is another one now: the chain was "
                "rewritten at or before it.",
                seq=content["seq"],
                date=content["date"],
            )
        return True, self.env._(
            "The chain up to event %(seq)s is the one signed on %(date)s.",
            seq=content["seq"],
            date=content["date"],
        )

    # ------------------------------------------------------------ leaving
    @api.model
    def _cron_seal(self):
        """Daily: sign every head and mail it to the supervisors of the company."""
        heads = self.env["nka.audit.head"].sudo()
        heads._sequence_all()
        for head in heads.search([]):
            self.with_company(head.company_id)._seal(head)._mail()

    def _mail(self):
        self.ensure_one()
        self._mail_supervisors(
            self.company_id,
            self.env._("Signed head of the audit trail, event %s", self.seq),
            self.env._(
                "Keep this message outside the database. The attached file proves the "
                "audit trail of %(company)s up to event %(seq)s: check it under "
                "Control ‣ Audit ‣ Check a signed head.",
                company=self.company_id.name,
                seq=self.seq,
            ),
            attachment=(self.file_name, base64.b64decode(self.file)),
        )

    @api.model
    def _mail_supervisors(self, company, subject, text, attachment=None):
        supervisors = self.env["res.users"]._nka_holders(SUPERVISOR, company)
        people = supervisors.partner_id.filtered("email")
        if not people:
            return
        attachments = self.env["ir.attachment"].sudo()
        if attachment:
            name, raw = attachment
            attachments = attachments.create({"name": name, "raw": raw})
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": plaintext2html(text),
                "recipient_ids": people.ids,
                "attachment_ids": attachments.ids,
                "auto_delete": False,
            }
        )
