"""Who sees a masked number, and what is on record before they do."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, checkpoints, conversations
from case_store.audit import case_chain, conversation_chain
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.tables_house import audit_events, idempotency
from gateway import revealing
from tests.gateway.api.conftest import FACTS

ID, CARD = "11010519491231002X", "6222021234567894"
WORDS = f"卡{CARD}，证件{ID}，电话13812345678"
WHY = {"reason": "客户来电核实"}


def events(house: Any, chain: str) -> list[Any]:
    return [one for one in house.store.read_now(audit.timeline, chain) if one.action == "personal_revealed"]


async def test_an_agent_sees_the_numbers_of_what_is_theirs_and_it_is_on_record(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation(WORDS)
    agent = await browser("megan")
    await agent.post(f"/api/v1/conversations/{id}/take-over", {})
    status, found, answer = await agent.post(f"/api/v1/conversations/{id}/reveal", {**WHY, "message": "1"})
    assert status == 200
    assert found["items"] == [
        {"kind": "bank_card", "masked": "************7894", "value": CARD},
        {"kind": "id_card", "masked": "110***********002X", "value": ID},
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    (event,) = events(house, conversation_chain(id))
    assert (event.actor, event.detail) == (
        "agent:Megan",
        {"kinds": {"bank_card": 1, "id_card": 1}, "n": 2, "reason": WHY["reason"], "message": 1},
    )
    assert CARD not in json.dumps(event.detail)


async def test_an_agent_sees_none_of_what_is_somebody_elses(house: Any, browser: Any) -> None:
    house.agent("megan")
    case, id = house.case(replace(FACTS, about=CARD)), house.conversation(WORDS)
    agent = await browser("megan")
    for path, chain in (
        (f"cases/{case.reference}", case_chain(case.id)),
        (f"conversations/{id}", conversation_chain(id)),
    ):
        status, problem, _ = await agent.post(f"/api/v1/{path}/reveal", WHY)
        assert (status, problem["code"]) == (403, "not_yours")
        assert events(house, chain) == []


async def test_one_number_is_shown_and_the_others_stay_masked(house: Any, browser: Any) -> None:
    case, admin = house.case(replace(FACTS, about=CARD, what_happened=WORDS)), await browser("admin")
    body = {**WHY, "masked": "110***********002X"}
    found = (await admin.post(f"/api/v1/cases/{case.reference}/reveal", body))[1]["items"]
    assert [one["value"] for one in found] == [ID]
    assert [event.detail["kinds"] for event in events(house, case_chain(case.id))] == [{"id_card": 1}]


@pytest.mark.parametrize(
    ("written", "asked", "values"),
    [
        (f"** {CARD}", "** ************7894", [CARD]),  # stars of a list can't be told from the mask's
        (f"**{CARD}**", "**************7894", [CARD]),
        (f"*-{CARD}", "*-************7894", [CARD]),
        (f"{CARD}，4000000007894", "************7894", [CARD]),  # not what it ends with
        (f"{CARD}", "*********7894", []),
        (f"{CARD}", "1************7894", []),
        (f"{CARD}", "x ************7894", []),
    ],
)
async def test_a_number_is_found_behind_stars_that_hide_nothing(
    house: Any, browser: Any, written: str, asked: str, values: list[str]
) -> None:
    case, admin = house.case(replace(FACTS, about=written)), await browser("admin")
    found = (await admin.post(f"/api/v1/cases/{case.reference}/reveal", {**WHY, "masked": asked}))[1]["items"]
    assert [one["value"] for one in found] == values


async def test_a_number_in_a_colleagues_note_is_shown_too(house: Any, browser: Any) -> None:
    case, admin = house.case(), await browser("admin")
    await admin.post(f"/api/v1/conversations/{case.conversations[0]}/notes", {"text": f"card {CARD}, again {CARD}"})
    for path in (f"cases/{case.reference}", f"conversations/{case.conversations[0]}"):
        found = (await admin.post(f"/api/v1/{path}/reveal", WHY))[1]["items"]
        assert [one["value"] for one in found] == [CARD]


async def test_a_case_that_is_assigned_to_somebody_is_theirs(house: Any, browser: Any) -> None:
    house.agent("megan")
    case = house.case(replace(FACTS, about=f"卡{CARD}", what_happened=ID), assignee="megan")
    agent = await browser("megan")
    found = (await agent.post(f"/api/v1/cases/{case.reference}/reveal", {**WHY, "field": "about"}))[1]["items"]
    assert [one["value"] for one in found] == [CARD]
    found = (await agent.post(f"/api/v1/cases/{case.reference}/reveal", WHY))[1]["items"]
    assert {one["value"] for one in found} == {CARD, ID}
    assert [event.detail.get("field") for event in events(house, case_chain(case.id))] == ["about", None]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMIN])
async def test_who_answers_for_the_house_sees_the_numbers_of_any_case(house: Any, browser: Any, role: Role) -> None:
    house.agent("pat", role)
    case = house.case(replace(FACTS, about=CARD))
    status, found, _ = await (await browser("pat")).post(f"/api/v1/cases/{case.reference}/reveal", WHY)
    assert (status, [one["value"] for one in found["items"]]) == (200, [CARD])
    assert len(events(house, case_chain(case.id))) == 1


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": None}])
async def test_nothing_is_shown_without_a_reason(house: Any, browser: Any, body: Any) -> None:
    case = house.case(replace(FACTS, about=CARD))
    status, problem, _ = await (await browser("admin")).post(f"/api/v1/cases/{case.reference}/reveal", body)
    assert (status, problem["errors"][0]["field"]) == (422, "reason")
    assert events(house, case_chain(case.id)) == []


async def test_a_machine_has_nothing_to_reveal(house: Any, browser: Any) -> None:
    case = house.case()
    robot = await browser(key=house.key("admin"))
    status, problem, _ = await robot.post(f"/api/v1/cases/{case.reference}/reveal", WHY)
    assert (status, problem["code"]) == (403, "not_allowed")


async def test_a_repeated_request_is_one_event_and_its_numbers_are_kept_nowhere(house: Any, browser: Any) -> None:
    case = house.case(replace(FACTS, about=CARD))
    admin = await browser("admin")
    before = set(kept(house, audit_events))  # the fact itself stands in the chain since it was told
    asked = [
        await admin.post(f"/api/v1/cases/{case.reference}/reveal", WHY, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert [(status, found["items"][0]["value"]) for status, found, _ in asked] == [(200, CARD)] * 2
    assert len(events(house, case_chain(case.id))) == 1
    told, asked_for = set(kept(house, audit_events)) - before, kept(house, idempotency)
    assert len(told) >= 1, "the chain tells of it"
    assert len(asked_for) == 1, "the request is remembered"
    assert [row for row in (*told, *asked_for) if CARD in re.sub(r"[^0-9A-Za-z]", "", row)] == []


def kept(house: Any, table: sa.Table) -> list[str]:
    return house.store.read_now(lambda tx: [str(dict(row)) for row in tx.execute(sa.select(table)).mappings()])


async def test_a_repeated_request_shows_nothing_once_it_is_not_theirs_any_more(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation(WORDS)
    agent, key = await browser("megan"), {"Idempotency-Key": "one"}
    await agent.post(f"/api/v1/conversations/{id}/take-over", {})
    assert (await agent.post(f"/api/v1/conversations/{id}/reveal", WHY, headers=key))[0] == 200
    await agent.post(f"/api/v1/conversations/{id}/hand-back", {"to": "queue"})
    assert (await agent.post(f"/api/v1/conversations/{id}/reveal", WHY, headers=key))[0] == 403


async def test_where_nothing_is_masked_nothing_is_shown_and_nothing_told(house: Any, browser: Any) -> None:
    case = house.case()
    status, found, _ = await (await browser("admin")).post(f"/api/v1/cases/{case.reference}/reveal", WHY)
    assert (status, found["items"], events(house, case_chain(case.id))) == (200, [], [])


async def test_who_copies_number_after_number_is_slowed_down(house: Any, browser: Any) -> None:
    case = house.case(replace(FACTS, about=CARD))
    admin = await browser("admin")
    answers = [(await admin.post(f"/api/v1/cases/{case.reference}/reveal", WHY))[0] for _ in range(61)]
    assert answers == [200] * 60 + [429]


async def test_what_a_repeated_request_shows_for_the_first_time_is_put_on_record(house: Any, browser: Any) -> None:
    """A key that was used where nothing stood yet showed later what came meanwhile, and nobody was told."""
    id, admin, key = house.conversation("您好"), await browser("admin"), {"Idempotency-Key": "one"}
    path = f"/api/v1/conversations/{id}/reveal"

    def say(text: str) -> None:
        house.store.write_now(
            lambda tx: conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, text)])
        )

    told = []
    for text in ("", CARD, ID):
        if text:
            say(text)
        for _ in range(2):
            status, found, _ = await admin.post(path, WHY, headers=key)
            told.append((status, len(found["items"]), len(events(house, conversation_chain(id)))))
    assert told == [(200, 0, 0)] * 2 + [(200, 1, 1)] * 2 + [(200, 2, 2)] * 2
    (status, problem, _) = await admin.post(path, {"reason": "another"}, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert checkpoints.verify(house.store).problems == []


async def test_texts_are_looked_through_before_the_writer_is_taken(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, writing, looked = house.case(replace(FACTS, about=CARD)), threading.local(), []
    write, in_case = house.store.write, revealing.in_case

    async def watched(unit: Any, *args: Any) -> Any:
        def run(tx: Any, *given: Any) -> Any:
            writing.now = True
            try:
                return unit(tx, *given)
            finally:
                writing.now = False

        return await write(run, *args)

    def find(*args: Any) -> Any:
        looked.append(getattr(writing, "now", False))
        return in_case(*args)

    monkeypatch.setattr(house.store, "write", watched)
    monkeypatch.setattr(revealing, "in_case", find)
    assert (await (await browser("admin")).post(f"/api/v1/cases/{case.id}/reveal", WHY))[0] == 200
    assert looked == [False]


async def test_what_is_changed_between_the_look_and_the_record_is_looked_at_again(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, changes, in_case = house.case(replace(FACTS, about=CARD)), [ID, None], revealing.in_case

    def find(tx: Any, *args: Any) -> Any:
        found = in_case(tx, *args)
        if changes and (about := changes.pop(0)):
            house.store.write_now(cases.change, case.id, {"facts": {"about": about}}, actor="system")
        return found

    monkeypatch.setattr(revealing, "in_case", find)
    body = {**WHY, "field": "about"}
    found = (await (await browser("admin")).post(f"/api/v1/cases/{case.id}/reveal", body))[1]["items"]
    assert [one["value"] for one in found] == [ID]
    assert [event.detail["kinds"] for event in events(house, case_chain(case.id))] == [{"id_card": 1}]
