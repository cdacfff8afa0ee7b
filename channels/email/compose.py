"""From an outgoing message to the bytes of a mail.

Text and HTML say the same; the HTML is made from the text. Every mail carries what makes loops impossible (Auto-Submitted,
X-Auto-Response-Suppress, a header that tells our own mail), a signed Reply-To, and a signed bounce address on its envelope.

Not here: the words (they come with the message), tokens and their signatures (gateway), how it is sent (send.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from jinja2.filters import do_urlize
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup, escape

from channels.email.kind import OWN_HEADER
from channels.email.mailbox import Mailbox
from channels.message import Attachment, OutboundMessage, UnknownAddress

RECIPIENT_HEADER: Final = "X-Qingting-Recipient"
MAX_REFERENCES: Final = 20
LONGEST_SUBJECT: Final = 250

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_ADDRESS = re.compile(r"[^\s<>@\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}@[^\s<>@\"(),:;\[\]\\\x00-\x1f\x7f]{1,255}")
_PARAGRAPHS = re.compile(r"\n\s*\n")


_MAYBE_A_LINK = re.compile(r"://|www\.|mailto:|@|\.(?:com|net|org)\b", re.IGNORECASE)
_LONGEST_LINE: Final = 998  # RFC 5322, 2.1.1
_EOL: Final = "\r\n"
_CRLF: Final = compat32.clone(linesep="\r\n")


class Composer:
    """Makes mails of one mailbox. `institution` is the name that customers know: one, or one for each language of mails.

    `asks_whether_read`: what a person writes asks the program that shows it to say so (RFC 8098), to our signed bounce address. Off
    unless the house wants it: many readers take it for being watched, and each may refuse.
    """

    def __init__(
        self, mailbox: Mailbox, institution: str | Mapping[str, str] = "", *, asks_whether_read: bool = False
    ) -> None:
        self.mailbox = mailbox
        self._asks_whether_read = asks_whether_read
        self._institution = institution

    def call_house(self, institution: str | Mapping[str, str]) -> None:
        """The house has another name from now on."""
        self._institution = institution

    def institution(self, language: str) -> str:
        """The house's name in a mail of this language; a mail in a language it has no name in bears the first."""
        known = self._institution
        return known if isinstance(known, str) else known.get(language) or next(iter(known.values()), "")

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
        head = [
            self._from(message),
            f"To: {_address(one_line(message.to or address))}",
            *(["Cc: " + ",\r\n ".join(_address(one_line(copy)) for copy in message.cc)] if message.cc else []),
            _header("Subject", one_line(message.subject or self.institution(message.language))[:LONGEST_SUBJECT]),
            f"Date: {format_datetime(now)}",
            f"Message-ID: {message.message_id if _MESSAGE_ID.fullmatch(message.message_id) else f'<{_id(message)}>'}",
        ]
        if message.reply_token:
            head.append(f"Reply-To: {_address(self.mailbox.signed(message.reply_token))}")
        if message.in_reply_to and _MESSAGE_ID.fullmatch(message.in_reply_to):
            head.append(f"In-Reply-To: {message.in_reply_to}")
        references = _references(message)
        if references:
            # one a line and never encoded: no program would know them again
            head.append("References: " + "\r\n ".join(references))
        if self._asks_whether_read and message.sender_name and message.bounce_token:
            head.append(f"Disposition-Notification-To: {_address(self.mailbox.signed(message.bounce_token))}")
        if message.sender_name is None:
            head.append(f"Auto-Submitted: {'auto-replied' if message.in_reply_to else 'auto-generated'}")
        head += ["X-Auto-Response-Suppress: All", f"{OWN_HEADER}: {self.mailbox}"]
        if name_recipient:
            head.append(f"{RECIPIENT_HEADER}: {address}")
        head.append(_header("Content-Language", one_line(message.language)))
        # the header by ourselves: the library's newer policy parses and folds each field, which took nine tenths of the time
        return "".join(f"{line}\r\n" for line in head).encode() + self._content(message).as_bytes(policy=_CRLF)

    def _from(self, message: OutboundMessage) -> str:
        names = [one_line(name) for name in (message.sender_name or "", self.institution(message.language)) if name]
        return _from(_address(str(self.mailbox)), " · ".join(names))

    def _content(self, message: OutboundMessage) -> Message:
        labels = [label for label, _ in message.choices]
        text = _storable(message.text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        plain = text + "".join(f"\n• {label}" for label in labels) + ("\n" if labels else "")
        html = _template().render(
            language=message.language,
            subject=one_line(message.subject or ""),
            paragraphs=[block.split("\n") for block in _PARAGRAPHS.split(text.strip("\n"))],
            choices=labels,
            institution=one_line(self.institution(message.language)),
        )
        both = MIMEMultipart("alternative", _subparts=[_text(plain, "plain"), _text(html, "html")])
        if not message.attachments:
            return both
        return MIMEMultipart("mixed", _subparts=[both, *map(_file, message.attachments)])


def _text(text: str, kind: str) -> MIMEText:
    """Plain ASCII as it is, everything else in base64, which is the shorter one for Chinese."""
    lines = text.split("\n")
    charset = "us-ascii" if text.isascii() and max(map(len, lines)) <= _LONGEST_LINE else "utf-8"
    return MIMEText("\r\n".join(lines), kind, charset)


def _file(attachment: Attachment) -> MIMEBase:
    major, _, minor = attachment.media_type.partition("/")
    known = minor and major not in ("text", "multipart", "message")
    part = MIMEBase(major, minor) if known else MIMEBase("application", "octet-stream")
    part.set_payload(attachment.content)
    encode_base64(part)
    name = one_line(attachment.name)
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def _header(name: str, text: str) -> str:
    """A field of free text, encoded where it has to be."""
    if text.isascii() and "=?" not in text:
        return f"{name}: {text}"
    return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=_EOL)}"


@lru_cache(maxsize=256)
def _from(address: str, name: str) -> str:
    if name.isascii() and "=?" not in name:
        local, _, domain = address.rpartition("@")
        return f"From: {Address(name, local, domain)}"
    return f"{_header('From', name)} <{address}>"


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Text that can't begin another header."""
    return _CONTROL.sub(" ", _storable(text)).strip()


def _address(address: str) -> str:
    """The address with its local part quoted where it has to be."""
    local, _, domain = address.rpartition("@")
    return Address(username=local, domain=domain).addr_spec


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
    environment.filters["linked"] = _linked
    return environment.get_template("mail.html")


@pass_eval_context
def _linked(context: EvalContext, line: str) -> Markup | str:
    """The line with its addresses as links. Looking for them costs as much as all the rest, and few lines have any."""
    return do_urlize(context, line, rel="noopener") if _MAYBE_A_LINK.search(line) else escape(line)
