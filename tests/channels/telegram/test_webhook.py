"""The webhook: only Telegram is let in, 200 means committed, anything else brings the update again."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from channels.telegram import webhook
from channels.telegram.api import Api
from channels.telegram.channel import TelegramChannel
from tests.bot_api import TOKEN, BotApi, Fault, Refusal
from tests.ports import free_port

SECRET = "s3cret_" + "a" * 57
UPDATE = b'{"update_id":42,"message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"hello"}}'


@pytest.fixture
async def called(server: BotApi, duty: Any, ledger: Any) -> AsyncIterator[TelegramChannel]:
    port = free_port()
    api = Api(TOKEN, server.url, patience=20)
    hook = webhook.Called(api, webhook.Webhook(f"http://127.0.0.1:{port}{webhook.PATH}", SECRET), pause=0.02)
    channel = TelegramChannel(api, duty, called=hook)
    app = web.Application()
    channel.add_routes(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await channel.start(ledger.accept)
    yield channel
    await channel.stop()
    await runner.cleanup()


async def post(server: BotApi, body: Any, secret: str | None = SECRET, **headers: str) -> tuple[int, dict[str, str]]:
    assert server.webhook is not None
    told = {**headers, **({webhook.SECRET: secret} if secret is not None else {})}
    async with aiohttp.ClientSession() as http, http.post(server.webhook, data=body, headers=told) as answer:
        return answer.status, dict(answer.headers)


async def test_telegram_is_told_where_to_call_and_with_what_secret(
    server: BotApi, called: TelegramChannel, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    [params] = server.called("setWebhook")
    assert params["url"].endswith("/telegram/webhook")
    assert params["secret_token"] == SECRET
    assert "message" in params["allowed_updates"]
    assert params.get("drop_pending_updates") is not True
    assert server.called("getUpdates") == []


async def test_what_is_answered_200_is_committed_exactly_as_it_came(
    server: BotApi, called: TelegramChannel, ledger: Any, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    assert (await post(server, UPDATE))[0] == 200
    assert ledger.raws == [UPDATE]
    assert ledger.arrivals["42"].transport == {"by": "webhook"}
    assert (await post(server, UPDATE))[0] == 200
    assert ledger.repeats == 1


async def test_what_can_not_be_stored_comes_again(
    server: BotApi, called: TelegramChannel, ledger: Any, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    ledger.unavailable = True
    number = server.write(server.customer(), "hello")
    await until(lambda: server.webhook_answers)
    assert set(server.webhook_answers) == {503}
    assert not server.is_confirmed(number)
    assert int((await post(server, UPDATE))[1]["Retry-After"]) > 0
    ledger.unavailable = False
    await until(lambda: server.is_confirmed(number))
    assert str(number) in ledger.arrivals


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "a", SECRET.upper(), "\udcff"])
async def test_nobody_else_is_let_in(
    server: BotApi, called: TelegramChannel, ledger: Any, until: Callable[..., Awaitable[None]], secret: str | None
) -> None:
    await until(lambda: server.webhook)
    if secret == "\udcff":
        secret = "\xff"
    assert (await post(server, UPDATE, secret))[0] == 403
    assert ledger.arrivals == {}


async def test_the_secret_is_compared_in_constant_time(
    server: BotApi,
    called: TelegramChannel,
    until: Callable[..., Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(told: bytes, kept: bytes) -> bool:
        compared.append((told, kept))
        return told == kept

    monkeypatch.setattr(webhook.hmac, "compare_digest", compare)
    await until(lambda: server.webhook)
    await post(server, UPDATE, "wrong")
    await post(server, UPDATE)
    assert compared == [(b"wrong", SECRET.encode()), (SECRET.encode(), SECRET.encode())]


async def test_a_body_larger_than_any_update_is_refused_without_being_read(
    server: BotApi, called: TelegramChannel, ledger: Any, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    assert (await post(server, io.BytesIO(b"x" * (webhook.LARGEST + 1))))[0] == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(webhook.LARGEST // 65_536 + 2):
            yield b"x" * 65_536

    assert (await post(server, endless()))[0] == 413
    assert ledger.arrivals == {}


@pytest.mark.parametrize("body", [b"", b"not json", b"[" * 100_000, b"[]", b'{"update_id":"x"}'])
async def test_what_is_no_update_is_kept_to_be_put_aside(
    server: BotApi, called: TelegramChannel, ledger: Any, until: Callable[..., Awaitable[None]], body: bytes
) -> None:
    await until(lambda: server.webhook)
    assert (await post(server, body))[0] == 200
    assert ledger.raws == [body]


async def test_only_post_is_answered(
    server: BotApi, called: TelegramChannel, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    assert server.webhook is not None
    async with aiohttp.ClientSession() as http, http.get(server.webhook) as answer:
        assert answer.status == 405


async def test_before_the_house_accepts_telegram_is_told_to_come_back(
    server: BotApi, called: TelegramChannel, until: Callable[..., Awaitable[None]]
) -> None:
    await until(lambda: server.webhook)
    await called.stop()
    assert (await post(server, UPDATE))[0] == 503


async def test_a_webhook_that_can_not_be_set_is_told_and_set_later(
    server: BotApi, duty: Any, ledger: Any, until: Callable[..., Awaitable[None]], caplog: pytest.LogCaptureFixture
) -> None:
    server.fail("setWebhook", Fault(Refusal(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook")))
    api = Api(TOKEN, server.url, patience=20)
    hook = webhook.Called(api, webhook.Webhook("http://127.0.0.1:1/telegram/webhook", SECRET), pause=0.05)
    channel = TelegramChannel(api, duty, called=hook)
    await channel.start(ledger.accept)
    await until(lambda: channel.refused)
    assert "https url must be provided" in str(channel.trouble)
    await until(lambda: channel.trouble is None)
    assert server.webhook
    await channel.stop()
    assert SECRET not in caplog.text + repr(vars(hook))
