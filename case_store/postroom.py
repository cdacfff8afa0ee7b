"""What came and is no message, and what was sent beside the conversations: returned mails, automatic answers, notices.

Units that only read. Not here: what became of them (gateway/routing.py), the messages themselves (conversations.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import pages
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals, events
from case_store.tables_outbox import deliveries

Row = Mapping[Any, Any]
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them: those of a case, of a conversation, or, without either, those that belong to nothing."""

    case_id: str | None = None
    conversation_id: str | None = None
    before: LastSeen | None = None
    limit: int = 50


def events_of(tx: Transaction, wanted: Wanted) -> list[Row]:
    """The newest first."""
    e = events.c
    found = sa.select(events)
    if wanted.case_id is not None:
        found = found.where(e.case_id == wanted.case_id)
    elif wanted.conversation_id is not None:
        found = found.where(e.conversation_id == wanted.conversation_id)
    else:
        found = found.where(e.case_id.is_(None), e.conversation_id.is_(None))
    found = pages.newest_first(found, e.at, e.id, wanted.before)
    return list(tx.execute(found.limit(wanted.limit)).mappings())


def notices_of(tx: Transaction, case_id: str) -> list[Row]:
    """What was sent about a case beside its conversations, the newest first."""
    d = deliveries.c
    shown = (d.id, d.occasion, d.channel, d.address, d.state, d.error, d.attempts, d.created_at, d.sent_at, d.due_at)
    found = sa.select(*shown).where(d.case_id == case_id, d.message.is_(None))
    return list(tx.execute(found.order_by(d.created_at.desc()).limit(MOST)).mappings())


def original_of(tx: Transaction, arrival_id: str) -> Row | None:
    """The arrival with what is needed to hand it out as it came."""
    a = arrivals.c
    shown = (a.id, a.channel, a.raw, a.digest, a.transport)
    return tx.execute(sa.select(*shown).where(a.id == arrival_id)).mappings().one_or_none()


def read_into(tx: Transaction, arrival_id: str) -> list[str]:
    """Ids of the conversations that an arrival was read into."""
    became = tx.execute(sa.select(arrivals.c.became).where(arrivals.c.id == arrival_id)).scalar_one_or_none()
    return [one["conversation"] for one in became or () if one.get("conversation")]
