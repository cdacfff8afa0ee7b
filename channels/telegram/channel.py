"""Telegram behind the four verbs of a channel.

Not here: any of the work; each verb is one of the files beside this.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from telegram.error import TelegramError

from channels.channel import Accept, Duty
from channels.message import Arrival, Delivery, Event, OutboundMessage
from channels.telegram import webhook
from channels.telegram.api import Api
from channels.telegram.files import Fetcher, has_files
from channels.telegram.pace import Pace
from channels.telegram.poll import Poller
from channels.telegram.read import Reader, chat_of
from channels.telegram.send import Sender
from channels.telegram.update import peek


class TelegramChannel:
    """One bot. It polls while it has the duty, or is called where a webhook is given; `add_routes` is for the latter."""

    name = "telegram"

    def __init__(
        self,
        api: Api,
        duty: Duty,
        *,
        language: str = "zh-Hans",
        largest: int = 35_000_000,
        called: webhook.Called | None = None,
        pace: Pace | None = None,
        pause: float = 1.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.account = f"telegram:{api.bot_id}"
        self._api = api
        self._reader = Reader(api.bot_id, language)
        self._fetcher = Fetcher(api, largest)
        self._sender = Sender(api, pace)
        self._called = called
        self._poller = Poller(api, duty, self._take, pause)
        self._clock = clock
        self._accept: Accept | None = None
        self._beside: set[asyncio.Task[None]] = set()

    async def start(self, accept: Accept) -> None:
        """Doesn't wait for Telegram: it may be out of reach for now."""
        self._accept = accept
        if self._called is None:
            self._poller.start()
        else:
            self._called.start(self._take)

    async def stop(self) -> None:
        await (self._poller.stop() if self._called is None else self._called.stop())
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._api.close()

    def add_routes(self, app: web.Application) -> None:
        if self._called is not None:
            app.router.add_post(webhook.PATH, self._called.answer)

    @property
    def trouble(self) -> str | None:
        """What keeps this process from receiving, for the operator."""
        return self._poller.trouble if self._called is None else self._called.trouble

    @property
    def refused(self) -> str | None:
        """The same, but only what somebody has to put right: a token that is refused, another program that polls this bot."""
        return self.trouble if (self._poller if self._called is None else self._called).refused else None

    async def _take(self, raw: bytes) -> None:
        """Commits one update. Raises StoreUnavailable."""
        assert self._accept is not None
        update = peek(raw)
        number, chat = update.get("update_id"), chat_of(update)
        known = isinstance(number, int) and abs(number) < 2**63
        await self._accept(
            Arrival(
                channel=self.name,
                account=self.account,
                external_id=str(number) if known else hashlib.sha256(raw).hexdigest(),
                received_at=self._clock(),
                raw=raw,
                transport={"by": "poll" if self._called is None else "webhook"},
                lane=None if chat is None else f"{self.account}:{chat}",
            )
        )
        query = update.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            self._aside(self._chosen(query))

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """For what is nice to have: lost with the process, and nobody waits for it."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _chosen(self, query: Mapping[str, object]) -> None:
        """The button stops turning and the choices go, now that the choice is committed."""
        with contextlib.suppress(TelegramError):
            await self._api.confirm_choice(str(query["id"]))
        message, chat = query.get("message"), chat_of({"callback_query": query})
        number = message.get("message_id") if isinstance(message, dict) else None
        if chat is not None and isinstance(number, int):
            await self._sender.forget_choices(chat, number)

    def thinking(self, address: str) -> None:
        """Shows the customer that an answer is being written."""
        self._aside(self._show_typing(address))

    async def _show_typing(self, address: str) -> None:
        number = address.removeprefix("telegram:")
        if number.isdigit():
            with contextlib.suppress(TelegramError):
                await self._api.show_typing(int(number))

    def needs_fetch(self, arrival: Arrival) -> bool:
        return has_files(arrival.raw)

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        """Raises FetchFailed."""
        return await self._fetcher.fetch(arrival)

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        """Raises Unreadable."""
        return self._reader.read(arrival.raw, fetched)

    async def send(self, message: OutboundMessage) -> Delivery:
        """Raises DeliveryError."""
        return await self._sender.send(message)
