"""One page with all settings, for administrators of the addon only."""

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import NkaCase

#: Default values of a new company.
DEFAULTS = {
    "nka_cadence_days": 30,
    "nka_credit_share": 0,
    "nka_credit_days": 0,
    "nka_health_fall": 15,
    "nka_season_months": 3,
    "nka_payslip_direct": 200,
    "nka_payslip_batch": 100,
    "nka_mail_statements": False,
    "nka_mail_private": False,
    "nka_csv_delimiter": ",",
    "nka_csv_bom": True,
    "nka_amount_change": 10,
    "nka_read_limit": 5000,
}


class TestSettings(NkaCase):
    def _page(self, user=None):
        return self.env["nka.settings"].with_user(user or self.kam_admin)

    def test_administrators_need_no_other_right(self):
        self.assertFalse(self.kam_admin.has_group("base.group_system"))
        with Form(self._page()) as form:
            self.assertEqual(form.nka_read_limit, 5000)
            form.nka_read_limit = 100
            form.nka_payslip_direct = 50
            form.nka_csv_delimiter = ";"
        company = self.env.company
        self.assertEqual(
            (
                company.nka_read_limit,
                company.nka_payslip_direct,
                company.nka_csv_delimiter,
            ),
            (100, 50, ";"),
        )
        self.assertEqual(form.record.action_save()["tag"], "display_notification")
        form.record.write({"nka_read_limit": 200})
        self.assertEqual(company.nka_read_limit, 200)

    def test_defaults(self):
        company = self.env["res.company"].create({"name": "Fresh"})
        self.assertEqual({name: company[name] for name in DEFAULTS}, DEFAULTS)

    def test_the_page_has_every_setting_of_a_company(self):
        """Odoo's own settings page must have them too."""
        own = {
            name
            for name in self.env["res.company"]._fields
            if name.startswith("nka_") and name != "nka_history_date"
        }
        self.assertEqual(own, self.env["res.company"]._nka_settings())
        self.assertLessEqual(own, set(self._page()._fields))
        self.assertLessEqual(own, set(self.env["res.config.settings"]._fields))

    def test_accounts_and_journal_can_be_chosen(self):
        """Administrators can read account and journal names, but no journal entries."""
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        account = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        with Form(self._page()) as form:
            form.nka_entry_journal_id = journal.with_user(self.kam_admin)
            form.nka_fixed_account_id = account.with_user(self.kam_admin)
        self.assertEqual(self.env.company.nka_entry_journal_id, journal)
        found = self.env["account.account"].with_user(self.kam_admin)
        self.assertTrue(found.name_search(account.code))
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.kam_admin).search([])

    def test_every_change_leaves_an_event(self):
        company = self.env.company
        self._page().create({"nka_read_limit": 77, "nka_cadence_days": 30})
        events = self._events(company, "setting")
        self.assertEqual([(row.old, row.new) for row in events], [("5000", "77")])
        self.assertEqual(events.user_id, self.kam_admin)
        company.write({"nka_read_limit": 78})
        self.assertEqual(len(self._events(company, "setting")), 2)

    def test_other_roles_are_refused(self):
        for user in (self.manager, self.supervisor, self.officer):
            with self.assertRaises(AccessError):
                self._page(user).create({"nka_read_limit": 1})
        self.assertEqual(self.env.company.nka_read_limit, 5000)

    def test_other_fields_of_the_company_cant_be_written(self):
        name = self.env.company.name
        with self.assertRaises(ValueError), self.cr.savepoint():
            self._page().create({"name": "Mine"})
        self.assertEqual(self.env.company.name, name)

    def test_another_company_is_configured_after_switching_to_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaisesRegex(AccessError, "Switch to Elsewhere"):
            self._page().create({"company_id": other.id, "nka_read_limit": 1})
        page = self._page().create({})
        with self.assertRaisesRegex(AccessError, "Switch to Elsewhere"):
            page.write({"company_id": other.id, "nka_read_limit": 1})
        self.assertEqual(other.nka_read_limit, 5000)

    def test_refusal_names_the_allowed_values(self):
        page = self.env["nka.settings"].with_user(self.kam_admin)
        with self.assertRaisesRegex(ValidationError, "1, 2, 3, 4, 6 or 12"):
            self._as_rpc(lambda: page.create({"nka_season_months": 5}))

    def _as_rpc(self, call):
        """Raise the error of an RPC client: Odoo turns violations into messages."""
        try:
            with mute_logger("odoo.sql_db"), self.cr.savepoint():
                call()
        except IntegrityError as error:
            model = self.env["res.company"]
            raise ValidationError(model._sql_error_to_message(error)) from error
