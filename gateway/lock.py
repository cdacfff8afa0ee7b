"""One gateway on one data directory: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any


class AlreadyRunning(Exception):
    """Another gateway holds this data directory; the message names it."""


class DataDirectoryLock:
    """Holds the directory while entered; the file names the holder for whoever comes second."""

    def __init__(self, directory: Path, holder: dict[str, Any]) -> None:
        self._path = directory / "gateway.lock"
        self._holder = holder
        self._file: int | None = None

    def __enter__(self) -> DataDirectoryLock:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            first = holder_of(self._path.parent) or {}
            os.close(file)
            raise AlreadyRunning(
                f"another gateway already runs on {self._path.parent}: process {first.get('pid', '?')} on node"
                f" {first.get('node', '?')}, {first.get('http', 'no address yet')}"
            ) from None
        self._file = file
        self.tell(self._holder)
        return self

    def tell(self, holder: dict[str, Any]) -> None:
        """Writes who holds the directory, for people and for the command line."""
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(holder).encode(), 0)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def holder_of(directory: Path) -> dict[str, Any] | None:
    """What the gateway that runs on this directory says of itself; None if none runs."""
    path = directory / "gateway.lock"
    try:
        with path.open("r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found: dict[str, Any] = json.loads(file.read() or b"{}")
                return found
            return None
    except (FileNotFoundError, ValueError):
        return None
