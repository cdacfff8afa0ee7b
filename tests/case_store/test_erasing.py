"""What is erased is gone from every table, and what proves it stays; what must be kept is not touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import (
    all_tables,
    audit,
    cases,
    checkpoints,
    erasing,
    erasures,
    holds,
    identities,
    retention,
    schema,
    search,
    turns,
)
from case_store import conversations as conversation_units
from case_store.audit import case_chain, conversation_chain
from case_store.calls import came_of_call
from case_store.certificates import Taken, Why
from case_store.files import Files, named_among
from case_store.holds import Erased, HeldAlready, NotHeld
from case_store.records import Draft, Facts, Status
from case_store.store import Store, Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_conversations, case_duplicates
from case_store.tables_conversations import attachments, calls, conversations, messages
from case_store.tables_outbox import deliveries, tasks
from case_store.tables_retention import erasures as erasure_rows
from case_store.turns import ClaimedTurn
from tests.case_store.over import AT, MAIL, WORDS, Over, age, complain, details, end, everything, hide_details

WHY = Why("retention.closed_years", policy="built-in 1")
PERIODS = {"closed_years": 1830, "resolved_years": 1830, "withdrawn_years": 30, "drafts_days": 90}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def test_nothing_of_the_customer_is_left_in_any_table_and_the_chains_verify(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    before = store.read_now(cases.get, over.case)
    assert store.write_now(erasing.erase_case, over.case, WHY) is not None
    left = store.read_now(everything)
    for secret in (WORDS, "江敏", MAIL, "滨江支行", "补足本金", "很着急", "statement.pdf", "35000", "1380013800"):
        assert secret not in left, secret
    assert store.read_now(lambda tx: search.matching(tx, "保本", 5)) == []
    after = store.read_now(cases.get, over.case)
    kept = (
        "reference",
        "status",
        "category",
        "risk",
        "outcome",
        "received_at",
        "registered_at",
        "feedback_due",
        "channel",
    )
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.erased_at is not None
    assert after.contacts == ()
    findings = checkpoints.verify(store)
    assert findings.problems == []
    assert findings.erased > 0
    assert findings.erased_by == {"retention.closed_years": findings.erased}


def test_the_certificate_in_the_chain_tells_what_was_erased(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    store.write_now(erasing.erase_case, over.case, WHY)
    action, detail = store.read_now(details, case_chain(over.case))[-1]
    assert (action, detail["rule"], detail["policy"]) == ("erased", "retention.closed_years", "built-in 1")
    told = detail["counts"]
    assert {
        name: told[name] for name in ("messages", "attachments", "originals", "contacts", "notes", "deliveries")
    } == {
        "messages": 2,
        "attachments": 1,
        "originals": 1,
        "contacts": 1,
        "notes": 1,
        "deliveries": 1,
    }
    assert over.digest in detail["sha256"]
    assert store.write_now(erasing.erase_case, over.case, WHY) is None  # a second time changes nothing
    assert store.read_now(details, case_chain(over.case))[-1] == (action, detail)


def test_who_of_the_house_has_answered_when_stays(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    store.write_now(erasing.erase_case, over.case, WHY)
    m = messages.c
    rows = store.read_now(
        lambda tx: tx.execute(sa.select(m.sender, m.name, m.agent_id, m.text).order_by(m.number)).all()
    )
    assert [tuple(row) for row in rows] == [("customer", None, None, ""), ("agent", "陈静", "chen", "")]


def test_what_had_no_address_or_no_words_is_erased_as_well(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)

    def blank(tx: Transaction) -> None:
        tx.execute(sa.update(deliveries).values(address=""))
        tx.execute(sa.update(tasks).values(words="", note="江敏 called back"))

    store.write_now(blank)
    taken = store.write_now(erasing.erase_case, over.case, WHY)
    assert taken is not None
    assert (taken.counts["deliveries"], taken.counts["tasks"]) == (1, 1)
    assert "江敏" not in store.read_now(everything)


def test_a_list_without_the_chains_own_certificate_explains_nothing(store: Store, files: Files) -> None:
    """Who hides details could write the list of erasures too, and not the chain."""
    over = complain(store, files)
    hidden = store.write_now(hide_details, case_chain(over.case))
    row = {"id": "x", "kind": "case", "subject": over.case, "whole": True, "rule": "retention.closed_years"}

    def told(tx: Transaction) -> None:
        tx.execute(sa.insert(erasure_rows).values(**row, upto=999, at=tx.now))

    store.write_now(told)
    assert checkpoints.verify(store).erased_by == {"": hidden}


def test_a_certificate_stays_when_more_is_erased_later(store: Store, files: Files) -> None:
    one = complain(store, files, name="江敏")
    other = complain(store, files, name="吴兰", conversation=one.conversation, content=b"another")
    for each in (one, other):
        end(store, each)
        store.write_now(erasing.erase_case, each.case, WHY)
    told = [
        detail for action, detail in store.read_now(details, conversation_chain(one.conversation)) if action == "erased"
    ]
    assert [one and one["rule"] for one in told] == [WHY.rule] * 2


def test_addresses_go_with_the_last_case_that_names_them(store: Store, files: Files) -> None:
    store.write_now(identities.join, MAIL, "+8613900001111", proof="code", by="system")
    one, other = complain(store, files), complain(store, files, content=b"another")
    end(store, one)
    end(store, other)
    store.write_now(erasing.erase_case, one.case, WHY)
    joined = [detail for action, detail in store.read_now(details, audit.HOUSE) if action == "identities_joined"]
    assert MAIL in str(joined)
    store.write_now(erasing.erase_case, other.case, WHY)
    assert MAIL not in store.read_now(everything)
    assert "+8613900001111" not in store.read_now(everything)
    assert checkpoints.verify(store).problems == []


def test_why_a_hold_stood_goes_with_the_case(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    store.write_now(holds.place, over.case, "claim of 江敏, account 998877", by="Chan", actor="agent:Chan")
    store.write_now(holds.lift, over.case, "settled with 江敏", by="Chan", actor="agent:Chan")
    store.write_now(erasing.erase_case, over.case, WHY)
    assert "江敏" not in store.read_now(everything)


def test_details_that_vanish_without_an_erasure_are_told_apart(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    store.write_now(erasing.erase_case, over.case, WHY)
    other = complain(store, files, name="吴兰", address="wu@example.com")
    hidden = store.write_now(hide_details, case_chain(other.case))
    findings = checkpoints.verify(store)
    assert findings.problems == []
    assert findings.erased_by[""] == hidden
    assert any("without an erasure on record" in note for note in findings.notes)


def test_a_conversation_in_which_another_case_goes_on_keeps_what_was_said_about_that_one(
    store: Store, files: Files
) -> None:
    one = complain(store, files, name="江敏")
    other = complain(store, files, name="吴兰", conversation=one.conversation, content=b"another")
    end(store, one)
    store.write_now(lambda tx: tx.execute(sa.update(conversations).values(case_id=one.case)) and None)
    store.write_now(erasing.erase_case, one.case, WHY)
    m = messages.c
    texts = store.read_now(lambda tx: list(tx.execute(sa.select(m.text).order_by(m.number)).scalars()))
    assert texts == ["", "", f"{WORDS} 吴兰", "吴兰您好"]
    assert store.read_now(lambda tx: tx.execute(sa.select(conversations.c.case_id)).scalar_one()) is None
    raw = store.read_now(lambda tx: dict(tx.execute(sa.select(arrivals.c.id, arrivals.c.raw)).all()))
    assert raw[one.arrival] is None
    assert raw[other.arrival] is not None
    assert checkpoints.verify(store).problems == []
    end(store, other)
    store.write_now(erasing.erase_case, other.case, WHY)
    assert store.read_now(lambda tx: tx.execute(sa.select(conversations.c.erased_at)).scalar_one()) is not None
    assert checkpoints.verify(store).problems == []


@pytest.mark.parametrize("is_about_it", [True, False])
def test_a_conversation_that_goes_on_remembers_nothing_of_an_erased_case(
    store: Store, files: Files, is_about_it: bool
) -> None:
    """Neither in its row nor in a turn that was under way and would write it back."""
    one = complain(store, files, name="江敏")
    other = complain(store, files, name="吴兰", address="wu@example.com", conversation=one.conversation, content=b"b")
    end(store, one)

    def under_way(tx: Transaction) -> ClaimedTurn:
        row = conversation_units.locked(tx, one.conversation)
        about = one.case if is_about_it else other.case
        values = {"case_id": about, "state": {**row["state"], "others": ["江敏还有一张卡"]}, "owner": "bot"}
        tx.execute(sa.update(conversations).values(**values, speak_at=tx.now))
        [claim] = turns.claim_due(tx, 1)
        return claim

    claim = store.write_now(under_way)
    store.write_now(erasing.erase_case, one.case, WHY)
    row = store.read_now(lambda tx: tx.execute(sa.select(conversations)).mappings().one())
    for secret in ("还有一张卡", "江敏一开始说的"):
        assert secret not in str([row["state"], row["edited"]])
    if is_about_it:
        assert (row["case_id"], row["state"], row["edited"]) == (None, {"notice_shown": "1"}, None)
    else:
        assert row["case_id"] == other.case
        assert row["state"]["odd"] == "1380013800"  # of the matter at hand
        assert row["edited"] == {"3": "吴兰一开始说的"}
    assert store.write_now(turns.still_mine, claim) is None
    [again] = store.write_now(turns.claim_due, 1)  # what was not answered has its turn yet
    assert again.id == one.conversation


def _link(tx: Transaction, over: Over, other: Over) -> None:
    cases.link_conversation(tx, over.case, other.conversation, linked_by="system", reason="reply")


def _remember(tx: Transaction, over: Over, _other: Over) -> None:
    cases.save_draft(tx, over.case, Draft(Facts(name="江敏")), None, "zh-Hans")


@pytest.mark.parametrize("late", [_link, _remember])
def test_no_word_and_no_conversation_comes_to_an_erased_case(store: Store, files: Files, late: Any) -> None:
    """Of what was begun before and is committed afterwards."""
    one, other = complain(store, files), complain(store, files, name="吴兰", address="wu@example.com", content=b"b")
    end(store, one)
    store.write_now(erasing.erase_case, one.case, WHY)
    before = store.read_now(everything)
    with pytest.raises(cases.Erased):
        store.write_now(late, one, other)
    assert store.read_now(everything) == before


def test_a_conversation_of_which_nobody_knows_whose_it_is_stays(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over)
    store.write_now(lambda tx: tx.execute(sa.update(case_conversations).values(withheld_at=tx.now)) and None)
    store.write_now(erasing.erase_case, over.case, WHY)
    m = messages.c
    assert (
        store.read_now(lambda tx: tx.execute(sa.select(m.text).order_by(m.number)).scalars().first()) == f"{WORDS} 江敏"
    )
    # and goes with the conversations without a case, once its own time is over
    age(store, over, 400)
    assert store.read_now(retention.due_conversations, 365) == [over.conversation]


def test_a_file_that_another_case_names_is_not_given_up(store: Store, files: Files) -> None:
    one, other = complain(store, files), complain(store, files, name="吴兰", address="wu@example.com")
    assert one.digest == other.digest
    end(store, one)
    store.write_now(erasing.erase_case, one.case, WHY)
    waiting = store.read_now(erasures.waiting_files, 50)
    asked = {digest for each in waiting for digest in each.files}
    assert one.digest in asked
    assert store.read_now(named_among, asked) == {one.digest}
    end(store, other)
    store.write_now(erasing.erase_case, other.case, WHY)
    assert store.read_now(named_among, asked) == set()


def test_a_unit_that_fails_halfway_has_erased_nothing(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = complain(store, files)
    end(store, over)
    before = store.read_now(everything)

    def fail(*_: Any) -> None:
        raise RuntimeError("killed here")

    monkeypatch.setattr(search, "forget", fail)
    with pytest.raises(RuntimeError):
        store.write_now(erasing.erase_case, over.case, WHY)
    assert store.read_now(everything) == before


def test_the_words_are_not_left_in_the_database_file_either(files: Files, empty_urls: Callable[[str], str]) -> None:
    """SQLite's file keeps what was deleted until the place is needed, unless it is overwritten."""
    url = empty_urls("sqlite")
    schema.upgrade(url)
    store = Store(url)
    over = complain(store, files)
    end(store, over)
    path = Path(store.url.database or "")
    store.write_now(erasing.erase_case, over.case, WHY)
    store.close()  # which empties the write-ahead log
    content = path.read_bytes()
    assert WORDS.encode() not in content
    assert MAIL.encode() not in content


