"""Merging, taking apart and splitting by the API: what may be, what is refused and why, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, checkpoints, contacts, conversations, links, offers, papers, settlements
from case_store.contacts import Contact
from case_store.offers import Option, Said
from case_store.papers import Party
from case_store.settlements import Terms
from case_store.store import Transaction
from case_store.tables import attachments, case_papers, messages
from case_store.tables import cases as cases_rows
from dialogue.turn import CallPerson
from tests.gateway.api.conftest import FACTS

ANN = "ann@mail.example"
AGAIN = replace(FACTS, what_happened="上周在滨江支行买的理财亏损两万三千元，要求补足本金")
OPTIONS = [Option("Half", "half of it", 5), Option("All", "all of it", 5)]


def of_ann(house: Any, *made: Any) -> None:
    for case in made:
        house.store.write_now(contacts.add_contact, case.id, Contact(ANN, "email", "wrote_from"))


def told_twice(house: Any, *, filed: bool = True) -> tuple[Any, Any]:
    """One customer's case, and the same told again."""
    first, second = house.case(), house.case(AGAIN, filed=filed)
    of_ann(house, first, second)
    return tuple(house.store.read_now(cases.get, one.id) for one in (first, second))  # type: ignore[return-value]


async def merge(agent: Any, case: Any, into: Any, **more: Any) -> tuple[int, Any]:
    body = {"into": into.id, "reason": "same loss", "version": case.version, "into_version": into.version}
    status, found, _ = await agent.post(f"/api/v1/cases/{case.id}/merge", {**body, **more.pop("body", {})}, **more)
    return status, found


async def unmerge(agent: Any, case: Any, **more: Any) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/cases/{case.id}/unmerge", {"reason": "two losses", **more})
    return status, found


async def split(agent: Any, id: str, *numbers: Any, **more: Any) -> tuple[int, Any]:
    body = {"messages": [str(one) for one in numbers], "reason": "another matter", **more.pop("body", {})}
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/split", body, **more)
    return status, found


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


Change = Callable[[Transaction, Any, Any], Any]


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


def proxy(tx: Transaction, case: Any, into: Any) -> None:
    papers.set_proxy(tx, case.id, Party("王律师", contact="wang@law.example"), mandate=True, actor="agent:Test")


def group(tx: Transaction, case: Any, into: Any) -> None:
    papers.set_representatives(tx, into.id, [Party("李四")], actor="agent:Test")


def members(tx: Transaction, case: Any, into: Any) -> None:
    tx.execute(sa.insert(case_papers).values(case_id=case.id, members=7))


def doubtful(tx: Transaction, case: Any, into: Any) -> None:
    links.withhold(tx, case.id, case.conversations[0], by="agent:Test", reason="x")


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
    house.store.write_now(_say, second, "经理叫欧阳锋")
    agent = await browser("admin")
    found = (await agent.get("/api/v1/cases?q=欧阳锋"))[1]["items"]
    assert [one["id"] for one in found] == [second.id]
    await merge(agent, second, first)
    found = (await agent.get("/api/v1/cases?q=欧阳锋"))[1]["items"]
    assert {one["id"] for one in found} == {first.id, second.id}


def _say(tx: Transaction, case: Any, text: str) -> None:
    row = conversations.locked(tx, case.conversations[0])
    new = conversations.NewMessage(conversations.Sender.CUSTOMER, text, case_id=case.id)
    conversations.add_messages(tx, row, [new])
    cases.heard_more(tx, case.id)


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


# splitting ----------------------------------------------------------------------------------------------------------


def one_case(house: Any, *texts: str) -> tuple[Any, str]:
    """A filed case whose customer has said these things, all of them of it."""
    case = house.case()
    of_ann(house, case)
    house.store.write_now(_is_about, case)
    for text in texts:
        house.store.write_now(_say, case, text)
    return house.store.read_now(cases.get, case.id), case.conversations[0]


def _is_about(tx: Transaction, case: Any) -> None:
    row = conversations.locked(tx, case.conversations[0])
    conversations.add_messages(tx, row, [], values={"case_id": case.id})


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


