"""Messages that change after they came: what is kept, what becomes due, what the audit chain says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, conversations, edits, outbox, ownership, turns
from case_store.contacts import Contact
from case_store.conversations import NewConversation, NewMessage, Row, StoredMessage
from case_store.edits import Part
from case_store.ids import new_id
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Store, Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_outbox import deliveries

QUIET = timedelta(seconds=1)


@pytest.fixture
def opened(store: Store) -> str:
    """A conversation held by Telegram, with one message."""
    id = new_id()
    new = NewConversation(id, "telegram", "telegram:1", "en", key="7", address="telegram:7")

    def begin(tx: Transaction) -> None:
        conversations.open_conversation(tx, new)
        say(tx, id, "It was 300", "1:7:1")

    store.write_now(begin)
    return id


def say(tx: Transaction, id: str, text: str, name: str) -> StoredMessage:
    message = NewMessage(Sender.CUSTOMER, text, external_id=name, mail={"sent_at": "2026-11-23T10:00:00+00:00"})
    return conversations.add_customer_message(tx, conversations.locked(tx, id), message, quiet=QUIET)


def change(tx: Transaction, id: str, text: str, number: int = 1) -> None:
    row = conversations.locked(tx, id)
    [message] = conversations.messages_of(tx, id, after=number - 1, limit=1)
    earlier = (*message.edits, {"text": message.text, "at": "2026-11-23T10:00:00+00:00"})
    edits.change(tx, row, message, text=text, mail={}, action="edited", quiet=QUIET, edits=earlier)


def row_of(store: Store, id: str) -> Row:
    return store.read_now(conversations.find, id) or {}


def answered(store: Store, id: str, number: int) -> None:
    values = {"answered_message": number, "speak_at": None, "speak_at_latest": None}
    store.write_now(lambda tx: tx.execute(sa.update(conversation_rows).values(**values)))


def test_the_earlier_text_is_kept_and_the_chain_goes_on(store: Store, opened: str) -> None:
    store.write_now(change, opened, "It was 500")
    store.write_now(change, opened, "It was 550")
    [message] = store.read_now(conversations.messages_of, opened)
    assert message.text == "It was 550"
    assert [edit["text"] for edit in message.edits] == ["It was 300", "It was 500"]
    told = sa.select(audit.audit_events).order_by(audit.audit_events.c.number)
    events = store.read_now(lambda tx: list(tx.execute(told)))
    assert [(event.action, event.detail) for event in events][1:] == [
        ("edited", {"number": 1, "text": "It was 500"}),
        ("edited", {"number": 1, "text": "It was 550"}),
    ]
    assert row_of(store, opened)["audit_hash"] == events[-1].hash


def test_an_edit_before_the_answer_makes_the_turn_begin_again(store: Store, opened: str) -> None:
    store.write_now(lambda tx: tx.execute(sa.update(conversation_rows).values(speak_at=tx.now)))
    [claim] = store.write_now(turns.claim_due, 9)
    store.write_now(change, opened, "It was 500")
    assert store.write_now(turns.still_mine, claim) is None
    assert row_of(store, opened)["edited"] is None
    [said] = store.read_now(lambda tx: conversations.unanswered(tx, [row_of(store, opened)]))[opened]
    assert said.text == "It was 500"


def test_what_has_been_answered_is_due_again_as_a_correction(store: Store, opened: str) -> None:
    store.write_now(say, opened, "in Leeds", "1:7:2")
    answered(store, opened, 2)
    store.write_now(change, opened, "It was 500")
    store.write_now(change, opened, "It was 550")
    store.write_now(say, opened, "and I want it back", "1:7:3")
    row = row_of(store, opened)
    assert row["edited"] == {"1": "It was 300"}, "what the bot has answered"
    assert row["speak_at"] is not None
    said = store.read_now(lambda tx: conversations.unanswered(tx, [row]))[opened]
    assert [(one.number, one.text) for one in said] == [(1, "It was 550"), (3, "and I want it back")]


def test_with_an_agent_nothing_is_due(store: Store, opened: str) -> None:
    answered(store, opened, 1)
    store.write_now(ownership.take_over, opened, agent_id="a" * 32, agent_name="Li")
    store.write_now(change, opened, "It was 500")
    row = row_of(store, opened)
    assert row["speak_at"] is None
    assert row["edited"] is None


def test_an_agents_reply_has_seen_the_edits(store: Store, opened: str) -> None:
    answered(store, opened, 1)
    store.write_now(change, opened, "It was 500")
    store.write_now(ownership.reply, opened, "Seen.", agent_id="a" * 32, agent_name="Li")
    assert row_of(store, opened)["edited"] is None


def test_parts_of_a_group_find_their_message(store: Store, opened: str) -> None:
    def join(tx: Transaction) -> list[Part]:
        [message] = conversations.messages_of(tx, opened)
        edits.put_part(tx, message, "g", Part("1:7:1", "one"))
        edits.put_part(tx, message, "g", Part("1:7:2", "", "[photo]"))
        return edits.put_part(tx, message, "g", Part("1:7:1", "one, put right"))

    assert store.write_now(join) == [Part("1:7:1", "one, put right"), Part("1:7:2", "", "[photo]")]
    for found in (
        store.read_now(edits.find, opened, "1:7:2"),
        store.read_now(edits.of_group, opened, "g"),
        store.read_now(edits.find, opened, "1:7:1"),
    ):
        assert found is not None
        assert found.number == 1
    assert store.read_now(edits.find, opened, "1:7:9") is None
    assert store.read_now(edits.find, new_id(), "1:7:1") is None
    assert store.read_now(edits.of_group, opened, "other") is None


def test_only_what_a_customer_wrote_can_be_found(store: Store, opened: str) -> None:
    bots = NewMessage(Sender.BOT, "How much?", external_id="1:7:8")
    store.write_now(lambda tx: conversations.add_messages(tx, conversations.locked(tx, opened), [bots]))
    assert store.read_now(edits.find, opened, "1:7:8") is None


def test_an_address_that_is_reached_again_is_flagged_no_more(store: Store, opened: str) -> None:
    def flag(tx: Transaction) -> str:
        case_id = cases.open_draft(
            tx,
            conversation_id=opened,
            channel="telegram",
            account="telegram:1",
            language="en",
            received_at=tx.now,
            customer=None,
        )
        contacts.add_contact(tx, case_id, Contact("telegram:7", contacts.kind_of_address("telegram:7"), "wrote_from"))
        contacts.flag_bounced(tx, case_id, "telegram:7")
        return case_id

    case_id = store.write_now(flag)
    for _ in range(2):
        store.write_now(contacts.reached_again, "telegram:7")
    [row] = store.read_now(lambda tx: list(tx.execute(sa.select(case_contacts))))
    assert (row.kind, row.bounced_at) == ("telegram", None)
    actions = sa.select(audit.audit_events.c.action).where(audit.audit_events.c.chain == f"case:{case_id}")
    assert list(store.read_now(lambda tx: tx.execute(actions).scalars().all()))[-2:] == ["bounced", "reachable_again"]


def test_an_attempt_whose_end_nobody_noted_is_known(store: Store, opened: str) -> None:
    def queue(tx: Transaction, occasion: str) -> Any:
        payload = {"text": "hello", "language": "en"}
        new = NewDelivery(occasion, "telegram", "telegram:1", f"telegram:{occasion}", Sender.BOT, payload)
        return outbox.queue(tx, new)

    store.write_now(queue, "1")
    [first] = store.write_now(outbox.claim, 9, ["telegram"])
    assert not first.interrupted
    store.write_now(outbox.try_later, first, "down", timedelta(0))
    [again] = store.write_now(outbox.claim, 9, ["telegram"])
    assert not again.interrupted, "its end was noted"
    store.write_now(lambda tx: tx.execute(sa.update(deliveries).values(due_at=tx.now)))  # the lease has run out
    [lost] = store.write_now(outbox.claim, 9, ["telegram"])
    assert lost.interrupted
