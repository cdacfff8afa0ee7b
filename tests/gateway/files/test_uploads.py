"""Uploads by tus: what is acknowledged is durable, whatever breaks off, races or lies; nobody finds another's."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import pieces
from case_store.pieces import Piece, Pieces
from case_store.tables_arrivals import uploads as rows
from gateway import uploads
from gateway.api import uploads as api
from gateway.api.keys import THROTTLE
from gateway.policy import Uploads as UploadPolicy
from gateway.policy import load_policy
from gateway.tokens import Tokens

on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
TEXT = b"A statement of account. " * 4000  # 96 kB
KEY = "0c1b5e0e-6f0a-4f0e-9d57-6f1f4c7d2b11"


def stored(desk: Any) -> list[Any]:
    return list(desk.rows(sa.select(rows).order_by(rows.c.id)))


def left(desk: Any) -> list[str]:
    """Names of the files of unfinished uploads."""
    folder = Pieces(desk.gateway.files.folder).folder
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


def come(desk: Any) -> int:
    """How many bytes of unfinished uploads have reached their files, counted or not."""
    return sum(path.stat().st_size for path in Pieces(desk.gateway.files.folder).folder.glob("*"))


# --- the protocol


async def test_what_a_server_can_do_is_told(desk: Any) -> None:
    status, headers, _ = await desk.send("OPTIONS", "/api/v1/uploads")
    assert status == 204
    assert (headers["Tus-Version"], headers["Tus-Max-Size"]) == ("1.0.0", "35000000")
    assert set(headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination", "checksum"}


@on_each_database
async def test_an_upload_in_pieces_becomes_whole(desk: Any) -> None:
    path = await desk.begun(len(TEXT), "对账单.txt")
    for start in range(0, len(TEXT), 40_000):
        status, headers, _ = await desk.patch(path, start, TEXT[start : start + 40_000])
        assert (status, headers["Upload-Offset"]) == (204, str(min(start + 40_000, len(TEXT))))
        assert headers["Upload-Expires"].endswith("GMT")
        assert (await desk.head(path))[1]["Upload-Offset"] == headers["Upload-Offset"]
    [row] = stored(desk)
    assert (row.state, row.sniffed_type, row.name) == ("whole", "text/plain", "对账单.txt")
    assert row.digest == hashlib.sha256(TEXT).hexdigest()
    assert left(desk) == [f"{row.id}.whole"]


async def test_an_empty_file_is_whole_at_once(desk: Any) -> None:
    path = await desk.begun(0)
    status, headers = await desk.head(path)
    assert (status, headers["Upload-Offset"], headers["Upload-Length"]) == (200, "0", "0")
    assert stored(desk)[0].state == "whole"


@on_each_database
async def test_the_same_creation_again_is_the_same_upload(desk: Any) -> None:
    first = await desk.create(10, Idempotency_Key=KEY)
    again = await desk.create(10, Idempotency_Key=KEY)
    assert (first[1]["Location"], again[1]["Idempotency-Replayed"]) == (again[1]["Location"], "true")
    assert (await desk.create(11, Idempotency_Key=KEY))[0] == 422
    assert len(stored(desk)) == 1


async def test_two_strangers_at_one_address_never_share_an_upload_by_a_key_that_both_thought_of(desk: Any) -> None:
    status, *_ = await desk.create(10, Idempotency_Key="upload-1")
    assert status == 400
    assert stored(desk) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "many"}, 400),
        ({"Upload_Length": "9" * 40}, 400),
        ({"Upload_Defer_Length": "1"}, 400),
        ({"Upload_Length": "35000001"}, 413),
        ({"Upload_Metadata": "filename not-base64!"}, 400),
        ({"Upload_Metadata": "filename " + base64.b64encode(b"\xff\xfe").decode()}, 400),
        ({"X_Chat_Session": "somebody's"}, 401),
        ({"Authorization": "Bearer qt_unknown"}, 401),
    ],
)
async def test_a_creation_that_is_none_is_refused_and_nothing_kept(desk: Any, headers: Any, status: int) -> None:
    assert (await desk.create(10, **headers))[0] == status
    assert stored(desk) == []


async def test_a_client_of_another_version_is_told_ours(desk: Any) -> None:
    _, headers, problem = await desk.create(10, Tus_Resumable="2.0.0")
    assert (headers["Tus-Version"], problem["code"]) == ("1.0.0", "tus_version")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@on_each_database
async def test_a_checksum_is_verified_and_a_wrong_one_takes_nothing(desk: Any, algorithm: str) -> None:
    path = await desk.begun(len(TEXT))
    right = base64.b64encode(hashlib.new(algorithm, TEXT).digest()).decode()
    wrong = base64.b64encode(hashlib.new(algorithm, b"other").digest()).decode()
    status, _, problem = await desk.patch(path, 0, TEXT, Upload_Checksum=f"{algorithm} {wrong}")
    assert (status, problem["code"]) == (460, "wrong_checksum")
    assert (await desk.head(path))[1]["Upload-Offset"] == "0"
    assert left(desk) == []
    assert (await desk.patch(path, 0, TEXT, Upload_Checksum=f"{algorithm} {right}"))[0] == 204
    assert (await desk.patch(path, 0, TEXT, Upload_Checksum="crc32 AAAA"))[0] == 400


@on_each_database
async def test_an_upload_that_is_not_wanted_any_more_is_gone(desk: Any) -> None:
    path = await desk.begun(len(TEXT))
    await desk.patch(path, 0, TEXT[:50_000])
    assert (await desk.send("DELETE", path, Tus_Resumable="1.0.0"))[0] == 204
    assert (await desk.head(path))[0] == 404
    assert (await desk.patch(path, 50_000, b"x"))[0] == 404
    assert (stored(desk), left(desk)) == ([], [])


# --- lies and races


@pytest.mark.parametrize("offset", [0, 1, 49_999, 50_001, 96_000, 10**14])
async def test_an_offset_that_is_not_the_next_is_refused_and_the_right_one_told(desk: Any, offset: int) -> None:
    path = await desk.begun(len(TEXT))
    await desk.patch(path, 0, TEXT[:50_000])
    status, headers, problem = await desk.patch(path, offset, b"x" * 10)
    assert (status, headers["Upload-Offset"], problem["offset"]) == (409, "50000", 50_000)
    await desk.patch(path, 50_000, TEXT[50_000:])
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


@pytest.mark.parametrize("told", ["", "-1", "1.5", "0x10", "٣"])
async def test_an_offset_that_is_no_number_is_refused(desk: Any, told: str) -> None:
    path = await desk.begun(10)
    assert (await desk.patch(path, 0, b"x", Upload_Offset=told))[0] == 400


async def test_more_than_the_length_is_refused_and_nothing_of_it_taken(desk: Any) -> None:
    path = await desk.begun(10)
    assert (await desk.patch(path, 0, b"x" * 11))[0] == 413

    async def without_a_length() -> AsyncIterator[bytes]:
        yield b"x" * 5
        yield b"x" * 6

    assert (await desk.patch(path, 0, without_a_length()))[0] == 413
    assert (await desk.head(path))[1]["Upload-Offset"] == "0"
    assert left(desk) == []


@on_each_database
async def test_nothing_can_be_added_to_a_finished_upload(desk: Any) -> None:
    path = await desk.begun(5)
    assert (await desk.patch(path, 0, b"hello"))[0] == 204
    digest = stored(desk)[0].digest
    assert (await desk.patch(path, 5, b""))[0] == 204  # a client that lost the answer asks again
    assert (await desk.patch(path, 5, b"more"))[0] == 413
    assert (await desk.patch(path, 0, b"jello"))[0] == 409
    assert stored(desk)[0].digest == digest


@on_each_database
async def test_of_several_that_add_at_once_the_bytes_of_one_count_at_each_place(desk: Any) -> None:
    path = await desk.begun(len(TEXT))
    others = [bytes([letter]) * len(TEXT) for letter in b"abcdef"]
    answers = await asyncio.gather(*(desk.patch(path, 0, content) for content in others))
    assert {status for status, _, _ in answers} <= {204, 409}
    offset = int((await desk.head(path))[1]["Upload-Offset"])
    if offset < len(TEXT):
        await desk.patch(path, offset, b"z" * (len(TEXT) - offset))
    [row] = stored(desk)
    content = Pieces(desk.gateway.files.folder).whole(row.id).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (len(TEXT), row.digest)
    assert {*content[:offset]} == {content[0]}, "what two requests sent is mixed"


async def test_a_client_that_comes_back_does_not_wait_for_its_dead_connection(desk: Any) -> None:
    path = await desk.begun(len(TEXT))
    gone = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        yield TEXT[:10_000]
        await gone.wait()

    stalled = asyncio.create_task(desk.patch(path, 0, stalls()))
    await desk.until(lambda: stored(desk)[0].lease is not None)
    assert (await desk.patch(path, 0, TEXT))[0] == 204  # nothing of the first was acknowledged yet
    gone.set()
    assert (await stalled)[0] == 409
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


@on_each_database
async def test_what_a_request_writes_after_losing_its_lease_never_counts(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "CHECKPOINT", 20_000)
    monkeypatch.setattr(uploads, "BUFFER", 1)
    path = await desk.begun(len(TEXT))
    more = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield TEXT[:30_000]
        await more.wait()
        yield b"#" * 60_000

    first = asyncio.create_task(desk.patch(path, 0, slow()))
    await desk.until(lambda: stored(desk)[0].taken == 30_000)
    half = asyncio.create_task(desk.patch(path, 30_000, TEXT[30_000:60_000]))
    assert (await half)[0] == 204
    more.set()  # the first goes on writing into its own piece
    assert (await first)[0] == 409
    await desk.patch(path, 60_000, TEXT[60_000:])
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


@on_each_database
async def test_very_many_small_pieces_are_joined_on_the_way(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("case_store.uploads.MOST_PIECES", 5)
    content = bytes(range(40))
    path = await desk.begun(len(content), "a.bin")
    for place in range(len(content)):
        assert (await desk.patch(path, place, content[place : place + 1]))[0] == 204
        assert len(stored(desk)[0].pieces) <= 5
    assert stored(desk)[0].digest == hashlib.sha256(content).hexdigest()
    assert len(left(desk)) == 1


# --- slow, lost, full


async def test_a_body_that_stops_coming_is_ended_and_what_came_counts(desk: Any, monkeypatch: Any) -> None:
    path = await desk.begun(len(TEXT))

    async def slow_loris() -> AsyncIterator[bytes]:
        yield TEXT[:10_000]
        await asyncio.sleep(300)

    with monkeypatch.context() as hurried:
        hurried.setattr(api, "SILENCE", 2)
        status, _, problem = await asyncio.wait_for(desk.patch(path, 0, slow_loris()), 60)
    assert (status, problem["code"]) == (408, "broken_off")
    assert (await desk.head(path))[1]["Upload-Offset"] == "10000"
    assert (await desk.patch(path, 10_000, TEXT[10_000:]))[0] == 204
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


async def test_a_body_that_trickles_for_ever_is_ended(desk: Any, monkeypatch: Any) -> None:
    path = await desk.begun(len(TEXT))

    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    with monkeypatch.context() as hurried:
        hurried.setattr(api, "LONGEST", 2)
        assert (await asyncio.wait_for(desk.patch(path, 0, trickle()), 60))[0] == 408
    assert 0 < int((await desk.head(path))[1]["Upload-Offset"]) < 100


async def test_a_connection_that_is_lost_leaves_what_came(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "BUFFER", 1)
    path = await desk.begun(len(TEXT))
    host, _, port = desk.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
    writer.write(f"{head}Content-Type: application/offset+octet-stream\r\nContent-Length: {len(TEXT)}\r\n\r\n".encode())
    writer.write(TEXT[:30_000])
    await writer.drain()
    await desk.until(lambda: come(desk) == 30_000)
    writer.transport.abort()
    await desk.until(lambda: stored(desk)[0].taken == 30_000)
    assert (await desk.patch(path, 30_000, TEXT[30_000:]))[0] == 204
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


async def test_a_network_sends_only_so_many_at_once(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(api, "AT_ONCE", 2)
    done = asyncio.Event()

    async def waits() -> AsyncIterator[bytes]:
        yield b"x"
        await done.wait()

    paths = [await desk.begun(10) for _ in range(3)]
    held = [asyncio.create_task(desk.patch(path, 0, waits())) for path in paths[:2]]
    await desk.until(lambda: desk.app[api.SENDING].total() == 2)
    status, headers, _ = await desk.patch(paths[2], 0, b"x")
    assert (status, headers["Retry-After"]) == (429, "5")
    done.set()
    assert [(await one)[0] for one in held] == [204, 204]
    assert desk.app[api.SENDING].total() == 0
    assert (await desk.patch(paths[2], 0, b"x"))[0] == 204


@pytest.mark.parametrize(("reason", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
@pytest.mark.parametrize("when", ["write", "sync"])
async def test_a_full_disk_is_told_and_the_offset_stays(
    desk: Any, monkeypatch: Any, reason: int, status: int, when: str
) -> None:
    path = await desk.begun(len(TEXT))
    assert (await desk.patch(path, 0, TEXT[:20_000]))[0] == 204

    def full(*_: Any) -> None:
        raise pieces.failed(OSError(reason, os.strerror(reason)))

    with monkeypatch.context() as patched:
        patched.setattr(Piece, when, full)
        answered, headers, problem = await desk.patch(path, 20_000, TEXT[20_000:])
    assert (answered, "Retry-After" in headers) == (status, True)
    assert problem["told"]
    assert (await desk.head(path))[1]["Upload-Offset"] == "20000"
    assert len(left(desk)) == 1, "what was not counted is gone"
    assert (await desk.patch(path, 20_000, TEXT[20_000:]))[0] == 204
    assert stored(desk)[0].digest == hashlib.sha256(TEXT).hexdigest()


async def test_a_disk_that_is_nearly_full_is_kept_for_what_was_accepted(desk: Any, monkeypatch: Any) -> None:
    usage = shutil.disk_usage(desk.gateway.settings.data_dir)._replace(free=api.RESERVE + 1000)
    monkeypatch.setattr(api.shutil, "disk_usage", lambda _: usage)
    assert (await desk.create(1000))[0] == 201
    status, _, problem = await desk.create(1001, "账单.pdf", Accept_Language="zh-CN")
    assert (status, problem["code"]) == (507, "no_room")
    assert "账单.pdf" in problem["told"]


async def test_a_store_that_is_away_takes_nothing_and_the_offset_stays(desk: Any, monkeypatch: Any) -> None:
    from case_store.store import StoreUnavailable

    path = await desk.begun(len(TEXT))
    write, asked = desk.store.write, []

    async def gone_when_counting(unit: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(unit)
        if len(asked) == 2:  # the lease was had, the count is not
            raise StoreUnavailable("the database is gone")
        return await write(unit, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "write", gone_when_counting)
        assert (await desk.patch(path, 0, TEXT))[0] == 503
    assert (await desk.head(path))[1]["Upload-Offset"] == "0"
    assert (await desk.patch(path, 0, TEXT))[0] == 204


# --- a process that dies


@on_each_database
async def test_an_upload_whose_process_died_after_the_last_byte_is_finished_when_it_is_asked_for(
    desk: Any, monkeypatch: Any
) -> None:
    path = await desk.begun(len(TEXT))

    async def dies(*_: Any) -> Any:
        raise SystemError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "finished", dies)
        assert (await desk.patch(path, 0, TEXT))[0] == 500
    assert stored(desk)[0].state == "open"
    status, headers = await desk.head(path)
    assert (status, headers["Upload-Offset"]) == (200, str(len(TEXT)))
    assert (stored(desk)[0].state, stored(desk)[0].digest) == ("whole", hashlib.sha256(TEXT).hexdigest())


async def test_an_upload_whose_bytes_are_gone_is_told_gone(desk: Any) -> None:
    path = await desk.begun(len(TEXT))
    await desk.patch(path, 0, TEXT[:50_000])
    shutil.rmtree(Pieces(desk.gateway.files.folder).folder)  # as after a restore: a backup has no half uploads
    status, _, _ = await desk.patch(path, 50_000, TEXT[50_000:])
    assert status == 404
    assert stored(desk) == []


@on_each_database
async def test_what_is_not_finished_in_time_is_forgotten_with_its_bytes(desk: Any) -> None:
    half, whole, young = await desk.begun(len(TEXT)), await desk.begun(5), await desk.begun(100)
    await desk.patch(half, 0, TEXT[:50_000])
    await desk.patch(whole, 0, b"whole")
    await desk.patch(young, 0, b"young")
    old = list(Pieces(desk.gateway.files.folder).folder.glob("*"))
    later = stored(desk)[2].expires_at
    first_two = [row.id for row in stored(desk)[:2]]
    expired = sa.update(rows).where(rows.c.id.in_(first_two)).values(expires_at=rows.c.created_at)
    desk.store.write_now(lambda tx: tx.execute(expired))
    assert (await desk.head(half))[0] == (await desk.head(whole))[0] == 404
    for path in old:
        os.utime(path, (0, 0))
    await uploads.sweep(desk.gateway)
    assert [(row.name, row.expires_at) for row in stored(desk)] == [("statement.pdf", later)]
    assert [name.partition(".")[0] for name in left(desk)] == [stored(desk)[0].id]
    assert (await desk.patch(young, 5, b"x" * 95))[0] == 204


async def test_bytes_that_no_row_names_are_swept_and_young_ones_stay(desk: Any) -> None:
    folder = Pieces(desk.gateway.files.folder).folder
    folder.mkdir(parents=True)
    for name in ("0" * 32 + ".old.piece", "notes.txt", "1" * 32 + ".young.piece"):
        (folder / name).write_bytes(b"x")
    for name in ("0" * 32 + ".old.piece", "notes.txt"):
        os.utime(folder / name, (0, 0))
    await uploads.sweep(desk.gateway)
    assert left(desk) == ["1" * 32 + ".young.piece"]


# --- whose


@on_each_database
async def test_an_upload_of_another_session_is_not_there(desk: Any) -> None:
    ann, bob = await desk.chat(), await desk.chat()
    path = await desk.begun(len(TEXT), **ann.header)
    for stranger in (bob.header, {}, desk.key("conversations:write")):
        assert (await desk.head(path, **stranger))[0] == 404
        assert (await desk.patch(path, 0, TEXT, **stranger))[0] == 404
        assert (await desk.send("DELETE", path, Tus_Resumable="1.0.0", **stranger))[0] == 404
    assert (await desk.patch(path, 0, TEXT, **ann.header))[0] == 204


async def test_an_id_that_was_not_signed_here_is_not_there(desk: Any) -> None:
    path = await desk.begun(10)
    [row] = stored(desk)
    place, _, signed = path.rpartition("/")
    other = Tokens(b"o" * 32)
    for id in (row.id, other.sign_upload(row.id), signed[:-1], signed.swapcase(), "..%2f..%2fetc%2fpasswd", "%00"):
        status, _, _ = await desk.send("HEAD", f"{place}/{id}", Tus_Resumable="1.0.0")
        assert status in (400, 404), id


@pytest.mark.parametrize(
    ("scopes", "status"), [(["cases:read"], 403), (["intake"], 201), (["conversations:write"], 201), (["admin"], 201)]
)
async def test_a_machine_needs_a_scope(desk: Any, scopes: list[str], status: int) -> None:
    assert (await desk.create(10, **desk.key(*scopes)))[0] == status


async def test_an_agent_uploads_with_the_session_and_its_token(desk: Any) -> None:
    agent = await desk.agent()
    cookies = "; ".join(f"{one.key}={one.value}" for one in agent.session.cookie_jar)
    status, headers, _ = await desk.create(4, Cookie=cookies, X_CSRF_Token=agent.headers["X-CSRF-Token"])
    assert status == 201
    assert stored(desk)[0].owner.startswith("agent:")
    assert (await desk.create(4, Cookie=cookies, X_CSRF_Token="wrong"))[0] == 403
    assert (await desk.head(headers["Location"]))[0] == 404, "without the session it is nobody's"
    await agent.session.close()


# --- how much


def policy(**limits: int) -> Any:
    return load_policy(None).model_copy(update={"uploads": UploadPolicy(**limits)})


async def test_ten_thousand_tiny_uploads_from_one_address_are_stopped(open_desk: Any) -> None:
    desk = await open_desk(limits={"uploads": "120 per minute"})
    desk.app[THROTTLE]._clock = lambda: 1000.0  # what comes in a minute takes longer on a machine that is busy
    answers = [(await desk.create(1))[0] for _ in range(200)]
    assert answers.count(201) == 120
    assert set(answers[120:]) == {429}
    assert len(stored(desk)) == 120


@pytest.mark.parametrize(
    ("limits", "chat", "sizes", "limit"),
    [
        ({"per_day": 3}, True, [1, 1, 1, 1], "per_day"),
        ({"megabytes_per_day": 1}, True, [600_000, 400_000, 1], "bytes_per_day"),
        ({"per_address_per_day": 2}, False, [1, 1, 1], "per_address_per_day"),
        ({"megabytes_per_address_per_day": 1}, False, [999_999, 2], "bytes_per_address_per_day"),
    ],
)
@on_each_database
async def test_a_day_has_its_limits(open_desk: Any, limits: Any, chat: bool, sizes: list[int], limit: str) -> None:
    desk = await open_desk(policy=policy(**limits))
    header = (await desk.chat()).header if chat else {}
    *taken, last = sizes
    for size in taken:
        await desk.begun(size, **header)
    status, headers, problem = await desk.create(last, Accept_Language="en", **header)
    assert (status, problem["limit"]) == (429, limit)
    assert int(headers["Retry-After"]) > 0
    assert "tomorrow" in problem["told"]
    if chat:
        assert (await desk.create(last, **(await desk.chat()).header))[0] == 201, "another chat has its own day"


async def test_who_works_here_is_not_limited(open_desk: Any) -> None:
    desk = await open_desk(policy=policy(per_address_per_day=1))
    key = desk.key("intake")
    assert [(await desk.create(1, **key))[0] for _ in range(3)] == [201] * 3


async def test_no_address_is_kept_only_a_digest_of_it(desk: Any) -> None:
    await desk.begun(1)
    [row] = stored(desk)
    assert "127.0.0.1" not in str(row)
    assert len(row.network) == 64


# --- what


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("photo.jpg", b"MZ\x90\x00" + bytes(300), "executable"),
        ("photo.jpg", b"\x7fELF\x02\x01\x01" + bytes(300), "executable"),
        ("statement.pdf", b"<!DOCTYPE html><script>alert(1)</script>", "markup"),
        ("logo.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "markup"),
        ("notes.txt", b"#!/bin/sh\nrm -rf /\n", "script"),
        ("invoice.js", b"new ActiveXObject('WScript.Shell')", "script"),
    ],
)
@pytest.mark.parametrize(("language", "words"), [("en", "we can't take"), ("zh-CN", "不接收"), ("zh-HK", "不接收")])
async def test_what_would_run_is_refused_in_the_customers_language_and_forgotten(
    desk: Any, name: str, content: bytes, refusal: str, language: str, words: str
) -> None:
    path = await desk.begun(len(content), name)
    status, _, problem = await desk.patch(path, 0, content, Accept_Language=language)
    assert (status, problem["code"], problem["refusal"]) == (415, "refused_type", refusal)
    assert words in problem["told"]
    assert name in problem["told"]
    assert left(desk) == []
    assert (await desk.head(path))[0] == 415
    assert (await desk.patch(path, len(content), b""))[0] == 415


async def test_a_large_program_is_refused_after_its_first_megabytes(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "CHECKPOINT", 300_000)
    read = 0

    async def program() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(300):
            yield b"MZ\x90\x00" + bytes(99_996)
            read += 1

    path = await desk.begun(30_000_000, "setup.pdf")
    status, _, problem = await desk.patch(path, 0, program())
    assert (status, problem["code"], problem["refusal"]) == (415, "refused_type", "executable")
    assert read < 250
    assert left(desk) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\drivers.txt", "drivers.txt"),
        ("/etc/shadow", "shadow"),
        ("a\x00b.pdf", "ab.pdf"),
        ("statement\u202efdp.exe.pdf", "statementfdp.exe.pdf"),
        ("", "file"),
        ("x" * 5000 + ".pdf", "x" * 145 + "….pdf"),
    ],
)
async def test_a_name_is_a_label_and_never_a_path(desk: Any, given: str, kept: str) -> None:
    await desk.uploaded(b"hello", given)
    [row] = stored(desk)
    assert row.name == kept
    assert Path(left(desk)[0]).name == f"{row.id}.whole"
