"""Telegram as this house runs it: the bot from the settings, one poller among the nodes, and how things stand for the operator.

Imported only where a bot is set: the library costs a third of a second at start.

Not here: the channel itself (channels/telegram), what is peculiar to its conversations (messenger.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from telegram.error import TelegramError

from case_store.store import Store, Transaction
from case_store.tables_house import duties
from channels.telegram import webhook
from channels.telegram.api import Api, bot_id, in_words
from channels.telegram.channel import TelegramChannel
from gateway.config import Settings
from gateway.context import Gateway
from gateway.duties import StoredDuty
from gateway.hooks import ReadyCheck

LASTING: Final = timedelta(seconds=15)  # after this another node polls for one that has died
PATIENCE: Final = 5.0  # seconds that the doctor waits for the Bot API
SILENT: Final = timedelta(minutes=2)  # a poll is noted at least every ten seconds


Finding = tuple[str, str, str]
"""(`ok`, `warn` or `fail`; what was found; what to do)"""


def telegram_channel(gateway: Gateway) -> TelegramChannel:
    """The bot that the settings name; they must name one."""
    settings = gateway.settings
    assert settings.telegram_token is not None
    api = Api(settings.telegram_token.get_secret_value(), settings.telegram_api, files=settings.telegram_files)
    called = None
    if settings.telegram_webhook and settings.public_url is not None:
        secret = gateway.tokens.key(f"telegram webhook {api.bot_id}").hex()
        called = webhook.Called(api, webhook.Webhook(f"{settings.public_url}{webhook.PATH}", secret))
    return TelegramChannel(
        api,
        StoredDuty(gateway.store, duty_of(api.bot_id), settings.node, LASTING),
        language=settings.locale.value,
        largest=int(settings.max_message),
        called=called,
    )


def duty_of(bot: str) -> str:
    return f"telegram:{bot}"


def ready(channel: TelegramChannel) -> ReadyCheck:
    """Not ready while this node can't receive for a reason that somebody has to put right. Telegram out of reach is none."""

    async def telegram() -> str | None:
        return channel.refused

    return telegram


def findings(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    """For the doctor: what the Bot API says of the bot, and how receiving stands."""
    name, told = asyncio.run(_asked(settings))
    if name is None:
        yield "fail", told, "see QINGTING_TELEGRAM_TOKEN and QINGTING_TELEGRAM_API; answers wait meanwhile"
        return
    yield "ok", f"the bot is @{name}", ""
    yield _called(settings, told) if settings.telegram_webhook else _polled(store, settings, now)


async def _asked(settings: Settings) -> tuple[str | None, str]:
    """The bot's name, and what Telegram says of its webhook; None with what is wrong."""
    assert settings.telegram_token is not None
    api = Api(settings.telegram_token.get_secret_value(), settings.telegram_api, patience=PATIENCE)
    try:
        name = await api.username()
        url, waiting, failed = await api.webhook()
    except TelegramError as error:
        return None, in_words(error)
    finally:
        await api.close()
    if not url:
        return name, "no webhook is set"
    return name, f"{waiting} updates wait, the last call failed: {failed}" if failed else ""


def _called(settings: Settings, told: str) -> Finding:
    where = f"{settings.public_url}{webhook.PATH}"
    if told:
        return "fail", f"{told} ({where})", "see that Telegram reaches this address by https, and start the gateway"
    return "ok", f"called at {where}", ""


def _polled(store: Store, settings: Settings, now: datetime) -> Finding:
    assert settings.telegram_token is not None
    memory = store.read_now(_memory, duty_of(bot_id(settings.telegram_token.get_secret_value())))
    if memory.get("trouble"):
        return "fail", str(memory["trouble"]), "docs/operating.md, Telegram, says what each means"
    if "at" not in memory:
        return "warn", "no node has polled yet", "start the gateway; see its log for `Telegram`"
    if now - datetime.fromisoformat(memory["at"]) > SILENT:
        return "fail", f"not polled since {memory['at']}", "start the gateway; what customers write waits for a day"
    return "ok", f"polled at {memory['at']}", ""


def _memory(tx: Transaction, name: str) -> dict[str, Any]:
    found = tx.execute(sa.select(duties.c.memory).where(duties.c.name == name)).scalar_one_or_none()
    return dict(found or {})
