"""What a month's pay is made of, for payslips, registers and outside payrolls.

The six components and their codes are a contract with whoever reads an export: they
are added to, never renamed. Every line of a statement belongs to exactly one of them,
so the six always make the statement's total.

A correction is paid as what it corrects: one of fixed pay is fixed pay, whatever
month it comes with.
"""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: component -> (code for outside, keys of statement lines, see :func:`line_key`)
COMPONENTS = {
    "fixed": ("NKA_FIXED", ("fixed",)),
    "soft": ("NKA_SOFT", ("soft",)),
    "bonus": ("NKA_BONUS", ("bonus",)),
    "carry": ("NKA_CARRY", ("carry",)),
    "released": ("NKA_HELD_RELEASED", ("release", "correction.fixed")),
    "retro": ("NKA_RETRO", ("clawback", "correction.soft", "correction.bonus")),
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
    """What decides the component of a line: its kind, for a correction also its part.

    >>> line_key("bonus", "bonus"), line_key("correction", "fixed")
    ('bonus', 'correction.fixed')
    """
    return f"{kind}.{part}" if kind == "correction" else kind


def component_of(kind, part):
    """The component of a line of this kind that is paid as ``part``."""
    return _COMPONENT_OF_KEY[line_key(kind, part)]


def code(component):
    """Stable code of a component, e.g. ``NKA_BONUS``."""
    return COMPONENTS[component][0]


def label(env, component):
    """Name of a component in the reader's language."""
    return env._(LABELS[component])  # pylint: disable=translation-contains-variable


def selection(env):
    """The components as a selection in the reader's language."""
    return [(name, label(env, name)) for name in COMPONENTS]
