from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PeopleCase


@tagged("nka_market")
class TestStakeholder(PeopleCase):
    """Stakeholders at the client, and the employees they know."""

    def _warnings(self):
        self.account.invalidate_recordset()
        return self.account.with_user(self.manager).people_warnings or ""

    def test_only_contacts_of_the_client(self):
        stranger = self._new_contact("Otto Lund", self.other_client)
        with self.assertRaisesRegex(ValidationError, "isn't a contact of Northwind"):
            self._map(stranger)

    def test_a_contact_is_mapped_once(self):
        self._map(self.director)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._map(self.director)

    def test_reporting_lines_cant_form_a_loop(self):
        director = self._map(self.director)
        engineer = self._map(self.engineer, reports_to_id=director.id)
        with self.assertRaisesRegex(ValidationError, "loop"):
            director.reports_to_id = engineer

    def test_cant_report_to_a_contact_of_another_client(self):
        account = self._key_account(self.other_client)
        stranger = self._map(
            self._new_contact("Otto Lund", self.other_client), key_account_id=account.id
        )
        with self.assertRaisesRegex(ValidationError, "a different client"):
            self._map(self.director, reports_to_id=stranger.id)

    def test_key_contacts_by_role_or_influence(self):
        self.assertTrue(self._map(self.director, role="decision_maker").is_key)
        self.assertTrue(self._map(self.engineer, influence="3").is_key)
        self.assertFalse(self._map(self.buyer, role="user", influence="2").is_key)

    def test_warnings_say_what_is_missing(self):
        self.assertIn("No stakeholders are recorded", self._warnings())
        engineer = self._map(self.engineer)
        warnings = self._warnings()
        self.assertIn("No decision maker", warnings)
        self.assertIn("single contact", warnings)
        self.assertIn("two of our people", warnings)
        self.assertIn(f"/odoo/key-accounts/{self.account.id}/", warnings)
        self._map(self.director, role="decision_maker")
        engineer.covered_by_ids = [Command.link(self.deputy.id)]
        self.assertIn("two of our people", self._warnings())
        self._known_by_two()
        self.assertFalse(self._warnings())
        engineer.active = False
        self.assertIn("single contact", self._warnings())

    def test_accounts_with_gaps_are_found(self):
        accounts = self.env["nka.key.account"].with_user(self.manager)
        gaps = [("has_people_gap", "=", True), ("id", "=", self.account.id)]
        self.assertTrue(accounts.search(gaps))
        self._map(self.engineer)
        self._map(self.director, role="decision_maker")
        self._known_by_two()
        self.assertFalse(accounts.search(gaps))
        self.assertFalse(self.account.has_people_gap)

    def test_key_contacts_without_recent_contact_are_named(self):
        person = self._map(self.director, role="decision_maker")
        self._map(self.buyer, role="user")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_stakeholder SET create_date = create_date - interval '40 days'"
        )
        self.assertIn(
            "Anna Berg: no contact for 40 days; agreed cadence is every 14",
            self._warnings(),
        )
        self.assertIn(f"/odoo/stakeholders/{person.id}", self._warnings())
        self.assertNotIn("Eva Fors", self._warnings())
        self._new_meeting(self.director, -20)
        self.assertIn("no contact for 20 days", self._warnings())
        self._new_meeting(self.director, -2)
        self.assertNotIn("no contact for", self._warnings())

    def test_names_in_warnings_are_escaped(self):
        self.director.name = "<script>alert(1)</script>"
        self._map(self.director, role="decision_maker")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_stakeholder SET create_date = create_date - interval '40 days'"
        )
        self.assertNotIn("<script>", self._warnings())
        self.assertNotIn("<script>", self.account.stakeholder_map)

    def test_meetings_that_werent_held_are_no_contact(self):
        person = self._map(self.director)
        meeting = self._new_meeting(self.director, -3, is_negotiation=True)
        self.assertEqual(person.last_contact_date, self.today - self._days(3))
        meeting.negotiation_outcome = "not_held"
        person.invalidate_recordset()
        self.assertFalse(person.last_contact_date)

    def test_map_shows_all_stakeholders(self):
        """The ring is dashed without recorded contact, whoever is entered."""
        self._map(self.director, influence="3", attitude="5")
        engineer = self._map(self.engineer, influence="1", attitude="1")
        self.assertEqual(engineer.covered_by_ids, self.manager)
        self._new_meeting(self.director, -1)
        self.env.flush_all()
        picture = self.account.with_user(self.manager).stakeholder_map
        self.assertIn("<svg", picture)
        self.assertIn("Anna Berg: influence High, attitude Advocate", picture)
        self.assertEqual(picture.count("<circle"), 2)
        self.assertEqual(picture.count('stroke-dasharray="4 3"'), 1)

    def test_chart_of_reporting_lines(self):
        director = self._map(self.director)
        engineer = self._map(self.engineer, reports_to_id=director.id)
        rows = (
            self.env["nka.stakeholder"]
            .with_user(self.manager)
            .hierarchy_read(
                [("key_account_id", "=", self.account.id)],
                {"display_name": {}},
                "reports_to_id",
                "child_ids",
            )
        )
        by_id = {row["id"]: row for row in rows}
        self.assertEqual(by_id[engineer.id]["reports_to_id"]["id"], director.id)

    def test_health_counts_stakeholders_once_recorded(self):
        self.account._refresh_health()
        self.assertNotIn("people", self.account.health_scores)
        self._map(self.engineer)
        self.account._refresh_health()
        self.assertEqual(self.account.health_scores["people"], 0)
        self._map(self.director, role="decision_maker")
        self._known_by_two()
        self.account._refresh_health()
        self.assertEqual(self.account.health_scores["people"], 100)

    def test_warnings_of_many_accounts_cost_constant_queries(self):
        accounts = self._more_accounts(30)
        for account in accounts:
            self.env["nka.stakeholder"].create(
                {
                    "key_account_id": account.id,
                    "partner_id": self._new_contact("X", account.partner_id).id,
                }
            )
        few = self._queries(lambda: accounts[:2].mapped("people_warnings"))
        many = self._queries(lambda: accounts.mapped("people_warnings"))
        self.assertEqual(few, many)


