"""The online form, what clerks enter, and the look-up of a status by strangers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import FormData

from case_store import case_lists
from case_store.case_lists import CaseFilter
from case_store.case_record import CaseRecord
from case_store.records import Status
from case_store.reference import parse_reference
from gateway.complaint import read_receipt
from gateway.context import GATEWAY

FORM = {
    "what_happened": "上周买的理财亏了两万多",
    "name": "江敏",
    "contact": "139 0000 1111",
    "occurred_on": "2026-11",
    "about": "滨江支行",
    "amount": {"value": "23000", "currency": "CNY"},
    "desired_outcome": "补足本金",
    "locale": "zh-CN",
}


def all_cases(house: Any) -> list[CaseRecord]:
    return list(house.store.read_now(case_lists.listing, CaseFilter(), 1000))


async def test_a_complaint_by_the_form_gets_its_number_and_its_date(house: Any, browser: Any) -> None:
    status, answer, _ = await (await browser()).post("/api/v1/complaints", FORM)
    assert (status, answer["status"], answer["feedback_due"]) == (201, "filed", "2026-12-02")
    assert parse_reference(answer["reference"]) == answer["reference"]
    [record] = all_cases(house)
    assert (record.channel, record.facts.contact, record.facts.name) == ("webform", "+8613900001111", "江敏")
    assert (record.facts.occurred_on.text, str(record.facts.amount.value)) == ("2026-11", "23000.00")
    assert record.received_at.isoformat() == answer["received_at"]


@pytest.mark.parametrize("multipart", [False, True])
async def test_the_form_works_as_a_form(house: Any, browser: Any, multipart: bool) -> None:
    fields = {
        "what_happened": "亂收年費",
        "contact": "a@EXAMPLE.com",
        "amount": "一千八",
        "locale": "zh-HK",
        "name": "",
    }
    data = FormData(fields, default_to_multipart=multipart)
    assert (await (await browser()).send("POST", "/api/v1/complaints", data=data))[0] == 201
    [record] = all_cases(house)
    assert (record.facts.contact, record.language, record.facts.name) == ("a@example.com", "zh-Hant", None)


async def test_a_browser_without_scripts_is_sent_on_to_a_page_that_nobody_can_make_up(house: Any, browser: Any) -> None:
    anyone = await browser()
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    status, _, answer = await anyone.send(
        "POST", "/api/v1/complaints", data={"what_happened": "x"}, headers=headers, allow_redirects=False
    )
    assert status == 303
    path, _, signed = answer.headers["Location"].partition("?receipt=")
    tokens = house.app[GATEWAY].tokens
    assert path == "/thanks"
    assert read_receipt(tokens, signed)["reference"] == all_cases(house)[0].reference
    changed = signed[:-10] + ("A" if signed[-10] != "A" else "B") + signed[-9:]  # the last character has spare bits
    assert read_receipt(tokens, changed) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"what_happened": None}, "what_happened"),
        ({"what_happened": " \n "}, "what_happened"),
        ({"what_happened": "x" * 50_001}, "what_happened"),
        ({"what_happened": "\x00"}, "what_happened"),
        ({"contact": "call me"}, "contact"),
        ({"contact": "1" * 400}, "contact"),
        ({"locale": "fr"}, "locale"),
        ({"amount": {"value": "many", "currency": "CNY"}}, "amount.Amount.value"),
        ({"channel": "phone"}, "channel"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_taken(house: Any, browser: Any, change: Any, field: str) -> None:
    status, problem, _ = await (await browser()).post("/api/v1/complaints", {**FORM, **change})
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert all_cases(house) == []


async def test_a_form_without_what_happened_is_refused(browser: Any) -> None:
    status, problem, _ = await (await browser()).post("/api/v1/complaints", {"name": "x"})
    assert (status, problem["errors"][0]) == (422, {"field": "what_happened", "detail": "is required"})


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nTrue--b--\r\n",
        b"--b\r\nno colon\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\n" + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a\x00b"\r\n\r\nx\r\n--b--\r\n',
    ],
    ids=["no header ends", "a header that is none", "a header without end", "NUL in a header"],
)
async def test_a_form_whose_parts_can_not_be_read_is_refused_and_not_our_fault(
    house: Any, browser: Any, body: bytes
) -> None:
    stranger = await browser()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status, problem, _ = await stranger.send("POST", "/api/v1/complaints", data=body, headers=headers)
    assert (status, problem["status"]) == (400, 400)


async def test_json_that_is_sent_as_a_form_is_told_so(house: Any, browser: Any) -> None:
    """`curl -d '{…}'`, where nobody says what it is."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = (await browser()).send("POST", "/api/v1/complaints", data=b' {"what_happened": "x"}', headers=headers)
    status, problem, _ = await sent
    assert (status, problem["code"]) == (415, "unsupported_media_type")
    assert "application/json" in problem["detail"]
    assert all_cases(house) == []


async def test_a_file_in_the_form_is_refused_and_not_lost_in_silence(house: Any, browser: Any) -> None:
    data = FormData({"what_happened": "x"}, default_to_multipart=True)
    data.add_field("scan", b"%PDF", filename="scan.pdf")
    status, problem, _ = await (await browser()).send("POST", "/api/v1/complaints", data=data)
    assert (status, problem["errors"][0]["field"]) == (422, "scan")
    assert all_cases(house) == []


