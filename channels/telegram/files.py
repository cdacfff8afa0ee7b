"""Which files a message has, and how they are fetched.

A link to a file lives an hour, so each try asks for a new one (getFile). What is larger than Telegram hands to bots (20 MB) or
than we take is not fetched and said to be too large; what can't be had for some minutes is given up, so that one broken file
does not hold up what its customer writes. Both are told to the customer, who can send it another way.

Not here: what is said in place of a file (content.py).
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from telegram.error import BadRequest, TelegramError

from channels.channel import FetchFailed
from channels.message import Arrival, Attachment, MissingFile
from channels.telegram.api import Api, Flooded, in_words
from channels.telegram.update import File, Message, Unreadable, Update, parse

PATIENCE: Final = timedelta(minutes=5)  # from the acceptance on; then the message is read without the file
AT_ONCE: Final = 4  # files being fetched: each is held in memory whole
TOO_LARGE: Final = b"too_large"
UNAVAILABLE: Final = b"unavailable"

_KINDS: Final = ("photo", "video", "video_note", "animation", "voice", "audio", "document")
_USUAL: Final = {  # media type where Telegram tells none
    "photo": "image/jpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "document": "application/octet-stream",
}
_ENDINGS: Final = {"image/jpeg": ".jpg", "audio/ogg": ".oga", "audio/mpeg": ".mp3", "video/mp4": ".mp4"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that came with a message; `kind` is its name in the Bot API."""

    kind: str
    id: str
    name: str
    media_type: str
    size: int | None


def files_of(message: Message) -> tuple[Wanted, ...]:
    """Each file once: a photo in its largest size, an animation not again as the document that it also is."""
    found: dict[str, Wanted] = {}
    for kind in _KINDS:
        file = _largest(message.photo) if kind == "photo" else getattr(message, kind)
        if file is not None:
            found.setdefault(file.file_unique_id or f"{kind}:{file.file_id}", _wanted(kind, file, message.message_id))
    return tuple(found.values())


def _largest(sizes: tuple[File, ...]) -> File | None:
    return max(sizes, key=lambda size: (size.width * size.height, size.file_size or 0), default=None)


def _wanted(kind: str, file: File, number: int) -> Wanted:
    media_type = file.mime_type or _USUAL[kind]
    ending = _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ""
    name = file.file_name or (f"{file.title}{ending}" if file.title else f"{kind}-{number}{ending}")
    return Wanted(kind, file.file_id, name[:200], media_type, file.file_size)


def files_in(update: Update) -> tuple[Wanted, ...]:
    """Files that are fetched: those of private chats."""
    messages = [message for message in (update.message, update.edited_message) if message and message.is_private]
    return tuple(file for message in messages for file in files_of(message))


def has_files(raw: bytes) -> bool:
    try:
        return bool(files_in(parse(raw)))
    except Unreadable:
        return False  # it is put aside when it is read


class Fetcher:
    """Fetches the files of an arrival. `largest` in bytes is the most that we take."""

    def __init__(self, api: Api, largest: int) -> None:
        self._api = api
        self._largest = largest
        self._room = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        """The files by name of part, and why those that are missing are. Raises FetchFailed."""
        parts: dict[str, bytes] = {}
        failed: TelegramError | None = None
        for number, file in enumerate(files_in(parse(arrival.raw))):
            try:
                name, content = await self._one(number, file)
                parts[name] = content
            except TelegramError as error:
                failed = error
                parts[_missing(number)] = UNAVAILABLE
        if failed is not None:
            waited = datetime.now(UTC) - arrival.received_at
            raise FetchFailed(
                in_words(failed),
                retryable=waited < PATIENCE,
                retry_after=failed.seconds if isinstance(failed, Flooded) else None,
                partial=parts,
            )
        return parts

    async def _one(self, number: int, file: Wanted) -> tuple[str, bytes]:
        if file.size is not None and file.size > self._largest:
            return _missing(number), TOO_LARGE
        async with self._room:
            try:
                content = await self._api.download(file.id, self._largest)
            except BadRequest as error:
                if "too big" not in error.message.lower():
                    raise
                content = None
        return (_missing(number), TOO_LARGE) if content is None else (_part(number), content)


def taken(
    files: tuple[Wanted, ...], fetched: Mapping[str, bytes], first: int = 0
) -> Iterator[Attachment | MissingFile]:
    """What became of each file. `first` is the place of the first of these among all of the update's."""
    for number, file in enumerate(files, first):
        content = fetched.get(_part(number))
        if content is not None:
            yield Attachment(file.name, file.media_type, content, part=None)
        else:
            yield MissingFile(file.name, fetched.get(_missing(number), UNAVAILABLE).decode(), file.size)


def _part(number: int) -> str:
    return f"file:{number}"


def _missing(number: int) -> str:
    return f"missing:{number}"
