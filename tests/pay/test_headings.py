"""Column headings of pay lists fit: number columns are narrow and would cut long ones."""

from lxml import etree

from odoo.tests import tagged

from .common import PayCase

#: Approximate width the web client needs for a heading, in pixels.
PER_LETTER, ASIDE = 7.8, 12
#: Default width of a number column.
BY_ITSELF = 108
NUMBERS = ("integer", "float", "monetary")


@tagged("nka_pay")
class TestHeadings(PayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        modules = cls.env["ir.module.module"]
        modules._load_module_terms(["nka_key_accounts"], ["ru_RU"])

    def _columns(self, model, lang):
        """Yield heading and width of the number columns visible by default."""
        model = self.env[model].with_user(self.officer).with_context(lang=lang)
        arch = etree.fromstring(model.get_view(view_type="list")["arch"])
        for node in arch.findall("field"):
            field = model._fields[node.get("name")]
            hidden = node.get("column_invisible") or node.get("optional") == "hide"
            if field.type in NUMBERS and not hidden:
                heading = node.get("string") or field._description_string(model.env)
                yield heading, int((node.get("width") or "0").removesuffix("px"))

    def test_headings_fit(self):
        for model in (
            "nka.pay.variance",
            "nka.bonus.line",
            "nka.pay.statement",
            "nka.pay.agreement",
            "nka.season",
        ):
            for lang in ("en_US", "ru_RU"):
                for heading, width in self._columns(model, lang):
                    needed = PER_LETTER * len(heading) + ASIDE
                    self.assertLessEqual(
                        needed, max(width, BY_ITSELF), f"{model}: {heading}"
                    )
