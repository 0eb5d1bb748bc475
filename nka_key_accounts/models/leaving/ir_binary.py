from odoo import models


class IrBinary(models.AbstractModel):
    """Hand out the files of dossiers, each with an event in the audit trail."""

    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == "nka.departure.dossier" and field_name == "file":
            record = record.with_env(self.env)._hand_out()
        return super()._record_to_stream(record, field_name)
