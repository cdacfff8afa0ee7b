"""From an outgoing message to the bytes of a mail.

Text and HTML say the same; the HTML is made from the text. Every mail carries what makes loops impossible (Auto-Submitted,
X-Auto-Response-Suppress, a header that tells our own mail), a signed Reply-To, and a signed bounce address on its envelope.

Not here: the words (they come with the message), tokens and their signatures (gateway), how it is sent (send.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from channels.email.kind import OWN_HEADER
from channels.email.mailbox import Mailbox
from channels.message import OutboundMessage, UnknownAddress

RECIPIENT_HEADER: Final = "X-Qingting-Recipient"
MAX_REFERENCES: Final = 20
LONGEST_SUBJECT: Final = 250

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_ADDRESS = re.compile(r"[^\s<>@\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}@[^\s<>@\"(),:;\[\]\\\x00-\x1f\x7f]{1,255}")
_PARAGRAPHS = re.compile(r"\n\s*\n")


class _Ids(UnstructuredHeader):
    """Message-IDs, one a line. The library encodes long ones as if they were words, and no program knows them again."""

    def fold(self, *, policy: EmailPolicy) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references"):
    _HEADERS.map_to_type(_name, _Ids)  # type: ignore[arg-type]
_ASCII_ADDRESSES: Final = SMTP.clone(header_factory=_HEADERS)
_ANY_ADDRESSES: Final = _ASCII_ADDRESSES.clone(utf8=True)


class Composer:
    """Makes mails of one mailbox. `institution` is the name that customers know."""

    def __init__(self, mailbox: Mailbox, institution: str = "") -> None:
        self.mailbox = mailbox
        self.institution = institution

    def envelope_sender(self, message: OutboundMessage) -> str:
        """Where bounces go: the signed form, so that they find their case."""
        return self.mailbox.signed(message.bounce_token) if message.bounce_token else str(self.mailbox)

    def compose(self, message: OutboundMessage, now: datetime, name_recipient: bool = False) -> bytes:
        """The mail. `name_recipient` writes the envelope recipient into it, for mails that go to a folder.

        Raises UnknownAddress for what is no address.
        """
        address = one_line(message.address)
        if not _ADDRESS.fullmatch(address) or address != message.address.strip():
            raise UnknownAddress("that is not an e-mail address")
        mail = EmailMessage(policy=_ASCII_ADDRESSES if address.isascii() else _ANY_ADDRESSES)
        mail["From"] = self._from(message.sender_name)
        mail["To"] = _address(address)
        mail["Subject"] = one_line(message.subject or self.institution)[:LONGEST_SUBJECT]
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = message.message_id if _MESSAGE_ID.fullmatch(message.message_id) else f"<{_id(message)}>"
        if message.reply_token:
            mail["Reply-To"] = _address(self.mailbox.signed(message.reply_token))
        if message.in_reply_to and _MESSAGE_ID.fullmatch(message.in_reply_to):
            mail["In-Reply-To"] = message.in_reply_to
        references = _references(message)
        if references:
            mail["References"] = " ".join(references)
        if message.sender_name is None:
            mail["Auto-Submitted"] = "auto-replied" if message.in_reply_to else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail[OWN_HEADER] = str(self.mailbox)
        if name_recipient:
            mail[RECIPIENT_HEADER] = address
        self._fill(mail, message)
        mail["Content-Language"] = one_line(message.language)  # last: setting the content clears all Content- headers
        return mail.as_bytes()

    def _from(self, sender_name: str | None) -> Address:
        names = [one_line(name) for name in (sender_name or "", self.institution) if name]
        return _address(str(self.mailbox), " · ".join(names))

    def _fill(self, mail: EmailMessage, message: OutboundMessage) -> None:
        labels = [label for label, _ in message.choices]
        text = message.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        plain = text + "".join(f"\n• {label}" for label in labels) + ("\n" if labels else "")
        paragraphs = [block.split("\n") for block in _PARAGRAPHS.split(text.strip("\n"))]
        html = _template().render(
            language=message.language,
            subject=one_line(message.subject or ""),
            paragraphs=paragraphs,
            choices=labels,
            institution=one_line(self.institution),
        )
        mail.set_content(plain, charset="utf-8")
        mail.add_alternative(html, subtype="html", charset="utf-8")
        for attachment in message.attachments:
            major, _, minor = attachment.media_type.partition("/")
            mail.add_attachment(
                attachment.content,
                maintype=major if minor and major not in ("text", "multipart", "message") else "application",
                subtype=minor if minor and major not in ("text", "multipart", "message") else "octet-stream",
                filename=one_line(attachment.name),
            )


def one_line(text: str) -> str:
    """Text that can't begin another header."""
    return _CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).strip()


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _id(message: OutboundMessage) -> str:
    """A Message-ID for what came without angle brackets or with characters that none may have."""
    return re.sub(r"[^!-;=?-~]+", ".", message.message_id.strip("<> "))[:500]


def _references(message: OutboundMessage) -> list[str]:
    """The first and the newest of the thread, the mail that is answered last."""
    ids: Iterable[str] = (*message.references, message.in_reply_to or "")
    known = list(dict.fromkeys(one for one in ids if _MESSAGE_ID.fullmatch(one)))
    if message.in_reply_to in known:
        known.remove(message.in_reply_to)
        known.append(message.in_reply_to)
    return known if len(known) <= MAX_REFERENCES else [known[0], *known[1 - MAX_REFERENCES :]]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("channels.email", "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("mail.html")
