"""Formulas, reasons and labels of ``paycalc`` are translated into the user language."""

from odoo.addons.nka_key_accounts import paycalc
from odoo.addons.nka_key_accounts.models.statements import texts

from ..common import NkaCase


class TestTexts(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.russian = cls.env(context={"lang": "ru_RU"})

    def test_reasons_and_labels_are_translated(self):
        for code, text in texts.REASONS.items():
            text = str(text)
            with self.subTest(code):
                self.assertEqual(texts.reason(self.env, code), text)
                self.assertNotEqual(texts.reason(self.russian, code), text)
        for name, label in paycalc.LABELS.items():
            with self.subTest(name):
                self.assertEqual(texts.label(self.env, name), label.text)
                self.assertNotEqual(texts.label(self.russian, name), label.text)

    def test_formula_is_filled_in_the_user_language(self):
        values = {"note": "X"}
        self.assertEqual(
            texts.formula(self.env, "soft.left_out", values),
            "excluded by the supervisor: X",
        )
        self.assertEqual(
            texts.formula(self.russian, "soft.left_out", values),
            "исключено руководителем: X",
        )

    def test_unknown_codes_are_shown_as_text(self):
        self.assertEqual(texts.formula(self.env, None, {}), "")
        self.assertEqual(texts.reason(self.env, None), "")
        self.assertEqual(texts.label(self.env, "unheard of"), "unheard of")
