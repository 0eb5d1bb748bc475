"""Names that each room defines, and uses of them in earlier rooms."""

import ast
import re
from collections import defaultdict

from .findings import Finding
from .sources import NAMING, Source, files_below, model_of, strings_of

#: ``nka.pay.statement``, ``nka_key_accounts.menu_nka_pay`` or a single identifier.
TOKEN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
#: Database objects that a room's SQL creates, and the columns a query defines itself.
CREATED = re.compile(
    r"\bCREATE\b[\w\s]*?\b(?:FUNCTION|TRIGGER|INDEX|TABLE|VIEW|SEQUENCE)\s+(?:IF NOT EXISTS\s+)?"
    r"(nka_\w+)",
    re.I,
)
ALIAS = re.compile(r"\bAS\s+\"?([a-z_]\w*)")
#: External ids that Odoo generates for a model and a field.
GENERATED = re.compile(r"(?:model|field)_(nka_\w+?)(?:__(\w+))?")
#: Fields of a single room that exist on models of Odoo and of payroll as well.
OF_ODOO = {
    "child_ids",
    "date_closed",
    "lead_ids",
    "model_id",
    "move_id",
    "order_id",
    "payslip_run_id",
    "product_id",
    "source_id",
    "stage_id",
    "type_id",
    "version_id",
}
#: States of a single room that exist on records of Odoo as well.
STATES_OF_ODOO = {"cancel", "done", "draft", "open", "paid", "posted", "sale", "sent"}


class Names:
    """Names that each room defines, by which another room could refer to it."""

    def __init__(self, rooms):
        self.rooms = rooms
        self.owned = defaultdict(set)  # models, tables, functions, external ids
        self.fields = defaultdict(set)
        self.fields_of = defaultdict(lambda: defaultdict(set))
        self.states, self.keys = set(), defaultdict(set)
        #: Rooms in which a name is a method, a column or an alias; None means
        #: ``paycalc``.
        self.bound = defaultdict(set)
        for name in _bound_in(rooms.clone / rooms.addon / "paycalc"):
            self.bound[name].add(None)
        for source in rooms.sources:
            if source.layer in NAMING and source.path.suffix in NAMING[source.layer]:
                self._add(source)
        for text in self._shared_ids():
            self.owned[text].add(None)
        for addon, room in rooms.beside.items():
            self.owned[addon].add(room)

    def _add(self, source):
        if source.is_python:
            self._add_python(source)
        elif source.layer != "static/src":
            for name in _external_ids(source):
                self.owned[name].add(source.room)

    def _add_python(self, source):
        for model in source.models:
            self._add_model(model, source.room)
        for name in CREATED.findall(source.text):
            self.owned[name].add(source.room)
        for name in _bound(source.tree) | set(ALIAS.findall(source.text)):
            self.bound[name].add(source.room)

    def _add_model(self, model, room):
        if model.is_new:
            for name in (model.name, model.name.replace(".", "_")):
                self.owned[name].add(room)
        for name, call in model.fields.items():
            self.fields[name].add(room)
            for own in model.own_names:
                self.fields_of[own][name].add(room)
            for column in _columns(call):
                self.bound[column].add(room)
        for name, keys in model.selections.items():
            for key in keys:
                self.keys[key].add(room)
            if name == "state":
                self.states.update(keys)

    def _shared_ids(self):
        """Yield external ids of files beside the rooms, such as those of the groups."""
        for layer in NAMING:
            for path in sorted((self.rooms.clone / self.rooms.addon / layer).glob("*")):
                if path.suffix in (".xml", ".csv"):
                    yield from _external_ids(Source(path, layer, "", self.rooms.addon))

    def _first(self, owners):
        """Return the first of some rooms; None if one of the names belongs to no room."""
        return None if None in owners else min(owners, key=self.rooms.rank.get)

    def later(self, token, room):
        """Return the room after ``room`` that an identifier or a dotted name belongs
        to.

        :return: None if the name belongs to none, to an earlier one or to several
        """
        owner = self._owner(token)
        if token not in self.owned and self.is_bound(token, room):
            return None
        return owner if self._is_later(owner, room) else None

    def _is_later(self, owner, room):
        return bool(owner) and self.rooms.rank[owner] > self.rooms.rank[room]

    def _owner(self, token):
        if token in self.owned:
            return self._first(self.owned[token])
        generated = GENERATED.fullmatch(token)
        if generated and generated[1] in self.owned:
            table, name = generated.groups()
            return self._owner_of_field(name) or self._owner(table)
        return self._owner_of_field(token)

    def _owner_of_field(self, name):
        """Return the only room with a field of this name, unless it is a common word."""
        owners = self.fields.get(name, ())
        if not owners or "_" not in name or name in OF_ODOO:
            return None
        if name.startswith("nka_"):
            return self._first(owners)
        return next(iter(owners)) if len(owners) == 1 else None

    def later_state(self, text, room):
        """Return the only room with such a state or selection key, if it is a later
        one.
        """
        owners = self.keys.get(text, ())
        if text not in self.states or text in STATES_OF_ODOO or len(owners) != 1:
            return None
        [owner] = owners
        return owner if self._is_later(owner, room) else None

    def later_field(self, model, name, room):
        """Return the first room that adds this field to a model, if it is a later one."""
        owners = self.fields_of[model].get(name) if model in self.fields_of else None
        if not owners or name in OF_ODOO or self.is_bound(name, room):
            return None
        owner = self._first(owners)
        return owner if self._is_later(owner, room) else None

    def is_bound(self, name, room):
        """Return whether this room or an earlier one defines the name with another
        meaning.
        """
        return any(
            one is None or self.rooms.rank[one] <= self.rooms.rank[room]
            for one in self.bound.get(name, ())
        )


