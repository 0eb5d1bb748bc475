"""Files of a submitted document don't change, however a change is tried.

What was submitted is noted as a digest on the file's own row: a parent's deletion removes
the parent first and its files later. Superuser mode is no way around it, for chatter,
merges and cascades all run in it.
"""

import hashlib

from odoo import api, fields, models
from odoo.addons.base.models.ir_attachment import condition_values
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..trail.permits import find_permit, granted
from .nka_document import FROZEN_STATES

#: What a frozen file is made of.
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

#: Models whose files are never reachable without a login.
PRIVATE_MODELS = (
    "nka.account.plan",
    "nka.document",
    "nka.key.account",
    "nka.offer.contribution",
)

DOCUMENT = "nka.document"
EVENT = "calendar.event"


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["ir.attachment", "nka.read.mixin"]

    # Empty on every file but those of submitted documents.
    nka_digest = fields.Char("Digest at the submission", readonly=True, copy=False)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        self._check_no_new_file(vals_list)
        attachments = super().create(vals_list)
        # Defaults of the context arrive behind the values.
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
        return super().write(vals)

    def unlink(self):
        self._check_not_frozen()
        self._keep_document_editors()
        return super().unlink()

    # ------------------------------------------------------------ checks
    def _check_previews(self, document):
        """Refuse a file of something else as the preview of a document."""
        if self and (self.res_model, self.res_id) != (document._name, document.id):
            raise UserError(
                self.env._(
                    "“%(file)s” is no file of %(document)s, so it can't be its "
                    "preview. Add it to the files instead; nothing was changed.",
                    file=self.name,
                    document=document.display_name,
                )
            )

    # ------------------------------------------------------------ reading
    def _key_records(self):
        """Files of accounts, their documents and their deals; none for people without
        a role of the addon.
        """
        if not self.env["nka.reading"]._is_counted():
            return self.browse()
        leads = self.env["crm.lead"].browse(
            {each.res_id for each in self if each.res_model == "crm.lead"}
        )
        gated = leads.exists()._gated()
        return self.filtered(
            lambda each: (
                each.res_model in PRIVATE_MODELS
                or (each.res_model == "crm.lead" and each.res_id in gated.ids)
            )
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Nobody finds files of meetings that are shown to them as "Busy"."""
        if not (self.env.su or bypass_access):
            asked = condition_values(self, "res_model", Domain(domain).optimize(self))
            if EVENT in (asked or ()):
                hidden = self._domain_hidden_events()
                domain = Domain(domain) & ~(Domain("res_model", "=", EVENT) & hidden)
        # Odoo's own search of files goes on as superuser.
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
        """Note on every file what it is, which freezes it.

        Taken of the stored bytes: images may have been resized on their way in.

        :return: one digest over all of them
        """
        for attachment in self:
            vals = {"nka_digest": file_digest(attachment.raw)}
            if attachment.nka_digest != vals["nka_digest"]:
                with granted("digest", attachment, [vals]):
                    attachment.write(vals)
        return files_digest(self.mapped("nka_digest"))

    def _contradiction(self, document):
        """Say which file of a submitted document isn't what it was; else nothing."""
        files = self.filtered("nka_digest")
        for attachment in self:
            if what := attachment._is_foreign(document):
                return self.env._(
                    "File “%(file)s” of %(document)s %(what)s.",
                    file=attachment.name,
                    document=document.display_name,
                    what=what,
                )
        for attachment in files:
            if what := attachment._change_on_disk():
                return self.env._(
                    "File “%(file)s” of %(document)s %(what)s on the disk.",
                    file=attachment.name,
                    document=document.display_name,
                    what=what,
                )
        if files_digest(files.mapped("nka_digest")) != document.digest:
            return self.env._(
                "The files of %s aren't the ones that were submitted.",
                document.display_name,
            )
        return None

    def _is_foreign(self, document):
        """In words, why this can't be a file that was submitted; else nothing."""
        if self.nka_digest and self.type != "binary":
            return self.env._("became a link")
        if not self.nka_digest and document.state in FROZEN_STATES:
            return self.env._("was added after its submission")
        return None

    def _change_on_disk(self):
        raw = self.raw
        self.invalidate_recordset(["raw"])
        if not raw and self.file_size:
            return self.env._("is lost")
        return file_digest(raw) != self.nka_digest and self.env._("was changed")

    # ------------------------------------------------------------ checks
    def _is_sealing(self, vals):
        """Whether these are the digests that :meth:`_seal` notes; each may once."""
        permit = find_permit("digest", self, [vals])
        if permit:
            permit.used = True
        return bool(permit)

    def _check_not_frozen(self, vals=None):
        """Refuse to change or, without ``vals``, to remove files that are frozen."""
        frozen = self.sudo().filtered("nka_digest")
        if vals is not None:
            frozen = frozen.filtered(lambda file: not file._is_same_content(vals))
        if frozen or "nka_digest" in (vals or {}):
            (frozen or self).with_env(self.env)._refuse_frozen()

    def _is_same_content(self, vals):
        """A move of the storage writes the same bytes and kind again."""
        return (
            vals.keys() <= {"raw", "mimetype"}
            and vals.get("raw") == self.raw
            and vals.get("mimetype", self.mimetype) == self.mimetype
        )

    def _refuse_frozen(self):
        """Refuse; a file's name is told to those only who may know of the file."""
        if not self.env.su:
            self.check_access("read")
        raise UserError(
            self.env._(
                "“%s” belongs to a submitted document, and its files stand still. Use "
                "“New revision” on the document; nothing was changed.",
                self[:1].sudo().name,
            )
        )

    @api.model
    def _check_no_new_file(self, vals_list):
        """No new file on a document that isn't open."""
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
        """Nor may a file be moved onto such a document."""
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
        """Whoever changes or removes a file of a document can't approve it."""
        ids = [each.res_id for each in self.sudo() if each.res_model == DOCUMENT]
        if ids:
            self.env[DOCUMENT].browse(ids).exists()._keep_editor()

    def _check_unpublished(self, vals):
        """Files of accounts and documents need a login, always."""
        if not (vals.get("public") or vals.get("access_token")):
            return
        for attachment in self.sudo():
            if vals.get("res_model", attachment.res_model) in PRIVATE_MODELS:
                self.check_access("read")
                raise UserError(
                    self.env._(
                        "“%s” belongs to a key account: it is never published. Send "
                        "the client a copy instead; nothing was changed.",
                        attachment.name,
                    )
                )


def file_digest(raw):
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(raw or b"").hexdigest()


def files_digest(digests):
    """One digest over the digests of several files in their order, one a line.

    The same as ``sha256sum FILES | cut -c 1-64 | sha256sum`` gives.

    >>> files_digest([file_digest(b"a")])[:8]
    '0f58e8ac'
    """
    lines = "".join(f"{digest}\n" for digest in digests)
    return hashlib.sha256(lines.encode()).hexdigest()
