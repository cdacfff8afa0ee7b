"""Ports for servers that are told theirs before they start.

What the system gives out by itself goes to every connection of this machine too: a port that was free when it was looked at may be a
client's a moment later. These lie below those, and each worker of a session has its own.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from typing import Final

FIRST: Final = 20_000
EACH: Final = 1_000  # ports of one worker
WORKERS: Final = 12  # that have their own: the system's own begin at 32768


def _candidates() -> Iterator[int]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = FIRST + EACH * (int(worker) % WORKERS)
    number = secrets.randbelow(EACH)  # another session may run beside this one
    while True:
        yield first + number
        number = (number + 1) % EACH


_CANDIDATES: Final = _candidates()


def free_port() -> int:
    """One that nobody has now, and that is given to nobody else soon."""
    for _ in range(EACH):
        port = next(_CANDIDATES)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
