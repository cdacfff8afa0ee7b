"""The web chat's lasting part: sessions, messages into the store, and what a client has missed.

A session is a signed conversation id: nothing is stored until the first message, and a conversation that has none is not
listed anywhere. The greeting, with the privacy notice, is shown at once and stored with the first message as number 1.

Not here: the frames (channels/webchat), when the bot speaks (conductor.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit

from aiohttp import web

from case_store import attachments, cases, chat, conversations, ownership, turns
from case_store.chat import ChatMessage
from case_store.conversations import NewConversation, NewMessage, StoredMessage
from case_store.files import FilesError
from case_store.ids import new_id
from case_store.records import ChannelName, Language, Owner, Sender
from case_store.store import StoreError, Transaction, Wake
from case_store.uploads import NoSuchUpload, StoredUpload
from channels.channel import StoreUnavailable
from channels.webchat.frames import BadFrame
from channels.webchat.socket import Hint, News, Seat, SessionEnded
from gateway import uploads
from gateway.attachments import shown
from gateway.auth.throttle import Throttle
from gateway.context import Gateway
from gateway.file_words import stand_in
from gateway.portal.wording import catalogue
from gateway.uploads import NotReady

ACCOUNT: Final = "webchat"
SESSION_AGE: Final = timedelta(days=30)
CHATS: Final = "chats"  # that begin, by network
PAGE: Final = 500  # messages read at a time when a client catches up


class Chat:
    """The chat desk of this process (channels.webchat.socket.ChatDesk)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._quiet = timedelta(seconds=gateway.settings.quiet_seconds)
        self._openings = Throttle({CHATS: f"{gateway.settings.chats_per_address} per minute"})

    async def begin(self, session: str | None, locale: str | None) -> Seat:
        tokens, now = self._gateway.tokens, datetime.now(UTC)
        language = _language(locale, self._gateway.settings.locale)
        known = tokens.read_session(session, now, SESSION_AGE) if session else None
        over = known is not None and await self._read(is_over, *known)
        if session and known and not over:
            return Seat(session, known[0], resumed=True, locale=language, session_epoch=known[1])
        conversation_id = new_id()
        seat = Seat(tokens.sign_session(conversation_id, now), conversation_id, resumed=False, locale=language)
        seat.ended = _moved(language) if over else None
        return seat

    async def take(
        self, seat: Seat, client_id: str, text: str, choice: str | None, attachments: Sequence[str] = ()
    ) -> tuple[int, int, bool]:
        await self._admit(seat, client_id)
        greeting = self._greeting(seat.locale)
        try:
            found = await self._uploads(seat, client_id, attachments)
        except BadFrame:
            again = await self._write(chat.accepted_before, seat.conversation, client_id, seat.session_epoch)
            if again is None:
                raise
            return _unless_over(seat, cast(chat.Accepted, again))
        wordless = not text.strip()
        message = ChatMessage(
            client_id=client_id,
            text=stand_in([upload.name for upload in found], Language(seat.locale)) if wordless else text,
            choice=choice,
            received_at=datetime.now(UTC),
            opening=NewConversation(
                id=seat.conversation,
                channel=ChannelName.WEBCHAT,
                account=ACCOUNT,
                locale=seat.locale,
                notice_version=self._gateway.policy.privacy.version,
                state={"notice_shown": self._gateway.policy.privacy.version},
            ),
            greeting=(greeting,),
            files=found,
            wordless=wordless,
            session_epoch=seat.session_epoch,
        )
        try:
            taken = await self._gateway.store.write_together(chat.accept_chats, (message, self._quiet))
        except NoSuchUpload as error:
            raise _bad_attachment(client_id, str(error)) from None
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
        seat.opened = True
        accepted = _unless_over(seat, taken)
        await uploads.taken(self._gateway, found)
        return accepted

    async def _admit(self, seat: Seat, client_id: str) -> None:
        """Lets a message open a conversation unless very many have been opened from its network. Raises BadFrame.

        One that is there already goes on whatever its neighbours do.
        """
        if seat.opened or not seat.network:
            return
        try:
            seat.opened = await self._gateway.store.read(conversations.find, seat.conversation) is not None
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
        wait = 0 if seat.opened else self._openings.wait(CHATS, seat.network)
        if wait:
            detail = f"too many new chats from your network: send it again in {wait} seconds"
            raise BadFrame(detail, code="too_fast", client_id=client_id, retry_after=wait)

    async def _uploads(self, seat: Seat, client_id: str, tokens: Sequence[str]) -> list[StoredUpload]:
        """The uploads that a message names, their bytes among the files. Raises BadFrame for one that can't be taken."""
        if not tokens:
            return []
        most = self._gateway.policy.uploads.per_message
        if len(tokens) > most:
            raise _bad_attachment(client_id, f"{len(tokens)} files are too many: {most} go with one message")
        try:
            return await uploads.ready(self._gateway, tokens, {uploads.chat_owner(seat.conversation)})
        except NotReady as error:
            raise _bad_attachment(client_id, f"{error.upload[:60]} is an {error.why} upload") from None
        except (StoreError, FilesError) as error:
            raise StoreUnavailable(str(error)) from error

    async def attached(self, seat: Seat, number: int) -> Sequence[Mapping[str, Any]]:
        try:
            found = await self._gateway.store.read(attachments_of, seat.conversation, number - 1)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
        return found.get(number, [])

    async def typing(self, seat: Seat, active: bool) -> None:
        self._gateway.hint(Wake("typing", seat.conversation, version=int(active)))
        if active:
            await self._write(turns.push_on, seat.conversation, self._quiet)

    async def seen(self, seat: Seat, number: int) -> None:
        await self._write(conversations.seen, seat.conversation, number, seat.session_epoch)

    async def read(self, seat: Seat, number: int) -> None:
        await self._write(conversations.read, seat.conversation, number, seat.session_epoch)

    async def news(self, seat: Seat) -> News:
        return cast(News, await self._read(self._news, seat))

    def listen(self, seat: Seat, hint: Hint) -> Callable[[], None]:
        def heard(wake: Wake) -> None:
            if wake.kind == "agent_typing" and seat.owner[0] == Owner.AGENT:
                hint(0, {"type": "typing", "sender": "agent", "active": bool(wake.version)})
            elif wake.kind == "conversation":
                hint(wake.version, None)

        return self._gateway.wakeups.call(seat.conversation, heard)

    async def _read(self, unit: Any, *args: Any) -> Any:
        try:
            return await self._gateway.store.read(unit, *args)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error

    async def _write(self, unit: Any, *args: Any) -> Any:
        try:
            return await self._gateway.store.write(unit, *args)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error

    def _greeting(self, locale: str) -> NewMessage:
        text = self._gateway.policy.privacy.notice[Language(locale)]
        return NewMessage(Sender.BOT, text, response="utter_privacy_notice")

    def _news(self, tx: Transaction, seat: Seat) -> News:
        tx.see_one_state()  # a session that ends meanwhile is told of nothing that was said since
        row = conversations.find(tx, seat.conversation)
        if conversations.is_over(row, seat.session_epoch):
            raise SessionEnded(_moved(seat.locale))
        if row is None:
            return self._before_the_first_message(seat)
        missed = conversations.messages_of(tx, seat.conversation, after=seat.shown, limit=PAGE)
        from_customer = any(message.sender is not Sender.BOT for message in missed)
        files = attachments_of(tx, seat.conversation, seat.shown) if from_customer else {}
        frames: list[Mapping[str, Any]] = [_message_frame(message, files.get(message.number)) for message in missed]
        owner = ownership.answering(tx, row)
        if owner != seat.owner:
            frames.append({"type": "owner", "owner": owner[0], "name": owner[1]})
        told = self._case_frames(tx, seat)
        frames += [frame for reference, frame in told.items() if (seat.cases or {}).get(reference) != frame]
        whole = len(missed) < PAGE
        return News(frames, missed[-1].number if missed else seat.shown, row["version"] if whole else -1, owner, told)

    def _before_the_first_message(self, seat: Seat) -> News:
        if seat.shown >= 1:
            return News([], seat.shown, -1, seat.owner, seat.cases)
        greeting = self._greeting(seat.locale)
        frame = _frame(1, greeting.sender, greeting.text, datetime.now(UTC))
        return News([frame], 1, -1, seat.owner, seat.cases)

    def _case_frames(self, tx: Transaction, seat: Seat) -> dict[str, Mapping[str, Any]]:
        """By number: of the cases of this chat, and of what was merged into them, which stands as they do."""
        found: dict[str, Mapping[str, Any]] = {}
        for case in cases.of_conversations(tx, [seat.conversation]).get(seat.conversation, ()):
            if case.reference is None:
                continue
            due = case.feedback_due and case.feedback_due.isoformat()
            told = {"type": "case", "status": case.status.value, "feedback_due": due}
            for number in (*(name for name in case.merged_from if "-" in name), case.reference):
                into = {} if number == case.reference else {"merged_into": case.reference}
                found[number] = {**told, "reference": number, **into}
        return found


