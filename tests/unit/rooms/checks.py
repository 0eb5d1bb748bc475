"""Checks of the folders, sizes and imports of rooms, and all checks together."""

import ast
from collections import defaultdict

from .findings import Finding
from .names import check_names
from .sources import NAMING, UNIT, WHOLE, files_below

#: A room with more files in a layer, or a file with more lines, should be split.
MOST_FILES, MOST_LINES = 25, 700


def all_findings(rooms):
    """Return all findings, in the order of the rooms.

    :rtype: list[Finding]
    """
    found = {
        *check_folders(rooms),
        *check_imports(rooms),
        *check_names(rooms),
        *check_files(rooms),
        *check_lines(rooms),
        *check_models(rooms),
    }
    last = len(rooms.rank)
    return sorted(found, key=lambda one: (rooms.rank.get(one.room, last), one))


def check_folders(rooms):
    """Yield folders of a layer that aren't rooms, and Python files outside the rooms."""
    for layer, folder in rooms.layers():
        allowed = {*rooms.names, "__pycache__"}
        if layer == "tests":
            allowed |= {WHOLE, UNIT, *rooms.beside.values()}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and path.name not in allowed and files_below(path):
                yield Finding(
                    path.name, "folder", rooms.relative(path), "is not a room"
                )
            beside = path.suffix == ".py" and path.name != "__init__.py"
            if beside and layer in NAMING:
                yield Finding("-", "folder", rooms.relative(path), "is in no room")
    for addon, _layer, folder in rooms.layers_beside():
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_dir() and path.name != "__pycache__" and files_below(path):
                room = rooms.beside[addon]
                what = f"is a folder of {addon}, which is one room"
                yield Finding(room, "folder", rooms.relative(path), what)


def check_files(rooms):
    """Yield rooms with too many files in a layer."""
    counts = defaultdict(int)
    for source in rooms.sources:
        counts[source.addon, source.room, source.layer] += (
            source.path.name != "__init__.py"
        )
    for (addon, room, layer), count in counts.items():
        # Tests of the whole product are no room.
        if count > MOST_FILES and room != WHOLE:
            folder = dict(rooms.layers())[layer] / room
            if addon in rooms.beside:
                folder = rooms.clone / addon / layer
            what = f"has over {MOST_FILES} files"
            yield Finding(room, "files", rooms.relative(folder), what)


def check_lines(rooms):
    """Yield Python files that are too long, inside rooms or not."""
    known = {source.path: source.room for source in rooms.sources}
    for folder in map(rooms.clone.joinpath, (rooms.addon, *rooms.beside, "tests")):
        for path in files_below(folder):
            count = len(path.read_text().splitlines()) if path.suffix == ".py" else 0
            if count > MOST_LINES:
                what = f"has over {MOST_LINES} lines"
                room = known.get(path, "-")
                yield Finding(room, "lines", rooms.relative(path), what, count)


def check_models(rooms):
    """Yield models that several files of a room define or extend."""
    places = defaultdict(dict)
    for source in rooms.sources:
        if source.is_python and source.layer in NAMING:
            for model in source.models:
                for name in model.own_names:
                    places[source.room, name].setdefault(source.path, model.node.lineno)
    for (room, name), lines in places.items():
        for path, line in list(lines.items())[1:]:
            yield Finding(room, "model", rooms.relative(path), name, line)


def check_imports(rooms):
    """Yield Python modules that import a later room."""
    for source in rooms.sources:
        if not source.is_python:
            continue
        for node in source.nodes:
            for module in _imported(rooms, source.path, node):
                room = _room_of_module(rooms, module)
                if room and rooms.rank[room] > rooms.rank[source.room]:
                    path = rooms.relative(source.path)
                    yield Finding(source.room, "import", path, room, node.lineno)


def _imported(rooms, path, node):
    """Return the dotted names, from the repository root on, that an import may load."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    start = []
    if node.level:
        start = list(path.relative_to(rooms.clone).parts[: -node.level])
    start += node.module.split(".") if node.module else []
    return [".".join([*start, alias.name]) for alias in node.names]


def _room_of_module(rooms, module):
    parts = module.removeprefix("odoo.addons.").split(".")
    if parts[0] in rooms.beside:
        return rooms.beside[parts[0]]
    layers = {(rooms.addon, layer) for layer in NAMING} | {("tests",)}
    for layer in layers:
        if tuple(parts[: len(layer)]) == layer and len(parts) > len(layer):
            room = parts[len(layer)]
            return room if room in rooms.rank else None
    return None
