"""What a message says, and what it holds that has no words.

Words are the customer's own: a text, a caption, their own telephone number. Everything else is described in their language, for
people; files come along as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from channels.message import Attachment, MissingFile
from channels.telegram.files import Wanted, files_of, taken
from channels.telegram.update import Contact, Location, Message, full_name
from channels.telegram.words import say

VOICES: Final = ("voice", "video_note", "audio")

_KINDS: Final = tomllib.loads(resources.files("channels.telegram").joinpath("kinds.toml").read_text("utf-8"))
_BESIDE: Final = frozenset(_KINDS["beside"])
_SERVICE: Final = frozenset(_KINDS["service"])


@dataclass(frozen=True, slots=True)
class Content:
    words: str
    unspoken: str
    brought: str
    attachments: tuple[Attachment, ...]
    missing: tuple[MissingFile, ...]

    @property
    def text(self) -> str:
        """All of it, with what is described at its end."""
        return "\n".join(part for part in (self.words, self.unspoken) if part)


def content_of(message: Message, language: str, fetched: Mapping[str, bytes], first: int = 0) -> Content | None:
    """None for what Telegram itself says. `first` is the place of the message's first file among the update's."""
    files = files_of(message)
    words, described = _words(message, language), _described(message, language)
    if not words and not described and not files:
        strange = sorted(set(message.model_extra or ()) - _BESIDE)
        if not strange or _SERVICE.intersection(strange):
            return None
        described = [say("other", language, kind=strange[0])]
    became = list(taken(files, fetched, first))
    attachments = tuple(one for one in became if isinstance(one, Attachment))
    missing = tuple(one for one in became if isinstance(one, MissingFile))
    labels = [] if words else [say(file.kind, language, name=file.name) for file in files]
    notes = [say("missing", language, name=one.name) for one in missing]
    if message.is_forwarded:
        notes.append(_forwarded(message, language))
    return Content(
        words=words,
        unspoken=" ".join([*labels, *described, *notes]),
        brought=_brought(files, attachments, described),
        attachments=attachments,
        missing=missing,
    )


def service_kinds(message: Message) -> list[str]:
    """What Telegram says in a message that is nobody's."""
    return sorted(_SERVICE.intersection(message.model_extra or ()))


def _words(message: Message, language: str) -> str:
    if message.text is not None or message.caption is not None:
        return (message.text or message.caption or "").strip()
    if message.contact is not None and _is_own(message, message.contact):
        return say("own_contact", language, phone=_phone(message.contact))
    return ""


def _is_own(message: Message, contact: Contact) -> bool:
    """Telegram vouches for a number only if it is the sender's; anybody's can be passed on."""
    return message.sender is not None and contact.user_id == message.sender.id


def _phone(contact: Contact) -> str:
    digits = contact.phone_number.strip()
    return digits if digits.startswith("+") else f"+{digits}"


def _described(message: Message, language: str) -> list[str]:
    """What has neither words nor a file."""
    told = []
    if message.sticker is not None:
        told.append(say("sticker", language, emoji=message.sticker.emoji).replace(" ]", "]").replace(" ］", "］"))
    if message.venue is not None:
        venue = message.venue
        told.append(say("venue", language, title=venue.title, address=venue.address, **_place(venue.location)))
    elif message.location is not None:
        told.append(say("location", language, **_place(message.location)))
    if message.contact is not None and not _is_own(message, message.contact):
        name = full_name(message.contact.first_name, message.contact.last_name)
        told.append(say("contact", language, name=name, phone=_phone(message.contact)))
    if message.poll is not None:
        told.append(say("poll", language, question=message.poll.question))
    return told


def _place(location: Location) -> dict[str, str]:
    return {"latitude": f"{location.latitude:.6f}", "longitude": f"{location.longitude:.6f}"}


def _forwarded(message: Message, language: str) -> str:
    name = message.forward_origin.name if message.forward_origin is not None else ""
    return say("forwarded", language, name=name or say("nobody", language))


def _brought(files: tuple[Wanted, ...], attachments: tuple[Attachment, ...], described: list[str]) -> str:
    """A voice is for people to hear, everything else to look at; `missing` where nothing has come through."""
    if attachments and any(file.kind in VOICES for file in files):
        return "voice"
    if attachments or described:
        return "file"
    return "missing" if files else ""
