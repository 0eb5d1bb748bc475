"""Persons as key accounts: offered, nominated and judged like companies."""

from odoo import Command
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from ..common import NkaCase


class TestPersons(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create(
            {"name": "Greta Lind", "email": "greta@example.com"}
        )
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id}
        )
        cls.subsidiary = cls._new_client("Northwind Logistics", parent_id=cls.client.id)

    def _offered(self, model):
        domain = safe_eval(self.env[model]._fields["partner_id"].domain)
        return self.env["res.partner"].search(domain)

    def test_pickers_offer_clients_of_both_kinds(self):
        own = self.manager.partner_id
        for model in ("nka.key.account", "nka.takeover.line"):
            offered = self._offered(model)
            self.assertLessEqual(self.client | self.subsidiary | self.person, offered)
            self.assertFalse(offered & (self.contact | own), model)

    def test_list_of_clients_without_a_key_account_has_persons(self):
        view = self.env["res.partner"].get_view(
            self.env.ref("base.view_res_partner_filter").id, "search"
        )
        [domain] = [
            part.split('domain="')[1].split('"')[0]
            for part in view["arch"].split("<filter")
            if 'name="no_key_account"' in part
        ]
        found = self.env["res.partner"].search(safe_eval(domain))
        self.assertLessEqual(self.client | self.person, found)
        self.assertFalse(found & (self.contact | self.manager.partner_id))

    def test_person_is_nominated_and_confirmed(self):
        action = self.person.with_user(self.manager).action_nominate_key_account()
        account = self.env["nka.key.account"].browse(action["res_id"])
        self._qualify(account)
        account.with_user(self.supervisor).action_confirm()
        self.assertEqual(account.state, "key")
        self.assertEqual(self.person.key_account_state, "key")
        self.assertEqual(account.display_name, "Greta Lind")

    def test_contact_resolves_to_their_company(self):
        self.contact.with_user(self.manager).action_nominate_key_account()
        self.assertEqual(self.contact.key_account_id.partner_id, self.client)
        self.assertFalse(self.person.key_account_id)

    def test_person_on_the_form(self):
        with Form(self.env["nka.key.account"].with_user(self.manager)) as form:
            form.partner_id = self.person
        self.assertEqual(form.record.partner_id, self.person)

    def test_one_contact_is_enough_for_a_person(self):
        account, company = (
            self._key_account(self.person),
            self._key_account(self.client),
        )
        for one, partner in ((account, self.person), (company, self.contact)):
            self.env["nka.stakeholder"].create(
                {
                    "key_account_id": one.id,
                    "partner_id": partner.id,
                    "role": "decision_maker",
                    "covered_by_ids": [Command.set(self.manager.ids)],
                }
            )
        self.env.invalidate_all()
        single = "single contact"
        self.assertIn(single, company.people_warnings)
        self.assertNotIn(single, account.people_warnings)

    def test_own_address_completes_the_contacts_of_a_person(self):
        accounts = self._key_account(self.person) | self._key_account(self.client)
        items = [
            item
            for item in accounts._completeness_conditions("account")
            if item[0] == "people"
        ]
        met = accounts._read_completeness(items)
        self.assertEqual([met[one.id]["people"] for one in accounts], [True, False])

    def test_invoices_of_a_person_are_their_revenue(self):
        account = self._key_account(self.person)
        self._new_invoice(self.person, 800, self.today - self._days(10))
        self.env.invalidate_all()
        self.assertEqual(account.trailing_revenue, 800)
