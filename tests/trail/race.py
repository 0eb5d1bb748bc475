"""Append to the audit trail from many sessions at once, some of which fail.

Runs as a program on a throw-away database, with real cursors, real commits and
terminated database connections. No scene depends on sleeping for a fixed time.
"""

import logging
import sys
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError

WRITERS, ROUNDS, REFUSED = 10, 20, 24
LOG = logging.getLogger("odoo.addons.nka_key_accounts.models.trail")


class Told(logging.Handler):
    """Collect the trail's log messages: failed sequencing is logged, never raised."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    def taken(self):
        lines, self.lines = self.lines, []
        return lines


class Trail:
    """The trail of the main company, as several sessions write and read it."""

    def __init__(self, registry, manager_id):
        self.registry, self.manager_id = registry, manager_id
        self.heads = registry["nka.audit.head"]
        self.told = Told()
        LOG.addHandler(self.told)
        LOG.setLevel(logging.WARNING)
        LOG.propagate = False

    def env(self, cursor, user_id=SUPERUSER_ID):
        return api.Environment(cursor, user_id, {})

    def append(self, cursor, word, count=1):
        """Append events in the transaction of the cursor."""
        env = self.env(cursor)
        events = env["nka.audit.event"]
        entry = events._prepare_entry(env.company.partner_id, "proposed", new=word)
        events._append([entry] * count)

    def step(self, word, count=1):
        """Append in a separate transaction, once: errors aren't retried."""
        with self.registry.cursor() as cursor:
            self.append(cursor, word, count)

    def rows(self, where="TRUE", *params):
        with self.registry.cursor() as cursor:
            cursor.execute(
                f"SELECT id, seq, new FROM nka_audit_event WHERE {where} ORDER BY id",
                params,
            )
            return cursor.fetchall()

    def waiting(self):
        return len(self.rows("seq IS NULL"))

    def job(self):
        with self.registry.cursor() as cursor:
            self.env(cursor)["nka.audit.head"]._cron_sequence()

    def problems(self, name, *expected, fails=False):
        """Return the problems found after a scene, each prefixed with its name.

        :param expected: pairs of a word and the number of events that must have it
        :param fails: whether sequencing must have failed and been logged exactly once
        """
        told = self.told.taken()
        found = [f"logged {told}"] if len(told) != fails else []
        for word, count in expected:
            rows = self.rows("new = %s", word)
            numbers = [seq for _id, seq, _new in rows]
            if len(rows) != count:
                found.append(f"{len(rows)} events “{word}” of {count}")
            if None not in numbers and numbers != sorted(numbers):
                found.append(f"events “{word}” changed their order")
        if waiting := self.waiting():
            found.append(f"{waiting} events wait")
        with self.registry.cursor() as cursor:
            env = self.env(cursor)
            done = env["nka.audit.verification"]._verify(env.company)
            if done.broken_seq:
                found.append(done.message)
            cursor.rollback()
        return [f"{name}: {problem}" for problem in found]


def together(*works):
    """Run each function in its own thread, all starting at once; return errors."""
    barrier, errors = Barrier(len(works)), []

    def run(work):
        barrier.wait(60)
        try:
            work()
        except Exception as error:
            errors.append(repr(error))

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def long_work_beside_many(trail):
    """A long transaction and the concurrent writers never get an error."""

    def act(number):
        for _round in range(ROUNDS):
            trail.step(f"writer {number}", 2)

    with trail.registry.cursor() as cursor:
        trail.append(cursor, "long", 3)  # its snapshot is older than everything below
        works = [lambda number=n: act(number) for n in range(WRITERS)]
        errors = together(*works)
        trail.append(cursor, "long", 3)
    trail.job()
    expected = [(f"writer {n}", 2 * ROUNDS) for n in range(WRITERS)]
    return errors + trail.problems("long work", ("long", 6), *expected)


