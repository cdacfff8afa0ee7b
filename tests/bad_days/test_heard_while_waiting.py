"""Who asks for a person and tells everything while they wait is heard: the complaint is taken down, and gets its number if nobody comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases as case_records
from case_store import conversations as store_conversations
from case_store import edits, identities, ownership
from case_store.conversations import NewMessage
from case_store.merging import Wanted
from case_store.records import Owner, Sender, Status
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries
from channels.webchat.socket import Seat
from gateway import conductor, filing, merging, messenger
from gateway.conductor import claim_turns
from gateway.engines import Engines
from tests.bad_days.conftest import Rooms
from tests.bad_days.test_silence import Broken, at_once, raises
from tests.logged import logged

LI: dict[str, Any] = {"agent_id": "li", "agent_name": "Li"}
PERSON = {"en": "I want to talk to a person", "zh-Hans": "转人工", "zh-Hant": "我要真人"}
STORY = "You charged my card an annual fee of 300 yuan on 3 November in your Leeds branch."
REST = "I want it refunded. I am Ann Lee, 13912345678"


@dataclass(slots=True)
class Waiting:
    """A customer who has asked for a person."""

    rooms: Rooms
    seat: Seat
    frames: int = 0
    before: list[str] = field(default_factory=list)

    async def say(self, *told: str) -> None:
        """A turn each."""
        for text in told:
            self.frames += 1
            await self.rooms.chat.take(self.seat, f"m{self.frames}", text, None)
            self.rooms.store.write_now(at_once, "speak_at")
            await self.rooms.settle()

    def given_to_li_and_back(self, to: Owner = Owner.BOT) -> None:
        self.rooms.store.write_now(ownership.take_over, self.seat.conversation, **LI)
        self.rooms.store.write_now(ownership.hand_back, self.seat.conversation, **LI, to=to)

    async def edit(self, was: str, now: str) -> None:
        """The turn that follows included."""
        self.rooms.store.write_now(self._edited, was, now)
        await self.rooms.settle()

    def _edited(self, tx: Transaction, was: str, now: str) -> None:
        row = store_conversations.locked(tx, self.seat.conversation)
        [said] = [one for one in store_conversations.messages_of(tx, row["id"]) if one.text == was]
        edits.change(tx, row, said, text=now, mail={}, action="edited", quiet=timedelta())

    @property
    def row(self) -> Any:
        [found] = self.rooms.rows(sa.select(conversations).where(conversations.c.id == self.seat.conversation))
        return found

    @property
    def case(self) -> case_records.CaseRecord | None:
        found = self.rooms.rows(sa.select(cases.c.id).where(cases.c.id == self.row.case_id))
        return self.rooms.store.read_now(case_records.get, found[0].id) if found else None

    def heard(self) -> list[str]:
        """What the bot has said since they wait."""
        here = messages.c.conversation_id == self.seat.conversation
        said = sa.select(messages.c.text).where(here, messages.c.sender != "customer").order_by(messages.c.number)
        return [one.text for one in self.rooms.rows(said)][len(self.before) :]


def long_ago(tx: Transaction, column: str) -> None:
    tx.execute(sa.update(conversations).values({column: tx.now - 2 * store_conversations.SILENCE}))


async def waits(rooms: Rooms, locale: str = "en", *before: str) -> Waiting:
    one = Waiting(rooms, await rooms.chat.begin(None, locale))
    await one.say(*before, PERSON[locale])
    assert one.row.owner == "queue"
    one.before = one.heard()
    return one


@pytest.mark.parametrize(
    ("locale", "told", "facts"),
    [
        (
            "en",
            ("hello?", STORY, REST, "are you there?"),
            {"name": "Ann Lee", "amount": "300.00", "what_happened": STORY, "desired_outcome": "I want it refunded"},
        ),
        (
            "zh-Hans",
            ("你好，在吗", "11月3日滨江支行扣了我三百块手续费，没人告诉我", "我叫陈强，13912345678", "不对，是五百块"),
            {"name": "陈强", "amount": "500.00", "what_happened": "11月3日滨江支行扣了我三百块手续费，没人告诉我"},
        ),
        (
            "zh-Hant",
            ("你哋上個月亂收我五百蚊手續費", "我姓陳", "唔該"),
            {"name": "陳", "amount": "500.00", "what_happened": "你哋上個月亂收我五百蚊手續費"},
        ),
    ],
)
async def test_it_is_taken_down_without_a_word(
    rooms: Rooms, locale: str, told: tuple[str, ...], facts: dict[str, str]
) -> None:
    one = await waits(rooms, locale)
    await one.say(*told)
    assert one.case is not None
    known = one.case.facts.to_json()
    assert one.case.status is Status.DRAFT
    assert {name: known[name]["value"] if name == "amount" else known[name] for name in facts} == facts
    assert one.heard() == []
    row = one.row
    assert (row.owner, row.waiting_reason, row.case_id, row.speak_at) == ("queue", "asked", one.case.id, None)
    assert row.answered_message == 2, "nobody has answered what came after"
    assert row.quiet_at is not None


async def test_if_nobody_comes_silence_registers_it_and_its_customer_is_told_the_number(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY)
    rooms.store.write_now(at_once, "quiet_at")
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1
    assert one.case is not None
    assert one.case.reference is not None
    assert one.case.received_at == rooms.rows(sa.select(messages.c.at).where(messages.c.text == STORY))[0].at
    [told] = one.heard()
    assert one.case.reference in told
    assert one.row.owner == "queue", "they wait on for the person"


async def test_by_mail_too(rooms: Rooms, write: Any) -> None:
    ann = "ann@customer.example"
    await rooms.mail(write(ann, "I want to talk to a person."), ann)
    await rooms.settle()
    [answer] = rooms.post.to(ann)
    await rooms.mail(write(ann, f"{STORY} I want it refunded.", references=answer["Message-ID"]), ann)
    await rooms.settle()
    assert [row.status for row in rooms.rows(sa.select(cases.c.status))] == ["draft"]
    assert rooms.post.to(ann) == [answer]
    rooms.store.write_now(at_once, "quiet_at")
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1
    [case] = rooms.rows(sa.select(cases.c.reference))
    of_case = sa.select(deliveries.c.payload, deliveries.c.address).where(deliveries.c.case_id.is_not(None))
    [told] = rooms.rows(of_case)  # it leaves in the morning
    assert told.address == ann
    assert case.reference in told.payload["text"]


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", ("hello?", "are you there?", "ok", "I can be reached at 13912345678")),
        ("zh-Hans", ("在吗", "快点啊", "好的")),
        ("zh-Hant", ("喂？", "等咗好耐", "唔該")),
    ],
)
async def test_what_tells_no_complaint_becomes_no_case(rooms: Rooms, locale: str, told: tuple[str, ...]) -> None:
    one = await waits(rooms, locale)
    await one.say(*told)
    assert one.case is None
    assert one.row.answered_message == 2


async def test_a_registered_case_is_the_persons_alone(rooms: Rooms) -> None:
    one = await waits(rooms, "en", STORY, REST, "yes")
    assert one.case is not None
    assert one.case.reference is not None
    before = one.case
    await one.say("It was 500 yuan, not 300.")
    assert one.case == before
    assert one.heard() == []


async def test_handed_back_the_bot_goes_on_from_what_was_heard(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY, REST)
    one.given_to_li_and_back()
    await rooms.settle()
    assert one.case is not None
    assert one.case.facts.what_happened == STORY
    read_back = one.heard()[-1]
    for known in ("Ann Lee", "300", "Leeds"):
        assert known in read_back
    assert one.row.answered_message == rooms.rows(sa.select(messages.c.number).where(messages.c.text == REST))[0].number
    await one.say("yes")
    assert one.case.reference is not None


async def test_who_asks_again_for_a_person_is_answered_and_what_they_tell_with_it_is_kept(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say("hello?", f"I want to talk to a person! {STORY}")
    assert one.case is not None
    assert one.case.facts.amount is not None
    assert len(one.heard()) == 1


async def test_an_engine_that_fails_at_it_says_nothing_and_loses_nobody(rooms: Rooms) -> None:
    one = await waits(rooms)
    rooms.conductor._engines, whole = Engines(Broken(raises), limit=0.5), rooms.conductor._engines
    with logged(conductor) as told:
        await one.say(STORY)
    assert [entry["event"] for entry in told] == ["turn_not_heard"]
    row = one.row
    assert (row.owner, row.speak_at, row.lease, one.case, one.heard()) == ("queue", None, None, None, [])
    rooms.conductor._engines.close()
    rooms.conductor._engines = whole
    await one.say(REST)  # with what came before
    assert one.case is not None
    assert STORY in (one.case.facts.what_happened or "")


async def test_what_came_while_it_was_heard_is_heard_with_it(rooms: Rooms) -> None:
    one = await waits(rooms)
    await rooms.chat.take(one.seat, "a", STORY, None)
    rooms.store.write_now(at_once, "speak_at")
    [hand] = rooms.store.write_now(claim_turns, 1)
    await rooms.chat.take(one.seat, "b", REST, None)
    await rooms.conductor._answer(hand)
    assert one.case is None
    await rooms.settle()
    assert one.case is not None
    assert (one.case.facts.name, one.case.facts.amount is None) == ("Ann Lee", False)
    assert (one.case.facts.what_happened or "").count(STORY) == 1


async def test_an_agent_who_comes_meanwhile_is_not_written_under(rooms: Rooms) -> None:
    one = await waits(rooms)
    await rooms.chat.take(one.seat, "a", STORY, None)
    rooms.store.write_now(at_once, "speak_at")
    [hand] = rooms.store.write_now(claim_turns, 1)
    rooms.store.write_now(ownership.take_over, one.seat.conversation, **LI)
    await rooms.conductor._answer(hand)
    await rooms.settle()
    assert (one.row.owner, one.case) == ("agent", None)


async def test_words_that_were_edited_before_anybody_answered_are_heard_again(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY, "My name is Ann Leigh")
    assert one.case is not None
    assert one.case.facts.name == "Ann Leigh"
    await one.edit("My name is Ann Leigh", "My name is Ann Lee")
    assert one.case.facts.name == "Ann Lee"
    assert one.case.facts.what_happened == STORY
    row = one.row
    assert (row.edited, row.speak_at, one.heard()) == (None, None, [])


async def test_words_that_were_edited_into_a_wish_are_answered_once_with_what_was_heard_before(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say("My name is Ann Lee", STORY, "and nobody answers")
    await one.edit("and nobody answers", "and nobody answers. I want to talk to a person!")
    assert len(one.heard()) == 1
    row = one.row
    assert rooms.store.read_now(store_conversations.unanswered, [row._mapping]) == {}


async def test_words_that_were_edited_while_an_agent_had_them_are_heard_again_by_the_bot(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY, "My name is Ann Leigh")
    rooms.store.write_now(ownership.take_over, one.seat.conversation, **LI)
    await one.edit("My name is Ann Leigh", "My name is Ann Lee")
    rooms.store.write_now(ownership.hand_back, one.seat.conversation, **LI)
    await rooms.settle()
    assert one.case is not None
    assert one.case.facts.name == "Ann Lee"


async def test_words_that_are_edited_in_vain_are_registered_by_silence_all_the_same(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY)
    rooms.conductor._engines, whole = Engines(Broken(raises), limit=0.5), rooms.conductor._engines
    with logged(conductor):
        await one.edit(STORY, f"{STORY} Twice.")
    rooms.conductor._engines.close()
    rooms.conductor._engines = whole
    assert one.row.quiet_at is not None


async def test_a_draft_is_registered_by_silence_though_its_customer_wrote_to_an_agent_who_never_answers(
    rooms: Rooms,
) -> None:
    one = await waits(rooms)
    await one.say(STORY)
    rooms.store.write_now(ownership.take_over, one.seat.conversation, **LI)
    await one.say("hello?")
    assert one.row.quiet_at is not None
    for column in ("quiet_at", "updated_at"):
        rooms.store.write_now(long_ago, column)
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1


async def test_what_was_told_to_an_agent_who_puts_it_back_into_the_queue_is_taken_down(rooms: Rooms) -> None:
    one = await waits(rooms)
    rooms.store.write_now(ownership.take_over, one.seat.conversation, **LI)
    await one.say(STORY)
    assert one.row.case_id is None
    rooms.store.write_now(ownership.hand_back, one.seat.conversation, **LI, to=Owner.QUEUE)
    await rooms.settle()
    assert one.case is not None
    assert one.case.facts.what_happened == STORY
    assert (one.row.owner, one.row.quiet_at is not None, one.heard()) == ("queue", True, [])


async def test_another_matter_told_while_waiting_has_its_turn_once_the_bot_goes_on(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY, "Another thing: your agent sold my mother a policy of 90000 yuan that she did not understand.")
    one.given_to_li_and_back()
    await rooms.settle()
    await one.say(REST, "yes")
    assert one.case is not None
    assert one.case.reference is not None
    assert "policy of 90000 yuan" in one.heard()[-1]
    assert "policy" not in (one.case.facts.what_happened or "")
    await one.say("yes")
    assert "policy of 90000 yuan" in (one.case.facts.what_happened or "")


async def test_the_bot_goes_on_in_the_language_in_which_it_was_told(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say("11月3日滨江支行扣了我三百块手续费，没人告诉我", "我叫陈强，13912345678，请退还给我")
    one.given_to_li_and_back()
    await rooms.settle()
    assert "陈强" in one.heard()[-1]
    assert "Please check" not in one.heard()[-1]


async def test_a_command_after_what_was_heard_keeps_the_bot_from_nothing(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY)

    def commanded(tx: Transaction) -> None:
        row = store_conversations.locked(tx, one.seat.conversation)
        messenger.add_command(tx, rooms.gateway, row, NewMessage(Sender.CUSTOMER, "/help", mail={"command": "help"}))

    rooms.store.write_now(commanded)
    one.given_to_li_and_back()
    await rooms.settle()
    assert len(one.heard()) == 1


async def test_what_was_heard_is_not_read_again_once_its_case_is_merged(rooms: Rooms) -> None:
    other = await waits(rooms, "en", STORY, REST, "yes")
    one = Waiting(rooms, await rooms.chat.begin(None, "en"))
    await one.say(PERSON["en"], STORY, REST)
    into, draft = other.case, one.case
    assert into is not None
    assert draft is not None

    def merged(tx: Transaction) -> None:
        held = [identities.identity_of(store_conversations.locked(tx, of.seat.conversation)) for of in (one, other)]
        identities.join(tx, *held, proof="agent", by="agent:Li")
        merging.merge(tx, rooms.notices, Wanted(draft.id, into.id, "agent:Li", "same", draft.version, into.version))

    rooms.store.write_now(merged)
    told = one.heard()
    one.given_to_li_and_back()
    await rooms.settle()
    assert one.heard() == told
    assert other.case is not None
    assert (other.case.facts.what_happened or "").count(STORY) == 1


async def test_who_takes_back_a_draft_and_complains_again_is_heard(rooms: Rooms) -> None:
    one = await waits(rooms)
    await one.say(STORY, "I withdraw my complaint", "yes")
    await one.say("ok", "thank you")
    told, withdrawn = one.heard(), one.case
    await one.say("Your agent sold my mother a policy of 90000 yuan that she did not understand.", REST)
    again = one.case
    assert withdrawn is not None
    assert again is not None
    assert (withdrawn.status, again.status) == (Status.WITHDRAWN, Status.DRAFT)
    assert "policy of 90000 yuan" in (again.facts.what_happened or "")
    assert "annual fee" not in (again.facts.what_happened or "")
    assert again.facts.name == "Ann Lee"
    assert (len(rooms.rows(sa.select(cases.c.id))), one.heard()) == (2, told)
    rooms.store.write_now(at_once, "quiet_at")
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1
