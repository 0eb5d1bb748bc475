"""Ways in: files dropped, attachments at hand, mail."""

from odoo import Command, api, models
from odoo.tools import email_normalize


class DocumentEntry(models.Model):
    _inherit = "nka.document"

    @api.model
    def action_create_from_attachments(self, attachment_ids, **values):
        """Make a document of files: of one's own by moving, of others' by copying.

        :param list attachment_ids: ids of files the user may read
        :param values: further values, as ``lead_id``, ``key_account_id``, ``type_id``
        :return: the action that opens the document
        """
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        attachments.check_access("read")
        document = self.create({**self._prepare_from(attachments), **values})
        document._take(attachments)
        return document._action_open()

    @api.model
    def _prepare_from(self, attachments):
        """Title from the first file, subject from where it lies."""
        first = attachments[:1].sudo()
        values = {"title": first.name}
        subject = {"crm.lead": "lead_id", "nka.key.account": "key_account_id"}
        if first.res_id and first.res_model in subject:
            values[subject[first.res_model]] = first.res_id
        return values

    def _take(self, attachments):
        """Move loose files here, copy those that belong elsewhere; who uploaded
        them stays among the makers.
        """
        self.ensure_one()
        target = {"res_model": self._name, "res_id": self.id}
        uploaders = attachments.sudo().create_uid
        for attachment in attachments:
            if attachment.res_id:
                attachment.sudo().copy(target)
            else:
                attachment.write(target)
        self.sudo()._unlocked().write(
            {"uploader_ids": [Command.link(user.id) for user in uploaders]}
        )

    # ------------------------------------------------------------ mail
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail of an employee becomes a draft; its attachments become its files.

        The subject may name the document type by its code in front of a colon, and
        the client or deal behind it.
        """
        values = dict(custom_values or {})
        values.update(self._prepare_from_mail(msg_dict))
        return super().message_new(msg_dict, custom_values=values)

    @api.model
    def _prepare_from_mail(self, msg_dict):
        subject = msg_dict.get("subject") or ""
        code, _colon, rest = subject.rpartition(":")
        sender = self._sender(msg_dict)
        values = {
            "title": rest.strip() or subject,
            "author_id": sender.id or self.env.uid,
        }
        if kind := self._type_by_code(code):
            values["type_id"] = kind.id
        if account := self._account_by_name(rest, sender):
            values["key_account_id"] = account.id
        return values

    @api.model
    def _sender(self, msg_dict):
        address = email_normalize(msg_dict.get("email_from") or "")
        users = self.env["res.users"].sudo()
        if not address:
            return users
        return users.search(
            [("email_normalized", "=", address), ("share", "=", False)], limit=1
        )

    @api.model
    def _type_by_code(self, code):
        types = self.env["nka.document.type"].sudo()
        return code.strip() and types.search(
            [("code", "=ilike", code.strip())], limit=1
        )

    @api.model
    def _account_by_name(self, name, sender):
        """An account the sender owns or stands in for, by its client's name."""
        if not name.strip() or not sender:
            return self.env["nka.key.account"]
        return (
            self.env["nka.key.account"]
            .sudo()
            .search(
                [
                    ("partner_id.name", "=ilike", name.strip()),
                    "|",
                    ("manager_id", "=", sender.id),
                    ("deputy_id", "=", sender.id),
                ],
                limit=1,
            )
        )
