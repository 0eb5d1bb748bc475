"""Run as a program on a throw-away database: lock a month and leave an email waiting."""

import sys

from tests.close.race import STEPS, prepare, started
from tests.close.race_month import Month
from tests.copies.opened import Opened


def keep_files_inside(registry):
    """Store files in the database, so that its copies have them, too."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param("ir_attachment.location", "db")


def main(config_file, name):
    """Return 0 if the database knows that it is the production system."""
    registry = started(config_file, name)
    keep_files_inside(registry)
    month = Month(registry, prepare()[1])
    for step in STEPS:
        month.run(step)
    opened = Opened(month.registry)
    with opened.as_user() as env:
        env["mail.mail"].create({"subject": "Waiting", "email_to": "a@example.com"})
    opened.expect("state", opened.state(), "production")
    opened.expect("email left", opened.send(), True)
    return opened.verdict()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
