"""Every reading of a case is on record: by whom, when and what; joined, never lost where a file went out, and in a chain that verifies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import checkpoints, readings
from case_store.readings import Reading
from case_store.store import Store, StoreUnavailable, Transaction
from case_store.tables_house import audit_events
from case_store.tables_readings import reading_days
from case_store.tables_readings import readings as rows
from gateway.api.routes import ANYONE, SIGNED_IN, TABLE, Route, reads_of
from gateway.readings import READINGS
from tests.case_store.over import hide_details

NO_FACTS = {
    "/api/v1/agents": "colleagues",
    "/api/v1/agents/me": "whoever asks",
    "/api/v1/arrivals": "mails that nobody could read: of no case yet",
    "/api/v1/parked": "mails that nobody could read: of no case yet",
    "/api/v1/canned": "the house's wording, filled from no case",
    "/api/v1/canned/{id}": "the house's wording, filled from no case",
    "/api/v1/cases/{key}/followers": "colleagues' names",
    "/api/v1/cases/{key}/readings": "who has looked",
    "/api/v1/persons/erasures": "numbers of cases that are erased",
    "/api/v1/conversations/{id}/colleagues": "colleagues, and why one can't be given it",
    "/api/v1/keys": "API keys",
    "/api/v1/teams": "colleagues, and how much their teams have open",
    "/api/v1/teams/{name}": "colleagues, and how much their team has open",
    "/api/v1/agents/{username}/sessions": "a colleague's sessions",
    "/api/v1/agents/{username}/work": "how much a colleague has open",
    "/api/v1/drafts": "the caller's own words",
    "/api/v1/canned/{id}/history": "the house's wording",
    "/api/v1/policy": "the house's rules",
    "/api/v1/policy/versions/{number}": "the house's rules",
    "/api/v1/calendar": "working days",
    "/api/v1/calendar/versions/{number}": "working days",
    "/api/v1/texts": "the house's wording",
    "/api/v1/texts/{name}": "the house's wording",
    "/api/v1/texts/{name}/versions/{number}": "the house's wording",
    "/api/v1/quality/samples": "numbers",
    "/api/v1/quality/samples/{id}/sheets": "grades, and which cases they are about",
    "/api/v1/quality/samples/{id}/check": "numbers",
    "/api/v1/quality/results": "numbers",
    "/api/v1/quality/measures": "what is to get better",
    "/api/v1/surges": "numbers, and which cases they are about",
    "/api/v1/reports/now": "numbers",
    "/api/v1/reports/figures": "numbers",
    "/api/v1/reports/figures/export": "numbers",
    "/api/v1/reports/cases/export": "columns without what a case tells; each export stands in the house's chain",
    "/api/v1/webhooks": "addresses of programs",
    "/api/v1/webhooks/{id}": "addresses of programs",
    "/api/v1/webhooks/{id}/deliveries": "events without what a case tells",
    "/api/v1/webhooks/{id}/deliveries/{delivery}": "events without what a case tells",
    "/api/v1/uploads/{id}": "how far an agent's own file has come",
    "/api/v1/views": "numbers, and lists that an agent has saved",
}
"""Routes that answer nothing of what a case tells, and why."""


def fetched(house: Any) -> list[Route]:
    """Whatever somebody with a scope can fetch."""
    return [
        route
        for route in house.app[TABLE].routes
        if route.method == "GET" and route.scope not in (ANYONE, SIGNED_IN) and not route.path.endswith("/live")
    ]


async def test_every_route_that_answers_what_a_case_tells_is_read_on_record(house: Any, browser: Any) -> None:
    silent = {route.path for route in fetched(house) if reads_of(route) is None}
    assert silent - set(NO_FACTS) == set()


async def seen(agent: Any, case: str, **query: Any) -> list[dict[str, Any]]:
    status, found, _ = await agent.get(f"/api/v1/cases/{case}/readings", params=query)
    assert status == 200, found
    items: list[dict[str, Any]] = found["items"]
    return items


async def test_an_act_that_shows_what_was_said_is_a_reading(house: Any, browser: Any) -> None:
    house.agent("megan")
    case = house.case()
    [id] = case.conversations
    for act, body, status in (
        ("messages", {"text": "x", "after": "0"}, 409),
        ("hand-back", {"to": "bot"}, 200),
    ):
        one = await browser("megan")
        found, told, _ = await one.post(f"/api/v1/conversations/{id}/{act}", body)
        assert (found, "投诉" in str(told)) == (status, True)
    await house.app[READINGS].flush()
    assert [one["what"] for one in await seen(await browser("admin"), case.id)] == ["conversation"]


async def test_a_key_that_may_act_and_not_read_is_not_told_what_was_said(house: Any, browser: Any) -> None:
    id = house.conversation("我要投诉")
    key = await browser(key=house.key("conversations:write"))
    assert (await key.get(f"/api/v1/conversations/{id}"))[0] == 403
    for act, body in (("messages", {"text": "x", "after": "0"}), ("hand-back", {"to": "bot"}), ("take-over", {})):
        _, told, _ = await key.post(f"/api/v1/conversations/{id}/{act}", body)
        assert "投诉" not in str(told), act


OF_A_CASE = (
    ("", "case"),
    ("/timeline", "case"),
    ("/evidence", "case"),
    ("/customer", "case"),
    ("/duplicates", "case"),
    ("/papers", "case"),
    ("/negotiation", "case"),
    ("/clocks", "case"),
    ("/notes", "case"),
    ("/record.pdf", "print"),
    ("/receipt.pdf", "print"),
)


@pytest.mark.parametrize(("path", "what"), OF_A_CASE)
async def test_whoever_fetches_anything_of_a_case_has_read_it(house: Any, browser: Any, path: str, what: str) -> None:
    house.agent("megan")
    case = house.case()
    megan, other = await browser("megan"), await browser("admin")
    assert (await megan.get(f"/api/v1/cases/{case.reference}{path}"))[0] == 200
    (found,) = await seen(other, case.id)
    assert (found["actor"], found["name"], found["what"]) == ("agent:Megan", "Megan", what)


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/due", "/api/v1/cases?q=滨江"])
async def test_whoever_lists_cases_has_seen_each_of_them(house: Any, browser: Any, path: str) -> None:
    house.agent("megan")
    first, second = house.case(), house.case()
    megan = await browser("megan")
    assert len((await megan.get(path))[1]["items"]) == 2
    for case in (first, second):
        (found,) = await seen(megan, case.id)
        assert found["what"] == "listed"


async def test_a_conversation_is_read_beside_every_case_that_it_is_about(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    (talk,) = case.conversations
    assert (await agent.get(f"/api/v1/conversations/{talk}"))[0] == 200
    (found,) = await seen(agent, case.id)
    assert (found["what"], found["conversation"]) == ("conversation", talk)


async def test_forty_looks_within_half_an_hour_are_one_reading_and_each_reader_has_their_own(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    case, admin, megan = house.case(), await browser("admin"), await browser("megan")
    for _ in range(20):
        for agent in (admin, megan):
            await agent.get(f"/api/v1/cases/{case.id}")
    found = await seen(admin, case.id)
    assert sorted(one["actor"] for one in found) == ["agent:Admin", "agent:Megan"]


async def test_a_machine_with_a_key_leaves_a_reading_too(house: Any, browser: Any) -> None:
    case, admin = house.case(), await browser("admin")
    key = house.key("cases:read")
    robot = await browser(None)
    assert (await robot.get(f"/api/v1/cases/{case.id}", headers={"Authorization": f"Bearer {key}"}))[0] == 200
    (found,) = await seen(admin, case.id)
    assert found["actor"] == "key:robot"


@pytest.mark.parametrize("path", ["/api/v1/cases/no-such", "/api/v1/cases/C20261123-000421-4"])
async def test_what_was_refused_was_not_read(house: Any, browser: Any, path: str) -> None:
    agent = await browser("admin")
    assert (await agent.get(path))[0] == 404
    await house.app[READINGS].flush()
    assert house.store.read_now(lambda tx: tx.execute(sa.select(rows)).all()) == []


async def test_the_timeline_tells_what_happened_and_not_who_looked(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    before = (await agent.get(f"/api/v1/cases/{case.id}/timeline"))[1]["items"]
    await house.app[READINGS].flush()
    assert (await agent.get(f"/api/v1/cases/{case.id}/timeline"))[1]["items"] == before
    assert "read" not in {event["action"] for event in before}


async def test_readings_come_a_page_at_a_time(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    noted = [Reading(f"agent:{n}", f"a{n}", "case", (f"case:{case.id}",)) for n in range(7)]
    house.store.write_now(readings.keep, noted)
    shown, cursor = [], ""
    while cursor is not None:
        _, page, _ = await agent.get(f"/api/v1/cases/{case.id}/readings", params={"limit": 3, "cursor": cursor})
        shown += [one["actor"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert shown == [f"agent:{n}" for n in reversed(range(7))]
    status, problem, _ = await agent.get(f"/api/v1/cases/{case.id}/readings", params={"cursor": "yesterday"})
    assert (status, problem["code"]) == (400, "bad_cursor")


# never lost -----------------------------------------------------------------------------------------------------


async def test_a_printed_record_is_not_handed_out_if_its_reading_cannot_be_kept(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, agent = house.case(), await browser("admin")

    def full(tx: Transaction, noted: Any) -> None:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(readings, "keep", full)
        assert (await agent.get(f"/api/v1/cases/{case.id}/receipt.pdf"))[0] == 503
        assert (await agent.get(f"/api/v1/cases/{case.id}"))[0] == 200  # kept for later
    assert [one["what"] for one in await seen(agent, case.id)] == ["case"]


async def test_what_was_printed_is_on_record_before_it_is_answered(house: Any, browser: Any) -> None:
    case, agent = house.case(), await browser("admin")
    assert (await agent.get(f"/api/v1/cases/{case.id}/receipt.pdf"))[0] == 200
    kept = house.store.read_now(readings.of_case, case.id, 9)  # nothing has been flushed
    assert [(one.what, one.of) for one in kept] == [("print", "receipt")]


# the chain ------------------------------------------------------------------------------------------------------


def _day(tx: Transaction) -> str:
    return str(tx.execute(sa.select(reading_days.c.id)).scalar_one())


TAMPERED: dict[str, Callable[[Transaction, str], object]] = {
    "edited": lambda tx, day: tx.execute(
        sa.update(audit_events).where(audit_events.c.chain == f"readings:{day}").values(actor="agent:Nobody")
    ),
    "cut": lambda tx, day: tx.execute(
        sa.delete(audit_events).where(audit_events.c.chain == f"readings:{day}", audit_events.c.number == 2)
    ),
    "removed": lambda tx, day: tx.execute(sa.delete(rows).where(rows.c.number == 1)),
    "unknown": lambda tx, day: tx.execute(sa.delete(reading_days)),
}


@pytest.mark.parametrize("kind", TAMPERED)
async def test_readings_that_were_rewritten_are_found(house: Any, kind: str) -> None:
    case, store = house.case(), house.store
    noted = [Reading("agent:Megan", "megan", what, (f"case:{case.reference}",)) for what in ("case", "print")]
    store.write_now(readings.keep, noted)
    assert checkpoints.verify(store).ok
    store.write_now(lambda tx: TAMPERED[kind](tx, _day(tx)))
    assert kind in {problem.kind for problem in checkpoints.verify(store).problems}


async def test_a_checkpoint_vouches_for_the_readings_of_the_day(house: Any, store: Store) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    case = house.case()
    noted = [Reading("agent:Megan", "megan", "case", (f"case:{case.id}",))]
    store.write_now(readings.keep, noted)
    written = store.write_now(checkpoints.write_checkpoint, Ed25519PrivateKey.generate())
    assert re.search(r"^readings:\d{8} 1 ", written.heads, re.MULTILINE)


async def test_erased_details_leave_the_chain_whole(house: Any) -> None:
    case, store = house.case(), house.store
    store.write_now(readings.keep, [Reading("agent:Megan", "megan", "case", (f"case:{case.id}",))])
    day = store.read_now(_day)
    store.write_now(hide_details, f"readings:{day}")
    assert checkpoints.verify(store).ok
    (kept,) = store.read_now(readings.of_case, case.id, 9)
    assert kept.actor == "agent:Megan"
