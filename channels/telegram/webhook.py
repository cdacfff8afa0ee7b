"""Telegram calls us: one route, opened by a secret that only Telegram and we know.

200 means that the update is committed; for anything else Telegram comes again. The secret is compared in constant time.

Not here: what an update means (read.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from telegram.error import BadRequest, InvalidToken, TelegramError

from channels.channel import StoreUnavailable
from channels.telegram.api import Api, Flooded, in_words

PATH: Final = "/telegram/webhook"
SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"
LARGEST: Final = 1 << 20  # bytes of one update; Telegram's own stay far below
PATIENCE: Final = 30.0  # seconds for a whole body

Take = Callable[[bytes], Awaitable[None]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram calls, and what it says to be let in."""

    url: str
    secret: str

    def __repr__(self) -> str:
        return f"Webhook({self.url})"


class Called:
    """Tells Telegram where to call, and takes what it brings."""

    def __init__(self, api: Api, webhook: Webhook, pause: float = 1.0) -> None:
        self._api = api
        self._webhook = webhook
        self._pause = pause
        self._take: Take | None = None
        self._task: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        self.refused = False  # the trouble is one that somebody has to put right

    def start(self, take: Take) -> None:
        self._take = take
        self._task = asyncio.create_task(self._register(), name="telegram webhook")

    async def stop(self) -> None:
        """Telegram keeps what it can't hand over, and calls another node or this one later."""
        self._take = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _register(self) -> None:
        """Until it has worked. Every node does: they say the same."""
        pause = self._pause
        while True:
            try:
                await self._api.use_webhook(self._webhook.url, self._webhook.secret)
            except TelegramError as error:
                told = in_words(error)
                if told != self.trouble:
                    log.error("the Telegram webhook can't be set: %s", told)
                self.trouble, self.refused = told, isinstance(error, InvalidToken | BadRequest)
                await asyncio.sleep(error.seconds if isinstance(error, Flooded) else pause)
                pause = min(pause * 2, 60.0 if isinstance(error, InvalidToken) else 30.0)
            else:
                self.trouble, self.refused = None, False
                return

    async def answer(self, request: web.Request) -> web.Response:
        """The route: 200 once the update is committed."""
        told = request.headers.get(SECRET, "")
        if not hmac.compare_digest(told.encode("utf-8", "surrogateescape"), self._webhook.secret.encode()):
            return web.Response(status=403, text="the secret token is missing or wrong")
        if (request.content_length or 0) > LARGEST:
            return web.Response(status=413, text="too large for an update")
        try:
            async with asyncio.timeout(PATIENCE):
                raw = await _read(request)
        except TimeoutError:
            return web.Response(status=408, text="the body did not come in time")
        if raw is None:
            return web.Response(status=413, text="too large for an update")
        return await self._taken(raw)

    async def _taken(self, raw: bytes) -> web.Response:
        if self._take is None:
            return _later(5)
        try:
            await self._take(raw)
        except StoreUnavailable as error:
            return _later(error.retry_after)
        return web.Response()


async def _read(request: web.Request) -> bytes | None:
    """The body, None if it is too large."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _later(seconds: int) -> web.Response:
    return web.Response(status=503, text="it can't be stored now", headers={"Retry-After": str(seconds)})
