"""Suggesting cases of one matter: when it is looked for, what is explained, what an agent's word does, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, duplicates, identities, same_matter
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.contacts import Contact
from case_store.records import Draft, Money
from case_store.store import Store, Transaction
from case_store.tables_cases import case_traits
from case_store.tables_cases import cases as case_rows
from tests.gateway.duplicates.telling import Side, file

FEE: Side = (
    "webchat",
    "+8613812345678",
    "王建国",
    date(2026, 11, 10),
    "信用卡11月2号被扣了年费1800元，说好刷满六次就免",
)
AGAIN: Side = (
    "email",
    "wang@mail.example",
    "王建国",
    date(2026, 11, 18),
    "贵行11月2日扣收本人信用卡年费1800元，开卡时承诺消费六笔免年费，请退还",
)
OTHER: Side = ("email", "wang@mail.example", "王建国", date(2026, 11, 18), "11月15日柜员态度恶劣，拒绝办理销户")


def filed(store: Store, side: Side) -> str:
    return store.write_now(file, side)


def get(store: Store, id: str) -> CaseRecord:
    return store.read_now(cases.get, id)


def others(store: Store, id: str) -> dict[str, str]:
    return {other: row["state"] for other, row in store.read_now(duplicates.of_case, id).items()}


def trail(store: Store, id: str) -> list[tuple[str, str]]:
    return [(event.actor, event.action) for event in store.read_now(audit.timeline, case_chain(id))]


def test_the_same_matter_is_suggested_when_it_is_filed_and_stands_in_the_trail(store: Store) -> None:
    first, second = filed(store, FEE), filed(store, AGAIN)
    assert others(store, second) == {first: "suggested"}
    assert others(store, first) == {second: "suggested"}
    assert get(store, second).possible_duplicate_of == get(store, first).reference
    assert ("system", "duplicate_suggested") in trail(store, second)
    assert get(store, first).conversations != get(store, second).conversations  # nothing is merged


@pytest.mark.parametrize("status", ["resolved", "closed", "withdrawn"])
def test_a_case_that_is_over_is_found_too(store: Store, status: str) -> None:
    first = filed(store, FEE)
    store.write_now(cases.change, first, {"status": status}, actor="agent:Megan")
    assert others(store, filed(store, AGAIN)) == {first: "suggested"}


def test_another_matter_of_the_same_customer_is_not_suggested(store: Store) -> None:
    filed(store, FEE)
    assert others(store, filed(store, OTHER)) == {}


def test_a_draft_is_neither_suggested_nor_looked_for(store: Store) -> None:
    first = filed(store, FEE)
    draft = store.write_now(_draft, get(store, first))
    assert others(store, draft) == {}
    assert others(store, filed(store, AGAIN)) == {first: "suggested"}


def _draft(tx: Transaction, like: CaseRecord) -> str:
    opened: dict[str, Any] = {"channel": "email", "account": "email:test", "language": "zh-Hans"}
    id = cases.open_draft(
        tx, conversation_id=like.conversations[0], received_at=like.received_at, customer=like.customer, **opened
    )
    cases.save_draft(tx, id, Draft(like.facts), None, "zh-Hans")
    return id


def test_it_is_looked_for_again_when_facts_change_and_forgotten_when_they_no_longer_bear_it(store: Store) -> None:
    first = filed(store, FEE)
    other = filed(store, (AGAIN[0], None, "李雷", AGAIN[3], AGAIN[4]))
    assert others(store, other) == {}
    store.write_now(cases.change, other, {"facts": {"name": "王建国"}}, actor="agent:Megan")
    assert others(store, other) == {first: "suggested"}
    assert get(store, other).possible_duplicate_of == get(store, first).reference
    changed = {"facts": {"name": "李雷", "amount": {"value": "52.00", "currency": "CNY"}}}
    store.write_now(cases.change, other, changed, actor="agent:Megan")
    assert others(store, other) == {}
    assert get(store, other).possible_duplicate_of is None


def test_the_dialogue_that_learns_a_fact_of_a_filed_case_looks_again(store: Store) -> None:
    first = filed(store, FEE)
    other = filed(store, (AGAIN[0], None, None, AGAIN[3], "说好刷六次就免，又不认了"))
    assert others(store, other) == {}
    known = get(store, other)
    facts = replace(known.facts, name="王建国", amount=Money(Decimal("1800"), "CNY"), contact="+8613812345678")
    store.write_now(cases.save_draft, other, Draft(facts), known.judgement, "zh-Hans")
    assert others(store, other) == {first: "suggested"}


def test_said_to_be_another_it_is_never_suggested_again(store: Store) -> None:
    first, second = filed(store, FEE), filed(store, AGAIN)
    decided = {"same": False, "by": "agent:Megan", "reason": None}
    store.write_now(same_matter.decide, second, first, **decided)
    assert get(store, second).possible_duplicate_of is None
    store.write_now(cases.change, second, {"facts": {"about": "信用卡年费"}}, actor="agent:Lin")
    store.write_now(cases.change, first, {"facts": {"about": "信用卡年费"}}, actor="agent:Lin")
    assert others(store, second) == {first: "different"}
    assert get(store, second).possible_duplicate_of is None
    for id in (first, second):
        assert ("agent:Megan", "duplicate_denied") in trail(store, id)


def test_said_to_be_the_same_both_records_say_so_and_stay_two(store: Store) -> None:
    first, second = filed(store, FEE), filed(store, AGAIN)
    before = (get(store, first), get(store, second))
    store.write_now(same_matter.decide, first, second, same=True, by="agent:Megan", reason="same fee, same day")
    after = (get(store, first), get(store, second))
    assert [one.possible_duplicate_of for one in after] == [None, after[0].reference]
    assert [one.version for one in after] == [one.version + 1 for one in before]
    assert [one.conversations for one in after] == [one.conversations for one in before]
    assert [(one.status, one.facts, one.feedback_due) for one in after] == [
        (one.status, one.facts, one.feedback_due) for one in before
    ]
    pairing = store.read_now(lambda tx: same_matter.pairings(tx, after[1]))[0]
    assert (pairing.state, pairing.decided_by, pairing.reason) == ("same", "agent:Megan", "same fee, same day")
    store.write_now(cases.change, second, {"facts": {"amount": {"value": "9.00", "currency": "CNY"}}}, actor="agent:L")
    assert others(store, second) == {first: "same"}  # what a person has said outlasts the figures


def test_a_case_that_an_agent_has_named_is_not_replaced(store: Store) -> None:
    first, third = filed(store, FEE), filed(store, OTHER)
    named = get(store, third).reference
    second = store.write_now(file, (AGAIN[0], None, "李雷", AGAIN[3], AGAIN[4]))
    store.write_now(cases.change, second, {"possible_duplicate_of": named}, actor="agent:Megan")
    store.write_now(cases.change, second, {"facts": {"name": "王建国"}}, actor="agent:Megan")
    assert others(store, second) == {first: "suggested"}
    assert get(store, second).possible_duplicate_of == named


def test_addresses_that_were_proved_to_be_one_customers_count_as_one(store: Store) -> None:
    first = filed(store, ("telegram", "+8613812345678", None, date(2026, 11, 10), "年费扣错了，说好免的，信用卡"))
    store.write_now(identities.join, "+8613812345678", "w@mail.example", proof="code", by="system")
    second = filed(store, ("email", "w@mail.example", None, date(2026, 11, 12), "信用卡年费说好免，还是扣错了我的"))
    assert others(store, second) == {first: "suggested"}


def test_a_proxys_address_does_not_make_two_complainants_one(store: Store) -> None:
    first = filed(store, ("letter", None, "张三", date(2026, 11, 10), FEE[4]))
    for id in (first,):
        store.write_now(contacts.add_contact, id, Contact("law@firm.example", "email", "mandate"))
    second = filed(store, ("email", "law@firm.example", "李四", date(2026, 11, 12), AGAIN[4]))
    assert others(store, second) == {}


def test_only_the_newest_of_a_common_trait_are_compared(store: Store) -> None:
    """However many have the same sum in the same weeks: a bounded number of steps."""
    first = filed(store, FEE)
    store.write_now(_crowd, store.read_now(_traits, first), 500)
    found = store.read_now(_candidates, first)
    assert len(found) <= duplicates.COMPARED + duplicates.OF_PERSON


def _traits(tx: Transaction, id: str) -> list[str]:
    return list(tx.connection.scalars(sa.select(case_traits.c.trait).where(case_traits.c.case_id == id)))


def _crowd(tx: Transaction, traits: list[str], size: int) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [{"trait": trait, "at": at, "case_id": f"crowd-{n}"} for trait in traits for n in range(size)]
    tx.execute(sa.insert(case_traits), rows)


def _candidates(tx: Transaction, id: str) -> list[str]:
    row = tx.execute(sa.select(case_rows).where(case_rows.c.id == id)).mappings().one()
    return duplicates._candidates(tx, duplicates.matter_of(row, ["+8613812345678"]))


def test_cases_from_before_there_were_traits_get_theirs_and_are_found(store: Store) -> None:
    first = filed(store, FEE)
    store.write_now(_as_before, first)
    assert store.read_now(duplicates.is_waiting)
    assert store.write_now(duplicates.trace_waiting, 10) == 1
    assert not store.read_now(duplicates.is_waiting)
    assert others(store, first) == {}  # old cases are found, and suggest nothing by themselves
    assert others(store, filed(store, AGAIN)) == {first: "suggested"}


def _as_before(tx: Transaction, id: str) -> None:
    tx.execute(sa.delete(case_traits))
    tx.execute(sa.update(case_rows).values(untraced=True))


def test_two_cases_that_are_looked_at_side_by_side_may_both_suggest_their_pair(store: Store) -> None:
    """Neither sees what the other has found before it commits: the later must not fail a customer's turn."""
    first, second = filed(store, FEE), filed(store, AGAIN)
    store.write_now(duplicates._suggest, first, [second])
    store.write_now(duplicates._suggest, second, [first])
    assert others(store, first) == {second: "suggested"}
