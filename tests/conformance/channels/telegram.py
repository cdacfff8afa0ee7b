"""Telegram: a Bot API server of our own that hands updates over, polled or by webhook, and takes what is sent."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json

from aiohttp import web

from channels.message import Delivery, OutboundMessage
from channels.telegram import webhook
from channels.telegram.api import Api
from channels.telegram.channel import TelegramChannel
from gateway.duties import StoredDuty
from tests.bot_api import TOKEN, BotApi, Customer
from tests.conformance.channels.rig import House, Sent
from tests.ports import free_port

LARGEST = 200_000
SOON = 30.0  # seconds
WATCHED = 1.5  # seconds in which what must not be confirmed is not
HOSTILE = (
    {"message": 5},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 10**400, "type": "private"}, "text": "x"}},
    {"message": {"message_id": "m", "date": [], "chat": {"id": 1, "type": "private"}, "text": {"a": 1}}},
    {"message": {"message_id": 1, "date": 10**18, "chat": {"id": 7, "type": "private"}, "text": "\u0000\ud800" * 9}},
    {"message": {"message_id": 2, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "a" * 300_000}},
    {"message": {"message_id": 3, "date": 1, "chat": {"id": 7, "type": "private"}, "photo": [{}] * 500}},
    {"callback_query": {"id": "q", "from": {"id": 7}, "data": "x" * 5000}},
    {"edited_message": {"message_id": 9, "chat": {"id": 7, "type": "private"}, "reply_to_message": {}}},
    {"no_such_kind": {"from": "nobody", "text": []}},
)


class TelegramRig:
    """By long polling; `by_webhook` has Telegram call."""

    secrets = (TOKEN, TOKEN.split(":")[1], "webhook-secret-0815")
    by_webhook = False

    def __init__(self) -> None:
        self.api = BotApi()
        self.channel: TelegramChannel | None = None
        self._house: House | None = None
        self._calls: Api | None = None
        self._updates: dict[str, tuple[int, bytes]] = {}
        self._counted = itertools.count(1000)
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self, house: House) -> None:
        if not self.api.port:
            await self.api.start()
        self._house = house
        api = self._calls = Api(TOKEN, self.api.url, patience=20)
        called = None
        if self.by_webhook:
            self._port = self._port or free_port()
            hook = webhook.Webhook(f"http://127.0.0.1:{self._port}{webhook.PATH}", self.secrets[2])
            called = webhook.Called(api, hook, pause=0.05)
        duty = StoredDuty(house.store, "telegram", "node")
        self.channel = TelegramChannel(api, duty, language="en", largest=LARGEST, called=called, pause=0.05)
        house.channels["telegram"] = self.channel
        await self.channel.start(house.intake.accept)
        if self.by_webhook:
            await self._serve(self.channel)

    async def _serve(self, channel: TelegramChannel) -> None:
        app = web.Application()
        channel.add_routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def stop(self) -> None:
        assert self.channel is not None
        await self.channel.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        await self.api.stop()
        assert self.api.complaints == []

    def _customer(self) -> Customer:
        return self.api.customer(4711)

    async def deliver(self, sent: Sent) -> None:
        customer = self._customer()
        if sent.attachment is None:
            message = self.api.message(customer, text=sent.text)
        else:
            document = {**self.api.file(sent.attachment), "file_name": "proof.bin"}
            message = self.api.message(customer, caption=sent.text, document=document)
        number = 1_000 + len(self._updates)
        self._updates[sent.id] = number, json.dumps({"update_id": number, "message": message}).encode()
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        self.api.push_raw(*self._updates[id])

    async def acknowledged(self, id: str) -> bool:
        return await self._confirmed(self._updates[id][0])

    async def _confirmed(self, number: int) -> bool:
        assert self._house is not None
        store = self._house.store
        if store.down:
            async with asyncio.timeout(SOON):
                while not store.refusals:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WATCHED if store.down else SOON):
                while not self.api.is_confirmed(number):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        return self.api.is_confirmed(number)

    async def deliver_oversize(self) -> None:
        """A file that is larger than the channel takes."""
        document = {**self.api.file(b"x", size=LARGEST * 2), "file_name": "film.mp4"}
        message = self.api.message(self._customer(), document=document)
        self.api.push_raw(900, json.dumps({"update_id": 900, "message": message}).encode())
        assert await self._confirmed(900)

    async def deliver_hostile(self) -> int:
        for number, update in enumerate(HOSTILE, 500):
            self.api.push_raw(number, json.dumps({"update_id": number, **update}).encode())
        assert await self._confirmed(500 + len(HOSTILE) - 1)
        return len(HOSTILE)

    def message(self, text: str) -> OutboundMessage:
        customer = self.api.customer(next(self._counted))
        return OutboundMessage("<1@x>", "telegram:5551234", f"telegram:{customer.id}", text, "en")

    def to_nobody(self, text: str) -> OutboundMessage:
        return OutboundMessage("<1@x>", "telegram:5551234", "telegram:999", text, "en")

    async def send(self, message: OutboundMessage) -> Delivery:
        assert self.channel is not None
        return await self.channel.send(message)

    async def received(self) -> list[str]:
        return [sent.text for sent in self.api.sent]

    async def peer_down(self) -> None:
        await self.api.stop()

    async def peer_slow(self) -> None:
        assert self._calls is not None
        self.api.slow = True
        self._calls._asking._client.timeout = 1.0

    async def peer_up(self) -> None:
        self.api.slow = False
        await self.api.stop()
        await self.api.start()


class TelegramWebhookRig(TelegramRig):
    by_webhook = True
