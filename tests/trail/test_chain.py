"""The audit trail: append-only, chained, verified and signed."""

import base64
import json
from contextlib import contextmanager

from psycopg2 import Error, IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import NkaCase

TABLE = "nka_audit_event"


@tagged("nka_trail")
class TrailCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["nka.audit.event"]
        cls.account = cls._nominate(cls.client)

    def _append(self, count=1, kind="proposed"):
        entries = [
            self.events._prepare_entry(self.account, kind, old=str(n), new=str(n + 1))
            for n in range(count)
        ]
        self.events._append(entries)
        self.env["nka.audit.head"]._sequence_all()
        chain = self._chain()
        return chain[-count:]

    def _chain(self):
        return self.events.search(
            [("company_id", "=", self.env.company.id), ("seq", "!=", False)],
            order="seq",
        )

    @contextmanager
    def _as_database_administrator(self, table=TABLE):
        """Disable the triggers of a table, as a database administrator can."""
        self.env.flush_all()
        self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield self.env.cr
        trigger = {TABLE: "append_only", "nka_audit_head": "forward_only"}[table]
        name = f"{table}_{trigger}"
        self.env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        self.env.cr.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        self.env.cr.execute(
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate"
        )
        self.env.invalidate_all()

    def _verify(self):
        return self.env["nka.audit.verification"]._verify(self.env.company)

    def _assert_broken(self, seq, words):
        found = self._verify()
        self.assertFalse(found.is_whole)
        self.assertEqual(found.broken_seq, seq, found.message)
        self.assertRegex(found.message, words)


@tagged("nka_trail")
class TestAppendOnly(TrailCase):
    def test_orm_refuses_all_users(self):
        event = self._append()
        for user in (self.manager, self.supervisor, self.kam_admin, self.env.user):
            own = event.with_user(user)
            for door in (
                lambda own=own: own.write({"note": "x"}),
                lambda own=own: own.sudo().write({"note": "x"}),
                lambda own=own: own.sudo().unlink(),
                lambda own=own: own.sudo().with_context(_force_unlink=True).unlink(),
                lambda own=own: own.sudo().copy(),
                lambda own=own: own.sudo().create({"kind": "state"}),
                lambda own=own: own.sudo().load(["note"], [["x"]]),
                lambda own=own: own.sudo().web_save({"note": "x"}, {}),
            ):
                with self.assertRaises(AccessError):
                    door()
        self.assertTrue(self._verify().is_whole)

    def test_database_refuses(self):
        self._append()
        for statement in (
            f"UPDATE {TABLE} SET note = 'x'",
            f"DELETE FROM {TABLE}",
            f"TRUNCATE {TABLE}",
            "UPDATE nka_audit_head SET seq = seq - 1",
            "DELETE FROM nka_audit_head",
        ):
            with self.subTest(statement), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError) as caught:
                    with self.cr.savepoint():
                        self.env.cr.execute(statement)
                self.assertEqual(caught.exception.pgcode, "23001")

    def test_replication_role_is_refused_too(self):
        self._append()
        with self.assertRaises(Error), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self.env.cr.execute("SET LOCAL session_replication_role = replica")
                self.env.cr.execute(f"UPDATE {TABLE} SET note = 'x'")

    def test_append_costs_one_query(self):
        self._append()
        entries = [
            self.events._prepare_entry(self.account, "state", new="x")
            for _ in range(50)
        ]
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.events._append(entries)

    def test_version_never_comes_from_the_context(self):
        self.events = self.events.with_context(version=9, chain_version=9)
        self.assertTrue(self._append().digest.startswith("v1$"))

    def test_reasons_of_spaces_are_refused(self):
        """Whether a step or another decision records them."""
        with self.assertRaisesRegex(UserError, "reason is blank"):
            self.events._record(self.account, "decision", note=" \n")
        with self.assertRaisesRegex(UserError, "reason is blank"):
            self.account._move_to("former", note="\t")
        self.assertNotEqual(self.account.state, "former")


