"""Read over HTTP with many sessions at once, with and without a database replica.

Runs as a program on a throw-away database, with real requests, real cursors and real
commits. No scene depends on sleeping for a fixed time.
"""

import sys
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from functools import wraps
from unittest.mock import patch

from psycopg2.pool import PoolError
from werkzeug.test import Client

from odoo import SUPERUSER_ID, api, fields, http
from odoo.sql_db import db_connect
from odoo.tools import config

from ..trail.race import together

#: Connections of each pool; Odoo lets half as many requests run at once.
CONNECTIONS, SESSIONS = 24, 12
NOTICE = "We count by day and for 400 days what each of us reads of key accounts."


class House:
    """A server in this process, with a manager and a colleague without a role."""

    def __init__(self, registry, people):
        self.registry, self.people = registry, people

    # ------------------------------------------------------------ server
    @contextmanager
    def env(self):
        with self.registry.cursor() as cursor:
            yield api.Environment(cursor, SUPERUSER_ID, {})

    def session_of(self, name):
        """Log in; return a client of its own, as another browser has it."""
        with self.env() as env:
            user = env["res.users"].browse(self.people[name])
            session = http.root.session_store.new()
            session.update(http.get_default_session(), db=self.registry.db_name)
            session.update(uid=user.id, login=user.login)
            session.context["uid"] = user.id
            token = user.with_user(user)._compute_session_token(session.sid)
            session.session_token = token
            http.root.session_store.save(session)
        client = Client(http.root)
        client.set_cookie("session_id", session.sid)
        return client

    def ask(self, client, model="nka.key.account", limit=1):
        """Return the records that a list gets, or the text of the refusal."""
        answer = client.post(
            f"/web/dataset/call_kw/{model}/web_search_read",
            json={
                "params": {
                    "model": model,
                    "method": "web_search_read",
                    "args": [[("id", "in", self.people["records"][model])]],
                    "kwargs": {"specification": {"display_name": {}}, "limit": limit},
                }
            },
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        ).get_json()
        if "error" in answer:
            return answer["error"]["data"]["message"]
        return answer["result"]["records"]

    @contextmanager
    def replica(self, is_on):
        """Let reads run with read-only cursors, as ``--dev=replica`` does."""
        other = db_connect(self.registry.db_name, readonly=True) if is_on else None
        with patch.object(self.registry, "_db_readonly", other):
            yield

    @contextmanager
    def modes(self, model):
        """Collect whether the cursor of each list was read-only."""
        cls, modes = self.registry[model], []
        original = cls.web_search_read

        @wraps(original)
        def watched(records, *args, **kwargs):
            modes.append(bool(records.env.cr.readonly))
            return original(records, *args, **kwargs)

        with patch.object(cls, "web_search_read", watched):
            yield modes

    # ------------------------------------------------------------ figures
    def begin(self, **settings):
        """Set the company's limits and forget what was read."""
        with self.env() as env:
            env["res.company"].search([]).write(settings)
            env.flush_all()
            for table in ("nka_reading", "nka_reading_alert", "nka_reading_day"):
                env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                env.cr.execute(f"DELETE FROM {table}")
                env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def habit(self, number):
        """Insert day totals of two weeks for the manager."""
        with self.env() as env:
            user = env["res.users"].browse(self.people["manager"])
            today = env["nka.reading"].with_user(user)._today()
            for back in range(1, 15):
                env.cr.execute(
                    """INSERT INTO nka_reading_day (user_id, company_id, day,
                              account_count, contact_count, document_count, print_count,
                              file_count, export_count, mail_count, read_count,
                              taken_count)
                       VALUES (%s, %s, %s, %s, 0, 0, 0, 0, 0, 0, %s, 0)""",
                    [
                        user.id,
                        user.company_id.id,
                        today - timedelta(days=back),
                        number,
                        number,
                    ],
                )

    def counted(self, name="manager"):
        with self.env() as env:
            env.cr.execute(
                "SELECT COALESCE(SUM(count), 0) FROM nka_reading WHERE user_id = %s",
                [self.people[name]],
            )
            return env.cr.fetchone()[0]

    def alerts(self):
        with self.env() as env:
            return env["nka.reading.alert"].search([]).mapped("level")


# ---------------------------------------------------------------- scenes
def all_at_once_are_counted(house):
    """Each of many requests at the same moment is counted, and one alert made."""
    house.begin(nka_read_limit=0, nka_reading_floor=1, nka_reading_stopped=0)
    house.habit(2)
    clients = [house.session_of("manager") for _ in range(SESSIONS)]
    answers = []
    found = together(
        *[lambda client=client: answers.append(house.ask(client)) for client in clients]
    )
    if [len(answer) for answer in answers] != [1] * SESSIONS:
        found.append(f"answers: {answers}")
    if house.counted() != SESSIONS:
        found.append(f"{house.counted()} of {SESSIONS} counted")
    if house.alerts() != ["told"]:
        found.append(f"alerts: {house.alerts()}")
    return found


