"""What a month's pay is made of, for payslips, registers and outside payrolls.

The six components and their codes are a contract with whoever reads an export: they
are added to, never renamed. Every line of a statement belongs to exactly one of them,
so the six always make the statement's total.
"""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: component -> (code for outside, kinds of statement lines)
COMPONENTS = {
    "fixed": ("NKA_FIXED", ("fixed",)),
    "soft": ("NKA_SOFT", ("soft",)),
    "bonus": ("NKA_BONUS", ("bonus",)),
    "carry": ("NKA_CARRY", ("carry",)),
    "released": ("NKA_HELD_RELEASED", ("release",)),
    "retro": ("NKA_RETRO", ("clawback", "correction")),
}

LABELS = {
    "fixed": _lt("Fixed pay"),
    "soft": _lt("Soft pay"),
    "bonus": _lt("Bonus"),
    "carry": _lt("Draw and recovery"),
    "released": _lt("Released fixed pay"),
    "retro": _lt("From closed months"),
}

COMPONENT_OF_KIND = {
    kind: name for name, (_code, kinds) in COMPONENTS.items() for kind in kinds
}


def code(component):
    """Stable code of a component, e.g. ``NKA_BONUS``."""
    return COMPONENTS[component][0]


def label(env, component):
    """Name of a component in the reader's language."""
    return env._(LABELS[component])  # pylint: disable=translation-contains-variable


def selection(env):
    """The components as a selection in the reader's language."""
    return [(name, label(env, name)) for name in COMPONENTS]
