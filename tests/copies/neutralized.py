"""Run as a program on a duplicate: after Odoo's neutralization it is a test system."""

import sys

from tests.close.race import started
from tests.copies.opened import Opened

CLOSE, DATABASE = "nka.month.close", "nka.database"


def main(config_file, name):
    """Return 0 if the duplicate did as it should."""
    from odoo.modules.neutralize import neutralize_database

    opened = Opened(started(config_file, name))
    with opened.as_user() as env:
        neutralize_database(env.cr)
    opened.expect("state", opened.state(), "test")
    opened.expect("kinds", [kind for kind, _new in opened.events()][1:], ["copy"])
    opened.expect("email left", opened.send(), False)
    moved = (DATABASE, "action_confirm_production", "Ours")
    opened.refuse("was neutralized", "nka_admin", *moved)
    reopened = opened.step("nka_admin", CLOSE, "action_reopen", "For practice")
    opened.expect("reopened", reopened, "")
    opened.expect("warning", "is a test system, a copy of" in opened.verify(), True)
    return opened.verdict()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