@tagged("nka_trail")
class TestVerification(TrailCase):
    def setUp(self):
        super().setUp()
        self.links = self._append(12)
        self.link = self.links[5]
        self.seq, self.last = self.link.seq, self.links[-1].seq

    def test_untouched_chain_is_intact(self):
        found = self._verify()
        self.assertTrue(found.is_whole, found.message)
        self.assertEqual(found.count, self.last)

    def test_edited(self):
        for column, value in (("note", "x"), ("new", "y"), ("res_name", "z")):
            with self.subTest(column), self.cr.savepoint() as savepoint:
                with self._as_database_administrator() as cr:
                    cr.execute(
                        f"UPDATE {TABLE} SET {column} = %s WHERE id = %s",
                        [value, self.link.id],
                    )
                self._assert_broken(self.seq, "was edited")
                savepoint.rollback()

    def test_edited_hash(self):
        with self._as_database_administrator() as cr:
            cr.execute(
                f"UPDATE {TABLE} SET previous_digest = 'v1$0' WHERE id = %s",
                [self.link.id],
            )
        self._assert_broken(self.seq, "was edited")

    def test_missing(self):
        with self._as_database_administrator() as cr:
            cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", [self.link.id])
        self._assert_broken(self.seq, f"{self.seq} is missing")

    def test_removed_and_renumbered(self):
        with self._as_database_administrator() as cr:
            cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", [self.link.id])
            self._shift(cr, self.seq, -1)
        self._assert_broken(self.seq, "were removed")

    def test_swapped(self):
        other, other_seq = self.links[8], self.links[8].seq
        with self._as_database_administrator() as cr:
            for link, seq in ((self.link, -1), (other, self.seq)):
                self._renumber(cr, link, seq)
            self._renumber(cr, self.link, other_seq)
        self._assert_broken(self.seq, f"{self.seq} and {other_seq} were swap")

    def test_inserted(self):
        with self._as_database_administrator() as cr:
            self._shift(cr, self.seq, 1)
            cr.execute(
                f"""INSERT INTO {TABLE} (company_id, seq, date, user_id, kind, digest)
                    VALUES (%s, %s, NOW(), 1, 'state', 'v1$0')""",
                [self.env.company.id, self.seq],
            )
        self._assert_broken(self.seq, "was edited|was inserted")

    def test_cut_end(self):
        last = self.links[-1]
        with self._as_database_administrator() as cr:
            cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", [last.id])
        self._assert_broken(self.last, "end of the chain was cut")

    def test_added_after_the_head(self):
        with self._as_database_administrator() as cr:
            cr.execute(
                f"""INSERT INTO {TABLE} (company_id, seq, date, user_id, kind, digest)
                    VALUES (%s, %s, NOW(), 1, 'state', 'v1$0')""",
                [self.env.company.id, self.last + 1],
            )
        self._assert_broken(self.last + 1, "was edited")

    def test_unknown_version(self):
        with self._as_database_administrator() as cr:
            cr.execute(
                f"UPDATE {TABLE} SET digest = 'v9' || digest WHERE id = %s",
                [self.link.id],
            )
        self._assert_broken(self.seq, "was edited")

    def test_disabled_trigger(self):
        self.env.cr.execute(
            f"ALTER TABLE {TABLE} DISABLE TRIGGER nka_audit_event_append_only"
        )
        self._assert_broken(0, "nka_audit_event_append_only.*missing or disabled")

    def test_state_changed_outside_the_trail(self):
        account = self._key_account(self.other_client)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nka_key_account SET state = 'former' WHERE id = %s", [account.id]
        )
        self._assert_broken(
            0, "Baltic Paper is “Former”, but the audit trail says “Key"
        )

    def test_nightly_job_alerts_the_supervisors(self):
        self.supervisor.email = "supervisor@example.com"
        with self._as_database_administrator() as cr:
            cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", [self.link.id])
        self.env["nka.audit.verification"]._cron_verify()
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertIn(self.supervisor.partner_id, mail.recipient_ids)
        self.assertIn("is missing", mail.body_html)

    def test_supervisor_verifies_from_the_menu(self):
        opened = self.events.with_user(self.supervisor).action_verify()
        self.assertEqual(opened["res_model"], "nka.audit.verification")
        with self.assertRaises(AccessError):
            self.events.with_user(self.manager).action_verify()

    def _renumber(self, cr, link, seq):
        cr.execute(f"UPDATE {TABLE} SET seq = %s WHERE id = %s", [seq, link.id])

    def _shift(self, cr, since, step):
        cr.execute(
            f"SELECT id, seq FROM {TABLE} WHERE company_id = %s AND seq >= %s "
            f"ORDER BY seq {'DESC' if step > 0 else 'ASC'}",
            [self.env.company.id, since],
        )
        for event_id, seq in cr.fetchall():
            cr.execute(
                f"UPDATE {TABLE} SET seq = %s WHERE id = %s", [seq + step, event_id]
            )


