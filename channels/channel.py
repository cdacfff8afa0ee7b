"""What a channel is: four verbs. Each channel is one folder beside this file.

receive  takes what comes, hands it on raw by `accept`, and acknowledges to its peer only when `accept` has returned
fetch    looks up what the message needs from outside; durable, retried; results are kept with the arrival
read     pure: arrival and fetched parts in, a list of events out; awaited because it may run in a process of its own
send     delivers one message or raises a DeliveryError

`receive` is not a method here, because each transport drives it in its own way: `start` opens whatever listens or
polls, `stop` lets what is under way finish.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from channels.message import Arrival, Delivery, Event, OutboundMessage


class Acceptance(StrEnum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"


class StoreUnavailable(Exception):
    """The store can't take it now: tell the peer to come back, acknowledge nothing. `retry_after` in seconds."""

    def __init__(self, detail: str = "the store can't take anything now", retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an arrival: its id in the ledger, and whether it was there before."""

    arrival_id: str
    acceptance: Acceptance


Accept = Callable[[Arrival], Awaitable[Receipt]]
"""Commits an arrival to the ledger. Returning means durable. Raises StoreUnavailable."""


class Channel(Protocol):
    name: str
    account: str

    async def start(self, accept: Accept) -> None: ...

    async def stop(self) -> None: ...

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]: ...

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]: ...

    async def send(self, message: OutboundMessage) -> Delivery: ...
