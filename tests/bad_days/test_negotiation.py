"""An offer from the agent's hand to the customer's yes, by chat and by mail, and everything that can come between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, conversations, offers, settlements, turns
from case_store.audit import case_chain
from case_store.contacts import Contact
from case_store.offers import OfferIsOver, Option, Said
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables import cases as case_table
from case_store.tables import conversations as conversation_table
from case_store.tables import deliveries, messages, tasks, timers
from case_store.tables import offers as offer_table
from case_store.tables import settlements as settlement_table
from gateway import clockwork, negotiating, solutions
from gateway.conductor import claim_turns, customer_turn
from gateway.negotiating import Proposal

HALF = Option("Half of the fee back", "150 yuan goes back to your card; your credit record is not affected", 5)
WHOLE = Option("All of the fee back", "300 yuan goes back to your card, and the complaint is closed as settled", 10)
LETTER = Option("A written explanation", "the branch writes to you how the fee was worked out", 0)
OPTIONS = (HALF, WHOLE, LETTER)
STORY = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."
AGENT = "agent:Wei"


class House:
    """One customer's chat or mail with a filed case, and the agent who offers."""

    def __init__(self, rooms: Any) -> None:
        self.rooms = rooms
        self.count = 0
        self.seat: Any = None

    async def file_by_chat(self, *more: str) -> str:
        self.seat = await self.rooms.chat.begin(None, "en")
        for text in (STORY, "Ann Lee, 13912345678", "yes", *more):
            await self.say(text)
        return self.case_id

    async def say(self, text: str, choice: str | None = None) -> None:
        await self.write(text, choice)
        await self.rooms.settle()

    async def write(self, text: str, choice: str | None = None) -> None:
        self.count += 1
        await self.rooms.chat.take(self.seat, f"c{self.count}", text, choice)

    @property
    def case_id(self) -> str:
        return str(self.rooms.rows(sa.select(case_table.c.id).order_by(case_table.c.received_at))[0].id)

    def offer(self, case_id: str | None = None, options: Any = OPTIONS, **more: Any) -> offers.StoredOffer:
        def put(tx: Transaction) -> offers.StoredOffer:
            given = {"by_bot": True, "actor": AGENT, **more}
            return negotiating.put(
                tx, self.rooms.notices, cases.get(tx, case_id or self.case_id), Proposal(options, **given)
            )

        made: offers.StoredOffer = self.rooms.store.write_now(put)
        return made

    def take_back(self, id: str) -> None:
        self.rooms.store.write_now(negotiating.take_back, self.rooms.notices, id, actor=AGENT, note=None)

    def state(self, id: str) -> tuple[str, int | None]:
        found = self.rooms.store.read_now(offers.get, id)
        return found.state.value, found.chosen

    def settled(self) -> list[settlements.Settlement]:
        found: list[settlements.Settlement] = self.rooms.store.read_now(settlements.of_case, self.case_id)
        return found

    def last(self) -> Any:
        return self.rooms.rows(sa.select(messages).order_by(messages.c.at.desc(), messages.c.number.desc()).limit(1))[0]

    def trail(self) -> list[str]:
        return [event.action for event in self.rooms.store.read_now(audit.timeline, case_chain(self.case_id))]

    def words(self, kind: str = "look") -> list[str]:
        found = self.rooms.rows(sa.select(tasks.c.words, tasks.c.kind).where(tasks.c.done_at.is_(None)))
        return [row.words for row in found if row.kind == kind]

    def owner(self) -> str:
        return str(self.rooms.rows(sa.select(conversation_table.c.owner))[0].owner)

    def fire(self, kind: str) -> None:
        """The timers of this kind are due now."""
        t = timers.c
        due = sa.update(timers).where(t.kind == kind, t.due_at.is_not(None))
        self.rooms.store.write_now(lambda tx: tx.execute(due.values(due_at=tx.now - timedelta(seconds=1))))
        self.rooms.store.write_now(clockwork.fire_due, self.rooms.notices, None)

    def today(self) -> date:
        promises = self.rooms.notices.promises
        found: date = self.rooms.store.read_now(lambda tx: negotiating.today(promises, tx.now))
        return found


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def house(rooms: Any) -> House:
    return House(rooms)


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
    conversations.take_over(tx, row.id, agent_id="a" * 32, agent_name="Wei")


