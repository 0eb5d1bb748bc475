"""Checks that each room of the addon names only the rooms before it; reads sources
only, without Odoo.

A room is a folder that has the same name in every layer: ``models``, ``views``,
``security`` and so on. Their order is the order in which ``models/__init__.py`` imports
them. An addon beside it is one room without folders, which comes after all of these and
whose tests have a folder of its room. Kinds of findings:

``folder``
    a folder of a layer that isn't a room, or a Python file of a layer outside the rooms;
    a folder in a layer of an addon that is one room
``import``
    a Python module that imports a later room
``name``
    a model, table, database function, field, external id or state of a later room in a
    string, an attribute, an XML or a CSV file
``files``
    more than 25 files of a room in a layer, not counting ``__init__.py`` of packages
``lines``
    a Python file of more than 700 lines
``model``
    a model that two files of a room define or extend

Print the findings of some rooms or of all, or rewrite the list of known findings::

    python -m tests.unit.rooms [--write-known] [room ...]
"""