def no_session_hides_behind_others(house):
    """Many sessions together get no more than one of them could get alone."""
    found = []
    for limits in (
        {"nka_read_limit": 3, "nka_reading_kept": False},
        {"nka_read_limit": 0, "nka_reading_kept": True, "nka_reading_stopped": 3},
    ):
        house.begin(nka_reading_floor=1, **limits)
        house.habit(1)
        clients = [house.session_of("manager") for _ in range(SESSIONS)]
        answers = []
        found += together(
            *[
                lambda client=client, answers=answers: answers.append(house.ask(client))
                for client in clients
            ]
        )
        told = [answer for answer in answers if isinstance(answer, list)]
        if len(told) > 3:
            found.append(f"{limits}: {len(told)} of {SESSIONS} answered, 3 allowed")
        if len(answers) != SESSIONS:
            found.append(f"{limits}: {len(answers)} answers")
        last = house.ask(clients[0])
        if len(told) == 3 and isinstance(last, list):
            found.append(f"{limits}: reading goes on: {last}")
    house.begin(nka_reading_kept=True)
    return found


def colleagues_stay_on_the_replica(house):
    """People without a role read with a read-only cursor, others are counted too."""
    house.begin(nka_read_limit=0, nka_reading_stopped=10, nka_reading_floor=30)
    with house.modes("res.partner") as modes:
        for name in ("colleague", "manager"):
            house.ask(house.session_of(name), "res.partner")
    found = [] if modes == [True, True] else [f"cursors: {modes}"]
    counted = [house.counted(name) for name in ("colleague", "manager")]
    return found + ([] if counted == [0, 1] else [f"counted: {counted}"])


def primary_without_connections(house):
    """Without a connection to the primary, colleagues read on the replica.

    Managers get an error and read nothing uncounted; afterwards they read on.
    """
    colleague, manager = house.session_of("colleague"), house.session_of("manager")
    house.begin()
    for client in (colleague, manager):
        # The first request of a session makes Odoo record the browser.
        house.ask(client, "res.partner")
    before, found = house.counted(), []
    with ExitStack() as held:
        with suppress(PoolError):
            while True:
                held.enter_context(house.registry.cursor())
        answer = house.ask(colleague, "res.partner")
        if len(answer) != 1 or isinstance(answer, str):
            found.append(f"the colleague got {answer}")
        answer = house.ask(manager, "res.partner")
        if "Pool" not in answer:
            found.append(f"the manager got {answer}")
    if house.counted() != before:
        found.append("an answer that wasn't given was counted")
    answer = house.ask(manager, "res.partner")
    if isinstance(answer, str) or house.counted() != before + 1:
        found.append(f"afterwards: {answer}")
    return found


def one_lost_connection(house):
    """If counting alone fails, the request is repeated and counted once."""
    manager = house.session_of("manager")
    house.begin()
    readings, failing = house.registry["nka.reading"], [True]
    add = readings._add

    def die_once(this, numbers):
        if failing:
            failing.pop()
            pid = this.env.cr._cnx.get_backend_pid()
            with house.env() as env:
                env.cr.execute("SELECT pg_terminate_backend(%s)", [pid])
        return add(this, numbers)

    with patch.object(readings, "_add", die_once):
        answer = house.ask(manager)
    found = [] if isinstance(answer, list) else [f"the manager got {answer}"]
    return found + ([] if house.counted() == 1 else [f"counted: {house.counted()}"])


#: Scenes, and whether they run with a replica, without one, or both.
SCENES = (
    (all_at_once_are_counted, (True, False)),
    (no_session_hides_behind_others, (True, False)),
    (colleagues_stay_on_the_replica, (True,)),
    (primary_without_connections, (True,)),
    (one_lost_connection, (True,)),
)


def prepare():
    """Commit a key account with its manager, and staff who were informed."""
    from .common import ReadingDayCase

    ReadingDayCase.setUpClass()
    try:
        case = ReadingDayCase
        case.company.nka_reading_informed_on = fields.Date.subtract(case.now, days=200)
        case.env.flush_all()
        case.cr._cnx.commit()
        return {
            "manager": case.manager.id,
            "colleague": case.salesman.id,
            "records": {
                "nka.key.account": case.account.ids,
                "res.partner": case.client.ids,
            },
        }
    finally:
        ReadingDayCase.doClassCleanups()


def main(config_file, name):
    """Return 0 if every read was counted, and none was refused for the counting."""
    from odoo.modules.registry import Registry

    config.parse_config(
        [
            *("--config", config_file, "--database", name, "--log-level", "critical"),
            *("--db_maxconn", str(CONNECTIONS), "--dev", "replica"),
        ]
    )
    http.root.initialize()
    house = House(Registry(name), prepare())
    problems = []
    for scene, modes in SCENES:
        for is_on in modes:
            with house.replica(is_on):
                found = scene(house)
            print(f"{scene.__name__}, replica {is_on}: {found or 'good'}", flush=True)
            problems += found
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
