"""The lists that agents work from: what each holds, in which order, and that the number beside it is its length; lists of one's own."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, ownership, people, same_matter, teams, views
from case_store.case_record import CaseRecord
from case_store.cases import Registration
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Draft, Facts, Owner, Role, Sender, Status
from case_store.store import Store, Transaction
from case_store.tables_cases import OPEN_CASES, case_duplicates
from case_store.views import NameTaken, NoSuchView, TooMany, View

HOUR = timedelta(hours=1)


def made(store: Store, due: timedelta | None, **changes: Any) -> CaseRecord:
    """A case that is due so long from now; None: a draft."""
    return store.write_now(_made, due, changes)


def _made(tx: Transaction, due: timedelta | None, changes: dict[str, Any]) -> CaseRecord:
    conversation = new_id()
    conversations.open_conversation(tx, NewConversation(conversation, "webchat", "webchat:test", "zh-Hans"))
    conversations.add_messages(
        tx, conversations.locked(tx, conversation), [NewMessage(Sender.CUSTOMER, "你们多收了我的手续费")]
    )
    kept = {"channel": "webchat", "account": "webchat:test", "language": "zh-Hans"}
    id = cases.open_draft(tx, conversation_id=conversation, received_at=tx.now, customer=None, **kept)
    cases.save_draft(tx, id, Draft(Facts(what_happened="被多收手续费")), None, "zh-Hans")
    if due is not None:
        day = tx.now + due
        cases.file_case(tx, id, Registration(date(2026, 11, 23), day.date(), day, "test 1"), actor="bot")
    if changes:
        cases.change(tx, id, changes, actor="agent:Test")
    return cases.get(tx, id)


def listed(store: Store, view: View, username: str = "megan", **page: Any) -> list[str]:
    return [one.id for one in store.read_now(views.listing, view, username, agent_id(store, username), **page)]


def agent_id(store: Store, username: str) -> str:
    return next((one.id for one in store.read_now(people.all_agents) if one.username == username), username)


def counted(store: Store, username: str = "megan") -> dict[View, int]:
    return dict(store.read_now(views.work, username, agent_id(store, username)).cases)


HOUSE: dict[str, dict[str, Any]] = {
    "late": {"due": -HOUR, "assignee": "megan", "risk": "major"},
    "later": {"due": -50 * HOUR},
    "today": {"due": HOUR, "assignee": "megan"},
    "tomorrow": {"due": 47 * HOUR, "risk": "major", "status": "in_progress", "team": "cards"},
    "next week": {"due": 170 * HOUR, "assignee": "aled", "status": "waiting_for_customer"},
    "answered": {"due": -HOUR, "assignee": "megan", "risk": "major", "status": "resolved", "outcome": "solved", "basis": "b", "next_steps": "n"},
    "closed": {"due": HOUR, "status": "closed", "outcome": "solved", "basis": "b", "next_steps": "n"},
    "withdrawn": {"due": HOUR, "risk": "major", "status": "withdrawn"},
    "draft": {"due": None, "risk": "major"},
}  # fmt: skip

HOLDS = {
    View.DUE: ["later", "late", "today", "tomorrow", "next week"],
    View.MINE: ["late", "today"],
    View.UNASSIGNED: ["later", "tomorrow"],
    View.DUE_SOON: ["today", "tomorrow"],
    View.OVERDUE: ["later", "late"],
    View.HIGH_RISK: ["late", "tomorrow"],
    View.POSSIBLE_DUPLICATE: ["today", "next week"],
    View.TEAM: ["tomorrow"],
}


@pytest.fixture
def house(store: Store) -> tuple[Store, dict[str, str]]:
    for name in ("megan", "aled"):
        store.write_now(people.add_agent, NewAgent(name, name.title(), Role.AGENT, "x"), actor="system")
    members = [agent_id(store, "megan")]
    store.write_now(teams.add, "cards", title="Bank cards", members=members, actor="system")
    ids = {name: made(store, **kept).id for name, kept in HOUSE.items()}
    store.write_now(_suggest, ids["today"], ids["next week"])
    store.write_now(_suggest, ids["answered"], ids["closed"])
    return store, ids


def _suggest(tx: Transaction, *pair: str) -> None:
    case, other = sorted(pair)
    tx.execute(sa.insert(case_duplicates).values(case_id=case, other_id=other, state="suggested", suggested_at=tx.now))


@pytest.mark.parametrize("view", View)
def test_each_list_holds_its_open_cases_the_most_pressing_first(
    house: tuple[Store, dict[str, str]], view: View
) -> None:
    store, ids = house
    named = {id: name for name, id in ids.items()}
    assert [named[id] for id in listed(store, view)] == HOLDS[view]


def test_the_number_beside_a_list_is_its_length(house: tuple[Store, dict[str, str]]) -> None:
    store, _ = house
    assert counted(store) == {view: len(HOLDS[view]) for view in View}
    assert counted(store, "aled")[View.MINE] == len(listed(store, View.MINE, "aled")) == 1
    assert counted(store, "nobody")[View.MINE] == 0


def test_a_list_is_read_page_by_page(house: tuple[Store, dict[str, str]]) -> None:
    store, ids = house
    seen: list[str] = []
    after: tuple[datetime, str] | None = None
    while page := store.read_now(views.listing, View.DUE, "megan", "nobody", after=after, limit=2):
        seen += [one.id for one in page]
        assert page[-1].feedback_due_at is not None
        after = page[-1].feedback_due_at, page[-1].id
    assert seen == [ids[name] for name in HOLDS[View.DUE]]


def test_what_is_decided_about_is_no_possible_duplicate_any_more(house: tuple[Store, dict[str, str]]) -> None:
    store, ids = house
    store.write_now(
        same_matter.decide, ids["today"], ids["next week"], same=False, by="agent:Megan", reason="another fee"
    )
    assert listed(store, View.POSSIBLE_DUPLICATE) == []
    assert counted(store)[View.POSSIBLE_DUPLICATE] == 0


def test_conversations_in_the_queue_and_ones_own_are_counted(house: tuple[Store, dict[str, str]]) -> None:
    store, ids = house
    megan = store.read_now(people.find_agent, "megan")
    [first] = store.read_now(cases.get, ids["late"]).conversations
    [second] = store.read_now(cases.get, ids["today"]).conversations
    store.write_now(ownership.take_over, first, agent_id=megan.id, agent_name=megan.name)
    store.write_now(ownership.take_over, second, agent_id=megan.id, agent_name=megan.name)
    store.write_now(ownership.hand_back, second, agent_id=megan.id, agent_name=megan.name, to=Owner.QUEUE)
    work = store.read_now(views.work, "megan", megan.id)
    assert (work.waiting, work.own, work.parked) == (1, 1, 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_open_cases_are_counted_and_listed_by_indexes_that_hold_open_cases_alone(store: Store) -> None:
    """At a million closed cases a look over all of them takes seconds. PostgreSQL chooses by what it knows of the rows."""
    looked = [one for plan in store.read_now(_plans) for one in _CASES.findall(plan)]
    assert len(looked) >= 2 * len(View)
    assert {name for name in looked if not name.startswith("ix_cases_open_")} <= {"sqlite_autoindex_cases_1"}  # by id


_CASES = re.compile(r"(?:SCAN|SEARCH) cases(?: USING (?:COVERING )?INDEX (\w+))?")


def _plans(tx: Transaction) -> list[str]:
    said: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    sa.event.listen(tx.connection, "before_cursor_execute", heard)
    views.work(tx, "megan", "nobody")
    for view in View:
        views.listing(tx, view, "megan", "nobody")
    sa.event.remove(tx.connection, "before_cursor_execute", heard)
    plans = [tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", values) for one, values in said]
    return [" | ".join(str(row[-1]) for row in plan) for plan in plans]


def test_what_is_open_is_what_is_neither_a_draft_nor_over() -> None:
    """One list for the indexes, told by what is not in it, and one for the code."""
    told = set(re.findall(r"'(\w+)'", OPEN_CASES))
    assert {*told, *cases.OPEN} == set(Status)
    assert not told & set(cases.OPEN)


def test_ones_own_lists_come_before_those_for_everybody(house: tuple[Store, dict[str, str]]) -> None:
    store, _ = house
    megan, aled = (store.read_now(people.find_agent, name).id for name in ("megan", "aled"))
    store.write_now(views.save, megan, "fees", {"category": "product"}, shared=False)
    store.write_now(views.save, aled, "all that is grave", {"risk": "major"}, shared=True)
    store.write_now(views.save, aled, "mine alone", {"assignee": "me"}, shared=False)
    assert [(one.name, one.owner_name) for one in store.read_now(views.of_agent, megan)] == [
        ("fees", None), ("all that is grave", "Aled"),
    ]  # fmt: skip
    assert [one.name for one in store.read_now(views.of_agent, aled)] == ["all that is grave", "mine alone"]


def test_a_list_is_changed_and_removed_by_whoever_made_it(house: tuple[Store, dict[str, str]]) -> None:
    store, _ = house
    kept = store.write_now(views.save, "one", "fees", {"category": "product"}, shared=True)
    changed = store.write_now(
        views.change, kept.id, "one", {"name": "charges", "chosen": {"q": "fee"}, "shared": False}
    )
    assert (changed.name, changed.chosen, changed.shared) == ("charges", {"q": "fee"}, False)
    for refused in (lambda: store.write_now(views.change, kept.id, "another", {"name": "x"}), lambda: store.write_now(views.remove, kept.id, "another")):  # fmt: skip
        with pytest.raises(NoSuchView):
            refused()
    store.write_now(views.remove, kept.id, "one")
    assert store.read_now(views.of_agent, "one") == []


def test_a_name_is_given_once_and_no_more_lists_are_kept_than_somebody_can_look_through(store: Store) -> None:
    first = store.write_now(views.save, "one", "list 0", {}, shared=False)
    with pytest.raises(NameTaken):
        store.write_now(views.save, "one", "list 0", {}, shared=False)
    store.write_now(views.save, "another", "list 0", {}, shared=False)
    for number in range(1, views.MOST):
        store.write_now(views.save, "one", f"list {number}", {}, shared=False)
    with pytest.raises(TooMany):
        store.write_now(views.save, "one", "one more", {}, shared=False)
    with pytest.raises(NameTaken):
        store.write_now(views.change, first.id, "one", {"name": "list 1"})
