"""Ways in: files dropped, attachments at hand, mail."""

import re

from markupsafe import Markup

from odoo import Command, api, models
from odoo.tools import email_normalize
from odoo.tools.mail import append_content_to_html

from .nka_document import FROZEN_STATES


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
        if not document.type_id:
            document.type_id = document._guess_type(attachments[:1].name)
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
        uploaders = attachments.sudo().create_uid | self._senders(attachments)
        for attachment in attachments:
            if attachment.res_id:
                attachment.sudo().copy(target)
            else:
                attachment.write(target)
        self.sudo()._unlocked().write(
            {"uploader_ids": [Command.link(user.id) for user in uploaders]}
        )

    @api.model
    def _senders(self, attachments):
        """Who sent the files by mail: the gateway keeps them in the server's name."""
        messages = self.env["mail.message"].sudo()
        letters = messages.search([("attachment_ids", "in", attachments.ids)])
        return letters.author_id.user_ids

    # ------------------------------------------------------------ type
    def _guess_type(self, file_name):
        """The type that the name of a file tells, else the only one that is missed.

        :param str file_name: e.g. ``Contract 17-2.pdf``
        """
        types = self._fitting_types()
        words = self._words(file_name)
        named = types.filtered(
            lambda kind: (
                self._words(kind.code) <= words or self._words(kind.name) <= words
            )
        )
        missed = self._missed_types() & types
        return named[:1] or (missed if len(missed) == 1 else types.browse())

    def _fitting_types(self):
        wanted = ("lead", "both") if self.lead_id else ("account", "both")
        return self.env["nka.document.type"].search([("applies_to", "in", wanted)])

    def _missed_types(self):
        """Types that the next stage of the deal asks for."""
        deal = self.lead_id.sudo()._gated().with_env(self.env)
        missed = deal._missing_for(deal._next_stage()).types if deal else []
        return self.env["nka.document.type"].browse([kind.id for kind in missed])

    @api.model
    def _words(self, text):
        return set(re.findall(r"[^\W_]+", (text or "").lower()))

    # ------------------------------------------------------------ mail
    def message_update(self, msg_dict, update_vals=None):
        """A mail to a document: its files are taken in while the document is open.

        Those sent to a submitted one are left out, and the message says so: the words
        of a reply must not be lost for the picture of its signature.
        """
        files = msg_dict.get("attachments")
        if files and self.state in FROZEN_STATES:
            msg_dict["attachments"] = []
            told = Markup("<p>%s</p>") % self._left_out(files)
            msg_dict["body"] = append_content_to_html(
                msg_dict.get("body") or "", told, plaintext=False
            )
        elif files and self.env.su and (sender := self._sender(msg_dict)):
            self._unlocked().write({"uploader_ids": [Command.link(sender.id)]})
        return super().message_update(msg_dict, update_vals=update_vals)

    def _left_out(self, files):
        return self.env._(
            "Left out, for the document stands still: %s. Send it with a new revision.",
            ", ".join(file[0] for file in files),
        )

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
