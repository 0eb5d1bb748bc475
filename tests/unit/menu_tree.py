"""The menu of the addons, read from their XML files."""

from xml.etree import ElementTree

from tools.setup.places import ADDONS


def paths():
    """Return every menu as the tuple of names on the way to it, from below the app."""
    actions, menus = {}, {}
    for addon, node in _nodes():
        own = _full(addon, node.get("id"))
        if node.tag == "record" and node.get("model", "").startswith("ir.actions"):
            actions[own] = node.findtext("field[@name='name']")
        elif node.tag == "menuitem":
            action, parent = (
                _full(addon, node.get(key)) for key in ("action", "parent")
            )
            menus[own] = node.get("name"), action, parent
    found = set()
    for menu in menus.values():
        names = []
        while menu is not None:
            name, action, parent = menu
            names.insert(0, name or actions.get(action))
            menu = menus.get(parent)
        found.add(tuple(names[1:]))
    return found - {()}


def _nodes():
    """Yield ``(name of the addon, element)`` of all XML files with data and views."""
    for addon in ADDONS:
        for file in addon.glob("[dv]*/**/*.xml"):
            for node in ElementTree.parse(file).getroot().iter():
                yield addon.name, node


def _full(addon, name):
    """Return an external id with its module."""
    return name if not name or "." in name else f"{addon}.{name}"


def misplaced(path, known):
    """Return whether a path begins with a menu and then names no entry of it.

    After its last menu a path can go on with buttons and fields.

    :param path: names from the text
    :param known: set of paths, tuples of names
    """
    names = tuple(path)
    entries = {way[-1] for way in known}
    parents = {way[:-1] for way in known}
    begun = [end for end in range(1, len(names)) if names[:end] in known]
    if not begun or names in known:
        return False
    return names[: begun[-1]] in parents or names[begun[-1]] in entries
