"""A customer who writes mails: real SMTP in, and the answers from where the house sends them.

That is either a mail server that the simulator runs (`Sink`: the house has it as QINGTING_SMTP_RELAY) or the folder into which a
house without a relay writes its mails (`Outgoing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any, Final, cast

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope

from gateway.simulation.line import Line, Unreached
from gateway.simulation.transcript import House

REFERENCE: Final = re.compile(r"\bC\d{8}-\d{6,}-\d\b")
LOOKS: Final = 0.2  # seconds between two looks into the folder
_WROTE: Final = {"en": "You wrote:", "zh-Hans": "您写道：", "zh-Hant": "您寫道："}
_Take = Callable[[EmailMessage], None]


class Postbox:
    """Who waits for mail: by address. What nobody waits for is left alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Take] = {}

    def wait_for(self, address: str, take: _Take) -> None:
        self._waiting[address.lower()] = take

    def deliver(self, recipient: str, raw: bytes) -> None:
        take = self._waiting.get(recipient.lower())
        if take is not None:
            take(message_from_bytes(raw, policy=policy.default))

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return


class Sink(Postbox):
    """A mail server that takes everything and sends nothing on."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.host, self.port = host, port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Raises Unreached if the port is taken."""
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(self, enable_SMTPUTF8=True), self.host, self.port
            )
        except OSError as error:
            raise Unreached(f"the mail sink can't listen on {self.host}:{self.port}: {error.strerror}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        for recipient in envelope.rcpt_tos:
            content = envelope.content or b""
            self.deliver(recipient, content.encode() if isinstance(content, str) else content)
        return "250 OK"


class Outgoing(Postbox):
    """The folder of a house that has no relay: what is there at the start is older than we are."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._known: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._known = {path.name for path in self._folder.glob("*.eml")}
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            for path in sorted(self._folder.glob("*.eml")):
                if path.name not in self._known:
                    self._known.add(path.name)
                    raw = path.read_bytes()
                    self.deliver(str(message_from_bytes(raw)["X-Qingting-Recipient"] or ""), raw)
            await asyncio.sleep(LOOKS)


class Mail(Line):
    """`house` is (host, port) of its SMTP; `to` its complaints address; `address` the customer's own."""

    settle = 1.0

    def __init__(
        self,
        postbox: Postbox,
        house: tuple[str, int],
        to: str,
        address: str,
        name: str | None,
        subject: str,
        language: str,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(clock)
        self.address = address
        self._house, self._to, self._name, self._subject, self._language = house, to, name, subject, language
        self._answer: EmailMessage | None = None
        self._sent: list[str] = []
        postbox.wait_for(address, self._hear)

    async def open(self) -> None:
        return

    async def say(self, lines: Sequence[str], sent: Callable[[str], None]) -> None:
        text = "\n".join(lines)
        mail = EmailMessage()
        mail["From"] = f'"{self._name}" <{self.address}>' if self._name else str(self.address)
        mail["To"] = str((self._answer and self._answer["Reply-To"]) or self._to)
        mail["Subject"] = self._subject_now()
        mail["Message-ID"] = make_msgid(domain="example.org")
        if self._answer is not None:
            mail["In-Reply-To"] = str(self._answer["Message-ID"])
            mail["References"] = " ".join([*self._sent, str(self._answer["Message-ID"])])
            quoted = "\n".join(f"> {line}" for line in _text(self._answer).splitlines())
            text = f"{text}\n\n{_WROTE[self._language]}\n{quoted}\n"
        mail.set_content(text)
        sent("\n".join(lines))
        try:
            await aiosmtplib.send(mail, hostname=self._house[0], port=self._house[1], start_tls=False, timeout=20)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unreached(f"the mail was not taken at {self._house[0]}:{self._house[1]}: {error}") from error
        self._sent.append(str(mail["Message-ID"]))

    def _subject_now(self) -> str:
        subject = self._subject or {"en": "Complaint", "zh-Hans": "投诉", "zh-Hant": "投訴"}[self._language]
        return subject if self._answer is None else f"Re: {subject}"

    def _hear(self, mail: EmailMessage) -> None:
        text = _text(mail)
        self._answer = mail
        found = REFERENCE.search(text)
        if found:
            self.reference = found[0]
        self.inbox.put(House(text, self.inbox.clock()))


def _text(mail: EmailMessage) -> str:
    """What the mail says, without what it quotes."""
    body = mail.get_body(("plain", "html"))
    content = ""
    with contextlib.suppress(LookupError, AttributeError):
        content = str(cast(EmailMessage, body).get_content())
    return "\n".join(line for line in content.splitlines() if not line.startswith(">")).strip()
