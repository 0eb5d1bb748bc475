"""The export of any model is one of key accounts where its columns lead to them."""

from odoo import models


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        """Export as Odoo does; columns that lead to key accounts meet their guard.

        :raise AccessError: for people with a role who may not export them
        """
        mixin = self.env["nka.read.mixin"]
        if not self.env.su and not mixin.with_env(self.env)._is_inside():
            self.check_access("read")
            self._check_export_below(fields_to_export)
            # What was looked at as superuser must not be exported from the cache.
            self.env.invalidate_all()
        return super().export_data(fields_to_export)

    def _check_export_below(self, names):
        """Refuse, or record, an export that reaches key accounts through a relation."""
        if not self.env["nka.reading"]._is_counted():
            return
        for path in self._relations_in(names):
            below = self.sudo().mapped(path)
            if hasattr(below, "_key_records"):
                reached = below._key_records().sudo(False)
                if reached:
                    reached._check_export()
                    reached._record_export(names)

    def _relations_in(self, names):
        """Dotted paths of the relations that columns go through or end in."""
        paths = set()
        for name in names:
            model, path = self, []
            for part in str(name).split("/"):
                field = model._fields.get(part)
                if not field or not field.comodel_name:
                    break
                path.append(part)
                paths.add(".".join(path))
                model = self.env[field.comodel_name]
        return sorted(paths)
