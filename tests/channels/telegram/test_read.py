"""Updates as the Bot API writes them, and what they are read as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.message import Attachment, ChannelEvent, Event, MessageEdited, MessageIn, MissingFile
from channels.telegram.files import files_in
from channels.telegram.read import Reader, chat_of
from channels.telegram.update import Unreadable, parse, peek

READER = Reader("5551234", "en")
ANN = {"id": 4711, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "en"}
CHAT = {"id": 4711, "type": "private", "first_name": "Ann"}
GROUP = {"id": -100123, "type": "supergroup", "title": "A group"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": ANN, "chat": CHAT, "date": 1_795_000_000, **content}


def read(fetched: dict[str, bytes] | None = None, **update: Any) -> list[Event]:
    return READER.read(json.dumps({"update_id": 1, **update}).encode(), fetched or {})


def said(fetched: dict[str, bytes] | None = None, **content: Any) -> MessageIn:
    [event] = read(fetched, message=message(**content))
    assert isinstance(event, MessageIn)
    return event


def test_a_text_in_a_private_chat() -> None:
    assert said(text="You charged me twice") == MessageIn(
        external_id="5551234:4711:7",
        text="You charged me twice",
        sent_at=datetime.fromtimestamp(1_795_000_000, UTC),
        sender="telegram:4711",
        sender_name="Ann Lee",
        language_hint="en",
        conversation_key="4711",
    )


@pytest.mark.parametrize(
    ("text", "command", "kept", "token"),
    [
        ("/start", "start", "/start", None),
        ("/start abc_DEF-123", "start", "/start", "abc_DEF-123"),
        ("/start@bank_bot xyz", "start", "/start", "xyz"),
        ("/START", "start", "/start", None),
        ("/restart", "restart", "/restart", None),
        ("/help@bank_bot", "help", "/help", None),
        ("/complaint they charged me twice", None, "they charged me twice", None),
        ("/ start", None, "/ start", None),
        ("//restart", None, "//restart", None),
        ("/start/now", None, "/start/now", None),
        ('/intent{"amount": 1}', None, '/intent{"amount": 1}', None),
        ("say /start to it", None, "say /start to it", None),
        (" /start", None, "/start", None),  # as a text it is no command to Telegram either
    ],
)
def test_commands(text: str, command: str | None, kept: str, token: str | None) -> None:
    event = said(text=text)
    assert (event.command, event.text, event.token) == (command, kept, token)


def test_a_forwarded_command_is_no_command() -> None:
    event = said(text="/start", forward_origin={"type": "user", "sender_user": {"id": 1, "first_name": "Bob"}})
    assert event.command is None
    assert event.text == "/start\n[forwarded from Bob]"


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ({"type": "hidden_user", "sender_user_name": "Somebody"}, "Somebody"),
        ({"type": "channel", "chat": {"id": -1, "type": "channel", "title": "News"}}, "News"),
        ({"type": "chat", "sender_chat": {"id": -1, "type": "group", "title": "Friends"}}, "Friends"),
        ({"type": "of another time"}, "somebody else"),
    ],
)
def test_whom_a_forwarded_message_is_from(origin: dict[str, Any], name: str) -> None:
    event = said(text="Your card is blocked", forward_origin=origin)
    assert event.text == f"Your card is blocked\n[forwarded from {name}]"
    assert event.unspoken == f"[forwarded from {name}]"


def test_a_reply_names_what_it_answers_and_quotes_it() -> None:
    answered = {"message_id": 3, "chat": CHAT, "date": 1, "text": "Which branch was it?"}
    event = said(text="Leeds", reply_to_message=answered)
    assert event.thread == ("5551234:4711:3",)
    assert event.quoted == "Which branch was it?"
    marked = said(text="Leeds", reply_to_message=answered, quote={"text": "branch", "position": 6})
    assert marked.quoted == "branch"


PHOTO = [
    {"file_id": "s", "file_unique_id": "us", "width": 90, "height": 67, "file_size": 1000},
    {"file_id": "l", "file_unique_id": "ul", "width": 1280, "height": 960, "file_size": 200_000},
    {"file_id": "m", "file_unique_id": "um", "width": 320, "height": 240, "file_size": 20_000},
]


def test_a_picture_with_its_caption() -> None:
    event = said({"file:0": b"jpeg"}, photo=PHOTO, caption="the receipt")
    assert event.text == "the receipt"
    assert event.attachments == (Attachment("photo-7.jpg", "image/jpeg", b"jpeg", part=None),)
    assert event.brought == "file"


def test_a_picture_alone() -> None:
    event = said({"file:0": b"jpeg"}, photo=PHOTO)
    assert (event.text, event.unspoken, event.brought) == ("[photo]", "[photo]", "file")


def test_a_file_that_could_not_be_had() -> None:
    film = {"file_id": "f", "file_unique_id": "u", "file_name": "film.mp4", "file_size": 30_000_000}
    event = said({"missing:0": b"too_large"}, document=film, caption="what happened")
    assert event.missing == (MissingFile("film.mp4", "too_large", 30_000_000),)
    assert event.text == "what happened\n[file not received: film.mp4]"
    assert event.unspoken == "[file not received: film.mp4]"
    assert said(document=film).missing[0].reason == "unavailable"


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("芳", "林", "林芳"),
        ("小明", "欧阳", "欧阳小明"),
        ("Ann", "Lee", "Ann Lee"),
        ("阿May", "陳", "阿May 陳"),
        ("Ann", "", "Ann"),
    ],
)
def test_names_as_they_are_written(first: str, last: str, name: str) -> None:
    assert said(**{"from": {**ANN, "first_name": first, "last_name": last}}, text="x").sender_name == name


def test_an_edit() -> None:
    [event] = read(edited_message=message(text="It was 500", edit_date=1_795_000_100))
    assert isinstance(event, MessageEdited)
    assert event.now.text == "It was 500"
    assert event.now.external_id == "5551234:4711:7"
    assert event.edited_at == datetime.fromtimestamp(1_795_000_100, UTC)


def test_a_choice_has_the_words_of_its_button() -> None:
    asked = {
        **message(text="Is this right?"),
        "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "affirm"}], [{"text": "No"}]]},
    }
    [event] = read(callback_query={"id": "99", "from": ANN, "data": "affirm", "message": asked})
    assert isinstance(event, MessageIn)
    assert (event.text, event.choice, event.thread) == ("Yes", "affirm", ("5551234:4711:7",))
    assert event.conversation_key == "4711"


EVENTS: list[tuple[dict[str, Any], str]] = [
    ({"message": message(text="hi", chat=GROUP)}, "group_message"),
    ({"edited_message": message(text="hi", chat=GROUP)}, "group_message"),
    ({"callback_query": {"id": "1", "from": ANN, "data": "x", "inline_message_id": "i"}}, "callback_query"),
    ({"callback_query": {"id": "1", "from": ANN, "data": "x", "message": message(chat=GROUP)}}, "callback_query"),
    ({"my_chat_member": {"chat": CHAT, "from": ANN, "date": 1, "new_chat_member": {"status": "kicked"}}}, "blocked"),
    ({"my_chat_member": {"chat": CHAT, "from": ANN, "date": 1, "new_chat_member": {"status": "member"}}}, "unblocked"),
    ({"my_chat_member": {"chat": GROUP, "new_chat_member": {"status": "left"}}}, "group_membership"),
    ({"channel_post": {"message_id": 1, "date": 1, "chat": GROUP, "text": "hi"}}, "channel_post"),
    ({"inline_query": {"id": "1", "from": ANN, "query": "fee", "offset": ""}}, "inline_query"),
    ({"deleted_business_messages": {"chat": CHAT, "message_ids": [1]}}, "deleted_business_message"),
    ({"some_new_kind": [1, 2]}, "some_new_kind"),
    ({"message": message(pinned_message=message(text="x"))}, "service"),
    ({"message": message(write_access_allowed={"web_app_name": "shop"})}, "service"),
    ({"message": message()}, "service"),
    ({"edited_message": message(location={"latitude": 1, "longitude": 2, "live_period": 60})}, "live_location"),
    ({}, "empty_update"),
]


@pytest.mark.parametrize(("update", "kind"), EVENTS, ids=[f"{kind}-{i}" for i, (_, kind) in enumerate(EVENTS)])
def test_what_is_kept_and_never_answered(update: dict[str, Any], kind: str) -> None:
    [event] = read(**update)
    assert isinstance(event, ChannelEvent)
    assert event.kind == kind
    assert len(event.kind) <= 24


def test_content_of_a_kind_that_nobody_knows_yet_is_a_message_all_the_same() -> None:
    assert said(hologram={"file_id": "x"}).text == "[content that can't be shown here: hologram]"


def test_the_language_of_a_customer_whose_language_is_none_of_ours_is_the_houses() -> None:
    russian = {**ANN, "language_code": "ru"}
    event = said(**{"from": russian}, photo=PHOTO)
    assert event.language_hint is None
    assert event.text.startswith("[photo]")
    assert (
        Reader("1", "zh-Hant")
        .read(
            json.dumps({"update_id": 1, "message": message(**{"from": russian}, photo=PHOTO)}).encode(), {"file:0": b""}
        )[0]
        .text
        == "［相片］"
    )  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"update_id":"x"}',
        b'{"update_id":1,"message":5}',
        b'{"update_id":1,"message":{}}',
        b'{"update_id":1,"message":{"message_id":1,"chat":{"id":1e400,"type":"private"}}}',
        b"[" * 100_000,
        json.dumps({"update_id": 1, "message": message(chat={"id": 10**40, "type": "private"})}).encode(),
    ],
)
def test_what_is_no_update_says_what_is_wrong_and_quotes_nothing(raw: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        READER.read(raw, {})
    assert raised.value.final
    assert 0 < len(str(raised.value)) < 200
    assert chat_of(peek(raw)) is None


def test_characters_that_no_database_keeps_are_replaced() -> None:
    assert said(text="a\x00b\ud800c").text == "a\ufffdb\ufffdc"


# the samples --------------------------------------------------------------------------------------------------------

KINDS: dict[str, list[str]] = {
    "audio.json": ["MessageIn"],
    "callback_query.json": ["callback_query"],
    "chosen_inline_result.json": ["chosen_inline_result"],
    "document.json": ["MessageIn"],
    "edited.json": ["MessageEdited"],
    "entities.json": ["MessageIn"],
    "forwarded.json": ["MessageIn"],
    "forwarded_channel.json": ["MessageIn"],
    "inline_query.json": ["inline_query"],
    "reply.json": ["MessageIn"],
    "text.json": ["MessageIn"],
    "unknown_kind.json": ["key"],
    "voice.json": ["MessageIn"],
    "Update.json": ["MessageIn", "group_message", "callback_query", "chosen_inline_result", "inline_query"],
    "ResponseWithoutError.json": [
        "MessageIn",
        "group_message",
        "callback_query",
        "chosen_inline_result",
        "inline_query",
    ],
    "update-with-write-access-allowed-for-webapp.json": ["service"],
}


def updates(data: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every update that the samples hold, by file; answers to other calls hold none."""
    for path in sorted((data / "telegram").rglob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if "update_id" in content:
            yield path.name, content
        elif isinstance(content.get("result"), list):
            yield from ((path.name, update) for update in content["result"])


def words_in(part: Any) -> Iterator[str]:
    """What somebody has written in an update."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("text", "caption", "query", "data", "file_name") and isinstance(value, str):
                yield value
            elif name != "reply_markup":
                yield from words_in(value)
    elif isinstance(part, list):
        for item in part:
            yield from words_in(item)


def test_every_sample_is_read_its_kind_is_right_and_no_word_is_lost(shared_data: Path) -> None:
    found: dict[str, list[str]] = {}
    for name, update in updates(shared_data):
        raw = json.dumps(update).encode()
        fetched = {f"file:{number}": b"x" for number, _ in enumerate(files_in(parse(raw)))}
        events = READER.read(raw, fetched)
        found[name] = [event.kind if isinstance(event, ChannelEvent) else type(event).__name__ for event in events]
        kept = repr(events)
        assert [words for words in words_in(update) if words not in kept] == [], name
        assert not any(isinstance(event, MessageIn) and event.missing for event in events)
    assert found == KINDS


def test_the_samples_have_the_files_and_commands_that_they_have(shared_data: Path) -> None:
    read_as = {
        name: READER.read(json.dumps(update).encode(), {"file:0": b"x"}) for name, update in updates(shared_data)
    }
    audio, document, voice = (read_as[f"{name}.json"][0] for name in ("audio", "document", "voice"))
    assert [file.name for file in audio.attachments] == ["Test music file.mp3"]  # type: ignore[union-attr]
    assert [file.media_type for file in document.attachments] == ["application/pdf"]  # type: ignore[union-attr]
    assert voice.brought == "voice"  # type: ignore[union-attr]
    assert read_as["text.json"][0].command == "start"  # type: ignore[union-attr]
    assert read_as["forwarded.json"][0].command is None  # type: ignore[union-attr]
    assert read_as["reply.json"][0].quoted == "Original"  # type: ignore[union-attr]
