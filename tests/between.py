"""A bad network between a client and a server of 127.0.0.1: it can fall silent, cut connections, or cut them at a certain word."""

from __future__ import annotations

import asyncio
import contextlib


class Between:
    """Listens on `port` and passes on to the server's. While `silent` nothing passes, and nobody is told.

    `cuts_at`: a connection on which the client says this is ended.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.silent = False
        self.cuts_at: bytes | None = None
        self.connections = 0
        self.heard = b""  # all that clients have said

    async def __aenter__(self) -> Between:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Ends every connection."""
        for writer in tuple(self._writers):
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, thither = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._writers |= {writer, thither}
        ways = [self._pass_on(reader, thither, from_client=True), self._pass_on(there, writer, from_client=False)]
        tasks = [asyncio.create_task(way) for way in ways]
        self._tasks.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, thither):
            end.close()
            self._writers.discard(end)
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.difference_update(tasks)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_client: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while block := await reader.read(1 << 16):
                if from_client:
                    self.heard += block
                    if self.cuts_at is not None and self.cuts_at in block:
                        return
                if not self.silent:
                    writer.write(block)
                    await writer.drain()