def _language(locale: str | None, default: Language) -> str:
    """The nearest of our three languages to a locale as browsers write it."""
    wanted = (locale or "").replace("_", "-").lower()
    if wanted.startswith("en"):
        return Language.EN.value
    if wanted.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")):
        return Language.HANT.value
    if wanted.startswith("zh"):
        return Language.HANS.value
    return default.value


def is_over(tx: Transaction, conversation_id: str, session_epoch: int) -> bool:
    """Whether this session of a chat has ended: the chat was resumed elsewhere, or is its holder's no more."""
    return conversations.is_over(conversations.find(tx, conversation_id), session_epoch)


def _unless_over(seat: Seat, accepted: chat.Accepted) -> chat.Accepted:
    """Raises SessionEnded."""
    if accepted[0] == 0:
        raise SessionEnded(_moved(seat.locale))
    return accepted


def _moved(locale: str) -> str:
    return str(catalogue(Language(locale))["chat"]["session_ended"])


def attachments_of(tx: Transaction, conversation_id: str, after: int) -> dict[int, list[Mapping[str, Any]]]:
    """The files of messages with a number above `after`, as their customer sees them."""
    found = attachments.of_messages(tx, conversation_id, after)
    return {number: [shown(row, to_customer=True) for row in rows] for number, rows in found.items()}


