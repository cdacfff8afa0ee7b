"""One customer by many channels: joined by proof and by nothing else.

Ann has filed by mail and asks elsewhere how it stands; she leaves a chat and comes back by a link. Everybody else, with her number,
her link's look, guessed codes or her name, learns nothing and gets in nowhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, codes, contacts, conversations, identities, ownership
from case_store.reference import check_digit
from case_store.tables_cases import case_contacts, case_conversations
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_conversations import messages
from case_store.tables_customers import codes as code_table
from case_store.tables_outbox import tasks, timers
from gateway import joining, resuming
from gateway.resuming import Resumption

ANN = "ann@example.org"
STATUS = re.compile(r"registered|being looked into")


@pytest.fixture
async def filed(rooms: Any, write: Callable[..., str]) -> str:
    """The reference number of a case that Ann filed by mail."""
    await rooms.mail(write())
    await rooms.settle()
    [row] = rooms.rows(sa.select(case_table.c.reference))
    return str(row.reference)


async def ask(rooms: Any, text: str, seat: Any = None, client_id: str = "") -> tuple[Any, str]:
    """Says something in a chat; the seat, and what the bot answered."""
    seat = seat or await rooms.chat.begin(None, "en")
    before = len(said_in(rooms, seat))
    await rooms.chat.take(seat, client_id or f"c{before}", text, None)
    await rooms.settle()
    answers = said_in(rooms, seat)[before + 1 :]
    return seat, "\n".join(text for sender, text in answers if sender == "bot")


def said_in(rooms: Any, seat: Any) -> list[tuple[str, str]]:
    m = messages.c
    found = sa.select(m.sender, m.text).where(m.conversation_id == seat.conversation).order_by(m.number)
    return [(row.sender, row.text) for row in rooms.rows(found)]


def code_sent(rooms: Any, to: str = ANN) -> str:
    """The code in the newest mail to this address."""
    body = rooms.post.to(to)[-1].get_body(("plain",)).get_content()
    found = re.search(r"^(\d{6})\s*$", body, re.MULTILINE)
    assert found, body
    return found[1]


def linked(rooms: Any, seat: Any) -> bool:
    found = sa.select(case_conversations.c.case_id).where(case_conversations.c.conversation_id == seat.conversation)
    return bool(rooms.rows(found))


async def test_who_filed_by_mail_asks_in_a_chat_after_typing_the_code_that_was_mailed(rooms: Any, filed: str) -> None:
    seat, answer = await ask(rooms, f"How does my complaint {filed} stand?")
    assert "six-digit code" in answer
    assert not STATUS.search(answer)
    seat, answer = await ask(rooms, f"the code is {code_sent(rooms)}", seat)
    assert filed in answer
    assert STATUS.search(answer)
    assert linked(rooms, seat)
    same = rooms.store.read_now(identities.addresses_of, ANN)
    assert same == {ANN, f"chat:{seat.conversation}"}
    _, answer = await ask(rooms, "what is the status of my complaint?", seat)
    assert filed in answer, "proved once, it is told without another code"


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_it_is_asked_and_answered_in_the_customers_language(rooms: Any, filed: str, language: str) -> None:
    words = {
        "zh-Hans": ("我的投诉进度怎么样了", "验证码", "已登记"),
        "zh-Hant": ("我的投訴進度如何", "驗證碼", "已登記"),
    }
    question, asked, status = words.get(language, ("what is the status?", "code", "registered"))
    seat = await rooms.chat.begin(None, language)
    seat, answer = await ask(rooms, f"{question} {filed}", seat)
    assert asked in answer
    _, answer = await ask(rooms, code_sent(rooms), seat)
    assert status in answer


def another_number(filed: str) -> str:
    """A well-formed number that no case has."""
    digits = "20261123999999"
    return f"C20261123-999999-{check_digit(digits)}"


async def test_the_answer_tells_nobody_whether_a_case_exists(rooms: Any, filed: str) -> None:
    _, right = await ask(rooms, f"status of {filed}")
    _, wrong = await ask(rooms, f"status of {another_number(filed)}")
    assert right == wrong
    assert len([mail for mail in rooms.post.mails if "code" in mail["Subject"].lower()]) == 1


async def test_a_code_is_worth_nothing_in_another_conversation(rooms: Any, filed: str) -> None:
    await ask(rooms, f"status of {filed}")
    thief, answer = await ask(rooms, code_sent(rooms))
    assert not STATUS.search(answer)
    thief, _ = await ask(rooms, f"status of {another_number(filed)}", thief)
    thief, answer = await ask(rooms, code_sent(rooms), thief)
    assert not STATUS.search(answer)
    assert not linked(rooms, thief)


async def test_guessing_ends_after_five_tries_and_the_right_code_comes_too_late(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    right = code_sent(rooms)
    for number in range(codes.TRIES):
        guess = f"{(int(right) + 1 + number) % 10**6:06d}"
        seat, answer = await ask(rooms, guess, seat)
        assert not STATUS.search(answer)
    seat, answer = await ask(rooms, right, seat)
    assert not STATUS.search(answer)
    assert not linked(rooms, seat)


async def test_an_old_code_proves_nothing(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    past = sa.update(code_table).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    rooms.store.write_now(lambda tx: tx.execute(past).rowcount)
    seat, answer = await ask(rooms, code_sent(rooms), seat)
    assert "can't be used any more" in answer
    assert not linked(rooms, seat)


async def test_of_a_code_a_digest_is_kept_it_lasts_a_quarter_of_an_hour_and_counts_once(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    code = code_sent(rooms)
    assert re.fullmatch(r"[0-9]{6}", code)
    [row] = rooms.store.read_now(lambda tx: tx.execute(sa.select(code_table)).mappings().all())
    assert row["expires_at"] - row["at"] == timedelta(minutes=15)
    assert re.fullmatch(r"[0-9a-f]{64}", row["digest"])
    assert code not in [str(value) for value in row.values()]
    assert hashlib.sha256(code.encode()).hexdigest() != row["digest"]  # a million of them are soon tried: it is keyed
    seat, answer = await ask(rooms, code, seat)
    assert STATUS.search(answer)
    [row] = rooms.store.read_now(lambda tx: tx.execute(sa.select(code_table)).mappings().all())
    again = rooms.store.write_now(codes.try_code, seat.conversation, 1000, row["digest"])
    assert again is None


async def test_nobodys_mailbox_is_filled_with_codes(rooms: Any, filed: str) -> None:
    for _ in range(codes.FOR_A_CASE + 3):
        await ask(rooms, f"status of {filed}")
    assert len([mail for mail in rooms.post.to(ANN) if mail["Subject"].startswith("Your code")]) == codes.FOR_A_CASE


async def test_a_turn_that_is_run_again_sends_no_second_code_and_comes_to_the_same(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    code = code_sent(rooms)
    unanswered = {
        "answered_message": conversation_table.c.last_message - 2
    }  # as if the process had died before the commit
    for text in ("", code):
        if text:
            seat, answer = await ask(rooms, text, seat)
            assert STATUS.search(answer)
        due = sa.update(conversation_table).where(conversation_table.c.id == seat.conversation)
        again = due.values(**unanswered, speak_at=datetime.now(UTC) - timedelta(seconds=1))
        rooms.store.write_now(lambda tx, again=again: tx.execute(again).rowcount)
        await rooms.settle()
    assert len([mail for mail in rooms.post.to(ANN) if mail["Subject"].startswith("Your code")]) == 1
    assert STATUS.search(said_in(rooms, seat)[-1][1])


async def test_a_code_is_not_taken_for_a_sum_or_a_number_to_call(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, "You charged my card twice for the same annual fee and nobody answers.")
    seat, _ = await ask(rooms, f"status of {filed}", seat)
    seat, answer = await ask(rooms, code_sent(rooms), seat)
    assert filed in answer
    drafts = rooms.rows(sa.select(case_table.c.facts).where(case_table.c.status == "draft"))
    assert [(row.facts.get("amount"), row.facts.get("contact")) for row in drafts] == [(None, None)]


async def test_a_number_named_in_passing_asks_for_no_code(rooms: Any, filed: str) -> None:
    story = (
        f"My earlier complaint {filed} was about the same branch; now they charged another fee of 20 yuan last week."
    )
    await ask(rooms, story)
    assert rooms.rows(sa.select(code_table.c.asked_in)) == []


async def test_a_mail_from_a_joined_address_is_the_customers_own(
    rooms: Any, filed: str, write: Callable[..., str]
) -> None:
    rooms.store.write_now(lambda tx: identities.join(tx, ANN, "ann.lee@work.example", proof="agent", by="agent:wei"))
    await rooms.mail(write("Ann <ann.lee@work.example>", "One more thing: they did it again.", subject=f"[{filed}]"))
    await rooms.mail(write("Bob <bob@work.example>", "Send me everything.", subject=f"[{filed}]"))
    await rooms.settle()
    case = rooms.store.read_now(cases.get, filed)
    held = [rooms.store.read_now(conversations.find, id)["address"] for id in case.conversations]
    assert set(held) == {ANN, "ann.lee@work.example"}


# a chat that was left -------------------------------------------------------------------------------------------


async def chat_with_address(rooms: Any, *, proved: bool) -> Any:
    """A chat whose customer has filed, given a mail address, and gone."""
    seat = await rooms.chat.begin(None, "en")
    for number, text in enumerate(
        [
            "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded.",
            "Ann Lee, ann@example.org",
            "yes",
        ]
    ):
        await rooms.chat.take(seat, f"c{number}", text, None)
        await rooms.settle()
    [row] = rooms.rows(sa.select(case_table.c.id, case_table.c.reference))
    assert row.reference
    if proved:
        rooms.store.write_now(contacts.prove, row.id, ANN, "confirmed")
    return seat


def links_to(rooms: Any, address: str) -> list[str]:
    bodies = [mail.get_body(("plain",)).get_content() for mail in rooms.post.to(address)]
    return [found for body in bodies for found in re.findall(r"/resume/(\S+)", body)]


def reply_as_agent(rooms: Any, seat: Any, text: str) -> None:
    def reply(tx: Any) -> None:
        from gateway.filing import agent_replied

        said = ownership.reply(tx, seat.conversation, text, agent_id="a" * 32, agent_name="Wei")
        agent_replied(tx, rooms.notices, conversations.locked(tx, seat.conversation), said)

    rooms.store.write_now(reply)


def fire_timers(rooms: Any) -> None:
    from case_store.timers import claim, fired

    def fire(tx: Any) -> None:
        tx.execute(sa.update(timers).where(timers.c.kind == "unseen").values(due_at=tx.now - timedelta(seconds=1)))
        for timer in claim(tx, 50):
            if timer.kind == "unseen":
                rooms.notices.fire_unseen(tx, timer.subject, timer.payload or {})
                fired(tx, timer)

    rooms.store.write_now(fire)


async def test_an_answer_nobody_has_looked_at_goes_by_mail_with_a_link_back(rooms: Any) -> None:
    seat = await chat_with_address(rooms, proved=True)
    reply_as_agent(rooms, seat, "We have found the fee.")
    fire_timers(rooms)
    await rooms.settle()
    [link] = links_to(rooms, ANN)
    subjects = [str(mail["subject"]) for mail in rooms.post.to(ANN) if link in mail.get_body(("plain",)).get_content()]
    assert [re.sub(r"C[\d-]+", "C1", subject) for subject in subjects] == ["A message about your complaint [C1]"]
    asked = resuming.read(rooms.gateway.tokens, link)
    assert asked == Resumption(seat.conversation, ANN)
    assert rooms.store.write_now(resuming.resume, asked)
    assert rooms.store.read_now(identities.addresses_of, ANN) == {ANN, f"chat:{seat.conversation}"}
    assert not rooms.rows(sa.select(tasks.c.id).where(tasks.c.kind == "call_back"))


async def test_an_address_that_was_only_typed_is_sent_no_words_and_no_link(rooms: Any) -> None:
    seat = await chat_with_address(rooms, proved=False)
    reply_as_agent(rooms, seat, "We have found the fee.")
    fire_timers(rooms)
    await rooms.settle()
    assert links_to(rooms, ANN) == []
    assert all("found the fee" not in mail.as_string() for mail in rooms.post.mails)
    assert rooms.rows(sa.select(tasks.c.id).where(tasks.c.kind == "call_back"))


async def test_a_message_that_was_seen_is_not_mailed(rooms: Any) -> None:
    seat = await chat_with_address(rooms, proved=True)
    reply_as_agent(rooms, seat, "We have found the fee.")
    number = len(said_in(rooms, seat))
    await rooms.chat.seen(seat, number)
    fire_timers(rooms)
    await rooms.settle()
    assert links_to(rooms, ANN) == []


async def test_a_link_ends_when_the_address_is_the_customers_no_more(rooms: Any) -> None:
    seat = await chat_with_address(rooms, proved=True)
    asked = Resumption(seat.conversation, ANN)
    assert rooms.store.read_now(resuming.reference_of, asked) is not None
    [row] = rooms.rows(sa.select(case_contacts.c.case_id).where(case_contacts.c.address == ANN))
    rooms.store.write_now(contacts.flag_bounced, row.case_id, ANN)
    assert rooms.store.read_now(resuming.reference_of, asked) is None
    assert not rooms.store.write_now(resuming.resume, asked)


@pytest.mark.parametrize("address", ["mallory@evil.example", "", ANN.upper()])
async def test_a_link_for_another_address_or_conversation_leads_nowhere(rooms: Any, address: str) -> None:
    seat = await chat_with_address(rooms, proved=True)
    assert not rooms.store.write_now(resuming.resume, Resumption(seat.conversation, address))
    assert not rooms.store.write_now(resuming.resume, Resumption("0" * 32, ANN))
    old = resuming.sign(rooms.gateway.tokens, seat.conversation, ANN, datetime.now(UTC) - timedelta(days=8))
    assert resuming.read(rooms.gateway.tokens, old) is None


# an agent's decision -------------------------------------------------------------------------------------------


async def test_an_agent_decides_that_a_stranger_is_the_customer_and_takes_it_back(
    rooms: Any, filed: str, write: Callable[..., str]
) -> None:
    await rooms.mail(write("Ann <ann@new.example>", "Any news? I wrote from my old address.", subject=f"[{filed}]"))
    await rooms.settle()

    def shown(tx: Any) -> joining.Customer:
        return joining.customer_of(tx, cases.get(tx, filed))

    [stranger] = rooms.store.read_now(shown).strangers
    assert stranger["sender"] == "ann@new.example"
    decide = lambda tx: joining.join(  # noqa: E731
        tx, cases.get(tx, filed), stranger["conversation"], by="agent:wei", reason="called her on the known number"
    )
    rooms.store.write_now(decide)
    after = rooms.store.read_now(shown)
    assert [one.address for one in after.identities] == [ANN, "ann@new.example"]
    assert after.strangers == ()
    assert rooms.store.read_now(lambda tx: contacts.is_proved(tx, cases.get(tx, filed).id, "ann@new.example"))
    back = lambda tx: joining.part(tx, cases.get(tx, filed), "ann@new.example", by="agent:wei", reason="wrong Ann")  # noqa: E731
    rooms.store.write_now(back)
    assert [one.address for one in rooms.store.read_now(shown).identities] in ([ANN], [])


async def test_resemblance_joins_nobody(rooms: Any, filed: str, write: Callable[..., str]) -> None:
    for sender in ("Ann Lee <ann@example.com>", "Ann <ann+2@example.org>", '"ann@example.org" <x@evil.example>'):
        await rooms.mail(write(sender))
    await rooms.settle()
    assert rooms.store.read_now(identities.addresses_of, ANN) == {ANN}
    assert rooms.store.read_now(identities.cases_of, frozenset({ANN})) == [rooms.store.read_now(cases.get, filed).id]
