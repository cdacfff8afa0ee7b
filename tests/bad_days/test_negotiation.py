"""An offer from the agent's hand to the customer's yes, by chat and by mail, and everything that can come between."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from case_store import cases, contacts, offers, ownership
from case_store.contacts import Contact
from case_store.offers import Option
from case_store.records import Owner
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_conversations import messages
from case_store.tables_outbox import deliveries
from case_store.tables_papers import offers as offer_table
from gateway import solutions
from tests.bad_days.negotiated import HALF, LETTER, OPTIONS, WHOLE, House, text_of

# from the offer to the settlement ---------------------------------------------------------------------------------


async def test_an_offer_in_a_chat_is_chosen_asked_back_and_agreed(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    shown = house.last()
    assert all(option.title in shown.text and option.meaning in shown.text for option in OPTIONS)
    assert [choice["value"] for choice in shown.choices] == [f"offer:{made.id}:{n}" for n in (1, 2, 3)]
    await house.say("the second one")
    assert house.state(made.id) == ("open", 2)
    assert house.settled() == [], "nothing binds before it was asked back"
    assert house.last().asks == ["confirm"]
    await house.say("yes, agreed")
    [settled] = house.settled()
    assert (settled.option, settled.option_number, settled.words) == (WHOLE, 2, "yes, agreed")
    assert settled.parties["name"] == "Ann Lee"
    assert settled.parties["contact"] == "+8613912345678"
    assert settled.parties["house"]["en"] == "Example Bank"
    assert settled.facts["amount"] == {"value": "300.00", "currency": "CNY"}
    assert settled.due_on == house.rooms.notices.promises.days.add(house.today(), 10)[0]
    [said] = house.rooms.rows(sa.select(messages.c.text).where(messages.c.number == settled.message))
    assert said.text == "yes, agreed"
    assert house.state(made.id) == ("agreed", None)
    assert house.words() == ["settlement_to_perform"]
    assert [action for action in house.trail() if action in ("offered", "option_chosen", "settled")] == [
        "offered",
        "option_chosen",
        "settled",
    ]


async def test_an_offer_is_answered_by_its_buttons(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say(f"1. {HALF.title}", f"offer:{made.id}:1")
    yes, _ = house.last().choices
    await house.say(yes["label"], yes["value"])
    assert [one.option for one in house.settled()] == [HALF]


async def test_an_offer_by_mail_is_one_message_and_answered_by_two_more(
    house: House, write: Callable[..., str]
) -> None:
    rooms = house.rooms
    await rooms.mail(write())
    await rooms.settle()
    made = house.offer()
    at_once = sa.update(deliveries).where(deliveries.c.due_at.is_not(None))
    rooms.store.write_now(lambda tx: tx.execute(at_once.values(due_at=tx.now)))
    await rooms.settle()
    told = rooms.post.mails[-1]
    assert all(option.title in text_of(told) for option in OPTIONS)
    for said in ("Hello,\n\nI choose the second.\n\nKind regards,\nAnn Lee", "Yes, agreed.\n\nRegards,\nAnn"):
        asked = rooms.post.mails[-1]
        await rooms.mail(write(text=said, to=asked["Reply-To"], references=asked["Message-ID"]))
        await rooms.settle()
    [settled] = house.settled()
    assert (settled.option, settled.way) == (WHOLE, "email")
    assert settled.words.startswith("Yes, agreed.")
    assert WHOLE.title in text_of(rooms.post.mails[-1])
    assert house.state(made.id)[0] == "agreed"


async def test_a_customer_who_has_left_the_chat_is_offered_by_mail_and_can_answer_there(
    house: House, write: Callable[..., str]
) -> None:
    rooms = house.rooms
    case_id = await house.file_by_chat()
    ann = Contact("ann@example.org", "email", "code")
    rooms.store.write_now(contacts.add_contact, case_id, ann)
    house.offer()
    rooms.store.write_now(lambda tx: tx.execute(sa.update(deliveries).values(due_at=tx.now)))
    await rooms.settle()
    offered = rooms.post.to("ann@example.org")[-1]
    for said in ("Option 1 please", "I agree"):
        asked = rooms.post.to("ann@example.org")[-1]
        await rooms.mail(write(text=said, to=asked["Reply-To"], references=asked["Message-ID"]))
        await rooms.settle()
    assert HALF.title in text_of(offered)
    assert [one.option for one in house.settled()] == [HALF]


async def test_a_wish_is_for_a_person_and_the_next_round_takes_its_place(house: House) -> None:
    await house.file_by_chat()
    first = house.offer()
    await house.say("Could you pay me 250 instead?")
    assert house.owner() == Owner.QUEUE
    [answer] = house.rooms.store.read_now(offers.get, first.id).answers
    assert (answer.kind.value, answer.words) == ("counter", "Could you pay me 250 instead?")
    facts = house.rooms.store.read_now(cases.get, house.case_id).facts
    assert facts.to_json()["amount"]["value"] == "300.00", "what is wished for is no fact"
    assert house.state(first.id) == ("open", None), "what was offered can still be taken"
    better = Option("Most of the fee back", "250 yuan goes back to your card", 3)
    second = house.offer(options=(better, LETTER))
    assert "having read what you wrote" in house.last().text
    assert (second.round, house.state(first.id)[0]) == (2, "replaced")
    await house.say("1")
    await house.say("yes")
    assert [one.option for one in house.settled()] == [better]


async def test_who_waits_for_a_person_about_a_wish_can_still_take_what_was_offered(house: House) -> None:
    await house.file_by_chat()
    house.offer()
    await house.say("Could you pay me 250 instead?")
    before = house.last().number
    await house.say("I really think that would be fair")
    assert house.last().number == before + 1, "all else is for the person"
    await house.say("all right, option 2")
    await house.say("yes")
    assert [one.option for one in house.settled()] == [WHOLE]
    assert house.owner() == Owner.QUEUE, "the place in the queue stays"


async def test_who_changes_their_mind_before_confirming_agrees_to_the_other(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("1")
    await house.say("actually, the second one")
    await house.say("yes")
    assert [one.option for one in house.settled()] == [WHOLE]
    kinds = [answer.kind.value for answer in house.rooms.store.read_now(offers.get, made.id).answers]
    assert kinds == ["choice", "choice", "confirmation"]


async def test_the_same_choice_sent_twice_in_haste_is_no_yes(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    await house.say("2")
    assert house.settled() == []
    assert house.state(made.id) == ("open", 2)


# whose turn it is ---------------------------------------------------------------------------------------------------


async def test_an_offer_that_the_agent_keeps_is_not_answered_by_the_bot(house: House) -> None:
    await house.file_by_chat()
    house.rooms.store.write_now(_taken_over)
    made = house.offer(by_bot=False)
    assert not house.last().choices
    number = house.last().number
    await house.say("2")
    assert house.last().number == number + 1
    assert house.state(made.id) == ("open", None)


async def test_who_takes_a_conversation_over_takes_the_negotiation_with_it(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    house.rooms.store.write_now(_taken_over)
    number = house.last().number
    await house.say("yes")
    assert house.last().number == number + 1
    assert house.settled() == []
    assert house.state(made.id) == ("open", 2)


async def test_an_offer_that_the_agent_keeps_is_unknown_to_the_bot_that_gets_the_conversation_back(
    house: House,
) -> None:
    await house.file_by_chat()
    house.offer(by_bot=False)
    await house.say("2")
    assert house.settled() == []


def _taken_over(tx: Transaction) -> None:
    [row] = tx.execute(sa.select(conversation_table.c.id)).all()
    ownership.take_over(tx, row.id, agent_id="a" * 32, agent_name="Wei")


# strangers, two cases, time ---------------------------------------------------------------------------------------


async def test_a_stranger_who_writes_the_reference_number_chooses_nothing(
    house: House, write: Callable[..., str]
) -> None:
    case_id = await house.file_by_chat()
    made = house.offer()
    reference = house.rooms.store.read_now(cases.get, case_id).reference
    await house.rooms.mail(
        write("Eve <eve@example.net>", f"{reference}: I choose option 2", subject=f"[{reference}]"), "eve@example.net"
    )
    await house.rooms.settle()
    seat = await house.rooms.chat.begin(None, "en")
    for number, said in enumerate((f"{reference} option 2", f"2. {WHOLE.title}", "yes")):
        await house.rooms.chat.take(seat, f"e{number}", said, f"offer:{made.id}:2" if number == 1 else None)
        await house.rooms.settle()
    await house.rooms.chat.take(seat, "e9", "Yes, agreed", f"offer:{made.id}:yes:2")
    await house.rooms.settle()
    assert house.state(made.id) == ("open", None)
    assert house.settled() == []
    said_to_eve = [row.text for row in house.rooms.rows(sa.select(messages.c.text).where(messages.c.case_id.is_(None)))]
    assert not any(WHOLE.meaning in text for text in said_to_eve)
    assert not any(WHOLE.title in text_of(mail) for mail in house.rooms.post.to("eve@example.net"))


async def test_two_cases_of_one_conversation_are_negotiated_apart(house: House) -> None:
    first = await house.file_by_chat()
    await house.say("I have another complaint: your app showed my card statement to somebody else on 5 November.")
    for said in ("it was about the mobile app", "no money", "I want an apology", "yes", "yes"):
        await house.say(said)
    rows = house.rooms.rows(
        sa.select(case_table.c.id, case_table.c.reference).where(case_table.c.reference.is_not(None))
    )
    assert len(rows) == 2
    [second] = [row for row in rows if row.id != first]
    one = house.offer(first)
    sorry = Option("A written apology", "the branch manager writes to you", 3)
    two = house.offer(second.id, options=(sorry, Option("A call from the manager", "the manager rings you", 1)))
    await house.say("2")
    assert house.state(one.id) == house.state(two.id) == ("open", None), "which case?"
    assert second.reference in house.last().text
    await house.say("the written apology")
    await house.say("yes")
    assert (house.state(one.id), house.state(two.id)[0]) == (("open", None), "agreed")
    [about] = house.rooms.rows(sa.select(messages.c.case_id).where(messages.c.text == "the written apology"))
    assert about.case_id == second.id
    await house.say("2")
    await house.say("yes")
    assert house.state(one.id)[0] == "agreed"
    assert [settled.option for settled in house.settled()] == [WHOLE]


# what the policy offers ------------------------------------------------------------------------------------------


def _by_itself(house: House, *, on: bool) -> None:
    policy = house.rooms.notices.promises.policy
    rules = policy.negotiation
    solution = rules.solutions["wrong-fee"].model_copy(update={"by_itself": on})
    changed = rules.model_copy(update={"solutions": {"wrong-fee": solution}})
    house.rooms.notices.promises.rules.put_policy(policy.model_copy(update={"negotiation": changed}))


async def test_a_minor_wrong_fee_is_offered_ready_solutions_by_itself_if_the_policy_says_so(house: House) -> None:
    _by_itself(house, on=True)
    await house.file_by_chat()
    house.fire(solutions.BY_ITSELF)
    assert "300.00 Chinese yuan" in house.last().text
    assert "Chinese yuan" in house.last().text
    await house.say("the first one")
    await house.say("yes")
    [settled] = house.settled()
    assert settled.option.title == "The fee is returned"
    house.fire(solutions.BY_ITSELF)
    assert len(house.rooms.rows(sa.select(offer_table.c.id))) == 1


async def test_nothing_is_offered_by_itself_unless_the_policy_says_so(house: House) -> None:
    await house.file_by_chat()
    house.fire(solutions.BY_ITSELF)
    assert house.rooms.rows(sa.select(offer_table.c.id)) == []


async def test_nothing_is_offered_by_itself_where_somebody_waits_for_a_person(house: House) -> None:
    _by_itself(house, on=True)
    await house.file_by_chat("I want to talk to a person")
    house.fire(solutions.BY_ITSELF)
    assert house.rooms.rows(sa.select(offer_table.c.id)) == []
