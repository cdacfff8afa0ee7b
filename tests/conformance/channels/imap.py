"""Mail by IMAP: a real Dovecot holds the mailbox; what it sees flagged as read is what was taken."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from email.message import EmailMessage
from pathlib import Path

from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.imap import ImapReceiver, Pace
from channels.email.imap_place import Done, Place
from channels.email.mailbox import Mailbox
from channels.email.send import OutgoingFolder
from gateway.duties import StoredDuty
from tests.conformance.channels.rig import House, Sent
from tests.conformance.channels.smtp import HOSTILE, LARGEST, OURS
from tests.dovecot import PASSWORD, Dovecot

SOON = 60.0  # seconds
PACE = Pace(first_retry=0.05, longest_retry=0.2, longest_store_retry=0.2)


class ImapRig:
    secrets = (PASSWORD,)

    def __init__(self) -> None:
        self.user = f"box-{secrets.token_hex(4)}"
        self.channel: EmailChannel | None = None
        self._house: House | None = None
        self._ends = contextlib.ExitStack()
        self._server: Dovecot | None = None
        self._sent: dict[str, bytes] = {}

    async def start(self, house: House) -> None:
        self._house = house
        if self._server is None:
            folder = self._ends.enter_context(tempfile.TemporaryDirectory(prefix="qtdc", dir="/tmp"))
            self._server = Dovecot(Path(folder))
            self._ends.callback(self._server.stop)
            self._server.start()
        place = Place("127.0.0.1", self._server.port, self.user, "INBOX", "none", PASSWORD)
        duty = StoredDuty(house.store, "mailbox", "here")
        receiver = ImapReceiver(place, OURS, duty, max_size=LARGEST, done=Done("seen"), pace=PACE)
        outgoing = OutgoingFolder(house.gateway.settings.data_dir / "outgoing")
        self.channel = EmailChannel(Composer(Mailbox.parse(OURS), "Bank"), outgoing, imap=receiver)
        house.channels["email"] = self.channel
        await self.channel.start(house.intake.accept)

    async def stop(self) -> None:
        assert self.channel is not None
        await self.channel.stop()

    async def close(self) -> None:
        await asyncio.to_thread(self._ends.close)

    @property
    def server(self) -> Dovecot:
        assert self._server is not None
        return self._server

    async def deliver(self, sent: Sent) -> None:
        mail = EmailMessage()
        mail["From"] = "Ann <ann@customer.example>"
        mail["To"] = OURS
        mail["Subject"] = "Card fee"
        mail["Message-ID"] = f"<{sent.id}@customer.example>"
        mail.set_content(sent.text)
        if sent.attachment is not None:
            mail.add_attachment(sent.attachment, maintype="application", subtype="octet-stream", filename="proof.bin")
        self._sent[sent.id] = mail.as_bytes()
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        await asyncio.to_thread(self.server.deliver, self.user, self._sent[id])

    async def acknowledged(self, id: str) -> bool:
        assert self._house is not None
        assert self.channel is not None
        assert self.channel.imap is not None
        if self._house.store.down:
            failures = self.channel.imap.failures
            async with asyncio.timeout(SOON):
                while self.channel.imap.failures == failures:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            return await asyncio.to_thread(self._read, id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SOON):
                while not await asyncio.to_thread(self._read, id):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                return True
        return False

    def _read(self, id: str) -> bool:
        """Is every copy of this mail flagged as read?"""
        with self.server.client(self.user) as client:
            copies = client.search(["HEADER", "Message-ID", f"<{id}@customer.example>"])
            read = client.search(["SEEN", "HEADER", "Message-ID", f"<{id}@customer.example>"])
        return bool(copies) and copies == read

    async def deliver_oversize(self) -> None:
        raw = b"From: ann@customer.example\r\n\r\n" + (b"x" * 76 + b"\r\n") * (LARGEST // 70)
        await asyncio.to_thread(self.server.deliver, self.user, raw)

    async def deliver_hostile(self) -> int:
        for number, raw in enumerate(HOSTILE):
            named = b"Message-ID: <hostile-%d@x.example>\r\n" % number + raw
            await asyncio.to_thread(self.server.deliver_as_it_is, self.user, named)
        return len(HOSTILE)