@tagged("nka_market")
class TestStakeholderRoles(PeopleCase):
    def test_deputy_adds_stakeholders_and_changes_their_own(self):
        by_manager = self._map(self.director)
        by_deputy = self._map(self.engineer, self.deputy)
        by_deputy.attitude = "4"
        self.assertEqual(by_manager.with_user(self.deputy).role, "influencer")
        with self.assertRaises(AccessError):
            by_manager.with_user(self.deputy).attitude = "4"
        with self.assertRaises(AccessError):
            by_manager.with_user(self.deputy).unlink()
        by_deputy.with_user(self.manager).attitude = "2"

    def test_colleagues_cant_read_or_add_stakeholders(self):
        person = self._map(self.director)
        for stranger in (self.colleague, self.officer, self.salesman):
            with self.assertRaises(AccessError):
                person.with_user(stranger).read(["role"])
            with self.assertRaises(AccessError):
                self._map(self.engineer, stranger)

    def test_a_stakeholder_cant_be_moved_to_another_account(self):
        account = self._key_account(self.other_client, self.colleague)
        person = self._map(self.director)
        with self.assertRaises(UserError):
            person.write({"key_account_id": account.id})
        self.assertEqual(person.key_account_id, self.account)

    def test_supervisor_and_admin_read(self):
        person = self._map(self.director)
        self.assertEqual(person.with_user(self.supervisor).role, "influencer")
        self.assertEqual(person.with_user(self.kam_admin).role, "influencer")
        with self.assertRaises(AccessError):
            person.with_user(self.kam_admin).role = "user"

    def test_other_companies_see_nothing(self):
        company = self.env["res.company"].create({"name": "Sister"})
        self.supervisor_2.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        person = self._map(self.director)
        self.assertFalse(
            person.with_user(self.supervisor_2).search([("id", "=", person.id)])
        )
