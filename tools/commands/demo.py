"""make demo: install with demo data, do the main job, print it, and serve until Ctrl-C."""

import os

from ..setup.databases import LANGUAGES
from ..setup.messages import Problem, say
from ..setup.odoo import odoo_script
from ..setup.places import CLONE
from ..setup.ports import demo_port
from ..setup.server import refuse_second_server, serve, warm
from ..setup.workshop import workshop

SCRIPTS = CLONE / "tools" / "demo"


def run():
    """Make the demo, print the portfolio and, unless SERVE=0, serve it."""
    language = demo_language(os.environ.get("LANG_CODE"))
    serving = os.environ.get("SERVE", "1") != "0"
    port = demo_port(os.environ.get("PORT")) if serving else None
    with workshop() as ready:
        if serving:
            refuse_second_server()
        database = ready.databases.with_demo()
        code = odoo_script(
            ready.cluster,
            database,
            SCRIPTS / "run.py",
            LANG_CODE=language,
            NKA_ADDRESS=_address(port),
        )
        if code or not serving:
            return code
        return _serve(ready.cluster, database, port)


def demo_language(asked):
    """The language of the demo's users.

    :raises Problem: for one that is not installed.
    """
    known = ("en_US", *LANGUAGES)
    if asked and asked not in known:
        raise Problem(
            f"LANG_CODE={asked} is not installed: choose {' or '.join(known)}."
        )
    return asked or known[0]


def _address(port):
    return f"http://127.0.0.1:{port}" if port else ""


def _serve(cluster, database, port):
    with serve(cluster, database, port) as server:
        if warm(server, port):
            say(f"the demo is served at {_address(port)} · Ctrl-C stops it")
        return server.wait_for_end()
