"""Hands the terminal to another program until it ends."""

import signal
import subprocess

ENDING = (signal.SIGTERM, signal.SIGHUP)


def foreground(command, **options):
    """Run a program that answers Ctrl-C itself, such as pytest or a shell; we wait, whatever is pressed.

    :return: its exit code.
    """
    child = subprocess.Popen([str(part) for part in command], **options)
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