# when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "days", "rule", "due"),
    [
        (Status.CLOSED, 1829, "closed_years", False),
        (Status.CLOSED, 1831, "closed_years", True),
        (Status.RESOLVED, 1831, "resolved_years", True),
        (Status.WITHDRAWN, 31, "withdrawn_years", True),
        (Status.CLOSED, 31, "closed_years", False),  # each end has its own time
        (Status.IN_PROGRESS, 9000, "closed_years", False),
    ],
)
def test_due_is_what_has_been_over_for_as_long_as_the_policy_keeps_it(
    store: Store, files: Files, status: Status, days: int, rule: str, due: bool
) -> None:
    over = complain(store, files)
    end(store, over, status, days=days)
    assert store.read_now(retention.due_cases, rule, PERIODS[rule]) == ([over.case] if due else [])
    assert (store.write_now(retention.erase_due_case, over.case, PERIODS, WHY) is not None) is due


def test_a_case_that_was_opened_again_counts_from_its_last_end(store: Store, files: Files) -> None:
    over = complain(store, files)
    end(store, over, days=3000)
    end(store, over, Status.IN_PROGRESS)
    assert store.write_now(retention.erase_due_case, over.case, PERIODS, WHY) is None
    store.write_now(lambda tx: cases.change(tx, over.case, {"status": Status.CLOSED}, actor="agent:陈静") and None)
    assert store.read_now(retention.due_cases, "closed_years", 1830) == []
    assert store.write_now(retention.erase_due_case, over.case, PERIODS, WHY) is None


