"""Whose data it is, and what an order to erase it leaves alone: other people at the same address, complainants behind a proxy, what must be kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, checkpoints, contacts, conversations, holds, identities, persons
from case_store.audit import HOUSE
from case_store.contacts import Contact
from case_store.conversations import NewConversation, NewMessage
from case_store.files import Files
from case_store.ids import new_id
from case_store.persons import NothingHeld, Order, Person, Refused, SeveralPeople
from case_store.records import Sender, Status
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as talks
from case_store.tables_conversations import messages
from case_store.tables_customers import identities as identity_rows
from case_store.tables_customers import identity_joins
from case_store.tables_papers import case_parties
from case_store.tables_retention import erasure_orders
from tests.case_store.over import MAIL, WORDS, Over, age, complain, details, end, everything

PERIODS = {"closed_years": 1830, "resolved_years": 1830, "withdrawn_years": 1830, "drafts_days": 90}
HOME = "home@example.com"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def find(store: Store, contact: str = MAIL, **which: Any) -> Person:
    return store.read_now(lambda tx: persons.find(tx, contact, **which))


def ordered(store: Store, contact: str = MAIL, *, even: bool = False, **which: Any) -> Order:
    def unit(tx: Transaction) -> Order:
        person = persons.find(tx, contact, **which)
        told = {"digest": "d" * 64, "reason": "asked by letter of 1 November", "actor": "agent:Chan"}
        return persons.order(tx, person, **told, periods=PERIODS, even_within_retention=even)

    return store.write_now(unit)


def carried_out(store: Store) -> int:
    done = 0
    while opened := store.read_now(persons.open_orders):
        done += store.write_now(persons.carry_out, opened[0])
    return done


def said(store: Store) -> list[str]:
    m = messages.c
    return [text for text in store.read_now(lambda tx: list(tx.execute(sa.select(m.text)).scalars())) if text]


def test_all_of_a_persons_addresses_lead_to_all_of_their_cases(store: Store, files: Files) -> None:
    one, other = complain(store, files), complain(store, files, address="+8613900001111", content=b"b")
    complain(store, files, name="吴兰", address="wu@example.com", content=b"c")
    store.write_now(identities.join, MAIL, "+8613900001111", proof="code", by="system")
    for contact in (MAIL, MAIL.upper(), "+8613900001111"):
        assert {case.id for case in find(store, contact).cases} == {one.case, other.case}


@pytest.mark.parametrize("proof", [None, "mandate"])
def test_an_address_that_was_only_typed_or_is_a_proxys_leads_to_no_complainant(
    store: Store, files: Files, proof: str | None
) -> None:
    over = complain(store, files, address="own@example.com")
    contact = Contact("other@example.com", "email", proof)
    store.write_now(contacts.add_contact, over.case, contact)
    person = find(store, "other@example.com")
    assert person.cases == ()
    assert person.conversations == {}
    with pytest.raises(NothingHeld):
        ordered(store, "other@example.com")


def test_a_proxy_is_told_for_whom_they_spoke_and_nothing_of_what_was_said(store: Store, files: Files) -> None:
    over = complain(store, files, address="own@example.com")
    party = {"id": "p", "case_id": over.case, "role": "proxy", "name": "林律师", "contact": "proxy@example.com"}

    def unit(tx: Transaction) -> None:
        tx.execute(sa.insert(case_parties).values(**party, added_at=tx.now, added_by="agent:Chan"))

    store.write_now(unit)
    person = find(store, "proxy@example.com")
    assert (person.cases, dict(person.conversations), person.spoke_for) == ((), {}, (over.reference,))


def test_where_a_household_shares_an_address_nothing_is_chosen_until_somebody_says_whose(
    store: Store, files: Files
) -> None:
    mine, theirs = complain(store, files, address=HOME), complain(store, files, name="吴兰", address=HOME, content=b"b")
    with pytest.raises(SeveralPeople) as told:
        find(store, HOME)
    assert told.value.names == {"江敏": [mine.reference], "吴兰": [theirs.reference]}
    for which in ({"names": ["江 敏"]}, {"keys": [mine.reference]}):
        person = find(store, HOME, **which)
        assert [case.id for case in person.cases] == [mine.case]
        assert dict(person.conversations) == {mine.conversation: None}


def test_erasing_one_of_a_household_leaves_the_others_complaint_and_address(store: Store, files: Files) -> None:
    mine, theirs = complain(store, files, address=HOME), complain(store, files, name="吴兰", address=HOME, content=b"b")
    for over in (mine, theirs):
        end(store, over, days=2000)
    ordered(store, HOME, names=["江敏"])
    assert carried_out(store) == 1
    assert said(store) == [f"{WORDS} 吴兰", "吴兰您好"]
    assert store.read_now(cases.get, theirs.case).contacts == (HOME,)
    assert find(store, HOME, names=["吴兰"]).cases[0].reference == theirs.reference
    assert "江敏" not in store.read_now(everything)


def test_in_a_conversation_that_two_share_the_others_words_stay(store: Store, files: Files) -> None:
    mine = complain(store, files, address=HOME)
    theirs = complain(store, files, name="吴兰", address=HOME, conversation=mine.conversation, content=b"b")
    end(store, mine, days=2000)
    person = find(store, HOME, names=["江敏"])
    assert dict(person.conversations) == {mine.conversation: frozenset({mine.case})}
    ordered(store, HOME, names=["江敏"])
    carried_out(store)
    assert said(store) == [f"{WORDS} 吴兰", "吴兰您好"]
    assert store.read_now(cases.get, theirs.case).erased_at is None


def _open(store: Store, over: Over) -> None:
    end(store, over, Status.IN_PROGRESS)


def _young(store: Store, over: Over) -> None:
    end(store, over, days=10)


def _held(store: Store, over: Over) -> None:
    end(store, over, days=4000)
    store.write_now(lambda tx: holds.place(tx, over.case, "court", by="Chan", actor="agent:Chan") and None)


@pytest.mark.parametrize(
    ("standing", "code", "even"),
    [
        (_open, "open", False),
        (_young, "retention", False),
        (_held, "held", False),
        (_open, "open", True),
        (_held, "held", True),
    ],
)
def test_what_must_be_kept_refuses_the_whole_order(
    store: Store, files: Files, standing: Any, code: str, even: bool
) -> None:
    """Even where the law demands an erasure, no hold and no open case gives way."""
    free, over = complain(store, files), complain(store, files, content=b"b")
    end(store, free, days=4000)
    standing(store, over)
    with pytest.raises(Refused) as told:
        ordered(store, even=even)
    assert [(why.code, why.case) for why in told.value.kept] == [(code, over.reference)]
    assert store.read_now(persons.orders) == []
    assert len(said(store)) == 4


def talk(store: Store, owner: str, *, days: int = 0) -> str:
    """A conversation at the customer's address that is about no case."""

    def unit(tx: Transaction) -> str:
        id = new_id()
        conversations.open_conversation(tx, NewConversation(id, "email", "email:test", "zh-Hans", address=MAIL))
        row = conversations.locked(tx, id)
        conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, "my secret")])
        agent = {"agent_id": "chen"} if owner == "agent" else {}
        when = tx.now - timedelta(days=days)
        tx.execute(sa.update(talks).where(talks.c.id == id).values(owner=owner, updated_at=when, **agent))
        return id

    return store.write_now(unit)


