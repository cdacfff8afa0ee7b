"""The Bot API: python-telegram-bot's Bot over a transport of ours, which says what failed and whether it may have happened.

The token stands in every address of the Bot API, in the library's logs, in its `repr` and in some of its errors: nothing of
those three leaves this file. The loggers of the library and of its HTTP client are cut off, errors are told in our words.

What may be raised, beside the library's Forbidden, BadRequest, Conflict and InvalidToken:

TelegramError
├── NotSent          no connection: nothing was handed over
├── Unanswered       it was handed over, and nobody knows whether it was done
├── Flooded          too fast; `seconds` to wait
└── Troubled         the Bot API itself has failed and says so
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

PUBLIC: Final = "https://api.telegram.org"
PATIENCE: Final = 15.0  # seconds for an answer
KINDS: Final = (
    *("message", "edited_message", "callback_query", "my_chat_member"),
    # kept, never answered
    *("channel_post", "edited_channel_post", "inline_query", "chosen_inline_result"),
)
"""Updates that are asked for (allowed_updates)."""

_NOTHING_WRITTEN: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_UPDATES: Final = re.compile(r'\s*\{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:\s*\[')

for _name in ("telegram", "httpx", "httpcore"):  # addresses with the token, and what customers write, at every level
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class NotSent(TelegramError):
    """No connection could be made."""


class Unanswered(TelegramError):
    """What was asked for may have been done or not."""


class Troubled(TelegramError):
    """The Bot API answers that something is wrong on its side."""


class _RunOut(Troubled):
    pass


class Flooded(TelegramError):
    """Too many requests; the next may come in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many requests: again in {seconds:g} s")
        self.seconds = seconds


class Transport(HTTPXRequest):
    """The library's HTTP client. `last` is the body of its last answer, as it came."""

    __slots__ = ("last",)

    def __init__(self, patience: float, connections: int) -> None:
        super().__init__(connections, read_timeout=patience, write_timeout=patience, connect_timeout=10.0)
        self.last = b""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        try:
            code, payload = await super().do_request(*args, **kwargs)
        except TelegramError as error:
            cause = error.__cause__
            written = not isinstance(cause, _NOTHING_WRITTEN)
            raise (Unanswered if written else NotSent)(type(cause).__name__) from None
        except httpx.InvalidURL:
            raise NotSent("the address of the Bot API can't be used") from None
        if code == 429:
            raise Flooded(_seconds(payload))
        if code in (502, 504):  # a server between us and the Bot API: what that did is unknown
            raise Unanswered(f"HTTP {code}")
        if code >= 500:
            raise Troubled(f"HTTP {code}")
        self.last = payload
        return code, payload


def _seconds(payload: bytes) -> float:
    try:
        return max(1.0, float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, LookupError, TypeError):
        return 5.0


def in_words(error: BaseException) -> str:
    """What failed, for a person; never more than that."""
    match error:
        case InvalidToken():
            return "the Bot API refuses the token"
        case Conflict():
            return f"another program uses this bot ({error.message})"
        case Forbidden() | BadRequest():
            return error.message[:300]
        case _RunOut():
            return error.message
        case NotSent():
            return f"the Bot API can't be reached ({error.message})"
        case Unanswered():
            return f"the Bot API did not answer ({error.message})"
        case Troubled():
            return f"the Bot API has trouble ({error.message})"
        case Flooded():
            return error.message
        case _:
            return f"the Bot API answered what can't be read ({type(error).__name__})"


def bot_id(token: str) -> str:
    """The bot's own number, which is the token's public half; a digest where a token has none."""
    number, colon, _ = token.partition(":")
    return number if colon and number.isdigit() else hashlib.sha256(token.encode()).hexdigest()[:12]


