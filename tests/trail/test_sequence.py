"""Events are appended without a number and get it in a separate step."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError
from psycopg2.pool import PoolError

from odoo import fields
from odoo.addons.nka_key_accounts.models.trail import nka_audit_event, nka_audit_head
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .test_chain import TABLE, TrailCase

LOG = "odoo.addons.nka_key_accounts.models.trail.nka_audit_head"


@tagged("nka_trail")
class SequenceCase(TrailCase):
    def setUp(self):
        super().setUp()
        self.heads = self.env["nka.audit.head"]
        self.heads._sequence_all()
        self.company = self.env.company

    def _wait(self, count=1, company=None, **values):
        """Append events and return them before they are numbered."""
        entry = self.events._prepare_entry(self.account, "proposed", **values)
        entry["company_id"] = (company or self.company).id
        last = self.events.search([], order="id desc", limit=1).id
        self.events._append([entry] * count)
        return self.events.search([("id", ">", last)], order="id")

    def _end(self, company=None):
        domain = [("company_id", "=", (company or self.company).id)]
        return self.heads.search(domain)

    def _verified(self):
        return self.env["nka.audit.verification"]._verify(self.company)


@tagged("nka_trail")
class TestWaiting(SequenceCase):
    def test_event_waits_and_then_follows_the_last_event(self):
        before = self._end()
        seq, digest = before.seq, before.digest
        event = self._wait()
        self.assertTrue(event.is_waiting)
        self.assertFalse(event.seq or event.digest or event.previous_digest)
        self.assertEqual((before.seq, before.waiting), (seq, 1))
        self.heads._sequence_all()
        self.assertFalse(event.is_waiting)
        self.assertEqual((event.seq, event.previous_digest), (seq + 1, digest))
        after = self._end()
        self.assertEqual((after.seq, after.digest), (event.seq, event.digest))
        self.assertFalse(after.waiting)
        self.assertTrue(self._verified().is_whole)

    def test_search_by_is_waiting(self):
        event = self._wait()
        waiting = [("is_waiting", "=", True)]
        self.assertEqual(self.events.search(waiting), event)
        self.assertNotIn(event, self.events.search([("is_waiting", "=", False)]))
        self.assertIn(event, self.events.search([("is_waiting", "!=", False)]))
        self.heads._sequence_all()
        self.assertFalse(self.events.search(waiting))

    def test_newest_first_with_waiting_events(self):
        numbered, waiting = self._append(), self._wait()
        found = self.events.search([], limit=2)
        self.assertEqual(found, waiting + numbered)

    def test_order_within_a_transaction_is_kept(self):
        with patch.object(nka_audit_head, "BATCH", 7):
            events = self._wait(50)
            self.heads._sequence_all()
        numbers = events.mapped("seq")
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 50)))
        self.assertTrue(self._verified().is_whole)

    def test_a_hook_numbers_a_limited_number_of_batches(self):
        with patch.object(nka_audit_head, "BATCH", 7):
            self._wait(50)
            self.heads._sequence(self.company, 3)
        self.assertEqual(self._end().waiting, 50 - 3 * 7)

    def test_a_batch_costs_a_constant_number_of_queries(self):
        def queries(count):
            self._wait(count)
            self.heads._companies_waiting()
            before = self.cr.sql_log_count
            self.heads._number(self.company)
            return self.cr.sql_log_count - before

        self.assertEqual(queries(2), 4)
        self.assertEqual(queries(500), 4)

    def test_a_rolled_back_savepoint_removes_its_events(self):
        kept = self._wait()
        with self.cr.savepoint() as savepoint:
            lost = self._wait(3)
            savepoint.rollback()
        last = self._wait()
        self.heads._sequence_all()
        self.assertFalse(lost.exists())
        self.assertEqual(last.seq, kept.seq + 1)
        self.assertTrue(self._verified().is_whole)

    def test_companies_have_separate_chains(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self._end(other).seq, 0)
        ours, theirs = self._wait(2), self._wait(3, other)
        self.heads._sequence_all()
        self.assertEqual(theirs.mapped("seq"), [1, 2, 3])
        self.assertEqual(ours[1].seq, ours[0].seq + 1)
        self.assertTrue(self.env["nka.audit.verification"]._verify(other).is_whole)

    def test_an_append_for_two_companies_costs_one_query(self):
        other = self.env["res.company"].create({"name": "Other"})
        entry = self.events._prepare_entry(self.account, "proposed")
        entries = [entry, {**entry, "company_id": other.id}]
        self.env.flush_all()
        self.env.user.mapped("name")
        with self.assertQueryCount(1):
            self.events._append(entries)

    def test_appending_nothing_costs_no_query(self):
        with self.assertQueryCount(0):
            self.events._append([])

    def test_the_head_of_a_company_without_events_can_be_deleted(self):
        other = self.env["res.company"].create({"name": "Other"})
        head = self._end(other)
        self.refused_by_database("DELETE FROM nka_audit_head WHERE seq > 0")
        self.env.cr.execute("DELETE FROM nka_audit_head WHERE id = %s", [head.id])

    def test_values_are_hashed_as_stored(self):
        self._wait(old="“ë” \\ ' \n\t%s {} \u2028", new="я" * 300, note="\r\n x ")
        self.heads._sequence_all()
        self.assertTrue(self._verified().is_whole)


@tagged("nka_trail")
class TestGuarded(SequenceCase):
    """Events are protected from the start; only the update that numbers them passes."""

    def setUp(self):
        super().setUp()
        self.event = self._wait()

    def _refused(self, assignments, event=None):
        query = SQL(
            "UPDATE nka_audit_event SET %s WHERE id = %s",
            SQL(assignments),
            (event or self.event).id,
        )
        with self.subTest(assignments):
            self.refused_by_database(query.code, *query.params)

    def test_waiting_events_are_as_protected_as_numbered_ones(self):
        for column in ("note = 'x'", "new = 'x'", "user_id = 2", "date = now()"):
            self._refused(column)
        self.refused_by_database(f"DELETE FROM {TABLE} WHERE id = %s", self.event.id)

    def test_number_and_hashes_are_set_together_and_alone(self):
        place = "seq = 99999, previous_digest = 'a', digest = 'b'"
        for assignments in (
            "seq = 99999",
            "digest = 'b'",
            "seq = 99999, digest = 'b'",
            "seq = 99999, previous_digest = 'a'",
            f"{place}, note = 'x'",
            f"{place}, kind = 'state'",
            f"{place}, company_id = NULL",
        ):
            self._refused(assignments)

    def test_an_event_is_numbered_only_once(self):
        self.heads._sequence_all()
        for assignments in (
            "seq = seq + 1000",
            "seq = NULL",
            "seq = NULL, previous_digest = NULL, digest = NULL",
            "digest = 'b'",
            "seq = seq, previous_digest = previous_digest, digest = digest",
        ):
            self._refused(assignments)

    def test_numbered_events_cant_be_inserted(self):
        for column, value in (("seq", 99999), ("digest", "v1$0")):
            self.refused_by_database(
                f"""INSERT INTO {TABLE} (company_id, date, user_id, kind, {column})
                    VALUES (%s, NOW(), 1, 'state', %s)""",
                self.company.id,
                value,
            )

    def test_a_number_forged_by_sql_is_found(self):
        seq = self._end().seq
        self.env.cr.execute(
            f"UPDATE {TABLE} SET seq = %s, previous_digest = 'a', digest = 'v1$b' "
            "WHERE id = %s",
            [seq + 1, self.event.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._verified().broken_seq, seq + 1)

    def test_existing_databases_accept_waiting_events(self):
        """An update drops the NOT NULL constraints that older versions set."""
        self.env.cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = 'nka_audit_event' AND is_nullable = 'NO'"""
        )
        strict = {name for (name,) in self.env.cr.fetchall()}
        self.assertFalse(strict & {"seq", "previous_digest", "digest"})
        self.assertLessEqual({"company_id", "date", "user_id", "kind"}, strict)
        self.heads._sequence_all()
        for name in ("seq", "digest"):
            self.env.cr.execute(f"ALTER TABLE {TABLE} ALTER {name} SET NOT NULL")
            field = self.events._fields[name]
            field.update_db_notnull(self.events, {"is_nullable": "NO"})
        self.assertTrue(self._wait().is_waiting)