@pytest.mark.parametrize(("owner", "days"), [("queue", 0), ("queue", 90), ("agent", 0), ("agent", 13)])
def test_nobody_is_cut_off_in_the_midst_of_a_talk(store: Store, files: Files, owner: str, days: int) -> None:
    id = talk(store, owner, days=days)
    with pytest.raises(Refused) as told:
        ordered(store)
    assert [(why.code, why.case) for why in told.value.kept] == [("talking", id)]
    assert said(store) == ["my secret"]


def test_a_talk_that_nobody_goes_on_with_goes(store: Store, files: Files) -> None:
    talk(store, "agent", days=15)
    talk(store, "bot")
    ordered(store)
    assert carried_out(store) == 2
    assert said(store) == []


def test_a_talk_that_begins_after_it_was_ordered_stays_and_the_certificate_counts_it_as_kept(
    store: Store, files: Files
) -> None:
    id = talk(store, "bot")
    ordered(store)

    def waits(tx: Transaction) -> None:
        tx.execute(sa.update(talks).where(talks.c.id == id).values(owner="queue"))

    store.write_now(waits)
    assert carried_out(store) == 0
    assert said(store) == ["my secret"]
    assert store.read_now(persons.orders)[0].counts["kept"] == 1


def test_where_the_law_demands_it_the_time_of_keeping_gives_way(store: Store, files: Files) -> None:
    over = complain(store, files)
    _young(store, over)
    assert ordered(store, even=True).even_within_retention
    assert carried_out(store) == 1
    orders = [detail for action, detail in store.read_now(details, HOUSE) if action == "person_erasure_ordered"]
    assert orders[0]["even_within_retention"] is True


