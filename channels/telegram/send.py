"""Out: texts, choices as buttons, files; paced, and each failure as a value somebody can act on.

Telegram gives a message its number and takes none of ours: what is sent again is there twice. So an attempt whose end is
unknown is Unsure, and of a message in several parts only what surely did not leave is tried again. The house hands over
long texts in parts already (gateway/messenger.py), each a delivery of its own.

Not here: when to try again (gateway/delivery.py).
"""

from __future__ import annotations

import contextlib
import re
from collections import OrderedDict
from typing import Final, NoReturn

from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError

from channels.message import Delivery, OutboundMessage, Permanent, Refused, Retryable, Throttled, UnknownAddress, Unsure
from channels.telegram.api import Api, Flooded, NotSent, Unanswered, in_words
from channels.telegram.pace import Pace, TooSoon
from channels.telegram.read import name_of
from channels.telegram.split import split

LONGEST_VALUE: Final = 64  # bytes of a button's value
_ADDRESS: Final = re.compile(r"telegram:(-?\d{1,19})")
_NOBODY: Final = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "bot can't initiate")
_CHATS: Final = 10_000


class Sender:
    """Sends for one bot."""

    def __init__(self, api: Api, pace: Pace | None = None) -> None:
        self._api = api
        self._pace = pace or Pace()
        # the message with buttons in each chat
        self._asked: OrderedDict[int, int] = OrderedDict()

    async def send(self, message: OutboundMessage) -> Delivery:
        """Raises DeliveryError."""
        chat = _chat(message.address)
        parts = split(_with_labels(message))
        if not parts and not message.attachments:
            raise Refused("a message without words can't be sent")
        choices = message.choices if _fit(message) else ()
        sent = 0
        try:
            for number, part in enumerate(parts, 1):
                await self._pace.turn(chat)
                sent = await self._api.send_text(chat, part, choices if number == len(parts) else ())
            for file in message.attachments:
                await self._pace.turn(chat)
                sent = await self._api.send_file(chat, file.name, file.content)
        except (TelegramError, TooSoon) as error:
            self._failed(chat, error, begun=bool(sent))
        if not message.aside:
            await self._only_these_choices(chat, sent if choices else 0)
        return Delivery(name_of(self._api.bot_id, chat, sent))

    def _failed(self, chat: int, error: Exception, *, begun: bool) -> NoReturn:
        if isinstance(error, Flooded):
            self._pace.hold(chat, error.seconds)
        failure = _failure(error)
        if begun:  # told again another way, what has arrived would be told twice
            raise Unsure(f"a part of it has arrived, the rest has not: {failure.detail}") from None
        raise failure from None

    async def _only_these_choices(self, chat: int, message: int) -> None:
        """Buttons of an earlier question go: it has been answered in words, or asked again."""
        before = self._asked.pop(chat, 0)
        if message:
            self._asked[chat] = message
            if len(self._asked) > _CHATS:
                self._asked.popitem(last=False)
        if before:
            await self.forget_choices(chat, before)

    async def forget_choices(self, chat: int, message: int) -> None:
        """For the look only: what is pressed all the same is known to be too late."""
        if self._asked.get(chat) == message:
            self._asked.pop(chat, None)
        with contextlib.suppress(TelegramError):
            await self._api.remove_choices(chat, message)


def _chat(address: str) -> int:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UnknownAddress(f"{address} is no address in Telegram: expected telegram: and a number")
    return int(found[1])


def _fit(message: OutboundMessage) -> bool:
    return all(len(value.encode()) <= LONGEST_VALUE for _, value in message.choices)


def _with_labels(message: OutboundMessage) -> str:
    """Choices whose values no button can hold are told, so that they can be written."""
    if not message.choices or _fit(message):
        return message.text
    return "\n".join([message.text, *(f"• {label}" for label, _ in message.choices)])


def _failure(error: Exception) -> Permanent | Retryable | Unsure:
    told = in_words(error)
    match error:
        case TooSoon():
            return Throttled("our own pace: one message a second to a chat", error.seconds)
        case Flooded():
            return Throttled(told, error.seconds)
        case Unanswered():
            return Unsure(told)
        case Forbidden():
            return UnknownAddress(told)
        case BadRequest() if any(words in error.message.lower() for words in _NOBODY):
            return UnknownAddress(told)
        case BadRequest():
            return Refused(told)
        case NotSent() | InvalidToken() | Conflict():
            return Retryable(told)  # a wrong token is the operator's to put right: nothing was sent meanwhile
        case _:
            return Retryable(told)
