"""Conversations that are given to agents by turn: who gets what on a real store, of one process and of several; and the loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, emergencies, ownership, people, presence
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.records import Facts, Owner, Sender
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as rows
from case_store.tables_desk import givings as given_rows
from case_store.tables_outbox import deliveries
from case_store.tables_people import agent_sessions
from gateway import giving, loop
from gateway.assigner import Assigner
from gateway.config import Settings
from gateway.context import Gateway
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.gateway.desks import HOUR, ON, House, house, opens

__all__ = ["house"]


# giving ------------------------------------------------------------------------------------------------------------


def test_what_enters_the_queue_is_given_to_whoever_is_there_and_it_is_provable_why(house: House) -> None:
    house.agent("absent")
    anna = house.at_desk("anna")
    id = house.waits()
    epoch = house.row(id)["epoch"]
    assert house.round() == 1
    row = house.row(id)
    assert (row["owner"], row["agent_id"], row["epoch"], row["waiting_since"]) == ("agent", anna, epoch + 1, None)
    (given,) = house.events(id, "given_by_turn")
    assert given.actor == "system"
    assert given.detail == {
        "from": "queue",
        "agent": anna,
        "to": "Anna",
        "because": "least_load",
        "load": 0,
        "most": 2,
        "language": "zh-Hans",
        "skills": [],
        "policy": "house-7",
    }
    assert house.round() == 0


LOOKS = {
    "takes it over": lambda tx, id, agent: ownership.take_over(tx, id, agent_id=agent, agent_name="Anna"),
    "puts it off": lambda tx, id, agent: ownership.snooze(tx, id, until=tx.now + HOUR, by=agent, actor="agent:Anna"),
    "takes it up again": lambda tx, id, agent: ownership.snooze(tx, id, until=None, by=agent, actor="agent:Anna"),
}


@pytest.mark.parametrize("how", LOOKS)
def test_whoever_looks_at_what_they_were_given_is_on_record_however_they_do(house: House, how: str) -> None:
    anna = house.at_desk("anna")
    id = house.waits()
    assert house.round() == 1
    for _ in range(2):
        house.store.write_now(LOOKS[how], id, anna)
    assert [event.actor for event in house.events(id, "opened")] == ["agent:Anna"]


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
def test_a_customer_is_told_nothing_before_anybody_is_there_for_them(house: House, channel: str) -> None:
    anna = house.at_desk("anna")
    id = house.waits(channel=channel, account=channel, address=None if channel == "webchat" else "telegram:1")
    answering = lambda: house.store.read_now(lambda tx: ownership.answering(tx, conversations.locked(tx, id)))  # noqa: E731
    house.round()
    assert answering() == ("queue", None)
    house.later(HOUR)
    house.round()
    assert answering() == ("queue", None)
    assert house.said(id, Sender.SYSTEM) == []
    assert house.store.read_now(lambda tx: tx.execute(sa.select(deliveries.c.id)).all()) == []
    house.later(HOUR)
    house.store.write_now(presence.say, anna, "anna", takes=True)
    house.round()
    house.store.write_now(opens, id)
    assert answering() == ("agent", "Anna")


def test_of_equals_each_gets_as_many_and_who_is_full_gets_no_more(house: House) -> None:
    for name in ("anna", "bo", "cai"):
        house.at_desk(name)
    ids = [house.waits(ago=HOUR - timedelta(minutes=n)) for n in range(8)]
    assert house.round() == 6
    owners = [house.owner(id) for id in ids]
    assert Counter(owners) == {"Anna": 2, "Bo": 2, "Cai": 2, None: 2}
    assert owners[-2:] == [None, None]  # whoever waits longest is given first
    assert [house.row(id)["unassigned"] for id in ids[-2:]] == ["nobody_free", "nobody_free"]


def test_a_conversation_that_was_put_off_or_whose_case_is_closed_is_no_load(house: House) -> None:
    anna = house.at_desk("anna")
    first, second = house.waits(), house.waits(facts=Facts(what_happened="x"))
    assert house.round() == 2
    third = house.waits()
    assert house.round() == 0
    house.store.write_now(
        ownership.snooze, first, until=house.row(first)["updated_at"] + HOUR, by=anna, actor="agent:Anna"
    )
    assert house.round() == 1
    assert house.owner(third) == "Anna"
    fourth = house.waits()
    assert house.round() == 0
    case = house.row(second)["case_id"]
    house.store.write_now(cases.withdraw, case, actor="agent:Anna")
    assert house.round() == 1
    assert house.owner(fourth) == "Anna"


@pytest.mark.parametrize(
    ("facts", "quiet", "busy"),
    [
        (None, timedelta(hours=23), True),
        (None, timedelta(hours=25), False),
        (Facts(what_happened="x"), timedelta(days=13), True),
        (Facts(what_happened="x"), timedelta(days=15), False),
    ],
)
def test_what_nobody_has_touched_for_long_keeps_nobody_busy(
    house: House, facts: Facts | None, quiet: timedelta, busy: bool
) -> None:
    house.at_desk("anna", most=1)
    first = house.waits(facts=facts)
    house.round()
    house.store.write_now(opens, first)
    house.store.write_now(lambda tx: tx.execute(sa.update(rows).values(updated_at=tx.now - quiet)))
    house.waits()
    assert house.round() == (0 if busy else 1)


def test_language_and_skill_are_needed_as_the_policy_says(house: House) -> None:
    house.policy(
        ON
        + '[[assignment.needs]]\nskill = "funds"\nrisk = "major"\n'
        + '[[assignment.needs]]\nskill = "fees"\ntheme = "fee"\n'
        + '[[assignment.needs]]\nskill = "taipei"\naccount = "email:tw@bank.example"\n'
    )
    house.at_desk("anna", languages=["en"])
    house.at_desk("bo", skills=["funds"])
    house.at_desk("cai", skills=["fees", "taipei"], languages=["zh-Hant", "zh-Hans"])
    english = house.waits("a person please", locale="en")
    grave = house.waits(facts=Facts(what_happened="柜员说保本，结果亏了"), risk="major")
    fee = house.waits(facts=Facts(what_happened="你们多收了我手续费"))
    taipei = house.waits(channel="email", account="email:tw@bank.example", locale="zh-Hant", address="a@b.example")
    lost = house.waits(
        "ein Mensch", channel="email", account="email:tw@bank.example", locale="en", address="a@b.example"
    )
    assert house.round() == 4
    assert [house.owner(id) for id in (english, grave, fee, taipei, lost)] == ["Anna", "Bo", "Cai", "Cai", None]
    assert house.row(lost)["unassigned"] == "nobody_skilled"
    assert house.events(fee, "given_by_turn")[0].detail["skills"] == ["fees"]


@pytest.mark.parametrize("knows", ["answered", "holds the case", "answered in the case"])
def test_whoever_knows_the_matter_is_asked_first(house: House, knows: str) -> None:
    house.at_desk("anna")
    bo = house.at_desk("bo")
    if knows == "holds the case":
        id = house.waits(facts=Facts(what_happened="x"), assignee="bo")
    else:
        id = house.waits(facts=Facts(what_happened="x"))
        house.store.write_now(_answered, id, bo, elsewhere=knows == "answered in the case")
    busy = house.waits(ago=2 * HOUR)
    house.store.write_now(ownership.assign, busy, to=(bo, "Bo"), by="x", actor="agent:X", supervises=True)
    assert house.round() == 1
    assert house.owner(id) == "Bo"  # though Anna has fewer
    expected = "has_the_case" if knows == "holds the case" else "answered_before"
    assert house.events(id, "given_by_turn")[0].detail["because"] == expected


def _answered(tx: Transaction, id: str, agent_id: str, elsewhere: bool) -> None:
    row = conversations.locked(tx, id)
    there = id
    if elsewhere:
        there = new_id()
        conversations.open_conversation(tx, NewConversation(there, "email", "email:x", "zh-Hans"))
    said = NewMessage(Sender.AGENT, "您好", name="Bo", agent_id=agent_id, case_id=row["case_id"])
    conversations.add_messages(tx, conversations.locked(tx, there), [said])


# off, and many -----------------------------------------------------------------------------------------------------


def test_nothing_is_given_where_the_policy_says_nothing_of_it(house: House) -> None:
    house.at_desk("anna")
    id = house.waits()
    house.policy("")
    assert not house.looks().has_work
    assert house.round() == 0
    assert house.owner(id) is None


def test_what_was_given_before_it_was_switched_off_comes_back_if_nobody_has_looked(house: House) -> None:
    house.at_desk("anna")
    id = house.waits()
    house.round()
    house.policy('mode = "off"\n')
    assert house.looks().has_work
    assert house.round() == 1
    assert house.owner(id) is None


def statements(store: Store, work: Callable[[], object]) -> int:
    counted: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", count)
    return len(counted)


def test_a_round_takes_as_many_statements_for_forty_conversations_as_for_four(house: House) -> None:
    def rounds(name: str, agents: int) -> tuple[int, int]:
        """Statements of a round that gives, and of one that brings everything back; one conversation is left in both."""
        for n in range(agents):
            house.at_desk(f"{name}-{n}", most=4)
        for _ in range(4 * agents + 1):
            house.waits(facts=Facts(what_happened="x"))
        given = statements(house.store, house.round)
        house.later(HOUR)
        back = statements(house.store, house.round)
        house.store.write_now(_go_home)
        return given, back

    few = rounds("few", 1)
    assert rounds("many", 10) == few
    assert max(few) <= 25


def _go_home(tx: Transaction) -> None:
    tx.execute(sa.update(rows).values(owner="bot", agent_id=None))
    tx.execute(sa.delete(given_rows))
    tx.execute(sa.update(agent_sessions).values(takes_at=None))


@pytest.mark.parametrize("database", ["postgresql"])
def test_of_several_processes_that_deal_at_the_same_moment_no_conversation_goes_twice_and_nobody_gets_too_many(
    house: House, store_url: str
) -> None:
    for n in range(4):
        house.at_desk(f"agent-{n}", most=5)
    ids = [house.waits() for _ in range(40)]
    others = [Store(store_url) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            moved = [
                sum(done)
                for done in pool.map(
                    lambda store: [store.write_now(giving.hold, house.promises) for _ in range(10)], others
                )
            ]
    finally:
        for store in others:
            store.close()
    assert sum(moved) == 20
    assert Counter(house.owner(id) for id in ids) == {**{f"Agent-{n}": 5 for n in range(4)}, None: 20}
    assert [len(house.events(id, "given_by_turn")) for id in ids].count(1) == 20
    assert (
        house.store.read_now(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(given_rows)).scalar_one())
        == 20
    )


@pytest.mark.parametrize("database", ["postgresql"])
def test_what_another_process_is_at_is_left_alone(house: House) -> None:
    """A customer's message is being stored, or a colleague takes it over: neither is waited for, nor overrun."""
    house.at_desk("anna")
    held, free = house.waits(ago=2 * HOUR), house.waits()
    with house.store.engine.connect() as connection, connection.begin():
        connection.execute(sa.select(rows.c.id).where(rows.c.id == held).with_for_update())
        assert house.round() == 1
    assert [house.owner(id) for id in (held, free)] == [None, "Anna"]
    assert house.round() == 1
    assert house.owner(held) == "Anna"


