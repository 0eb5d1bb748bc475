"""make shell: an Odoo shell on the demo database, for a person or for a script on standard input."""

from ..setup.foreground import foreground
from ..setup.odoo import odoo_command, odoo_environment
from ..setup.places import CLONE
from ..setup.workshop import workshop


def run():
    """Open the shell; returns its exit code."""
    with workshop() as ready:
        database = ready.databases.with_demo()
        command = odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
        return foreground(command, env=odoo_environment(ready.cluster), cwd=CLONE)
