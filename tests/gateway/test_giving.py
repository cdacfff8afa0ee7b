"""Conversations that are given to agents by turn: who gets what on a real store, what comes back, and what nobody is ever given."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from case_store import audit, cases, conversations, givings, people, presence
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Draft, Facts, Owner, Role, Sender
from case_store.store import Store, Transaction
from case_store.tables import agent_sessions, deliveries
from case_store.tables import conversations as rows
from case_store.tables import givings as given_rows
from gateway import alarms, giving, loop
from gateway.assigner import Assigner
from gateway.auth.sessions import IDLE
from gateway.config import Settings
from gateway.context import Gateway
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups

HOUR = timedelta(hours=1)
ON = 'mode = "round_robin"\nmost = 2\nanswer_within = 5\n'


@dataclass
class House:
    """A store with people at their desks, and customers who wait."""

    store: Store
    folder: Path
    promises: Promises = field(init=False)

    def __post_init__(self) -> None:
        self.policy(ON)

    def policy(self, section: str) -> None:
        file = self.folder / "policy.toml"
        file.write_text(f'version = "house-7"\n[assignment]\n{section}')
        self.promises = Promises(load_policy(file), Settings(data_dir=self.folder))

    def agent(self, name: str, **more: Any) -> str:
        new = NewAgent(name, name.title(), Role.AGENT, "hash", post="客服", **more)
        return self.store.write_now(people.add_agent, new, actor="system").id

    def at_desk(self, name: str, **more: Any) -> str:
        id = self.agent(name, **more)
        self.signs_in(id, name)
        self.store.write_now(presence.say, id, name, takes=True)
        return id

    def signs_in(self, id: str, digest: str) -> None:
        lasting: dict[str, Any] = {"csrf": "c", "lasts": timedelta(hours=12), "client": None, "instead_of": None}
        assert self.store.write_now(people.open_session, id, digest=digest, **lasting)

    def waits(self, said: str = "我要找人工", *, ago: timedelta = HOUR, **more: Any) -> str:
        id = new_id()
        self.store.write_now(_waits, id, said, ago, more)
        return id

    def round(self) -> int:
        return self.store.write_now(giving.hold, self.promises)

    def looks(self) -> giving.Round:
        return self.store.read_now(giving.look, self.promises)

    def row(self, id: str) -> Any:
        return self.store.read_now(conversations.find, id)

    def owner(self, id: str) -> str | None:
        """The name of whoever has it; None: it waits."""
        row = self.row(id)
        assert row["owner"] in (Owner.AGENT, Owner.QUEUE)
        return self.store.read_now(conversations.agent_name, row["agent_id"])

    def events(self, id: str, *actions: str) -> list[Any]:
        told = self.store.read_now(audit.timeline, audit.conversation_chain(id))
        return [event for event in told if event.action in actions]

    def said(self, id: str, sender: Sender) -> list[str]:
        return [m.text for m in self.store.read_now(conversations.messages_of, id) if m.sender is sender]

    def later(self, by: timedelta) -> None:
        """What was given is so much older now; whoever is there is still there."""

        def unit(tx: Transaction) -> None:
            for one in tx.execute(sa.select(given_rows)).mappings().all():
                moved = {n: one[n] - by for n in ("at", "due_at", "returned_at") if one[n] is not None}
                here = sa.and_(
                    given_rows.c.conversation_id == one["conversation_id"], given_rows.c.epoch == one["epoch"]
                )
                tx.execute(sa.update(given_rows).where(here).values(**moved))

        self.store.write_now(unit)

    def unseen_for(self, digest: str, by: timedelta, column: str = "takes_at") -> None:
        """The session was last noted so long ago."""
        s = agent_sessions.c
        self.store.write_now(
            lambda tx: tx.execute(sa.update(agent_sessions).where(s.digest == digest).values({column: tx.now - by}))
        )


def _waits(tx: Transaction, id: str, said: str, ago: timedelta, more: dict[str, Any]) -> None:
    reason, urgent, facts = more.pop("reason", "asked"), more.pop("urgent", False), more.pop("facts", None)
    speaks, risk, assignee = more.pop("speak_at", None), more.pop("risk", None), more.pop("assignee", None)
    told = {"channel": "webchat", "account": "webchat", "locale": "zh-Hans", "customer": "江敏", **more}
    conversations.open_conversation(tx, NewConversation(id, **told))
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, said)])
    values: dict[str, Any] = {"answered_message": 1}
    if facts is not None:
        case = cases.open_draft(
            tx,
            conversation_id=id,
            channel=told["channel"],
            account=told["account"],
            language=told["locale"],
            received_at=tx.now,
            customer=None,
        )
        cases.save_draft(tx, case, Draft(facts), None, told["locale"])
        changes = {name: value for name, value in (("risk", risk), ("assignee", assignee)) if value is not None}
        if changes:
            cases.change(tx, case, changes, actor="agent:Test")
        values["case_id"] = case
    row = conversations.locked(tx, id)
    values |= conversations.queue_for_person(tx, row, reason, urgent=urgent)
    values |= {"waiting_since": tx.now - ago, "speak_at": speaks}
    conversations.add_messages(tx, row, [], values=values)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)


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


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
def test_a_customer_is_told_nothing_before_anybody_is_there_for_them(house: House, channel: str) -> None:
    anna = house.at_desk("anna")
    id = house.waits(channel=channel, account=channel, address=None if channel == "webchat" else "telegram:1")
    answering = lambda: house.store.read_now(lambda tx: conversations.answering(tx, conversations.locked(tx, id)))  # noqa: E731
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
    house.store.write_now(_opens, id)
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
        conversations.snooze, first, until=house.row(first)["updated_at"] + HOUR, by=anna, actor="agent:Anna"
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
    house.store.write_now(_opens, first)
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
    house.store.write_now(conversations.assign, busy, to=(bo, "Bo"), by="x", actor="agent:X", supervises=True)
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


# who is there ------------------------------------------------------------------------------------------------------


def _signs_out(house: House, id: str) -> None:
    house.store.write_now(people.end_session, "anna")


def _says_away(house: House, id: str) -> None:
    house.store.write_now(presence.say, id, "anna", takes=False)


def _says_away_elsewhere(house: House, id: str) -> None:
    house.signs_in(id, "another browser")
    house.store.write_now(presence.say, id, "another browser", takes=False)


def _closes_the_laptop(house: House, id: str) -> None:
    house.unseen_for("anna", presence.THERE + timedelta(seconds=1))


def _is_idle(house: House, id: str) -> None:
    house.unseen_for("anna", IDLE + timedelta(seconds=1), "seen_at")


def _session_ends(house: House, id: str) -> None:
    house.unseen_for("anna", timedelta(seconds=1), "expires_at")


def _account_closes(house: House, id: str) -> None:
    house.store.write_now(people.change_agent, "anna", {"active": False}, actor="agent:Admin")


GOES = [_signs_out, _says_away, _says_away_elsewhere, _closes_the_laptop, _is_idle, _session_ends, _account_closes]


@pytest.mark.parametrize("goes", GOES)
def test_who_is_gone_is_given_nothing_and_what_they_have_not_looked_at_goes_back_at_once(
    house: House, goes: Callable[[House, str], None]
) -> None:
    anna = house.at_desk("anna")
    unopened, opened = house.waits(), house.waits()
    assert house.round() == 2
    house.store.write_now(_opens, opened)
    goes(house, anna)
    waiting = house.waits()
    assert house.round() == 1
    assert [house.owner(id) for id in (unopened, opened, waiting)] == [None, "Anna", None]
    assert house.events(unopened, "taken_back")[0].detail["why"] == "away"
    house.round()
    assert house.row(waiting)["unassigned"] == "nobody_available"


def _opens(tx: Transaction, id: str) -> None:
    conversations.look_at(tx, conversations.locked(tx, id))


def test_whoever_signs_in_again_takes_none_before_they_say_so(house: House) -> None:
    anna = house.at_desk("anna")
    house.store.write_now(people.end_session, "anna")
    house.signs_in(anna, "the next morning")
    assert not house.store.read_now(presence.takes, anna)
    id = house.waits()
    house.round()
    assert house.owner(id) is None
    house.store.write_now(presence.say, anna, "the next morning", takes=True)
    assert house.round() == 1
    assert house.owner(id) == "Anna"


def test_a_browser_that_is_there_is_noted_no_more_often_than_it_has_to_be(house: House) -> None:
    house.at_desk("anna")
    bo = house.agent("bo")
    house.signs_in(bo, "bo")

    def noted(digest: str) -> datetime | None:
        house.store.write_now(presence.note, digest)
        found = house.store.read_now(people.find_session, digest, IDLE)
        assert found is not None
        return found.takes_at

    first = noted("anna")
    assert noted("anna") == first
    house.unseen_for("anna", presence.NOTED_EVERY + timedelta(seconds=1))
    assert (noted("anna") or datetime.min) > (first or datetime.min)
    assert noted("bo") is None  # who takes none is not watched


# coming back -------------------------------------------------------------------------------------------------------


def test_what_is_not_looked_at_in_time_goes_back_to_its_place_and_its_agent_counts_as_away(house: House) -> None:
    anna = house.at_desk("anna")
    id = house.waits("等了很久", ago=3 * HOUR)
    before = house.row(id)
    house.round()
    house.later(timedelta(minutes=4))
    assert house.round() == 0
    assert house.owner(id) == "Anna"
    house.later(timedelta(minutes=1))
    other = house.waits()
    assert house.round() == 1
    row = house.row(id)
    assert (row["owner"], row["agent_id"], row["epoch"]) == ("queue", None, before["epoch"] + 2)
    assert (row["waiting_since"], row["waiting_reason"]) == (before["waiting_since"], "asked")
    (back,) = house.events(id, "taken_back")
    assert (back.actor, back.detail["from"], back.detail["why"]) == ("system", "Anna", "not_opened")
    assert house.owner(other) is None  # also not another one, in the same moment
    assert not house.store.read_now(presence.takes, anna)  # the next customer must not wait for the same empty chair
    assert house.row(id)["announced_at"] is None  # so that it is announced again if it waits too long


def test_the_next_one_gets_it_and_the_same_agent_not_at_once(house: House) -> None:
    anna, bo = house.at_desk("anna"), house.at_desk("bo")
    id = house.waits()
    house.round()
    assert house.owner(id) == "Anna"
    house.later(timedelta(minutes=6))
    assert house.round() == 2  # back, and on, in one round
    assert house.owner(id) == "Bo"
    house.store.write_now(presence.say, bo, "bo", takes=False)
    house.store.write_now(presence.say, anna, "anna", takes=True)
    house.round()
    assert house.owner(id) is None
    assert house.row(id)["unassigned"] == "nobody_else"
    house.later(timedelta(minutes=6))
    assert house.round() == 1
    assert house.owner(id) == "Anna"


def _replies(tx: Transaction, id: str, agent_id: str) -> None:
    conversations.reply(tx, id, "您好", agent_id=agent_id, agent_name="Anna")


def _puts_off(tx: Transaction, id: str, agent_id: str) -> None:
    conversations.snooze(tx, id, until=tx.now + HOUR, by=agent_id, actor="agent:Anna")


def _takes(tx: Transaction, id: str, agent_id: str) -> None:
    conversations.take_over(tx, id, agent_id=agent_id, agent_name="Anna")


@pytest.mark.parametrize("does", [lambda tx, id, _: _opens(tx, id), _replies, _puts_off, _takes])
def test_what_its_agent_has_looked_at_stays_theirs(house: House, does: Callable[[Transaction, str, str], None]) -> None:
    anna = house.at_desk("anna")
    house.at_desk("bo")
    id = house.waits()
    house.round()
    house.store.write_now(does, id, anna)
    house.later(HOUR)
    house.store.write_now(people.end_session, "anna")
    assert house.round() == 0
    assert house.owner(id) == "Anna"


def test_what_a_colleague_has_taken_meanwhile_is_theirs(house: House) -> None:
    house.at_desk("anna")
    bo = house.agent("bo")
    id = house.waits()
    house.round()
    house.store.write_now(conversations.take_over, id, agent_id=bo, agent_name="Bo", from_another=True)
    house.later(HOUR)
    assert house.round() == 0
    assert house.owner(id) == "Bo"
    assert not house.looks().has_work  # and nobody looks at it again


def test_who_looks_at_it_in_the_same_moment_keeps_it(house: House) -> None:
    """The look before a round finds it due; its agent opens it before the round has its lock."""
    house.at_desk("anna")
    id = house.waits()
    house.round()
    house.later(HOUR)
    due = house.looks().returns
    assert [one.of.conversation_id for one in due] == [id]
    house.store.write_now(_opens, id)
    assert house.store.write_now(givings.take_back, due) == []
    assert house.owner(id) == "Anna"


def test_who_gives_it_back_is_not_given_it_again_however_well_they_know_it(house: House) -> None:
    anna = house.at_desk("anna")
    id = house.waits()
    house.round()
    house.store.write_now(_replies, id, anna)
    house.store.write_now(conversations.hand_back, id, agent_id=anna, agent_name="Anna", to=Owner.QUEUE)
    house.round()
    assert (house.owner(id), house.row(id)["unassigned"]) == (None, "nobody_else")
    house.later(HOUR)
    assert house.round() == 0
    house.at_desk("bo")
    assert house.round() == 1
    assert house.owner(id) == "Bo"


def test_also_what_a_machine_had_is_given_back(house: House) -> None:
    id = house.waits()
    house.store.write_now(conversations.take_over, id, agent_id="key-1", agent_name="robot")
    house.store.write_now(conversations.hand_back, id, agent_id="key-1", agent_name="robot", to=Owner.QUEUE)
    house.at_desk("anna")
    assert house.round() == 1


def test_what_a_customer_said_to_somebody_who_was_not_there_is_listened_to(house: House) -> None:
    house.at_desk("anna")
    id = house.waits()
    house.round()
    house.store.write_now(_says, id, "什么时候有人？")
    assert house.row(id)["speak_at"] is None
    house.store.write_now(people.end_session, "anna")
    house.round()
    row = house.row(id)
    assert (row["owner"], row["speak_at"] is not None) == ("queue", True)
    house.at_desk("bo")
    assert house.round() == 0  # nobody is given what has not been heard: it may be danger


def _says(tx: Transaction, id: str, text: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_customer_message(tx, row, NewMessage(Sender.CUSTOMER, text), quiet=timedelta())


# danger ------------------------------------------------------------------------------------------------------------


def test_whose_life_is_in_danger_is_given_to_nobody(house: House) -> None:
    house.at_desk("anna")
    id = house.waits("我不想活了", reason="danger_to_life", urgent=True)
    assert house.round() == 0
    assert (house.owner(id), house.row(id)["unassigned"]) == (None, None)


def test_what_has_not_been_heard_yet_is_given_to_nobody(house: House) -> None:
    house.at_desk("anna")
    id = house.waits(speak_at=datetime.fromisoformat("2026-11-27T10:00:00+00:00"))
    assert house.round() == 0
    assert house.owner(id) is None


def test_danger_in_words_to_somebody_who_has_not_looked_goes_before_everybody_at_once(house: House) -> None:
    house.at_desk("anna")
    house.at_desk("bo")
    id = house.waits(ago=2 * HOUR)
    house.round()
    house.store.write_now(_says, id, "我不想活了，今天就跳下去")
    assert house.round() == 1
    row = house.row(id)
    assert (row["owner"], row["urgent"], row["waiting_reason"]) == ("queue", True, "danger_to_life")
    assert house.events(id, "taken_back")[0].detail["why"] == "danger_to_life"
    assert house.round() == 0


def test_a_fraud_that_is_going_on_is_announced_to_everybody_before_one_of_them_is_given_it(house: House) -> None:
    house.at_desk("anna")
    id = house.waits(reason="scam_now")
    assert house.round() == 0
    notices = Notices(house.promises, Settings(data_dir=house.folder), Tokens(b"k" * 32))
    house.store.write_now(alarms.announce_waiting, notices)
    assert house.round() == 1
    assert house.owner(id) == "Anna"


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
    await house.store.write(conversations.hand_back, first, agent_id=anna, agent_name="Anna", to=Owner.BOT)
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
