"""An update into events. Pure: bytes, what was fetched, and the channel's own language in; events out.

    message, private            MessageIn
    edited_message, private     MessageEdited; a place that moves (a live location) is only kept
    callback_query              MessageIn with the choice
    my_chat_member, private     ChannelEvent blocked or unblocked
    everything else             ChannelEvent of its kind: groups, channels, inline queries, what Telegram itself says

Not here: what a message holds (content.py), albums joined and edits carried out (gateway).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from channels.message import ChannelEvent, Event, MessageEdited, MessageIn
from channels.telegram.content import content_of, service_kinds
from channels.telegram.files import files_of
from channels.telegram.update import CallbackQuery, ChatMemberUpdated, Message, User, parse
from channels.telegram.words import language_of

LONGEST_QUOTE: Final = 4096
LONGEST_KIND: Final = 24  # as the column holds it
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@\w+)?(?=\s|$)")
_GONE: Final = ("kicked", "left")


def name_of(bot: str, chat: int, message: int) -> str:
    """What we call a message of Telegram's: its number is unique only within its chat, and the chat's within its bot."""
    return f"{bot}:{chat}:{message}"


def address_of(user: int) -> str:
    return f"telegram:{user}"


class Reader:
    """Reads for one bot. `language` is the house's own, for customers whose language is none of ours."""

    def __init__(self, bot: str, language: str) -> None:
        self._bot = bot
        self._language = language

    def read(self, raw: bytes, fetched: Mapping[str, bytes]) -> list[Event]:
        """Raises Unreadable."""
        update = parse(raw)
        events: list[Event] = []
        if update.message is not None:
            events.append(self._message(update.message, fetched))
        if update.edited_message is not None:
            before = files_of(update.message) if update.message and update.message.is_private else ()
            events.append(self._edited(update.edited_message, fetched, len(before)))
        if update.callback_query is not None:
            events.append(self._chosen(update.callback_query))
        if update.my_chat_member is not None:
            events.append(_membership(update.my_chat_member))
        events += [_other(kind, value) for kind, value in sorted(update.others.items())]
        return events or [ChannelEvent("empty_update")]

    def _message(self, message: Message, fetched: Mapping[str, bytes]) -> Event:
        if not message.is_private:
            return _elsewhere("group_message", message)
        said = self._said(message, fetched, 0)
        if said is None:
            return _elsewhere("service", message, ", ".join(service_kinds(message)))
        return _as_command(message, said)

    def _edited(self, message: Message, fetched: Mapping[str, bytes], first: int) -> Event:
        if not message.is_private:
            return _elsewhere("group_message", message, "edited")
        if message.location is not None and message.location.live_period is not None:
            return _elsewhere("live_location", message, str(message.location.model_dump()))
        said = self._said(message, fetched, first)
        if said is None:
            return _elsewhere("service", message, "edited")
        return MessageEdited(said, edited_at=_moment(message.edit_date))

    def _said(self, message: Message, fetched: Mapping[str, bytes], first: int) -> MessageIn | None:
        language = self._language_of(message.sender)
        content = content_of(message, language, fetched, first)
        if content is None:
            return None
        answered = message.reply_to_message
        return MessageIn(
            external_id=name_of(self._bot, message.chat.id, message.message_id),
            text=content.text,
            sent_at=_moment(message.date),
            sender=address_of(message.sender.id if message.sender else message.chat.id),
            sender_name=(message.sender.name if message.sender else message.chat.name) or None,
            quoted=_quoted(message)[:LONGEST_QUOTE],
            attachments=content.attachments,
            thread=() if answered is None else (name_of(self._bot, answered.chat.id, answered.message_id),),
            language_hint=language_of(message.sender.language_code) if message.sender else None,
            conversation_key=str(message.chat.id),
            unspoken=content.unspoken,
            brought=content.brought,
            group=message.media_group_id[:100] if message.media_group_id else None,
            missing=content.missing,
        )

    def _chosen(self, query: CallbackQuery) -> Event:
        asked = query.message
        if asked is None or query.data is None or not asked.is_private:
            return ChannelEvent("callback_query", sender=address_of(query.sender.id), detail=(query.data or "")[:200])
        labels = {button.callback_data: button.text for row in _buttons(asked) for button in row}
        return MessageIn(
            external_id=f"{self._bot}:{asked.chat.id}:choice:{query.id[:100]}",
            text=labels.get(query.data) or query.data,
            sender=address_of(query.sender.id),
            sender_name=query.sender.name or None,
            thread=(name_of(self._bot, asked.chat.id, asked.message_id),),
            choice=query.data[:200],
            language_hint=language_of(query.sender.language_code),
            conversation_key=str(asked.chat.id),
        )

    def _language_of(self, user: User | None) -> str:
        return (language_of(user.language_code) if user else None) or self._language


def _as_command(message: Message, said: MessageIn) -> MessageIn:
    """A command is the gateway's to answer; words after one are the customer's own, but for a /start's hidden token."""
    found = _COMMAND.match(message.text or "")
    if found is None or message.is_forwarded:
        return said
    name, rest = found[1].lower(), (message.text or "")[found.end() :].strip()
    if name == "start":
        return replace(said, text="/start", command=name, token=rest or None)
    if rest:
        return replace(said, text=rest)
    return replace(said, text=f"/{name}", command=name)


def _quoted(message: Message) -> str:
    """What the customer answers: the part they marked, or the whole message."""
    if message.quote is not None:
        return message.quote.text
    answered = message.reply_to_message
    return "" if answered is None else (answered.text or answered.caption or "")


def _buttons(message: Message) -> Any:
    return () if message.reply_markup is None else message.reply_markup.inline_keyboard


def _moment(seconds: int | None) -> datetime | None:
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _membership(change: ChatMemberUpdated) -> ChannelEvent:
    status = change.new_chat_member.status
    if change.chat.type != "private":
        return ChannelEvent("group_membership", detail=f"{status}: {change.chat.name}")
    kind = "blocked" if status in _GONE else "unblocked"
    return ChannelEvent(kind, detail=status, sender=address_of(change.chat.id), conversation_key=str(change.chat.id))


def _elsewhere(kind: str, message: Message, detail: str = "") -> ChannelEvent:
    return ChannelEvent(
        kind,
        detail=detail or f"{message.chat.type}: {message.chat.name}",
        sender=address_of(message.sender.id) if message.sender else None,
        text=message.text or message.caption or "",
        conversation_key=str(message.chat.id) if message.is_private else None,
    )


def _other(kind: str, value: Any) -> ChannelEvent:
    """A kind of update that is kept as it came; of those that somebody wrote, who and what."""
    known = value if isinstance(value, dict) else {}
    sender, text = known.get("from"), known.get("text") or known.get("query") or ""
    user = sender.get("id") if isinstance(sender, dict) else None
    return ChannelEvent(
        kind[:LONGEST_KIND],
        sender=address_of(user) if isinstance(user, int) else None,
        text=text if isinstance(text, str) else "",
    )


def chat_of(update: Mapping[str, Any]) -> int | None:
    """The chat of an update, before it is read: updates of one chat are read in order."""
    for kind in ("message", "edited_message", "callback_query", "my_chat_member"):
        part = update.get(kind)
        if kind == "callback_query" and isinstance(part, dict):
            part = part.get("message")
        chat = part.get("chat") if isinstance(part, dict) else None
        number = chat.get("id") if isinstance(chat, dict) else None
        if isinstance(number, int) and -(2**63) <= number < 2**63:
            return number
    return None
