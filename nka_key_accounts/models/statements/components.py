"""Components of a month's pay, for payslips, reports and external payroll providers.

The six components and their codes are a contract with users of the exports: components
can be added, but never renamed. Every line of a statement belongs to exactly one of
them, so they always add up to the statement's total.

An adjustment is paid as the kind of pay it adjusts: one of fixed pay is fixed pay,
whatever month it is paid with.
"""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: component -> (export code, keys of statement lines, see :func:`line_key`)
COMPONENTS = {
    "fixed": ("NKA_FIXED", ("fixed",)),
    "soft": ("NKA_SOFT", ("soft",)),
    "bonus": ("NKA_BONUS", ("bonus", "loyalty")),
    "carry": ("NKA_CARRY", ("carry",)),
    "released": ("NKA_HELD_RELEASED", ("release", "correction.fixed")),
    "retro": (
        "NKA_RETRO",
        ("clawback", "correction.soft", "correction.bonus", "vesting"),
    ),
}

LABELS = {
    "fixed": _lt("Fixed pay"),
    "soft": _lt("Goal pay"),
    "bonus": _lt("Bonus"),
    "carry": _lt("Draw and recovery"),
    "released": _lt("Retroactive fixed pay"),
    "retro": _lt("Retroactive variable pay"),
}

_COMPONENT_OF_KEY = {
    key: name for name, (_code, keys) in COMPONENTS.items() for key in keys
}


def line_key(kind, part):
    """Return the key of a line's component: its kind, for an adjustment also its part.

    >>> line_key("bonus", "bonus"), line_key("correction", "fixed")
    ('bonus', 'correction.fixed')
    """
    return f"{kind}.{part}" if kind == "correction" else kind


def component_of(kind, part):
    """Return the component of a line of this kind that is paid as ``part``."""
    return _COMPONENT_OF_KEY[line_key(kind, part)]


def code(component):
    """Return the stable code of a component, such as ``NKA_BONUS``."""
    return COMPONENTS[component][0]


def label(env, component):
    """Return the name of a component in the user's language."""
    return env._(LABELS[component])  # pylint: disable=translation-contains-variable


def selection(env):
    """Return the components as a selection in the user's language."""
    return [(name, label(env, name)) for name in COMPONENTS]