@tagged("nka_trail")
class TestAlarm(SequenceCase):
    """Events that can't be numbered raise an alarm."""

    def _old_event(self, age):
        with freeze_time(fields.Datetime.now() - age):
            return self._wait()

    def test_waiting_too_long_raises_an_alarm(self):
        event = self._old_event(timedelta(minutes=16))
        found = self._verified()
        self.assertTrue(found.has_warnings)
        self.assertIn("1 events had no number for more than 15 minutes", found.message)
        # The verification has numbered it: the chain is intact, and the next one is
        # silent.
        self.assertTrue(event.seq)
        self.assertTrue(found.is_whole)
        self.assertFalse(self._verified().has_warnings)

    def test_waiting_briefly_raises_no_alarm(self):
        self._old_event(timedelta(minutes=14))
        self.assertTrue(self._verified().is_whole)

    def test_the_nightly_job_alerts_the_supervisors(self):
        self.supervisor.email = "supervisor@example.com"
        self._old_event(timedelta(hours=2))
        self.env["nka.audit.verification"]._cron_verify()
        mail = self.env["mail.mail"].search([], limit=1)
        self.assertIn("had no number for more than", mail.body_html)

    def test_a_chain_without_its_head_isnt_extended(self):
        event = self._wait()
        with self._as_database_administrator("nka_audit_head") as cr:
            cr.execute(
                "DELETE FROM nka_audit_head WHERE company_id = %s", [self.company.id]
            )
        with self.assertLogs(LOG, "ERROR") as log:
            self.heads._sequence_all()
        self.assertIn("is missing: its events can't be numbered", log.output[0])
        self.assertTrue(event.is_waiting)
        # An update of the addon doesn't start a second chain.
        self.heads._begin_missing()
        self.assertFalse(self._end())
        # Users can go on working.
        self.account.with_user(self.supervisor).action_decline("Too small")
        self.assertEqual(self._events(self.account)[-1].note, "Too small")

    def test_a_chain_that_differs_from_its_head_isnt_extended(self):
        self._append(3)
        event = self._wait()
        with self._as_database_administrator("nka_audit_head") as cr:
            cr.execute(
                "UPDATE nka_audit_head SET seq = seq - 1 WHERE company_id = %s",
                [self.company.id],
            )
        with self.assertLogs(LOG, "ERROR") as log:
            self.heads._sequence_all()
        self.assertIn("behind its head", log.output[0])
        self.assertTrue(event.is_waiting)
        with mute_logger(LOG):
            self.assertFalse(self._verified().is_whole)

    def test_a_failure_in_one_company_doesnt_affect_another(self):
        other = self.env["res.company"].create({"name": "Other"})
        ours, theirs = self._wait(), self._wait(1, other)
        number = type(self.heads)._number

        def fail(heads, company):
            if company == self.company:
                raise ValueError("no way")
            return number(heads, company)

        with (
            patch.object(type(self.heads), "_number", fail),
            self.assertLogs(LOG, "ERROR"),
        ):
            self.heads._sequence_all()
        self.assertTrue(ours.is_waiting)
        self.assertFalse(theirs.is_waiting)

    def test_an_error_after_the_commit_isnt_raised_to_the_user(self):
        self._wait()
        with (
            patch("odoo.modules.module.current_test", None),
            patch.object(type(self.heads), "_sequence", side_effect=ValueError),
            self.assertLogs(LOG, "WARNING") as log,
        ):
            self.env.cr.postcommit.run()
        self.assertIn("wait for their numbers", log.output[0])

    def test_a_refusal_is_kept_once_a_connection_is_available(self):
        entry, events = {"kind": "refusal"}, self.env.registry["nka.audit.event"]
        with (
            patch.object(nka_audit_event, "PAUSES", (0, 0)),
            patch.object(
                events, "_append_apart", side_effect=[PoolError, OperationalError, None]
            ) as kept,
        ):
            self.events._append_once(entry, [])
        self.assertEqual(kept.call_count, 3)

    def test_a_refusal_that_cannot_be_kept_is_logged(self):
        events = self.env.registry["nka.audit.event"]
        for error, tries in ((PoolError, 3), (ValueError, 1)):
            with (
                self.subTest(error),
                patch.object(nka_audit_event, "PAUSES", (0, 0)),
                patch.object(events, "_append_apart", side_effect=error) as kept,
                self.assertLogs(nka_audit_event.__name__, "ERROR") as log,
            ):
                self.events._append_once({"kind": "refusal"}, [])
            self.assertEqual(kept.call_count, tries)
            self.assertIn("isn't in the audit trail", log.output[0])

    def test_one_hook_per_transaction(self):
        self.env.cr.postcommit.clear()
        self._wait()
        self._wait()
        with (
            patch("odoo.modules.module.current_test", None),
            patch.object(type(self.heads), "_sequence") as sequence,
        ):
            self.env.cr.postcommit.run()
        sequence.assert_called_once_with(self.company, nka_audit_head.PASSES)
