"""What an update looks like, as far as we look: only the fields that are used, and each of them may be absent.

The library's own classes refuse an update that lacks what a newer or older Bot API always or never sends, and so would put a
customer's message aside for a field that nobody reads here; these take what there is. Names are those of the Bot API.

Not here: what an update means (read.py).
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_HAN: Final = re.compile(r"[\u3400-\u9fff]{1,4}")
_NO_CHARACTER: Final = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Exception):
    """It is no update of Telegram's. Trying again would not help."""

    final = True


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def full_name(first: str, last: str) -> str:
    """As it is written: a Chinese family name goes first, without a blank."""
    if _HAN.fullmatch(first) and _HAN.fullmatch(last):
        return f"{last}{first}"
    return f"{first} {last}".strip()


class User(_Part):
    id: Number
    first_name: str = ""
    last_name: str = ""
    language_code: str | None = None

    @property
    def name(self) -> str:
        return full_name(self.first_name, self.last_name)


class Chat(_Part):
    id: Number
    type: str
    title: str = ""
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        return self.title or full_name(self.first_name, self.last_name)


class Entity(_Part):
    type: str
    offset: int


class File(_Part):
    """A photo in one size, a document, a voice message: everything that getFile knows."""

    file_id: str
    file_unique_id: str = ""
    file_name: str | None = None
    mime_type: str | None = None
    file_size: Number | None = None
    title: str | None = None
    width: int = 0
    height: int = 0


class Sticker(_Part):
    emoji: str = ""


class Location(_Part):
    latitude: float
    longitude: float
    live_period: int | None = None


class Venue(_Part):
    location: Location
    title: str = ""
    address: str = ""


class Contact(_Part):
    phone_number: str
    first_name: str = ""
    last_name: str = ""
    user_id: Number | None = None


class Poll(_Part):
    question: str = ""


class Quote(_Part):
    text: str = ""


class Origin(_Part):
    """Whom a forwarded message is from: a user, one who hides it, a chat or a channel."""

    sender_user: User | None = None
    sender_user_name: str = ""
    sender_chat: Chat | None = None
    chat: Chat | None = None

    @property
    def name(self) -> str:
        known = self.sender_user or self.sender_chat or self.chat
        return self.sender_user_name if known is None else known.name


class Button(_Part):
    text: str = ""
    callback_data: str | None = None


class Keyboard(_Part):
    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Message(_Part):
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    message_id: Number
    date: Number = 0
    edit_date: Number | None = None
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None
    entities: tuple[Entity, ...] | None = None
    media_group_id: str | None = None
    reply_to_message: Message | None = None
    quote: Quote | None = None
    forward_origin: Origin | None = None
    forward_date: Number | None = None  # before Bot API 7.0
    reply_markup: Keyboard | None = None
    photo: tuple[File, ...] = ()
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    voice: File | None = None
    audio: File | None = None
    document: File | None = None
    sticker: Sticker | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    poll: Poll | None = None

    @property
    def is_private(self) -> bool:
        return self.chat.type == "private"

    @property
    def is_forwarded(self) -> bool:
        return self.forward_origin is not None or self.forward_date is not None


class CallbackQuery(_Part):
    id: str
    sender: User = Field(alias="from")
    data: str | None = None
    message: Message | None = None


class Member(_Part):
    status: str


class ChatMemberUpdated(_Part):
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    new_chat_member: Member


class Update(_Part):
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    update_id: Number
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None

    @property
    def others(self) -> dict[str, Any]:
        """Updates of kinds that are only kept, as they came."""
        return self.model_extra or {}


def parse(raw: bytes) -> Update:
    """Raises Unreadable, which names the field that is wrong."""
    try:
        return Update.model_validate(_clean(json.loads(raw)))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{'.'.join(map(str, wrong['loc'])) or 'the update'}: {wrong['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {type(error).__name__}") from None


def peek(raw: bytes) -> dict[str, Any]:
    """The update as plain data, empty if it is none: for what has to be known before it is read, and may never fail."""
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _clean(value: Any) -> Any:
    """The same with characters replaced that no database keeps: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return _NO_CHARACTER.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