async def test_messages_of_another_matter_become_a_case_of_their_own(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    status, made = await split(agent, conversation, 3, body={"facts": {"about": "贷款"}})
    assert status == 201, made
    assert made["reference"] not in (None, case.reference)
    assert (made["status"], made["conversations"], made["contacts"]) == (
        "filed",
        [conversation],
        case.to_json()["contacts"],
    )
    assert (made["facts"]["what_happened"], made["facts"]["about"]) == ("还有贷款的利率也不对", "贷款")
    assert (made["facts"]["name"], made["facts"]["amount"]) == (case.facts.name, None), (
        "whose it is is known, what it is of is new"
    )
    m = messages.c
    [said] = house.store.read_now(
        lambda tx: list(tx.execute(sa.select(m.case_id, m.at).where(m.conversation_id == conversation, m.number == 3)))
    )
    assert said.case_id == made["id"]
    assert datetime.fromisoformat(made["received_at"]) == said.at
    assert made["feedback_due"] is not None
    for key, action in ((made["id"], "split_from"), (case.id, "split_off")):
        timeline = (await agent.get(f"/api/v1/cases/{key}/timeline"))[1]["items"]
        assert ("agent:Admin", action) in {(one["actor"], one["action"]) for one in timeline}
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert (shown["reference"], shown["references"]) == (case.reference, [case.reference, made["reference"]])
    told = [one["text"] for one in shown["messages"] if one["sender"] == "system"]
    assert made["reference"] in told[-1], "the customer is told its number"
    assert checkpoints.verify(house.store).problems == []


async def test_what_came_with_the_messages_belongs_to_the_new_case(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")

    def attach(tx: Transaction) -> None:
        for message in (2, 3):
            row = {"id": f"{message}" * 32, "conversation_id": conversation, "message": message, "digest": "0" * 64}
            tx.execute(
                sa.insert(attachments).values(**row, name=f"{message}.pdf", media_type="application/pdf", size=1)
            )

    house.store.write_now(attach)
    agent = await browser("admin")
    made = (await split(agent, conversation, 3))[1]
    for id, name in ((made["id"], "3.pdf"), (case.id, "2.pdf")):
        files = (await agent.get(f"/api/v1/cases/{id}/papers"))[1]["files"]
        assert [one["name"] for one in files] == [name]


def by_bot(tx: Transaction, conversation: str) -> None:
    row = conversations.locked(tx, conversation)
    conversations.add_messages(tx, row, [conversations.NewMessage(conversations.Sender.BOT, "您好")])


@pytest.mark.parametrize(
    ("numbers", "status", "code"),
    [
        ((99,), 422, "not_the_customers"),
        ((2, 99), 422, "not_the_customers"),
        ((4,), 422, "not_the_customers"),  # the bot's
        ((1, 2, 3), 422, "leaves_nothing"),
        ((), 422, "invalid"),
        (("one",), 422, "invalid"),
    ],
)
async def test_what_can_not_be_split_off(
    house: Any, browser: Any, numbers: tuple[Any, ...], status: int, code: str
) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    house.store.write_now(by_bot, conversation)
    agent = await browser("admin")
    answered, problem = await split(agent, conversation, *numbers)
    assert (answered, problem["code"]) == (status, code)
    assert (await agent.get("/api/v1/cases"))[1]["items"][1:] == []
    assert (await split(agent, "0" * 32, 1))[0] == 404


async def test_a_message_is_split_off_once(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    assert (await split(agent, conversation, 3))[0] == 201
    status, problem = await split(agent, conversation, 3)
    assert (status, problem["code"]) == (422, "split_before")
    status, problem = await split(agent, conversation, 2, 3)
    assert (status, problem["code"]) == (422, "several_cases")
    assert (await split(agent, conversation, 2))[0] == 201


@pytest.mark.parametrize(("change", "code"), [(proxy, "proxy"), (doubtful, "whose_is_it")])
async def test_where_it_is_not_known_who_speaks_nothing_is_split_off(
    house: Any, browser: Any, change: Change, code: str
) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费")
    house.store.write_now(lambda tx: change(tx, case, case))
    status, problem = await split(await browser("admin"), conversation, 2)
    assert (status, problem["code"]) == (409, code)


async def test_the_same_request_again_splits_once(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费")
    agent = await browser("admin")
    answers = [await split(agent, conversation, 2, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 201


async def test_two_who_split_the_same_at_once_make_one_case(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    answers = await asyncio.gather(*(split(agent, conversation, 3) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 422, 422, 422]


async def test_a_message_that_was_edited_while_it_was_read_is_read_again(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import splitting

    _, conversation = one_case(house, "信用卡被收了三百元年费")
    whole = splitting.understand

    async def slowly(*given: Any) -> Any:
        m = messages.c
        edited = sa.update(messages).where(m.conversation_id == conversation, m.number == 2).values(text="没有了")
        house.store.write_now(lambda tx: tx.execute(edited).rowcount)
        return await whole(*given)

    monkeypatch.setattr(splitting, "understand", slowly)
    status, problem = await split(await browser("admin"), conversation, 2)
    assert (status, problem["code"]) == (409, "changed_meanwhile")


@pytest.mark.parametrize(("owner", "left"), [("bot", "queue"), ("agent", "agent")])
async def test_danger_to_life_in_what_is_split_off_is_nobodys_to_file_away(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, owner: str, left: str
) -> None:
    """Whoever splits the messages off may not have seen it in them."""
    from gateway import splitting

    _, conversation = one_case(house, "信用卡被收了三百元年费", "另外我不想活了")
    whole = splitting.understand

    async def in_danger(*given: Any) -> Any:
        return replace(await whole(*given), acts=(CallPerson("danger_to_life", urgent=True),))

    monkeypatch.setattr(splitting, "understand", in_danger)
    agent = await browser("admin")
    if owner == "agent":
        await agent.post(f"/api/v1/conversations/{conversation}/take-over")
    assert (await split(agent, conversation, 3))[0] == 201
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert (shown["owner"], shown["urgent"]) == (left, True)


async def test_messages_of_no_case_become_the_one_their_conversation_is_about(house: Any, browser: Any) -> None:
    conversation = house.conversation("请问你们几点开门", "另外我要投诉柜台态度差", channel="email", address=ANN)
    agent = await browser("admin")
    status, made = await split(agent, conversation, 2)
    assert (status, made["contacts"]) == (201, [ANN])
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert shown["case"] == made["id"]


async def test_a_split_goes_back_by_merging(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    made = (await split(agent, conversation, 3))[1]
    back, case = (house.store.read_now(cases.get, id) for id in (made["id"], case.id))
    status, found = await merge(agent, back, case)
    assert (status, found["merged_from"]) == (200, [made["reference"]])
