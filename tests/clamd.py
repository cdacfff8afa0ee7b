"""The real clamd, with a signature database of one line, on a socket and a port of its own; as whoever runs the tests.

Its only signature is the test string that every scanner knows (EICAR), put together here so that no scanner minds this file.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.ports import free_port

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD" + "-ANTIVIRUS-TEST-FILE!$H+H*").encode()
SIGNATURE = "Test.Eicar.UNOFFICIAL"
LARGEST = 2_000_000  # bytes that it takes in one stream


class Scanner:
    """clamd in the foreground. Can be stopped and started again, as on a bad day."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self.socket = folder / "clamd.sock"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        database = folder / "signatures"
        database.mkdir()
        (database / "test.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
        settings = {
            "DatabaseDirectory": database,
            "TemporaryDirectory": folder,
            "LocalSocket": self.socket,
            "TCPSocket": self.port,
            "TCPAddr": "127.0.0.1",
            "StreamMaxLength": LARGEST,
            "MaxThreads": 4,
            "Foreground": "yes",
        }
        (folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            command = [self._program, "--config-file", self._folder / "clamd.conf"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                pytest.fail(f"clamd does not start: {(self._folder / 'log').read_text()[-2000:]}", pytrace=False)
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as asked:
                asked.sendall(b"zPING\0")
                return asked.recv(16).startswith(b"PONG")
        except OSError:
            return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
            self._process = None
            self.socket.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def running_clamd(require: Callable[[str], NoReturn]) -> Iterator[Scanner]:
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        require("no clamd on this machine: apt-get install clamav-daemon")
    with tempfile.TemporaryDirectory(prefix="qtav", dir="/tmp") as folder:  # a socket's path holds 107 bytes
        scanner = Scanner(program, Path(folder))
        scanner.start()
        yield scanner
        scanner.stop()


@pytest.fixture
def clamd(running_clamd: Scanner) -> Iterator[Scanner]:
    """The scanner, running again after each test."""
    yield running_clamd
    if not running_clamd._answers():
        running_clamd.stop()
        running_clamd.start()
