"""Files of an addon and of its tests by room, and the models that classes define."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

CLONE = Path(__file__).resolve().parents[3]
ADDON = "nka_key_accounts"
#: Addons beside it, each one room that comes after all of its rooms.
BESIDE = {"nka_key_accounts_recruitment": "recruitment"}
#: Layers of the addon whose folders are rooms, and the file suffixes that are read
#: there.
NAMING = {
    "models": (".py", ".sql"),
    "report": (".py", ".xml"),
    "views": (".xml",),
    "security": (".xml", ".csv"),
    "data": (".xml", ".csv"),
    "static/src": (".js", ".xml"),
}
#: Demo data uses all rooms in turn, so its files can name any of them.
LAYERS = (*NAMING, "demo")
#: Folders of the tests beside the rooms: ``whole`` can import any, all can import
#: ``unit``.
WHOLE, UNIT = "whole", "unit"


@dataclass(frozen=True)
class Source:
    """A file of a room."""

    path: Path
    layer: str
    room: str
    addon: str = ADDON

    @cached_property
    def text(self):
        return self.path.read_text()

    @cached_property
    def tree(self):
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self):
        return list(ast.walk(self.tree))

    @cached_property
    def xml(self):
        return etree.fromstring(self.text.encode())

    @cached_property
    def models(self):
        return list(models_of(self.tree))

    @property
    def is_python(self):
        return self.path.suffix == ".py"


class Rooms:
    """The sources of an addon, of the addons beside it and of the tests, by room.

    :param clone: folder that holds the addons and ``tests``
    :param addon: name of the addon's folder
    :param beside: the room that each of the other addons is, by its folder
    """

    def __init__(self, clone=CLONE, addon=ADDON, beside=None):
        self.clone, self.addon = clone, addon
        self.beside = BESIDE if beside is None else beside
        self.names = _imported_packages(clone / addon / "models")
        self.rank = {room: number for number, room in enumerate(self.names)}
        # Tests of the whole product can be imported by those of the other addons.
        for room in (WHOLE, *self.beside.values()):
            self.rank[room] = len(self.rank)

    def layers(self):
        """Yield ``(layer, folder)`` of the layers that exist."""
        for layer in LAYERS:
            yield layer, self.clone / self.addon / layer
        yield "tests", self.clone / "tests"

    def layers_beside(self):
        """Yield ``(addon, layer, folder)`` of the layers of the other addons.

        Their files lie in the folder of the layer itself.
        """
        for addon in self.beside:
            for layer in LAYERS:
                yield addon, layer, self.clone / addon / layer

    @cached_property
    def sources(self):
        """Return every file of a room."""
        return [
            *(
                Source(path, layer, room, self.addon)
                for layer, folder in self.layers()
                for room in self.rank
                for path in files_below(folder / room)
            ),
            *(
                Source(path, layer, self.beside[addon], addon)
                for addon, layer, folder in self.layers_beside()
                for path in files_below(folder)
            ),
        ]

    def relative(self, path):
        return path.relative_to(self.clone).as_posix()


def _imported_packages(folder):
    """Return the packages that a package imports, in that order."""
    tree = ast.parse((folder / "__init__.py").read_text())
    names = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and not node.module
        for alias in node.names
    ]
    return [name for name in names if (folder / name).is_dir()]


def files_below(folder):
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


@dataclass
class Model:
    """A class that defines or extends a model, as far as its source shows."""

    name: str
    inherits: list
    fields: dict
    selections: dict
    node: ast.ClassDef

    @property
    def is_new(self):
        return bool(self.name) and self.name not in self.inherits

    @property
    def own_names(self):
        """Return the models this class defines or extends, without mixins it inherits."""
        return [self.name] if self.name else self.inherits


def models_of(tree):
    """Yield the models of a module."""
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            model = model_of(node, constants)
            if model:
                yield model


def model_of(node, constants):
    values = {
        line.targets[0].id: line.value
        for line in node.body
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    }
    name = strings_of(values.get("_name"), constants)
    inherits = strings_of(values.get("_inherit"), constants)
    if not name and not inherits:
        return None
    fields = {key: call for key, call in values.items() if _is_field(call)}
    return Model(
        name[0] if name else "",
        inherits,
        fields,
        {key: _selection_keys(call, constants) for key, call in fields.items()},
        node,
    )


def _is_field(node):
    call = isinstance(node, ast.Call) and node.func
    return (
        isinstance(call, ast.Attribute)
        and isinstance(call.value, ast.Name)
        and call.value.id == "fields"
    )


def strings_of(node, constants):
    """Return the strings of a constant, or of a list of constants."""
    if isinstance(node, ast.Name):
        node = constants.get(node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.List | ast.Tuple):
        return [text for item in node.elts for text in strings_of(item, {})]
    return []


def _selection_keys(call, constants):
    """Return the keys of a selection that is given as a literal."""
    given = [*call.args[:1], *(word.value for word in call.keywords)]
    keys = []
    for node in given:
        pairs = constants.get(node.id) if isinstance(node, ast.Name) else node
        for pair in getattr(pairs, "elts", ()):
            if isinstance(pair, ast.Tuple):
                keys += strings_of(pair.elts[0], constants)
    return keys
