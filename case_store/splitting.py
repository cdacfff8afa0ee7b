"""Messages of a conversation that tell another matter: which may be split off, and the draft they become.

Messages stay where they were said and name the new case from then on; what came with them belongs to it. What they were taken from
keeps all else. A case is left with at least one message of its customer's.

Not here: what the messages say, the number and whom it is told to (gateway/splitting.py).

SplitError              `code` for programs, the text for people
├── CannotChoose        these messages can't be split off
└── InTheWay            something has to be decided first
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, contacts, conversations, links, merged
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.contacts import MANDATE, Contact, kind_of_address
from case_store.conversations import Row, StoredMessage
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import messages

REASON: Final = "split"  # of links


class SplitError(Exception):
    """What can't be split off, in a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class CannotChoose(SplitError):
    pass


class InTheWay(SplitError):
    pass


@dataclass(frozen=True, slots=True)
class Chosen:
    """Messages that may become a case of their own. `source` is the case that they name now, as it is dealt with; None for none."""

    row: Row
    said: tuple[StoredMessage, ...]
    source: CaseRecord | None

    @property
    def received_at(self) -> datetime:
        """When the first of them came to the house, which may be before we could read it."""
        return min(came_at(message) for message in self.said)

    @property
    def numbers(self) -> list[int]:
        return [message.number for message in self.said]


def came_at(message: StoredMessage) -> datetime:
    told = (message.mail or {}).get("received_at")
    return message.at if told is None else min(message.at, datetime.fromisoformat(told))


def words_of(tx: Transaction, conversation_id: str, numbers: Sequence[int]) -> list[StoredMessage]:
    """The customer's messages of these numbers, in order."""
    m = messages.c
    here = (m.conversation_id == conversation_id, m.number.in_(numbers), m.sender == Sender.CUSTOMER.value)
    found = tx.execute(sa.select(messages).where(*here).order_by(m.number)).mappings()
    return [conversations.as_stored(row) for row in found]


def chosen(tx: Transaction, conversation_id: str, numbers: Sequence[int]) -> Chosen:
    """These messages, with the conversation and their case under lock. Raises SplitError, conversations.NoSuchConversation."""
    row = conversations.locked(tx, conversation_id)
    said = tuple(words_of(tx, conversation_id, numbers))
    missing = sorted(set(numbers) - {message.number for message in said})
    if missing or not said:
        told = ", ".join(str(number) for number in missing)
        raise CannotChoose("not_the_customers", f"no messages of the customer's in this conversation: {told}")
    source = _source(tx, row, said)
    for message in said:
        own = message.case_id
        if own is not None and links.reason_of(tx, own, conversation_id) == REASON:
            raise CannotChoose("split_before", f"message {message.number} was split off before")
    if source is not None:
        _check(tx, source, conversation_id, numbers)
    return Chosen(row, said, source)


def _source(tx: Transaction, row: Row, said: Sequence[StoredMessage]) -> CaseRecord | None:
    named = {message.case_id or row["case_id"] for message in said}
    ids = {None if id is None else merged.leads_to(tx, id) for id in named}
    if len(ids) > 1:
        raise CannotChoose("several_cases", "these messages belong to several cases: split those of one case at a time")
    id = ids.pop()
    if id is None:
        return None
    cases.lock(tx, id)
    return cases.get(tx, id)


def _check(tx: Transaction, source: CaseRecord, conversation_id: str, numbers: Sequence[int]) -> None:
    if source.mandate is not None:
        raise InTheWay("proxy", "a proxy speaks for the complainant: their mandate holds for this complaint alone")
    if links.is_withheld(tx, source.id, conversation_id):
        raise InTheWay("whose_is_it", "nobody has said whose this conversation is: decide that first")
    if not _others(tx, source.id, conversation_id, numbers):
        detail = "these are all messages of their case: nothing would be left of it"
        raise CannotChoose("leaves_nothing", detail)


def _others(tx: Transaction, case_id: str, conversation_id: str, numbers: Sequence[int]) -> bool:
    """Whether the customer has said anything else that belongs to this case."""
    m, link = messages.c, case_conversations.c
    names_it = sa.or_(m.case_id.in_(merged.all_of(tx, case_id)), m.case_id.is_(None))
    these = sa.and_(m.conversation_id == conversation_id, m.number.in_(numbers))
    found = (
        sa.select(m.number)
        .join(case_conversations, link.conversation_id == m.conversation_id)
        .where(link.case_id == case_id, names_it, m.sender == Sender.CUSTOMER.value, sa.not_(these))
    )
    return tx.execute(found.limit(1)).first() is not None


def open_apart(tx: Transaction, what: Chosen, *, language: str, by: str) -> str:
    """A draft of its own, which the messages name; whoever is told of the case they came from is told of it. Answers its id."""
    row = what.row
    case_id = cases.open_draft(
        tx,
        conversation_id=row["id"],
        channel=row["channel"],
        account=row["account"],
        language=language,
        received_at=what.received_at,
        customer=row["customer"] or (None if what.source is None else what.source.customer),
        reason=REASON,
        linked_by=by[:80],
    )
    m = messages.c
    here = (m.conversation_id == row["id"], m.number.in_(what.numbers))
    tx.execute(sa.update(messages).where(*here).values(case_id=case_id))
    for contact in _contacts(tx, what):
        contacts.add_contact(tx, case_id, contact)
        if contact.bounced_at is not None:
            contacts.flag_bounced(tx, case_id, contact.address)
    return case_id


def _contacts(tx: Transaction, what: Chosen) -> list[Contact]:
    """Those of the case it came from; of a conversation that was about none, whoever it is held with."""
    if what.source is not None:
        known = [Contact(*row) for row in contacts.contacts_of(tx, what.source.id)]
        return [contact for contact in known if contact.proof != MANDATE]
    address = what.row["address"]
    return [Contact(address, kind_of_address(address), "wrote_from")] if address else []


def note(tx: Transaction, what: Chosen, case: CaseRecord, *, by: str, reason: str) -> None:
    """Says in all three trails what was split off, by whom and why. A conversation that was about no case is about this one."""
    told = {"messages": what.numbers, "reason": reason}
    source = what.source
    if source is not None:
        cases.note_change(tx, source.id, Entry(by, "split_off", {"case": case.reference, **told}))
    came_from = None if source is None else source.reference or source.id
    cases.note_change(tx, case.id, Entry(by, "split_from", {"case": came_from, **told}))
    row = conversations.locked(tx, what.row["id"])
    values: Mapping[str, Any] = {"case_id": case.id} if row["case_id"] is None else {}
    entry = Entry(by, "split_off", {"case": case.reference, "from": came_from, **told})
    conversations.add_messages(tx, row, [], values=values, entries=[entry])
