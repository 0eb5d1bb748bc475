"""Commands behind the targets of the Makefile.

A Problem ends a command with a one-sentence message and exit code 2.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from .setup.databases import LANGUAGES, python_ready, workshop
from .setup.odoo import odoo_shell, odoo_watched
from .setup.places import (
    ADDON,
    ADDONS,
    BUILD,
    CLONE,
    LOGS,
    PYTHON,
    Problem,
    caches,
)
from .setup.postgres import remove_cluster, stop_cluster
from .setup.server import demo_port, only_server, serve
from .setup.terminal import interruptible, say
from .suite import TESTS, TESTS_OF_ALL, run_suite

TOOLS = CLONE / "tools"
NAMES = tuple(addon.name for addon in ADDONS)
PYTHON_PLACES = (*NAMES, "tests", "tools", "benchmarks", "setup.py")
PATIENCE_SECONDS = 8
# Default folder of the real files.
BESIDE = CLONE.parent / "shared" / "data" / "crm_opportunities"


def demo():
    """Create the demo, print the portfolio and serve it until Ctrl-C.

    With SERVE=0 the demo isn't served.
    """
    language = demo_language(os.environ.get("LANG_CODE"))
    serving = os.environ.get("SERVE", "1") != "0"
    port = demo_port(os.environ.get("PORT")) if serving else None
    address = f"http://127.0.0.1:{port}" if port else ""
    told = {"LANG_CODE": language, "NKA_ADDRESS": address}
    with workshop() as ready, only_server() if serving else contextlib.nullcontext():
        database = ready.databases.with_demo(language)
        script = TOOLS / "demo" / "run.py"
        code = odoo_shell(ready.cluster, database, script, **told)
        if code or not serving:
            return code
        return serve(ready.cluster, database, port)


def demo_language(asked):
    """Return the language of the demo's users.

    :raises Problem: if the language isn't installed.
    """
    known = ("en_US", *LANGUAGES)
    if asked and asked not in known:
        raise Problem(
            f"LANG_CODE={asked} is not installed: choose {' or '.join(known)}."
        )
    return asked or known[0]


def shell():
    """Open an Odoo shell on the demo, interactive or for a script on standard input.

    LANG_CODE selects the demo, as for `make demo`.
    """
    language = demo_language(os.environ.get("LANG_CODE"))
    with workshop() as ready:
        return odoo_shell(ready.cluster, ready.databases.with_demo(language))


def test():
    """Run the tests with pytest-odoo; ARGS are passed on to pytest."""
    arguments = shlex.split(os.environ.get("ARGS") or "")
    told = {}
    # If the real files are available, the loader's tests also run on them.
    if folder := real_folder(os.environ.get("DATA")):
        told["NKA_REAL_DATA"] = str(folder)
    with workshop() as ready:
        return run_suite(ready, arguments, told)


def lint():
    """Run all checks, even if some fail; return 1 if any failed.

    The checks are those of .pre-commit-config.yaml without the network: the tools come
    from the environment.
    """
    python_ready()
    catalogues = [
        str(file) for addon in ADDONS for file in sorted(addon.glob("i18n/*.po*"))
    ]
    checks = [
        ("ruff", "check", *PYTHON_PLACES),
        ("ruff", "format", "--check", *PYTHON_PLACES),
        ("pylint", "--rcfile=pyproject.toml", *NAMES),
        ("oca_pre_commit_hooks.cli", *NAMES),
        ("oca_pre_commit_hooks.cli_po", *catalogues),
        ("compileall", "-q", *PYTHON_PLACES),
        ("tools.checks", *NAMES),
    ]
    failed = [" ".join(words[:2]) for words in checks if not _python(*words)]
    say(f"lint: {', '.join(failed)} failed" if failed else "lint: everything passed")
    return int(bool(failed))


def _python(module, *words):
    """Run a module of the environment and return whether it passed."""
    say(" ".join([module, *words[:2]]))
    command = [PYTHON, "-m", module, *words]
    environment = {**os.environ, **caches()}
    done = subprocess.run(command, cwd=CLONE, env=environment, check=False)
    return done.returncode == 0


def format_code():
    """Sort imports, apply safe fixes and format; return 1 if ruff failed."""
    python_ready()
    _python("ruff", "check", "--fix", "--quiet", *PYTHON_PLACES)
    return int(not _python("ruff", "format", *PYTHON_PLACES))


def i18n():
    """Export the terms of each addon and merge them into its translations.

    The terms are those of the addons as they are installed for the tests.
    """
    with workshop() as ready:
        alone = ready.databases.with_addon(TESTS)
        together = ready.databases.with_all(TESTS_OF_ALL, alone)
        done = [
            _merged_terms(ready, alone if addon == ADDON else together, addon)
            for addon in ADDONS
        ]
    return int(not all(done))


def _merged_terms(ready, database, addon):
    """Export and merge the terms of one addon; return whether that succeeded."""
    folder = addon / "i18n"
    folder.mkdir(exist_ok=True)
    template = folder / f"{addon.name}.pot"
    words = ("-d", database, "-l", "pot", "-o", str(template), addon.name)
    label = f"exporting the terms of {addon.name}"
    odoo_watched(ready.cluster, label, "i18n", "export", *words)
    known = {folder / f"{language[:2]}.po" for language in LANGUAGES}
    files = (template, *sorted(known | set(folder.glob("*.po"))))
    return _python("tools.i18n.merge", *map(str, files))


def bench():
    """Run the benchmarks on databases of SIZE invoices.

    ARGS select benchmarks by name. Return 1 if a limit is exceeded.
    """
    from benchmarks.run import run, size_of

    size = size_of(os.environ.get("SIZE"))
    narrowed = shlex.split(os.environ.get("ARGS") or "")
    with workshop() as ready:
        return run(ready, size, narrowed, BUILD / "bench.json")


def real():
    """Load the real opportunities of the folder in DATA into a separate database."""
    folder = real_folder(os.environ.get("DATA"))
    if not folder:
        raise Problem(
            "Name the folder of the files to load, as in `make real DATA=../crm_opportunities`."
        )
    told = {
        "NKA_REAL_DATA": str(folder),
        "NKA_FINDINGS": str(LOGS / "real-findings.csv"),
    }
    with workshop() as ready:
        database, script = ready.databases.with_addon("real"), TOOLS / "real" / "run.py"
        return odoo_shell(ready.cluster, database, script, **told)


def real_folder(named, beside=BESIDE):
    """Return the named folder, or the one beside the clone; None if there is neither.

    :raises Problem: if the named folder doesn't exist.
    """
    folder = Path(named).expanduser().resolve() if named else beside
    if folder.is_dir():
        return folder
    if named:
        raise Problem(
            f"DATA={named} is no folder: name the one that holds the CSV files."
        )
    return None


def stop():
    """End all processes of this clone and stop its database cluster."""
    if not BUILD.is_dir():
        return
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        running = clone_processes()
        for process in running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, sent)
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit and set(running) & set(clone_processes()):
            time.sleep(0.2)
    stop_cluster()
    say("nothing of this clone runs any more")


def clone_processes(proc=Path("/proc"), python=PYTHON):
    """Return the process ids that run the Python of this clone's environment."""
    found = []
    for entry in proc.glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if entry.read_bytes().split(b"\0")[0] == os.fsencode(python):
                found.append(int(entry.parent.name))
    return found


def clean():
    """Stop all processes of this clone and remove all files it created."""
    if BUILD.is_dir():
        stop()
        remove_cluster()
        say(f"removing {BUILD}")
        shutil.rmtree(BUILD)


CALLED = (demo, test, shell, lint, bench, real, i18n, stop, clean)
COMMANDS = {run.__name__: run for run in CALLED} | {"format": format_code}


def main(name):
    """Run one command and return its exit code."""
    interruptible()
    try:
        return COMMANDS[name]() or 0
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: tools/start.sh {'|'.join(COMMANDS)}")
    sys.exit(main(sys.argv[1]))