def refused_at_once(trail):
    """Every refused attempt is kept and refused, however many come at once."""
    before = len(trail.rows("kind = 'export' AND note = 'Refused'"))

    def ask():
        try:
            with trail.registry.cursor() as cursor:
                env = trail.env(cursor, trail.manager_id)
                account = env["nka.key.account"].search([], limit=1)
                account.export_data(["name"])
        except AccessError:
            return
        raise AssertionError("an export went through")

    errors = together(*[ask] * REFUSED)
    trail.job()
    kept = len(trail.rows("kind = 'export' AND note = 'Refused'")) - before
    if kept != REFUSED:
        errors.append(f"{kept} of {REFUSED} refused attempts were kept")
    return errors + trail.problems("refused at once")


def refused_and_committed(trail):
    """A refusal is kept as well if its transaction goes on and commits."""

    def ask(number):
        with trail.registry.cursor() as cursor:
            env = trail.env(cursor, trail.manager_id)
            events, partner = env["nka.audit.event"], env.user.partner_id
            events._append_refusal(partner, "gate", new=f"refused {number}")
            trail.append(cursor, f"went on {number}", 2)

    numbers = range(REFUSED)
    errors = together(*[lambda number=number: ask(number) for number in numbers])
    trail.job()
    expected = [(f"refused {n}", 1) for n in numbers]
    expected += [(f"went on {n}", 2) for n in numbers]
    return errors + trail.problems("refused and committed", *expected)


def read_too_much_at_once(trail):
    """Users are stopped at the read limit, and every stop leaves an event."""
    with trail.registry.cursor() as cursor:
        trail.env(cursor)["res.company"].search([]).nka_read_limit = 1

    def read():
        try:
            with trail.registry.cursor() as cursor:
                env = trail.env(cursor, trail.manager_id)
                env["nka.reading"]._count(100)
        except AccessError:
            return
        raise AssertionError("read on")

    errors = together(*[read] * REFUSED)
    trail.job()
    rows = trail.rows("kind = 'reading' AND user_id = %s", trail.manager_id)
    if not 1 <= len(rows) <= REFUSED:
        errors.append(f"{len(rows)} events of reading")
    return errors + trail.problems("reading")


def refused_on_a_replica(trail):
    """A request that reads from a replica can be refused too."""
    with trail.registry.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        env = trail.env(cursor)
        partner = env.company.partner_id
        env["nka.audit.event"]._append_refusal(partner, "refusal", new="replica")
        cursor.rollback()
    return trail.problems("replica", ("replica", 1))


def killed_after_the_commit(trail):
    """The job numbers the events of a server that was killed before it could do so."""
    with patch.object(trail.heads, "_sequence_committed", lambda *_args: None):
        trail.step("killed", 5)
    found = [] if trail.waiting() == 5 else ["killed: something was numbered"]
    trail.job()
    return found + trail.problems("killed", ("killed", 5))


def failing_sequencer(trail):
    """A failing sequencer changes nothing, and the user who acted gets no error."""

    def fail(_head, *_args):
        raise ValueError("injected")

    def die(head, *_args):
        pid = head.env.cr._cnx.get_backend_pid()
        with trail.registry.cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        head.env.cr.execute("SELECT 1")

    found = []
    for method in ("_prepare_links", "_write_links", "_advance"):
        for fault in (fail, die):
            name = f"{fault.__name__} at {method}"
            with patch.object(trail.heads, method, fault):
                trail.step(name, 2)
            if any(seq for _id, seq, _new in trail.rows("new = %s", name)):
                found.append(f"{name}: a number stayed")
            trail.job()
            found += trail.problems(name, (name, 2), fails=True)
    return found


def two_servers(trail):
    """Only one server sequences at a time; events committed meanwhile aren't lost."""
    begun, go_on = Event(), Event()
    write_links = trail.heads._write_links

    def slow(head, links):
        write_links(head, links)
        begun.set()
        go_on.wait(60)

    def first():
        trail.step("first server")

    with patch.object(trail.heads, "_write_links", slow):
        thread = Thread(target=first)
        thread.start()
        begun.wait(60)
        # The hook of this transaction finds the other one busy and leaves its events to
        # it.
        trail.step("second server")
        trail.job()
        found = [] if trail.waiting() == 2 else ["two servers: both numbered"]
        go_on.set()
        thread.join()
    return found + trail.problems(
        "two servers", ("first server", 1), ("second server", 1)
    )


