"""Signed checkpoints: stored unchanged, mailed, and reported when missing."""

import base64
import json
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import DiskFull

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common import ProofCase

SEALS = "odoo.addons.nka_key_accounts.models.proof.nka_audit_seal"
LOGGER = "odoo.addons.nka_key_accounts.models.proof.nka_audit_verification"


@tagged("nka_proof")
class CheckpointCase(ProofCase):
    def setUp(self):
        super().setUp()
        self.seals = self.env["nka.audit.seal"]
        self.supervisor.email = "supervisor@example.com"
        self.supervisor_2.email = False

    def _sign(self):
        self.env["nka.audit.head"]._sequence_all()
        head = self.env["nka.audit.head"].search(
            [("company_id", "=", self.env.company.id)]
        )
        head.invalidate_recordset()
        return self.seals._seal(head)

    def _told(self, words):
        return self.env["mail.activity"].search([("summary", "like", words)])


@tagged("nka_proof")
class TestStored(CheckpointCase):
    def test_company_renamed_after_signing(self):
        seal = self._sign()
        self.env.company.name = "Renamed"
        seal.invalidate_recordset()
        good, message = self.seals._check_content(base64.b64decode(seal.file))
        self.assertTrue(good, message)
        self.assertNotIn("Renamed", base64.b64decode(seal.file).decode())
        self._assert_whole()

    def test_the_database_refuses_changes(self):
        seal = self._sign()
        for statement in (
            "UPDATE nka_audit_seal SET seq = 1 WHERE id = %s",
            "UPDATE nka_audit_seal SET content = '{}' WHERE id = %s",
            "DELETE FROM nka_audit_seal WHERE id = %s",
        ):
            self.refused_by_database(statement, seal.id)
        self.refused_by_database("TRUNCATE nka_audit_seal")

    def test_first_format_is_still_checked(self):
        self._verify()
        event = self.events.search([("company_id", "=", self.env.company.id)], limit=1)
        content = {
            "format": "nka-audit-seal-1",
            "database": self.seals._database_uuid(),
            "company_id": self.env.company.id,
            "company": self.env.company.name,
            "date": "2026-01-01 00:00:00",
            "seq": event.seq,
            "digest": event.digest,
        }
        signature = self.seals._sign(content)
        raw = json.dumps(content | {"signature": signature}).encode()
        self.assertTrue(self.seals._check_content(raw)[0])
        columns = ("company_id", "date", "seq", "digest")
        old = self.seals.create(
            {name: content[name] for name in columns} | {"signature": signature}
        )
        self.assertTrue(self.seals._check_content(base64.b64decode(old.file))[0])
        self._sign()
        self._assert_whole()


@tagged("nka_proof")
class TestAgainstTheChain(CheckpointCase):
    def test_checkpoints_match_the_chain(self):
        for _number in range(3):
            self._sign()
        found = self._assert_whole()
        line = found.line_ids.filtered(lambda line: "in the database" in line.title)
        self.assertEqual(line.count, 3)

    def test_rewritten_chain(self):
        """All hashes and the head are recomputed; only the checkpoint differs."""
        self._sign()
        self._nominate(self.other_client)
        self._verify()
        with self._as_database_administrator() as cr:
            cr.execute(
                "UPDATE nka_audit_event SET note = 'forged' WHERE company_id = %s"
                " AND seq = 1",
                [self.env.company.id],
            )
            cr.execute(
                """UPDATE nka_audit_event
                      SET seq = NULL, previous_digest = NULL, digest = NULL
                    WHERE company_id = %s""",
                [self.env.company.id],
            )
            cr.execute(
                "UPDATE nka_audit_head SET seq = 0, digest = '' WHERE company_id = %s",
                [self.env.company.id],
            )
        self.env["nka.audit.head"]._sequence_all()
        self.assertFalse(self._verify().broken_seq)
        self._assert_told("doesn't match event .* of the chain")

    def test_cut_chain_with_its_head_moved_back(self):
        self._sign()
        self._tamper(
            "DELETE FROM nka_audit_event WHERE company_id = %s AND seq > 1",
            self.env.company.id,
        )
        self._tamper(
            """UPDATE nka_audit_head SET seq = 1, digest = (
                   SELECT digest FROM nka_audit_event
                    WHERE company_id = %(company)s AND seq = 1)
                WHERE company_id = %(company)s""".replace(
                "%(company)s", str(self.env.company.id)
            )
        )
        self._assert_told("doesn't match event .* of the chain")

    def test_forged_columns(self):
        seal = self._sign()
        for column, value in (("seq", 1), ("digest", "v1$0"), ("signature", "0" * 64)):
            with self.subTest(column), self._undone():
                self._tamper(
                    f"UPDATE nka_audit_seal SET {column} = %s WHERE id = %s",
                    value,
                    seal.id,
                )
                self._assert_told(
                    "The checkpoint of .* was changed after it was signed"
                )

    def test_damaged_content(self):
        seal = self._sign()
        for content in ("{}", "[]", "null", "{", '{"format": 1}'):
            with self.subTest(content), self._undone():
                self._tamper(
                    "UPDATE nka_audit_seal SET content = %s WHERE id = %s",
                    content,
                    seal.id,
                )
                self._assert_told(
                    "The checkpoint of .* was changed after it was signed"
                )

    def test_emptied_content(self):
        self._sign()
        seal = self._sign()
        self._tamper("UPDATE nka_audit_seal SET content = NULL WHERE id = %s", seal.id)
        self._assert_told("The checkpoint of .* was changed after it was signed")

    def test_removed_or_replaced(self):
        first, second, _last = (self._sign() for _number in range(3))
        for seal in (first, second):
            with self.subTest(seal), self._undone():
                self._tamper("DELETE FROM nka_audit_seal WHERE id = %s", seal.id)
                self._assert_told("checkpoint before the one of .* is missing")

    def test_signed_with_another_key(self):
        """The chain is still compared; the message names the unchecked signatures."""
        self._sign()
        with patch.dict(config.options, {"nka_audit_key": "new"}):
            found = self._assert_whole()
            self.assertRegex(
                found.message,
                "signatures made with another key .checkpoints: 1",
            )


