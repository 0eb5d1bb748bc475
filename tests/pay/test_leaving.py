"""Terms of a plan version for leavers."""

from datetime import date

from psycopg2.errors import RestrictViolation

from odoo.addons.nka_key_accounts.models.pay.nka_pay_plan_version import (
    DIGEST_WORDS,
    LATER_TERMS,
    TERM_FIELDS,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import PayCase

NEXT = date(2026, 1, 1)


class TestTerms(PayCase):
    def test_default_is_six_months(self):
        self.assertEqual(
            (self.version.after_leaving, self.version.leaver_months), ("leaver", 6)
        )
        shipped = self.env.ref("nka_key_accounts.nka_pay_plan_version_default")
        self.assertEqual((shipped.after_leaving, shipped.leaver_months), ("leaver", 6))

    def test_months_have_a_range_and_zero_is_valid(self):
        for months in (-1, 121):
            with self.subTest(months), self.refused(ValidationError, "from 0 to 120"):
                self._new_version(NEXT, leaver_months=months)
        version = self._new_version(NEXT, leaver_months=0)
        self.assertEqual(
            version._last_credited_day(date(2025, 2, 14)), date(2025, 2, 14)
        )
        self.assertIn("manager of the account", version._say_after_leaving())

    def test_months_are_counted_from_the_last_day(self):
        cases = {
            date(2025, 2, 14): date(2025, 8, 14),
            date(2025, 2, 28): date(2025, 8, 31),
            date(2025, 8, 31): date(2026, 2, 28),
            date(2025, 8, 30): date(2026, 2, 28),
            date(2025, 12, 31): date(2026, 6, 30),
        }
        found = {day: self.version._last_credited_day(day) for day in cases}
        self.assertEqual(found, cases)

    def test_nobody_and_successor_have_no_months(self):
        for after in ("nobody", "successor"):
            version = self._new_version(NEXT, after_leaving=after)
            self.assertEqual(version._last_credited_day(NEXT), NEXT)
            version.unlink()

    def test_started_version_keeps_them(self):
        for vals in ({"after_leaving": "nobody"}, {"leaver_months": 60}):
            for user in (self.officer, self.kam_admin, self.manager):
                with self.subTest(vals), self.refused((UserError, AccessError)):
                    self.version.with_user(user).write(vals)
            name, value = next(iter(vals.items()))
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    f"UPDATE nka_pay_plan_version SET {name} = %s WHERE id = %s",
                    [value, self.version.id],
                )

    def test_changes_between_versions_name_them(self):
        version = self.version._copy_version({"date_start": NEXT})
        self.assertFalse(version.differences)
        version.with_user(self.officer).write(
            {"after_leaving": "successor", "leaver_months": 3}
        )
        rows = {
            row["label"]: (row["before"], row["now"]) for row in version.differences
        }
        self.assertEqual(rows["Months after departure"], ("6", "3"))
        self.assertIn("After the agreement ends", rows)
        self.assertIn("After the agreement ends", version.differences_html)

    def test_earlier_acceptances_stay_valid(self):
        """With default values the hash excludes these terms, so earlier hashes stay
        valid.
        """
        rows = [
            [key, DIGEST_WORDS[key][self.version[key]] if key in DIGEST_WORDS else text]
            for key, _label, text in self.version._describe_terms()
            if key not in LATER_TERMS
        ]
        before = [self.version.plan_id.id, str(self.version.date_start), rows]
        self.assertEqual(self.version.digest, self.version._digest_of(before))
        self.assertEqual(self.version.digest, self.version._make_digest())

    def test_hash_does_not_depend_on_the_labels(self):
        fields = {
            name: self.version._fields[name]
            for name in TERM_FIELDS
            if self.version._fields[name].type == "selection"
        }
        self.assertEqual(
            {name: list(field.get_values(self.env)) for name, field in fields.items()},
            {name: list(words) for name, words in DIGEST_WORDS.items()},
        )
        labels = {name: text for name, _label, text in self.version._describe_terms()}
        self.assertNotEqual(
            labels["holding_policy"], DIGEST_WORDS["holding_policy"]["pay_and_flag"]
        )
        self.assertEqual(self.version.digest, self.version._make_digest())

    def test_other_values_are_in_the_hash(self):
        said = [
            {"after_leaving": "nobody"},
            {"after_leaving": "successor"},
            {"leaver_months": 0},
            {"leaver_months": 7},
        ]
        digests = {self.version._copy_version({"date_start": NEXT})._make_digest()}
        for vals in said:
            version = self.version._copy_version({"date_start": NEXT, **vals})
            digests.add(version._make_digest())
        self.assertEqual(len(digests), 1 + len(said))

    def test_form(self):
        form = Form(self.env["nka.pay.plan.version"].with_user(self.officer))
        form.plan_id = self.plan
        form.date_start = NEXT
        form.after_leaving = "successor"
        self.assertEqual(form.save().after_leaving, "successor")


class TestNotice(PayCase):
    """The consequence is shown before a user accepts the terms or ends the agreement."""

    def _wizard(self, user=None, **vals):
        agreement = self._accepted()
        return (
            self.env["nka.pay.agreement.end"]
            .with_user(user or self.officer)
            .new(
                {
                    "agreement_id": agreement.id,
                    "date_to": date(2026, 2, 14),
                    "is_renewal": False,
                    **vals,
                }
            )
        )

    def test_what_if_shows_it(self):
        what_if = self.env["nka.pay.what.if"].with_user(self.officer)
        form = Form(what_if.create({"version_id": self.version.id}))
        self.assertIn("for 6 months", form.leaving_note)
        nobody = self._approved_version(
            date(2027, 1, 1), after_leaving="nobody", leaver_months=0
        )
        form.version_id = nobody
        self.assertIn("credited to anyone", form.leaving_note)

    def test_agreement_shows_it_to_the_employee(self):
        agreement = self._agreement()
        agreement.action_propose()
        self.assertIn("for 6 months", agreement.with_user(self.manager).leaving_note)

    def test_end_wizard_shows_until_when_payments_count(self):
        wizard = self._wizard()
        self.assertIn("until 08/14/2026", wizard.consequence)
        self.assertNotIn("hand them over", wizard.consequence)
        self._key_account(self.client)
        wizard.date_to = date(2026, 2, 28)
        self.assertIn("until 08/31/2026", wizard.consequence)
        self.assertIn(
            "still manages key accounts after that day (1)", wizard.consequence
        )

    def test_new_terms_have_no_such_consequence(self):
        self.assertFalse(self._wizard(is_renewal=True).consequence)

    def test_agreement_of_another_employee_cannot_be_queried(self):
        with self.refused(AccessError):
            _said = self._wizard(self.colleague).consequence
