"""Races and interleavings through the units that really run: take-over against the bot, and anything against anything."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, chat, conversations, outbox, ownership, turns
from case_store.chat import ChatMessage
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.outbox import NewDelivery
from case_store.ownership import OwnedByAnother
from case_store.records import Owner, Sender
from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations as table
from case_store.tables_outbox import deliveries
from case_store.tables_people import agents

ROUNDS = 1000


def an_agent(tx: Transaction, name: str) -> None:
    row = {"id": name, "username": name, "name": name, "role": "agent", "password_hash": "-"}
    tx.execute(sa.insert(agents).values(**row, created_at=tx.now))


def a_bot_mail(tx: Transaction, conversation_id: str) -> None:
    """The bot has said something in a conversation by mail: it is due to leave."""
    conversations.open_conversation(
        tx, NewConversation(conversation_id, "email", "email:x", "en", address="a@b.example")
    )
    row = conversations.locked(tx, conversation_id)
    [stored] = conversations.add_messages(tx, row, [NewMessage(Sender.BOT, "Dear Ann")])
    new = NewDelivery(
        occasion=f"reply:{conversation_id}:{stored.number}",
        channel="email",
        account="email:x",
        address="a@b.example",
        sender=Sender.BOT,
        epoch=row["epoch"],
        conversation_id=conversation_id,
        message=stored.number,
        payload={"text": "Dear Ann", "language": "en"},
    )
    outbox.queue(tx, new)


def taken_over(tx: Transaction, id: str) -> list[int]:
    """What the API's take-over does: its answer names what is on its way."""
    ownership.take_over(tx, id, agent_id="li", agent_name="li")
    return outbox.on_their_way(tx, id)


@pytest.mark.slow
def test_no_bot_mail_begins_to_leave_after_a_take_over_has_answered(store: Store) -> None:
    store.write_now(an_agent, "li")
    ids = [new_id() for _ in range(ROUNDS)]
    for start in range(0, ROUNDS, 100):
        store.write_now(lambda tx, some=ids[start : start + 100]: [a_bot_mail(tx, id) for id in some])
    answered: dict[str, list[int]] = {}
    begun: list[tuple[str, bool]] = []
    left = threading.Event()

    def post() -> None:
        while not left.is_set():
            # nothing that is claimed after this line may belong to a take-over that had answered before it
            before = set(answered)
            for delivery in store.write_now(outbox.claim, 5, ["email"]):
                begun.append((str(delivery.conversation_id), str(delivery.conversation_id) in before))
                if delivery.attempts == 1 and hash(delivery.id) % 2:
                    store.write_now(outbox.try_later, delivery, "later", timedelta(0))
                else:
                    store.write_now(outbox.sent, delivery, None)

    posts = [threading.Thread(target=post) for _ in range(2)]
    for thread in posts:
        thread.start()

    def take(id: str) -> None:
        answered[id] = store.write_now(taken_over, id)

    order = list(ids)
    random.Random(3).shuffle(order)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(take, order))
    left.set()
    for thread in posts:
        thread.join()
    late = [id for id, was_taken in begun if was_taken]
    assert late == [], f"{len(late)} bot mails began to leave after the take-over had answered"
    assert store.write_now(outbox.claim, ROUNDS, ["email"]) == [], (
        "what nobody had looked at yet may not leave any more"
    )
    states = dict(
        store.read_now(lambda tx: [(row.conversation_id, row.state) for row in tx.execute(sa.select(deliveries))])
    )
    started = {id for id, _ in begun}
    assert all(states[id] == "stopped" for id in ids if id not in started)
    assert any(state == "stopped" for state in states.values()), "no race took place: the post was always first"
    assert any(state == "sent" for state in states.values()), "no race took place: the agents were always first"


