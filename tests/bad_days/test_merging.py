"""Two cases of one customer under one number: what stands afterwards, what becomes of a draft, and what happens at once.

Ann has told of her card fee twice, by mail. The second case is merged into the first. What comes later under the second number is in
test_merged_later.py, how they are two again in test_taken_apart.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, checkpoints, merging, tasks
from case_store.audit import conversation_chain
from case_store.cases import LostUpdate
from case_store.merge_rules import CannotMerge
from case_store.merging import Wanted
from case_store.records import Status
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_outbox import deliveries as delivery_table
from case_store.tables_outbox import tasks as task_table
from case_store.tables_outbox import timers
from gateway import alarms, conductor, filing, joining
from gateway import merging as room
from tests.bad_days.merged import AGENT, ANN, SECRET, Two, body, by_number, by_references, set_due, two

__all__ = ["two"]


# what stands afterwards -----------------------------------------------------------------------------------------


async def test_the_merged_case_keeps_what_it_was_and_the_other_goes_on(two: Two) -> None:
    before = two.b
    two.merge()
    a, b = two.a, two.b
    assert (b.status, b.outcome, b.merged_into) == (Status.CLOSED, None, a.reference)
    assert (a.status, a.merged_from) == (Status.FILED, (before.reference,))
    kept = ("reference", "facts", "words", "evidence", "feedback_due", "received_at", "conversations", "contacts")
    assert all(getattr(b, name) == getattr(before, name) for name in kept)
    assert set(b.conversations) < set(a.conversations)
    assert two.about(b.conversations[0]) == a.id
    assert (two.named(a.id), two.named(b.id)) == (1, 1), "what a message names is not changed by it"
    link = two.rooms.rows(sa.select(case_conversations).where(case_conversations.c.reason == "merged"))
    assert [(row.case_id, row.linked_by) for row in link] == [(a.id, AGENT)]
    assert "merged_into" in two.trail(b.id)
    assert "merged" in two.trail(a.id)
    chain = two.rooms.store.read_now(audit.timeline, conversation_chain(b.conversations[0]))
    assert chain[-1].action == "merged_into"
    assert chain[-1].detail == {"case": a.reference, "from": b.reference, "reason": "the same fee"}
    assert checkpoints.verify(two.rooms.store).problems == []


async def test_the_customer_is_told_once_and_the_old_number_still_works(two: Two) -> None:
    before = len(two.rooms.post.to(ANN))
    two.merge()
    two.rooms.store.write_now(
        lambda tx: (
            tx.execute(
                sa.update(delivery_table).where(delivery_table.c.due_at.is_not(None)).values(due_at=tx.now)
            ).rowcount
        )
    )
    await two.rooms.settle()
    [mail] = two.rooms.post.to(ANN)[before:]
    assert two.a.reference in mail["Subject"]
    assert f"You can go on using {two.b.reference}: it leads to {two.a.reference}." in body(mail)
    assert SECRET not in body(mail)


async def test_nobody_left_to_write_to_is_told_by_a_person(two: Two) -> None:
    bounced = sa.update(case_contacts).values(bounced_at=sa.func.current_timestamp())
    two.rooms.store.write_now(lambda tx: tx.execute(bounced).rowcount)
    two.merge()
    [task] = two.rooms.store.read_now(tasks.open_of, two.first)
    assert task.kind == "letter"
    assert str(two.b.reference) in task.words


DUES = [
    (date(2026, 12, 18), date(2026, 12, 4), date(2026, 12, 4)),
    (date(2026, 12, 4), date(2026, 12, 18), date(2026, 12, 4)),
    (date(2026, 12, 4), date(2026, 12, 4), date(2026, 12, 4)),
]


@pytest.mark.parametrize(("own", "others", "holds"), DUES)
async def test_the_answer_comes_no_later_than_either_promise(two: Two, own: date, others: date, holds: date) -> None:
    two.rooms.store.write_now(set_due, two.first, own)
    two.rooms.store.write_now(set_due, two.second, others)
    two.merge()
    assert (two.a.feedback_due, two.b.feedback_due) == (holds, others)
    t = timers.c
    clocks = two.rooms.rows(sa.select(t.subject, t.due_at).where(t.kind == "feedback_overdue"))
    ends = {row.subject: row.due_at for row in clocks}
    assert ends[two.second] is None, "the merged case warns of nothing"
    if own > others:
        assert ends[two.first] == two.a.feedback_due_at
    two.part()
    assert (two.a.feedback_due, two.b.feedback_due) == (own, others)
    ends = {
        row.subject: row.due_at
        for row in two.rooms.rows(sa.select(t.subject, t.due_at).where(t.kind == "feedback_overdue"))
    }
    assert ends[two.second] is not None
    if own > others:
        assert ends[two.first] == two.a.feedback_due_at


async def test_the_graver_risk_stands_until_they_are_apart(two: Two) -> None:
    two.rooms.store.write_now(cases.change, two.second, {"risk": "major"}, actor=AGENT)
    own = two.a.risk
    two.merge()
    assert two.a.risk.value == "major"
    two.part()
    assert two.a.risk is own


async def test_what_is_to_be_done_goes_on_and_what_warned_of_its_date_ends(two: Two) -> None:
    def give(tx: Transaction) -> None:
        for kind, words in (("call_back", "Please call"), ("letter", "Dear Ann"), ("look", "feedback_warning")):
            tasks.add(tx, occasion=f"{kind}:x", kind=kind, words=words, case_id=two.second)

    two.rooms.store.write_now(give)
    two.merge()
    assert two.rooms.store.read_now(tasks.open_of, two.second) == []
    assert {one.kind for one in two.rooms.store.read_now(tasks.open_of, two.first)} == {"call_back", "letter"}
    two.part()
    back = two.rooms.store.read_now(tasks.open_of, two.second)
    assert {one.words for one in back} == {"Please call", "Dear Ann", "feedback_warning"}


async def test_what_a_borrowed_date_warned_of_ends_when_they_are_taken_apart(two: Two) -> None:
    own, others = date(2027, 12, 17), date(2026, 11, 2)  # far ahead, and over
    two.rooms.store.write_now(set_due, two.first, own)
    two.rooms.store.write_now(set_due, two.second, others)
    two.merge()
    two.rooms.store.write_now(alarms.deadline, two.rooms.notices, "feedback_overdue", two.first)
    assert [one.words for one in two.rooms.store.read_now(tasks.open_of, two.first)] == ["feedback_overdue"]
    two.part()
    assert two.a.feedback_due == own
    assert two.rooms.store.read_now(tasks.open_of, two.first) == []
    [row] = two.rooms.rows(sa.select(task_table.c.how).where(task_table.c.words == "feedback_overdue"))
    assert row.how == "unmerged"


async def test_a_deadline_of_a_merged_case_alarms_nobody(two: Two) -> None:
    two.merge()
    two.rooms.store.write_now(alarms.deadline, two.rooms.notices, "feedback_overdue", two.second)
    assert not two.rooms.rows(sa.select(task_table.c.id).where(task_table.c.words == "feedback_overdue"))


# a draft ----------------------------------------------------------------------------------------------------------


async def test_a_draft_that_tells_a_filed_case_again_is_asked_and_filed_no_more(house: Any, two: Two) -> None:
    house.seat = await two.rooms.chat.begin(None, "en")
    await house.say("You charged my card a fee of 300 yuan at the Leeds branch. I want it refunded.")
    draft = house.rooms.rows(sa.select(case_table.c.id).where(case_table.c.reference.is_(None)))[0].id
    conversation = house.seat.conversation
    two.rooms.store.write_now(
        lambda tx: joining.join(tx, cases.get(tx, two.first), conversation, by=AGENT, reason="called back")
    )
    with pytest.raises(CannotMerge) as refused:
        two.merge(case=two.first, into=draft)
    assert refused.value.code == "into_draft"
    two.merge(case=draft)
    assert two.a.merged_from == (draft,)
    assert (two.case(draft).reference, two.case(draft).status) == (None, Status.CLOSED)
    [row] = two.rooms.rows(sa.select(conversation_table).where(conversation_table.c.id == conversation))
    assert (row.quiet_at, row.state["phase"]) == (None, "filed")
    assert two.rooms.store.write_now(filing.file_in_silence, two.rooms.notices) == 0
    await house.say("what is the status?")
    assert str(two.a.reference) in house.last().text
    two.part(draft)
    [row] = two.rooms.rows(sa.select(conversation_table).where(conversation_table.c.id == conversation))
    assert (row.case_id, row.quiet_at is not None, row.state.get("phase")) == (draft, True, None)
    assert two.case(draft).status is Status.DRAFT


# at once ----------------------------------------------------------------------------------------------------------


async def test_two_agents_who_merge_both_ways_at_once_merge_once(two: Two) -> None:
    a, b = two.a, two.b
    ways = [Wanted(a.id, b.id, AGENT, "x", a.version, b.version), Wanted(b.id, a.id, AGENT, "x", b.version, a.version)]
    for _ in range(4):
        done = await asyncio.gather(
            *(two.rooms.store.write(room.merge, two.rooms.notices, way) for way in ways * 2), return_exceptions=True
        )
        good = [one for one in done if not isinstance(one, BaseException)]
        assert len(good) == 1, done
        assert all(isinstance(one, CannotMerge | LostUpdate | merging.Done) for one in done), done
        gone, stays = good[0].case, good[0].into
        assert two.case(stays.id).merged_into is None
        assert two.case(gone.id).merged_into == stays.reference
        two.part(gone.id)
        a, b = two.a, two.b
        ways = [
            Wanted(a.id, b.id, AGENT, "x", a.version, b.version),
            Wanted(b.id, a.id, AGENT, "x", b.version, a.version),
        ]


async def test_nobody_merges_what_has_moved_on(two: Two) -> None:
    version = two.b.version
    two.rooms.store.write_now(cases.note, two.second, "called her", actor=AGENT)
    with pytest.raises(LostUpdate):
        two.merge(version=version)
    assert two.b.merged_into is None


async def test_a_mail_that_comes_while_it_is_merged_is_never_left_behind(two: Two, write: Callable[..., str]) -> None:
    """Whichever is first, the mail names the case that goes on, or one that was merged with the mail in it."""
    for _ in range(6):
        before = two.named(two.first) + two.named(two.second)
        await two.rooms.mail(write("Ann <ann@example.org>", **by_number(two)))
        a, b = two.a, two.b
        wanted = Wanted(b.id, a.id, AGENT, "x", b.version, a.version)
        read, _ = await asyncio.gather(
            two.rooms.intake.read_due(), two.rooms.store.write(room.merge, two.rooms.notices, wanted)
        )
        assert read == 1
        assert two.named(two.first) + two.named(two.second) == before + 1
        c = conversation_table.c
        left = two.rooms.rows(sa.select(c.id).where(c.case_id == two.second))
        assert left == [], "nothing is about a case that is dealt with elsewhere"
        assert set(two.b.conversations) <= set(two.a.conversations)
        two.part()


async def test_a_turn_that_began_about_the_old_case_is_thrown_away(two: Two, write: Callable[..., str]) -> None:
    await two.rooms.mail(write("Ann <ann@example.org>", **by_references(two)))
    while await two.rooms.intake.read_due():
        pass
    [hand] = two.rooms.store.write_now(conductor.claim_turns, 8)
    turn = conductor.customer_turn(hand, two.rooms.notices.promises, two.rooms.store.read_now(lambda tx: tx.now))
    name, said = await two.rooms.engines.answer(hand.claim.id, turn)
    two.merge()
    answer = filing.Answer(hand.claim, said, name)
    assert not two.rooms.store.write_now(filing.commit_turn, two.rooms.notices, answer)


async def test_a_chat_message_of_the_same_instant_is_about_the_case_that_goes_on(house: Any, two: Two) -> None:
    await house.file_by_chat()
    chat = house.rooms.rows(sa.select(case_table.c.id).order_by(case_table.c.id))[-1].id
    [conversation] = two.case(chat).conversations
    two.rooms.store.write_now(
        lambda tx: joining.join(tx, cases.get(tx, two.first), conversation, by=AGENT, reason="called back")
    )
    one, other = two.case(chat), two.a
    wanted = Wanted(one.id, other.id, AGENT, "x", one.version, other.version)
    await asyncio.gather(house.write("one thing more"), two.rooms.store.write(room.merge, two.rooms.notices, wanted))
    await two.rooms.settle()
    assert two.about(conversation) == two.first
    assert house.last().case_id == two.first
