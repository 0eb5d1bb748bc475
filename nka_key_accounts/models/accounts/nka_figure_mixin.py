"""Figures computed by SQL at the time of reading.

Each figure is one SQL expression over the row of its record. Forms, sorting, group
totals, graphs and pivots use the same expression, so they always agree. Nothing is
stored, so writing invoices, leads and messages costs nothing.
"""

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL


class FigureMixin(models.AbstractModel):
    """Mixin for records with figures: fields computed by ``_compute_figures``.

    Each figure has a method ``_sql_<field>``. Rooms add fields and methods.
    """

    _name = "nka.figure.mixin"
    _description = "Figures computed in bulk"

    @api.model
    @tools.ormcache()
    def _figure_names(self):
        """Return the names of the figures.

        :rtype: tuple[str]
        """
        return tuple(
            name
            for name, field in self._fields.items()
            if field.compute == "_compute_figures"
        )

    # ------------------------------------------------------------ compute
    def _compute_figures(self):
        """Compute all figures of these records with one query."""
        names = self._figure_names()
        rows = self._read_figures(names) if self.ids else {}
        for record in self:
            values = rows.get(record._origin.id) or dict.fromkeys(names, False)
            record.update(values)

    def _read_figures(self, names):
        """Return the figures of these records, by record id.

        They are read as superuser, because they are totals over records that the user
        can't necessarily open.

        :rtype: dict[int, dict]
        """
        self.env.flush_all()
        columns = [
            SQL("%s AS %s", self._figure_sql(name, "record"), SQL.identifier(name))
            for name in names
        ]
        self.env.cr.execute(
            SQL(
                "SELECT record.id, %s FROM %s record WHERE id IN %s",
                SQL(", ").join(columns),
                SQL.identifier(self._table),
                tuple(self.ids),
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    def _field_to_sql(self, alias, field_expr, query=None):
        """Allow sorting, totals and grouping by figures, which aren't stored."""
        if field_expr in self._figure_names():
            self.env.flush_all()
            return self._figure_sql(field_expr, alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_figure(self, name, operator, value):
        self.env.flush_all()
        if operator == "in":
            return self._search_figure_in(name, value)
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        compare = SQL(operator)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s %s", model._figure_sql(name, alias), compare, value
            )
        )

    @api.model
    def _search_figure_in(self, name, values):
        dates = tuple(value for value in values if value) or (None,)
        unset = any(not value for value in values)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(figure)s IN %(dates)s OR (%(unset)s AND %(figure)s IS NULL))",
                figure=model._figure_sql(name, alias),
                dates=dates,
                unset=unset,
            )
        )

    # ------------------------------------------------------------ expressions
    @api.model
    def _figure_sql(self, name, alias):
        """Return the SQL expression of a figure over the table alias ``alias``."""
        return getattr(self, f"_sql_{name}")(alias)

    @api.model
    def _forget_figures(self):
        """Invalidate figures read earlier in this transaction, now outdated."""
        self.invalidate_model(self._figure_names(), flush=False)
