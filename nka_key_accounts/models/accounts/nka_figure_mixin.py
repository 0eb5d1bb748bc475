"""Figures read from the records at once, when somebody looks.

Each figure is one SQL expression over the row of its record. The same expression
serves the form, sorting, grouping sums, graph and pivot, so they can't disagree,
nothing is stored and other people's invoices, leads and mails pay nothing for it.
"""

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL


class FigureMixin(models.AbstractModel):
    """A record with figures: fields computed by ``_compute_figures``.

    Each has a method ``_sql_<field>``; a room adds both.
    """

    _name = "nka.figure.mixin"
    _description = "Figures computed in bulk"

    @api.model
    @tools.ormcache()
    def _figure_names(self):
        """Names of the figures.

        :rtype: tuple[str]
        """
        return tuple(
            name
            for name, field in self._fields.items()
            if field.compute == "_compute_figures"
        )

    # ------------------------------------------------------------ compute
    def _compute_figures(self):
        """Fill all figures of these records with one statement."""
        names = self._figure_names()
        rows = self._read_figures(names) if self.ids else {}
        for record in self:
            values = rows.get(record._origin.id) or dict.fromkeys(names, False)
            record.update(values)

    def _read_figures(self, names):
        """Read figures as superuser: they are sums over records the reader of the
        record may not open one by one.

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
        """Let the figures be sorted, summed and grouped though not stored."""
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
        """SQL expression of one figure over the row called ``alias``."""
        return getattr(self, f"_sql_{name}")(alias)

    @api.model
    def _forget_figures(self):
        """Drop figures read earlier in this transaction: their records changed."""
        self.invalidate_model(self._figure_names(), flush=False)
