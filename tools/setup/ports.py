"""Free ports on the loopback interface."""

import socket

from .messages import Problem

LOOPBACK = "127.0.0.1"
DEMO_PORT = 8069
TRIED = 50


def is_free(port):
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def demo_port(asked):
    """The port asked for, or without one the first free port from 8069 on.

    :param asked: text of a port number, or empty.
    :raises Problem: when the port asked for is no port or is taken.
    """
    if not asked:
        return (
            next(
                (port for port in range(DEMO_PORT, DEMO_PORT + TRIED) if is_free(port)),
                None,
            )
            or _none_free()
        )
    if not asked.isdigit() or not 0 < int(asked) < 65536:
        raise Problem(f"PORT={asked} is no port number: give one from 1024 to 65535.")
    if not is_free(int(asked)):
        raise Problem(
            f"Port {asked} is in use: leave PORT out for the next free one, or name another."
        )
    return int(asked)


def _none_free():
    raise Problem(
        f"Ports {DEMO_PORT} to {DEMO_PORT + TRIED - 1} are all in use: name a free one, such as PORT=9069."
    )
