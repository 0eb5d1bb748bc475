"""Databases of a given size for the benchmarks, and ways to time something in them."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.setup.odoo import odoo_command, odoo_environment
from tools.setup.places import ADDON, CLONE, Problem, digest_of, digest_of_files
from tools.setup.terminal import say

HERE = Path(__file__).parent
GENERATOR = ("generate.py", "originals.py", "copies.py")
RESULT = "RESULT "
#: Line by which a script says that it waits for its turn.
TURN = "TURN"


@dataclass(frozen=True)
class Result:
    """One measured figure, and the limit it has to stay below, if there is one."""

    name: str
    value: float
    unit: str = ""
    bar: float | None = None

    @property
    def passed(self):
        """Return whether the limit is kept."""
        return self.bar is None or self.value <= self.bar


class Stage:
    """The databases of a benchmark run; `size` is the number of invoices."""

    def __init__(self, workshop, size):
        self.cluster = workshop.cluster
        self.databases = workshop.databases
        self.size = size
        self.copies = set()

    def empty(self):
        """Return a database with the dependencies only: a company on its first day."""
        return self.databases.dependencies()

    def filled(self):
        """Return a database with the dependencies and `size` invoices, kept for the
        next run.
        """
        name = f"bench_{self.size}"
        sources = digest_of_files(*(HERE / file for file in GENERATOR))
        wanted = digest_of(self.databases.digest(self.empty()), sources)
        if not self.databases.is_current(name, wanted):
            say(f"filling a database with {self.size:,} invoices")
            making = self.databases.clone(self.empty(), f"{name}_making")
            self.in_odoo(making, "fill.py", COUNT=str(self.size))
            self.databases.finish(making, name, wanted)
        return name

    def copy(self, database, suffix="copy"):
        """Create a throw-away copy; another one of this suffix is dropped."""
        name = f"bench_{suffix}_{os.getpid()}"
        self.copies.add(name)
        return self.databases.clone(database, name)

    def drop_copies(self):
        """Drop all throw-away copies."""
        for name in self.copies:
            self.databases.drop(name)

    def with_addon(self, database):
        """Create a throw-away copy with the addon; return its name and the seconds of
        the installation.
        """
        name = self.copy(database)
        words = (
            "-d",
            name,
            "-i",
            ADDON.name,
            "--stop-after-init",
            "--no-http",
            "--log-level=warn",
        )
        return name, self._timed(odoo_command(*words))

    def in_odoo(self, database, script, *options, **variables):
        """Run a script of this folder in an Odoo shell; return the figures it passed to
        `tell()`.

        :param options: further options of the shell
        :raises Problem: with the end of its output, when it fails.
        """
        command = odoo_command(
            "shell", "-d", database, "--no-http", "--log-level=warn", *options
        )
        with (HERE / script).open("rb") as source:
            done = subprocess.run(
                command,
                stdin=source,
                env=odoo_environment(self.cluster, **variables),
                cwd=CLONE,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise Problem(f"{script} failed:\n{done.stderr[-2000:]}")
        return figures(done.stdout.splitlines())

    def in_both(self, script):
        """Run a script in the same filled database without the addon and with it;
        return both results.
        """
        without = self.in_odoo(self.copy(self.filled()), script)
        database, _seconds = self.with_addon(self.filled())
        return without, self.in_odoo(database, script)

    def in_turns(self, script, rounds):
        """Run a script that asks for `turns()` in the same filled database without the
        addon and with it, both at once but never both working.

        What slows the machine down for a while slows both sides. Who goes first changes
        with each round.

        :return: the figures of each turn, without the addon and with it
        :rtype: tuple[list[dict], list[dict]]
        """
        without = self.copy(self.filled(), "without")
        having, _seconds = self.with_addon(self.filled())
        with (
            sided(self.cluster, without, script) as one,
            sided(self.cluster, having, script) as other,
        ):
            for number in range(rounds):
                for side in (one, other) if number % 2 else (other, one):
                    side.take_turn()
            return one.told, other.told

    def _timed(self, command):
        started = time.perf_counter()
        environment = odoo_environment(self.cluster)
        done = subprocess.run(
            command, env=environment, cwd=CLONE, capture_output=True, check=False
        )
        if done.returncode:
            raise Problem(f"The installation failed:\n{done.stderr.decode()[-2000:]}")
        return time.perf_counter() - started


@contextlib.contextmanager
def sided(cluster, database, script):
    """Start a script in an Odoo shell, and yield its Sided as soon as it waits."""
    waits, gives = os.pipe()
    with tempfile.TemporaryFile("w+") as errors, (HERE / script).open("rb") as source:
        process = subprocess.Popen(
            odoo_command("shell", "-d", database, "--no-http", "--log-level=warn"),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=odoo_environment(cluster, TURNS=str(waits)),
            cwd=CLONE,
            pass_fds=(waits,),
            text=True,
        )
        os.close(waits)
        try:
            side = Sided(script, process, errors, gives)
            side.wait()
            yield side
        finally:
            os.close(gives)
            process.communicate()


class Sided:
    """A script in an Odoo shell that works only in its turns."""

    def __init__(self, script, process, errors, gives):
        self.script = script
        self.process = process
        self.errors = errors
        self.gives = gives
        self.told = []

    def take_turn(self):
        """Let the script work once, and keep the figures that it passed to `tell()`."""
        os.write(self.gives, b".")
        self.told.append(figures(self.wait()))

    def wait(self):
        """Return the lines that the script prints until it waits for its turn.

        :raises Problem: with the end of its errors, if it ends before.
        """
        lines = []
        for line in self.process.stdout:
            if line.strip() == TURN:
                return lines
            lines.append(line)
        self.errors.seek(0)
        raise Problem(f"{self.script} failed:\n{self.errors.read()[-2000:]}")


def figures(lines):
    """Return what a script passed to `tell()`, from the lines that it printed."""
    told = [line for line in lines if line.startswith(RESULT)]
    return {
        key: value
        for line in told
        for key, value in json.loads(line[len(RESULT) :]).items()
    }
