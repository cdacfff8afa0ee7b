"""Mail behind the four verbs of a channel.

Not here: any of the work; each verb is one of the files beside this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from channels.channel import Accept
from channels.email.authenticity import LOOKED_UP, Checking, Claims, claims_of, look_up
from channels.email.compose import Composer
from channels.email.lookups import Lookups
from channels.email.mime import Unreadable, parse_head
from channels.email.read import Checked
from channels.email.receive import SmtpReceiver
from channels.email.send import Outgoing
from channels.email.sign import Signer
from channels.email.signatures import LONGEST_HEAD
from channels.email.workers import Readers
from channels.message import Arrival, Delivery, Event, OutboundMessage

if TYPE_CHECKING:
    from channels.email.imap import (
        ImapReceiver,
    )  # brings the IMAP client, which a house without a mailbox can do without


def _claims(arrival: Arrival) -> Claims:
    return claims_of(parse_head(arrival.raw, LONGEST_HEAD).fields(), arrival.transport)


class EmailChannel:
    """One mailbox. `receiver` is None where mail doesn't come by SMTP, `imap` where it isn't fetched by IMAP; it may be both.

    `lookups` is None where no domain is asked about its mail, `signer` where mail leaves unsigned.
    """

    name = "email"

    def __init__(
        self,
        composer: Composer,
        outgoing: Outgoing,
        receiver: SmtpReceiver | None = None,
        readers: Readers | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        imap: ImapReceiver | None = None,
        checking: Checking | None = None,
        lookups: Lookups | None = None,
        signer: Signer | None = None,
    ) -> None:
        self.composer = composer
        self.outgoing = outgoing
        self.receiver = receiver
        self.imap = imap
        self.readers = readers or Readers()
        self.clock = clock
        self.checking = checking or Checking()
        self.lookups = lookups
        self.signer = signer
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
        return self.lookups is not None and self.checking.looks_up(arrival.transport)

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        """What the sender's domain publishes about its mail. Fails never, and takes no longer than some seconds: a domain
        that can't be asked now must not hold up its customers' mail."""
        if self.lookups is None or not self.needs_fetch(arrival):
            return {}
        try:
            claims = await asyncio.to_thread(_claims, arrival)
        except Unreadable:  # reading says so too
            return {}
        return {LOOKED_UP: await look_up(claims, self.lookups)}

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        """In a process that is killed if it takes too much, unless a cheap look calls the mail harmless. Raises Unreadable."""
        if not_whole := arrival.transport.get("not_whole"):  # see imap_taking.py
            raise Unreadable(str(not_whole))
        transport = {"mailbox": str(self.composer.mailbox), **arrival.transport}
        checked = Checked(self.checking, fetched.get(LOOKED_UP), arrival.received_at)
        return await self.readers.read(arrival.raw, transport, checked)

    async def send(self, message: OutboundMessage) -> Delivery:
        """Raises DeliveryError."""
        now = self.clock()
        raw = self.composer.compose(message, now, name_recipient=self.outgoing.names_recipient)
        if self.signer is not None:
            raw = await asyncio.to_thread(self.signer.sign, raw)
        return await self.outgoing.send(raw, self.composer.envelope_sender(message), message.address, now)
