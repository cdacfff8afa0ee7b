"""What the suite needs to know of a channel: a rig puts it before its real peer and asks the peer how things stand.

To have a channel tried, write a rig beside this file and add it to RIGS in conftest.py. docs/adding-a-channel.md takes you through it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from case_store.files import Files
from case_store.store import Store, StoreUnavailable
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import attachments, messages
from channels.channel import Channel
from channels.message import Arrival, Delivery, MessageIn, OutboundMessage
from gateway.context import Gateway
from gateway.intake import Intake


@dataclass(frozen=True, slots=True)
class Sent:
    """What a customer sends. `id` is the peer's own name for it; `attachment` the bytes of a file beside the text."""

    id: str
    text: str
    attachment: bytes | None = None


class UnsteadyStore(Store):
    """A store that can be out of reach: while `down`, every unit is refused and nothing is taken."""

    down = False
    refusals = 0

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        if self.down:
            self.refusals += 1
            raise StoreUnavailable("the database is gone")
        return await super().write(*args, **kwargs)

    async def write_together(self, *args: Any, **kwargs: Any) -> Any:
        if self.down:
            self.refusals += 1
            raise StoreUnavailable("the database is gone")
        return await super().write_together(*args, **kwargs)


@dataclass
class House:
    """A gateway without its engine: what is accepted is read and stored, nobody answers by itself."""

    gateway: Gateway
    store: UnsteadyStore
    channels: dict[str, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.intake = Intake(self.gateway, self.channels)

    @property
    def files(self) -> Files:
        return self.gateway.files

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    async def read(self) -> None:
        """Reads everything that is due."""
        while await self.intake.read_due():
            pass

    def texts(self) -> list[str]:
        """What customers have said, in order of commit."""
        m = messages.c
        said = sa.select(m.text).where(m.sender == "customer").order_by(m.at, m.conversation_id, m.number)
        return [row.text for row in self.rows(said)]

    def states(self) -> list[str]:
        return sorted(row.state for row in self.rows(sa.select(arrivals.c.state)))

    def parked(self) -> Mapping[str, str]:
        """Reasons of what could not be read, by id."""
        parked = sa.select(arrivals.c.id, arrivals.c.reason).where(arrivals.c.state == "parked")
        return {row.id: row.reason for row in self.rows(parked)}

    async def attached(self) -> list[bytes]:
        """The files that came with messages, as an agent would save them."""
        return [await self._content(row) for row in self.rows(sa.select(attachments).order_by(attachments.c.id))]

    async def _content(self, row: Any) -> bytes:
        if row.part is None:
            return self.files.get(row.digest)
        [stored] = self.rows(sa.select(arrivals).where(arrivals.c.id == row.arrival_id))
        raw = stored.raw if stored.raw is not None else self.files.get(stored.digest)
        arrival = Arrival(stored.channel, stored.account, stored.external_id, stored.received_at, raw, stored.transport)
        events = await self.channels[stored.channel].read(arrival, {})
        found = [file for event in events if isinstance(event, MessageIn) for file in event.attachments]
        return next(file.content for file in found if file.part == row.part)


class Rig(Protocol):
    """A channel before its real peer, on 127.0.0.1."""

    secrets: Sequence[str]
    """Passwords and tokens that may stand in no log and no repr."""

    async def start(self, house: House) -> None:
        """Starts the channel, and the peer if it isn't running. Called again after `stop`: the peer has kept its state."""

    async def stop(self) -> None:
        """Stops the channel as a shutdown does; the peer goes on."""

    async def close(self) -> None:
        """Ends the peer."""

    async def deliver(self, sent: Sent) -> None:
        """Has the peer hand this over, or try to, once."""

    async def again(self, id: str) -> None:
        """Has the peer hand it over once more, whether or not it was taken the first time."""

    async def acknowledged(self, id: str) -> bool:
        """Does the peer regard this as taken? Waits as long as the channel may need to find and take it, a few seconds at most."""

    async def deliver_oversize(self) -> None:
        """Has the peer offer more than the channel takes."""

    async def deliver_hostile(self) -> int:
        """Has the peer hand over what nobody could mean well. Answers how many pieces of it."""


class SendingRig(Rig, Protocol):
    """A channel that also sends."""

    def message(self, text: str) -> OutboundMessage:
        """To an address that the peer knows; another each time."""

    async def send(self, message: OutboundMessage) -> Delivery: ...

    async def received(self) -> Sequence[str]:
        """The texts that the peer has got from us."""

    async def peer_down(self) -> None: ...

    async def peer_slow(self) -> None:
        """The peer takes connections and says nothing, for longer than a channel may wait."""

    async def peer_up(self) -> None: ...

    def to_nobody(self, text: str) -> OutboundMessage:
        """To an address that the peer refuses for good."""
