"""Following a case: what is new to whoever follows it, what is not, and in which order they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, following, links, people
from case_store.case_record import CaseRecord
from case_store.conversations import NewConversation, NewMessage
from case_store.following import MOST, WROTE, TooMany
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Draft, Facts, Role, Sender
from case_store.store import Store, Transaction
from case_store.tables_desk import case_followers

MEGAN, CAROL = "agent:Megan", "agent:Carol"


def case(store: Store, name: str = "江敏") -> CaseRecord:
    return store.write_now(_case, name)


def _case(tx: Transaction, name: str) -> CaseRecord:
    talk = new_id()
    conversations.open_conversation(tx, NewConversation(talk, "webchat", "webchat:test", "zh-Hans"))
    _add(tx, talk, Sender.CUSTOMER)
    kept = {"channel": "webchat", "account": "webchat:test", "language": "zh-Hans"}
    id = cases.open_draft(tx, conversation_id=talk, received_at=tx.now, customer=None, **kept)
    cases.save_draft(tx, id, Draft(Facts(name=name)), None, "zh-Hans")
    return cases.get(tx, id)


def _add(tx: Transaction, talk: str, sender: Sender, long_ago: bool = False) -> None:
    at = tx.now - timedelta(hours=3) if long_ago else None
    conversations.add_messages(tx, conversations.locked(tx, talk), [NewMessage(sender, "手续费", at=at)])


def said(store: Store, of: CaseRecord, sender: Sender = Sender.CUSTOMER, *, long_ago: bool = False) -> None:
    store.write_now(_add, of.conversations[0], sender, long_ago)


def graded(store: Store, of: CaseRecord, actor: str = CAROL) -> None:
    store.write_now(cases.change, of.id, {"risk": "major"}, actor=actor)


def news(store: Store, agent: str = "megan") -> list[tuple[str | None, str | None]]:
    """(customer, what is new) of each that they follow, in the order in which they are told."""
    found = store.read_now(following.of_agent, agent, f"agent:{agent.title()}")
    return [(one.customer, one.news and one.news.action) for one in found]


Deed = Callable[[Store, CaseRecord], object]


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        pytest.param(lambda store, one: None, None, id="nothing"),
        pytest.param(graded, "changed", id="a colleague grades it"),
        pytest.param(lambda store, one: graded(store, one, MEGAN), None, id="they grade it themselves"),
        pytest.param(said, WROTE, id="the customer writes"),
        pytest.param(lambda store, one: said(store, one, long_ago=True), WROTE, id="a mail that was long on its way"),
        pytest.param(lambda store, one: (said(store, one), graded(store, one, "bot")), WROTE, id="the bot reads it"),
        pytest.param(lambda store, one: said(store, one, Sender.AGENT), None, id="an agent answers"),
    ],
)
def test_what_colleagues_do_and_the_customer_says_is_new_until_it_is_seen(
    store: Store, deed: Deed, told: str | None
) -> None:
    one = case(store)
    store.write_now(following.follow, one.id, "megan")
    deed(store, one)
    assert news(store) == [("江敏", told)]
    store.write_now(following.see, "megan", [one.id])
    assert news(store) == [("江敏", None)]


def test_what_happened_before_they_followed_is_not_new(store: Store) -> None:
    one = case(store)
    graded(store, one)
    said(store, one)
    store.write_now(following.follow, one.id, "megan")
    assert news(store) == [("江敏", None)]


def test_the_latest_news_come_first_and_those_without_any_last(store: Store) -> None:
    quiet, first, last = (case(store, name) for name in ("quiet", "first", "last"))
    for one in (last, first, quiet):
        store.write_now(following.follow, one.id, "megan")
    graded(store, first)
    said(store, last)
    assert news(store) == [("last", WROTE), ("first", "changed"), ("quiet", None)]


def test_each_sees_for_themselves(store: Store) -> None:
    one, other = case(store), case(store, "other")
    for who in ("megan", "aled"):
        store.write_now(following.follow, one.id, who)
    store.write_now(following.follow, other.id, "aled")
    said(store, one)
    store.write_now(following.see, "megan", [one.id, other.id, "no such case"])
    assert news(store) == [("江敏", None)]
    assert news(store, "aled") == [("江敏", WROTE), ("other", None)]


def test_words_in_a_conversation_that_may_be_somebody_elses_are_no_news(store: Store) -> None:
    one = case(store)
    store.write_now(following.follow, one.id, "megan")
    store.write_now(_withhold, one)
    store.write_now(following.see, "megan", [one.id])
    said(store, one)
    assert news(store) == [("江敏", None)]


def _withhold(tx: Transaction, one: CaseRecord) -> None:
    links.withhold(tx, one.id, one.conversations[0], by=CAROL, reason="whose is it")


def test_following_twice_and_leaving_twice_is_once(store: Store) -> None:
    one = case(store)
    for _ in range(2):
        store.write_now(following.follow, one.id, "megan")
    assert news(store) == [("江敏", None)]
    for _ in range(2):
        store.write_now(following.unfollow, one.id, "megan")
    assert news(store) == []


def test_following_again_keeps_what_is_new(store: Store) -> None:
    one = case(store)
    store.write_now(following.follow, one.id, "megan")
    said(store, one)
    store.write_now(following.follow, one.id, "megan")
    assert news(store) == [("江敏", WROTE)]


def test_followers_are_named_whose_accounts_are_open(store: Store) -> None:
    one = case(store)
    for username in ("megan", "aled", "gone"):
        new = NewAgent(username, username.title(), Role.AGENT, "hash")
        agent = store.write_now(people.add_agent, new, actor="system")
        store.write_now(following.follow, one.id, agent.id)
    store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    assert store.read_now(following.followers, one.id) == [("aled", "Aled"), ("megan", "Megan")]


def test_one_case_more_than_may_be_followed_is_refused(store: Store) -> None:
    one, more = case(store), case(store)
    store.write_now(following.follow, one.id, "megan")
    store.write_now(_fill, one.id)
    with pytest.raises(TooMany):
        store.write_now(following.follow, more.id, "megan")
    store.write_now(following.follow, one.id, "megan")  # which they follow already


def _fill(tx: Transaction, like: str) -> None:
    """As many as one may."""
    row = dict(tx.execute(sa.select(case_followers).where(case_followers.c.case_id == like)).mappings().one())
    ids = [_case(tx, "more").id for _ in range(MOST - 1)]
    tx.execute(sa.insert(case_followers), [{**row, "case_id": id} for id in ids])


def test_whoever_follows_a_case_follows_the_one_in_which_it_goes_on(store: Store) -> None:
    one, into = case(store, "one"), case(store, "into")
    store.write_now(following.follow, one.id, "megan")
    for followed in (one, into):
        store.write_now(following.follow, followed.id, "aled")
    graded(store, into)
    store.write_now(following.carry_on, one.id, into.id)
    assert sorted(news(store)) == [("into", None), ("one", None)]
    assert sorted(news(store, "aled")) == [("into", "changed"), ("one", None)]
