"""Messages of the commands, and running other programs.

Programs run with a log and progress messages, or in the foreground.
"""

import signal
import subprocess
import sys
import time

from .places import LOGS, Problem

HEARTBEAT_SECONDS = 10
TAIL_LINES = 25
ENDING = (signal.SIGTERM, signal.SIGHUP)


def say(text):
    """Print a progress line at once, even if the output is piped."""
    print(f"==> {text}", flush=True)


def watched(label, command, **options):
    """Run a command with its output in a log, printing its progress now and then.

    :param label: what is being done, as shown to the user; also names the log file.
    :param options: passed on to subprocess (env, cwd, user, group, stdin).
    :return: the path of the log.
    :raises Problem: if the command fails, after printing the end of the log.
    """
    say(label)
    log = LOGS / f"{log_name(label)}.log"
    options.setdefault("stdin", subprocess.DEVNULL)
    with log.open("wb") as output:
        child = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, **options
        )
        code = _wait(child, log)
    if code:
        lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        print("\n".join(lines), file=sys.stderr)
        raise Problem(
            f"{label}: failed (exit code {code}); the lines above are the end of {log}."
        )
    return log


def _wait(child, log):
    started = time.monotonic()
    while True:
        try:
            return child.wait(HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
            print(f"    {seconds:4.0f} s  {_last_line(log)[:90]}", flush=True)
        except BaseException:
            child.terminate()
            child.wait()
            raise


def _last_line(log):
    with log.open("rb") as written:
        written.seek(max(0, log.stat().st_size - 1000))
        lines = written.read().decode(errors="replace").split("\n")
    return message_of(next((line for line in reversed(lines) if line.strip()), ""))


def message_of(line):
    """Return the message of a log line without Odoo's time, process and database."""
    parts = line.split(" ", 6)
    return parts[6].strip() if len(parts) == 7 and parts[3].isupper() else line.strip()


def log_name(label):
    """Return a file name derived from a label."""
    words = "".join(letter if letter.isalnum() else " " for letter in label.lower())
    return "-".join(words.split())[:60]


def foreground(command, **options):
    """Run a program that handles Ctrl-C itself, such as pytest, and wait for it.

    :return: its exit code.
    """
    child = subprocess.Popen(list(map(str, command)), **options)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in ENDING:
        signal.signal(number, lambda *_: child.send_signal(signal.SIGINT))
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interruptible():
    """Make Ctrl-C, a closed terminal and a plain kill end this command cleanly.

    A repeated signal is ignored. This works even if the calling shell ignores Ctrl-C,
    as it does for background commands.
    """
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, _interrupt)


def _interrupt(*_):
    # The clean-up follows; a second Ctrl-C must not interrupt it.
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