def _hold(tx: Transaction, over: Over) -> None:
    holds.place(tx, over.case, "court order 12/2026", by="Chan", actor="agent:Chan")


def _owe(tx: Transaction, over: Over) -> None:
    tx.execute(sa.update(tasks).values(done_at=None))


def _send(tx: Transaction, over: Over) -> None:
    tx.execute(sa.update(deliveries).values(state="queued"))


def _talk(tx: Transaction, over: Over) -> None:
    tx.execute(sa.update(conversations).values(owner="queue", case_id=over.case))


@pytest.mark.parametrize(("what", "code"), [(_hold, "held"), (_owe, "task"), (_send, "to_be_sent"), (_talk, "talking")])
def test_what_stands_against_an_erasure(store: Store, files: Files, what: Any, code: str) -> None:
    over = complain(store, files)
    end(store, over, days=4000)
    store.write_now(what, over)
    why = store.write_now(retention.kept, over.case, PERIODS)
    assert why is not None
    assert why.code == code
    assert why.case == over.reference
    assert store.write_now(retention.kept, over.case, None) == why  # not even where the law demands it
    assert store.write_now(retention.erase_due_case, over.case, PERIODS, WHY) is None


def test_one_hold_keeps_all_that_is_dealt_with_together(store: Store, files: Files) -> None:
    from case_store.tables_cases import cases as rows

    over, into = complain(store, files), complain(store, files, name="吴兰", address="wu@example.com", content=b"b")
    store.write_now(
        lambda tx: tx.execute(sa.update(rows).where(rows.c.id == over.case).values(merged_into=into.reference)) and None
    )
    end(store, into, days=4000)
    assert store.read_now(retention.due_cases, "closed_years", 1830) == [into.case]  # the other follows it
    store.write_now(_hold, over)
    assert store.write_now(retention.erase_due_case, into.case, PERIODS, WHY) is None
    store.write_now(lambda tx: holds.lift(tx, over.case, "over", by="Chan", actor="agent:Chan") and None)
    assert store.write_now(retention.erase_due_case, into.case, PERIODS, WHY) is not None
    assert store.read_now(retention.due_merged) == [over.case]
    assert store.write_now(retention.erase_due_case, over.case, {}, WHY) is None  # with no period it is kept for ever
    assert store.write_now(retention.erase_due_merged, over.case, WHY) is not None


