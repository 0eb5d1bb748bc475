from contextlib import contextmanager

from odoo import models

from ..accounts.asking import tell


class Base(models.AbstractModel):
    """Let users export records that link to a deal they can't open, such as orders
    and meetings.
    """

    _inherit = "base"

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        names = {path[0] for path in fields if path}
        leading = [
            field
            for name in names
            if (field := self._fields.get(name))
            and (field.comodel_name, field.type) == ("crm.lead", "many2one")
        ]
        if not leading or self.env.su:
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        with self._closed_deals_left_empty(leading):
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @contextmanager
    def _closed_deals_left_empty(self, leading):
        """Leave deal columns empty where the user can't read the key account deal.

        Without this, a single such row would stop the whole export. Afterwards, shows
        the user how many rows are affected.

        :param list leading: many2one fields to deals
        """
        names = [field.name for field in leading]
        left = self.browse()
        for field in leading:
            deals = self.mapped(field.name)
            closed = deals - deals._filtered_access("read")
            closed = closed.sudo()._of_key_accounts().sudo(False)
            rows = self.filtered(
                lambda row, name=field.name, closed=closed: row[name] in closed
            )
            self.env.cache.update(rows, field, [None] * len(rows))
            left |= rows
        if left:
            tell(
                self.env,
                self.env._(
                    "Rows with a deal of a key account: %s. Their deal column was left "
                    "empty.",
                    len(left),
                ),
            )
        try:
            yield
        finally:
            left.invalidate_recordset(names, flush=False)
