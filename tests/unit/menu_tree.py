"""The menu of the addon, read from its XML files."""

from pathlib import Path
from xml.etree import ElementTree

ADDON = Path(__file__).parents[2] / "nka_key_accounts"


def paths():
    """Return every menu as the tuple of names on the way to it, from below the app."""
    actions, menus = {}, {}
    for file in ADDON.glob("[dv]*/**/*.xml"):
        for node in ElementTree.parse(file).getroot().iter():
            if node.tag == "record" and node.get("model", "").startswith("ir.actions"):
                actions[node.get("id")] = node.findtext("field[@name='name']")
            elif node.tag == "menuitem":
                menus[node.get("id")] = node
    found = set()
    for menu in menus.values():
        names = []
        while menu is not None:
            action = actions.get(menu.get("action"))
            names.insert(0, menu.get("name") or action)
            menu = menus.get(menu.get("parent"))
        found.add(tuple(names[1:]))
    return found - {()}


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
