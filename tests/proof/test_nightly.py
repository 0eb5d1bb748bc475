"""Nightly verifications go on from the last one and repeat a part of the rest."""

import random
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.addons.nka_key_accounts.models.proof import (
    audit_chain_walk,
    nightly,
    nka_audit_part,
    nka_audit_verification,
)
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import config

from .common import ProofCase

#: Number of events of a part here.
SIZE = 5
START = datetime(2027, 3, 1, 2)
NIGHTS = 28


@tagged("nka_proof")
class TestNightly(ProofCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sizes = ExitStack()
        cls.addClassCleanup(sizes.close)
        for module in (
            audit_chain_walk,
            nightly,
            nka_audit_part,
            nka_audit_verification,
        ):
            sizes.enter_context(patch.object(module, "PART", SIZE))
        cls.parts = cls.env["nka.audit.part"]
        cls.accounts = cls.account
        for number in range(5):
            cls.accounts |= cls._nominate(cls._new_client(f"Client {number}"))
        cls._do(40)
        cls._sign()
        with freeze_time(START - timedelta(days=1)):
            cls.first = cls.verifications._verify(cls.env.company)

    # ------------------------------------------------------------ work
    @classmethod
    def _do(cls, count):
        """Append events without a change of state."""
        for number in range(count):
            cls.events._record(cls.account, "refusal", new=str(number))

    @classmethod
    def _sign(cls):
        heads = cls.env["nka.audit.head"]
        heads._sequence_all()
        head = heads.search([("company_id", "=", cls.env.company.id)])
        head.invalidate_recordset()
        return cls.env["nka.audit.seal"]._seal(head)

    def _night(self, number=0):
        with freeze_time(START + timedelta(days=number)):
            return self.verifications._verify(self.env.company, nightly=True)

    def _until_found(self):
        """Return after how many nights something is found; None if nothing is."""
        for number in range(NIGHTS):
            if not self._night(number).is_whole:
                return number
        return None

    @contextmanager
    def _drawing(self, *numbers):
        """Have the verification draw these parts, and no group of records."""

        def draw(parts):
            chosen = numbers if parts and parts[0].digest else (0,)
            return [part for part in parts if part.number in chosen]

        with patch.object(nightly, "draw", draw):
            yield

    @contextmanager
    def _chain_and_status_only(self):
        """Exclude the checks of the database itself, which cost the most."""
        kind = type(self.verifications)
        with (
            patch.object(kind, "_check_guards", lambda records: []),
            patch.object(
                kind,
                "_checks",
                lambda records, company: [
                    records._check_states(company),
                    records._check_digests(company),
                ],
            ),
        ):
            yield

    def _edit(self, seq):
        self._tamper(
            "UPDATE nka_audit_event SET note = 'x' WHERE company_id = %s AND seq = %s",
            self.env.company.id,
            seq,
        )

    def _not_drawn(self, records):
        """Return one of these records whose group isn't drawn by :meth:`_drawing`."""
        return records.filtered(lambda record: record.id % nka_audit_part.GROUPS)[0]

    # ------------------------------------------------------------ going on
    def test_goes_on(self):
        self.assertEqual((self.first.reason, self.first.first_seq), ("asked", 1))
        self.assertEqual(self.first.verified_count, self.first.count)
        self.assertIn("All", self.first.coverage)
        self._do(7)
        found = self._night()
        self.assertTrue(found.is_whole, found.message)
        before = self.first.count // SIZE
        self.assertFalse(found.reason)
        self.assertEqual(found.first_seq, before * SIZE + 1)
        self.assertEqual(found.count, self.first.count + 7)
        self.assertEqual((found.part_count, found.drawn_count), (before, 2))
        self.assertEqual(found.verified_count, found.count - before * SIZE + 2 * SIZE)
        self.assertEqual(found.oldest_date, START - timedelta(days=1))
        self.assertRegex(
            found.coverage,
            rf"^Events {found.first_seq} to {found.count}, and 2 of {before} earlier "
            r"parts of 5 events\. .* 2 of 27 groups .* verified since 02/28/2027\.$",
        )
        short = found.new({"count": 4, "group_count": 2, "oldest_date": START})
        self.assertRegex(short.coverage, r"^All 4 events\. Records .* 2 of 27 groups")
        self.assertIn("within four weeks", found.unchecked)
        whole = self._verify()
        self.assertNotIn("within four weeks", whole.unchecked)
        self.assertEqual(whole.head_digest, found.head_digest)

    def test_everything_is_verified_first(self):
        """Also by a new version of the program, and after the key was changed."""
        tampered = (
            "DELETE FROM nka_audit_part",
            "DELETE FROM nka_audit_part WHERE kind = 'events' AND number = 2",
            "DELETE FROM nka_audit_part WHERE kind = 'records' AND number = 26",
            "UPDATE nka_audit_verification SET program = '19.0.0.0.0'",
        )
        for statement in tampered:
            with self.subTest(statement), self._undone():
                self.cr.execute(statement)
                self.env.invalidate_all()
                found = self._night()
                self.assertEqual((found.reason, found.is_whole), ("first", True))
                self.assertFalse(self._night(1).reason)
        with self._undone(), patch.dict(config.options, nka_audit_key="another"):
            found = self._night()
            self.assertEqual((found.reason, found.is_whole), ("first", True))

    def test_the_job_is_nightly_and_the_button_is_not(self):
        self.verifications._cron_verify()
        own = [("company_id", "=", self.env.company.id)]
        self.assertFalse(self.verifications.search(own, limit=1).reason)
        self.events.with_user(self.supervisor).action_verify()
        self.assertEqual(self.verifications.search(own, limit=1).reason, "asked")

    def test_unsigned_events_are_verified_again(self):
        self._do(3 * SIZE)
        begun = self._night().first_seq
        self.assertEqual(self._night(1).first_seq, begun)
        self._sign()
        self.assertEqual(self._night(2).first_seq, begun + 3 * SIZE)

    def test_nothing_is_skipped_without_a_valid_checkpoint(self):
        self._tamper("DELETE FROM nka_audit_seal")
        self.assertEqual(self._night().first_seq, 1)

    # ------------------------------------------------------------ drawing
    def test_every_part_within_four_weeks(self):
        parts = [
            nka_audit_part.Part(number, "", f"{START:%F %T}") for number in range(190)
        ]
        counts = []
        for night in range(1, 60):
            with freeze_time(START + timedelta(days=night)):
                drawn = nightly.draw(parts)
            now = START + timedelta(days=night)
            counts.append(len(drawn))
            known = {part.number: part._replace(date=f"{now:%F %T}") for part in drawn}
            parts = [known.get(part.number, part) for part in parts]
            oldest = min(part.date for part in parts)
            self.assertGreaterEqual(oldest, f"{now - nka_audit_part.LONGEST:%F %T}")
        self.assertEqual(max(counts), 16)

    def test_missed_nights_are_made_up_for(self):
        parts = [nka_audit_part.Part(1, "", f"{START:%F %T}")] * 100
        with freeze_time(START + timedelta(days=26)):
            self.assertEqual(len(nightly.draw(parts)), 8)
        with freeze_time(START + timedelta(days=27)):
            self.assertEqual(len(nightly.draw(parts)), 100)
        self.assertFalse(nightly.draw([]))

    def test_the_draw_cant_be_foreseen(self):
        """It doesn't depend on the seed of the program, and every part can come."""
        parts = [
            nka_audit_part.Part(number, "", f"{START:%F %T}") for number in range(190)
        ]
        draws = set()
        for _time in range(20):
            random.seed(1)
            draws.add(tuple(part.number for part in nightly.draw(parts)))
        self.assertGreater(len(draws), 15)

    # ------------------------------------------------------------ contradictions
    def test_edited_old_event(self):
        """It is found when its part is drawn, and by “Verify now” at once."""
        self._edit(7)
        with self._drawing(1):
            self.assertTrue(self._night().is_whole)
        with self._undone():
            self.assertEqual(self._verify().broken_seq, 7)
        with self._drawing(2):
            found = self._night(1)
        self.assertEqual((found.reason, found.broken_seq), ("contradicted", 7))
        self.assertEqual((found.first_seq, found.count), (1, 6))
        self.assertIn("Event 7 was edited", found.message)

    def test_missing_old_event(self):
        self._tamper(
            "DELETE FROM nka_audit_event WHERE company_id = %s AND seq = 10",
            self.env.company.id,
        )
        with self._drawing(1):
            found = self._night()
        self.assertIn("Event 10 isn't the one that was verified", found.message)
        self.assertEqual((found.reason, found.broken_seq), ("contradicted", 10))

    def test_rewritten_chain(self):
        """All hashes are computed again: the parts contradict it in the same night."""
        company = self.env.company.id
        self._edit(3)
        self._tamper(
            """UPDATE nka_audit_event
                  SET seq = NULL, previous_digest = NULL, digest = NULL
                WHERE company_id = %s""",
            company,
        )
        self._tamper(
            "UPDATE nka_audit_head SET seq = 0, digest = '' WHERE company_id = %s",
            company,
        )
        found = self._night()
        self.assertIn("Event 5 isn't the one that was verified", found.message)

    def test_cut_tail(self):
        company, left = self.env.company.id, self.first.count - 2
        self._tamper(
            "DELETE FROM nka_audit_event WHERE company_id = %s AND seq > %s",
            company,
            left,
        )
        with self._undone():
            found = self._night()
            self.assertEqual(found.broken_seq, left + 1)
        self._tamper(
            """UPDATE nka_audit_head SET seq = %s, digest = (
                   SELECT digest FROM nka_audit_event
                    WHERE company_id = %s AND seq = %s) WHERE company_id = %s""",
            left,
            company,
            left,
            company,
        )
        found = self._night()
        self.assertIn("doesn't match event", found.message)

    def test_findings_lead_to_a_whole_verification(self):
        self._edit(7)
        self.assertFalse(self._verify().is_whole)
        self.assertFalse(self.parts.search([]))
        for number in range(2):
            found = self._night(number)
            self.assertEqual((found.reason, found.broken_seq), ("found", 7))
        self._tamper(
            "UPDATE nka_audit_event SET note = NULL WHERE company_id = %s AND seq = 7",
            self.env.company.id,
        )
        found = self._night(2)
        self.assertEqual((found.reason, found.is_whole), ("found", True))
        self.assertFalse(self._night(3).reason)

    def test_changed_rows_of_parts(self):
        """They are reported, everything is verified, and the rows are written anew."""
        statements = (
            "UPDATE nka_audit_part SET date = '2099-01-01' WHERE number = 2",
            "UPDATE nka_audit_part SET digest = 'x' WHERE number = 2",
            "UPDATE nka_audit_part SET number = 1000 WHERE number = 26",
            "UPDATE nka_audit_part SET signature = NULL WHERE kind = 'records'",
        )
        for statement in statements:
            with self.subTest(statement), self._undone():
                with self._as_database_administrator() as cr:
                    cr.execute(statement)
                found = self._night()
                self.assertEqual(
                    (found.reason, found.is_whole), ("contradicted", False)
                )
                self.assertRegex(found.message, "was changed outside the program")
                self.assertFalse(found.broken_seq)
                self.assertEqual(self._night(1).reason, "found")
                found = self._night(2)
                self.assertEqual((found.reason, found.is_whole), (False, True))

    def test_parts_verified_in_a_copy_count_for_nothing(self):
        """The server signs with the same key for each database that it serves."""
        with patch.object(type(self.parts), "_database_number", lambda _self: 1):
            self.assertTrue(self._verify().is_whole)
        found = self._night()
        self.assertEqual((found.reason, found.is_whole), ("first", True))

    def test_the_database_refuses_changes_of_parts(self):
        part = self.parts.search([("kind", "=", "events")], limit=1)
        for column, value in (
            ("digest", "'x'"),
            ("number", "9"),
            ("kind", "'records'"),
        ):
            self.refused_by_database(
                f"UPDATE nka_audit_part SET {column} = {value} WHERE id = %s", part.id
            )
        self.refused_by_database("TRUNCATE nka_audit_part")

    # ------------------------------------------------------------ records
    def test_state_changed_by_sql(self):
        """It is found the same night if the row says when; or when it is drawn."""
        # The last events, about the first account, aren't a part yet.
        account = self._not_drawn(self.accounts - self.account)
        states = (
            "UPDATE nka_key_account SET state = 'former', write_date = %s WHERE id = %s"
        )
        with self._undone(), self._drawing(1):
            self._tamper(states, START, account.id)
            found = self._night(1)
            self.assertIn("but the audit trail says", found.message)
            self.assertFalse(found.reason)
        self._tamper(states, START - timedelta(days=30), account.id)
        with self._undone(), self._drawing(1):
            self.assertTrue(self._night().is_whole)
        with self._undone():
            self.assertIn("but the audit trail says", self._verify().message)
        with self._chain_and_status_only():
            self.assertIsNotNone(self._until_found())

    def test_deleted_by_sql(self):
        self._tamper(
            "DELETE FROM nka_assignment WHERE key_account_id = %s", self.account.id
        )
        self._tamper("DELETE FROM nka_key_account WHERE id = %s", self.account.id)
        with self._chain_and_status_only():
            self.assertIsNotNone(self._until_found())
        self.assertIn(
            "no longer exists", self.verifications.search([], limit=1).message
        )

    def test_changed_by_sql_and_then_by_its_button(self):
        account = self._not_drawn(self.accounts - self.account)
        self._tamper(
            "UPDATE nka_key_account SET state = 'key', write_date = NULL WHERE id = %s",
            account.id,
        )
        account.invalidate_recordset()
        account._move_to("former")
        with self._drawing(1):
            self.assertIn("moved on from", self._night().message)

    def test_a_forged_result_narrows_no_night(self):
        """Results aren't signed, so nights go on from the signed parts alone."""
        account = self._not_drawn(self.accounts - self.account)
        self._tamper(
            """INSERT INTO nka_audit_verification
                      (id, company_id, date, count, is_whole, program)
               SELECT 2000000000, company_id, '2099-01-01', 2000000000, TRUE, program
                 FROM nka_audit_verification WHERE id = %s""",
            self.first.id,
        )
        states = (
            "UPDATE nka_key_account SET state = 'key', write_date = %s WHERE id = %s"
        )
        with self._undone(), self._drawing(1):
            self._tamper(states, START, account.id)
            self.assertIn("but the audit trail says", self._night(1).message)
        self._tamper(states, None, account.id)
        account.invalidate_recordset()
        account._move_to("former")
        with self._drawing(1):
            self.assertIn("moved on from", self._night().message)

    def test_negative_numbers(self):
        """Odoo gives none, so records and events that have them were forged."""
        account = self._not_drawn(self.accounts)
        with self._chain_and_status_only():
            with self._undone():
                self._tamper(
                    """INSERT INTO nka_key_account (id, company_id, partner_id, state)
                       SELECT -5, company_id, %s, 'key' FROM nka_key_account
                        WHERE id = %s""",
                    self._new_client("Forged").id,
                    account.id,
                )
                self.assertIsNotNone(self._until_found())
            self._tamper(
                """UPDATE nka_audit_event SET seq = -7
                    WHERE id = (SELECT MAX(id) FROM nka_audit_event
                                 WHERE company_id = %s)""",
                self.env.company.id,
            )
            self._tamper(
                """UPDATE nka_audit_head SET seq = head.seq - 1, digest = (
                       SELECT digest FROM nka_audit_event event
                        WHERE event.company_id = head.company_id
                          AND event.seq = head.seq - 1)
                     FROM nka_audit_head head
                    WHERE nka_audit_head.id = head.id AND head.company_id = %s""",
                self.env.company.id,
            )
            self.assertIsNotNone(self._until_found())

    def test_a_client_cant_narrow_a_verification(self):
        account = self._not_drawn(self.accounts)
        self._tamper(
            "UPDATE nka_key_account SET state = 'former' WHERE id = %s", account.id
        )
        for sent in ({"groups": []}, [{}, "2026-01-01", []], True):
            trail = self.verifications.with_context(nka_verified_scope=sent)
            with self._undone():
                found = trail._verify(self.env.company)
                self.assertIn("but the audit trail says", found.message)

    # ------------------------------------------------------------ all together
    def test_nights_find_what_a_whole_verification_finds(self):
        """Random tampering is found by one of 28 nights, and nothing else is."""
        draw = random.Random(2027)
        with self._chain_and_status_only():
            with self._undone():
                self.assertIsNone(self._until_found())
            for tamper in (
                self._edit_an_event,
                self._remove_an_event,
                self._swap_events,
                self._change_a_state,
                self._delete_an_account,
            ):
                with self.subTest(tamper.__name__), self._undone():
                    tamper(draw)
                    with self._undone():
                        self.assertFalse(self._verify().is_whole)
                    self.assertIsNotNone(self._until_found())

    def _edit_an_event(self, draw):
        self._edit(draw.randint(1, self.first.count))

    def _remove_an_event(self, draw):
        self._tamper(
            "DELETE FROM nka_audit_event WHERE company_id = %s AND seq = %s",
            self.env.company.id,
            draw.randint(1, self.first.count),
        )

    def _swap_events(self, draw):
        one, two = draw.sample(range(1, self.first.count + 1), 2)
        numbers = ((one, -1), (two, one), (-1, two))
        for old, new in numbers:
            self._tamper(
                "UPDATE nka_audit_event SET seq = %s WHERE company_id = %s AND seq = %s",
                new,
                self.env.company.id,
                old,
            )

    def _change_a_state(self, draw):
        self._tamper(
            """UPDATE nka_key_account SET state = 'former', write_date = '2026-01-01'
                WHERE id = %s""",
            draw.choice(self.accounts.ids),
        )

    def _delete_an_account(self, draw):
        self._tamper(
            "DELETE FROM nka_assignment WHERE key_account_id = %s", self.account.id
        )
        self._tamper("DELETE FROM nka_key_account WHERE id = %s", self.account.id)

    # ------------------------------------------------------------ cost
    def test_queries(self):
        """A longer chain and more records need no further query, except for models that
        had no record in the drawn groups before.
        """
        # Records of the drawn group need queries that nothing else needs.
        while self._nominate(self._new_client("Drawn")).id % nka_audit_part.GROUPS:
            pass
        self._sign()
        before = self._queries_of_a_night(1)
        for number in range(12):
            self._nominate(self._new_client(f"Further client {number}"))
        self._do(60)
        self._sign()
        self._night(2)
        self.assertLess(self._queries_of_a_night(3), before + 5)

    def _queries_of_a_night(self, number):
        self._night(number)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        with self._drawing(1, 2, 3):
            self.assertFalse(self._night(number).reason)
        return self.cr.sql_log_count - before

    # ------------------------------------------------------------ roles
    def test_readers(self):
        part = self.parts.search([("kind", "=", "events")], limit=1)
        for user in (self.supervisor, self.kam_admin):
            read = part.with_user(user)
            self.assertEqual((read.first_seq, read.last_seq), (1, SIZE))
        for user in (self.manager, self.officer, self.salesman):
            with self.assertRaises(AccessError):
                part.with_user(user).read(["date"])

    def test_nobody_writes(self):
        part = self.parts.search([], limit=1)
        for user in (self.supervisor, self.kam_admin, self.env.user):
            own = part.with_user(user).sudo()
            for change in (
                lambda own=own: own.write({"date": START}),
                lambda own=own: own.unlink(),
                lambda own=own: own.copy(),
                lambda own=own: own.create({"number": 1}),
                lambda own=own: own.load(["number"], [["1"]]),
            ):
                with self.assertRaisesRegex(AccessError, "choose “Verify now”"):
                    change()

    def test_users_of_another_company_cant_read(self):
        company = self.env["res.company"].create({"name": "Another"})
        self._verify(company)
        part = self.parts.search([("company_id", "=", company.id)], limit=1)
        with self.assertRaises(AccessError):
            part.with_user(self.supervisor).read(["date"])