def test_holds_are_placed_and_lifted_in_the_chain(store: Store, files: Files) -> None:
    over = complain(store, files)
    store.write_now(_hold, over)
    assert store.read_now(cases.get, over.case).held_since is not None
    with pytest.raises(HeldAlready):
        store.write_now(_hold, over)
    store.write_now(lambda tx: holds.lift(tx, over.case, "the case is over", by="Chan", actor="agent:Chan") and None)
    assert store.read_now(cases.get, over.case).held_since is None
    with pytest.raises(NotHeld):
        store.write_now(lambda tx: holds.lift(tx, over.case, "again", by="Chan", actor="agent:Chan") and None)
    told = store.read_now(details, case_chain(over.case))[-2:]
    assert told == [("hold_placed", {"reason": "court order 12/2026"}), ("hold_lifted", {"reason": "the case is over"})]
    end(store, over)
    store.write_now(erasing.erase_case, over.case, WHY)
    with pytest.raises(Erased):
        store.write_now(_hold, over)


def test_a_conversation_without_a_case_goes_when_nothing_happened_in_it_for_so_long(store: Store, files: Files) -> None:
    over = complain(store, files)
    assert store.read_now(retention.due_conversations, 0) == []  # a case needs it
    store.write_now(lambda tx: tx.execute(sa.delete(case_conversations)) and None)
    age(store, over, 100)
    assert store.read_now(retention.due_conversations, 101) == []
    assert store.read_now(retention.due_conversations, 99) == [over.conversation]
    assert store.write_now(retention.erase_due_conversation, over.conversation, 99, WHY) is not None
    assert store.read_now(details, conversation_chain(over.conversation))[-1][0] == "erased"
    assert store.read_now(retention.due_conversations, 99) == []


