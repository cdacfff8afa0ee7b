"""Two cases of one customer under one number: whatever comes later under the other reaches it, no stranger does, and it can be undone.

Ann has told of her card fee twice, by mail. The second case is merged into the first. Everything that knows the second number, her
mails, the house's answers, links, a chat that it is typed in, leads to the first; who is not Ann gets in nowhere by either.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, checkpoints, identities, links, merged, merging, parting, tasks
from case_store.audit import case_chain, conversation_chain
from case_store.cases import CaseRecord, LostUpdate
from case_store.merging import Apart, CannotMerge, CannotTakeApart, NotMerged, Wanted
from case_store.records import Sender, Status
from case_store.store import Transaction
from case_store.tables import case_contacts, case_conversations, messages, timers
from case_store.tables import cases as case_table
from case_store.tables import conversations as conversation_table
from case_store.tables import deliveries as delivery_table
from case_store.tables import tasks as task_table
from gateway import alarms, case_page, conductor, confirmation, filing, joining, status_link
from gateway import merging as room
from gateway.api import complaints
from gateway.status_link import Holder

ANN, BOB = "ann@example.org", "bob@elsewhere.example"
AGENT = "agent:Wei"
SECRET = "Leeds"
AGAIN = "It is about the 300 yuan of 3 November in Leeds once more: nobody has paid my fee back. Ann Lee"


@dataclass
class Two:
    """The two cases, and the house's answers to each."""

    rooms: Any
    first: str
    second: str
    answer: EmailMessage

    def case(self, id: str) -> CaseRecord:
        found: CaseRecord = self.rooms.store.read_now(cases.get, id)
        return found

    @property
    def a(self) -> CaseRecord:
        return self.case(self.first)

    @property
    def b(self) -> CaseRecord:
        return self.case(self.second)

    def merge(self, case: str | None = None, into: str | None = None, **versions: int) -> merging.Done:
        one, other = self.case(case or self.second), self.case(into or self.first)
        given = {"version": one.version, "into_version": other.version, **versions}
        wanted = Wanted(one.id, other.id, AGENT, "the same fee", **given)
        done: merging.Done = self.rooms.store.write_now(room.merge, self.rooms.notices, wanted)
        return done

    def part(self, case: str | None = None, messages: tuple[tuple[str, int], ...] = ()) -> merging.Done:
        apart = Apart(case or self.second, AGENT, "they are two fees", messages)
        done: merging.Done = self.rooms.store.write_now(room.take_apart, self.rooms.notices, apart)
        return done

    def trail(self, id: str) -> list[str]:
        return [event.action for event in self.rooms.store.read_now(audit.timeline, case_chain(id))]

    def about(self, conversation: str) -> str | None:
        c = conversation_table.c
        [row] = self.rooms.rows(sa.select(c.case_id).where(c.id == conversation))
        found: str | None = row.case_id
        return found

    def named(self, id: str) -> int:
        """How many of the customer's messages name this case."""
        m = messages.c
        said = sa.select(m.number).where(m.case_id == id, m.sender == Sender.CUSTOMER.value)
        return len(self.rooms.rows(said))


@pytest.fixture
async def two(rooms: Any, write: Callable[..., str]) -> Two:
    rooms.engines._limit = 30  # these stories are not about an engine that is slow
    await rooms.mail(write(message_id="<ann.1@example.org>"))
    await rooms.settle()
    await rooms.mail(write(message_id="<ann.2@example.org>", text=AGAIN))
    await rooms.settle()
    found = rooms.rows(sa.select(case_table.c.id, case_table.c.reference).order_by(case_table.c.id))
    first, second = found
    answer = next(mail for mail in rooms.post.to(ANN) if second.reference in body(mail))
    return Two(rooms, first.id, second.id, answer)


