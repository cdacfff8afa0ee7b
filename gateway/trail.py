"""Everything that happened to a case: its own trail, and what happened in its conversations beside their words, by time.

Not here: who has looked (readings.py), the words that were said (case_store/conversations.py), what a step is called (console, paper).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HappenedAt, case_chain, conversation_chain
from case_store.case_record import CaseRecord
from case_store.store import Transaction
from case_store.tables_conversations import conversations, messages

SAID: Final = ("message", "message_part", "answered")
"""Events of a conversation that tell of nothing but what stands among its words."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the case's trail, or of the conversation `conversation` that is held by `channel`."""

    event: HappenedAt
    channel: str | None = None
    conversation: str | None = None


def steps_of(tx: Transaction, record: CaseRecord) -> list[Step]:
    """The first first."""
    told = [Step(event) for event in audit.timeline(tx, case_chain(record.id))]
    channels = _channels(tx, record)
    own = _own_messages(tx, record)
    for id in record.conversations:
        numbers = own.get(id)
        if numbers is not None and not numbers:
            continue  # joined as the same customer's: what happened in it belongs to the record of its own case
        events = audit.timeline(tx, conversation_chain(id))
        told += [Step(event, channels[id], id) for event in events if _belongs(event, numbers or set(), record)]
    return sorted(told, key=lambda step: step.event.at)


def _channels(tx: Transaction, record: CaseRecord) -> dict[str, str]:
    c = conversations.c
    return {row.id: row.channel for row in tx.execute(sa.select(c.id, c.channel).where(c.id.in_(record.conversations)))}


def _own_messages(tx: Transaction, record: CaseRecord) -> dict[str, set[int]]:
    """By conversation that has messages, the numbers of those that belong to this case or to none."""
    m = messages.c
    said = sa.select(m.conversation_id, m.number, m.case_id).where(m.conversation_id.in_(record.conversations))
    own: dict[str, set[int]] = {}
    for row in tx.execute(said):
        numbers = own.setdefault(row.conversation_id, set())
        if row.case_id in (None, record.id):
            numbers.add(row.number)
    return own


def _belongs(event: HappenedAt, own: Set[int], record: CaseRecord) -> bool:
    """Whether an event of a conversation tells of this case, and of something that its trail and its words don't."""
    detail = event.detail or {}
    number = detail.get("number", detail.get("message"))
    if event.action in SAID or "case" in detail:  # who is the customer of a case stands in the trail of the case
        return False
    if number is not None and number not in own:
        return False
    return detail.get("reference") in (None, record.reference)