@tagged("nka_trail")
class TestCheckpoint(TrailCase):
    def setUp(self):
        super().setUp()
        self.links = self._append(5)
        self.supervisor.email = "supervisor@example.com"
        self.head = self.env["nka.audit.head"].search(
            [("company_id", "=", self.env.company.id)]
        )
        self.seals = self.env["nka.audit.seal"]

    def _sealed(self):
        return base64.b64decode(self.seals._seal(self.head).file)

    def test_checkpoint_is_mailed_daily(self):
        self.seals._cron_seal()
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertIn(self.supervisor.partner_id, mail.recipient_ids)
        content = json.loads(mail.attachment_ids.raw)
        self.assertEqual(content["digest"], self.links[-1].digest)

    def test_checkpoint_stays_valid_while_the_chain_grows(self):
        raw = self._sealed()
        self._append(3)
        good, message = self.seals._check_content(raw)
        self.assertTrue(good, message)

    def test_cut_end_is_found(self):
        raw = self._sealed()
        with self._as_database_administrator() as cr:
            cr.execute(f"DELETE FROM {TABLE} WHERE id = %s", [self.links[-1].id])
        good, message = self.seals._check_content(raw)
        self.assertFalse(good)
        self.assertIn("cut", message)

    def test_rewritten_chain_is_found(self):
        raw = self._sealed()
        with self._as_database_administrator() as cr:
            cr.execute(
                f"UPDATE {TABLE} SET digest = 'v1$0' WHERE id = %s", [self.links[-1].id]
            )
        self.assertFalse(self.seals._check_content(raw)[0])

    def test_forged_checkpoint_is_found(self):
        content = json.loads(self._sealed())
        content["seq"] -= 1
        good, message = self.seals._check_content(json.dumps(content).encode())
        self.assertFalse(good)
        self.assertIn("signature", message)

    def test_other_files_are_refused(self):
        with self.assertRaises(UserError):
            self.seals._check_content(b"no json")

    def test_supervisor_checks_a_file(self):
        check = self.env["nka.seal.check"].with_user(self.supervisor)
        wizard = check.create({"file": base64.b64encode(self._sealed())})
        wizard.action_check()
        self.assertTrue(wizard.is_good)


@tagged("nka_trail")
class TestRoles(TrailCase):
    def _group(self, name):
        return self.env.ref(f"nka_key_accounts.group_key_account_{name}")

    def setUp(self):
        super().setUp()
        self.system = self._new_user("nka_system", "group_key_account_admin")
        self.system.group_ids += self.env.ref("base.group_system")

    def test_granting_a_role_is_recorded(self):
        self.employee_user.with_user(self.system).write(
            {"group_ids": [(4, self._group("manager").id)]}
        )
        event = self._events(self.employee_user, "group")
        self.assertEqual(
            (event.new, event.user_id), ("Key account manager", self.system)
        )

    def test_users_cant_grant_roles_to_themselves(self):
        supervisor = self._group("supervisor")
        me = self.system.with_user(self.system)
        for door in (
            lambda: me.write({"group_ids": [(4, supervisor.id)]}),
            lambda: supervisor.with_user(me).write({"user_ids": [(4, me.id)]}),
            lambda: (
                self.env.ref("base.group_system")
                .with_user(me)
                .write({"implied_ids": [(4, supervisor.id)]})
            ),
            lambda: me.env["res.groups"].create(
                {
                    "name": "Back door",
                    "implied_ids": [(4, supervisor.id)],
                    "user_ids": [(4, me.id)],
                }
            ),
        ):
            with self.assertRaisesRegex(AccessError, "can't assign the role"):
                door()
            self.assertFalse(
                me.has_group("nka_key_accounts.group_key_account_supervisor")
            )
        self.assertTrue(self._verify().is_whole)

    def test_removing_a_role_is_recorded(self):
        self.manager.with_user(self.system).write(
            {"group_ids": [(3, self._group("manager").id)]}
        )
        self.assertEqual(
            self._events(self.manager, "group")[-1].old, "Key account manager"
        )


@tagged("nka_trail")
class TestOpenTrail(TrailCase):
    def test_button_on_every_form(self):
        arch = self.account.with_user(self.supervisor).get_view(view_type="form")[
            "arch"
        ]
        self.assertIn("action_open_trail", arch)
        arch = self.account.with_user(self.manager).get_view(view_type="form")["arch"]
        self.assertNotIn("action_open_trail", arch)

    def test_opens_the_events_of_a_record(self):
        action = self.account.with_user(self.supervisor).action_open_trail()
        found = self.events.with_user(self.supervisor).search(action["domain"])
        self.assertIn(self._events(self.account)[0], found)
        self.assertEqual(
            found.key_account_ref if len(found) == 1 else self.account.id,
            self.account.id,
        )

    def test_states_are_shown_as_labels(self):
        event = self._events(self.account, "state")[-1]
        self.assertEqual((event.new, event.new_text), ("candidate", "Candidate"))
        self.assertFalse(event.old_text)
        other = self._append(1)
        self.assertEqual((other.old_text, other.new_text), ("0", "1"))

    def test_kinds_are_readable(self):
        labels = dict(self.events._fields["kind"]._description_selection(self.env))
        self.assertEqual(labels["state"], "Status")
