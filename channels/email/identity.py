"""What makes a repeat: the Message-ID and a digest of From, Date, Subject and body.

The Message-ID alone is the sender's to choose, so another mail under a used one must not vanish as a repeat. The digest
leaves out all that transports add (Received, Return-Path, Authentication-Results and their like), and reads CRLF as LF,
so the same mail is the same by SMTP, by IMAP and from an mbox file. Some programs write neither Message-ID nor Date, and some
people all they have to say into the subject.

A scan of the bytes, without the email package: it runs for every mail before the 250.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

LONGEST_MESSAGE_ID: Final = 512
DIGEST_BYTES: Final = 12

_HEADER = re.compile(rb"^(message-id|from|date|subject)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_SPACE = re.compile(rb"\s+")
_ANGLED = re.compile(r"<\s*([^<>\s]+)\s*>")


def external_id(raw: bytes) -> str:
    """`<message-id>#digest`, or `#digest` for a mail without Message-ID."""
    head, body = _split(raw)
    fields: dict[bytes, bytes] = {}
    for name, value in _HEADER.findall(head):
        fields.setdefault(name.lower(), value)
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for name in (b"from", b"date", b"subject"):
        digest.update(_SPACE.sub(b" ", fields.get(name, b"")).strip() + b"\0")
    digest.update(body.replace(b"\r\n", b"\n").rstrip(b"\n"))
    return f"{_message_id(fields.get(b'message-id', b''))}#{digest.hexdigest()}"


def message_id_of(external_id: str) -> str | None:
    """The Message-ID, in angle brackets, of what `external_id` returned; None if the mail had none."""
    return external_id.rpartition("#")[0] or None


def message_ids(value: str) -> list[str]:
    """The ids in a Message-ID, References or In-Reply-To header, each `<…>`, in order, without repeats."""
    found = [f"<{inner}>" for inner in _ANGLED.findall(value)]
    if not found:
        found = [f"<{word.strip('<>')}>" for word in value.replace(",", " ").split() if "@" in word]
    return list(dict.fromkeys(one for one in found if len(one) <= LONGEST_MESSAGE_ID))


def _split(raw: bytes) -> tuple[bytes, bytes]:
    start = 0
    if raw.startswith((b"From ", b">From ")):  # the mbox line
        start = raw.find(b"\n") + 1
    while raw.startswith((b"\n", b"\r\n"), start):
        start = raw.find(b"\n", start) + 1
    end = _BLANK_LINE.search(raw, start)
    if end is None:
        return raw[start:], b""
    return raw[start : end.start() + 1], raw[end.end() :]


def _message_id(value: bytes) -> str:
    text = "".join(char for char in value.decode("utf-8", "replace") if char.isprintable())
    found = message_ids(text)
    return found[0] if found else ""
