"""What the commands say, and how they run other programs: watched, with a log, or in the foreground."""

import signal
import subprocess
import sys
import time

from .places import LOGS, Problem

HEARTBEAT_SECONDS = 10
TAIL_LINES = 25
ENDING = (signal.SIGTERM, signal.SIGHUP)


def say(text):
    """Print one progress line at once, whoever reads it."""
    print(f"==> {text}", flush=True)


def watched(label, command, **options):
    """Run a command to its end, its output in a log, saying now and then how far that has come.

    :param label: what is being done, as the person reads it; also names the log file.
    :param options: passed on to subprocess (env, cwd, user, group, stdin).
    :return: the path of the log.
    :raises Problem: with the end of the log, when the command fails.
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
    """The message of a log line, without Odoo's time, process and database."""
    parts = line.split(" ", 6)
    return parts[6].strip() if len(parts) == 7 and parts[3].isupper() else line.strip()


def log_name(label):
    """A file name made of what is being done."""
    words = "".join(letter if letter.isalnum() else " " for letter in label.lower())
    return "-".join(words.split())[:60]


def foreground(command, **options):
    """Run a program that answers Ctrl-C itself, such as pytest or a shell; we wait, whatever is pressed.

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
    """Make Ctrl-C, a closed terminal and a plain kill end this command once, in order.

    Also where the shell that started us ignores Ctrl-C, as it does for commands in the background.
    """
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, _interrupt)


def _interrupt(*_):
    # What follows is the clean-up; a second Ctrl-C must not cut that short.
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
