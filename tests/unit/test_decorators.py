"""Decorators given twice: Odoo keeps only the outer one of a method."""

import ast

from tools.setup.places import ADDONS, CLONE


def _twice(source):
    """Return the methods of a module that have one decorator more than once."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            names = [
                ast.unparse(one.func if isinstance(one, ast.Call) else one)
                for one in node.decorator_list
            ]
            if len(names) != len(set(names)):
                yield node.name


def test_method_that_depends_twice_is_found():
    source = (
        "class A:\n @api.depends('a')\n @api.depends('b')\n def _compute(self): ..."
    )
    assert list(_twice(source)) == ["_compute"]
    assert not list(_twice(source.replace("@api.depends('b')", "@api.model")))


def test_no_method_loses_a_dependency():
    found = {
        f"{path.relative_to(CLONE)}: {name}"
        for addon in ADDONS
        for path in sorted(addon.rglob("*.py"))
        for name in _twice(path.read_text())
    }
    assert not found
