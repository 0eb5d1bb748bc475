"""Runs a long command with its output in a log file and a sign of life on the terminal."""

import subprocess
import sys
import time

from .messages import Problem, say
from .places import LOGS

HEARTBEAT_SECONDS = 10
TAIL_LINES = 25


def watched(label, command, **options):
    """Run a command to its end, saying now and then how far its log has come.

    :param label: what is being done, as the person reads it; also names the log file.
    :param options: passed on to subprocess (env, cwd, user, group, stdin).
    :return: the path of the log.
    :raises Problem: with the end of the log, when the command fails.
    """
    say(label)
    log = LOGS / (_file_name(label) + ".log")
    options.setdefault("stdin", subprocess.DEVNULL)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            **options,
        )
        code = _wait(child, log)
    if code:
        raise Problem(_failure(label, code, log))
    return log


def _wait(child, log):
    started = time.monotonic()
    while True:
        try:
            return child.wait(HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            _beat(time.monotonic() - started, log)
        except BaseException:
            child.terminate()
            child.wait()
            raise


def _beat(seconds, log):
    print(f"    {seconds:4.0f} s  {_last_line(log)[:90]}", flush=True)


def _last_line(log):
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - 1000))
        lines = written.read().decode(errors="replace").splitlines()
    return _message(next((line for line in reversed(lines) if line.strip()), ""))


def _message(line):
    """The message of a log line, without Odoo's time, process and database."""
    parts = line.split(" ", 6)
    return parts[6].strip() if len(parts) == 7 and parts[3].isupper() else line.strip()


def _failure(label, code, log):
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
    print(tail, file=sys.stderr)
    return f"{label}: failed (exit code {code}); the lines above are the end of {log}."


def _file_name(label):
    kept = "".join(letter if letter.isalnum() else "-" for letter in label.lower())
    return "-".join(part for part in kept.split("-") if part)[:60]
