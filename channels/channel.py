"""What a channel is: four verbs. Each channel is one folder beside this file.

receive  takes what comes, hands it on raw by `accept`, and acknowledges to its peer only when `accept` has returned
fetch    looks up what the message needs from outside; retried; results are kept with the arrival. `needs_fetch` says
         whether there is anything to look up, without looking
read     pure: arrival and fetched parts in, a list of events out; awaited because it may run in a process of its own
send     delivers one message or raises a DeliveryError

A channel that only one process may drive at a time (a mailbox, a poll) is handed a Duty.

`receive` is not a method here, because each transport drives it in its own way: `start` opens whatever listens or
polls, `stop` lets what is under way finish.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from channels.message import Arrival, Delivery, Event, OutboundMessage


class Acceptance(StrEnum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"


class StoreUnavailable(Exception):
    """The store can't take it now: tell the peer to come back, acknowledge nothing. `retry_after` in seconds."""

    def __init__(self, detail: str = "the store can't take anything now", retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class FetchFailed(Exception):
    """Something from outside could not be looked up. `partial` is what could.

    With `retryable` it is tried again, in `retry_after` seconds if that is told; in the end the arrival is read without it.
    """

    def __init__(
        self,
        detail: str,
        *,
        retryable: bool = True,
        retry_after: float | None = None,
        partial: Mapping[str, bytes] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retryable = retryable
        self.retry_after = retry_after
        self.partial = dict(partial or {})


@dataclass(frozen=True, slots=True)
class Hold:
    """A duty that this process has for now. `memory` is what was remembered of it, by whoever had it."""

    fence: int
    memory: Mapping[str, Any]


class DutyLost(Exception):
    """Another process has the duty now: leave everything as it is and take it anew."""


class Duty(Protocol):
    """Something that one process at a time may do. All of it raises StoreUnavailable."""

    async def take(self) -> Hold | None:
        """The duty for the next `seconds`, anew or again; None while another process has it."""

    async def remember(self, hold: Hold, memory: Mapping[str, Any]) -> Hold:
        """Commits what is to be remembered, and holds on. Raises DutyLost."""

    async def let_go(self, hold: Hold) -> None:
        """Another process may take it at once."""

    @property
    def seconds(self) -> float:
        """How long a hold lasts: take it again well before."""


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

    def needs_fetch(self, arrival: Arrival) -> bool: ...

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]: ...

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]: ...

    async def send(self, message: OutboundMessage) -> Delivery: ...
