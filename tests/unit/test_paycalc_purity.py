"""``paycalc`` is independent and exact: no Odoo, no float, no clock, no influence of
the caller's decimal context.
"""

import ast
import doctest
import importlib
import pkgutil
import sys
from dataclasses import is_dataclass
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import paycalc as pc
import pytest

FOLDER = Path(pc.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))
MODULES = sorted(module.name for module in pkgutil.iter_modules(pc.__path__))
STANDARD = {
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "functools",
    "types",
    "typing",
}
CLOCKS = {"today", "now", "utcnow", "time"}


def faults(source):
    """Return what a file of ``paycalc`` must not contain."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level and node.module not in STANDARD:
                yield node.module
            if node.level > 1:
                yield "an import from outside of the folder"
        elif isinstance(node, ast.Constant) and isinstance(
            node.value, (float, complex)
        ):
            yield f"float {node.value}"
        elif isinstance(node, ast.Name) and node.id in {"float", "round"}:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield node.attr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_odoo_no_float_no_clock(path):
    assert not list(faults(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "import odoo",
        "from odoo import models",
        "from ..models import plan",
        "rate = 0.05",
        "float('1')",
        "date.today()",
    ],
)
def test_search_for_violations_finds_them(source):
    assert list(faults(source))


def test_addon_is_not_imported():
    assert "nka_key_accounts" not in sys.modules
    assert pc.__name__ == "paycalc"


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    module = importlib.import_module(f"paycalc.{name}")
    assert not doctest.testmod(module, optionflags=flags).failed


def test_public_names_are_exported_once():
    assert len(pc.__all__) == len(set(pc.__all__))
    assert all(hasattr(pc, name) for name in pc.__all__)


def test_public_functions_have_docstrings():
    for name in pc.__all__:
        thing = getattr(pc, name)
        if callable(thing) and thing.__module__.startswith("paycalc"):
            assert thing.__doc__, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_results_are_frozen():
    split = pc.split_target(Decimal(100))
    with pytest.raises(AttributeError):
        split.amount = Decimal(1)
    assert not hasattr(split, "__dict__")


def test_other_decimal_context_changes_nothing():
    def everything():
        terms = pc.BonusTerms(pc.bonus_rate(Decimal(100), Decimal(7)), Decimal(7777777))
        month = pc.month_bonus(Decimal("1234567.89"), Decimal("7654321.98"), terms)
        days = pc.MonthDays(Decimal(22), Decimal(7), Decimal(3))
        fixed = pc.fixed_pay(Decimal("80000.03"), days, pc.HOLD_ABOVE_FLOOR)
        source = pc.SourceMonth(Decimal(1), Decimal("333333.33"), terms)
        claw = pc.clawback(source, Decimal("11111.11"))
        draw = pc.pay_bonus(month.amount, Decimal("123456.78"))
        return month, fixed, claw, draw, pc.total([Decimal("12345.67")] * 3)

    usual = everything()
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        strange = everything()
    assert usual == strange
    assert [r.formula for r in usual[:4]] == [r.formula for r in strange[:4]]


@pytest.mark.parametrize("employed", range(1, 23))
def test_half_of_a_repeating_ratio_is_exact(employed):
    """80,000.03 × n / 22 has exact halves of a cent, which must be rounded up."""
    days = pc.MonthDays(Decimal(22), Decimal(employed))
    exact = Fraction(8000003 * employed, 22)
    expected = Decimal(int(exact + Fraction(1, 2))).scaleb(-2)
    assert pc.prorate(Decimal("80000.03"), days.proportion).amount == expected


NAMED = [getattr(pc, name) for name in pc.__all__]
CLASSES = [kind for kind in NAMED if isinstance(kind, type) and is_dataclass(kind)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_results_and_terms_cannot_be_changed_afterwards(kind):
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
