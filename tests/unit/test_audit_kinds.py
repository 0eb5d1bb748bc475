"""Every kind of audit event recorded in the code has a label declared by a model."""

import ast

from .rooms.sources import Rooms

#: Methods that take a kind as the second argument, or as the first one.
SECOND = {"_prepare_entry", "_append_refusal", "_record"}
FIRST = {"_record_parting"}


def _nodes(kind):
    for source in Rooms().sources:
        if source.layer == "models" and source.is_python:
            yield from (node for node in source.nodes if isinstance(node, kind))


def _declared():
    """Return the kinds in the dictionaries ``_audit_kinds``."""
    return {
        key.value
        for node in _nodes(ast.Assign)
        if getattr(node.targets[0], "id", "") == "_audit_kinds"
        for key in node.value.keys
    }


def _recorded():
    """Return the kinds given as literals where an event is recorded."""
    for call in _nodes(ast.Call):
        name = getattr(call.func, "attr", "")
        place = 1 if name in SECOND else 0 if name in FIRST else None
        given = call.args[place : place + 1] if place is not None else []
        yield from (arg.value for arg in given if isinstance(arg, ast.Constant))


def test_every_recorded_kind_has_a_label():
    recorded = set(_recorded())
    assert len(recorded) > 20
    assert recorded - _declared() == set()
