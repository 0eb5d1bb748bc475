from odoo import models


class IrBinary(models.AbstractModel):
    """Count a downloaded file as a record read, also as part of an archive."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **kwargs):
        readings = self.env["nka.reading"]
        # Whatever the field: ``db_datas`` has the same content.
        if record._name == "ir.attachment" and readings._is_counted():
            # Checked first: counting as superuser also fills the user's cache.
            record.check_access("read")
            files = record.sudo()._key_records()
            readings._count(len(files), "file")
            readings._note(files, "file")
        return super()._get_stream_from(record, field_name, *args, **kwargs)
