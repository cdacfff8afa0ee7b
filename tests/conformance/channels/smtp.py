"""Mail by SMTP: an ordinary client hands it in, an SMTP server of our own takes what leaves."""

from __future__ import annotations

import asyncio
import itertools
import smtplib
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP as SmtpServer

from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.mailbox import Mailbox
from channels.email.receive import SmtpReceiver
from channels.email.send import Relay
from channels.message import Delivery, OutboundMessage
from tests.conformance.channels.rig import House, Sent

OURS = "complaints@bank.example"
LARGEST = 200_000
HOSTILE = (
    b"",
    b"\x00\xff\xfe" * 100,
    b"Subject: " + b"A" * 300_00 + b"\r\n\r\nx",
    b"From: <\r\nTo: \r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n----\r\n",
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: message/rfc822\r\n\r\n" * 300,
    b"From: a@b.example\r\nContent-Type: text/html; charset=no-such\r\n\r\n" + b"<div>" * 5000,
    b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n====\x01",
)


class Peer:
    """The relay: takes mail for everybody but nobody@…, keeps the texts; can be slow."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.slow = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        import email
        import email.policy

        if self.slow:
            await asyncio.sleep(30)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        self.mails.append(body.get_content().strip())
        return "250 OK"


class SmtpRig:
    secrets = ("relay-pass-4711",)

    def __init__(self) -> None:
        self.peer = Peer()
        self._taken: dict[str, bool] = {}
        self._sent: dict[str, bytes] = {}
        self._server: asyncio.Server | None = None
        self._relay: Relay | None = None
        self._port = 0
        self._counted = itertools.count()
        self.channel: EmailChannel | None = None

    async def start(self, house: House) -> None:
        if self._server is None:
            await self.peer_up()
        relay = self._relay = Relay(f"smtp://127.0.0.1:{self._port}", timeout=20)
        receiver = SmtpReceiver("127.0.0.1", 0, "mx.bank.example", LARGEST, OURS)
        self.channel = EmailChannel(Composer(Mailbox.parse(OURS), "Bank"), relay, receiver)
        house.channels["email"] = self.channel
        await self.channel.start(house.intake.accept)

    async def stop(self) -> None:
        assert self.channel is not None
        await self.channel.stop()

    async def close(self) -> None:
        await self.peer_down()

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
        self._taken[id] = await asyncio.to_thread(self._hand_in, self._sent[id])

    def _hand_in(self, raw: bytes) -> bool:
        assert self.channel is not None
        assert self.channel.receiver is not None
        try:
            with smtplib.SMTP("127.0.0.1", self.channel.receiver.port, timeout=60) as client:
                client.sendmail("ann@customer.example", [OURS], raw)
        except smtplib.SMTPException:
            return False
        return True

    async def acknowledged(self, id: str) -> bool:
        return self._taken[id]

    async def deliver_oversize(self) -> None:
        raw = b"From: ann@customer.example\r\n\r\n" + b"x" * 76 * (LARGEST // 70)
        self._taken["oversize"] = await asyncio.to_thread(self._hand_in, raw)

    async def deliver_hostile(self) -> int:
        for number, raw in enumerate(HOSTILE):
            await asyncio.to_thread(self._hand_in, b"Message-ID: <hostile-%d@x.example>\r\n" % number + raw)
        return len(HOSTILE)

    def message(self, text: str) -> OutboundMessage:
        number = next(self._counted)
        return OutboundMessage(
            f"<out-{number}@bank.example>", f"email:{OURS}", f"ann{number}@customer.example", text, "en"
        )

    def to_nobody(self, text: str) -> OutboundMessage:
        return OutboundMessage("<out-x@bank.example>", f"email:{OURS}", "nobody@customer.example", text, "en")

    async def send(self, message: OutboundMessage) -> Delivery:
        assert self.channel is not None
        return await self.channel.send(message)

    async def received(self) -> list[str]:
        return self.peer.mails

    async def peer_down(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def peer_slow(self) -> None:
        assert self._relay is not None
        self.peer.slow = True
        self._relay.timeout = 1.0

    async def peer_up(self) -> None:
        self.peer.slow = False
        if self._server is None:
            loop = asyncio.get_running_loop()
            make = lambda: SmtpServer(self.peer, loop=loop)  # noqa: E731
            self._server = await loop.create_server(make, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]