async def test_the_same_complaint_again_and_in_parallel_is_one_case(house: Any, browser: Any) -> None:
    anyone, key = await browser(), {"Idempotency-Key": "form-1"}
    answers = await asyncio.gather(*(anyone.post("/api/v1/complaints", FORM, headers=key) for _ in range(20)))
    assert len({(status, body["reference"]) for status, body, _ in answers}) == 1
    assert len(all_cases(house)) == 1
    status, problem, _ = await anyone.post("/api/v1/complaints", {**FORM, "name": "x"}, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_script_in_every_field_is_kept_as_text(house: Any, browser: Any) -> None:
    script = "<script>alert(1)</script>"
    form = {**FORM, **dict.fromkeys(("what_happened", "name", "about", "desired_outcome"), script)}
    assert (await (await browser()).post("/api/v1/complaints", form))[0] == 201
    [record] = all_cases(house)
    assert (record.facts.name, record.facts.what_happened) == (script, script)


async def test_a_clerk_enters_a_letter_with_the_day_it_came(house: Any, browser: Any) -> None:
    house.agent("ana")
    ana = await browser("ana")
    body = {**FORM, "channel": "letter", "received_at": "2026-11-20T10:00:00+08:00"}
    status, answer, _ = await ana.post("/api/v1/intake", body)
    assert (status, answer["received_at"]) == (201, "2026-11-20T02:00:00+00:00")
    assert all_cases(house)[0].channel == "letter"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": ...}, "channel"),
        ({"received_at": ...}, "received_at"),
        ({"channel": "webchat"}, "channel"),
        ({"received_at": "2026-11-20T10:00:00"}, "received_at"),
        ({"received_at": "2126-11-20T10:00:00+08:00"}, "received_at"),
    ],
)
async def test_a_clerks_entry_names_channel_and_day(house: Any, browser: Any, change: Any, field: str) -> None:
    admin = await browser("admin")
    body = {**FORM, "channel": "counter", "received_at": "2026-11-20T10:00:00+08:00", **change}
    body = {name: value for name, value in body.items() if value is not ...}
    status, problem, _ = await admin.post("/api/v1/intake", body)
    assert (status, problem["errors"][0]["field"]) == (422, field)


async def test_intake_is_for_those_who_may(house: Any, browser: Any) -> None:
    body = {**FORM, "channel": "phone", "received_at": "2026-11-20T10:00:00Z"}
    assert (await (await browser()).post("/api/v1/intake", body))[0] == 401
    assert (await (await browser(key=house.key("cases:read"))).post("/api/v1/intake", body))[0] == 403
    assert (await (await browser(key=house.key("intake"))).post("/api/v1/intake", body))[0] == 201


@pytest.mark.parametrize("contact", ["+86 139 0000 1111", "13900001111", "139-0000-1111", "8613900001111"])
async def test_who_knows_number_and_contact_sees_how_far_it_has_come(house: Any, browser: Any, contact: str) -> None:
    case = house.case()
    anyone = await browser()
    body = {"reference": case.reference.lower().replace("-", " "), "contact": contact}
    status, answer, _ = await anyone.post("/api/v1/status", body)
    assert status == 200
    assert answer == {
        "reference": case.reference,
        "status": "filed",
        "next_step": "assignment",
        "feedback_due": "2026-12-02",
    }


async def test_every_mismatch_is_one_answer_after_one_time(house: Any, browser: Any) -> None:
    case, draft = house.case(), house.case(filed=False)
    anyone = await browser()
    mismatches = [
        (case.reference, "someone@example.com"),  # there, another's
        (case.reference, "not a contact"),
        ("C20261123-000421-4", "+8613900001111"),  # not there
        (draft.id, "+8613900001111"),
        ("nonsense", "nonsense"),
    ]
    answers, times = [], []
    for reference, contact in mismatches:
        started = time.monotonic()
        status, body, answer = await anyone.post("/api/v1/status", {"reference": reference, "contact": contact})
        times.append(time.monotonic() - started)
        kept = {name: value for name, value in answer.headers.items() if name != "Date"}
        answers.append((status, body, kept))
    assert answers[0][0] == 404
    assert all(answer == answers[0] for answer in answers)
    assert min(times) >= 0.4


async def test_a_typing_error_in_the_number_is_told_without_a_look_up(
    house: Any, browser: Any, monkeypatch: Any
) -> None:
    def looked_up(*_: Any) -> None:
        raise AssertionError

    anyone = await browser()
    monkeypatch.setattr(house.store, "read", looked_up)
    status, problem, _ = await anyone.post("/api/v1/status", {"reference": "C20261123-000421-5", "contact": "x"})
    assert (status, problem["code"]) == (422, "mistyped_reference")


async def test_looking_up_by_the_hundred_is_refused(house: Any, browser: Any) -> None:
    anyone = await browser()
    body = {"reference": "C20261123-000421-4", "contact": "a@example.com"}
    statuses = [
        status for status, _, _ in await asyncio.gather(*(anyone.post("/api/v1/status", body) for _ in range(40)))
    ]
    assert (statuses.count(404), statuses.count(429)) == (30, 10)


def test_every_status_has_a_next_step() -> None:
    from gateway.api.complaints import NEXT_STEP

    assert set(NEXT_STEP) == set(Status) - {Status.DRAFT}