class Api:
    """One bot. Methods raise TelegramError, see above; `files` is the folder of a Bot API server on this machine, if any."""

    def __init__(
        self, token: str, base: str = PUBLIC, *, files: Path | None = None, patience: float = PATIENCE
    ) -> None:
        self.bot_id = bot_id(token)
        self._files = files
        self._patience = patience
        self._polling = Transport(patience, connections=2)
        self._asking = Transport(patience, connections=64)
        self._file_base = f"{base}/file/bot{token}"
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._asking,
            get_updates_request=self._polling,
        )

    def __repr__(self) -> str:
        return f"<Api of bot {self.bot_id}>"

    async def close(self) -> None:
        await self._polling.shutdown()
        await self._asking.shutdown()

    async def username(self) -> str:
        return (await self._bot.get_me()).username or ""

    async def webhook(self) -> tuple[str, int, str]:
        """What Telegram knows of the webhook: its address, how many updates wait for it, and how the last call failed."""
        told = await self._bot.get_webhook_info()
        return told.url, told.pending_update_count, told.last_error_message or ""

    async def updates(self, offset: int | None, wait: int) -> list[bytes]:
        """What has come, each update exactly as Telegram wrote it; waits so many seconds for the first. Confirms what is before `offset`."""
        self._polling.last = b""
        try:
            await self._bot.get_updates(offset=offset, timeout=wait, allowed_updates=KINDS)
        except TelegramError:
            raise
        except Exception:
            # the library can't read one of them: ours are cut from the answer below, and put aside if we can't either
            if not self._polling.last:
                raise Unanswered("no answer") from None
        return split_updates(self._polling.last)

    async def use_webhook(self, url: str, secret: str) -> None:
        await self._bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS, drop_pending_updates=False)

    async def use_polling(self) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def send_text(self, chat: int, text: str, choices: Sequence[tuple[str, str]] = ()) -> int:
        """Answers the number Telegram gives the message."""
        keyboard = InlineKeyboardMarkup(
            [[InlineKeyboardButton(label, callback_data=value)] for label, value in choices]
        )
        sent = await self._surely(
            self._bot.send_message(
                chat, text, reply_markup=keyboard if choices else None, link_preview_options=LinkPreviewOptions(True)
            )
        )
        return int(sent.message_id)

    async def send_file(self, chat: int, name: str, content: bytes) -> int:
        sent = await self._surely(self._bot.send_document(chat, InputFile(content, filename=name)))
        return int(sent.message_id)

    async def _surely(self, sending: Any) -> Any:
        """An answer that can't be read is no sign that nothing was done."""
        try:
            return await sending
        except TelegramError as error:
            if type(error) is TelegramError:
                raise Unanswered("an answer that can't be read") from None
            raise
        except Exception as error:
            raise Unanswered(type(error).__name__) from None

    async def confirm_choice(self, query: str) -> None:
        """The customer's button stops turning."""
        await self._bot.answer_callback_query(query)

    async def remove_choices(self, chat: int, message: int) -> None:
        await self._bot.edit_message_reply_markup(chat, message)

    async def show_typing(self, chat: int) -> None:
        await self._bot.send_chat_action(chat, "typing")

    async def download(self, file_id: str, largest: int) -> bytes | None:
        """A file's content; None if it is larger than `largest`. A link that has run out is asked for once more."""
        try:
            return await self._download(file_id, largest)
        except _RunOut:
            return await self._download(file_id, largest)

    async def _download(self, file_id: str, largest: int) -> bytes | None:
        file = await self._bot.get_file(file_id)
        path = (file.file_path or "").removeprefix(f"{self._file_base}/")
        if (file.file_size or 0) > largest:
            return None
        if path.startswith("/"):
            return await asyncio.to_thread(_local, self._files, path, largest)
        try:
            content = await self._asking.retrieve(f"{self._file_base}/{quote(path)}", read_timeout=4 * self._patience)
        except InvalidToken:  # the library's word for 404
            raise _RunOut("the link to the file has run out") from None
        return content if len(content) <= largest else None


def _local(folder: Path | None, path: str, largest: int) -> bytes | None:
    """A file of a Bot API server that runs with --local and answers with paths of its own disk."""
    if folder is None:
        raise Troubled("it names a file on its own disk: set QINGTING_TELEGRAM_FILES to the folder it keeps files in")
    found = Path(path).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise Troubled("it names a file outside QINGTING_TELEGRAM_FILES")
    try:
        return found.read_bytes() if found.stat().st_size <= largest else None
    except OSError as error:
        raise Troubled(f"its file can't be read: {error.strerror}") from None


def split_updates(payload: bytes) -> list[bytes]:
    """The updates in an answer to getUpdates, each as it stands there. Raises Unanswered if it is no such answer."""
    text = payload.decode("utf-8", "surrogateescape")
    begun = _UPDATES.match(text)
    if begun is None:
        return _written_again(payload)
    decoder, at, found = json.JSONDecoder(), _next(text, begun.end()), []
    try:
        while text[at] != "]":
            _, end = decoder.raw_decode(text, at)
            found.append(text[at:end].encode("utf-8", "surrogateescape"))
            at = _next(text, end)
    except (ValueError, IndexError, RecursionError):
        raise Unanswered("an answer that can't be read") from None
    return found


def _next(text: str, at: int) -> int:
    """Past the blanks and the comma between two updates."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _written_again(payload: bytes) -> list[bytes]:
    """For a server that writes its answer in another order: the same data, not the same bytes."""
    try:
        result = json.loads(payload)["result"]
        return [json.dumps(update, ensure_ascii=False).encode("utf-8", "surrogatepass") for update in result]
    except (ValueError, LookupError, TypeError):
        raise Unanswered("an answer that can't be read") from None
