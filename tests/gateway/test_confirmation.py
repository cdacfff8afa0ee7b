"""A typed address is proved by the link that was sent to it, once, and by nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from case_store import cases, contacts, conversations
from case_store.cases import Registration
from case_store.contacts import Contact
from case_store.conversations import NewConversation
from case_store.ids import new_id
from case_store.store import Store, Transaction
from gateway import confirmation
from gateway.confirmation import Confirmation
from gateway.tokens import LinkKind, Tokens

ADDRESS = "wang@example.org"
TOKENS = Tokens(b"x" * 32)


def a_filed_case(tx: Transaction) -> str:
    conversation_id = new_id()
    conversations.open_conversation(tx, NewConversation(conversation_id, "webform", "webform", "zh-Hans"))
    case_id = cases.open_draft(
        tx,
        conversation_id=conversation_id,
        channel="webform",
        account="webform",
        language="zh-Hans",
        received_at=tx.now,
        customer=None,
    )
    contacts.add_contact(tx, case_id, Contact(ADDRESS, "email"))
    cases.file_case(tx, case_id, Registration(date(2026, 11, 23), date(2026, 12, 2), tx.now, "test"), actor="customer")
    return case_id


def test_the_link_proves_the_address_and_doing_it_twice_changes_nothing(store: Store) -> None:
    case_id = store.write_now(a_filed_case)
    link = TOKENS.sign_link(LinkKind.CONFIRM, case_id, ADDRESS, issued_at=datetime.now(UTC))
    asked = confirmation.read(TOKENS, link)
    assert asked == Confirmation(case_id, ADDRESS)
    assert not store.read_now(contacts.is_proved, case_id, ADDRESS)
    first, second = (store.write_now(confirmation.confirm, asked) for _ in range(2))
    assert first == second == store.read_now(cases.get, case_id).reference
    assert store.read_now(contacts.is_proved, case_id, ADDRESS)


@pytest.mark.parametrize("address", ["someone.else@example.org", ""])
def test_an_address_that_is_no_contact_of_the_case_proves_nothing(store: Store, address: str) -> None:
    case_id = store.write_now(a_filed_case)
    assert store.write_now(confirmation.confirm, Confirmation(case_id, address)) is None
    assert store.write_now(confirmation.confirm, Confirmation(new_id(), ADDRESS)) is None
    assert not store.read_now(contacts.is_proved, case_id, ADDRESS)


def test_an_old_link_and_one_of_another_kind_are_not_read() -> None:
    old = TOKENS.sign_link(LinkKind.CONFIRM, "case", ADDRESS, issued_at=datetime.now(UTC) - timedelta(days=8))
    other = TOKENS.sign_link(LinkKind.STATUS, "case", ADDRESS, issued_at=datetime.now(UTC))
    assert (confirmation.read(TOKENS, old), confirmation.read(TOKENS, other)) == (None, None)