def body(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def set_due(tx: Transaction, id: str, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 15, 59, 59, tzinfo=UTC)
    values = {"feedback_due": day.isoformat(), "feedback_due_at": at}
    tx.execute(sa.update(case_table).where(case_table.c.id == id).values(**values))


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


# whatever comes later -------------------------------------------------------------------------------------------


def by_number(two: Two) -> dict[str, str]:
    return {"subject": f"[{two.b.reference}] a receipt", "text": "I have found the receipt of it."}


def by_token(two: Two) -> dict[str, str]:
    return {"to": two.answer["Reply-To"], "subject": "Re: Card fee", "text": "I have found the receipt of it."}


def by_references(two: Two) -> dict[str, str]:
    return {"references": two.answer["Message-ID"], "subject": "Re: Card fee", "text": "I have found the receipt."}


def by_her_own_id(two: Two) -> dict[str, str]:
    return {"references": "<ann.2@example.org>", "subject": "Re: Card fee", "text": "I have found the receipt of it."}


WAYS = [by_number, by_token, by_references, by_her_own_id]


@pytest.mark.parametrize("way", WAYS)
async def test_her_mail_reaches_the_case_that_goes_on(two: Two, write: Callable[..., str], way: Any) -> None:
    two.merge()
    await two.rooms.mail(write("Ann Lee <Ann@Example.ORG>", **way(two)))
    await two.rooms.settle()
    assert (two.named(two.first), two.named(two.second)) == (2, 1)
    assert len(two.rooms.rows(sa.select(case_table.c.id))) == 2


@pytest.mark.parametrize("way", WAYS)
async def test_a_stranger_gets_into_neither(two: Two, write: Callable[..., str], way: Any) -> None:
    two.merge()
    before = [set(one.conversations) for one in (two.a, two.b)]
    known = two.a.contacts
    for sender in ("Bob <bob@elsewhere.example>", f'"{ANN}" <bob2@elsewhere.example>', "ann+x@example.org", ""):
        await two.rooms.mail(write(sender, **way(two)), mail_from=BOB)
    await two.rooms.settle()
    assert [set(one.conversations) for one in (two.a, two.b)] == before
    assert two.a.contacts == known
    assert (two.named(two.first), two.named(two.second)) == (1, 1)
    told = [body(mail) for mail in two.rooms.post.mails if mail["X-Envelope-To"] != ANN]
    assert not any(SECRET in words or str(two.a.reference) in words for words in told)


async def test_one_way_leads_through_a_chain_of_merges(two: Two, rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write(message_id="<ann.3@example.org>", text=AGAIN))
    await rooms.settle()
    third = max(row.id for row in rooms.rows(sa.select(case_table.c.id)))
    number = two.case(third).reference
    two.merge(case=third, into=two.second)
    two.merge()
    assert two.a.merged_from == (two.b.reference, number)
    await rooms.mail(write(subject=f"[{number}] a receipt", text="I have found the receipt of it."))
    await rooms.settle()
    assert (two.named(two.first), two.named(third)) == (2, 1)
    with pytest.raises(CannotTakeApart) as refused:
        two.part(third)
    assert refused.value.code == "merged_further"


async def test_a_chain_has_an_end(two: Two, rooms: Any, write: Callable[..., str]) -> None:
    """As long as the way may be it is walked to its end, and it is made no longer."""
    ids = [two.second, two.first]
    for number in range(merged.LONGEST_WAY):
        await rooms.mail(write(message_id=f"<ann.{number + 3}@example.org>", text=AGAIN))
        await rooms.settle()
        ids.append(max(row.id for row in rooms.rows(sa.select(case_table.c.id))))
    for one, other in pairwise(ids[:-1]):
        two.merge(case=one, into=other)
    assert rooms.store.read_now(merged.leads_to, two.second) == ids[-2]
    with pytest.raises(CannotMerge) as refused:
        two.merge(case=ids[-2], into=ids[-1])
    assert refused.value.code == "too_many"


async def ask(rooms: Any, text: str, seat: Any = None) -> tuple[Any, str]:
    """Says something in a chat; the seat, and what the bot answered."""
    seat = seat or await rooms.chat.begin(None, "en")
    m = messages.c
    found = sa.select(m.sender, m.text).where(m.conversation_id == seat.conversation).order_by(m.number)
    before = len(rooms.rows(found))
    await rooms.chat.take(seat, f"c{before}", text, None)
    await rooms.settle()
    return seat, "\n".join(row.text for row in rooms.rows(found)[before:] if row.sender == "bot")


async def test_the_old_number_typed_in_a_chat_is_proved_and_answered_as_the_new_one(two: Two) -> None:
    two.merge()
    seat, answer = await ask(two.rooms, f"How does my complaint {two.b.reference} stand?")
    assert "six-digit code" in answer
    code = re.search(r"^(\d{6})\s*$", body(two.rooms.post.to(ANN)[-1]), re.MULTILINE)
    assert code is not None
    seat, answer = await ask(two.rooms, f"the code is {code[1]}", seat)
    assert str(two.a.reference) in answer
    assert seat.conversation in two.rooms.store.read_now(links.told_in, two.first)
    seat, answer = await ask(two.rooms, f"and what is the status of {two.b.reference}?", seat)
    assert str(two.a.reference) in answer
    assert "closed" not in answer


async def test_a_code_that_was_sent_before_is_right_afterwards(two: Two) -> None:
    seat, _ = await ask(two.rooms, f"How does my complaint {two.b.reference} stand?")
    code = re.search(r"^(\d{6})\s*$", body(two.rooms.post.to(ANN)[-1]), re.MULTILINE)
    assert code is not None
    two.merge()
    _, answer = await ask(two.rooms, code[1], seat)
    assert str(two.a.reference) in answer
    assert seat.conversation in two.rooms.store.read_now(links.told_in, two.first)


async def test_a_chat_without_the_code_learns_nothing_by_either_number(two: Two) -> None:
    two.merge()
    for number in (two.a.reference, two.b.reference):
        seat, answer = await ask(two.rooms, f"status of {number}")
        seat, guessed = await ask(two.rooms, "000000", seat)
        assert not re.search(r"registered|being looked into|closed", answer + guessed)
        assert seat.conversation not in two.rooms.store.read_now(links.told_in, two.first)


async def test_the_chat_in_which_it_was_told_goes_on_about_the_other(house: Any, two: Two) -> None:
    """A chat that was filed apart is joined by an agent first, then merged: it hears of one number, and shows how both stand."""
    await house.file_by_chat()
    chat = house.rooms.rows(sa.select(case_table.c.id).order_by(case_table.c.id))[-1].id
    with pytest.raises(CannotMerge) as refused:
        two.merge(case=chat)
    assert refused.value.code == "other_customer"
    [conversation] = two.case(chat).conversations
    two.rooms.store.write_now(
        lambda tx: joining.join(tx, cases.get(tx, two.first), conversation, by=AGENT, reason="called back")
    )
    two.merge(case=chat)
    assert two.about(conversation) == two.first
    number = two.case(chat).reference
    await house.say("what is the status?")
    assert str(two.a.reference) in house.last().text
    assert str(number) not in house.last().text
    frames = two.rooms.store.read_now(two.rooms.chat._case_frames, house.seat)
    assert frames[number] == {**frames[two.a.reference], "reference": number, "merged_into": two.a.reference}
    await house.say(f"I want to withdraw my complaint {number}")
    await house.say("yes")
    assert two.a.status is Status.WITHDRAWN
    assert two.case(chat).status is Status.CLOSED


async def test_the_status_look_up_by_the_old_number_tells_how_the_new_one_stands(two: Two) -> None:
    two.merge()
    two.rooms.store.write_now(cases.change, two.first, {"status": "in_progress"}, actor=AGENT)
    read = two.rooms.store.read_now
    answer = read(complaints._status, two.b.reference, [ANN])
    assert answer.status == 200
    assert (str(two.a.reference) in answer.body, "in_progress" in answer.body) == (True, True)
    nothing = read(complaints._status, "C20261123-999999-9", [ANN])
    assert read(complaints._status, two.b.reference, [BOB]) == nothing
    two.rooms.store.write_now(_type_contact, two.first)
    typed = read(complaints._status, two.b.reference, ["+8613900001111"])
    assert "in_progress" in typed.body
    assert str(two.a.reference) not in typed.body, "an address that was only typed learns no number it has not known"


def _type_contact(tx: Transaction, id: str) -> None:
    row = {"case_id": id, "address": "+8613900001111", "kind": "phone", "at": tx.now}
    tx.execute(sa.insert(case_contacts).values(**row))


async def test_the_link_of_the_old_case_shows_the_new_one_to_its_holder_alone(two: Two) -> None:
    two.merge()
    read, promises = two.rooms.store.read_now, two.rooms.notices.promises
    shown = read(case_page.standing, promises, Holder(two.second, ANN))
    assert shown is not None
    assert shown.case.reference == two.a.reference
    assert read(case_page.standing, promises, Holder(two.second, BOB)) is None
    two.rooms.store.write_now(parting.part, two.first, ANN, by=AGENT, reason="not hers")
    assert read(case_page.standing, promises, Holder(two.second, ANN)) is None
    sent = two.rooms.store.write_now(status_link.send, two.rooms.notices, two.rooms.gateway.tokens, two.b.reference, [])
    assert not sent


async def test_who_was_parted_from_the_case_gets_back_by_no_old_way(two: Two, write: Callable[..., str]) -> None:
    two.merge()
    two.rooms.store.write_now(parting.part, two.first, ANN, by=AGENT, reason="not hers")
    before = two.named(two.first)
    for way in WAYS:
        await two.rooms.mail(write("Ann Lee <ann@example.org>", **way(two)))
    await two.rooms.settle()
    assert two.named(two.first) == before
    assert not two.rooms.store.read_now(identities.is_customer_of, two.first, ANN)


async def test_an_address_that_is_confirmed_by_the_old_link_is_proved_for_the_case_that_goes_on(two: Two) -> None:
    other = "ann@work.example"

    def typed(tx: Transaction) -> None:
        row = {"case_id": two.second, "address": other, "kind": "email", "at": tx.now}
        tx.execute(sa.insert(case_contacts).values(**row))

    two.rooms.store.write_now(typed)
    two.merge()
    asked = confirmation.Confirmation(two.second, other)
    assert two.rooms.store.write_now(confirmation.confirm, asked) == two.a.reference
    assert two.rooms.store.read_now(identities.is_customer_of, two.first, other)


async def test_her_words_change_nothing_of_what_the_merged_case_held(two: Two, write: Callable[..., str]) -> None:
    two.merge()
    facts = two.b.facts
    await two.rooms.mail(write("Ann <ann@example.org>", **{**by_number(two), "text": "Sorry, it was 350 yuan."}))
    await two.rooms.settle()
    assert two.b.facts == facts
    assert (two.b.status, two.b.merged_into) == (Status.CLOSED, two.a.reference)


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


# taking apart -----------------------------------------------------------------------------------------------------


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