def old_snapshot(trail):
    """Sequencing sees all committed events, even if the caller's snapshot is older."""
    with trail.registry.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM nka_audit_event")
        trail.step("after the snapshot", 3)
        with patch.object(trail.heads, "_sequence_committed", lambda *_args: None):
            trail.step("waits", 2)
        trail.env(cursor)["nka.audit.head"]._sequence_all()
    return trail.problems("snapshot", ("after the snapshot", 3), ("waits", 2))


def numbered_before_the_lock(trail):
    """A session that waited for the lock continues from where the other one ended."""
    lock, between = trail.heads._lock, ["in between"]

    def slow(head, company):
        head.env.cr.execute("SELECT seq FROM nka_audit_head")
        if between:
            trail.step(between.pop(), 2)
        return lock(head, company)

    with patch.object(trail.heads, "_lock", slow):
        trail.step("asks", 2)
    return trail.problems("before the lock", ("in between", 2), ("asks", 2))


def waited_too_long(trail):
    """A verification reports late events, although it numbers them itself.

    Its own snapshot is older than the numbers it has assigned.
    """
    with (
        freeze_time(datetime.now() - timedelta(hours=1)),
        patch.object(trail.heads, "_sequence_committed", lambda *_args: None),
    ):
        trail.step("old", 2)
    with trail.registry.cursor() as cursor:
        env = trail.env(cursor)
        done = env["nka.audit.verification"]._verify(env.company)
        told = done.message
        cursor.rollback()
    found = [] if "2 events had no number for more than" in told else [f"told: {told}"]
    return found + trail.problems("waited", ("old", 2))


def late_commit(trail):
    """An event with a smaller id that is committed later gets the larger number."""
    with trail.registry.cursor() as cursor:
        trail.append(cursor, "late", 2)
        trail.step("early", 2)
    early, late = (
        [seq for _id, seq, _new in trail.rows("new = %s", word)]
        for word in ("early", "late")
    )
    found = [] if max(early) < min(late) else ["late: numbered before the early ones"]
    return found + trail.problems("late", ("late", 2), ("early", 2))


def held_tables(trail):
    """The user who acted isn't blocked while another session holds the head."""
    with trail.registry.cursor() as cursor:
        cursor.execute("SELECT FROM nka_audit_head FOR UPDATE")
        trail.step("held")
        found = [] if trail.waiting() else ["held: numbered all the same"]
    trail.job()
    return found + trail.problems("held", ("held", 1), fails=True)


SCENES = (
    long_work_beside_many,
    refused_at_once,
    refused_and_committed,
    read_too_much_at_once,
    refused_on_a_replica,
    killed_after_the_commit,
    failing_sequencer,
    two_servers,
    old_snapshot,
    numbered_before_the_lock,
    waited_too_long,
    late_commit,
    held_tables,
)


def prepare():
    """Commit a key account with its manager; return the manager's user ID."""
    from tests.common import NkaCase

    NkaCase.setUpClass()
    try:
        NkaCase._key_account(NkaCase.client)
        NkaCase.env.flush_all()
        NkaCase.cr._cnx.commit()
        return NkaCase.manager.id
    finally:
        NkaCase.doClassCleanups()


def main(config_file, name):
    """Return 0 if no scene lost events, forked the chain or failed a user's action."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--config", config_file, "--database", name, "--log-level", "critical"]
    )
    trail = Trail(Registry(name), prepare())
    trail.job()
    problems = []
    for scene in SCENES:
        found = scene(trail)
        print(f"{scene.__name__}: {found or 'good'}", flush=True)
        problems += found
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
