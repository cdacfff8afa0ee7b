"""Whatever comes under the number of a case that was merged reaches the one that goes on, and no stranger gets in by either.

Mails, links, codes, a chat that it is typed in, the status look-up: everything that knows the second number leads to the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, identities, links, merged, parting
from case_store.merge_rules import CannotMerge
from case_store.merging import CannotTakeApart
from case_store.records import Status
from case_store.store import Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import messages
from gateway import case_page, confirmation, joining, status_link
from gateway.api import complaints
from gateway.status_link import Holder
from tests.bad_days.merged import (
    AGAIN,
    AGENT,
    ANN,
    BOB,
    SECRET,
    Two,
    body,
    by_her_own_id,
    by_number,
    by_references,
    by_token,
    two,
)

__all__ = ["two"]

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
