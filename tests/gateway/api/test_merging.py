"""Merging and taking apart by the API: what may be, what is refused and why, and what comes of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, checkpoints, contacts, links, offers, papers, settlements
from case_store.contacts import Contact
from case_store.offers import Option, Said
from case_store.papers import Party
from case_store.settlements import Terms
from case_store.store import Transaction
from case_store.tables_cases import cases as cases_rows
from case_store.tables_papers import case_papers
from tests.gateway.api.merging import (
    AGAIN,
    ANN,
    Change,
    doubtful,
    merge,
    of_ann,
    proxy,
    say,
    split,
    told_twice,
    unmerge,
)

OPTIONS = [Option("Half", "half of it", 5), Option("All", "all of it", 5)]


# merging ------------------------------------------------------------------------------------------------------------


async def test_the_answer_is_the_case_that_goes_on_and_both_records_say_so(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    status, found = await merge(agent, second, first)
    assert (status, found["id"], found["merged_from"]) == (200, first.id, [second.reference])
    gone = (await agent.get(f"/api/v1/cases/{second.reference}"))[1]
    assert (gone["status"], gone["outcome"], gone["merged_into"]) == ("closed", None, first.reference)
    assert gone["facts"] == second.facts.to_json()
    timeline = (await agent.get(f"/api/v1/cases/{second.id}/timeline"))[1]["items"]
    [event] = [one for one in timeline if one["action"] == "merged_into"]
    detail = {"case": first.reference, "reason": "same loss", "status": "filed"}
    assert (event["actor"], event["detail"]) == ("agent:Admin", detail)
    assert checkpoints.verify(house.store).problems == []


@pytest.mark.parametrize("database", ["postgresql"])  # SQLite has one writer
async def test_what_is_said_of_a_case_in_the_instant_it_is_merged_lands_nowhere(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    engine = house.store.engine
    merging = sa.update(cases_rows).where(cases_rows.c.id == second.id).values(merged_into=first.id)
    with engine.connect() as other:
        other.execute(merging)
        saying = asyncio.ensure_future(
            agent.post(
                f"/api/v1/cases/{second.id}/withdrawal",
                {"received_on": datetime.now(UTC).date().isoformat(), "way": "letter"},
            )
        )
        await waits_for_a_lock(engine, saying)
        other.commit()
        status, problem, _ = await saying
    assert (status, problem["code"]) == (409, "merged")


async def waits_for_a_lock(engine: sa.Engine, saying: asyncio.Future[Any]) -> None:
    asked = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        while True:
            with engine.connect() as looking:
                if looking.execute(asked).scalar_one() or saying.done():
                    return
            await asyncio.sleep(0.01)


def finish(status: str, which: int) -> Change:
    return lambda tx, *both: cases.change(tx, both[which].id, {"status": status}, actor="agent:Test")


def offered(which: int) -> Change:
    def offer(tx: Transaction, *both: Any) -> Any:
        day = date(2026, 12, 1)
        return offers.offer(tx, both[which].id, OPTIONS, expires_on=day, by_bot=False, actor="agent:Test")

    return offer


def settled(tx: Transaction, case: Any, into: Any) -> None:
    made = offered(0)(tx, case, into)
    at = datetime(2026, 12, 8, 16, tzinfo=UTC)
    terms = Terms({}, {}, "zh-Hans", date(2026, 12, 8), at, "built-in 1")
    settlements.settle(tx, made.id, 1, terms, Said("好", "phone", "agent:Test"))


def group(tx: Transaction, case: Any, into: Any) -> None:
    papers.set_representatives(tx, into.id, [Party("李四")], actor="agent:Test")


def members(tx: Transaction, case: Any, into: Any) -> None:
    tx.execute(sa.insert(case_papers).values(case_id=case.id, members=7))


def another_address(tx: Transaction, case: Any, into: Any) -> None:
    contacts.remove(tx, case.id, ANN)
    contacts.add_contact(tx, case.id, Contact("joe@mail.example", "email", "wrote_from"))


def only_typed(tx: Transaction, case: Any, into: Any) -> None:
    contacts.remove(tx, case.id, ANN)
    contacts.add_contact(tx, case.id, Contact(ANN, "email"))


def only_the_proxys(tx: Transaction, case: Any, into: Any) -> None:
    contacts.remove(tx, case.id, ANN)
    contacts.add_contact(tx, case.id, Contact(ANN, "email", "mandate"))


def was_a_proxys(which: int) -> Change:
    """Somebody who has spoken for the one's complainant is the other's customer."""

    def change(tx: Transaction, *both: Any) -> None:
        papers.set_proxy(tx, both[which].id, Party("Law", contact="law@x.example"), mandate=True, actor="agent:Test")
        papers.end_proxy(tx, both[which].id, actor="agent:Test")
        tx.execute(sa.update(cases_rows).where(cases_rows.c.id == both[which].id).values(mandate=None))
        contacts.add_contact(tx, both[1 - which].id, Contact("law@x.example", "email", "wrote_from"))

    return change


REFUSED = [
    ("its customer has spoken for the other's", was_a_proxys(1), 409, "proxy"),
    ("the other's customer has spoken for its", was_a_proxys(0), 409, "proxy"),
    ("the other is finished", finish("resolved", 1), 409, "into_finished"),
    ("the other is withdrawn", finish("withdrawn", 1), 409, "into_finished"),
    ("it is resolved", finish("resolved", 0), 409, "finished"),
    ("it is closed", finish("closed", 0), 409, "finished"),
    ("it is withdrawn", finish("withdrawn", 0), 409, "finished"),
    ("an offer waits on it", offered(0), 409, "offer_open"),
    ("something was agreed on it", settled, 409, "settled"),
    ("a proxy speaks for one", proxy, 409, "proxy"),
    ("the other has representatives", group, 409, "group"),
    ("it is a group's", members, 409, "group"),
    ("nobody knows whose a conversation is", doubtful, 409, "whose_is_it"),
    ("another address was proved", another_address, 409, "other_customer"),
    ("the same address was only typed", only_typed, 409, "other_customer"),
    ("the same address is a proxy's", only_the_proxys, 409, "other_customer"),
]


@pytest.mark.parametrize(("change", "status", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_what_would_lose_something_is_refused(
    house: Any, browser: Any, change: Change, status: int, code: str
) -> None:
    first, second = told_twice(house)
    house.store.write_now(lambda tx: change(tx, second, first) and None)
    now = [house.store.read_now(cases.get, one.id) for one in (first, second)]
    agent = await browser("admin")
    answered, problem = await merge(agent, now[1], now[0])
    assert (answered, problem["code"]) == (status, code)
    assert problem["detail"]
    looked = (await agent.get(f"/api/v1/cases/{second.id}/merge?into={first.reference}"))[1]
    assert looked["refused"]["code"] == code
    after = [house.store.read_now(cases.get, one.id) for one in (first, second)]
    assert [one.to_json() for one in after] == [one.to_json() for one in now], "nothing has changed"


ALLOWED = [
    ("both are filed", None),
    ("it is being worked on", finish("in_progress", 0)),
    ("it waits for its customer", finish("waiting_for_customer", 0)),
    ("the other is being worked on", finish("in_progress", 1)),
    ("an offer waits on the other", offered(1)),
]


@pytest.mark.parametrize("change", [row[1] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
async def test_what_loses_nothing_is_merged_and_comes_back(house: Any, browser: Any, change: Change | None) -> None:
    first, second = told_twice(house)
    if change is not None:
        house.store.write_now(lambda tx: change(tx, second, first) and None)
    now = [house.store.read_now(cases.get, one.id) for one in (first, second)]
    agent = await browser("admin")
    assert (await merge(agent, now[1], now[0]))[0] == 200
    status, back = await unmerge(agent, second)
    assert (status, back["status"], back["merged_into"]) == (200, now[1].status.value, None)


async def test_a_draft_goes_into_a_filed_case_and_not_the_other_way(house: Any, browser: Any) -> None:
    first, draft = told_twice(house, filed=False)
    agent = await browser("admin")
    status, problem = await merge(agent, first, draft)
    assert (status, problem["code"]) == (409, "into_draft")
    status, found = await merge(agent, draft, first)
    assert (status, found["merged_from"]) == (200, [draft.id])
    gone = (await agent.get(f"/api/v1/cases/{draft.id}"))[1]
    assert (gone["reference"], gone["status"], gone["merged_into"]) == (None, "closed", first.reference)


async def test_of_another_customer_the_way_is_named_and_open_once_they_are_joined(house: Any, browser: Any) -> None:
    first, second = house.case(), house.case(AGAIN)
    agent = await browser("admin")
    status, problem = await merge(agent, second, first)
    assert (status, problem["code"]) == (409, "other_customer")
    assert f"/cases/{first.reference}/customer/join" in problem["detail"]
    body = {"conversation": second.conversations[0], "reason": "called back"}
    assert (await agent.post(f"/api/v1/cases/{first.reference}/customer/join", body))[0] == 200
    now = [house.store.read_now(cases.get, one.id) for one in (first, second)]
    assert (await merge(agent, now[1], now[0]))[0] == 200


async def test_what_was_merged_is_merged_no_further_and_changed_no_more(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    third = house.case(AGAIN)
    of_ann(house, third)
    agent = await browser("admin")
    assert (await merge(agent, second, first))[0] == 200
    first, second, third = (house.store.read_now(cases.get, one.id) for one in (first, second, third))
    status, problem = await merge(agent, second, third)
    assert (status, problem["code"]) == (409, "merged_already")
    status, problem = await merge(agent, third, second)
    assert (status, problem["code"], problem["into"]) == (409, "into_merged", first.reference)
    status, problem, _ = await agent.send(
        "PATCH", f"/api/v1/cases/{second.id}", {"status": "filed"}, headers={"If-Match": f'"{second.version}"'}
    )
    assert (status, problem["code"], problem["into"]) == (409, "merged", first.reference)
    for path, body in (
        ("customer/join", {"conversation": second.conversations[0], "reason": "x"}),
        ("customer/part", {"address": ANN, "reason": "x"}),
        ("withdrawal", {"received_on": "2026-11-28", "way": "phone"}),
    ):
        status, problem, _ = await agent.post(f"/api/v1/cases/{second.id}/{path}", body)
        assert (status, problem["code"]) == (409, "merged"), path


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"into": "nothing"}, 404, "not_found"),
        ({"into": "C20261123-000421-5"}, 404, "mistyped_reference"),
        ({"into": "itself"}, 422, "same_case"),
        ({"reason": " "}, 422, "invalid"),
        ({"version": 999}, 412, "changed_meanwhile"),
        ({"into_version": 999}, 412, "changed_meanwhile"),
        ({"version": None}, 422, "invalid"),
        ({"force": True}, 422, "invalid"),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(
    house: Any, browser: Any, body: dict[str, Any], status: int, code: str
) -> None:
    first, second = told_twice(house)
    if body.get("into") == "itself":
        body = {"into": second.id, "into_version": second.version}
    answered, problem = await merge(await browser("admin"), second, first, body=body)
    assert (answered, problem["code"]) == (status, code), problem
    assert house.store.read_now(cases.get, second.id).merged_into is None


async def test_the_same_request_again_merges_once(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    answers = [await merge(agent, second, first, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0] == answers[1]
    timeline = (await agent.get(f"/api/v1/cases/{first.id}/timeline"))[1]["items"]
    assert [one["action"] for one in timeline].count("merged") == 1


async def test_two_agents_at_once_merge_once(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    answers = await asyncio.gather(
        merge(agent, second, first), merge(agent, first, second), merge(agent, second, first)
    )
    assert sorted(status for status, _ in answers)[0] == 200
    assert [status for status, _ in answers].count(200) == 1
    assert {status for status, _ in answers} <= {200, 409, 412}


async def test_reading_takes_a_scope_and_merging_another(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    reader, stranger = await browser(key=house.key("cases:read")), await browser()
    path = f"/api/v1/cases/{second.id}/merge?into={first.id}"
    assert ((await reader.get(path))[0], (await stranger.get(path))[0]) == (200, 401)
    for who, expected in ((reader, 403), (stranger, 401)):
        assert (await merge(who, second, first))[0] == expected
        assert (await unmerge(who, second))[0] == expected
        assert (await split(who, second.conversations[0], 1))[0] == expected


async def test_before_it_is_done_it_is_said_what_will_come_of_it(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    house.store.write_now(cases.change, second.id, {"risk": "major"}, actor="agent:Test")
    agent = await browser("admin")
    looked = (await agent.get(f"/api/v1/cases/{second.id}/merge?into={first.reference}"))[1]
    assert (looked["case"]["id"], looked["into"]["reference"]) == (second.id, first.reference)
    assert (looked["feedback_due"], looked["risk"], looked["refused"]) == ("2026-12-02", "major", None)
    assert (await agent.get(f"/api/v1/cases/{second.id}/merge"))[0] == 404
    second = house.store.read_now(cases.get, second.id)
    await merge(agent, second, first)
    standing = (await agent.get(f"/api/v1/cases/{second.id}/merge"))[1]["standing"]
    assert (standing["by"], standing["reason"], standing["status_before"]) == ("Admin", "same loss", "filed")


# lists, search, duplicates ------------------------------------------------------------------------------------------


async def test_a_merged_case_is_open_no_more_and_found_by_its_number(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    assert second.possible_duplicate_of == first.reference
    agent = await browser("admin")
    before = (await agent.get("/api/v1/views"))[1]["counts"]
    assert (before["due"], before["possible_duplicate"]) == (2, 2)
    await merge(agent, second, first)
    after = (await agent.get("/api/v1/views"))[1]["counts"]
    assert (after["due"], after["possible_duplicate"]) == (1, 0)
    [found] = (await agent.get(f"/api/v1/cases?q={second.reference}"))[1]["items"]
    assert (found["id"], found["merged_into"]) == (second.id, first.reference)
    assert house.store.read_now(cases.get, first.id).possible_duplicate_of is None
    [pair] = (await agent.get(f"/api/v1/cases/{first.id}/duplicates"))[1]["items"]
    assert (pair["state"], pair["reference"], pair["merged_into"]) == ("same", second.reference, first.reference)
    await unmerge(agent, second)
    again = (await agent.get("/api/v1/views"))[1]["counts"]
    assert (again["due"], again["possible_duplicate"]) == (2, 2)


async def test_the_case_that_goes_on_is_found_by_the_words_of_the_merged_one(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    house.store.write_now(say, second, "经理叫欧阳锋")
    agent = await browser("admin")
    found = (await agent.get("/api/v1/cases?q=欧阳锋"))[1]["items"]
    assert [one["id"] for one in found] == [second.id]
    await merge(agent, second, first)
    found = (await agent.get("/api/v1/cases?q=欧阳锋"))[1]["items"]
    assert {one["id"] for one in found} == {first.id, second.id}


async def test_what_a_later_fact_finds_names_no_case_that_was_merged(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    await merge(await browser("admin"), second, first)
    house.store.write_now(cases.change, first.id, {"facts": {"about": "城西支行"}}, actor="agent:Test")
    assert house.store.read_now(cases.get, first.id).possible_duplicate_of is None


# taking apart -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"reason": ""}, 422, "invalid"),
        ({"messages": [{"conversation": "x", "message": "one"}]}, 422, "invalid"),
        ({"messages": [{"conversation": "x", "message": "1"}]}, 409, "not_its_message"),
    ],
)
async def test_taking_apart_is_told_what_is_wrong(
    house: Any, browser: Any, body: dict[str, Any], status: int, code: str
) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    answered, problem = await unmerge(agent, second)
    assert (answered, problem["code"]) == (409, "not_merged")
    await merge(agent, second, first)
    answered, problem = await unmerge(agent, second, **body)
    assert (answered, problem["code"]) == (status, code)
    assert (await agent.post("/api/v1/cases/none/unmerge", {"reason": "x"}))[0] == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [("customer/part", {"address": ANN, "reason": "not hers"}), ("papers", {"members": 3})],
    ids=["somebody is parted", "a group is named"],
)
async def test_who_may_be_told_is_decided_of_one_complaint_alone(
    house: Any, browser: Any, path: str, body: dict[str, Any]
) -> None:
    """Else whoever is barred of the one would be told of it again as soon as the two were taken apart."""
    first, second = told_twice(house)
    agent = await browser("admin")
    _, into = await merge(agent, second, first)
    method, more = ("PATCH", {"headers": {"If-Match": f'"{into["version"]}"'}}) if path == "papers" else ("POST", {})
    status, problem, _ = await agent.send(method, f"/api/v1/cases/{first.id}/{path}", body, **more)
    assert (status, problem["code"]) == (409, "holds_another"), problem
    assert problem["merged_from"] == [second.reference]


async def test_who_was_barred_meanwhile_gets_nothing_back_by_taking_apart(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    await merge(agent, second, first)
    house.store.write_now(links.withhold, first.id, second.conversations[0], by="agent:Test", reason="whose is it")
    assert [(status, found["code"]) for status, found in [await unmerge(agent, second)]] == [(409, "decided_meanwhile")]


async def test_a_decision_about_the_two_outlives_the_merge(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    await merge(agent, second, first)
    said = {"same": False, "other": second.reference, "reason": "two branches"}
    assert (await agent.post(f"/api/v1/cases/{first.id}/duplicates", said))[0] == 200
    assert (await unmerge(agent, second))[0] == 200
    [pair] = (await agent.get(f"/api/v1/cases/{first.id}/duplicates"))[1]["items"]
    assert (pair["state"], pair["reason"]) == ("different", "two branches")


async def test_a_risk_that_came_with_the_merge_goes_with_it_and_pins_nothing(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    house.store.write_now(cases.change, second.id, {"risk": "major"}, actor="agent:Test")
    agent = await browser("admin")
    _, into = await merge(agent, house.store.read_now(cases.get, second.id), first)
    assert (into["risk"], "risk" in into["corrected"]) == ("major", True)
    assert (await unmerge(agent, second))[0] == 200
    after = house.store.read_now(cases.get, first.id)
    assert (after.risk.value, "risk" in after.corrected) == (first.risk.value, False)


async def test_the_chain_says_what_came_over(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    house.store.write_now(contacts.add_contact, second.id, Contact("ann2@mail.example", "email", "confirmed"))
    agent = await browser("admin")
    await merge(agent, second, first)
    events = (await agent.get(f"/api/v1/cases/{first.id}/timeline"))[1]["items"]
    [event] = [one for one in events if one["action"] == "merged"]
    assert event["detail"]["moved"]["contacts"] == ["ann2@mail.example"]
