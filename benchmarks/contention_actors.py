"""Piped into an Odoo shell: ten users each run an audited step every tenth of a second.

They start on a signal from contention.py, first alone and then beside the month it
closes.
"""

import os
import time
from functools import partial
from statistics import median
from threading import Thread

from odoo import SUPERUSER_ID, api
from odoo.addons.nka_key_accounts.models.proof.audit_chain_walk import Walk
from odoo.service.model import retrying

from benchmarks.measure import OVER, READY, STARTED, flag, is_flagged, tell

INTERVAL = 0.1
#: Seconds they run before the month begins; this time is the baseline.
ALONE = 10


class Actor:
    """A supervisor whose steps record an audit event each, or do the same work without
    one.
    """

    def __init__(self, registry, user_id, account_id, is_audited):
        self.registry, self.user_id = registry, user_id
        self.account_id, self.is_audited = account_id, is_audited
        self.seconds, self.failures, self.again = [], 0, 0

    def act_until(self, is_over):
        """Run steps at the interval, or at once if the last step took longer."""
        due = time.perf_counter()
        while not is_over():
            self._step()
            due = max(due + INTERVAL, time.perf_counter())
            # The pause defines the load: one step per interval from each of many users.
            time.sleep(max(0, due - time.perf_counter()))

    def _step(self):
        attempts, started = [], time.perf_counter()
        try:
            with self.registry.cursor() as cursor:
                env = api.Environment(cursor, self.user_id, {})
                retrying(partial(self._act, env, attempts), env)
        except Exception as error:
            self.failures += 1
            print(repr(error), flush=True)
        self.again += len(attempts) - 1
        self.seconds.append(time.perf_counter() - started)

    def _act(self, env, attempts):
        attempts.append(1)
        events = env["nka.audit.event"]
        account = env["nka.key.account"].browse(self.account_id)
        entry = events._prepare_entry(account, "export", new="1", note="bench")
        if self.is_audited:
            events._append([entry])

    def taken(self):
        """Return the seconds of the steps since the last call."""
        seconds, self.seconds = self.seconds, []
        return seconds


def employ_actors(env, count, is_audited):
    """Create supervisors, each with an account to work on."""
    group = env.ref("nka_key_accounts.group_key_account_supervisor")
    users = env["res.users"].with_context(no_reset_password=True)
    users = users.create(
        [
            {"name": f"Actor {n}", "login": f"actor-{n}", "group_ids": [group.id]}
            for n in range(count)
        ]
    )
    accounts = env["nka.key.account"].sudo().search([], limit=count)
    env.cr.commit()
    return [
        Actor(env.registry, user.id, account.id, is_audited)
        for user, account in zip(users, accounts)
    ]


def act(env, count, is_audited):
    """Run alone, then beside the month until it is closed; return the figures."""
    registry = env.registry
    # The two programs poll each other's flags; waiting isn't measured.
    while not is_flagged(registry, STARTED):
        time.sleep(0.1)
    actors, over = employ_actors(env, count, is_audited), []
    threads = [Thread(target=actor.act_until, args=(lambda: over,)) for actor in actors]
    for thread in threads:
        thread.start()
    # Run alone for this time: the baseline.
    time.sleep(ALONE)
    alone = [seconds for actor in actors for seconds in actor.taken()]
    flag(registry, READY)
    while not is_flagged(registry, OVER):
        time.sleep(0.1)
    beside = [seconds for actor in actors for seconds in actor.taken()]
    over.append(True)
    for thread in threads:
        thread.join()
    return {
        "steps": len(beside),
        "failures": sum(actor.failures for actor in actors),
        "actors_again": sum(actor.again for actor in actors),
        "alone_ms": 1000 * median(alone),
        "beside_ms": 1000 * median(beside),
        "longest_ms": 1000 * max(beside),
    }


def verify(registry):
    """Return the number of chained events; exit if the chain is broken or events are
    pending.
    """
    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        env["nka.audit.head"]._sequence_all()
        cursor.commit()
        walk = Walk(env, env.company.id)
        broken = walk.first_break()
        waiting = env["nka.audit.head"]._count_waiting(env.company)
        if broken or waiting:
            raise SystemExit(broken.message if broken else f"{waiting} events wait")
        return walk.count


env = env  # noqa: F821
told = act(env, int(os.environ["ACTORS"]), os.environ["AUDITED"] == "1")
tell(**told, events=verify(env.registry))
