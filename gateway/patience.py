"""How long a web client may take to say what it wants.

aiohttp waits for ever for a request's head and body; a client that sends a byte a minute would keep a connection, and a few
hundred of them all there are. Looks at the open connections every few seconds and closes those that take too long.

Not here: limits of the chat (channels/webchat), of SMTP (channels/email/receive.py), of requests in number (auth/throttle.py).
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, Final

import structlog
from aiohttp import web

LOOK: Final = 5.0
HEAD: Final = 30.0  # seconds until a request's head is whole
BODY: Final = 300.0  # and its body: the largest upload over a slow line
FILES: Final = 65_536

log = structlog.get_logger(__name__)


class Patience:
    """Ends connections whose client takes too long. WebSockets have a whole request behind them and stay."""

    def __init__(self, runner: web.AppRunner, head: float = HEAD, body: float = BODY, look: float = LOOK) -> None:
        self._runner = runner
        self._head = head
        self._body = body
        self._look_every = look
        self._since: dict[Any, tuple[object, float]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="patience")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            try:
                self.look(asyncio.get_running_loop().time())
            except Exception:
                log.exception("patience_failed")

    def look(self, now: float) -> None:
        server = self._runner.server
        since: dict[Any, tuple[object, float]] = {}
        for connection in tuple(server.connections) if server is not None else ():
            # what a connection is waiting for has no public name
            request: web.BaseRequest | None = getattr(connection, "_current_request", None)
            requests = getattr(connection, "_request_count", 0)
            if request is not None and request.content.is_eof():
                continue
            state, limit = (requests, request is None), self._head if request is None else self._body
            known, began = self._since.get(connection, (None, now))
            since[connection] = (state, began if known == state else now)
            if now - since[connection][1] > limit and connection.transport is not None:
                connection.transport.abort()
        self._since = since


def many_files() -> None:
    """As many open files as the system lets us have: each customer is one, and the usual limit is a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
