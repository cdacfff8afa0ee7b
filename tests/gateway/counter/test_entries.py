"""What agents enter: letters, visits and calls with their files, kept whole and once, and whom they tell."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import papers
from case_store.files import named_digests
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import attachments, messages
from tests.gateway.counter.desk import LETTER, PHOTO, form


async def test_a_letter_keeps_when_it_came_apart_from_when_it_was_entered(counter: Any) -> None:
    before = datetime.now(UTC)
    case = await counter.enter()
    assert case.received_at.isoformat() == "2026-11-20T02:00:00+00:00"
    assert before <= case.entered_at <= case.registered_at
    assert (case.channel, case.facts.name, str(case.facts.amount.value)) == ("letter", "江敏", "23000.00")
    known = counter.store.read_now(papers.papers_of, case.id)
    assert (known.taken_by, known.taken_post) == ("林悦", "客户关系经理")
    entered = next(event for event in counter.events(case.id) if event.action == "entered")
    assert (entered.actor, entered.detail["taken_by"]) == ("agent:林悦", "林悦")


@pytest.mark.parametrize("files", [{}, {"file": ("1.jpg", PHOTO)}], ids=["form", "with a file"])
async def test_an_amount_written_as_an_object_in_a_form_is_an_amount(counter: Any, files: Any) -> None:
    case = await counter.enter(files, amount='{"value": "23000", "currency": "CNY"}')
    assert (str(case.facts.amount.value), case.facts.amount.currency) == ("23000.00", "CNY")
    assert "amount" not in case.words


async def test_an_amount_in_a_form_that_is_half_an_object_is_refused_by_name(counter: Any) -> None:
    status, told = await counter.try_to_enter({}, amount='{"value": "23000"')
    assert (status, [error["field"] for error in told["errors"]]) == (422, ["amount"])


async def test_an_amount_in_a_form_may_be_said_in_words(counter: Any) -> None:
    case = await counter.enter({}, amount="两万多")
    assert case.words["amount"] == "两万多"


async def test_files_are_kept_byte_for_byte_with_the_entry_and_typed_by_what_they_are(counter: Any) -> None:
    files = {"file": ("来信 1.pdf", PHOTO), "file#2": ("..\\..\\boot.ini", b"%PDF-1.7\n1 0 obj")}
    case = await counter.enter(files)
    _, shown = await counter.get(f"/cases/{case.id}/papers")
    assert [(one["name"], one["media_type"], one["purpose"]) for one in shown["files"]] == [
        ("来信 1.pdf", "image/jpeg", "scan"),
        ("boot.ini", "application/pdf", "scan"),
    ]
    [row, _] = counter.rows(sa.select(attachments).order_by(attachments.c.id))
    assert row.part is None
    assert counter.files.get(row.digest) == PHOTO
    assert row.message == 1
    told = counter.detail(case.id, "entered")["files"]
    assert told[0]["sha256"] == hashlib.sha256(PHOTO).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("photo.jpg", b"MZ\x90\x00" + bytes(200), "executable"),
        ("statement.pdf", b"<html><script>alert(1)</script>", "markup"),
        ("note.js", b"WScript.Echo('a')", "script"),
    ],
)
async def test_what_would_run_is_refused_at_the_counter_as_in_the_chat(
    counter: Any, name: str, content: bytes, refusal: str
) -> None:
    status, told = await counter.post(
        "/intake", data=form(LETTER, {"file": ("a.jpg", PHOTO), "file#2": (name, content)})
    )
    assert (status, told["refusal"]) == (415, refusal)
    assert name in told["told"]
    assert counter.rows(sa.select(arrivals)) == []
    assert counter.rows(sa.select(attachments)) == []


@pytest.mark.parametrize("channel", ["letter", "counter", "phone"])
async def test_the_record_holds_no_words_that_nobody_was_told(counter: Any, channel: str) -> None:
    await counter.enter(channel=channel)
    assert counter.rows(sa.select(messages.c.sender)) == [("customer",)]


@pytest.mark.parametrize(
    ("given", "incomplete"),
    [({}, True), ({"postal_address": "杭州滨江路 1 号"}, False), ({"contact": "a@example.com"}, False)],
)
async def test_who_can_be_written_to_by_post_has_left_nothing_out(
    counter: Any, given: dict[str, str], incomplete: bool
) -> None:
    assert (await counter.enter(**given)).incomplete is incomplete


async def test_the_entry_itself_stands_in_the_ledger_and_names_its_files(counter: Any) -> None:
    case = await counter.enter({"file": ("a.jpg", PHOTO)}, handed_in_by="江小敏")
    [arrival] = counter.rows(sa.select(arrivals))
    assert (arrival.state, arrival.channel, arrival.due_at) == ("read", "letter", None)
    written = json.loads(arrival.raw)
    assert (written["what_happened"], written["handed_in_by"]) == (LETTER["what_happened"], "江小敏")
    assert written["files"][0]["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    [message] = counter.rows(sa.select(messages.c.arrival_id).where(messages.c.number == 1))
    assert message.arrival_id == arrival.id
    assert arrival.became == [{"conversation": case.conversations[0], "message": 1}]


async def test_a_very_long_entry_goes_into_the_files_and_no_sweep_takes_it(counter: Any) -> None:
    await counter.enter(what_happened="上周买的理财亏了两万多。" * 2000)
    [arrival] = counter.rows(sa.select(arrivals))
    assert arrival.raw is None
    assert len(counter.files.get(arrival.digest)) == arrival.size > 48 * 1024
    assert arrival.digest in counter.store.read_now(named_digests)


async def test_the_same_entry_again_is_one_case_with_one_set_of_files(counter: Any) -> None:
    files, key = {"file": ("a.jpg", PHOTO)}, {"Idempotency-Key": "entry-1"}
    answers = await asyncio.gather(*(counter.post("/intake", data=form(LETTER, files), headers=key) for _ in range(4)))
    assert {status for status, _ in answers} == {201}
    assert len({receipt["reference"] for _, receipt in answers}) == 1
    assert len(counter.rows(sa.select(cases.c.id))) == 1
    assert len(counter.rows(sa.select(attachments.c.id))) == 1
    status, problem = await counter.post("/intake", data=form(LETTER, {"file": ("a.jpg", PHOTO + b"x")}), headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"received_at": "2126-01-01T00:00:00+08:00"}, "received_at"),
        ({"representatives": [{"name": f"代表{n}"} for n in range(6)]}, "representatives"),
        ({"representatives": [{"name": ""}]}, "representatives.0.name"),
        ({"members": 2, "representatives": [{"name": f"代表{n}"} for n in range(3)]}, "members"),
        ({"members": 1}, "members"),
        ({"proxy": {"relation": "女儿"}}, "proxy.name"),
        ({"proxy": {"name": "江小敏", "contact": "hello"}}, "proxy.contact"),
        ({"proxy": {"name": "江小敏", "valid_until": "2020-01-01"}}, "proxy.valid_until"),
        ({"contact": "a@b.example", "proxy": {"name": "江小敏", "contact": "A@b.example"}}, "proxy.contact"),
        ({"postal_address": "x" * 501}, "postal_address"),
        ({"what_happened": " "}, "what_happened"),
        ({"channel": "fax"}, "channel"),
    ],
)
async def test_an_entry_that_is_wrong_says_where(sqlite_counter: Any, change: dict[str, Any], field: str) -> None:
    status, problem = await sqlite_counter.try_to_enter(**change)
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert sqlite_counter.rows(sa.select(cases.c.id)) == []


async def test_a_sixth_representative_is_refused_with_the_rule_and_five_are_taken(counter: Any) -> None:
    people = [{"name": f"代表{number}", "contact": "139 0000 1111"} for number in range(6)]
    _, problem = await counter.try_to_enter(representatives=people)
    assert "at most 5 representatives" in problem["detail"]
    case = await counter.enter(representatives=people[:5], members=40)
    _, shown = await counter.get(f"/cases/{case.id}/papers")
    assert (shown["members"], [one["name"] for one in shown["representatives"]]) == (
        40,
        [one["name"] for one in people[:5]],
    )
    assert shown["representatives"][0]["contact"] == "+8613900001111"


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ({"file": ("a.bin", b"x" * 300_000)}, 413, "too_large"),
        ({f"file#{n}": (f"{n}.bin", b"x") for n in range(21)}, 422, "invalid"),
        ({"photo": ("a.jpg", PHOTO)}, 422, "invalid"),
        ({"mandate": ("a.pdf", PHOTO)}, 422, "invalid"),  # of nobody
    ],
)
async def test_files_that_can_not_be_taken_leave_nothing(
    sqlite_counter: Any, files: Any, status: int, code: str
) -> None:
    answered, problem = await sqlite_counter.try_to_enter(files)
    assert (answered, problem["code"]) == (status, code)
    assert sqlite_counter.rows(sa.select(cases.c.id)) == []
    assert sqlite_counter.rows(sa.select(arrivals.c.id)) == []


async def test_a_body_that_claims_an_encoding_is_refused_rather_than_kept_changed(sqlite_counter: Any) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    status, problem = await sqlite_counter.post("/intake", data=body, headers=kind)
    assert (status, problem["code"]) == (400, "encoded_part")


async def test_what_a_machine_enters_names_its_key(open_counter: Any) -> None:
    robot = await open_counter("intake")
    case = await robot.enter(channel="counter")
    assert robot.store.read_now(papers.papers_of, case.id).taken_by == "robot"
    assert (await robot.get(f"/cases/{case.id}/papers"))[0] == 403
    assert (await robot.get(f"/cases/{case.id}/receipt.pdf"))[0] == 403


# files that come later ------------------------------------------------------------------------------------------


async def test_what_is_handed_in_later_joins_the_case_and_makes_the_bot_say_nothing(counter: Any) -> None:
    case = await counter.enter()
    asked = {"note": "合同复印件", "handed_in_by": "江小敏", "channel": "letter"}
    status, shown = await counter.post(
        f"/cases/{case.reference}/files", data=form(asked, {"file": ("合同.jpg", PHOTO)})
    )
    assert status == 201
    assert [one["name"] for one in shown["files"]] == ["合同.jpg"]
    said = counter.rows(sa.select(messages).where(messages.c.sender == "customer").order_by(messages.c.number))
    assert [(one.text, one.name) for one in said][-1] == ("合同复印件", "江小敏")
    after = counter.case(case.id)
    assert after.version > case.version
    assert after.conversations == case.conversations
    assert counter.detail(case.id, "files_added")["files"][0]["name"] == "合同.jpg"


async def test_nothing_at_all_can_not_be_handed_in(sqlite_counter: Any) -> None:
    case = await sqlite_counter.enter()
    assert (await sqlite_counter.post(f"/cases/{case.id}/files", {}))[0] == 422
    assert (await sqlite_counter.post("/cases/no-such-case/files", {"note": "x"}))[0] == 404


# whom an entry tells --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "contact", "kind"),
    [
        ("letter", None, "letter"),
        ("letter", "139 0000 1111", "call_back"),
        ("phone", "139 0000 1111", "call_back"),
        ("counter", None, "letter"),
        ("letter", "typed@example.com", "letter"),  # an address that was only typed is told no facts
    ],
)
async def test_who_handed_in_by_hand_is_told_by_a_person(
    sqlite_counter: Any, channel: str, contact: str | None, kind: str
) -> None:
    case = await sqlite_counter.enter(
        channel=channel, contact=contact, postal_address="上海市浦东新区\n世纪大道 100 号"
    )
    [task] = await sqlite_counter.tasks()
    assert (task["kind"], task["case"], task["reference"]) == (kind, case.id, case.reference)
    assert case.reference in task["words"]
    assert task["to"]["name"] == "江敏"
    assert task["to"]["postal_address"] == "上海市浦东新区\n世纪大道 100 号"
    assert task["to"]["phones"] == (["+8613900001111"] if kind == "call_back" else [])
    assert task["due_at"]
    assert not task["overdue"]
    assert "told" not in sqlite_counter.actions(case.id)
    assert sqlite_counter.detail(case.id, "to_be_told")["kind"] == kind


async def test_the_receipt_in_hand_tells_that_the_complaint_is_registered(counter: Any) -> None:
    case = await counter.enter(channel="counter")
    status, answer = await counter.post(f"/cases/{case.reference}/receipt", {"note": "当面"})
    assert (status, answer) == (200, {"reference": case.reference, "told": True})
    assert await counter.tasks() == []
    told = counter.detail(case.id, "told")
    assert (told["how"], told["occasion"].partition(":")[0], told["note"]) == ("handed_over", "case_filed", "当面")