def test_an_original_of_which_no_message_is_left_goes_and_is_not_taken_again(store: Store, files: Files) -> None:
    over = complain(store, files)
    assert store.read_now(retention.due_arrivals, 0) == []  # a message stands on it
    store.write_now(lambda tx: tx.execute(sa.update(messages).values(text="")) and None)
    assert store.read_now(retention.due_arrivals, 0) == []  # nor is one that brought only a picture without one
    store.write_now(lambda tx: tx.execute(sa.update(messages).values(arrival_id=None)) and None)
    assert store.read_now(retention.due_arrivals, 0) == []  # and what was attached is cut from it
    store.write_now(lambda tx: tx.execute(sa.update(attachments).values(arrival_id=None)) and None)
    assert store.read_now(retention.due_arrivals, 0) == [over.arrival]
    became = [{"conversation": over.conversation, "message": 1}]
    store.write_now(lambda tx: tx.execute(sa.update(arrivals).values(became=became)) and None)
    assert store.write_now(retention.erase_due_arrival, over.arrival, 0, WHY) is None  # it says itself what it became
    store.write_now(lambda tx: tx.execute(sa.update(arrivals).values(became=None)) and None)
    assert store.write_now(retention.erase_due_arrival, over.arrival, 9_999, WHY) is None  # not as long ago as that
    assert store.write_now(retention.erase_due_arrival, over.arrival, 0, WHY) is not None
    row = store.read_now(lambda tx: tx.execute(sa.select(arrivals)).mappings().one())
    assert (row["raw"], row["transport"], row["external_id"]) == (None, {}, over.arrival)
    assert store.read_now(retention.due_arrivals, 0) == []


def test_what_was_only_suggested_as_the_same_matter_goes_and_what_was_decided_stays(store: Store, files: Files) -> None:
    one, other, third = (complain(store, files, name=name, address=f"{name}@example.com") for name in "甲乙丙")

    def pairs(tx: Transaction) -> None:
        tx.execute(sa.delete(case_duplicates))
        suggested = {"case_id": one.case, "other_id": other.case, "state": "suggested", "suggested_at": tx.now}
        decided = {"case_id": one.case, "other_id": third.case, "state": "same", "reason": "甲 has told both"}
        tx.execute(sa.insert(case_duplicates).values(**suggested))
        tx.execute(sa.insert(case_duplicates).values(**decided, decided_at=tx.now, decided_by="Chan"))

    store.write_now(pairs)
    end(store, one)
    store.write_now(erasing.erase_case, one.case, WHY)
    left = store.read_now(lambda tx: tx.execute(sa.select(case_duplicates)).mappings().all())
    assert [(row["other_id"], row["reason"]) for row in left] == [(third.case, None)]


