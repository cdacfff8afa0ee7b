"""A glance at the beginning of a mail that can't be read: who it seems to be from, and what about.

For people who decide what to do with it. Nothing here may be believed or acted on, and whatever the bytes are, a glance is had.

Not here: reading mails (read.py), judging their senders (authenticity.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from channels.email.headers import addresses_of, text_of

ENOUGH: Final = 65_536  # bytes from the beginning that a glance is had at
LONGEST: Final = 200  # characters of what is shown


@dataclass(frozen=True, slots=True)
class Glance:
    sender: str | None = None
    subject: str | None = None


def glance(head: bytes) -> Glance:
    """Sender and subject as the first headers of that name have them; None for what is not there."""
    found = {name: _value(head[:ENOUGH], pattern) for name, pattern in _FIELDS.items()}
    return Glance(_sender(found["from"]), text_of(found["subject"])[:LONGEST] or None)


def _value(head: bytes, pattern: re.Pattern[bytes]) -> str:
    match = pattern.search(head)
    return match[1].decode("ascii", "surrogateescape")[: LONGEST * 8] if match else ""


def _sender(value: str) -> str | None:
    for name, address in addresses_of(value):
        if name or address:
            return (f"{name} <{address}>" if name and address else name or address)[:LONGEST]
    return text_of(value)[:LONGEST] or None


_FIELDS: Final = {
    name: re.compile(rb"^%s[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)" % name.encode(), re.IGNORECASE | re.MULTILINE)
    for name in ("from", "subject")
}
