"""The texts that translations find are the arithmetic's own."""

from odoo.addons.nka_key_accounts import paycalc
from odoo.addons.nka_key_accounts.models.statements import texts

from ..common import NkaCase

#: Of the statement itself, not of the arithmetic.
OWN = {"no_advance"}


class TestTexts(NkaCase):
    def test_formulas_reasons_and_labels_are_the_arithmetics(self):
        labels = {name: label.text for name, label in paycalc.LABELS.items()}
        for ours, theirs in (
            (texts.FORMULAS, paycalc.FORMULAS),
            (texts.REASONS, paycalc.REASONS),
            (texts.LABELS, labels),
        ):
            for key, text in ours.items():
                if key not in OWN:
                    self.assertEqual(text._source, theirs[key])

    def test_no_formula_of_a_statement_is_missing(self):
        lines = {
            code
            for code in paycalc.FORMULAS
            if code.startswith(("fixed", "soft", "bonus", "draw", "correction"))
        }
        self.assertEqual(lines - texts.FORMULAS.keys(), set())
        self.assertEqual(paycalc.REASONS.keys() - texts.REASONS.keys(), set())
