"""Mail behind the four verbs of a channel.

Not here: any of the work; each verb is one of the files beside this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from channels.channel import Accept
from channels.email.compose import Composer
from channels.email.mime import Unreadable
from channels.email.receive import SmtpReceiver
from channels.email.send import Outgoing
from channels.email.workers import Readers
from channels.message import Arrival, Delivery, Event, OutboundMessage

if TYPE_CHECKING:
    from channels.email.imap import (
        ImapReceiver,
    )  # brings the IMAP client, which a house without a mailbox can do without


class EmailChannel:
    """One mailbox. `receiver` is None where mail doesn't come by SMTP, `imap` where it isn't fetched by IMAP; it may be both."""

    name = "email"

    def __init__(
        self,
        composer: Composer,
        outgoing: Outgoing,
        receiver: SmtpReceiver | None = None,
        readers: Readers | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        imap: ImapReceiver | None = None,
    ) -> None:
        self.composer = composer
        self.outgoing = outgoing
        self.receiver = receiver
        self.imap = imap
        self.readers = readers or Readers()
        self.clock = clock
        self.account = f"email:{composer.mailbox}"

    async def start(self, accept: Accept) -> None:
        if self.receiver is not None:
            await self.receiver.start(accept)
        if self.imap is not None:
            await self.imap.start(accept)

    async def stop_receiving(self) -> None:
        """Nothing comes in any more; what was accepted can still be read."""
        if self.imap is not None:
            await self.imap.stop()
        if self.receiver is not None:
            await self.receiver.stop()

    async def stop(self) -> None:
        await self.stop_receiving()
        await self.readers.stop()

    def needs_fetch(self, arrival: Arrival) -> bool:
        return False

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        return {}

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        """In a process that is killed if it takes too much, unless a cheap look calls the mail harmless. Raises Unreadable."""
        if not_whole := arrival.transport.get("not_whole"):  # see imap_taking.py
            raise Unreadable(str(not_whole))
        return await self.readers.read(arrival.raw, {"mailbox": str(self.composer.mailbox), **arrival.transport})

    async def send(self, message: OutboundMessage) -> Delivery:
        """Raises DeliveryError."""
        now = self.clock()
        raw = self.composer.compose(message, now, name_recipient=self.outgoing.names_recipient)
        return await self.outgoing.send(raw, self.composer.envelope_sender(message), message.address, now)
