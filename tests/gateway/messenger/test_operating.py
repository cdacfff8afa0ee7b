"""Telegram for the operator: what the doctor finds, and what a node says of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from case_store import duties
from case_store.files import Files
from case_store.store import Store
from channels.telegram import webhook
from gateway.config import Settings
from gateway.context import Gateway
from gateway.policy import load_policy
from gateway.telegram import duty_of, findings, telegram_channel
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.bot_api import TOKEN, BotApi

PUBLIC = "https://care.bank.example"


@pytest.fixture
def with_bot(tmp_path: Path, api: BotApi) -> Callable[..., Settings]:
    def make(token: str = TOKEN, **more: Any) -> Settings:
        return Settings(data_dir=tmp_path, telegram_token=SecretStr(token), telegram_api=api.url, **more)

    return make


async def found(store: Store, settings: Settings) -> list[tuple[str, str]]:
    """The doctor works in a process of its own."""
    told = await asyncio.to_thread(lambda: list(findings(store, settings, datetime.now(UTC))))
    for state, what, do in told:
        assert (state == "ok") == (do == "")
        assert TOKEN.split(":")[1] not in what + do
    return [(state, what) for state, what, _ in told]


def remember(store: Store, **memory: Any) -> None:
    name = duty_of(TOKEN.split(":")[0])

    def note(tx: Any) -> None:
        held = duties.take(tx, name, "node", timedelta(seconds=9))
        assert held is not None
        duties.remember(tx, name, "node", held.fence, memory, timedelta(seconds=9))

    store.write_now(note)


async def test_a_poll_that_works(store: Store, with_bot: Callable[..., Settings]) -> None:
    now = datetime.now(UTC).isoformat()
    remember(store, at=now, trouble=None)
    assert await found(store, with_bot()) == [("ok", "the bot is @bank_bot"), ("ok", f"polled at {now}")]


async def test_a_poll_that_never_was_or_is_no_more(store: Store, with_bot: Callable[..., Settings]) -> None:
    assert (await found(store, with_bot()))[1] == ("warn", "no node has polled yet")
    long_ago = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
    remember(store, at=long_ago, trouble=None)
    assert (await found(store, with_bot()))[1] == ("fail", f"not polled since {long_ago}")


async def test_another_program_that_polls(store: Store, with_bot: Callable[..., Settings]) -> None:
    remember(store, at=datetime.now(UTC).isoformat(), trouble="another program uses this bot (Conflict)")
    assert (await found(store, with_bot()))[1] == ("fail", "another program uses this bot (Conflict)")


async def test_a_token_that_is_refused(store: Store, with_bot: Callable[..., Settings]) -> None:
    assert await found(store, with_bot("5551234:AAF-wrong")) == [("fail", "the Bot API refuses the token")]


async def test_a_bot_api_out_of_reach(store: Store, with_bot: Callable[..., Settings], api: BotApi) -> None:
    await api.stop()
    [(state, what)] = await found(store, with_bot())
    assert (state, what.split(" (")[0]) == ("fail", "the Bot API can't be reached")


async def test_a_webhook(store: Store, with_bot: Callable[..., Settings], api: BotApi) -> None:
    settings = with_bot(telegram_webhook=True, public_url=PUBLIC)
    assert (await found(store, settings))[1][1].startswith("no webhook is set")
    api.webhook = f"{PUBLIC}{webhook.PATH}"
    assert (await found(store, settings))[1] == ("ok", f"called at {PUBLIC}/telegram/webhook")
    api.webhook_answers.append(502)
    api.write(api.customer(1), "hello")
    state, what = (await found(store, settings))[1]
    assert state == "fail"
    assert "1 updates wait, the last call failed: Wrong response from the webhook: 502" in what


async def test_the_webhooks_secret_comes_from_the_houses_and_is_the_same_on_every_node(
    store: Store, with_bot: Callable[..., Settings], tmp_path: Path
) -> None:
    def secret(house: bytes, token: str = TOKEN) -> str:
        settings = with_bot(token, telegram_webhook=True, public_url=PUBLIC)
        gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(house), Wakeups())
        called = telegram_channel(gateway)._called
        assert called is not None
        assert called._webhook.url == f"{PUBLIC}/telegram/webhook"
        return called._webhook.secret

    assert secret(b"a" * 32) == secret(b"a" * 32)
    assert len({secret(b"a" * 32), secret(b"b" * 32), secret(b"a" * 32, "9:x")}) == 3
    assert len(secret(b"a" * 32)) == 64
