"""Asks clamd about a file, by its own protocol (INSTREAM, clamd(8)).

aioclamd speaks TCP only, and loses clamd's answer where a file is larger than it takes (`StreamMaxLength`); the socket on
this machine is how most installations run clamd, so the few lines of the protocol stand here.

Not here: when a file is scanned and what becomes of it (examiner.py).

ScanError
├── ScannerAway     it can't be reached or does not answer: ask again later
└── NotScannable    it answers, and can't scan this one: larger than it takes, or an error of its own
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

from gateway.endpoints import HostPort

BLOCK: Final = 64 * 1024
PATIENCE: Final = 120.0  # seconds for the largest file; clamd's own limits are shorter
LONGEST_ANSWER: Final = 4096
_FOUND: Final = re.compile(r"stream: (?P<signature>.+) FOUND")


class ScanError(Exception):
    """Anything that keeps a file from being scanned; the message is for the operator."""


class ScannerAway(ScanError):
    """It can't be reached or does not answer."""


class NotScannable(ScanError):
    """It can't scan this one, today or tomorrow."""


class Clamd:
    """One scanner, at a Unix socket or a port."""

    def __init__(self, place: Path | HostPort, patience: float = PATIENCE) -> None:
        self.place = place
        self._patience = patience

    async def scan(self, file: BinaryIO) -> str | None:
        """The signature's name if something was found, None if nothing was. Raises ScanError."""
        async with self._asked(b"zINSTREAM\0") as (reader, writer):
            # listened to meanwhile: it stops taking when it has had enough, says so and hangs up
            answering = asyncio.create_task(_answer(reader))
            try:
                with contextlib.suppress(ConnectionError):
                    await _pour(file, writer, answering)
                answer = await answering
            finally:
                answering.cancel()
        if answer == "stream: OK":
            return None
        found = _FOUND.fullmatch(answer)
        if found is None:
            raise NotScannable(answer[:150])
        return found["signature"]

    async def version(self) -> str:
        """`ClamAV 1.4.6/27000/…`. Raises ScannerAway."""
        async with self._asked(b"zVERSION\0") as (reader, _):
            return await _answer(reader)

    @contextlib.asynccontextmanager
    async def _asked(self, command: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            async with asyncio.timeout(self._patience):
                reader, writer = await self._connected()
                try:
                    writer.write(command)
                    yield reader, writer
                finally:
                    writer.close()
        except TimeoutError:
            raise ScannerAway(f"clamd at {self.place} has not answered within {self._patience:g} s") from None
        except (OSError, EOFError) as error:
            raise ScannerAway(f"clamd at {self.place} can't be reached: {error}") from error

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.place, HostPort):
            return await asyncio.open_connection(self.place.host, self.place.port)
        return await asyncio.open_unix_connection(self.place)


async def _pour(file: BinaryIO, writer: asyncio.StreamWriter, answering: asyncio.Task[str]) -> None:
    while block := await asyncio.to_thread(file.read, BLOCK):
        if answering.done():
            return
        writer.write(struct.pack("!L", len(block)) + block)
        await writer.drain()
    writer.write(struct.pack("!L", 0))
    await writer.drain()


async def _answer(reader: asyncio.StreamReader) -> str:
    try:
        told = await reader.readuntil(b"\0")
    except asyncio.IncompleteReadError as error:
        told = error.partial
    except asyncio.LimitOverrunError:
        told = await reader.read(LONGEST_ANSWER)
    if not told:
        raise EOFError("it has closed the connection without an answer")
    return told[:LONGEST_ANSWER].rstrip(b"\0\n").decode("utf-8", "replace")
