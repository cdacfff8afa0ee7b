"""Two cases that were merged are two again: as they were, and of what came meanwhile nothing is lost and nothing guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, checkpoints
from case_store.merging import CannotTakeApart, NotMerged
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import messages
from case_store.tables_outbox import deliveries as delivery_table
from tests.bad_days.merged import AGAIN, AGENT, ANN, Two, body, by_number, by_references, set_due, two

__all__ = ["two"]


async def test_taken_apart_both_are_what_they_were(two: Two) -> None:
    before = two.a, two.b
    linked = set(two.a.conversations)
    two.merge()
    two.part()
    after = two.a, two.b
    moving = {"version", "updated_at", "corrected"}
    for was, now in zip(before, after, strict=True):
        old, new = was.to_json(), now.to_json()
        assert {name: old[name] for name in old if name not in moving} == {
            name: new[name] for name in new if name not in moving
        }
    assert set(two.a.conversations) == linked
    assert two.about(two.b.conversations[0]) == two.second
    assert two.trail(two.second).count("merged_into") == two.trail(two.second).count("unmerged") == 1
    assert two.trail(two.first).count("unmerged_from") == 1
    assert checkpoints.verify(two.rooms.store).problems == []
    with pytest.raises(NotMerged):
        two.part()


async def test_who_never_heard_of_the_merge_hears_of_no_undoing(two: Two) -> None:
    def hold(tx: Transaction) -> None:
        later = {"due_at": tx.now + timedelta(hours=8)}
        tx.execute(sa.update(delivery_table).where(delivery_table.c.due_at.is_not(None)).values(**later))

    before = len(two.rooms.post.to(ANN))
    two.merge()
    two.rooms.store.write_now(hold)
    two.part()
    waiting = two.rooms.rows(sa.select(delivery_table.c.id).where(delivery_table.c.due_at.is_not(None)))
    assert (waiting, len(two.rooms.post.to(ANN))) == ([], before)
    assert "not_told" in two.trail(two.first)


async def test_who_was_told_of_the_merge_is_told_of_its_end(two: Two) -> None:
    two.merge()
    _let_go(two)
    await two.rooms.settle()
    two.part()
    _let_go(two)
    await two.rooms.settle()
    last = two.rooms.post.to(ANN)[-1]
    assert "separately again" in body(last)
    assert str(two.a.reference) in body(last)
    assert str(two.b.reference) in body(last)


def _let_go(two: Two) -> None:
    """The quiet hours are over."""
    d = delivery_table
    two.rooms.store.write_now(
        lambda tx: tx.execute(sa.update(d).where(d.c.due_at.is_not(None)).values(due_at=tx.now)).rowcount
    )


async def test_what_came_meanwhile_stays_unless_it_is_named(two: Two, write: Callable[..., str]) -> None:
    two.merge()
    await two.rooms.mail(write("Ann <ann@example.org>", **by_number(two)))
    await two.rooms.mail(write("Ann <ann@example.org>", **by_references(two)))
    await two.rooms.settle()
    [conversation] = two.b.conversations
    m = messages.c
    came = sa.select(m.number).where(m.conversation_id == conversation, m.case_id == two.first, m.sender == "customer")
    numbers = sorted(row.number for row in two.rooms.rows(came))
    assert len(numbers) == 2
    two.part(messages=((conversation, numbers[0]),))
    assert (two.named(two.first), two.named(two.second)) == (2, 2)
    assert conversation in two.a.conversations, "what stays there can be found there"


@pytest.mark.parametrize("number", [1, 99])
async def test_only_what_came_meanwhile_can_be_named(two: Two, number: int) -> None:
    two.merge()
    [conversation] = two.b.conversations
    with pytest.raises(CannotTakeApart) as refused:
        two.part(messages=((conversation, number),))
    assert refused.value.code == "not_its_message"
    assert two.b.merged_into is not None


@pytest.mark.parametrize("status", ["resolved", "closed", "withdrawn"])
async def test_what_was_answered_meanwhile_is_not_taken_apart(two: Two, status: str) -> None:
    two.merge()
    two.rooms.store.write_now(cases.change, two.first, {"status": status}, actor=AGENT)
    with pytest.raises(CannotTakeApart) as refused:
        two.part()
    assert refused.value.code == "finished_meanwhile"


async def test_of_several_merges_each_is_undone_by_itself(two: Two, rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write(message_id="<ann.3@example.org>", text=AGAIN))
    await rooms.settle()
    third = max(row.id for row in rooms.rows(sa.select(case_table.c.id)))
    days = {two.first: date(2026, 12, 18), two.second: date(2026, 12, 4), third: date(2026, 12, 8)}
    for id, day in days.items():
        rooms.store.write_now(set_due, id, day)
    two.merge()
    two.merge(case=third)
    assert two.a.feedback_due == date(2026, 12, 4)
    two.part()
    assert (two.a.feedback_due, two.a.merged_from) == (date(2026, 12, 8), (two.case(third).reference,))
    two.part(third)
    assert (two.a.feedback_due, two.a.merged_from) == (date(2026, 12, 18), ())


async def test_merged_taken_apart_and_merged_again_is_told_again(two: Two) -> None:
    for _ in range(2):
        two.merge()
        _let_go(two)
        await two.rooms.settle()
        two.part()
        _let_go(two)
        await two.rooms.settle()
    told = [mail for mail in two.rooms.post.to(ANN) if "under one number" in mail["Subject"]]
    assert len(told) == 2
