"""The demo of a Russian administrator: the same story in Russian and in roubles."""

import re

import pytest
from dateutil.relativedelta import relativedelta

from odoo.addons.nka_key_accounts.demo import language
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..common import NkaCase
from .test_demo import ADDON, MANAGERS, load_demo

#: Fields that hold addresses, keys or codes, not words.
CODES = re.compile(
    r"email|website|login|url|token|signature|lang|tz|barcode|code|_key|uuid|digest|hash"
    r"|^reference$|^ref$|message_id|params|res_model|model|kind|measure|access|color|path"
    r"|mimetype|store_fname|checksum|type|state|password|share|^grade$|^alias_"
)
#: Words of Latin letters that Russians write as well.
KNOWN = {"odoo", "odoobot", "re", "vip"}
#: What people read beside the records of the tables: model, domain.
READ_ALONG = {
    "nka.pay.statement": [],
    "nka.pay.statement.line": [],
    "nka.pay.dispute": [],
    "nka.month.close": [],
    "nka.season": [],
    "nka.season.goal": [],
    "nka.work.report": [],
    "nka.bonus.line": [],
    "nka.document.check": [],
    "nka.document.finding": [],
    "nka.handover.line": [],
    "nka.account.plan.objective": [],
    "nka.account.plan.action": [],
    "mail.activity": [("res_model", "=like", "nka.%")],
}


@pytest.mark.slow
@tagged("nka_demo")
class TestRussianDemo(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = {
            name: cls.env[name].with_context(active_test=False).search([])
            for name in READ_ALONG
        }
        # Texts are in the language of their readers.
        people = cls.kam_admin + cls.supervisor + cls.supervisor_2 + cls.officer
        (people + cls.env.ref("base.user_admin")).lang = "ru_RU"
        load_demo(cls.env)
        cls.env = cls.env(context={**cls.env.context, "lang": "ru_RU"})
        cls.company = cls.env.company
        cls.month = cls.today + relativedelta(months=-1, day=1)

    def _ref(self, name):
        return self.env.ref(f"{ADDON}.demo_{name}")

    # ------------------------------------------------------------ words
    def test_no_english_in_what_people_read(self):
        found = {}
        for records in self._demo_records():
            for name, field in records._fields.items():
                if field.type in ("char", "text", "html") and field.store:
                    if not CODES.search(name):
                        self._collect(records, name, found)
        self.assertEqual(found, {})

    def _demo_records(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("name", "=like", "demo_%")]
        )
        for model, rows in data.grouped("model").items():
            yield self.env[model].browse(rows.mapped("res_id"))
        for model, domain in READ_ALONG.items():
            records = self.env[model].with_context(active_test=False).search(domain)
            yield records - self.before[model].with_env(self.env)
        yield self.company.partner_id

    def _collect(self, records, name, found):
        for text in filter(None, records.mapped(name)):
            if words := english(text):
                found.setdefault((records._name, name), (words, text))

    def test_dictionary_has_all_texts_once_and_keeps_their_blanks(self):
        words = language.dictionary("ru_RU")
        blank = re.compile(r"\{\w+\}|%s")
        for text, translated in words.items():
            self.assertTrue(translated, text)
            self.assertEqual(
                set(blank.findall(text)), set(blank.findall(translated)), text
            )

    # ------------------------------------------------------------ place and money
    def test_company_is_in_russia_and_keeps_its_books_in_roubles(self):
        self.assertEqual(self.company.country_id.code, "RU")
        self.assertEqual(self.company.currency_id.name, "RUB")
        self.assertFalse(self.company.vat)
        self.assertFalse(self._ref("client_severny").vat)
        taxes = self.company.account_sale_tax_id
        self.assertEqual((taxes.amount, taxes.country_id.code), (22, "RU"))
        foreign = self.env["account.move"].search(
            [
                ("partner_id", "=", self._ref("client_alpenrot").id),
                ("move_type", "=", "out_invoice"),
                ("currency_id", "!=", self.company.currency_id.id),
            ]
        )
        self.assertEqual(set(foreign.mapped("currency_id.name")), {"CNY"})
        mean = sum(foreign.mapped("amount_untaxed_signed")) / len(foreign)
        self.assertTrue(1_500_000 < mean < 5_000_000, mean)

    def test_amounts_have_the_size_of_the_country(self):
        self.assertEqual(self._ref("product_film").list_price, 51_200)
        agreement = self._ref("agreement_anna")
        self.assertEqual(agreement.target_earnings, 270_000)
        self.assertEqual(agreement.monthly_quota, 12_800_000)
        self.assertEqual(self._ref("commitment_volga_payment").promised_value, 30)
        self.assertEqual(self._ref("commitment_dc_volume").promised_value, 7_200_000)

    def test_pay_of_last_month_is_consistent(self):
        close = self.env["nka.month.close"].search([("month", "=", self.month)])
        self.assertEqual(close.state, "locked")
        self.assertEqual(close.currency_id.name, "RUB")
        last = self.month + relativedelta(months=1, days=-1)
        check = self.env["nka.bonus.check"]._check(self.company, self.month, last)
        self.assertFalse(check.difference_count)
        self.assertEqual(len(close.statement_ids), len(MANAGERS))
        for statement in close.statement_ids:
            parts = (
                statement.fixed_amount + statement.soft_amount + statement.bonus_amount
            )
            target = self._ref(
                f"agreement_{statement.user_id.login.partition('.')[2]}"
            ).target_earnings
            self.assertLessEqual(statement.fixed_amount, target * 0.4 * 1.01)
            self.assertTrue(0 < parts < target * 3, statement.display_name)
        total = sum(close.statement_ids.mapped("total_amount"))
        self.assertAlmostEqual(close.total_amount, total)


def english(text):
    """Return the words of Latin letters in a text, without addresses and codes."""
    plain = html2plaintext(str(text)) if "<" in str(text) else str(text)
    # Addresses, numbers of documents, grades of rating agencies.
    plain = re.sub(r"\S*[@/\d]\S*|\b[A-D]{1,3}\b[+-]?", " ", plain)
    words = re.findall(r"[A-Za-z]{2,}", plain)
    return [word for word in words if word.lower() not in KNOWN]
