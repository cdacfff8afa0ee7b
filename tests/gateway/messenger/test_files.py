"""Files by Telegram: fetched durably, kept byte for byte, an album one message; what can't be had is told to the customer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts
from case_store.contacts import Contact
from case_store.store import StoreUnavailable
from case_store.tables_arrivals import arrivals
from channels.telegram import files
from gateway.enclosures import ENCLOSED
from tests.bot_api import Fault, Refusal
from tests.gateway.messenger.conftest import Desk
from tests.pictures import picture

STORY = "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me"


def put_off(desk: Desk) -> None:
    """Lets what waits for another try be tried at once."""

    def hurry(tx: Any) -> None:
        tx.execute(sa.update(arrivals).where(arrivals.c.due_at.is_not(None)).values(due_at=tx.now))

    desk.store.write_now(hurry)


@pytest.mark.parametrize(
    ("kind", "name", "media_type", "described"),
    [
        ("document", "statement.pdf", "application/pdf", "[file: statement.pdf]"),
        ("voice", None, "audio/ogg", "[voice message]"),
        ("video", "film.mp4", "video/mp4", "[video]"),
        ("video_note", None, None, "[video message]"),
        ("audio", None, "audio/mpeg", "[audio: Song.mp3]"),
        ("animation", "wave.mp4", "video/mp4", "[animation]"),
    ],
)
async def test_a_file_of_every_kind_is_kept(
    desk: Desk, ann: Any, kind: str, name: str | None, media_type: str | None, described: str
) -> None:
    content = bytes(range(256))
    file = desk.api.file(content)
    told = {"file_name": name, "mime_type": media_type, "title": "Song" if kind == "audio" else None}
    file |= {key: value for key, value in told.items() if value}
    also = {"document": file} if kind == "animation" else {}  # so that older programs show it
    desk.api.push(message=desk.api.message(ann, **{kind: file}, **also))
    await desk.settle()
    assert desk.files() == [content]
    assert desk.said()[0].text == described
    [attached] = desk.conversation().attachments[desk.said()[0].number]
    assert attached["media_type"] == media_type or kind == "video_note"


async def test_a_picture_comes_in_its_largest_size_with_its_caption(desk: Desk, ann: Any) -> None:
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"large"), caption=STORY))
    await desk.settle()
    assert desk.files() == [b"large"]
    assert desk.said()[0].text == STORY
    assert desk.cases()[0].facts.amount is not None


async def test_an_album_is_one_message(desk: Desk, ann: Any) -> None:
    desk.api.album(ann, [b"one", b"two", b"three"], caption=STORY)
    await desk.read()
    await desk.settle()
    assert len(desk.said()) == 1
    assert desk.said()[0].text == f"{STORY}\n[photo] [photo]"
    assert desk.said()[0].spoken == STORY
    assert desk.files() == [b"one", b"two", b"three"]
    assert len(desk.api.texts(ann)) == 1
    assert desk.cases()[0].facts.what_happened == STORY


async def test_a_part_of_an_album_that_comes_after_the_answer_joins_its_message(desk: Desk, ann: Any) -> None:
    desk.api.album(ann, [b"one"], caption=STORY)
    await desk.settle()
    answered = len(desk.api.sent)
    desk.api.album(ann, [b"two"])
    await desk.settle()
    assert len(desk.said()) == 1
    assert desk.files() == [b"one", b"two"]
    assert len(desk.api.sent) == answered, "nothing new was said"
    assert len(desk.cases()) == 1


async def test_an_album_without_a_word_is_received_once_however_late_its_parts_come(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    for number in range(3):
        desk.api.album(ann, [b"%d" % number])
        await desk.settle()
    assert [said.text for said in desk.said()][1:] == ["[photo] [photo] [photo]"]
    assert len(desk.api.texts(ann)) == 2


async def test_a_caption_that_comes_with_a_later_part_is_answered(desk: Desk, ann: Any) -> None:
    desk.api.album(ann, [b"one"])
    await desk.settle()
    assert desk.cases() == []
    desk.api.album(ann, [b"two"], caption=STORY)
    await desk.settle()
    assert len(desk.said()) == 1
    assert desk.cases()[0].facts.what_happened == STORY
    assert desk.said()[0].edits == (), "that was no edit"


async def test_the_caption_of_an_album_is_edited_in_its_place(desk: Desk, ann: Any) -> None:
    first = desk.api.message(ann, photo=desk.api.photo(b"one"), media_group_id="g", caption="first picture")
    second = desk.api.message(ann, photo=desk.api.photo(b"two"), media_group_id="g", caption="second picture")
    desk.api.push(message=first)
    desk.api.push(message=second)
    await desk.read()
    desk.api.edit(second, caption="second picture, the receipt")
    await desk.read()
    assert [said.text for said in desk.said()] == ["first picture\nsecond picture, the receipt"]
    assert [edit["text"] for edit in desk.said()[0].edits] == ["first picture\nsecond picture"]
    assert desk.files() == [b"one", b"two"]


async def test_two_albums_are_two_messages(desk: Desk, ann: Any) -> None:
    desk.api.album(ann, [b"one", b"two"], group="a")
    desk.api.album(ann, [b"three", b"four"], group="b")
    await desk.read()
    assert len(desk.said()) == 2


async def test_a_picture_alone_is_received_and_the_question_asked(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    for number in range(5):
        desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"picture %d" % number)))
        await desk.settle()
    assert "That has arrived" in desk.api.texts(ann)[1]
    assert desk.conversation().row["owner"] == "bot", "pictures are no answers that nobody understands"
    assert desk.conversation().messages[-1].asks == ("what_happened",)
    assert len(desk.files()) == 5


async def test_a_picture_in_the_middle_of_a_complaint_is_not_taken_for_an_answer(desk: Desk, ann: Any) -> None:
    for line in ("/start", STORY):
        await desk.say(ann, line)
    asks = desk.conversation().messages[-1].asks
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"receipt")))
    await desk.settle()
    assert desk.conversation().messages[-1].asks == asks
    assert (await desk.say(ann, "I want it back")).count("?") <= 1
    assert desk.cases()[0].facts.desired_outcome == "I want it back"


async def test_a_voice_message_is_kept_and_the_customer_told_that_only_people_hear_it(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    desk.api.push(message=desk.api.message(ann, voice={**desk.api.file(b"voice"), "mime_type": "audio/ogg"}))
    await desk.settle()
    assert "I can only read" in desk.api.texts(ann)[-1]
    assert desk.files() == [b"voice"]


async def test_what_is_too_large_is_noted_and_the_customer_told_how_else(desk: Desk, ann: Any) -> None:
    film = {**desk.api.file(b"x", size=30_000_000), "file_name": "film.mp4"}
    desk.api.push(message=desk.api.message(ann, document=film, caption=STORY))
    await desk.settle()
    assert desk.said()[0].text == f"{STORY}\n[file not received: film.mp4]"
    assert desk.said()[0].spoken == STORY
    told = next(text for text in desk.api.texts(ann) if "too large" in text)
    assert "film.mp4" in told
    assert "complaints@bank.example" in told
    assert desk.cases()[0].facts.what_happened == STORY, "the note is no part of the story"


async def test_the_privacy_notice_comes_before_anything_else_that_is_said(desk: Desk, ann: Any) -> None:
    film = {**desk.api.file(b"x", size=30_000_000), "file_name": "film.mp4"}
    desk.api.push(message=desk.api.message(ann, document=film))
    await desk.settle()
    assert "used only to record" in desk.api.texts(ann)[0]
    assert "too large" in desk.api.texts(ann)[1]
    assert len(desk.api.texts(ann)) == 2, "and nothing about a file that has not come"
    assert desk.conversation().row["notice_version"]


async def test_what_telegram_does_not_hand_to_bots_is_too_large_too(
    desk: Desk, ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.channel._fetcher, "_largest", 50_000_000)
    desk.api.push(
        message=desk.api.message(ann, document={**desk.api.file(b"x", size=30_000_000), "file_name": "f.zip"})
    )
    await desk.settle()
    assert any("too large" in text for text in desk.api.texts(ann))
    assert [params["file_id"] for params in desk.api.called("getFile")] == ["file-0"], "asked once, not again and again"


async def test_a_file_that_can_not_be_had_now_is_fetched_later_and_never_twice(desk: Desk, ann: Any) -> None:
    desk.api.fail("getFile", Fault(Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")))
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"large"), caption=STORY))
    await desk.read()
    assert desk.states() == ["fetching"]
    put_off(desk)
    await desk.settle()
    assert desk.states() == ["read"]
    assert desk.files() == [b"large"]


async def test_a_link_that_has_run_out_is_asked_for_again(desk: Desk, ann: Any) -> None:
    desk.api.fail("download", Fault(bare=404))
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"large")))
    await desk.settle()
    assert desk.files() == [b"large"]
    assert len(desk.api.called("getFile")) == 2


async def test_a_file_that_is_never_to_be_had_holds_nothing_up_for_long(
    desk: Desk, ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", files.PATIENCE * 0)
    picture = desk.api.photo(b"gone")
    desk.api.lose_file(picture[1]["file_id"])
    desk.api.push(message=desk.api.message(ann, photo=picture))
    desk.api.write(ann, STORY)
    await desk.settle()
    assert [said.text.split("\n")[-1][:20] for said in desk.said()] == ["[photo] [file not re", STORY[:20]]
    assert any("a file has not" in text for text in desk.api.texts(ann))
    assert not any("That has arrived" in text for text in desk.api.texts(ann))
    assert desk.cases()[0].facts.amount is not None


async def test_what_a_customer_writes_after_a_picture_waits_for_it(desk: Desk, ann: Any) -> None:
    desk.api.fail("getFile", Fault(bare=503))
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"large")))
    desk.api.write(ann, STORY)
    await desk.read()
    assert desk.rows(sa.select(arrivals.c.id).where(arrivals.c.state == "read")) == []
    put_off(desk)
    await desk.settle()
    assert [said.text for said in desk.said()] == ["[photo]", STORY]


async def test_a_file_that_was_fetched_is_not_fetched_again_after_the_store_was_gone(desk: Desk, ann: Any) -> None:
    desk.api.push(message=desk.api.message(ann, photo=desk.api.photo(b"large")))
    await desk.taken()
    take_in = desk.intake._take_in

    def gone(*args: Any) -> None:
        desk.intake._take_in = take_in  # type: ignore[method-assign]
        raise StoreUnavailable("gone")

    desk.intake._take_in = gone  # type: ignore[method-assign]
    await desk.intake.read_due()
    put_off(desk)
    await desk.settle()
    assert desk.files() == [b"large"]
    assert len(desk.api.called("getFile")) == 1


async def test_files_of_a_bot_api_server_on_this_machine_are_read_from_its_folder(
    desk: Desk, ann: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bot-api"
    folder.mkdir()
    desk.api.local = folder
    monkeypatch.setattr(desk.channel._api, "_files", folder)
    desk.api.push(message=desk.api.message(ann, document={**desk.api.file(b"local"), "file_name": "a.txt"}))
    await desk.settle()
    assert desk.files() == [b"local"]


async def test_a_path_outside_that_folder_is_not_read(
    desk: Desk, ann: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bot-api").mkdir()
    desk.api.local = tmp_path  # beside the folder
    monkeypatch.setattr(desk.channel._api, "_files", tmp_path / "bot-api")
    monkeypatch.setattr(files, "PATIENCE", files.PATIENCE * 0)
    desk.api.push(message=desk.api.message(ann, document={**desk.api.file(b"secret"), "file_name": "a.txt"}))
    await desk.settle()
    assert desk.conversation().attachments == {}


async def test_a_place_and_a_sticker_are_told_in_words(desk: Desk, ann: Any) -> None:
    place = {"latitude": 22.281234, "longitude": 114.158}
    desk.api.push(message=desk.api.message(ann, location=place))
    desk.api.push(
        message=desk.api.message(
            ann, location=place, venue={"location": place, "title": "Central branch", "address": "1 Queen's Road"}
        )
    )
    desk.api.push(message=desk.api.message(ann, sticker={**desk.api.file(b"webp"), "emoji": "😡"}))
    desk.api.push(message=desk.api.message(ann, dice={"emoji": "🎲", "value": 3}))
    await desk.read()
    assert [said.text for said in desk.said()] == [
        "[location: 22.281234, 114.158000]",
        "[place: Central branch, 1 Queen's Road (22.281234, 114.158000)]",
        "[sticker 😡]",
        "[content that can't be shown here: dice]",
    ]


async def test_many_files_at_once_are_fetched_a_few_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most = 0, 0
    download = desk.channel._api.download

    async def counted(file: str, largest: int) -> bytes | None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        try:
            return await download(file, largest)
        finally:
            under_way -= 1

    monkeypatch.setattr(desk.channel._api, "download", counted)
    for number in range(20):
        someone = desk.api.customer(number + 1)
        desk.api.push(message=desk.api.message(someone, photo=desk.api.photo(b"%d" % number)))
    await desk.read()
    assert desk.states() == ["read"] * 20
    assert most <= files.AT_ONCE


async def test_what_an_agent_encloses_follows_the_last_of_their_words(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    await desk.take_over()
    await desk.settle()
    before = len(desk.api.sent)
    long = "\n\n".join(f"Paragraph {number}. " + "x" * 900 for number in range(9))
    await desk.reply(long, ("退款證明.png", picture("PNG")), ("second.png", picture("PNG", (20, 20))))
    await desk.settle()
    sent = desk.api.sent[before:]
    assert "\n\n".join(one.text for one in sent[:3]) == long
    assert [one.name for one in sent] == [None, None, None, "退款證明.png", "second.png"]


async def test_the_mail_that_an_answer_goes_by_instead_has_its_files(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    await desk.say(ann, STORY)
    [case] = desk.cases()
    await desk.store.write(contacts.add_contact, case.id, Contact("ann@customer.example", "email", proof="agent"))
    await desk.take_over()
    await desk.settle()
    ann.state = "kicked"
    await desk.reply("Here is the proof.", ("proof.png", picture("PNG")))
    await desk.settle()
    [mail] = [
        row for row in desk.deliveries() if row.channel == "email" and "Here is the proof." in row.payload["text"]
    ]
    assert mail.payload[ENCLOSED][0] == desk.conversation().row["id"]
