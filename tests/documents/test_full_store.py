"""A file store without room: nothing of a file stays, and the next attempt succeeds."""

import builtins
import errno
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import PDF, DocumentCase

STORE = "odoo.addons.base.models.ir_attachment.open"


class HalfWritten:
    """An open file of a full disk: half of what is written fits."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.file.close()

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def full_store():
    """Let the file store have no room for further files inside the block."""

    def opened(path, mode="r", *args, **kwargs):
        file = builtins.open(path, mode, *args, **kwargs)  # noqa: SIM115
        return HalfWritten(file) if "w" in mode else file

    with (
        patch(STORE, opened, create=True),
        mute_logger("odoo.addons.base.models.ir_attachment"),
    ):
        yield


class TestFullStore(DocumentCase):
    def _attach(self, document, content):
        return document.env["ir.attachment"].create(
            {
                "name": "contract.pdf",
                "raw": content,
                "res_model": document._name,
                "res_id": document.id,
            }
        )

    def test_file_of_a_document(self):
        document = (
            self.env["nka.document"]
            .with_user(self.manager)
            .create({"type_id": self.contract.id, "lead_id": self.lead.id})
        )
        content = PDF + b"once more"
        with self.refused(UserError, "No space left.*make room"), full_store():
            self._attach(document, content)
        self.assertFalse(document.attachment_ids)
        files = self.env["ir.attachment"]
        name = files._compute_checksum(content)
        path = Path(files._full_path(f"{name[:2]}/{name}"))
        self.assertFalse(path.exists())
        file = self._attach(document, content)
        self.assertEqual(file.raw, content)
        document.action_submit()
        self.assertEqual(document.state, "submitted")
