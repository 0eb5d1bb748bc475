"""The runs of pytest that `make test` consists of.

The tests of the addon run on a database without the apps that the addons beside it
need, as most companies have it. The tests of those addons run on a second database, in
which the apps were installed after the addon.
"""

import os
from dataclasses import dataclass

from .setup.odoo import odoo_environment
from .setup.places import BUILD, CLONE, CONFIG, LOGS, PYTHON
from .setup.terminal import foreground, say

TESTS = "tests"
TESTS_OF_ALL = "tests_recruitment"
FOLDER = CLONE / "tests" / "recruitment"
MOST_WORKERS = 4
# Exit codes of pytest.
PASSED, FAILED, INTERRUPTED, NO_TESTS = 0, 1, 2, 5
#: Options of pytest whose value is the next argument, so that it is no path of tests.
WITH_VALUE = {
    *("-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r"),
    *("--tb", "--maxfail", "--durations", "--ignore", "--deselect", "--dist"),
}


@dataclass(frozen=True)
class Run:
    """One run of pytest: whether on the database with all addons, and its arguments."""

    of_all: bool
    arguments: tuple


def run_suite(ready, arguments, told):
    """Run the tests that the arguments select; return one exit code for all runs.

    :param ready: the Workshop.
    :param arguments: arguments for pytest.
    :param dict told: environment variables that the tests read.
    """
    codes = []
    for run in runs_of(arguments):
        codes.append(_run(ready, run, told))
        if codes[-1] == INTERRUPTED or (codes[-1] == FAILED and stops_early(arguments)):
            break
    return exit_code(codes)


def runs_of(arguments, folder=FOLDER):
    """Return the runs for these arguments: one if they only name tests of one.

    Without paths, and for a folder around it, there are two.

    :param folder: the tests that run on the database with all addons.
    """
    options, paths = split(arguments)
    inside = [path for path in paths if _file(path).is_relative_to(folder)]
    outside = [path for path in paths if path not in inside]
    around = [path for path in outside if folder.is_relative_to(_file(path))]
    own = str(folder)
    runs = []
    if outside or not paths:
        apart = [f"--ignore={own}"] if around or not paths else []
        runs.append(Run(False, (*options, *apart, *outside)))
    if around or not paths:
        runs.append(Run(True, (*options, own)))
    elif inside:
        runs.append(Run(True, (*options, *inside)))
    return runs


def split(arguments):
    """Return the options with their values, and the paths of tests."""
    options, paths = [], []
    before = ""
    for word in arguments:
        is_option = word.startswith("-") or before in WITH_VALUE
        (paths if not is_option and _file(word).exists() else options).append(word)
        before = word
    return options, paths


def _file(word):
    """Return the absolute path of an argument, without the test named after it."""
    return (CLONE / word.partition("::")[0]).resolve()


def exit_code(codes):
    """Return the exit code of all runs.

    A run in which no test is selected is a failure only if none has any.
    """
    told = [code for code in codes if code != NO_TESTS]
    return next((code for code in told if code != PASSED), min(told, default=NO_TESTS))


def stops_early(arguments):
    """Return whether the arguments ask to stop after failures."""
    return any(
        word in ("-x", "--exitfirst") or word.startswith("--maxfail")
        for word in arguments
    )


def _run(ready, run, told):
    """Prepare the database of a run and call pytest on copies of it."""
    databases = ready.databases
    template = alone = databases.with_addon(TESTS)
    told = {
        **told,
        "ODOO_RC": str(CONFIG),
        "NKA_DEPENDENCIES_DATABASE": databases.dependencies(),
        "NKA_ADDON_DATABASE": alone,
    }
    if run.of_all:
        template = databases.with_all(TESTS_OF_ALL, alone)
        told["NKA_APPS_DATABASE"] = databases.apps()
        told["NKA_BOTH_DATABASE"] = template
        say("testing the addons beside it")
    told["NKA_INSTALL_LOG"] = str(LOGS / f"{template}-install.log")
    # Each worker copies the template; a narrow run is faster without the web client's
    # bundles.
    if workers(run.arguments):
        database = databases.with_pages(template)
    else:
        database = databases.clone(template, f"{template}_single")
    command = [PYTHON, "-m", "pytest", *pytest_options(database, run.arguments)]
    environment = odoo_environment(ready.cluster, **told)
    return foreground([*command, *run.arguments], env=environment, cwd=CLONE)


def pytest_options(database, arguments):
    """Return the options of every run.

    Each worker gets its own copy of the database and its own port.
    """
    cache = f"cache_dir={BUILD / 'cache' / 'pytest'}"
    options = [f"--odoo-database={database}", "--odoo-http", "-o", cache]
    if count := workers(arguments):
        options += ["-n", str(count), "--dist", "loadscope", "--no-loadscope-reorder"]
    return options


def workers(arguments, processors=None):
    """Return the number of workers to start.

    It is 0 if the arguments set a number or start a debugger.
    """
    decided = ("-n", "--pdb", "--numprocesses", "no:xdist")
    if any(argument.startswith(decided) for argument in arguments):
        return 0
    return max(1, min(MOST_WORKERS, processors or os.cpu_count() or 1))
