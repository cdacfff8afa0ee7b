"""Danger to life that is written to an agent, in a whole house: it is heard, whoever has the conversation, and no empty chair keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, checkpoints, conversations, edits, ownership, people
from case_store.conversations import NewConversation, NewMessage
from case_store.records import Owner, Sender
from case_store.store import Store, Transaction
from case_store.tables_outbox import timers
from channels.webchat.socket import Seat
from gateway import overhearing
from gateway.overhearing import UNANSWERED
from tests.browser.console_house import House

COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice on 2 November"
DANGER = ["我不想活了，今晚就跳楼", "我唔想生存落去喇", "I am going to kill myself tonight"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def taken(house: House) -> Seat:
    """A chat that an agent has taken over."""
    seat = house.chat(COMPLAINT, locale="en")
    agent = house.do(house.gateway.store.read(people.find_agent, "megan"))
    house.write(ownership.take_over, seat.conversation, agent_id=agent.id, agent_name=agent.name)
    return seat


def now(house: House, seat: Seat) -> Any:
    return house.do(house.gateway.store.read(conversations.find, seat.conversation))


async def until(house: House, seat: Seat, true: Callable[[Any], bool]) -> None:
    with house.gateway.wakeups.subscribed(seat.conversation) as changed:
        async with asyncio.timeout(30):
            while not true(await house.gateway.store.read(conversations.find, seat.conversation)):
                await changed.get()


def two_minutes_pass(tx: Transaction) -> None:
    tx.execute(sa.update(timers).where(timers.c.kind == UNANSWERED, timers.c.due_at.is_not(None)).values(due_at=tx.now))


@pytest.mark.parametrize("words", DANGER)
def test_it_is_marked_at_once_and_goes_to_everybody_if_the_agent_does_not_answer(house: House, words: str) -> None:
    seat = taken(house)
    house.says(seat, words)
    house.do(until(house, seat, lambda row: row["urgent"]))
    assert house.owner(seat) == ("agent", "megan")
    house.write(two_minutes_pass)
    house.do(
        until(house, seat, lambda row: row["owner"] == "queue" and row["lease"] is None and row["speak_at"] is None)
    )
    assert now(house, seat)["urgent"]
    sender, said = house.told(seat)[-1]
    assert sender == "bot"
    assert said != words, "what is said in danger is said at once"
    actions = [
        one.action
        for one in house.do(house.gateway.store.read(audit.timeline, audit.conversation_chain(seat.conversation)))
    ]
    assert actions.index("danger_heard") < actions.index("taken_back")
    assert checkpoints.verify(house.gateway.store).problems == []


def test_an_agent_who_answers_keeps_it(house: House) -> None:
    seat = taken(house)
    house.says(seat, DANGER[2])
    house.do(until(house, seat, lambda row: row["urgent"]))
    agent = house.do(house.gateway.store.read(people.find_agent, "megan"))
    house.write(
        ownership.reply, seat.conversation, "I am here. Are you safe?", agent_id=agent.id, agent_name=agent.name
    )
    house.write(overhearing.fire, UNANSWERED, f"{seat.conversation}:{now(house, seat)['last_message'] - 1}")
    assert house.owner(seat) == ("agent", "megan")
    assert now(house, seat)["urgent"], "it stays marked until somebody says in words that there is no danger"


def test_danger_in_words_that_are_edited_is_heard_and_what_was_said_before_the_edit_is_no_answer(store: Store) -> None:
    store.write_now(_said_to_an_agent, "c" * 32, "Is the money on its way?")
    store.write_now(_heard, "c" * 32)
    store.write_now(ownership.reply, "c" * 32, "It is.", agent_id="a", agent_name="A")
    store.write_now(_edited, "c" * 32, 1, DANGER[0])
    store.write_now(_fired, conversations.OVERHEAR)
    assert _owner(store) == ("agent", True)
    store.write_now(_fired, UNANSWERED)
    assert _owner(store) == ("queue", True)


@pytest.mark.parametrize("earlier", [[], [{"text": "x", "at": "2026-11-28"}]], ids=["parts of an album", "edits"])
def test_danger_is_heard_however_often_the_words_have_changed_before(store: Store, earlier: list[Any]) -> None:
    store.write_now(_said_to_an_agent, "c" * 32, "look")
    store.write_now(_heard, "c" * 32)
    for times in range(1, 12):
        store.write_now(_edited, "c" * 32, 1, f"look {times}", earlier * times)
        store.write_now(_fired, conversations.OVERHEAR)
        store.write_now(_have_fired)
    assert _owner(store) == ("agent", False)
    store.write_now(_edited, "c" * 32, 1, DANGER[0], earlier * 12)
    store.write_now(_fired, conversations.OVERHEAR)
    assert _owner(store) == ("agent", True)


def _have_fired(tx: Transaction) -> None:
    tx.execute(sa.update(timers).where(timers.c.kind == conversations.OVERHEAR).values(due_at=None))


def _edited(tx: Transaction, id: str, number: int, text: str, earlier: list[Any] | None = None) -> None:
    row = conversations.locked(tx, id)
    [known] = conversations.messages_of(tx, id, after=number - 1, limit=1)
    told = tuple(earlier) if earlier else None
    edits.change(tx, row, known, text=text, mail={}, action="edited", quiet=timedelta(seconds=2.5), edits=told)


def _fired(tx: Transaction, kind: str) -> None:
    t = timers.c
    found = tx.execute(sa.select(t.subject, t.payload).where(t.kind == kind, t.due_at.is_not(None))).one()
    overhearing.fire(tx, kind, found.subject, found.payload or {})


def _owner(store: Store) -> tuple[str, bool]:
    row = store.read_now(conversations.find, "c" * 32)
    assert row is not None
    return row["owner"], row["urgent"]


def test_other_words_to_an_agent_are_left_to_the_agent(store: Store) -> None:
    store.write_now(_said_to_an_agent, "c" * 32, "Is the money on its way?")
    store.write_now(_heard, "c" * 32)
    row = store.read_now(conversations.find, "c" * 32)
    assert row is not None
    assert (row["owner"], row["urgent"], row["speak_at"]) == ("agent", False, None)
    assert store.read_now(_waiting) == []


@pytest.mark.parametrize("owner", [Owner.QUEUE, Owner.BOT])
def test_whoever_has_it_by_then_listens_by_themselves(store: Store, owner: Owner) -> None:
    store.write_now(_said_to_an_agent, "c" * 32, DANGER[0])
    store.write_now(ownership.hand_back, "c" * 32, agent_id="a", agent_name="A", to=owner)
    before = store.read_now(conversations.find, "c" * 32)
    store.write_now(_heard, "c" * 32)
    assert store.read_now(conversations.find, "c" * 32) == before


def test_what_comes_to_an_agent_is_listened_to_wherever_the_process_ends(store: Store) -> None:
    """The timer stands in the transaction that stored the message."""
    store.write_now(_said_to_an_agent, "c" * 32, DANGER[0])
    assert store.read_now(_waiting) == ["overhear"]


def _said_to_an_agent(tx: Transaction, id: str, words: str) -> None:
    conversations.open_conversation(tx, NewConversation(id, "webchat", "webchat:test", "zh-Hans"))
    ownership.take_over(tx, id, agent_id="a", agent_name="A")
    row = conversations.locked(tx, id)
    conversations.add_customer_message(tx, row, NewMessage(Sender.CUSTOMER, words), quiet=timedelta(seconds=2.5))


def _heard(tx: Transaction, id: str) -> None:
    number = conversations.locked(tx, id)["last_message"]
    overhearing.fire(tx, conversations.OVERHEAR, f"{id}:{number}")
    tx.execute(sa.update(timers).where(timers.c.kind == conversations.OVERHEAR).values(due_at=None))


def _waiting(tx: Transaction) -> list[str]:
    return list(tx.execute(sa.select(timers.c.kind).where(timers.c.due_at.is_not(None))).scalars())
