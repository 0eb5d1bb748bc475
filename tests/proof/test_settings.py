"""Settings changed by SQL are reported; changes made in Odoo never raise an alarm."""

from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged

from .common import ProofCase

LOGGER = "odoo.addons.nka_key_accounts.models.proof.nka_audit_verification"
#: Values allowed by the constraint of a setting that doesn't accept any number.
ALLOWED = {"nka_season_months": 6}


@tagged("nka_proof")
class TestSettings(ProofCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company

    def _other_value(self, name):
        field, value = self.company._fields[name], self.company[name]
        if field.type == "selection":
            return next(key for key in field.get_values(self.env) if key != value)
        if field.type == "boolean":
            return not value
        return ALLOWED.get(name, value + 1)

    def _set(self, company, name, value):
        """Update a setting by SQL, with all triggers on: the table is Odoo's."""
        self.env.flush_all()
        self.cr.execute(
            f"UPDATE res_company SET {name} = %s WHERE id = %s", [value, company.id]
        )
        self.env.invalidate_all()

    def _label(self, name):
        return self.company._fields[name]._description_string(self.env)

    # ------------------------------------------------------------ found
    def test_each_setting_changed_by_sql(self):
        names = self.company._nka_compared()
        self.assertGreater(len(names), 12)
        found = self._assert_whole()
        [line] = found.line_ids.filtered(lambda row: row.title.startswith("Settings"))
        self.assertEqual((line.count, line.unit), (len(names), "Settings"))
        for name in names:
            with self.subTest(name), self._undone():
                self._set(self.company, name, self._other_value(name))
                [said] = self.verifications._check_settings(self.company).findings
                self.assertIn(f"The setting “{self._label(name)}” is “", said)

    def test_against_the_last_event(self):
        self.company.nka_read_limit = 77
        self.company.nka_read_limit = 78
        self._assert_whole()
        for value in (5000, 77, 79):
            with self.subTest(value), self._undone():
                self._set(self.company, "nka_read_limit", value)
                self._assert_told(
                    f"is “{value}”, but the audit trail says “78”: it was changed outside"
                )

    def test_changed_by_sql_and_then_on_the_page(self):
        """Once it is set on its page, the trail has the value and the alarm ends."""
        self._set(self.company, "nka_read_limit", 1)
        self.company.nka_read_limit = 2
        [event] = self._events(self.company, "setting")
        self.assertEqual((event.old, event.new), ("1", "2"))
        self._assert_whole()

    # ------------------------------------------------------------ no false alarms
    def test_any_language_and_any_page(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        russian = self.company.with_context(lang="ru_RU")
        russian.nka_order_without_deal = "block"
        russian.nka_year_month = "4"
        page = self.env["nka.settings"].with_user(self.kam_admin)
        page.create({"nka_cadence_days": 45, "nka_amount_change": 12.345})
        self._assert_whole()
        self.assertTrue(self.verifications.with_context(lang="ru_RU")._verify(russian))

    def test_new_companies(self):
        self.env["ir.default"].set("res.company", "nka_cadence_days", 60)
        for vals in ({}, {"nka_season_months": 6, "nka_csv_bom": False}):
            company = self.env["res.company"].create({"name": f"New {vals}", **vals})
            with self.subTest(vals):
                found = self._verify(company)
                self.assertTrue(found.is_whole, found.message)
                self.assertEqual(len(self._events(company, "setting")), 1 + len(vals))
                self._set(company, "nka_cadence_days", 30)
                self.assertFalse(self._verify(company).is_whole)

    def test_a_record_named_by_a_setting_is_deleted(self):
        journal = self.env["account.journal"].create(
            {"name": "Pay", "code": "PAYX", "type": "general"}
        )
        self.company.nka_entry_journal_id = journal
        journal.unlink()
        self.assertFalse(self.company.nka_entry_journal_id)
        found = self._assert_whole()
        self.assertIn("settings that name an account, a journal", found.unchecked)

    def test_values_from_before_an_update(self):
        self._set(self.company, "nka_read_limit", 9)
        for _update in range(2):
            self.verifications._record_standing()
        [event] = self._events(self.company, "setting")
        self.assertEqual((event.old, event.new), ("9", "9"))
        self.assertRegex(
            event.note, f"{self._label('nka_read_limit')}. Status recorded"
        )
        self._assert_whole()

    # ------------------------------------------------------------ errors
    def test_concurrent_transactions_raise_no_alarm(self):
        """Odoo retries the transaction; the verification reports nothing."""
        with (
            patch.object(
                type(self.verifications),
                "_check_settings",
                side_effect=SerializationFailure,
            ),
            self.assertLogs(LOGGER, "ERROR"),
            self.assertRaises(SerializationFailure),
        ):
            self._verify()
