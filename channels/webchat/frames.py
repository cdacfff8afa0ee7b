"""The frames a chat client may send, checked one by one.

Pure. A frame that breaks the rules raises BadFrame with the code and the sentence its client is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_FRAME: Final = 64 * 1024  # bytes
MAX_TEXT: Final = 8000  # characters
MAX_ID: Final = 200
MAX_FILES: Final = 100  # the house may allow fewer


class BadFrame(Exception):
    """`code` by the contract: bad_frame, too_long, bad_attachment, or too_fast with the seconds after which to send it again."""

    def __init__(
        self,
        detail: str,
        *,
        code: str = "bad_frame",
        client_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.client_id = client_id
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Start:
    session: str | None
    locale: str | None
    last_message: int | None


@dataclass(frozen=True, slots=True)
class Message:
    client_id: str
    text: str
    choice: str | None
    attachments: tuple[str, ...] = ()  # uploads, by the ids that they were begun under


@dataclass(frozen=True, slots=True)
class Typing:
    active: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The screen has shown it."""

    message: int


@dataclass(frozen=True, slots=True)
class Read:
    """It was in view, on a page in the foreground. Clients that can't tell never say so."""

    message: int


Frame = Start | Message | Typing | Seen | Read


def parse(data: str) -> Frame:
    """The frame in a text message. Raises BadFrame."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFrame("a frame is one JSON object; this is not JSON") from None
    if not isinstance(frame, dict):
        raise BadFrame("a frame is one JSON object")
    kind = frame.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadFrame(f"type is one of {', '.join(_READERS)}, not {str(kind)[:40]!r}")
    return reader(frame)


def _start(frame: dict[str, Any]) -> Start:
    return Start(
        session=_text_or_none(frame, "session"),
        locale=_text_or_none(frame, "locale"),
        last_message=None if frame.get("last_message") is None else _number(frame, "last_message"),
    )


def _message(frame: dict[str, Any]) -> Message:
    client_id = frame.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= MAX_ID or _UNSTORABLE.search(client_id):
        raise BadFrame(f"client_id is a text of 1 to {MAX_ID} characters of your own")
    attachments = _attachments(frame, client_id)
    text, choice = frame.get("text", "" if attachments else None), frame.get("choice")
    if not isinstance(text, str) or not (text.strip() or attachments):
        raise BadFrame("text is the customer's words and may not be empty without a file", client_id=client_id)
    if len(text) > MAX_TEXT:
        raise BadFrame(
            f"the text has {len(text)} characters; {MAX_TEXT} is the most", code="too_long", client_id=client_id
        )
    if choice is not None and (not isinstance(choice, str) or len(choice) > MAX_ID or _UNSTORABLE.search(choice)):
        raise BadFrame("choice is the value of a choice that was offered", client_id=client_id)
    return Message(client_id, _storable(text), choice, attachments)


def _attachments(frame: dict[str, Any], client_id: str) -> tuple[str, ...]:
    named = frame.get("attachments")
    if named is None:
        return ()
    if not isinstance(named, list) or not all(isinstance(one, str) and 0 < len(one) <= 300 for one in named):
        raise BadFrame("attachments is a list of the ids of uploads", client_id=client_id)
    if len(named) > MAX_FILES:
        raise BadFrame(f"{len(named)} files are too many for one message", code="bad_attachment", client_id=client_id)
    return tuple(dict.fromkeys(named))


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, UTF-8 no lone surrogates: both are shown as the replacement character instead of lost."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _typing(frame: dict[str, Any]) -> Typing:
    if not isinstance(frame.get("active"), bool):
        raise BadFrame("active is true or false")
    return Typing(frame["active"])


def _seen(frame: dict[str, Any]) -> Seen:
    return Seen(_number(frame, "message"))


def _read(frame: dict[str, Any]) -> Read:
    return Read(_number(frame, "message"))


def _number(frame: dict[str, Any], name: str) -> int:
    value = frame.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BadFrame(f"{name} is the number of a message")
    return value


def _text_or_none(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 1000):
        raise BadFrame(f"{name} is a text or null")
    return value


_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Frame]]] = {
    "start": _start,
    "message": _message,
    "typing": _typing,
    "seen": _seen,
    "read": _read,
}
