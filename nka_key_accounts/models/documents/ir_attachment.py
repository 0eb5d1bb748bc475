"""Files of a submitted document don't change, whichever door is tried.

The mark sits on the file's own row: a parent's deletion removes the parent
first and its files later. Superuser mode is no way around it, for chatter,
merges and cascades all run in it.
"""

from odoo import api, fields, models
from odoo.addons.base.models.ir_attachment import condition_values
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..trail.permits import find_permit, granted

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
        self._check_deletable()
        self._keep_document_editors()
        return super().unlink()

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
        """Files of meetings shown as "Busy" are found by nobody to whom they are."""
        if not (self.env.su or bypass_access):
            asked = condition_values(self, "res_model", Domain(domain).optimize(self))
            if EVENT in (asked or ()):
                hidden = self._domain_hidden_events()
                domain = Domain(domain) & ~(Domain("res_model", "=", EVENT) & hidden)
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

    # ------------------------------------------------------------ checks
    def _set_digest(self, digest):
        """Note what a submitted file is, which freezes it; nobody else may."""
        vals = {"nka_digest": digest}
        with granted("digest", self, [vals]):
            self.write(vals)

    def _is_sealing(self, vals):
        permit = find_permit("digest", self, [vals])
        if permit:
            permit.used = True
        return bool(permit)

    def _check_deletable(self):
        frozen = self.sudo().filtered("nka_digest").with_env(self.env)
        if frozen:
            frozen._refuse_frozen()

    def _check_not_frozen(self, vals):
        frozen = self.sudo().filtered("nka_digest")
        for attachment in frozen:
            if not attachment._is_same_content(vals):
                attachment.with_env(self.env)._refuse_frozen()
        if "nka_digest" in vals:
            self._refuse_frozen()

    def _refuse_frozen(self):
        """Refuse; a file's name is told to those only who may know of the file."""
        if not self.env.su:
            self.check_access("read")
        raise UserError(self._frozen_message())

    def _is_same_content(self, vals):
        """A move of the storage writes the same bytes and kind again."""
        return (
            vals.keys() <= {"raw", "mimetype"}
            and vals.get("raw") == self.raw
            and vals.get("mimetype", self.mimetype) == self.mimetype
        )

    def _frozen_message(self):
        return self.env._(
            "“%s” belongs to a submitted document, and its files stand still. Use "
            "“New revision” on the document; nothing was changed.",
            self[:1].sudo().name,
        )

    @api.model
    def _check_no_new_file(self, vals_list):
        """No new file on a document that isn't open."""
        context = self.env.context
        model = context.get("default_res_model")
        number = context.get("default_res_id")
        ids = {
            vals.get("res_id", number)
            for vals in vals_list
            if vals.get("res_model", model) == DOCUMENT
        }
        self._check_documents_open(ids)
        if any(vals.get("nka_digest") for vals in vals_list):
            raise UserError(self._frozen_message())

    @api.model
    def _check_documents_open(self, ids):
        ids = [int(each) for each in ids if each]
        if ids:
            self.env[DOCUMENT].browse(ids).exists()._check_open_for_files()

    def _check_move(self, vals):
        """Nor may a file be moved onto such a document."""
        if vals.keys().isdisjoint({"res_model", "res_id"}):
            return
        targets = {
            vals.get("res_id", attachment.res_id)
            for attachment in self.sudo()
            if vals.get("res_model", attachment.res_model) == DOCUMENT
        }
        self._check_documents_open(targets)

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
            model = vals.get("res_model", attachment.res_model)
            if model in PRIVATE_MODELS:
                self.check_access("read")
                raise UserError(attachment._private_message())

    def _private_message(self):
        return self.env._(
            "“%s” belongs to a key account: it is never published. Send the client a "
            "copy instead; nothing was changed.",
            self.name,
        )
