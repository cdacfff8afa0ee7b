"""Giving a conversation to a colleague, and putting one's own off: who may, who is told, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store import audit, conversations, edits, notes, people
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.store import Transaction


async def give(agent: Any, id: str, to: str, note: str | None = None) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/assign", {"agent": to, "note": note})
    return status, found


async def called(agent: Any) -> list[tuple[str, str]]:
    return [
        (one["note"]["author_name"], one["note"]["text"]) for one in (await agent.get("/api/v1/mentions"))[1]["items"]
    ]


async def test_who_has_it_gives_it_and_the_colleague_is_called(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("carol")
    megan, carol, id = await browser("megan"), await browser("carol"), house.conversation("hello")
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    status, found = await give(megan, id, "carol", "She asked for you")
    assert (status, found["owner"], found["agent"]) == (200, "agent", "carol")
    assert await called(carol) == [("Megan", "She asked for you")]
    happened = house.store.read_now(audit.timeline, audit.conversation_chain(id))
    (given,) = [one for one in happened if one.action == "assigned"]
    assert (given.actor, given.detail["to"], given.detail["from"]) == ("agent:Megan", "Carol", "agent")
    assert house.told.owned[-1][:2] == ("agent", "agent")
    assert house.told.owned[-1][2].name == "Carol"


async def test_what_nobody_has_is_given_by_anybody_and_without_a_word_the_colleague_is_called_too(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    house.agent("carol")
    megan, id = await browser("megan"), house.conversation("hello")
    assert (await give(megan, id, "carol"))[1]["agent"] == "carol"
    assert await called(await browser("carol")) == [("Megan", "@carol")]


async def test_out_of_anothers_hands_it_takes_a_supervisor(house: Any, browser: Any) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    house.agent("sian", Role.SUPERVISOR)
    megan, carol, id = await browser("megan"), await browser("carol"), house.conversation("hello")
    await carol.post(f"/api/v1/conversations/{id}/take-over")
    status, problem = await give(megan, id, "megan")
    assert (status, problem["code"], problem["agent_name"]) == (409, "owned_by_another", "Carol")
    status, found = await give(await browser("sian"), id, "megan", "Carol is ill")
    assert (status, found["agent"]) == (200, "megan")
    assert await called(megan) == await called(carol) == [("Sian", "Carol is ill\n@carol → @megan")]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("assign", {"agent": "megan"}, "@carol → @megan"),
        ("assign", {"agent": "sian"}, "@carol → Sian"),
        ("assign", {"agent": "sian", "note": "I know them"}, "I know them\n@carol → Sian"),
        ("take-over", {"take_over": True}, "@carol → Sian"),
        ("messages", {"text": "I am here now.", "take_over": True}, "@carol → Sian"),
    ],
)
async def test_whoever_loses_one_hears_of_it_and_to_whom(
    house: Any, browser: Any, path: str, body: dict[str, Any], told: str
) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    house.agent("sian", Role.SUPERVISOR)
    carol, sian, id = await browser("carol"), await browser("sian"), house.conversation("hello")
    await carol.post(f"/api/v1/conversations/{id}/take-over")
    assert (await sian.post(f"/api/v1/conversations/{id}/{path}", body))[0] in (200, 201)
    assert await called(carol) == [("Sian", told)]
    assert await called(sian) == []


async def test_whoever_gives_their_own_away_or_lost_an_account_is_not_called(house: Any, browser: Any) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    carol, id = await browser("carol"), house.conversation("hello")
    await carol.post(f"/api/v1/conversations/{id}/take-over")
    await give(carol, id, "megan")
    assert await called(carol) == []
    house.store.write_now(people.change_agent, "megan", {"active": False}, actor="system")
    await (await browser("admin")).post(f"/api/v1/conversations/{id}/take-over", {"take_over": True})
    [note] = house.store.read_now(notes.of_conversation, id)
    assert note.mentions == ("megan",), "the giving alone"


async def test_who_has_it_already_is_not_called_again(house: Any, browser: Any) -> None:
    house.agent("carol")
    admin, id = await browser("admin"), house.conversation("hello")
    for _ in range(2):
        assert (await give(admin, id, "carol", "look"))[0] == 200
    assert len(await called(await browser("carol"))) == 1


async def test_ones_own_hands_need_no_call(house: Any, browser: Any) -> None:
    admin, id = await browser("admin"), house.conversation("hello")
    assert (await give(admin, id, "admin"))[1]["agent"] == "admin"
    assert await called(admin) == []


@pytest.mark.parametrize("name", ["nobody", "gone", "NOT A NAME"])
async def test_only_an_open_account_is_given_work(house: Any, browser: Any, name: str) -> None:
    house.agent("gone")
    house.store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    admin, id = await browser("admin"), house.conversation("hello")
    status, problem = await give(admin, id, name)
    assert status == 422
    assert "agent" in str(problem)
    assert (await admin.get(f"/api/v1/conversations/{id}"))[1]["owner"] == "bot"


async def test_whose_life_is_in_danger_is_neither_given_to_somebody_who_may_be_away_nor_put_off(
    house: Any, browser: Any
) -> None:
    """The queue alarms everybody; a colleague's list alarms nobody."""
    house.agent("carol")
    megan, id = await own(house, browser)
    house.store.write_now(in_danger, id)
    status, problem = await give(megan, id, "carol", "please")
    assert (status, problem["code"]) == (409, "danger_not_cleared")
    status, problem = await put_off(megan, id, TOMORROW)
    assert (status, problem["code"]) == (409, "danger_not_cleared")
    found = (await megan.get(f"/api/v1/conversations/{id}"))[1]
    assert (found["agent"], found["snoozed_until"]) == ("megan", None)
    assert await called(await browser("carol")) == []
    assert (await give(await browser("admin"), id, "admin"))[1]["agent"] == "admin"  # who is here may take it


