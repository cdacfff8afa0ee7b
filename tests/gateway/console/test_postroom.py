"""What came and is no message is shown to agents, with its original; so is what was sent beside the conversations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import arrivals, cases, outbox
from case_store.arrivals import NewArrival
from case_store.ids import new_id
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_arrivals import events

RAW = b"From: a@customer.example\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"


def arrived(house: Any, raw: bytes = RAW, *, in_file: bool = False) -> str:
    digest = house.files.put(raw) if in_file else None
    new = NewArrival(
        "email",
        "email:test",
        new_id(),
        house.store.read_now(lambda tx: tx.now),
        len(raw),
        None if digest else raw,
        digest,
    )
    id, _ = house.store.write_now(arrivals.accept, new)
    return str(id)


def happened(house: Any, kind: str, arrival: str | None = None, case: str | None = None, **detail: Any) -> str:
    id = new_id()

    def store(tx: Transaction) -> None:
        row = {"id": id, "arrival_id": arrival, "kind": kind, "case_id": case, "detail": detail, "at": tx.now}
        tx.execute(sa.insert(events).values(row))

    house.store.write_now(store)
    return id


async def items(house: Any, path: str) -> list[dict[str, Any]]:
    answer, body = await house.get(path)
    assert answer.status == 200, body
    return list(json.loads(body)["items"])


async def test_what_the_console_asks_for_is_described_like_the_rest_of_the_api(house: Any) -> None:
    _, body = await house.get("/api/openapi.json")
    told = json.loads(body)["paths"]
    for path in (
        "events",
        "due",
        "cases/{key}/notices",
        "cases/{key}/contacts/vouch",
        "arrivals/{id}/original",
        "conversations/{id}/attachments/{attachment}",
    ):
        assert f"/api/v1/{path}" in told


async def test_a_bounce_stands_with_its_case_and_a_vacation_reply_with_nothing(house: Any) -> None:
    case = house.case()
    bounced = happened(house, "bounced", arrived(house), case.id, address="a@b.example", status="5.1.1", proved=True)
    away = happened(
        house, "auto_reply", arrived(house, RAW + b"2"), sender="a@b.example", subject="Away", text="I am away."
    )
    [shown] = await items(house, f"/api/v1/events?case={case.id}")
    assert (shown["id"], shown["address"], shown["status"], shown["proved"]) == (bounced, "a@b.example", "5.1.1", True)
    [other] = await items(house, "/api/v1/events")
    assert (other["id"], other["sender"], other["subject"], other["text"]) == (
        away,
        "a@b.example",
        "Away",
        "I am away.",
    )


async def test_events_come_page_by_page(house: Any) -> None:
    for number in range(5):
        happened(house, "list", sender=f"{number}@lists.example")
    seen, path = [], "/api/v1/events?limit=2"
    while path:
        _, body = await house.get(path)
        page = json.loads(body)
        seen += [one["sender"] for one in page["items"]]
        path = page["next_cursor"] and f"/api/v1/events?limit=2&cursor={page['next_cursor']}"
    assert seen == [f"{number}@lists.example" for number in reversed(range(5))]


@pytest.mark.parametrize("in_file", [False, True])
async def test_every_original_can_be_had_as_it_came(house: Any, in_file: bool) -> None:
    answer, body = await house.get(f"/api/v1/arrivals/{arrived(house, in_file=in_file)}/original")
    assert body == RAW
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.content_type == "message/rfc822"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_what_could_not_be_read_can_be_saved_too(house: Any) -> None:
    id = arrived(house)

    def park(tx: Transaction) -> None:
        [claimed] = arrivals.claim(tx, 1)
        arrivals.park(tx, claimed, "nested too deeply")

    house.store.write_now(park)
    [parked] = await items(house, "/api/v1/parked")
    assert (parked["id"], parked["reason"], parked["size"]) == (id, "nested too deeply", len(RAW))
    _, body = await house.get(f"/api/v1/arrivals/{parked['id']}/original")
    assert body == RAW


async def test_a_notice_that_failed_for_good_stands_with_its_case(house: Any) -> None:
    case = house.case()

    def fail(tx: Transaction) -> None:
        new = NewDelivery("case_filed:1", "email", "email:test", "a@b.example", Sender.SYSTEM, {}, case_id=case.id)
        outbox.queue(tx, new)
        [begun] = outbox.claim(tx, 1, ["email"])
        outbox.failed(tx, begun, "unknown_address: 550 no such user")

    house.store.write_now(fail)
    [notice] = await items(house, f"/api/v1/cases/{case.id}/notices")
    assert (notice["occasion"], notice["state"], notice["error"], notice["address"]) == (
        *("case_filed", "failed", "unknown_address: 550 no such user", "a@b.example"),
    )
    assert house.store.read_now(cases.get, case.id).id == case.id


@pytest.mark.parametrize(
    "path", ["/api/v1/arrivals/nothing/original", "/api/v1/events?case=nothing", "/api/v1/cases/nothing/notices"]
)
async def test_what_is_not_there_is_not_there(house: Any, path: str) -> None:
    answer, _ = await house.get(path)
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/api/v1/arrivals/x/original", "/api/v1/events", "/api/v1/cases/x/notices"])
async def test_nobody_unknown_sees_any_of_it(house: Any, path: str) -> None:
    answer, _ = await house.get(path, Authorization="Bearer nothing")
    assert answer.status == 401


async def test_an_agent_vouches_for_an_address_and_only_by_saying_so(house: Any) -> None:
    case = house.case()
    path = f"/api/v1/cases/{case.id}"
    answer, _ = await house.ask("PATCH", path, {"facts": {"name": "Ann Lee"}}, **{"If-Match": "*"})
    assert answer.status == 200
    [contact] = await items(house, f"{path}/contacts")
    assert (contact["address"], contact["proof"]) == ("j@example.com", None), "another fact was corrected, that is all"
    answer, _ = await house.ask("POST", f"{path}/contacts/vouch", {"address": "j@example.com"})
    assert answer.status == 200
    [contact] = await items(house, f"{path}/contacts")
    assert contact["proof"] == "agent"
    answer, _ = await house.ask("POST", f"{path}/contacts/vouch", {"address": "other@example.com"})
    assert answer.status == 404
