"""A Bot API server of our own, a ledger that remembers, a duty that can be lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from channels.channel import Acceptance, DutyLost, Hold, Receipt, StoreUnavailable
from channels.message import Arrival
from channels.telegram.api import Api
from tests.bot_api import TOKEN, BotApi


class Ledger:
    """Stands in for intake: keeps arrivals, knows repeats, can be out of reach."""

    def __init__(self) -> None:
        self.arrivals: dict[str, Arrival] = {}
        self.repeats = 0
        self.unavailable = False

    async def accept(self, arrival: Arrival) -> Receipt:
        if self.unavailable:
            raise StoreUnavailable(retry_after=1)
        if arrival.external_id in self.arrivals:
            self.repeats += 1
            return Receipt(arrival.external_id, Acceptance.REPEATED)
        self.arrivals[arrival.external_id] = arrival
        return Receipt(arrival.external_id, Acceptance.ACCEPTED)

    @property
    def raws(self) -> list[bytes]:
        return [arrival.raw for arrival in self.arrivals.values()]


class Duty:
    """Ours unless a test gives it to another."""

    seconds = 30.0

    def __init__(self) -> None:
        self.is_anothers = False
        self.memory: dict[str, Any] = {}
        self.let_go_of = 0

    async def take(self) -> Hold | None:
        return None if self.is_anothers else Hold(1, dict(self.memory))

    async def remember(self, hold: Hold, memory: Mapping[str, Any]) -> Hold:
        if self.is_anothers:
            raise DutyLost("telegram")
        self.memory = dict(memory)
        return Hold(1, dict(memory))

    async def let_go(self, hold: Hold) -> None:
        self.let_go_of += 1


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def duty() -> Duty:
    return Duty()


@pytest.fixture
async def server() -> AsyncIterator[BotApi]:
    """A call that no correct client would make fails the test."""
    made = BotApi()
    await made.start()
    yield made
    await made.stop()
    assert made.complaints == []


@pytest.fixture
async def api(server: BotApi) -> AsyncIterator[Api]:
    made = Api(TOKEN, server.url, patience=20)
    yield made
    await made.close()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Waits until something has happened."""

    async def wait(happened: Callable[[], object], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    return wait
