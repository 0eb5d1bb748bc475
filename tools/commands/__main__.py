"""Runs the command named on the command line; a Problem ends it with one sentence and exit code 2."""

import importlib
import sys

from ..setup.foreground import interruptible
from ..setup.messages import Problem

COMMANDS = (
    "demo",
    "test",
    "shell",
    "lint",
    "format",
    "bench",
    "real",
    "i18n",
    "stop",
    "clean",
)


def main(name):
    """Run one command; returns its exit code."""
    interruptible()
    command = importlib.import_module(f".{name}", __package__)
    try:
        return command.run() or 0
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
