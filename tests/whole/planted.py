"""Rows of any model with a mark in each text, so that answers show what they leak.

The rows are inserted by SQL with the triggers of their tables disabled, so that new
models are covered without a factory for each.
"""

from datetime import timedelta

from psycopg2 import Error
from psycopg2.extras import Json

from odoo import fields
from odoo.tools import SQL, mute_logger

#: Part of every text and file that only some users can read.
MARK = "Quagga"
#: Value of every amount that only some users can read; no other record has it.
AMOUNT = 71234.56

TEXTS = ("char", "text", "html")
#: Fields whose content has a structure of its own; empty, it is composed when shown.
COMPOSED = {"nka.job.offer.content"}
NUMBERS = ("float", "monetary")
#: Name endings of the later one of two dates or times.
ENDS = ("_to", "_end", "stop")
#: Fields that need a different user from the row's other user field.
SECOND = ("to_user_id", "mentor_id")
#: Optional links that are set because a row makes no sense without them.
LINKED = ("leave_id", "order_id", "run_id", "slip_id")
#: States in which the employee concerned can read the record.
SHOWN = ("locked", "accepted", "active", "submitted", "proposed")
#: Which row of a query is tried, where its rows have different readers.
QUERIED = {"nka.waiting": [("kind", "=", "document")]}


class Planter:
    """Insert a row of any model, linked to the rows planted so far.

    :param env: environment of the superuser
    :param dict known: model name -> record for links to that model
    :param second: another user, for rows about two people
    """

    def __init__(self, env, known, second):
        self.env = env
        self.planted = dict(known)
        self.second = second
        self._under_way = set()

    def plant(self, name):
        """Return the planted record of a model; insert it if there is none.

        :raise AssertionError: if the row can't be inserted
        """
        if name in self.planted:
            return self.planted[name]
        if name in self._under_way:
            return self.env[name]
        model = self.env[name].sudo().with_context(active_test=False)
        if name == "nka.database":
            # With marks in it, this database would take itself for a copy.
            model._keep()
            return model.search([])
        if not model._auto:
            return model.search(QUERIED.get(name, []), limit=1)
        self._under_way.add(name)
        try:
            record = self._insert(model) or self._insert(model, plain=True)
        finally:
            self._under_way.discard(name)
        self.planted[name] = record
        return record

    # ------------------------------------------------------------ rows
    def _insert(self, model, plain=False):
        """Insert a row; a ``plain`` one has amounts that no constraint refuses."""
        values = self._values(model, plain)
        table = SQL.identifier(model._table)
        columns = SQL(", ").join(map(SQL.identifier, values))
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._execute("ALTER TABLE %s DISABLE TRIGGER USER", table)
                self._execute(
                    "INSERT INTO %s (%s) VALUES %s RETURNING id",
                    table,
                    columns,
                    tuple(values.values()),
                )
                number = self.env.cr.fetchone()[0]
                self._execute("ALTER TABLE %s ENABLE TRIGGER USER", table)
        except Error as refused:
            # Some tables have rows from the addon's data files.
            found = model.search([], limit=1) if plain else model
            if plain and not found:
                message = f"{model._name} can't be planted: {refused}"
                raise AssertionError(message) from refused
            return found
        self.env.invalidate_all()
        return model.browse(number)

    def _execute(self, query, *params):
        self.env.cr.execute(SQL(query, *params))

    def _values(self, model, plain):
        values = {}
        for field in model._fields.values():
            if field.store and field.column_type and field.name != "id":
                value = self._value(model, field, plain)
                if value is not None:
                    values[field.name] = value
        return values

    def _value(self, model, field, plain):
        kind = field.type
        if str(field) in COMPOSED:
            return None
        if kind == "many2one":
            return self._link(model, field)
        if field.column_type[0] == "jsonb":
            word = {"en_US": self._word(model, field)}
            return Json(word if kind in TEXTS else [1])
        if kind in TEXTS:
            return self._word(model, field)
        if kind == "selection":
            return self._key(model, field)
        if kind == "many2one_reference":
            return self.planted["nka.document"].id
        if kind in NUMBERS:
            return 1 if plain else AMOUNT
        return self._plain_value(field)

    @staticmethod
    def _plain_value(field):
        today = fields.Date.today()
        is_end = field.name.endswith(ENDS)
        first = today.replace(day=1)
        begin = first if field.name == "month" else today - timedelta(days=3)
        return {
            "integer": today.year if field.name == "year" else 1,
            "boolean": field.name == "active",
            "date": today if is_end else begin,
            "datetime": fields.Datetime.now() - timedelta(hours=1 if is_end else 2),
            "binary": MARK.encode(),
        }.get(field.type)

    @staticmethod
    def _word(model, field):
        """Return a text with the mark and the name of its field."""
        if field.name in ("res_model", "model"):
            return "nka.document"
        return f"{MARK} {model._name}.{field.name}"[: getattr(field, "size", None)]

    @staticmethod
    def _key(model, field):
        """Return a key of a selection; for states, one the employee can read."""
        keys = [key for key in field.get_values(model.env) if key]
        shown = [key for key in SHOWN if field.name == "state" and key in keys]
        return next(iter((*shown, *keys)), None)

    # ------------------------------------------------------------ links
    def _link(self, model, field):
        other = field.comodel_name
        if other == model._name:
            return None
        if field.name in SECOND:
            return self.second.id
        if field.name in LINKED:
            return self.plant(other).id
        if other in self.planted:
            return self.planted[other].id
        if other.startswith("nka."):
            return self._linked(field)
        if field.required:
            found = self.env[other].sudo().search([], limit=1)
            return found.id or self._linked(field)
        return None

    def _linked(self, field):
        """Return the id of a planted record, or None for an optional link.

        Two rows can reference each other: the optional link then stays empty.
        """
        try:
            return self.plant(field.comodel_name).id or None
        except AssertionError:
            if field.required:
                raise
            return None
