"""One reading for all who ask for the same at once.

What a customer says is fetched within a few milliseconds by everybody who shows the conversation. Each is answered by a reading that was
begun after they asked, so nobody is told less than was there by then; but all who wait for the same one to begin share it, the text that
was made of it, and what is masked in that text.

Not here: who may read what, and that they did (routes.py): that is each asker's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.api.masks import MASKED_BY, rewritten
from gateway.masking import Kind

Make = Callable[[], Awaitable["Made"]]


class Made:
    """A document of JSON as it leaves, whole or masked."""

    def __init__(self, text: str, etag: str) -> None:
        self._text = text
        self._etag = etag
        self._body = text.encode()
        self._masked: dict[frozenset[Kind], asyncio.Task[bytes]] = {}

    def response(self) -> web.Response:
        response = web.Response(
            body=self._body, content_type="application/json", charset="utf-8", headers={"ETag": self._etag}
        )
        response[MASKED_BY] = self.masked
        return response

    async def masked(self, kinds: frozenset[Kind]) -> bytes:
        if kinds not in self._masked:
            self._masked[kinds] = asyncio.create_task(self._mask(kinds))
        return await asyncio.shield(self._masked[kinds])

    async def _mask(self, kinds: frozenset[Kind]) -> bytes:
        return (await rewritten(self._text, kinds)).encode()


class Together:
    """What is being read, and what is read next, each by its name."""

    def __init__(self) -> None:
        self._begun: dict[str, asyncio.Task[Made]] = {}
        self._next: dict[str, asyncio.Task[Made]] = {}

    async def ask(self, name: str, make: Make) -> Made:
        """What `make` answers, or raises. It may be somebody else's `make` of the same name, begun from now on."""
        if name in self._next:
            return await asyncio.shield(self._next[name])
        before = self._begun.get(name)
        task = asyncio.create_task(self._make(name, make, before), name=f"reading {name}")
        task.add_done_callback(_was_seen)
        (self._begun if before is None else self._next)[name] = task
        return await asyncio.shield(task)  # who goes away takes nothing from the others

    async def _make(self, name: str, make: Make, before: asyncio.Task[Made] | None) -> Made:
        if before is not None:
            await asyncio.wait([before])
            self._begun[name] = self._next.pop(name)
        try:
            return await make()
        finally:
            del self._begun[name]


def _was_seen(task: asyncio.Task[Made]) -> None:
    """Where all who asked have gone away nobody reads why it failed."""
    if not task.cancelled():
        task.exception()


TOGETHER: web.AppKey[Together] = web.AppKey("together", Together)