def test_the_house_chain_is_left_alone_by_an_erasure_of_a_case(store: Store, files: Files) -> None:
    over = complain(store, files)
    store.write_now(audit.append, audit.HOUSE, audit.Entry("agent:Chan", "policy", {"version": "2"}))
    end(store, over)
    store.write_now(erasing.erase_case, over.case, WHY)
    assert store.read_now(details, audit.HOUSE) == [("policy", {"version": "2"})]


ORIGINALS = [
    ("42", {"source": "key:1", "details": {"call": "42"}}, True),
    ("42", {"source": "key:2", "details": {"call": "42"}}, False),  # another telephone system, and another customer
    ("42", {"details": {"call": "42", "line": "main"}}, False),
    ("42", {"source": "key:1", "details": {"call": "421"}}, False),
    ("42", {"source": "key:1"}, False),
    ("42:7", {"source": "key:1", "details": {"call": "42:7"}}, False),
    ("421", {"source": "key:1", "details": {"call": "421"}}, False),
    ("4%", {"source": "key:1", "details": {"call": "4%"}}, False),
]


@pytest.mark.parametrize("sought", ["42", "4_", "通话 é"])
def test_a_calls_originals_are_known_by_who_names_it_and_how(store: Store, sought: str) -> None:
    def row(number: int, call: str, transport: dict[str, Any]) -> dict[str, Any]:
        named = {
            "id": str(number),
            "channel": "phone",
            "account": f"phone:{number % 2}",
            "external_id": f"{call}:{number}",
        }
        return {**named, "received_at": AT, "state": "read", "size": 1, "transport": transport}

    more = [(name, {"source": "key:1", "details": {"call": name}}, True) for name in ("4_", "通话 é")]
    told = list(enumerate([*ORIGINALS, *more]))
    rows = [row(number, call, transport) for number, (call, transport, _) in told]
    store.write_now(lambda tx: tx.execute(sa.insert(arrivals), rows) and None)
    found = store.read_now(lambda tx: [one.id for one in came_of_call(tx, "key:1", sought)])
    assert found == [str(number) for number, (call, _, of_it) in told if of_it and call == sought]


def test_a_thousand_originals_are_each_named_once(store: Store) -> None:
    """What goes piece by piece named the whole list in every piece: too many parameters for a database."""
    named: list[int] = []

    def unit(tx: Transaction) -> None:
        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
            named.append(len(parameters))

        sa.event.listen(tx.connection, "before_cursor_execute", note)
        erasing._empty_arrivals(tx, [f"{number:032x}" for number in range(1000)], Taken())

    store.write_now(unit)
    assert max(named) < 600


def test_no_erasure_goes_through_a_table_to_find_what_it_takes(store: Store, files: Files) -> None:
    """Writers wait meanwhile: of a house with a million cases each look through a table is a second."""
    over = complain(store, files)
    end(store, over)
    store.write_now(identities.join, MAIL, "+8613900001111", proof="code", by="system")
    call = {"conversation_id": over.conversation, "call": "42", "source": "key:1", "line": "main", "state": "ended"}
    store.write_now(lambda tx: tx.execute(sa.insert(calls).values(**call)) and None)

    def unit(tx: Transaction) -> list[str]:
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
            asked.append((statement, parameters))

        sa.event.listen(tx.connection, "before_cursor_execute", note)
        try:
            assert erasing.erase_case(tx, over.case, WHY) is not None
        finally:
            sa.event.remove(tx.connection, "before_cursor_execute", note)
        if tx.postgresql:
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if tx.postgresql else "EXPLAIN QUERY PLAN"
        plans = []
        for statement, parameters in asked:
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
                rows = tx.connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
                plans.append(" | ".join(str(row[-1]) for row in rows) + f" <- {statement}")
        return plans

    plans = store.write_now(unit)
    assert len(plans) > 30
    through = re.compile(r"Seq Scan on (\w+)|SCAN (\w+)(?! USING)")
    found = [plan for plan in plans for one in through.findall(plan) if "".join(one) in GROWING]
    assert found == []
    for index in ("ix_arrivals_of_calls", "ix_audit_events_customers"):
        assert any(index in plan for plan in plans), index


GROWING = set(all_tables.metadata.tables)
