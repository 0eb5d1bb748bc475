from odoo import models


class IrBinary(models.AbstractModel):
    """A file downloaded, alone or in an archive of several, is a record read."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        if record._name == "ir.attachment" and field_name in ("raw", "datas"):
            # Asked before: what is looked at as superuser is in the cache for all.
            record.check_access("read")
            files = record.sudo()._key_records()
            self.env["nka.reading"]._count(len(files))
        return super()._get_stream_from(record, field_name, *args, **kwargs)