class World:
    """One conversation, and everything that may happen to it in any order."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.store = store
        self.chance = chance
        self.id = new_id()
        self.said = 0
        self.claims: list[turns.ClaimedTurn] = []

    def message(self) -> None:
        self.said += 1
        opening = NewConversation(self.id, "webchat", "webchat", "en")
        client_id = str(self.chance.randint(max(1, self.said - 2), self.said))  # now and then one again
        frame = ChatMessage(
            client_id, f"words {client_id}", None, datetime.now(UTC), opening, (NewMessage(Sender.BOT, "hello"),)
        )
        self.store.write_now(chat.accept_chat, frame, timedelta(0))

    def typing(self) -> None:
        self.store.write_now(turns.push_on, self.id, timedelta(seconds=1))

    def time_passes(self) -> None:
        """Past every quiet window and every lease."""

        def pass_by(tx: Transaction) -> None:
            tx.execute(
                sa.update(table).where(table.c.speak_at.is_not(None)).values(speak_at=tx.now - timedelta(seconds=1))
            )

        self.store.write_now(pass_by)

    def claim(self) -> None:
        self.claims += self.store.write_now(turns.claim_due, 1)

    def commit(self) -> None:
        """Any claim, also an old one: the process that held it was paused. It may be committed twice, too."""
        if self.claims:
            claim = self.chance.choice(self.claims)
            if claim.unanswered:
                self.store.write_now(answer, claim)
            else:
                self.store.write_now(turns.nothing_to_say, claim)

    def killed(self) -> None:
        if self.claims:
            self.claims.pop()

    def stumbles(self) -> None:
        if self.claims:
            self.store.write_now(turns.stumble, self.claims[-1], timedelta(0))

    def take_over(self) -> None:
        self._if_there(ownership.take_over, agent_id=self.chance.choice("ab"), agent_name="x", from_another=True)

    def hand_back(self) -> None:
        to = self.chance.choice([Owner.BOT, Owner.QUEUE])
        self._if_there(ownership.hand_back, agent_id=self.chance.choice("ab"), agent_name="x", to=to)

    def agent_says(self) -> None:
        self._if_there(ownership.reply, "good day", agent_id=self.chance.choice("ab"), agent_name="x")

    def _if_there(self, unit: Callable[..., Any], *args: Any, **more: Any) -> None:
        with suppress(OwnedByAnother, conversations.NoSuchConversation):
            self.store.write_now(unit, self.id, *args, **more)

    def settle(self) -> None:
        """Whoever has it hands it back, and the bot answers what is left."""
        row = self.store.read_now(conversations.find, self.id)
        if row is not None and row["owner"] != Owner.BOT:
            holder = row["agent_id"] or "a"
            self.store.write_now(ownership.hand_back, self.id, agent_id=holder, agent_name="x", to=Owner.BOT)
        for _ in range(3):
            self.time_passes()
            for claim in self.store.write_now(turns.claim_due, 5):
                self.store.write_now(answer if claim.unanswered else turns.nothing_to_say, claim)


def answer(tx: Transaction, claim: turns.ClaimedTurn) -> bool:
    row = turns.still_mine(tx, claim)
    if row is None:
        return False
    numbers = [message.number for message in claim.unanswered]
    done = {"answered_message": numbers[-1], "lease": None, "speak_at": None, "speak_at_latest": None}
    words = NewMessage(Sender.BOT, ",".join(map(str, numbers)), response="answers")
    conversations.add_messages(tx, row, [words], values=done)
    return True


STEPS = (
    "message",
    "typing",
    "time_passes",
    "claim",
    "commit",
    "killed",
    "stumbles",
    "take_over",
    "hand_back",
    "agent_says",
)


@pytest.mark.parametrize("seed", range(12))
def test_any_interleaving_answers_each_message_at_most_once_and_in_order(store: Store, seed: int) -> None:
    for agent in "ab":
        store.write_now(an_agent, agent)
    chance = random.Random(seed)
    world = World(store, chance)
    world.message()
    for _ in range(60):
        getattr(world, chance.choice((*STEPS, "message", "time_passes", "claim", "commit")))()
    world.settle()
    said = store.read_now(conversations.messages_of, world.id)
    answers = [int(number) for one in said if one.response == "answers" for number in one.text.split(",")]
    assert [number for number, times in Counter(answers).items() if times > 1] == []
    assert answers == sorted(answers)
    row = store.read_now(conversations.find, world.id)
    assert row is not None
    by_agents = [one.number for one in said if one.sender is Sender.AGENT]
    unanswered = [
        one.number
        for one in said
        if one.sender is Sender.CUSTOMER and one.number not in answers and one.number > max(by_agents, default=0)
    ]
    assert unanswered == [], "the customer was left in silence"
    assert Counter(one.external_id for one in said if one.sender is Sender.CUSTOMER).most_common(1)[0][1] == 1
    chain = store.read_now(audit.timeline, audit.conversation_chain(world.id))
    assert [event.number for event in chain] == list(range(1, len(chain) + 1))
    assert row["audit_number"] == len(chain)
