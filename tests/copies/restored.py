"""Run as a program on a restored dump: it is recognized once, refuses, and goes on after
an administrator has confirmed it.
"""

import sys
from threading import Barrier, Thread

from tests.close.race import started
from tests.copies.opened import Opened

CLOSE, DATABASE = "nka.month.close", "nka.database"
REFUSED = "This database is a copy, so a month can't be closed or paid"
DECIDERS = "Only an administrator|not allowed to access"
WORKERS = 4


def look_at_once(opened):
    """Let several workers begin with a snapshot of before, and look at the same time."""
    barrier, states = Barrier(WORKERS), []

    def look():
        with opened.as_user(is_kept=False) as env:
            env.cr.execute("SELECT FROM nka_database")
            barrier.wait(30)
            states.append(env[DATABASE]._look())

    threads = [Thread(target=look) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.expect("states", states, ["copy"] * WORKERS)
    kinds = [kind for kind, _new in opened.events()]
    opened.expect("events", kinds, ["database", "copy"])


def main(config_file, name):
    """Return 0 if the copy did as it should."""
    opened = Opened(started(config_file, name))
    look_at_once(opened)
    opened.expect("email left", opened.send(), False)
    opened.refuse(REFUSED, "officer_2", CLOSE, "action_mark_paid")
    opened.refuse(REFUSED, "nka_admin", CLOSE, "action_reopen", "Once more")
    for login in ("nka_payroll", "nka_super", "nka_manager"):
        opened.refuse(DECIDERS, login, DATABASE, "action_confirm_production", "Mine")
    warned = opened.verify()
    opened.expect("warning", "This database is a restored copy of" in warned, True)
    opened.expect("sealed", opened.step("nka_payroll", CLOSE, "action_verify"), "")
    moved = (DATABASE, "action_confirm_production", "Moved to a new server")
    opened.expect("confirmed", opened.step("nka_admin", *moved), "")
    opened.expect("state", opened.state(), "production")
    opened.expect("email left", opened.send(), True)
    reopened = opened.step("nka_admin", CLOSE, "action_reopen", "Once more")
    opened.expect("reopened", reopened, "")
    opened.expect("last event", opened.events()[-1], ("database", "production"))
    opened.expect("restored copy", "copy of" in opened.verify(), False)
    return opened.verdict()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
