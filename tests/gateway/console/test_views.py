"""What only the console asks: what is due, how a customer may be reached, what a change would tell."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from case_store import audit, cases, contacts, conversations, outbox, tasks
from case_store.contacts import Contact


async def test_open_cases_come_by_the_day_they_are_due_page_by_page(house: Any, noon: datetime) -> None:
    made = [house.case(noon + timedelta(days=days)) for days in (3, 1, 2, 1)]
    house.case(noon, status="closed")
    house.case(None)
    seen, path = [], "/api/v1/due?limit=3"
    while path:
        _, body = await house.get(path)
        page = json.loads(body)
        seen += [one["id"] for one in page["items"]]
        path = page["next_cursor"] and f"/api/v1/due?limit=3&cursor={page['next_cursor']}"
    assert seen == [one.id for one in sorted(made, key=lambda one: (one.feedback_due_at, one.id))]


async def test_what_is_due_for_one_agent(house: Any, noon: datetime) -> None:
    house.case(noon)
    mine = house.case(noon, assignee="megan")
    _, body = await house.get("/api/v1/due?assignee=megan")
    assert [one["id"] for one in json.loads(body)["items"]] == [mine.id]


async def test_contacts_say_whether_they_are_proved_and_whether_they_bounced(house: Any, noon: datetime) -> None:
    case = house.case(noon)
    house.store.write_now(contacts.add_contact, case.id, Contact("+8613800138000", "phone", "agent"))
    house.store.write_now(contacts.flag_bounced, case.id, "j@example.com")
    _, body = await house.get(f"/api/v1/cases/{case.reference}/contacts")
    found = {
        one["address"]: (one["kind"], one["proof"], one["bounced_at"] is not None) for one in json.loads(body)["items"]
    }
    assert found == {"j@example.com": ("email", None, True), "+8613800138000": ("phone", "agent", False)}


RESULT = {
    "status": "resolved",
    "outcome": "solved",
    "basis": "价格表",
    "next_steps": "11月30日前退回",
    "note": "多收的手续费退还给您。",
}


@pytest.mark.parametrize(
    ("channel", "proof", "way", "address"),
    [
        ("webchat", None, "webchat", None),
        ("webform", "wrote_from", "email", "j@example.com"),
        ("webform", None, "letter", None),  # an address that was only typed is told no facts
    ],
)
async def test_a_preview_says_what_would_be_told_by_which_way_and_changes_nothing(
    house: Any, noon: datetime, channel: str, proof: str | None, way: str, address: str | None
) -> None:
    case = house.case(noon, channel=channel)
    house.store.write_now(contacts.add_contact, case.id, Contact("j@example.com", "email", proof))
    before = house.store.read_now(_whole, case.id)
    answer, body = await house.ask("POST", f"/api/v1/cases/{case.id}/preview", RESULT)
    assert answer.status == 200
    [told] = json.loads(body)["items"]
    assert (told["way"], told["address"]) == (way, address)
    assert "11月30日前退回" in told["text"]
    assert house.store.read_now(_whole, case.id) == before


async def test_a_preview_of_a_draft_tells_of_its_filing_first(house: Any) -> None:
    case = house.case(None)
    _, body = await house.ask("POST", f"/api/v1/cases/{case.id}/preview", {"status": "filed"})
    assert "编号" in json.loads(body)["items"][0]["text"]
    _, body = await house.get(f"/api/v1/cases/{case.id}")
    assert json.loads(body)["reference"] is None


async def test_a_preview_refuses_what_the_change_itself_would_refuse(house: Any, noon: datetime) -> None:
    case = house.case(noon)
    answer, _ = await house.ask("POST", f"/api/v1/cases/{case.id}/preview", {"status": "lost"})
    assert answer.status == 422
    answer, _ = await house.ask("POST", "/api/v1/cases/nothing/preview", {"status": "closed"})
    assert answer.status == 404


def _whole(tx: Any, case_id: str) -> Any:
    record = cases.get(tx, case_id)
    said = [conversations.messages_of(tx, id) for id in record.conversations]
    queued = outbox.sent_lately(tx, "j@example.com"), tasks.open_tasks(tx)
    return record, said, queued, audit.timeline(tx, audit.case_chain(case_id))
