"""Files with the form: uploaded before it is sent, or sent with it by a browser without scripts."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import FormData

from case_store.tables_arrivals import arrivals
from case_store.tables_arrivals import uploads as uploads_table
from gateway.policy import Uploads as UploadPolicy
from gateway.policy import load_policy
from tests.pictures import picture

on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
STORY = "You took a fee of 300 yuan on 3 November and nobody told me about it"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def form(*files: tuple[str, bytes], **fields: str) -> FormData:
    # browsers write names as they are, in the page's UTF-8
    data = FormData({"what_happened": STORY, **fields}, default_to_multipart=True, quote_fields=False)
    for name, content in files:
        data.add_field("files", content, filename=name, content_type="application/octet-stream")
    return data


async def hand_in(desk: Any, body: Any, **headers: str) -> tuple[int, Any, Any]:
    told = {"Content_Type": "application/json", **headers} if isinstance(body, dict) else headers
    sent = json.dumps(body) if isinstance(body, dict) else body
    status, answered, read = await desk.send("POST", "/api/v1/complaints", sent, **told)
    return status, json.loads(read) if "json" in answered.get("Content-Type", "") else read.decode(), answered


def contents(desk: Any) -> list[tuple[str, bytes]]:
    return [(row.name, desk.gateway.files.get(row.digest)) for row in desk.attached()]


@on_each_database
async def test_uploads_made_before_go_with_the_form(desk: Any, png: bytes) -> None:
    ids = [await desk.uploaded(png, "photo.png"), await desk.uploaded(b"%PDF-1.7 x", "statement.pdf")]
    status, receipt, _ = await hand_in(desk, {"what_happened": STORY, "attachments": ids})
    assert (status, receipt["status"]) == (201, "filed")
    assert contents(desk) == [("photo.png", png), ("statement.pdf", b"%PDF-1.7 x")]
    assert {row.message for row in desk.attached()} == {1}
    [arrival] = desk.rows(sa.select(arrivals))
    assert (arrival.state, json.loads(arrival.raw)["what_happened"]) == ("read", STORY)
    assert {row.arrival_id for row in desk.attached()} == {arrival.id}


@on_each_database
async def test_a_browser_without_scripts_sends_its_files_with_the_form(desk: Any, png: bytes) -> None:
    sent = form(("照片.png", png), ("empty.txt", b""), name="Ann Lee")
    sent.add_field("files", b"", filename="")  # a field in which nothing was chosen
    status, _, answered = await hand_in(desk, sent, **PAGE)
    assert (status, answered["Location"].partition("?")[0]) == (303, "/thanks")
    assert contents(desk) == [("照片.png", png), ("empty.txt", b"")]
    page = (await desk.send("GET", answered["Location"] + "&lang=en"))[2].decode()
    assert re.search(r"Files received</dt><dd[^>]*>2</dd>", page)


async def test_a_file_that_is_not_taken_spoils_nothing_and_what_was_taken_is_kept_for_the_next_try(
    desk: Any, png: bytes
) -> None:
    sent = form(("photo.png", png), ("setup.pdf", b"MZ\x90\x00" + bytes(90)), locale="en", name="Ann Lee")
    status, page, _ = await hand_in(desk, sent, **PAGE)
    assert status == 422
    assert "“setup.pdf” is a program" in html.unescape(page)
    assert STORY in page
    assert "Ann Lee" in page
    assert "photo.png" in page
    kept = re.findall(r'name="attachments"[^>]*value="([^"]+)"', page)
    assert len(kept) == 1
    assert desk.attached() == []
    status, _, _ = await hand_in(desk, form(attachments=kept[0]), **PAGE)
    assert status == 303
    assert contents(desk) == [("photo.png", png)]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([("big.dat", bytes(70_000))], "larger than"),
        ([("page.html", b"<html>")], "web page"),
        ([("a.js", b"alert(1)")], "commands"),
        ([(f"{number}.txt", b"x") for number in range(4)], "at most 3"),
    ],
)
async def test_a_program_is_told_which_file_and_why(open_desk: Any, files: Any, told: str) -> None:
    policy = load_policy(None).model_copy(update={"uploads": UploadPolicy(per_message=3)})
    desk = await open_desk(policy=policy, max_message=65_536)
    status, problem, _ = await hand_in(desk, form(*files), Accept_Language="en")
    assert (status, problem["errors"][0]["field"]) == (422, "attachments")
    assert told in problem["errors"][0]["detail"]
    assert desk.said() == []


async def test_files_larger_together_than_any_body_of_ours_are_taken_one_by_one(desk: Any) -> None:
    files = [(f"{number}.dat", bytes([number]) * 900_000) for number in range(5)]
    assert (await hand_in(desk, form(*files)))[0] == 201
    assert contents(desk) == files


async def test_fields_are_as_bounded_as_ever(desk: Any) -> None:
    long = form()
    long.add_field("about", io.BytesIO(b"x" * 1_100_000), content_type="text/plain", filename="")
    assert (await hand_in(desk, long))[0] == 413
    assert (await hand_in(desk, form(**{f"field{number}": "x" for number in range(120)})))[0] == 400


async def test_the_same_form_again_is_one_complaint_with_its_files_once(desk: Any, png: bytes) -> None:
    key = {"Idempotency_Key": "form-1"}
    answers = [await hand_in(desk, form(("photo.png", png)), **key) for _ in range(3)]
    assert len({answer["reference"] for _, answer, _ in answers}) == 1
    assert contents(desk) == [("photo.png", png)]
    assert (await hand_in(desk, form(("photo.png", picture("PNG", (5, 5)))), **key))[0] == 422
    ids = [await desk.uploaded(b"words")]
    named = [await hand_in(desk, {"what_happened": STORY, "attachments": ids}, Idempotency_Key="2") for _ in range(3)]
    assert len({answer["reference"] for _, answer, _ in named}) == 1
    assert len(desk.attached()) == 2


async def test_an_upload_goes_with_one_complaint(desk: Any) -> None:
    ids = [await desk.uploaded(b"words")]
    assert (await hand_in(desk, {"what_happened": STORY, "attachments": ids}))[0] == 201
    status, problem, _ = await hand_in(desk, {"what_happened": "another", "attachments": ids})
    assert (status, problem["errors"][0]["field"]) == (422, "attachments")
    assert len(desk.said()) == len([row for row in desk.said() if row.text != "another"])


async def test_a_form_takes_no_upload_of_a_chat_nor_of_a_stranger(desk: Any) -> None:
    customer = await desk.chat()
    half = (await desk.begun(10)).rpartition("/")[2]
    for id in (await customer.upload(b"words"), half, "guessed", desk.gateway.tokens.sign_upload("0" * 32)):
        status, problem, _ = await hand_in(desk, {"what_happened": STORY, "attachments": [id]})
        assert (status, problem["errors"][0]["field"]) == (422, "attachments")
    assert desk.said() == []


async def test_what_a_form_that_breaks_off_has_sent_is_forgotten(desk: Any) -> None:
    host, _, port = desk.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /api/v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n")
    writer.write(b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n")
    writer.write(b'Content-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"x" * 50_000)
    await writer.drain()
    await desk.until(lambda: bool(desk.rows(sa.select(uploads_table))))
    writer.transport.abort()
    await desk.until(lambda: not desk.rows(sa.select(uploads_table)))
    assert list((desk.gateway.files.folder / "uploads").glob("*")) == []


async def test_a_clerk_enters_a_complaint_with_scans(desk: Any) -> None:
    key = desk.key("intake")
    ids = [await desk.uploaded(b"%PDF-1.7 letter", "letter.pdf", **key)]
    asked = {
        "what_happened": STORY,
        "channel": "letter",
        "received_at": "2026-11-20T10:00:00+08:00",
        "attachments": ids,
    }
    told = {"Content_Type": "application/json", **key}
    status, _, body = await desk.send("POST", "/api/v1/intake", json.dumps(asked), **told)
    assert status == 201, body
    assert contents(desk) == [("letter.pdf", b"%PDF-1.7 letter")]
    other = {"Content_Type": "application/json", **desk.key("intake")}
    status, _, body = await desk.send("POST", "/api/v1/intake", json.dumps(asked), **other)
    assert status == 422, "another machine's upload is not there"