# the loop ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def running(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[Callable[[], bool]], Any]]:
    """A gateway's own loop, which nobody has look by itself. `await running(holds)` waits until something holds that it was woken for."""
    monkeypatch.setattr(loop, "POLL", 3600.0)
    wakeups = Wakeups()
    house.store.on_wake = wakeups.publish
    settings = Settings(data_dir=house.folder)
    gateway = Gateway(settings, house.promises.policy, house.store, cast(Any, None), Tokens(b"k" * 32), wakeups)
    assigner = Assigner(gateway, house.promises)
    rounds = asyncio.Condition()
    held = assigner.round

    async def told() -> int:
        moved = await held()
        async with rounds:
            rounds.notify_all()
        return moved

    assigner._loop._work = told
    assigner.start()

    async def until(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), rounds:
            while not await asyncio.to_thread(holds):
                await rounds.wait()

    await house.store.write(lambda tx: tx.wake("owner", ""))  # the store knows the loop from now on
    yield until
    await assigner.stop()


async def test_the_loop_is_woken_by_who_enters_the_queue_who_is_there_and_who_has_finished(
    house: House, running: Any
) -> None:
    anna = await asyncio.to_thread(house.agent, "anna", most=1)
    await asyncio.to_thread(house.signs_in, anna, "anna")
    first = await asyncio.to_thread(house.waits)  # enters the queue
    await running(lambda: house.row(first)["unassigned"] == "nobody_available")
    await house.store.write(presence.say, anna, "anna", takes=True)  # says that she is there
    await running(lambda: house.owner(first) == "Anna")
    second = await asyncio.to_thread(house.waits)
    await running(lambda: house.row(second)["unassigned"] == "nobody_free")
    await house.store.write(ownership.hand_back, first, agent_id=anna, agent_name="Anna", to=Owner.BOT)
    await running(lambda: house.owner(second) == "Anna")  # has finished one
    await house.store.write(people.end_session, "anna")  # signs out
    await running(lambda: house.owner(second) is None)


