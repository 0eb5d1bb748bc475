"""What a database knows of itself, and what a copy refuses; copies are simulated here."""

import runpy
from base64 import b64decode
from unittest.mock import patch

from odoo import Command
from odoo.addons.nka_key_accounts.models.copies import nka_database
from odoo.addons.nka_key_accounts.models.copies.nka_database import Database
from odoo.exceptions import AccessError, UserError
from odoo.tools import file_path, mute_logger

from ..close.common import DECEMBER, CloseCase
from ..common import new_user

LOGGER = nka_database.__name__
SENTENCE = "This database is a copy"


class TestDatabase(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.databases = cls.env["nka.database"]
        cls.close = cls._new_close()
        cls.close.action_calculate()
        cls.close.with_user(cls.second).action_approve()
        cls.before = cls.databases._look(), cls.databases.search_count([])
        cls.close.with_user(cls.second).action_lock()
        cls.database = cls.databases.search([])
        cls.system = new_user(cls.env, "odoo_admin", "base.group_system")
        cls.mail = cls.env["mail.mail"].create(
            {"subject": "To a client", "email_to": "client@example.com"}
        )

    def setUp(self):
        super().setUp()
        self.told = mute_logger(LOGGER)
        self.told.__enter__()
        self.addCleanup(self.told.__exit__, None, None, None)

    def _become(self, **values):
        """Let this database be another one until the end of the test."""
        current = self.databases._current(True)._replace(**values)
        become = patch.object(Database, "_current", lambda _self, _is_open: current)
        become.start()
        self.addCleanup(become.stop)

    def _send(self):
        """Run the mail queue and return whether it connected to a mail server."""
        servers = type(self.env["ir.mail_server"])
        with patch.object(servers, "_connect__", return_value=None) as connect:
            self.env["mail.mail"].process_email_queue(self.mail.ids)
        return connect.called

    def _as(self, user):
        return self.database.with_user(user)

    def _events(self, kind):
        return super()._events(self.database, kind)

    # ------------------------------------------------------------ keeping
    def test_identity_is_kept_from_the_first_locked_month_on(self):
        self.assertEqual(self.before, (None, 0))
        self.assertEqual(self.database.state, "production")
        self.assertEqual(self.database.uuid, self.databases._current(True).uuid)
        self.assertEqual(self._events("database").new, "production")
        self.databases._keep()
        self.assertEqual(len(self._events("database")), 1)

    def test_update_keeps_the_identity_of_a_company_with_locked_months(self):
        self.env.cr.execute("DELETE FROM nka_database")
        self.env.invalidate_all()
        path = "nka_key_accounts/migrations/19.0.2.0.0/post-database.py"
        runpy.run_path(file_path(path))["migrate"](self.env.cr, "19.0.1.3.0")
        self.assertEqual(self.databases._look(), "production")

    def test_identity_is_kept_from_the_first_signature_on(self):
        self.env.cr.execute("DELETE FROM nka_database")
        self.env.invalidate_all()
        head = self.env["nka.audit.head"].search([], limit=1)
        self.env["nka.audit.seal"]._seal(head)
        self.assertEqual(self.databases._look(), "production")

    def test_database_with_nothing_to_protect_keeps_nothing(self):
        self.env.cr.execute("DELETE FROM nka_database")
        self.env.invalidate_all()
        self._become(number="1")
        self.assertIsNone(self.databases._look())
        self.assertTrue(self._send())
        with self.refused(UserError, "There is nothing to confirm yet"):
            self.databases.with_user(self.kam_admin).action_open()
        self.databases._keep_if_needed()
        self.assertEqual(self.databases._look(), "production")

    # ------------------------------------------------------------ recognizing
    def test_each_part_of_the_identity_makes_a_copy(self):
        for values in ({"system": "1"}, {"number": "1"}, {"uuid": "x"}):
            with self.subTest(values), self.cr.savepoint() as savepoint:
                with patch.object(
                    Database,
                    "_current",
                    lambda *_args, told=values: self._told_identity(told),
                ):
                    self.assertEqual(self.databases._look(), "copy")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)
        self.assertEqual(self.databases._look(), "production")

    def _told_identity(self, values):
        kept = (self.database[name] for name in nka_database.IDENTITY)
        return nka_database.Identity(*kept)._replace(**values)

    def test_copy_is_recorded_once_with_both_identities(self):
        last = self.env["nka.audit.event"].search([], order="id desc", limit=1).date
        self._become(number="1", name="restored")
        for _ in range(3):
            self.assertEqual(self.databases._look(), "copy")
        event = self._events("copy")
        self.assertEqual(len(event), 1)
        self.assertIn(f"database {self.env.cr.dbname}"[:8], event.old)
        self.assertIn("restored: server", event.new)
        self.assertIn(str(last), event.note)
        self.assertEqual(self.database.original, self.env.cr.dbname)
        self.assertEqual(self.database.last_event_date, last)

    def test_every_company_with_a_trail_has_the_event(self):
        other = self.env["res.company"].create({"name": "Branch"})
        self.env["nka.audit.event"].with_company(other)._record(self.client, "export")
        self._become(number="1")
        self.databases._look()
        self.assertIn(other, self._events("copy").company_id)

    def test_database_user_without_the_functions_of_the_server(self):
        self._become(system="", timeline=0)
        self.assertEqual(self.databases._look(), "production")
        with patch.object(Database, "_may_ask", lambda _self: False):
            said = self.env["nka.audit.verification"]._not_checked(self.company)
        self.assertIn("pg_control_system()", " ".join(said))
        identity = Database._current(self.databases, False)
        self.assertEqual(identity, self.databases._current(False))

    def test_replica_that_takes_over_is_recorded_and_goes_on(self):
        self._become(timeline=self.database.timeline + 1)
        for _ in range(2):
            self.assertEqual(self.databases._look(), "production")
        self.assertEqual(len(self._events("server")), 1)
        self.assertTrue(self._send())

    # ------------------------------------------------------------ what a copy refuses
    def test_emails_wait_in_a_copy(self):
        self.assertTrue(self._send())
        self.mail.write({"state": "outgoing"})
        self._become(number="1")
        self.assertFalse(self._send())
        self.assertEqual(self.mail.state, "outgoing")
        self.mail.send()
        self.assertEqual(self.mail.state, "outgoing")

    def test_steps_that_decide_or_pay_are_refused_in_a_copy(self):
        self._become(number="1")
        with self.refused(UserError, SENTENCE):
            self.close.with_user(self.second).action_mark_paid()
        with self.refused(UserError, SENTENCE):
            self.close.with_user(self.kam_admin).action_reopen("Once more")
        later = self._new_close(DECEMBER)
        later.action_calculate()
        self.assertEqual(later.state, "calculated")
        with self.refused(UserError, SENTENCE):
            later.with_user(self.second).action_approve()
        with self.refused(UserError, SENTENCE):
            later._make_slips(self.close.sudo().statement_ids)
        jobs = type(self.env["nka.payslip.job"])
        with patch.object(jobs, "_make_some", side_effect=AssertionError):
            self.env["nka.payslip.job"]._cron_make()
        self.close.action_verify()

    def test_pages_say_that_it_is_a_copy(self):
        setups = self.env["nka.setup"].with_user(self.system)
        setup = setups.browse(setups.action_open_setup()["res_id"])
        self.assertFalse(self.close.database_notice)
        self._become(number="1")
        self.env.invalidate_all()
        for record in (self.close, setup.with_user(self.kam_admin), self.database):
            name = "notice" if record == self.database else "database_notice"
            self.assertIn(SENTENCE, record[name])
        action = setup.with_user(self.system).action_open_database()
        self.assertEqual(action["res_id"], self.database.id)

    # ------------------------------------------------------------ confirming
    def test_only_administrators_confirm(self):
        self._become(number="1")
        self.databases._look()
        for user in (self.officer, self.supervisor):
            for name in ("action_confirm_production", "action_confirm_test"):
                with self.refused(AccessError, "Only an administrator"):
                    getattr(self._as(user), name)("Mine")
        with self.refused(AccessError):
            self._as(self.manager).action_confirm_production("Mine")
        with self.refused(AccessError, "Only an administrator"):
            self._as(self.officer).sudo().action_confirm_production("Mine")

    def test_key_account_administrators_dont_stop_the_emails_of_a_production_system(
        self,
    ):
        with self.refused(AccessError, "Only an administrator of Odoo"):
            self._as(self.kam_admin).action_confirm_test("Quiet")
        self.assertEqual(self.databases._look(), "production")
        self._as(self.system).action_confirm_test("It never was one")
        self.assertEqual(self.databases._look(), "test")

    def test_nobody_writes_what_a_database_is(self):
        self._become(number="1")
        self.databases._look()
        for user in (self.manager, self.officer, self.system, self.kam_admin):
            with self.refused(AccessError):
                self._as(user).write({"state": "production"})
            with self.refused(AccessError):
                self._as(user).unlink()
            with self.refused(AccessError):
                self.databases.with_user(user).create({"name": "x"})
        with self.refused(AccessError, "can be changed only with the buttons"):
            self._as(self.system).sudo().write({"number": "1"})
        with self.refused(AccessError):
            self.env["ir.config_parameter"].with_user(self.officer).set_param(
                "database.uuid", self.database.uuid
            )

    def test_production_system_is_confirmed_with_a_reason(self):
        self._become(number="1")
        self.databases._look()
        asked = self._as(self.kam_admin).action_confirm_production()
        self.assertEqual(asked["res_model"], "nka.reason.wizard")
        with self.refused(UserError, "The reason is blank"):
            self._as(self.kam_admin).action_confirm_production("  ")
        self._as(self.kam_admin).action_confirm_production("The old server burned")
        self.assertEqual(self.databases._look(), "production")
        event = self._events("database")[-1]
        self.assertEqual((event.old, event.new), ("copy", "production"))
        self.assertEqual(event.note, "The old server burned")
        self.assertEqual(event.user_id, self.kam_admin)
        self.assertTrue(self._send())
        self.close.with_user(self.kam_admin).action_reopen("Once more")
        self.assertEqual(self.close.state, "open")
        with self.refused(UserError, "already confirmed: Production system"):
            self._as(self.system).action_confirm_production("Again")

    def test_test_system_closes_months_and_sends_nothing(self):
        self._become(number="1")
        self._as(self.system).action_confirm_test("To try the update")
        self.assertEqual(self.databases._look(), "test")
        self.assertFalse(self._send())
        self.close.with_user(self.kam_admin).action_reopen("Practice")
        self.assertEqual(self.close.state, "open")
        self._as(self.system).action_confirm_production("Moved here after all")
        self.assertEqual(self.database.state, "production")

    def test_copy_of_a_confirmed_system_is_a_copy_again(self):
        self._become(number="1")
        self._as(self.kam_admin).action_confirm_production("Moved")
        self._become(number="2")
        self.assertEqual(self.databases._look(), "copy")
        self.assertFalse(self.database.decided_by_id)
        self.assertEqual(len(self._events("copy")), 2)

    def test_neutralized_copy_is_a_test_system(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("database.is_neutralized", True)
        self.env.flush_all()
        self._become(number="1")
        self.assertEqual(self.databases._look(), "test")
        self.assertIn("neutralized", self._events("copy").note)
        self.assertFalse(self._send())
        with self.refused(UserError, "was neutralized"):
            self._as(self.kam_admin).action_confirm_production("Mine")
        parameters.set_param("database.is_neutralized", False)
        self.env.flush_all()
        self.assertEqual(self.databases._look(), "test")

    def test_neutralizing_in_place_is_recorded(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("database.is_neutralized", True)
        self.env.flush_all()
        self.assertEqual(self.databases._look(), "test")
        event = self._events("database")[-1]
        self.assertEqual((event.old, event.new), ("production", "test"))
        self._assert_found("")

    # ------------------------------------------------------------ proof
    def _assert_found(self, finding, warning=""):
        check = self.env["nka.audit.verification"]._check_database(self.company)
        self.assertEqual(check.count, 1)
        self.assertIn(finding, " ".join(check.findings))
        self.assertEqual(bool(check.findings), bool(finding))
        self.assertIn(warning, " ".join(check.warnings))

    def test_verification_of_a_copy_finds_no_contradiction(self):
        self._assert_found("")
        self._become(number="1")
        found = self.env["nka.audit.verification"]._verify(self.company)
        self.assertTrue(found.has_warnings)
        self.assertIn(f"a restored copy of “{self.env.cr.dbname}”", found.result)
        self._assert_found("", "not confirmed yet")
        self._as(self.kam_admin).action_confirm_test("Ours")
        self._assert_found("", "a test system, a copy of")

    def test_verification_finds_what_was_forged_by_sql(self):
        self._become(number="1")
        self.databases._look()
        for change in (
            "UPDATE nka_database SET state = 'production'",
            "UPDATE nka_database SET number = '2'",
            "DELETE FROM nka_database",
        ):
            with self.subTest(change), self.cr.savepoint() as savepoint:
                self.env.flush_all()
                self.cr.execute(change)
                self.env.invalidate_all()
                self._assert_found("outside")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_checkpoints_name_the_system(self):
        seals = self.env["nka.audit.seal"]
        self.env["nka.audit.head"]._sequence_all()
        head = self.env["nka.audit.head"].search([("company_id", "=", self.company.id)])
        self.assertNotIn("system", seals._prepare_content(head))
        self._become(number="1")
        for state, words in (("copy", "a copy of"), ("test", "a test system")):
            if state == "test":
                self._as(self.kam_admin).action_confirm_test("Ours")
            seal = seals._seal(head)
            self.assertEqual(seal._read_signed()["system"], state)
            raw = seal.with_context(bin_size=False).file
            is_whole, told = seals._check_content(b64decode(raw))
            self.assertTrue(is_whole, told)
            self.assertIn(words, told)

    def test_roles_read_what_the_database_is(self):
        self.system.group_ids = [Command.link(self.env.ref("base.group_user").id)]
        for user in (self.system, self.kam_admin, self.supervisor, self.officer):
            self.assertEqual(self._as(user).name, self.env.cr.dbname)
        with self.refused(AccessError):
            self._as(self.manager).read(["name"])

    def test_administrators_of_odoo_find_the_page(self):
        """They see the menu that refusals name, and none beside it."""
        menus = self.env["ir.ui.menu"].with_user(self.system)
        visible = menus.browse(menus._visible_menu_ids()).sudo()
        database, audit, control = (
            self.env.ref(f"nka_key_accounts.menu_nka_{name}")
            for name in ("database", "audit", "control")
        )
        self.assertEqual(audit.child_id & visible, database)
        self.assertEqual(control.child_id & visible, audit)
        self.assertIn(control, visible)
