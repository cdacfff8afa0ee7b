"""Files in the chat: part of a message once and for all, shown in every tab, given back to their own customer and nobody else."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from case_store import conversations
from case_store.files import Files
from case_store.records import Role
from case_store.tables_arrivals import uploads as uploads_table
from gateway.policy import Uploads as UploadPolicy
from gateway.policy import load_policy
from tests.pictures import picture

on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
STORY = "You took a fee of 300 yuan on 3 November and nobody told me about it"


@on_each_database
async def test_a_file_goes_with_a_message_and_stands_in_every_tab_and_after_a_reload(desk: Any, png: bytes) -> None:
    customer = await desk.chat()
    other = await desk.chat(customer.session)
    accepted = await customer.say(STORY, await customer.upload(png, "photo.png"))
    [file] = accepted["attachments"]
    assert {"name": "photo.png", "media_type": "image/png", "size": len(png), "preview": False}.items() <= file.items()
    assert set(file) == {"id", "name", "media_type", "size", "preview"}
    shown = await other.next("message")
    while shown["sender"] != "customer":
        shown = await other.next("message")
    assert (shown["text"], shown["attachments"], shown["wordless"]) == (STORY, [file], False)
    await desk.examine()
    again = await desk.chat(customer.session)
    frames = [await again.next("message"), await again.next("message")]
    assert frames[1]["attachments"] == [{**file, "preview": True}]
    [row] = desk.attached()
    assert (row.part, desk.gateway.files.get(row.digest)) == (None, png)


@on_each_database
async def test_a_session_that_has_ended_fetches_and_uploads_nothing(desk: Any, png: bytes) -> None:
    customer = await desk.chat()
    accepted = await customer.say(STORY, await customer.upload(png, "photo.png"))
    [file] = accepted["attachments"]

    def resumed(tx: Any) -> None:
        row = conversations.locked(tx, customer.conversation)
        conversations.add_messages(tx, row, [], values={"session_epoch": row["session_epoch"] + 1})

    desk.store.write_now(resumed)
    assert (await customer.get(file["id"]))[0] == 401
    with pytest.raises(AssertionError, match="401"):
        await customer.upload(png, "photo.png")


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "[File: statement.pdf]"), ("zh-Hans", "［文件：statement.pdf］"), ("zh-Hant", "［檔案：statement.pdf］")],
)
async def test_a_file_without_a_word_says_what_it_is_in_the_customers_language(
    desk: Any, locale: str, text: str
) -> None:
    customer = await desk.chat(locale=locale)
    await customer.say(None, await customer.upload(b"%PDF-1.7 x"))
    other = await desk.chat(customer.session)
    shown = [await other.next("message"), await other.next("message")][1]
    assert (shown["text"], shown["wordless"]) == (text, True)
    assert [row.wordless for row in desk.said() if row.sender == "customer"] == [True]


@on_each_database
async def test_the_bot_acknowledges_the_file_once_and_does_not_take_it_for_an_answer(desk: Any) -> None:
    customer = await desk.chat()
    await customer.say(STORY, client_id="m1")
    await desk.answer()
    asked = desk.said()[-1].asks
    await customer.say("", await customer.upload(b"%PDF-1.7 x", "John Smith.pdf"), client_id="m2")
    await desk.answer()
    [said] = [row for row in desk.said() if row.sender == "bot"][-1:]
    assert said.text.count("John Smith.pdf") == 1
    assert said.asks == asked
    agent = await desk.agent()
    case = json.loads((await agent.get("/api/v1/cases"))[2])["items"][0]
    assert (case["facts"]["name"], case["facts"]["desired_outcome"]) == (None, None)
    await agent.session.close()


async def test_the_same_message_again_is_the_same_with_the_same_files(desk: Any) -> None:
    customer = await desk.chat()
    upload = await customer.upload(b"words")
    first = await customer.say("here", upload)
    assert [await customer.say("here", upload) for _ in range(3)] == [first] * 3
    assert len(desk.attached()) == 1
    desk.store.write_now(lambda tx: tx.execute(uploads_table.delete()))  # a day later
    assert (await customer.say("here", upload))["message"] == first["message"]


async def test_the_same_message_at_the_same_time_attaches_its_file_once(desk: Any) -> None:
    customer = await desk.chat()
    upload = await customer.upload(b"words")
    tabs = [await desk.chat(customer.session) for _ in range(5)]
    answers = await asyncio.gather(*(tab.say("here", upload) for tab in tabs))
    assert {answer.get("message", str(answer)) for answer in answers} == {2}
    assert len(desk.attached()) == 1


async def test_a_message_said_twice_is_accepted_though_the_first_took_its_file_in_between(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await desk.chat()
    upload = await customer.upload(b"words")
    tab = await desk.chat(customer.session)
    taken, adopt = threading.Event(), Files.adopt
    second = itertools.count(1)

    def adopt_late(files: Files, path: Path, digest: str) -> None:
        if next(second) > 1:
            assert taken.wait(20)
        adopt(files, path, digest)

    monkeypatch.setattr(Files, "adopt", adopt_late)
    said = [asyncio.create_task(one.say("here", upload)) for one in (customer, tab)]
    await asyncio.wait(said, return_when=asyncio.FIRST_COMPLETED)
    taken.set()
    assert [answer.get("message") for answer in await asyncio.gather(*said)] == [2, 2]
    assert len(desk.attached()) == 1


@on_each_database
async def test_an_upload_belongs_to_one_message(desk: Any) -> None:
    customer = await desk.chat()
    upload = await customer.upload(b"words")
    await customer.say("here", upload, client_id="m1")
    refused = await customer.say("and here", upload, client_id="m2")
    assert (refused["code"], refused["client_id"]) == ("bad_attachment", "m2")
    assert (await customer.say("without", client_id="m3"))["type"] == "accepted"
    assert [row.text for row in desk.said() if row.sender == "customer"] == ["here", "without"]


async def test_an_upload_of_another_session_is_not_attached(desk: Any) -> None:
    ann, bob = await desk.chat(), await desk.chat()
    upload = await ann.upload(b"ann's statement")
    form = await desk.uploaded(b"somebody's form")
    for stolen in (upload, form, "guessed", desk.gateway.tokens.sign_upload("0" * 32)):
        assert (await bob.say("mine?", stolen))["code"] == "bad_attachment"
    assert desk.said() == []
    assert (await ann.say("mine", upload))["type"] == "accepted"


async def test_half_an_upload_is_not_attached_and_can_still_be_finished(desk: Any) -> None:
    customer = await desk.chat()
    path = await desk.begun(10, **customer.header)
    await desk.patch(path, 0, b"12345", **customer.header)
    upload = path.rpartition("/")[2]
    assert (await customer.say("here", upload))["code"] == "bad_attachment"
    assert (desk.said(), desk.attached()) == ([], [])
    await desk.patch(path, 5, b"67890", **customer.header)
    assert (await customer.say("here", upload))["type"] == "accepted"


async def test_more_files_than_the_policy_allows_are_refused(open_desk: Any) -> None:
    policy = load_policy(None).model_copy(update={"uploads": UploadPolicy(per_message=2)})
    desk = await open_desk(policy=policy)
    customer = await desk.chat()
    uploads = [await customer.upload(b"words") for _ in range(3)]
    assert (await customer.say("here", *uploads))["code"] == "bad_attachment"
    assert (await customer.say("here", *uploads[:2]))["type"] == "accepted"


@pytest.mark.parametrize(
    ("attachments", "text", "code"),
    [
        ("x", "hello", "bad_frame"),
        ([1], "hello", "bad_frame"),
        ([""], "hello", "bad_frame"),
        (["x" * 301], "hello", "bad_frame"),
        (["x"] * 101, "hello", "bad_attachment"),
        ([], "", "bad_frame"),
        ([], None, "bad_frame"),
    ],
)
async def test_a_frame_that_names_no_uploads_is_told_why(desk: Any, attachments: Any, text: Any, code: str) -> None:
    customer = await desk.chat()
    frame = {"type": "message", "client_id": "m1", "text": text, "attachments": attachments}
    await customer.socket.send_json(frame)
    assert (await customer.next("error"))["code"] == code


# --- given back


async def test_a_customer_gets_their_own_file_to_save_and_a_picture_to_see(desk: Any, png: bytes) -> None:
    customer = await desk.chat()
    [file] = (await customer.say("here", await customer.upload(png, "照片.png")))["attachments"]
    assert (await customer.get(file["id"], "/preview"))[0] == 404
    await desk.examine()
    status, headers, body = await customer.get(file["id"])
    assert (status, body) == (200, png)
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    status, headers, body = await customer.get(file["id"], "/preview")
    assert (status, headers["Content-Type"], body[8:12]) == (200, "image/webp", b"WEBP")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert body not in png


async def test_nobody_gets_a_file_of_another_chat(desk: Any, png: bytes) -> None:
    ann, bob = await desk.chat(), await desk.chat()
    await bob.say("hello")
    [file] = (await ann.say("here", await ann.upload(png, "photo.png")))["attachments"]
    await desk.examine()
    for what in ("", "/preview"):
        assert (await bob.get(file["id"], what))[0] == 404
        assert (await desk.send("GET", f"/api/v1/chat/attachments/{file['id']}{what}"))[0] == 401
        assert (await desk.send("GET", f"/api/v1/chat/attachments/{file['id']}{what}", X_Chat_Session="x"))[0] == 401
        path = f"/api/v1/conversations/{bob.conversation}/attachments/{file['id']}{what}"
        assert (await desk.send("GET", path, **desk.key("conversations:read")))[0] == 404
        path = f"/api/v1/conversations/{ann.conversation}/attachments/{file['id']}{what}"
        assert (await desk.send("GET", path, **desk.key("cases:read")))[0] == 403


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("smile.gif", b"GIF89a/*\x00\x00\x00*/=1;alert(document.domain)//;", "image/gif"),
        ("contract.xml", b'<?xml version="1.0"?><a/>', "application/octet-stream"),
        (
            "mail.eml",
            b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: text/html\n\n<script>1</script>",
            "message/rfc822",
        ),
        ("statement.pdf", picture("PNG", (9, 9)), "image/png"),
        ("anything", bytes(range(256)), "application/octet-stream"),
    ],
)
async def test_whatever_it_is_it_leaves_to_be_saved_under_a_type_that_nothing_runs(
    desk: Any, name: str, content: bytes, media_type: str
) -> None:
    customer = await desk.chat()
    [file] = (await customer.say("here", await customer.upload(content, name)))["attachments"]
    agent = await desk.agent(Role.AGENT)
    path = f"/api/v1/conversations/{customer.conversation}/attachments/{file['id']}"
    for status, headers, body in (await customer.get(file["id"]), await agent.get(path)):
        assert (status, body, headers["Content-Type"]) == (200, content, media_type)
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "sandbox" in headers["Content-Security-Policy"]
    await agent.session.close()


async def test_an_agent_is_told_what_a_file_is_and_what_is_odd_about_it(desk: Any) -> None:
    customer = await desk.chat()
    await customer.say("here", await customer.upload(picture("JPEG", (9, 9)), "photo.jpg.exe"))
    agent = await desk.agent()
    whole = json.loads((await agent.get(f"/api/v1/conversations/{customer.conversation}"))[2])
    [file] = whole["messages"][1]["attachments"]
    assert (file["sniffed_type"], file["notes"]) == ("image/jpeg", ["mismatch", "double_extension"])
    path = f"/api/v1/conversations/{customer.conversation}/attachments/{file['id']}"
    assert 'filename="photo.jpg.exe.jpg"' in (await agent.get(path))[1]["Content-Disposition"]
    await agent.session.close()


@on_each_database
async def test_the_files_of_a_case_are_listed_with_it(desk: Any) -> None:
    customer = await desk.chat()
    await customer.say(None, await customer.upload(b"%PDF-1.7 1", "before.pdf"), client_id="m1")
    await desk.answer()
    await customer.say(STORY, await customer.upload(b"%PDF-1.7 2", "with.pdf"), client_id="m2")
    await desk.answer()
    agent = await desk.agent()
    case = json.loads((await agent.get("/api/v1/cases"))[2])["items"][0]
    listed = json.loads((await agent.get(f"/api/v1/cases/{case['id']}/attachments"))[2])["items"]
    assert [(file["name"], file["conversation"], file["message"]) for file in listed] == [
        ("before.pdf", customer.conversation, "2"),
        ("with.pdf", customer.conversation, "4"),
    ]
    assert (await agent.get("/api/v1/cases/nothing/attachments"))[0] == 404
    await agent.session.close()