def _columns(call):
    """Return the names of a relation table and of its columns."""
    if call.func.attr != "Many2many":
        return []
    named = [
        word.value for word in call.keywords if word.arg.startswith(("col", "rel"))
    ]
    return [name for node in [*call.args[1:4], *named] for name in strings_of(node, {})]


def _external_ids(source):
    if source.path.suffix == ".csv":
        lines = source.text.splitlines()[1:]
        return [line.split(",", 1)[0].strip('"') for line in lines if line]
    nodes = source.xml.xpath("//record | //menuitem | //template | //report")
    found = [node.get("id").rpartition(".") for node in nodes if node.get("id")]
    return [name for module, _dot, name in found if module in ("", source.addon)]


def _bound_in(folder):
    """Return the names that plain Python classes and functions define for their
    members.
    """
    bound = set()
    for path in files_below(folder):
        if path.suffix == ".py":
            bound |= _bound(ast.parse(path.read_text()))
    return bound


def _bound(tree):
    """Return the names of methods, and of attributes of plain classes."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            bound.add(node.target.id)
        elif isinstance(node, ast.ClassDef) and not model_of(node, {}):
            bound |= {
                part.attr
                for part in ast.walk(node)
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
            }
    return bound


def check_names(rooms):
    """Yield findings for sources that use names of a later room."""
    names = Names(rooms)
    for source in rooms.sources:
        if source.path.suffix in NAMING.get(source.layer, ()):
            path = rooms.relative(source.path)
            for name, owner, line in _named_later(names, source):
                yield Finding(source.room, "name", path, f"{name} of {owner}", line)


def _named_later(names, source):
    """Yield ``(name, room, line)`` of every name in a source that a later room defines."""
    for text, line, is_constant in _texts(source):
        owner = is_constant and names.later_state(text, source.room)
        if owner:
            yield text, owner, line
        for token in TOKEN.findall(text):
            for name in _parts(names, token):
                owner = names.later(name, source.room)
                if owner:
                    yield name, owner, line
    for model, name, line in _fields_named(source):
        owner = names.later_field(model, name, source.room)
        if owner:
            yield name, owner, line


def _parts(names, token):
    """Return the model name a dotted token begins with and the rest, or the token's
    parts.
    """
    parts = token.split(".")
    for end in range(len(parts), 1, -1):
        if ".".join(parts[:end]) in names.owned:
            return [".".join(parts[:end]), *parts[end:]]
    return parts


def _fields_named(source):
    """Yield ``(model, field, line)`` where the source shows which model a field belongs
    to.

    Here a field is recognized by any name, including common words.
    """
    if source.is_python:
        for model in source.models:
            for name, line in _own_attributes(model.node):
                for own in model.own_names:
                    yield own, name, line
    elif source.path.suffix == ".xml":
        for view in source.xml.xpath("//record[@model='ir.ui.view']"):
            [model] = view.xpath("field[@name='model']/text()") or [""]
            for node in view.xpath("field[@name='arch']//field[@name]"):
                # A nested field belongs to another model.
                if len(node.xpath("ancestor::field")) == 1:
                    yield model, node.get("name"), node.sourceline


def _own_attributes(node):
    """Yield ``(name, line)`` of the attributes a model's class reads on its own
    records.
    """
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef):
            own = {"self", *_over_self(part)}
            for inner in ast.walk(part):
                if isinstance(inner, ast.Attribute) and _is_name(inner.value, own):
                    yield inner.attr, inner.lineno
        elif isinstance(part, ast.Call) and getattr(part.func, "attr", "") == "depends":
            for argument in part.args:
                for name in strings_of(argument, {}):
                    yield name.partition(".")[0], part.lineno


def _over_self(function):
    """Return the loop variables that iterate over ``self``."""
    loops = (ast.For, ast.comprehension)
    return {
        part.target.id
        for part in ast.walk(function)
        if isinstance(part, loops)
        and _is_name(part.iter, {"self"})
        and isinstance(part.target, ast.Name)
    }


def _is_name(node, names):
    return isinstance(node, ast.Name) and node.id in names


def _texts(source):
    """Yield ``(text, line, whether it is one whole Python constant)``."""
    if source.is_python:
        yield from _python_texts(source.nodes)
    elif source.path.suffix == ".xml":
        for node in source.xml.iter("*"):
            for text in (node.text, node.tail, *node.attrib.values()):
                yield text or "", node.sourceline, False
    else:
        for number, line in enumerate(source.text.splitlines(), 1):
            yield line, number, False


def _python_texts(nodes):
    """Yield strings that aren't docstrings, and names of attributes."""
    documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno, False
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.value, node.lineno, True