@tagged("nka_proof")
class TestMailing(CheckpointCase):
    def test_no_supervisor_with_an_address(self):
        self.env["res.users"]._nka_holders(
            "nka_key_accounts.group_key_account_supervisor", self.env.company
        ).partner_id.email = False
        self.seals._cron_seal()
        seal = self.seals.search([("company_id", "=", self.env.company.id)], limit=1)
        self.assertFalse(seal.is_mailed)
        told = self._told("aren't being sent")
        self.assertLessEqual(self.supervisor | self.kam_admin, told.user_id)
        self.assertIn("has an email address", told[0].note)
        found = self._verify()
        self.assertTrue(found.is_whole and found.has_warnings)
        self.assertRegex(found.message, "No supervisor of .* has an email address")

    def test_mail_that_failed(self):
        self.seals._cron_seal()
        seal = self.seals.search([("company_id", "=", self.env.company.id)], limit=1)
        self.assertTrue(seal.is_mailed)
        self.assertFalse(self._verify().has_warnings)
        seal.mail_id.write({"state": "exception", "failure_reason": "No route to host"})
        self.verifications._cron_verify()
        found = self.verifications.search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        self.assertRegex(found.message, "wasn't sent: No route to host")
        self.assertIn(self.supervisor, self._told("needs your attention").user_id)

    def test_mail_that_is_still_queued(self):
        self.seals._cron_seal()
        with freeze_time(datetime.now() + timedelta(hours=37)):
            self.assertRegex(self._verify().message, "hasn't been sent yet")

    def test_signing_that_fails(self):
        for error, words in (
            (OSError(28, "No space left on device"), "No space left on device"),
            (UserError("No key"), "No key"),
            (DiskFull("could not extend file"), "database error"),
            (ValueError("x"), "see the server log"),
        ):
            with self.subTest(error), self._undone():
                with (
                    patch(f"{SEALS}.AuditSeal._sign", side_effect=error),
                    self.assertLogs(LOGGER, "ERROR"),
                ):
                    self.seals._cron_seal()
                told = self._told("wasn't signed")
                self.assertLessEqual(self.supervisor | self.kam_admin, told.user_id)
                self.assertIn(words, str(told[0].note))

    def test_a_full_disk_while_mailing_keeps_the_checkpoint(self):
        before = self.seals.search_count([])
        with (
            patch(
                f"{SEALS}.AuditSeal._mail_supervisors",
                side_effect=OSError(28, "No space left on device"),
            ),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.seals._cron_seal()
        self.assertGreater(self.seals.search_count([]), before)
        self.assertTrue(self._told("wasn't signed"))

    def test_a_failure_in_one_company_doesnt_delay_another(self):
        company = self.env["res.company"].create({"name": "Another"})
        self.supervisor.company_ids += company
        entry = self.events._prepare_entry(self.account, "state") | {
            "company_id": company.id
        }
        self.events._append([entry])
        sign = type(self.seals)._sign

        def fail_for_the_first(seals, content):
            if content["company_id"] == self.env.company.id:
                raise OSError(28, "No space left on device")
            return sign(seals, content)

        with (
            patch(f"{SEALS}.AuditSeal._sign", fail_for_the_first),
            mute_logger(LOGGER),
        ):
            self.seals._cron_seal()
        self.assertTrue(self.seals.search([("company_id", "=", company.id)]))
        self.assertFalse(self.seals.search([("company_id", "=", self.env.company.id)]))

    def test_days_without_a_checkpoint(self):
        self._sign()
        # Number the event of the first checkpoint, as the end of its transaction does.
        self._verify()
        with freeze_time(datetime.now() + timedelta(hours=30)):
            found = self._verify()
            self.assertFalse(found.has_warnings, found.message)
        with freeze_time(datetime.now() + timedelta(hours=40)):
            found = self._verify()
            self.assertRegex(found.message, "No checkpoint was signed between")
            self.assertTrue(found.is_whole)
            self._sign()
            self.assertRegex(self._verify().message, "No checkpoint was signed between")
        with freeze_time(datetime.now() + timedelta(days=9)):
            self._sign()
        with freeze_time(datetime.now() + timedelta(days=17)):
            self._sign()
            message = self._verify().message
            self.assertEqual(message.count("No checkpoint was signed"), 1)

    def test_no_checkpoint_since_the_chain_began(self):
        self._verify()
        with freeze_time(datetime.now() + timedelta(days=3)):
            self.assertRegex(self._verify().message, "No checkpoint was signed between")