async def test_a_loop_that_is_started_where_it_is_off_forgets_why_nobody_was_given_anything(house: House) -> None:
    id = house.waits()
    house.round()
    assert house.row(id)["unassigned"] == "nobody_available"
    house.policy("")
    settings = Settings(data_dir=house.folder)
    gateway = Gateway(settings, house.promises.policy, house.store, cast(Any, None), Tokens(b"k" * 32), Wakeups())
    assert await Assigner(gateway, house.promises).round() == 0
    assert house.row(id)["unassigned"] is None


@pytest.mark.parametrize(
    ("section", "declared", "expected"),
    [
        ("[emergency]\nmost = 4\n", "house", 4),
        ("[emergency]\nmost = 4\n", "about", 1),
        ("[emergency]\nmost = 4\n", None, 1),
        ("", "house", 1),
    ],
)
def test_in_an_emergency_of_the_whole_house_everybody_has_more_at_once(
    house: House, section: str, declared: str | None, expected: int
) -> None:
    house.policy(ON + section)
    house.at_desk("megan", most=1)
    if declared:
        about = "滨江支行" if declared == "about" else None
        wanted = emergencies.Declaration(declared, "停电", about)
        house.store.write_now(emergencies.declare, wanted, by="Sian", actor="agent:Sian")
    for _ in range(6):
        house.waits()
    assert house.round() == expected