# races and kills ----------------------------------------------------------------------------------------------------


async def test_an_offer_taken_back_while_the_customer_chooses_binds_nobody(house: House) -> None:
    """The engine has answered from an offer that stood; before its turn is stored the agent takes the offer back."""
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    engines, answer = house.rooms.engines, house.rooms.engines.answer
    withdrawn = asyncio.Event()

    async def slowly(conversation: str, turn: Any) -> Any:
        said = await answer(conversation, turn)
        if not withdrawn.is_set():
            withdrawn.set()
            # the bare unit, so that no notice in the conversation gives the change away
            house.rooms.store.write_now(offers.withdraw, made.id, actor=AGENT)
        return said

    engines.answer = slowly
    await house.say("yes")
    assert house.settled() == []
    assert house.state(made.id)[0] == "withdrawn"
    assert "no longer stand" in house.last().text


async def test_an_option_chosen_elsewhere_is_not_the_one_that_a_yes_confirms(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    house.rooms.store.write_now(offers.choose, made.id, 1, Said("the first", "phone", AGENT))
    await house.say("yes")
    assert house.settled() == []


async def test_two_who_agree_at_once_make_one_settlement(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    said = Said("yes", "phone", AGENT)
    house.rooms.store.write_now(offers.choose, made.id, 2, said)

    async def agree() -> Any:
        try:
            return await house.rooms.store.write(negotiating.agree, house.rooms.notices, made.id, 2, said)
        except OfferIsOver as error:
            return error

    results = await asyncio.gather(*(agree() for _ in range(8)))
    assert sum(isinstance(one, OfferIsOver) for one in results) == 7
    assert len(house.settled()) == 1


async def test_a_kill_between_the_choice_and_the_confirmation_loses_neither(house: House) -> None:
    """The process dies with the yes in hand: another one finds the turn, the state and the choice, and agrees once."""
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    await house.write("yes")
    claimed = house.rooms.store.write_now(claim_turns, 8)
    assert len(claimed) == 1, "claimed, and the process died"
    assert (
        customer_turn(claimed[0], house.rooms.notices.promises, claimed[0].claim.unanswered[0].at).offers[0].chosen == 2
    )
    past = sa.update(conversation_table).values(speak_at=sa.bindparam("at"))
    house.rooms.store.write_now(lambda tx: tx.execute(past, {"at": tx.now - timedelta(seconds=1)}))
    await house.rooms.settle()
    [settled] = house.settled()
    assert (settled.option, settled.words) == (WHOLE, "yes")
    assert not house.rooms.store.write_now(turns.still_mine, claimed[0].claim), "the dead turn can't be stored any more"
    assert house.state(made.id)[0] == "agreed"


async def test_the_unit_that_agrees_undoes_everything_if_its_transaction_does(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()

    def fails(tx: Transaction) -> None:
        negotiating.agree(tx, house.rooms.notices, made.id, 1, Said("yes", "phone", AGENT))
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        house.rooms.store.write_now(fails)
    assert house.settled() == []
    assert house.state(made.id)[0] == "open"
    assert house.words() == []


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


async def test_an_offer_that_ran_out_is_told_and_can_be_taken_no_more(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    house.fire("offer_expires")
    assert house.state(made.id)[0] == "expired"
    assert "time to choose" in house.last().text
    assert house.words() == ["offer_expires"]
    await house.say("option 2")
    assert house.settled() == []
    assert "no longer stand" in house.last().text
    assert house.owner() == Owner.QUEUE


async def test_an_offer_whose_last_day_is_over_is_not_taken_though_its_timer_is_late(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    yesterday = (house.today() - timedelta(days=1)).isoformat()
    late = sa.update(offer_table).values(expires_on=yesterday)
    house.rooms.store.write_now(lambda tx: tx.execute(late))
    await house.say("option 2")
    assert house.state(made.id) == ("open", None)
    assert "no longer stand" in house.last().text


async def test_an_offer_taken_back_is_told_and_so_is_that_the_complaint_goes_on(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    house.take_back(made.id)
    assert "no longer stand" in house.last().text
    assert "12378" in house.last().text
    with pytest.raises(OfferIsOver):
        house.take_back(made.id)


async def test_a_complaint_that_is_withdrawn_leaves_nothing_to_choose(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("I want to withdraw my complaint")
    await house.say("yes")
    assert house.rooms.store.read_now(cases.get, house.case_id).status is Status.WITHDRAWN
    assert house.state(made.id)[0] == "withdrawn"


# performing ---------------------------------------------------------------------------------------------------------


async def agreed(house: House) -> settlements.Settlement:
    await house.file_by_chat()
    house.offer()
    await house.say("2")
    await house.say("yes")
    [settled] = house.settled()
    return settled


async def test_what_is_not_performed_warns_before_and_after_its_day_until_it_is_done(house: House) -> None:
    settled = await agreed(house)
    house.fire("settlement_near")
    assert house.words() == ["settlement_to_perform", "settlement_near"]
    house.fire("settlement_overdue")
    assert "settlement_overdue" not in house.words(), "the day is not over"
    past = sa.update(settlement_table).values(due_at=sa.bindparam("at"))
    house.rooms.store.write_now(lambda tx: tx.execute(past, {"at": tx.now - timedelta(hours=1)}))
    house.rooms.store.write_now(lambda tx: tx.execute(sa.delete(timers).where(timers.c.kind == "settlement_overdue")))
    again = {"settlement": settled.id}
    row = {"key": "settlement_overdue:x", "kind": "settlement_overdue", "subject": "x", "payload": again}
    house.rooms.store.write_now(lambda tx: tx.execute(sa.insert(timers).values(**row, due_at=tx.now)))
    house.fire("settlement_overdue")
    assert house.words() == ["settlement_to_perform", "settlement_near", "settlement_overdue"]
    [overdue] = house.settled()
    assert overdue.overdue_at is not None
    assert "settlement_overdue" in house.trail()
    waiting = house.rooms.rows(
        sa.select(timers.c.key).where(timers.c.kind == "settlement_overdue", timers.c.due_at.is_not(None))
    )
    assert len(waiting) == 1, "everybody is told again tomorrow"
    done = (house.rooms.notices, settled.id, house.today())
    house.rooms.store.write_now(negotiating.record_performed, *done, actor=AGENT, note="transfer 4711")
    assert house.words() == []
    assert "was completed on" in house.last().text
    assert "transfer 4711" in house.last().text
    house.fire("settlement_overdue")
    assert house.words() == []


async def test_what_was_recorded_as_done_by_mistake_is_to_be_done_again(house: House) -> None:
    settled = await agreed(house)
    notices = house.rooms.notices
    house.rooms.store.write_now(
        negotiating.record_performed, notices, settled.id, house.today(), actor=AGENT, note=None
    )
    with pytest.raises(settlements.PerformedBefore):
        house.rooms.store.write_now(
            negotiating.record_performed, notices, settled.id, house.today(), actor=AGENT, note=None
        )
    house.rooms.store.write_now(
        negotiating.record_not_performed, notices, settled.id, actor=AGENT, note="the transfer came back"
    )
    assert [one.performed_on for one in house.settled()] == [None]
    assert house.words() == ["settlement_to_perform"]
    assert house.trail()[-1] == "settlement_not_performed"


async def test_the_trail_of_a_negotiated_case_verifies(house: House) -> None:
    await agreed(house)
    events = house.rooms.store.read_now(audit.timeline, case_chain(house.case_id))
    assert [event.number for event in events] == list(range(1, len(events) + 1))


# what the policy offers ------------------------------------------------------------------------------------------


def _by_itself(house: House, *, on: bool) -> None:
    policy = house.rooms.notices.promises.policy
    rules = policy.negotiation
    solution = rules.solutions["wrong-fee"].model_copy(update={"by_itself": on})
    changed = rules.model_copy(update={"solutions": {"wrong-fee": solution}})
    house.rooms.notices.promises.policy = policy.model_copy(update={"negotiation": changed})


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


async def test_a_call_that_was_to_put_an_offer_puts_it_no_more_once_it_is_over(house: House) -> None:
    """A customer of a letter has nothing that can be sent to: a person puts the offer, and is told if it ended."""
    case_id = await house.file_by_chat()
    gone = sa.update(conversation_table).values(channel="letter")
    house.rooms.store.write_now(lambda tx: tx.execute(gone))
    made = house.offer()
    [words] = house.words("call_back")
    assert "please tell us the number" in words
    house.take_back(made.id)
    [told] = house.words("call_back")
    assert "no longer stand" in told
    assert case_id == made.case_id
