"""Promises about turns: answered in order of commit, none twice, none after a take-over; tried to be broken one by one."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from case_store import audit, chat, conversations, ownership, turns
from case_store.chat import ChatMessage
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.ownership import DangerNotCleared, MovedOn, OwnedByAnother
from case_store.records import Owner, Sender
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as table
from case_store.tables_people import agents

AT_ONCE = timedelta(0)


def frame(conversation_id: str, client_id: str, text: str = "我的理财亏了") -> ChatMessage:
    opening = NewConversation(conversation_id, "webchat", "webchat", "zh-Hans")
    greeting = (NewMessage(Sender.BOT, "您好"),)
    return ChatMessage(client_id, text, None, datetime.now(UTC), opening, greeting)


@pytest.fixture
def conversation(store: Store) -> str:
    """A conversation with one message that waits for the bot."""
    id = new_id()
    store.write_now(chat.accept_chat, frame(id, "first"), AT_ONCE)
    return id


def answer(tx: Transaction, claim: turns.ClaimedTurn) -> bool:
    """What every commit of a turn does, with one fixed sentence."""
    row = turns.still_mine(tx, claim)
    if row is None:
        return False
    done = {"answered_message": claim.unanswered[-1].number, "lease": None, "speak_at": None, "speak_at_latest": None}
    conversations.add_messages(tx, row, [NewMessage(Sender.BOT, "听到了")], values=done)
    return True


def senders(store: Store, id: str) -> list[str]:
    return [message.sender.value for message in store.read_now(conversations.messages_of, id)]


def an_agent(tx: Transaction, name: str) -> None:
    row = {"id": name, "username": name, "name": name, "role": "agent", "password_hash": "-"}
    tx.execute(sa.insert(agents).values(**row, created_at=tx.now))


def test_the_greeting_is_stored_with_the_first_message(store: Store, conversation: str) -> None:
    assert senders(store, conversation) == ["bot", "customer"]


def test_the_same_frame_again_is_accepted_once(store: Store, conversation: str) -> None:
    number, _, repeated = store.write_now(chat.accept_chat, frame(conversation, "first"), AT_ONCE)
    assert (number, repeated) == (2, True)
    assert senders(store, conversation) == ["bot", "customer"]


def test_the_same_first_frame_in_parallel_is_accepted_once(store: Store) -> None:
    id = new_id()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.write_now(chat.accept_chat, frame(id, "x"), AT_ONCE), range(16)))
    assert {number for number, _, _ in answers} == {2}
    assert sum(not repeated for _, _, repeated in answers) == 1
    assert senders(store, id) == ["bot", "customer"]


def test_a_claimed_turn_is_claimed_by_nobody_else(store: Store, conversation: str) -> None:
    [claim] = store.write_now(turns.claim_due, 10)
    assert [message.text for message in claim.unanswered] == ["我的理财亏了"]
    assert store.write_now(turns.claim_due, 10) == []


def test_a_message_that_came_meanwhile_throws_the_turn_away_and_both_are_answered(
    store: Store, conversation: str
) -> None:
    [claim] = store.write_now(turns.claim_due, 10)
    store.write_now(chat.accept_chat, frame(conversation, "second", "是养老钱"), AT_ONCE)
    assert store.write_now(answer, claim) is False
    [again] = store.write_now(turns.claim_due, 10)
    assert [message.text for message in again.unanswered] == ["我的理财亏了", "是养老钱"]
    assert store.write_now(answer, again) is True
    assert senders(store, conversation) == ["bot", "customer", "customer", "bot"]


def test_a_turn_started_before_a_take_over_is_never_committed(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    [claim] = store.write_now(turns.claim_due, 10)
    store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    assert store.write_now(answer, claim) is False
    assert senders(store, conversation) == ["bot", "customer"]


def _in_the_queue(tx: Transaction, id: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_messages(tx, row, [], values=ownership.queue_for_person(tx, row, "asked"))


def test_who_waits_in_the_queue_has_turns_and_keeps_the_place(store: Store, conversation: str) -> None:
    store.write_now(_in_the_queue, conversation)
    before = store.read_now(conversations.find, conversation)
    assert store.write_now(turns.claim_due, 10) == []
    store.write_now(chat.accept_chat, frame(conversation, "second", "撤回投诉"), AT_ONCE)
    [claim] = store.write_now(turns.claim_due, 10)
    assert store.write_now(answer, claim) is True
    row = store.read_now(conversations.find, conversation)
    assert before is not None
    assert row is not None
    for name in ("owner", "epoch", "waiting_since", "waiting_reason"):
        assert row[name] == before[name]


def test_what_is_left_to_the_person_stays_unanswered(store: Store, conversation: str) -> None:
    store.write_now(_in_the_queue, conversation)
    store.write_now(chat.accept_chat, frame(conversation, "second", "我在等"), AT_ONCE)
    [claim] = store.write_now(turns.claim_due, 10)
    store.write_now(turns.nothing_to_say, claim)
    assert store.write_now(turns.claim_due, 10) == []
    row = store.read_now(conversations.find, conversation)
    assert row is not None
    assert [message.text for message in store.read_now(conversations.unanswered, [row])[conversation]] == [
        "我的理财亏了",
        "我在等",
    ]


def test_an_agent_who_comes_while_the_queue_is_answered_is_not_spoken_over(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(_in_the_queue, conversation)
    store.write_now(chat.accept_chat, frame(conversation, "second", "撤回投诉"), AT_ONCE)
    [claim] = store.write_now(turns.claim_due, 10)
    store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    assert store.write_now(answer, claim) is False
    store.write_now(chat.accept_chat, frame(conversation, "third", "撤回投诉"), AT_ONCE)
    assert store.write_now(turns.claim_due, 10) == []
    assert senders(store, conversation) == ["bot", "customer", "customer", "customer"]


def test_a_process_paused_past_its_lease_commits_nothing(store: Store, conversation: str) -> None:
    [paused] = store.write_now(turns.claim_due, 10)

    def lease_runs_out(tx: Transaction) -> None:
        tx.execute(sa.update(table).values(speak_at=tx.now - timedelta(seconds=1)))

    store.write_now(lease_runs_out)
    [other] = store.write_now(turns.claim_due, 10)
    assert store.write_now(answer, other) is True
    assert store.write_now(answer, paused) is False
    assert senders(store, conversation) == ["bot", "customer", "bot"]


def test_typing_pushes_the_turn_on_but_not_past_the_cap(store: Store) -> None:
    id = new_id()
    store.write_now(chat.accept_chat, frame(id, "x"), timedelta(seconds=2))
    row = store.read_now(conversations.find, id)
    assert row is not None
    store.write_now(turns.push_on, id, timedelta(hours=1))
    pushed = store.read_now(conversations.find, id)
    assert pushed is not None
    assert pushed["speak_at"] == row["speak_at_latest"]
    assert row["speak_at_latest"] - row["created_at"] >= conversations.CAP - timedelta(seconds=1)


def test_an_agents_reply_takes_an_unowned_conversation_over(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(ownership.reply, conversation, "您好", agent_id="li", agent_name="li")
    row = store.read_now(conversations.find, conversation)
    assert row is not None
    assert (row["owner"], row["agent_id"], row["epoch"]) == (Owner.AGENT, "li", 1)
    assert store.write_now(turns.claim_due, 10) == []


def test_another_agents_conversation_is_not_answered_by_mistake(store: Store, conversation: str) -> None:
    for name in ("li", "wang"):
        store.write_now(an_agent, name)
    store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    with pytest.raises(OwnedByAnother):
        store.write_now(ownership.reply, conversation, "您好", agent_id="wang", agent_name="wang")
    assert senders(store, conversation) == ["bot", "customer"]


def test_nothing_is_sent_blind_when_the_customer_wrote_meanwhile(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(chat.accept_chat, frame(conversation, "second", "还有一件事"), AT_ONCE)
    with pytest.raises(MovedOn) as moved:
        store.write_now(ownership.reply, conversation, "您好", agent_id="li", agent_name="li", after=2)
    assert moved.value.newer == (3,)
    assert senders(store, conversation) == ["bot", "customer", "customer"]


def test_what_was_said_while_an_agent_owned_it_is_due_after_handing_back(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(ownership.reply, conversation, "您好", agent_id="li", agent_name="li")
    store.write_now(chat.accept_chat, frame(conversation, "second", "在吗"), AT_ONCE)
    assert store.write_now(turns.claim_due, 10) == []
    store.write_now(ownership.hand_back, conversation, agent_id="li", agent_name="li")
    [claim] = store.write_now(turns.claim_due, 10)
    assert [message.text for message in claim.unanswered] == ["在吗"]


def in_danger(tx: Transaction, id: str) -> None:
    row = conversations.locked(tx, id)
    values = ownership.queue_for_person(tx, row, "danger_to_life", urgent=True)
    conversations.add_messages(tx, row, [], values=values)


def shown(store: Store, id: str) -> tuple[object, ...]:
    row = store.read_now(conversations.find, id)
    assert row is not None
    return row["owner"], row["urgent"], row["waiting_reason"], row["announced_at"]


def test_danger_to_life_is_not_lost_by_handing_back_to_the_queue(store: Store, conversation: str) -> None:
    for name in ("li", "wang"):
        store.write_now(an_agent, name)
    store.write_now(in_danger, conversation)
    store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    assert shown(store, conversation) == (Owner.AGENT, True, "danger_to_life", None)
    store.write_now(ownership.take_over, conversation, agent_id="wang", agent_name="wang", from_another=True)
    store.write_now(ownership.hand_back, conversation, agent_id="wang", agent_name="wang", to=Owner.QUEUE)
    assert shown(store, conversation) == (Owner.QUEUE, True, "danger_to_life", None)  # announced anew


def test_danger_to_life_is_not_given_to_the_bot_before_it_is_cleared_in_words(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(in_danger, conversation)
    for _ in range(2):  # out of the queue, and out of an agent's hands
        with pytest.raises(DangerNotCleared):
            store.write_now(ownership.hand_back, conversation, agent_id="li", agent_name="li")
        store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    said = "她姐姐到了，两人在一起"
    store.write_now(ownership.hand_back, conversation, agent_id="li", agent_name="li", no_danger=said)
    assert shown(store, conversation) == (Owner.BOT, False, None, None)
    [*_, event] = store.read_now(audit.timeline, audit.conversation_chain(conversation))
    assert (event.action, event.detail) == ("handed_back", {"to": "bot", "no_danger": said})


def test_danger_to_life_cleared_in_words_waits_like_others(store: Store, conversation: str) -> None:
    store.write_now(an_agent, "li")
    store.write_now(in_danger, conversation)
    store.write_now(ownership.take_over, conversation, agent_id="li", agent_name="li")
    back = {"agent_id": "li", "agent_name": "li", "to": Owner.QUEUE, "no_danger": "误会"}
    store.write_now(ownership.hand_back, conversation, **back)
    assert shown(store, conversation) == (Owner.QUEUE, False, "handed_back", None)


def test_no_bot_message_after_a_take_over_has_answered_however_they_race(store: Store) -> None:
    """Bots answer what is due while agents take over: whatever the bot wrote stands before the take-over's epoch."""
    store.write_now(an_agent, "li")
    ids = [new_id() for _ in range(60)]
    for id in ids:
        store.write_now(chat.accept_chat, frame(id, "x"), AT_ONCE)
    seen_at_take_over: dict[str, int] = {}
    stop = threading.Event()

    def bot() -> None:
        while not stop.is_set():
            for claim in store.write_now(turns.claim_due, 3):
                store.write_now(answer, claim)

    def agent(id: str) -> None:
        row = store.write_now(ownership.take_over, id, agent_id="li", agent_name="li")
        seen_at_take_over[id] = row["last_message"]

    bots = [threading.Thread(target=bot) for _ in range(3)]
    for thread in bots:
        thread.start()
    order = list(ids)
    random.Random(7).shuffle(order)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(agent, order))
    stop.set()
    for thread in bots:
        thread.join()
    for id in ids:
        said = store.read_now(conversations.messages_of, id)
        assert len(said) == seen_at_take_over[id], "a bot message was committed after the take-over had answered"
        assert sum(message.sender is Sender.BOT for message in said) <= 2, "a turn was answered twice"
