"""Lock the files of submitted documents, by whatever route they are changed.

The hash of a submitted file is stored on the attachment itself, because a cascade
deletes the parent record before its files. Superuser mode doesn't bypass the lock:
chatter, merges and cascades all run as superuser.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from odoo import api, fields, models
from odoo.addons.base.models.ir_attachment import condition_values
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ..trail.permits import find_permit, granted
from .nka_document import FROZEN_STATES

_lt = LazyTranslate(__name__)

#: Fields that can't be changed on a locked file.
FROZEN_FIELDS = {
    "raw",
    "datas",
    "db_datas",
    "store_fname",
    "checksum",
    "file_size",
    "type",
    "url",
    "res_model",
    "res_id",
    "res_field",
    "name",
    "mimetype",
    "public",
    "access_token",
    "company_id",
    "nka_digest",
}

#: Models whose files always require a login.
PRIVATE_MODELS = (
    "nka.account.plan",
    "nka.document",
    "nka.key.account",
    "nka.offer.contribution",
)

DOCUMENT = "nka.document"
EVENT = "calendar.event"

#: Fields that change the bytes of a file, or make it accessible without a login.
CONTENT_FIELDS = {"raw", "datas", "db_datas", "original_id"}
PUBLISHING_FIELDS = {"public", "access_token"}
#: Key of the files found in this transaction not to be copies of submitted files.
PLAIN_FILES = "nka_plain_files"


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["ir.attachment", "nka.read.mixin"]
    _audit_kinds = {
        "file_copied": _lt("Copy of a submitted file"),
        "file_sent": _lt("File sent by email"),
    }
    _exported_by_colleagues = True
    _reading_kind = "file"

    # Empty on all files except those of submitted documents.
    nka_digest = fields.Char("Hash at submission", readonly=True, copy=False)

    # Each new file is compared with the bytes of submitted files.
    _nka_audited_idx = models.Index("(checksum) WHERE nka_digest IS NOT NULL")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        self._check_no_new_file(vals_list)
        attachments = super().create(vals_list)
        attachments._record_copies()
        # Defaults from the context aren't part of the values.
        for attachment in attachments.sudo():
            attachment._check_unpublished(
                {"public": attachment.public, "access_token": attachment.access_token}
            )
        return attachments

    def write(self, vals):
        if not (vals.keys().isdisjoint(FROZEN_FIELDS) or self._is_sealing(vals)):
            self._check_not_frozen(vals)
            self._check_unpublished(vals)
            self._check_move(vals)
            self._keep_document_editors()
        if vals.keys().isdisjoint(CONTENT_FIELDS | PUBLISHING_FIELDS):
            return super().write(vals)
        result = super().write(vals)
        self._forget_plain()
        if not vals.keys().isdisjoint(CONTENT_FIELDS):
            self._record_copies()
        elif any(vals.get(name) for name in PUBLISHING_FIELDS):
            self._record_published()
        return result

    @api.model
    def _file_write(self, bin_value, checksum):
        """Leave nothing of a file that couldn't be stored, and say what to do.

        Odoo would leave the part of it under the name of the whole, and later refuse
        the same file as different from that one.

        :raise UserError: if the file store is full or can't be written
        """
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            path = Path(self._full_path(f"{checksum[:2]}/{checksum}"))
            with suppress(OSError):
                if path.stat().st_size < len(bin_value):
                    path.unlink()
            raise UserError(
                self.env._(
                    "The file can't be stored: %s. Ask an administrator to make room in "
                    "the file store, then try again.",
                    error.strerror or error,
                )
            ) from error

    def unlink(self):
        self._check_not_frozen()
        self._keep_document_editors()
        return super().unlink()

    # ------------------------------------------------------------ checks
    def _check_previews(self, document):
        """Refuse a file of another record as the preview of a document."""
        if self and (self.res_model, self.res_id) != (document._name, document.id):
            raise UserError(
                self.env._(
                    "“%(file)s” isn't one of the files of %(document)s, so it can't be "
                    "used as its preview. Add it to the files first.",
                    file=self.name,
                    document=document.display_name,
                )
            )

    # ------------------------------------------------------------ reading
    def _key_records(self):
        """Return files of accounts, their documents and deals, and copies of submitted
        files on any record, with one query.
        """
        if not self.ids or not self.env["nka.reading"]._is_watched():
            return self.browse()
        self._flush_places()
        rows = self.env.execute_query(
            SQL(
                """SELECT file.id FROM ir_attachment file
                    WHERE file.id IN %s
                      AND (file.res_model IN %s
                           OR file.res_model = 'crm.lead' AND EXISTS (
                              SELECT FROM crm_lead lead
                                LEFT JOIN nka_key_account account
                                  ON account.id = lead.key_account_id
                               WHERE lead.id = file.res_id
                                 AND (lead.is_vip OR account.state = 'key'))
                           OR EXISTS (
                              SELECT FROM ir_attachment audited
                               WHERE audited.checksum = file.checksum
                                 AND audited.nka_digest IS NOT NULL))""",
                tuple(self.ids),
                PRIVATE_MODELS,
            )
        )
        found = {row[0] for row in rows}
        return self.filtered(lambda file: file.id in found)

    def _key_domain(self):
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        deals = leads._search(leads._key_domain())
        return (
            Domain("res_model", "in", PRIVATE_MODELS)
            | Domain("nka_digest", "!=", False)
            | Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", deals)
        )

    def _flush_places(self):
        """Flush the fields of files and deals that are read with SQL."""
        self.flush_recordset(["res_model", "res_id", "checksum", "nka_digest"])
        self.env["crm.lead"].flush_model(["is_vip", "key_account_id"])
        self.env["nka.key.account"].flush_model(["state"])

    # ------------------------------------------------------------ copies
    def _find_audited(self):
        """Return the submitted files that these are copies of, by bytes or by origin.

        Runs one query; within a transaction, files found not to be copies are skipped.

        :return: submitted files by file
        :rtype: dict[ir.attachment, ir.attachment]
        """
        plain = self.env.cr.precommit.data.setdefault(PLAIN_FILES, set())
        asked = [number for number in self.ids if number not in plain]
        if not asked:
            return {}
        files = self.sudo()
        files._flush_places()
        audited = {}
        for number, original in self.env.execute_query(self._sql_audited(asked)):
            audited.setdefault(number, []).append(original)
        plain.update(number for number in asked if number not in audited)
        return {files.browse(each): files.browse(of) for each, of in audited.items()}

    def _sql_audited(self, ids):
        same = SQL(
            """SELECT file.id, audited.id FROM ir_attachment file
                 JOIN ir_attachment audited ON audited.checksum = file.checksum
                WHERE file.id IN %s AND audited.nka_digest IS NOT NULL""",
            tuple(ids),
        )
        if "original_id" not in self._fields:
            return SQL("%s ORDER BY 1, 2", same)
        self.flush_recordset(["original_id"])
        return SQL(
            """%s UNION
               SELECT file.id, audited.id FROM ir_attachment file
                 JOIN ir_attachment audited ON audited.id = file.original_id
                WHERE file.id IN %s AND audited.nka_digest IS NOT NULL
                ORDER BY 1, 2""",
            same,
            tuple(ids),
        )

    def _forget_plain(self):
        plain = self.env.cr.precommit.data.get(PLAIN_FILES, set())
        plain.difference_update(self.ids)

    def _record_copies(self):
        """Log copies of submitted files that were created outside of documents."""
        for file, originals in self._find_audited().items():
            if file not in originals and file.res_model != DOCUMENT:
                self._record_files("file_copied", {file: originals}, file._name_place())

    def _record_told(self, place):
        """Log submitted files, or copies, that were attached to a message elsewhere."""
        self._record_files("file_copied", self._find_audited(), place)

    def _record_published(self):
        """Log copies of submitted files that became accessible without a login."""
        where = self.env._("available to anyone with the link")
        self._record_files("file_copied", self._find_audited(), where)

    def _name_place(self):
        """Return the name of the record that a file belongs to, for the audit trail."""
        if not self.res_model or not self.res_id or self.res_model not in self.env:
            return self.env._("no linked record")
        record = self.env[self.res_model].sudo().browse(self.res_id).exists()
        return record.display_name if record else self.env._("no linked record")

    def _with_private(self):
        """Return the submitted files that these are or are copies of. Files of accounts
        and of documents in progress map to themselves.

        :rtype: dict[ir.attachment, ir.attachment]
        """
        found = self._find_audited()
        for file in self.sudo():
            if file not in found and file.res_model in PRIVATE_MODELS and file.res_id:
                found[file] = file
        return found

    @api.model
    def _record_files(self, kind, files, new, note=None):
        """Log an event for each document or account whose files are concerned.

        :param dict files: originals by file, see :meth:`_find_audited`
        :param str new: where the files went
        """
        by_owner = {}
        for file, originals in files.items():
            for original in originals:
                owner = (original.res_model, original.res_id)
                by_owner.setdefault(owner, {})[file] = original
        events, entries = self.env["nka.audit.event"], []
        for (model, number), pairs in sorted(by_owner.items()):
            owner = self.env[model].sudo().browse(number).exists()
            digests = [file_digest(file.raw) for file in pairs]
            names = [
                f"{digest}  {file.name}"
                for file, digest in zip(pairs, digests, strict=True)
            ]
            if owner:
                entries.append(
                    events._prepare_entry(
                        owner,
                        kind,
                        new=new,
                        note="\n".join([*names, note] if note else names),
                        digest=files_digest(digests),
                    )
                )
        if entries:
            events._append(entries)

    def _export_archive(self):
        """Log that several files of key accounts are downloaded in one archive."""
        files = self.exists().sudo()._key_records()
        if len(files) > 1:
            self.check_access("read")
            files.with_env(self.env)._record_export(
                f"{file_digest(file.raw)} {file.name}" for file in files
            )

    # ------------------------------------------------------------ searching
    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Exclude files of meetings that the user can see only as "Busy"."""
        if not (self.env.su or bypass_access):
            asked = condition_values(self, "res_model", Domain(domain).optimize(self))
            if EVENT in (asked or ()):
                hidden = self._domain_hidden_events()
                domain = Domain(domain) & ~(Domain("res_model", "=", EVENT) & hidden)
        # Odoo's own search of attachments continues as superuser.
        self._check_searched(domain)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    @api.model
    def _domain_hidden_events(self):
        events = self.env[EVENT]
        if events._sees_every_deal():
            return Domain.FALSE
        everything = events.sudo().with_context(active_test=False)
        return Domain("res_id", "in", everything._search(events._domain_hidden()))

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
        if operation == "read" and model_and_ids.get(EVENT) and not self.env.su:
            events = self.env[EVENT].browse(filter(None, model_and_ids[EVENT]))
            for event in events._hidden():
                yield EVENT, event.id

    # ------------------------------------------------------------ digests
    def _seal(self):
        """Store the hash of every file, which locks it.

        The hash covers the stored bytes, because images can be resized on upload.

        :return: one hash over all files
        """
        for attachment in self:
            vals = {"nka_digest": file_digest(attachment.raw)}
            if attachment.nka_digest != vals["nka_digest"]:
                with granted("digest", attachment, [vals]):
                    attachment.write(vals)
        self.env.cr.precommit.data.pop(PLAIN_FILES, None)
        return files_digest(self.mapped("nka_digest"))

    def _contradiction(self, document):
        """Return a message on the first file that isn't as submitted, or None."""
        files = self.filtered("nka_digest")
        for attachment in self:
            if found := attachment._say_foreign(document):
                return found
        for attachment in files:
            if found := attachment._say_changed(document):
                return found
        if files_digest(files.mapped("nka_digest")) != document.digest:
            return self.env._(
                "The files of %s differ from those that were submitted.",
                document.display_name,
            )
        return None

    def _say_foreign(self, document):
        """Return a message why this can't be a submitted file, or None."""
        words = {"file": self.name, "document": document.display_name}
        if self.nka_digest and self.type != "binary":
            return self.env._(
                "File “%(file)s” of %(document)s was replaced by a link.", **words
            )
        if not self.nka_digest and document.state in FROZEN_STATES:
            return self.env._(
                "File “%(file)s” of %(document)s was added after the submission.",
                **words,
            )
        return None

    def _say_changed(self, document):
        """Return a message on what happened to the stored bytes, or None."""
        words = {"file": self.name, "document": document.display_name}
        raw = self.raw
        self.invalidate_recordset(["raw"])
        if not raw and self.file_size:
            return self.env._(
                "File “%(file)s” of %(document)s is missing from storage.", **words
            )
        if file_digest(raw) != self.nka_digest:
            return self.env._(
                "File “%(file)s” of %(document)s was changed in storage.", **words
            )
        return None

    # ------------------------------------------------------------ checks
    def _is_sealing(self, vals):
        """Return whether :meth:`_seal` writes these hashes; its permit is used up."""
        permit = find_permit("digest", self, [vals])
        if permit:
            permit.used = True
        return bool(permit)

    def _check_not_frozen(self, vals=None):
        """Refuse to change or, without ``vals``, to delete locked files."""
        frozen = self.sudo().filtered("nka_digest")
        if vals is not None:
            frozen = frozen.filtered(lambda file: not file._is_same_content(vals))
        if frozen or "nka_digest" in (vals or {}):
            (frozen or self).with_env(self.env)._refuse_frozen()

    def _is_same_content(self, vals):
        """Return whether ``vals`` repeat the content, as a move of the storage does."""
        return (
            vals.keys() <= {"raw", "mimetype"}
            and vals.get("raw") == self.raw
            and vals.get("mimetype", self.mimetype) == self.mimetype
        )

    def _refuse_frozen(self):
        """Raise the refusal, naming the file only to users who can read it."""
        if not self.env.su:
            self.check_access("read")
        raise UserError(
            self.env._(
                "“%s” belongs to a submitted document, and its files are locked. Use "
                "“New revision” on the document.",
                self[:1].sudo().name,
            )
        )

    @api.model
    def _check_no_new_file(self, vals_list):
        """Refuse new files on locked documents."""
        context = self.env.context
        model = context.get("default_res_model")
        number = context.get("default_res_id")
        self._check_documents_open(
            vals.get("res_id", number)
            for vals in vals_list
            if vals.get("res_model", model) == DOCUMENT
        )
        if any(vals.get("nka_digest") for vals in vals_list):
            self._refuse_frozen()

    def _check_move(self, vals):
        """Refuse to move files to locked documents."""
        if not vals.keys().isdisjoint({"res_model", "res_id"}):
            self._check_documents_open(
                vals.get("res_id", attachment.res_id)
                for attachment in self.sudo()
                if vals.get("res_model", attachment.res_model) == DOCUMENT
            )

    @api.model
    def _check_documents_open(self, ids):
        ids = {int(each) for each in ids if each}
        if ids:
            self.env[DOCUMENT].browse(ids).exists()._check_open(AccessError)

    def _keep_document_editors(self):
        """Record the user as an editor, who can't approve the document."""
        ids = [each.res_id for each in self.sudo() if each.res_model == DOCUMENT]
        if ids:
            self.env[DOCUMENT].browse(ids).exists()._keep_editor()

    def _check_unpublished(self, vals):
        """Refuse to make files of accounts and documents accessible without a login."""
        if not (vals.get("public") or vals.get("access_token")):
            return
        for attachment in self.sudo():
            if vals.get("res_model", attachment.res_model) in PRIVATE_MODELS:
                self.check_access("read")
                raise UserError(
                    self.env._(
                        "“%s” belongs to a key account and can't be made public. Send "
                        "the client a copy instead.",
                        attachment.name,
                    )
                )


def file_digest(raw):
    """Return the SHA-256 hash of a file's bytes, in hexadecimal."""
    return hashlib.sha256(raw or b"").hexdigest()


def files_digest(digests):
    """Return one hash over the hashes of several files, in order, one per line.

    Equals the result of ``sha256sum FILES | cut -c 1-64 | sha256sum``.

    >>> files_digest([file_digest(b"a")])[:8]
    '0f58e8ac'
    """
    lines = "".join(f"{digest}\n" for digest in digests)
    return hashlib.sha256(lines.encode()).hexdigest()
