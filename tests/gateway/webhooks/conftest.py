"""The API's house with a poster, and a receiver on a port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_webhooks import postings
from gateway.config import Settings
from gateway.context import GATEWAY
from gateway.webhooks.addresses import AllowedOnly
from gateway.webhooks.posting import Poster
from gateway.webhooks.sending import Sender
from tests.gateway.api.conftest import browser, house
from tests.receiver import Receiver

__all__ = ["browser", "house"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url="https://care.bank.example", webhook_networks="127.0.0.0/8")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    server = await one.start()
    yield one
    await server.close()


@pytest.fixture
async def poster(house: Any) -> AsyncIterator[Poster]:
    """Not started: `await posted(...)` has it do all there is."""
    one = patient_poster(house)
    yield one
    await one.stop()


def patient_poster(house: Any) -> Poster:
    """A receiver here answers at once; a machine that stands still meanwhile is none that hangs."""
    gateway = house.app[GATEWAY]
    return Poster(gateway, Sender(AllowedOnly(gateway.settings.webhook_networks), patience=120))


async def posted(poster: Poster) -> None:
    """Everything that is due now."""
    while await poster.post_due():
        pass


def later(house: Any) -> None:
    """What waits for its next try is due now."""
    due = sa.update(postings).where(postings.c.due_at.is_not(None)).values(due_at=sa.text("created_at"))
    house.store.write_now(lambda tx: tx.execute(due) and None)


async def hook(admin: Any, receiver: Receiver, *types: str, **more: Any) -> dict[str, Any]:
    names = [f"org.qingting.{type}.v1" for type in types]
    status, made, _ = await admin.post("/api/v1/webhooks", {"url": receiver.url, "types": names, **more})
    assert status == 201, made
    receiver.secrets.append(made["secret"])
    return dict(made)