def in_danger(tx: Transaction, id: str) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [], values={"urgent": True})


async def test_what_is_not_there_cannot_be_given(house: Any, browser: Any) -> None:
    house.agent("carol")
    assert (await give(await browser("admin"), "none", "carol"))[0] == 404


async def put_off(agent: Any, id: str, until: datetime | str | None) -> tuple[int, Any]:
    when = until.isoformat() if isinstance(until, datetime) else until
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/snooze", {"until": when})
    return status, found


def says(tx: Transaction, id: str, sender: Sender) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(sender, "and another thing")])


TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


async def own(house: Any, browser: Any) -> tuple[Any, str]:
    house.agent("megan")
    megan, id = await browser("megan"), house.conversation("hello")
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    return megan, id


async def test_what_one_answers_is_put_off_and_taken_up_again(house: Any, browser: Any) -> None:
    megan, id = await own(house, browser)
    status, found = await put_off(megan, id, TOMORROW)
    assert (status, datetime.fromisoformat(found["snoozed_until"])) == (200, TOMORROW)
    assert (await put_off(megan, id, None))[1]["snoozed_until"] is None
    happened = house.store.read_now(audit.timeline, audit.conversation_chain(id))
    assert [one.action for one in happened[-2:]] == ["snoozed", "woken"]


@pytest.mark.parametrize(("sender", "stays"), [(Sender.CUSTOMER, False), (Sender.SYSTEM, True), (Sender.AGENT, True)])
async def test_it_comes_back_with_the_customers_next_words(
    house: Any, browser: Any, sender: Sender, stays: bool
) -> None:
    megan, id = await own(house, browser)
    await put_off(megan, id, TOMORROW)
    house.store.write_now(says, id, sender)
    found = (await megan.get(f"/api/v1/conversations/{id}"))[1]
    assert (found["snoozed_until"] is not None) == stays


async def test_it_comes_back_when_the_customer_changes_their_words(house: Any, browser: Any) -> None:
    megan, id = await own(house, browser)
    await put_off(megan, id, TOMORROW)
    house.store.write_now(edited, id)
    assert (await megan.get(f"/api/v1/conversations/{id}"))[1]["snoozed_until"] is None


def edited(tx: Transaction, id: str) -> None:
    (said,) = conversations.messages_of(tx, id, limit=1)
    row = conversations.locked(tx, id)
    edits.change(tx, row, said, text="not 300, 500", mail=said.mail or {}, quiet=timedelta(), action="edited")


@pytest.mark.parametrize("step", ["hand-back", "assign"])
async def test_whoever_has_it_next_has_it_now(house: Any, browser: Any, step: str) -> None:
    house.agent("carol")
    megan, id = await own(house, browser)
    await put_off(megan, id, TOMORROW)
    body = {"to": "queue"} if step == "hand-back" else {"agent": "carol"}
    assert (await megan.post(f"/api/v1/conversations/{id}/{step}", body))[1]["snoozed_until"] is None


async def test_what_waits_or_is_anothers_is_put_off_by_nobody(house: Any, browser: Any) -> None:
    megan, id = await own(house, browser)
    status, problem = await put_off(await browser("admin"), id, TOMORROW)
    assert (status, problem["code"], problem["agent_name"]) == (409, "owned_by_another", "Megan")
    await megan.post(f"/api/v1/conversations/{id}/hand-back", {"to": "queue"})
    status, problem = await put_off(megan, id, TOMORROW)
    assert (status, problem["code"]) == (409, "not_yours")


@pytest.mark.parametrize(
    "until", [TOMORROW - timedelta(days=2), TOMORROW + timedelta(days=90), "tomorrow", "2026-12-01T09:00:00"]
)
async def test_a_time_that_has_passed_or_is_none_is_refused(house: Any, browser: Any, until: Any) -> None:
    megan, id = await own(house, browser)
    status, problem = await put_off(megan, id, until)
    assert status == 422
    assert "until" in str(problem)
