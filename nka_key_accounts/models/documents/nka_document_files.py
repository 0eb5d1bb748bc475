"""The files of a document: their digest, and when they stand still."""

import hashlib

from odoo import models
from odoo.exceptions import AccessError, UserError

from .nka_document import FROZEN_STATES


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


class DocumentFiles(models.Model):
    _inherit = "nka.document"

    def _files(self):
        """The document's files in the order they came.

        :rtype: ir.attachment
        """
        self.ensure_one()
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", False),
                ],
                order="id",
            )
        )

    def _uploaders(self):
        """Who uploaded the files, also there where they were copied from.

        The superuser is archived, and counts like everybody.

        :rtype: res.users
        """
        document = self.sudo().with_context(active_test=False)
        return document.attachment_ids.create_uid | document.uploader_ids

    def _makers(self):
        """Creator, author, submitter, uploaders, editors since the last review."""
        self.ensure_one()
        document = self.sudo().with_context(active_test=False)
        return (
            super()._makers()
            | document.author_id
            | document.submitted_by_id
            | document.editor_ids
            | document._uploaders()
        )

    def _check_open_for_files(self):
        """Refuse a new file as a matter of rights: upload routes put those in words."""
        for document in self:
            if document.sudo().state in FROZEN_STATES:
                document.check_access("read")
                raise AccessError(document._frozen_message())

    def _event_digest(self):
        return self.digest or None

    def _check_has_files(self):
        for document in self:
            if not document._files():
                raise UserError(
                    self.env._(
                        "%s has no file yet. Drop one on it first.",
                        document.display_name,
                    )
                )

    def _freeze_files(self):
        """Keep the digest of every file on the file, and one over all of them.

        The digest is taken of the stored bytes: images may have been resized on
        their way in.

        :return: the digest of the document
        :rtype: str
        """
        files = self._files()
        for attachment in files:
            digest = file_digest(attachment.raw)
            if attachment.nka_digest != digest:
                attachment._set_digest(digest)
        return files_digest(files.mapped("nka_digest"))

    def _check_files_unchanged(self):
        """Refuse to approve when the disk changed under us."""
        for document in self:
            if stray := document._stray_files():
                raise UserError(stray)

    def _stray_files(self):
        """Say which file of a submitted document isn't what it was; else nothing."""
        files = self._files()
        for attachment in files.filtered("nka_digest"):
            raw = attachment.raw
            attachment.invalidate_recordset(["raw"])
            if not raw and attachment.file_size:
                return self._stray_message(attachment, self.env._("is lost"))
            if file_digest(raw) != attachment.nka_digest:
                return self._stray_message(attachment, self.env._("was changed"))
        digests = files.filtered("nka_digest").mapped("nka_digest")
        if files_digest(digests) != self.digest:
            return self.env._(
                "The files of %s aren't the ones that were submitted.",
                self.display_name,
            )
        return None

    def _stray_message(self, attachment, what):
        return self.env._(
            "File “%(file)s” of %(document)s %(what)s on the disk.",
            file=attachment.name,
            document=self.display_name,
            what=what,
        )

    def _contradictions(self, recorded):
        """Where the files or the digest of a document contradict the trail.

        :param str recorded: digest that the trail keeps of the last submission
        :rtype: list[str]
        """
        if self.digest != recorded:
            return [
                self.env._(
                    "The digest of %s isn't the one in the trail.", self.display_name
                )
            ]
        stray = self._stray_files()
        return [stray] if stray else []
