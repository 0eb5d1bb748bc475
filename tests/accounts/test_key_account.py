from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import NkaCase, qualify


@tagged("nka_accounts")
class TestKeyAccount(NkaCase):
    """Nomination, confirmation and the end of a key account."""

    def test_nominated_by_manager_confirmed_by_supervisor(self):
        account = self._nominate(self.client)
        self.assertEqual(account.state, "candidate")
        self.assertEqual(account.manager_id, self.manager)
        self._qualify(account)
        account.with_user(self.supervisor).action_confirm()
        self.assertEqual(account.state, "key")
        self.assertEqual(account.date_start, self.today)
        self.assertEqual(account.assignment_ids.user_id, self.manager)
        self.assertEqual(
            self._events(account, "state").mapped(lambda e: (e.old, e.new)),
            [(False, "candidate"), ("candidate", "key")],
        )

    def test_manager_cannot_confirm(self):
        account = self._nominate(self.client)
        with self.assertRaisesRegex(AccessError, "supervisor"):
            account.with_user(self.manager).action_confirm()
        self.assertEqual(account.state, "candidate")

    def test_supervisor_cannot_confirm_their_own_nomination(self):
        account = self._nominate(
            self.client, self.supervisor, manager_id=self.manager.id
        )
        with self.assertRaisesRegex(AccessError, "another supervisor"):
            account.with_user(self.supervisor).action_confirm()
        qualify(account, self.supervisor)
        account.with_user(self.supervisor_2).action_confirm()
        self.assertEqual(account.state, "key")

    def test_state_cant_be_written(self):
        account = self._nominate(self.client).with_user(self.manager)
        for attempt in (
            lambda: account.write({"state": "key"}),
            lambda: account.sudo().write({"state": "key"}),
            lambda: account.with_context(nka_key=True).write({"state": "key"}),
            lambda: account.create(
                {"partner_id": self.other_client.id, "state": "key"}
            ),
            lambda: account.with_context(default_state="key").create(
                {"partner_id": self.other_client.id}
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertEqual(account.state, "candidate")

    def test_one_account_per_client_and_company(self):
        self._nominate(self.client)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._nominate(self.client, self.colleague)

    def test_retire_ends_the_assignment(self):
        account = self._key_account(self.client)
        question = account.with_user(self.supervisor).action_retire()
        self.assertEqual(question["res_model"], "nka.reason.wizard")
        self.assertEqual(account.state, "key")
        account.with_user(self.supervisor).action_retire(reason="Moved abroad")
        self.assertEqual(account.state, "former")
        self.assertEqual(account.assignment_ids.date_to, self.today)
        self.assertEqual(self._events(account, "state")[-1].note, "Moved abroad")

    def test_history_cant_be_deleted(self):
        account = self._key_account(self.client)
        with self.assertRaises(UserError):
            account.with_user(self.supervisor).unlink()


@tagged("nka_accounts")
class TestPartnerStatus(NkaCase):
    def test_contact_shows_the_status_of_its_client(self):
        contact = self.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": self.client.id}
        )
        self.assertFalse(contact.key_account_state)
        account = self._key_account(self.client)
        self.assertEqual(contact.key_account_state, "key")
        self.assertEqual(contact.key_account_id, account)
        self.assertEqual(contact.key_account_manager_id, self.manager)

    def test_search(self):
        self._key_account(self.client)
        self._nominate(self.other_client, self.colleague)
        both = self.client | self.other_client
        partners = self.env["res.partner"]

        def found(*leaf):
            return partners.search([("id", "in", both.ids), leaf])

        self.assertEqual(found("key_account_state", "=", "key"), self.client)
        self.assertEqual(found("key_account_state", "!=", "key"), self.other_client)
        self.assertEqual(found("key_account_state", "in", ["key", "candidate"]), both)
        self.assertEqual(found("key_account_id", "!=", False), both)
        self.assertFalse(found("key_account_id", "=", False))
        self.assertEqual(
            found("key_account_manager_id", "=", self.manager.id), self.client
        )
        self.assertEqual(found("key_account_tier_id", "=", self.tier.id), both)
