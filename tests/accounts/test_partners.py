from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PartnersCase


@tagged("nka_accounts")
class TestPartnerMerge(PartnersCase):
    """A merge keeps the history of a key account or is refused with a reason."""

    def test_supervisor_merges_a_duplicate_into_the_client(self):
        lead = self._new_lead(self.twin)
        self._merge(self.client | self.twin, self.client, self.supervisor)
        self.assertFalse(self.twin.exists())
        self.assertEqual(self.account.partner_id, self.client)
        self.assertTrue(self.account.assignment_ids)
        self.assertEqual(lead.key_account_id, self.account)
        event = self._events(self.account, "merge")
        self.assertIn("Northwind Steel Ltd", event.old)

    def test_history_moves_with_the_client(self):
        self._merge(self.client | self.twin, self.twin, self.supervisor)
        self.assertFalse(self.client.exists())
        self.assertEqual(self.account.partner_id, self.twin)
        self.assertEqual(self.twin.key_account_id, self.account)

    def test_manager_cannot_merge_a_key_account(self):
        with self.assertRefused("supervisor", AccessError):
            self._merge(self.client | self.twin, self.client, self.manager)
        self.assertTrue(self.twin.exists())
        self.account.with_user(self.supervisor).action_retire(reason="Closed down")
        with self.assertRefused("supervisor", AccessError):
            self._merge(self.client | self.twin, self.client, self.manager)

    def test_two_accounts_of_one_company_cant_be_merged(self):
        with self.assertRefused("histories can't be merged"):
            self._merge(self.client | self.other_client, self.client, self.supervisor)
        self.assertTrue(self.account.exists() and self.other_account.exists())

    def test_accounts_of_two_companies_get_one_client(self):
        company = self.env["res.company"].create({"name": "Far Branch"})
        foreign = self.env["nka.key.account"].create(
            {"partner_id": self.twin.id, "company_id": company.id}
        )
        self._merge(self.client | self.twin, self.client, self.supervisor)
        self.assertEqual((self.account | foreign).partner_id, self.client)

    def test_client_cannot_become_a_contact(self):
        person = self.env["res.partner"].create(
            {"name": "Per Lind", "parent_id": self.twin.id}
        )
        trader = self.env["res.partner"].create({"name": "Per Lind, trader"})
        account = self._key_account(trader)
        with self.assertRefused("can't become a contact"):
            self._merge(trader | person, person, self.supervisor)
        self.assertEqual(account.partner_id, trader)

    def test_other_contacts_merge_as_before(self):
        third = self._new_client("Northwind Steel GmbH")
        self._merge(self.twin | third, third, self.manager)
        self.assertFalse(self.twin.exists())


@tagged("nka_accounts")
class TestPartnerGuard(PartnersCase):
    def test_archiving_a_key_account(self):
        candidate = self._nominate(self.twin).partner_id
        for client in (self.client, candidate):
            with self.assertRefused("only a supervisor can archive", AccessError):
                client.with_user(self.manager).action_archive()
            client.with_user(self.supervisor).action_archive()
            self.assertFalse(client.active)

    def test_deleting_a_client_with_history(self):
        with self.assertRefused("can't be deleted"):
            self.client.with_user(self.supervisor).unlink()
        forced = self.client.with_user(self.supervisor).with_context(_force_unlink=True)
        with mute_logger("odoo.sql_db"), self.assertRaises(ForeignKeyViolation):
            forced.unlink()
        self.assertTrue(self.client.exists())

    def test_client_cannot_move_below_another(self):
        with self.assertRefused("can't become a contact"):
            self.client.with_user(self.supervisor).write(
                {"is_company": False, "parent_id": self.twin.id}
            )
        self.client.parent_id = self.twin
        self.assertEqual(self.client.commercial_partner_id, self.client)
        with self.assertRefused("can't become a contact"):
            self.client.is_company = False

    def test_several_nominated_from_the_list(self):
        third = self._new_client("Rhine Glass")
        selected = (self.twin | third | self.client).with_user(self.manager)
        action = selected.action_nominate_key_account()
        accounts = self.env["nka.key.account"].search(action["domain"])
        self.assertEqual(accounts.partner_id, self.twin | third)
        with self.assertRefused("already a key account or candidate"):
            selected.action_nominate_key_account()
