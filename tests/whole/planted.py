"""A row of any model with a mark in each of its texts: where a door tells one, the answer holds it.

The rows are written in bare SQL with the triggers of their tables off, so that a new model
is planted without anybody writing a factory for it.
"""

from datetime import timedelta

from psycopg2 import Error
from psycopg2.extras import Json

from odoo import fields
from odoo.tools import SQL, mute_logger

#: Stands in every text and file that isn't for everybody.
MARK = "Quagga"
#: The same for amounts: no other record has it.
AMOUNT = 71234.56

TEXTS = ("char", "text", "html")
NUMBERS = ("float", "monetary")
#: How the later one of two days or moments is called.
ENDS = ("_to", "_end", "stop")
#: Who isn't the same as in the other link of the row.
SECOND = ("to_user_id", "mentor_id")
#: Optional links that a row is nothing without.
LINKED = ("leave_id", "order_id", "run_id", "slip_id")
#: States in which the person concerned reads what is theirs.
SHOWN = ("locked", "accepted", "active", "submitted", "proposed")


class Planter:
    """Writes a row of any model, linked to what is planted already.

    :param env: of the superuser
    :param dict known: model -> record that links to that model lead to
    :param second: another user, where a row is about two people
    """

    def __init__(self, env, known, second):
        self.env = env
        self.planted = dict(known)
        self.second = second
        self._under_way = set()

    def plant(self, name):
        """The planted record of a model, made where there is none.

        :raise AssertionError: when the row can't be written
        """
        if name in self.planted:
            return self.planted[name]
        if name in self._under_way:
            return self.env[name]
        model = self.env[name].sudo().with_context(active_test=False)
        if not model._auto:
            return model.search([], limit=1)
        self._under_way.add(name)
        try:
            record = self._insert(model) or self._insert(model, plain=True)
        finally:
            self._under_way.discard(name)
        self.planted[name] = record
        return record

    # ------------------------------------------------------------ one row
    def _insert(self, model, plain=False):
        """Write a row; a plain one leaves out what a check of the table may refuse."""
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
            # Some tables are filled by the addon's own data.
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
        """What stands in a text: the mark, and where it was read from."""
        if field.name in ("res_model", "model"):
            return "nka.document"
        return f"{MARK} {model._name}.{field.name}"[: getattr(field, "size", None)]

    @staticmethod
    def _key(model, field):
        """The key of a selection; of states one in which its person reads the record."""
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
        """Two rows may lead to each other: the link that may be empty stays so."""
        try:
            return self.plant(field.comodel_name).id or None
        except AssertionError:
            if field.required:
                raise
            return None