def _bad_attachment(client_id: str, detail: str) -> BadFrame:
    return BadFrame(detail, code="bad_attachment", client_id=client_id)


def _message_frame(message: StoredMessage, files: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    frame = _frame(message.number, message.sender, message.text, message.at)
    frame["asks"], frame["choices"] = list(message.asks), [dict(choice) for choice in message.choices]
    if message.sender is Sender.AGENT:
        frame["name"] = message.name
    if message.sender is Sender.CUSTOMER:
        frame["client_id"] = message.external_id
    if files:
        frame["attachments"] = [dict(file) for file in files]
        frame["wordless"] = message.wordless
    return frame


def _frame(number: int, sender: Sender, text: str, at: datetime) -> dict[str, Any]:
    return {
        "type": "message",
        "message": number,
        "sender": sender.value,
        "text": text,
        "asks": [],
        "choices": [],
        "at": at.isoformat(),
    }


def origin_allowed(gateway: Gateway, request: web.Request) -> bool:
    """Whether the page that opens the socket may embed the chat. Clients that send no `Origin` are let in."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    wanted = origin.lower()
    outer = urlsplit(gateway.settings.public_url or f"{request.scheme}://{request.host}")
    own = {f"{request.scheme}://{request.host}".lower(), f"{outer.scheme}://{outer.netloc}".lower()}
    return wanted in own or wanted in gateway.settings.chat_origins
