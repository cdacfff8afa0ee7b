"""Telegram as this house runs it: the bot from the settings, one poller among the nodes, and how things stand for the operator.

Imported only where a bot is set: the library costs a third of a second at start.

Not here: the channel itself (channels/telegram), what is peculiar to its conversations (messenger.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Store, Transaction
from case_store.tables import duties
from channels.telegram import webhook
from channels.telegram.api import Api, bot_id
from channels.telegram.channel import TelegramChannel
from gateway.config import Settings
from gateway.context import Gateway
from gateway.duties import StoredDuty
from gateway.hooks import ReadyCheck

SILENT: Final = timedelta(minutes=2)  # a poll is noted at least every twenty seconds


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
        StoredDuty(gateway.store, duty_of(api.bot_id), settings.node),
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


def findings(store: Store, settings: Settings, now: datetime) -> Iterator[tuple[str, str, str]]:
    """(`ok`, `warn` or `fail`; what was found; what to do) for the doctor."""
    assert settings.telegram_token is not None
    if settings.telegram_webhook:
        yield "ok", f"called by webhook at {settings.public_url}{webhook.PATH}", ""
        return
    name = duty_of(bot_id(settings.telegram_token.get_secret_value()))
    memory = store.read_now(_memory, name)
    if memory.get("trouble"):
        yield "fail", str(memory["trouble"]), "docs/operating.md, Telegram, says what each means"
    elif "at" not in memory:
        yield "warn", "no node has polled yet", "start the gateway; see its log for `Telegram`"
    elif now - datetime.fromisoformat(memory["at"]) > SILENT:
        yield "fail", f"not polled since {memory['at']}", "start the gateway; what customers write waits for a day"
    else:
        yield "ok", f"polled at {memory['at']}", ""


def _memory(tx: Transaction, name: str) -> dict[str, Any]:
    found = tx.execute(sa.select(duties.c.memory).where(duties.c.name == name)).scalar_one_or_none()
    return dict(found or {})
