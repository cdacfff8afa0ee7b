"""The chat's comparator: a bare aiohttp echo that answers each message once it is committed, many in one commit.

One writer thread, SQLite with WAL and full sync, one insert a message: what any durable chat must do, and nothing else.
`python -m benchmarks.echo DATABASE` prints `PORT n` and stops when its input closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import sys
import threading

from aiohttp import WSMsgType, web

BATCH = 200


class GroupCommit:
    def __init__(self, path: str, loop: asyncio.AbstractEventLoop) -> None:
        self._path, self._loop = path, loop
        self._waiting: queue.SimpleQueue[tuple[str, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    async def put(self, text: str) -> None:
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting.put((text, done))
        await done

    def _work(self) -> None:
        store = sqlite3.connect(self._path, isolation_level=None)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=FULL")
        store.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT)")
        while True:
            batch = [self._waiting.get()]
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get())
            store.execute("BEGIN IMMEDIATE")
            store.executemany("INSERT INTO said (text) VALUES (?)", [(text,) for text, _ in batch])
            store.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, [done for _, done in batch])


def _answer(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        if not done.done():
            done.set_result(None)


async def serve(path: str) -> None:
    loop = asyncio.get_running_loop()
    commit = GroupCommit(path, loop)

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await commit.put(frame.data)
                await socket.send_str(frame.data)
        return socket

    app = web.Application()
    app.router.add_get("/chat/ws", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print("PORT", runner.addresses[0][1], flush=True)
    over = asyncio.Event()
    loop.add_reader(0, over.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), 300)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