def test_the_case_stays_provable_and_the_certificate_names_nobody(store: Store, files: Files) -> None:
    over = complain(store, files)
    store.write_now(identities.join, MAIL, "+8613900001111", proof="code", by="system")
    end(store, over, days=4000)
    ordered(store)
    carried_out(store)
    left = store.read_now(everything)
    for secret in (WORDS, "江敏", MAIL, "+8613900001111"):
        assert secret not in left, secret
    findings = checkpoints.verify(store)
    assert findings.problems == []
    assert set(findings.erased_by) == {"person"}
    action, detail = store.read_now(details, HOUSE)[-1]
    assert (action, detail["cases"], detail["counts"]["cases"]) == ("person_erased", [over.reference], 1)
    assert detail["counts"]["messages"] == 2
    order = store.read_now(persons.orders)[0]
    assert order.done_at is not None
    assert order.left == 0
    for table in (identity_rows, identity_joins):
        assert store.read_now(lambda tx, t=table: tx.execute(sa.select(t)).all()) == []
    with pytest.raises(NothingHeld):
        ordered(store)


def test_what_is_put_under_a_hold_after_it_was_ordered_stays(store: Store, files: Files) -> None:
    one, other = complain(store, files), complain(store, files, content=b"b")
    for over in (one, other):
        end(store, over, days=4000)
    order = ordered(store)
    store.write_now(lambda tx: holds.place(tx, other.case, "court", by="Chan", actor="agent:Chan") and None)
    assert carried_out(store) == 1
    done = store.read_now(persons.get, order.id)
    assert done.counts["kept"] == 1
    assert done.counts["cases"] == 1
    assert store.read_now(cases.get, other.case).erased_at is None


KILLED = """
import os, signal, sys
from case_store import erasing, persons
from case_store.store import Store

store = Store(sys.argv[1])
store.write_now(persons.carry_out, sys.argv[2])
whole = erasing.erase_case

def killed(tx, *rest):
    taken = whole(tx, *rest)
    os.kill(os.getpid(), signal.SIGKILL)  # erased, and not committed
    return taken

erasing.erase_case = killed
store.write_now(persons.carry_out, sys.argv[2])
"""


def test_a_process_killed_in_the_midst_is_followed_by_one_that_ends_it(store: Store, files: Files) -> None:
    for number in range(3):
        over = complain(store, files, content=b"%d" % number)
        end(store, over, days=4000)
        age(store, over, 4000)
    order = ordered(store)
    url = store.url.render_as_string(hide_password=False)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, url, order.id],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        timeout=120,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    half = store.read_now(persons.get, order.id)
    assert (half.counts["cases"], half.left, half.done_at) == (1, 3, None)
    assert carried_out(store) == 2
    done = store.read_now(persons.get, order.id)
    assert done.counts["cases"] == 3
    assert done.counts["messages"] == 6
    assert done.done_at is not None
    assert said(store) == []
    assert checkpoints.verify(store).problems == []


def test_a_draft_that_was_never_registered_may_go_at_once(store: Store, files: Files) -> None:
    complain(store, files, filed=False)
    ordered(store)
    assert carried_out(store) == 1
    assert said(store) == []
    row = store.read_now(lambda tx: tx.execute(sa.select(erasure_orders.c.contacts)).scalar_one())
    assert row is None  # nobody's address stands in what is done
