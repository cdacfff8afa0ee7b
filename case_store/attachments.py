"""What becomes of an attachment once it is stored: looked at, scanned, pictured; whichever channel it came by.

Every row is due to be examined from the moment it is written (conversations.add_attachments). It is claimed with a lease like
other work, so that several processes share it and one that dies leaves it to the others.

Not here: the examining (gateway/examiner.py), the bytes (files.py, or the mail they are cut from).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store import merged
from case_store.claiming import taken
from case_store.ids import new_id
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import attachments, conversations, messages

LEASE: Final = timedelta(minutes=3)  # the largest file over a slow scanner
SIGNATURE: Final = 200  # characters that the column holds

Row = Mapping[Any, Any]


class Scan(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"  # the scanner can't be reached: tried again
    FAILED = "failed"  # the scanner can't scan this one: larger than it takes


@dataclass(frozen=True, slots=True)
class ToExamine:
    """An attachment claimed to be examined, with what its content is found by."""

    id: str
    conversation_id: str
    message: int
    name: str
    media_type: str
    digest: str
    part: str | None
    arrival_id: str | None
    tries: int
    lease: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out. `scan` is None where nobody scans. `retry` looks once more after that time."""

    sniffed_type: str | None
    notes: Sequence[str] = ()
    scan: Scan | None = None
    signature: str | None = None
    preview: str | None = None
    retry: timedelta | None = None
    excerpt: str | None = None


def claim(tx: Transaction, limit: int) -> list[ToExamine]:
    """Leases attachments that are due, the latest first: somebody may be waiting for what has just come."""
    a, now = attachments.c, tx.now
    due = sa.select(a.id).where(a.examine_at <= now).order_by(a.examine_at.desc(), a.id).limit(limit)
    rows = tx.execute(
        sa.update(attachments)
        .where(a.id.in_(taken(due)))
        .values(examine_lease=new_id(), examine_at=now + LEASE, examine_tries=a.examine_tries + 1)
        .returning(
            a.id,
            a.conversation_id,
            a.message,
            a.name,
            a.media_type,
            a.digest,
            a.part,
            a.arrival_id,
            a.examine_tries.label("tries"),
            a.examine_lease.label("lease"),
        )
    )
    return [ToExamine(**row._mapping) for row in rows]


def settle(tx: Transaction, one: ToExamine, found: Examined) -> bool:
    """Keeps what was found out. False if the lease was lost."""
    a = attachments.c
    values: dict[str, Any] = {
        "examine_lease": None,
        "examine_at": None if found.retry is None else tx.now + found.retry,
        "scan": found.scan and found.scan.value,
        "signature": found.signature and found.signature[:SIGNATURE],
        "scanned_at": tx.now if found.scan in (Scan.CLEAN, Scan.INFECTED) else None,
        "preview": found.preview,
        "excerpt": found.excerpt,
    }
    if found.sniffed_type is not None:
        values |= {"sniffed_type": found.sniffed_type, "notes": list(found.notes) or None}
    done = tx.execute(sa.update(attachments).where(a.id == one.id, a.examine_lease == one.lease).values(**values))
    if done.rowcount != 1:
        return False
    # whoever looks at the conversation sees it: a hint alone would be taken for old news
    c = conversations.c
    bumped = sa.update(conversations).where(c.id == one.conversation_id).values(version=c.version + 1)
    version = tx.execute(bumped.returning(c.version)).scalar_one_or_none()
    tx.wake("conversation", one.conversation_id, version=version or 0)
    return True


def scan_what_was_not(tx: Transaction, limit: int) -> int:
    """Sends attachments to the scanner that came while there was none. Answers how many."""
    a = attachments.c
    old = sa.select(a.id).where(a.scan.is_(None), a.examine_at.is_(None)).limit(limit)
    return tx.execute(sa.update(attachments).where(a.id.in_(old)).values(examine_at=tx.now)).rowcount


def find(tx: Transaction, conversation_id: str, id: str) -> Row | None:
    """An attachment of this conversation, with the arrival that it may have to be cut from (`arrival_…`)."""
    a = attachments.c
    found = (
        sa.select(*attachments.c, *_ARRIVAL)
        .outerjoin(arrivals, arrivals.c.id == a.arrival_id)
        .where(a.id == id, a.conversation_id == conversation_id)
    )
    return tx.execute(found).mappings().one_or_none()


def arrival(tx: Transaction, id: str) -> Row | None:
    """What an attachment is cut from, under the same names as in `find`."""
    return tx.execute(sa.select(*_ARRIVAL).where(arrivals.c.id == id)).mappings().one_or_none()


_ARRIVAL: Final = (
    arrivals.c.channel.label("arrival_channel"),
    arrivals.c.raw.label("arrival_raw"),
    arrivals.c.digest.label("arrival_digest"),
    arrivals.c.transport.label("arrival_transport"),
)


def of_messages(tx: Transaction, conversation_id: str, after: int) -> dict[int, list[Row]]:
    """Attachments of messages with a number above `after`, by that number."""
    a = attachments.c
    rows = tx.execute(
        sa.select(attachments).where(a.conversation_id == conversation_id, a.message > after).order_by(a.id)
    ).mappings()
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["message"], []).append(row)
    return grouped


def cut_from(tx: Transaction, arrival_id: str) -> list[Row]:
    """Attachments that have no file of their own: they stand in this arrival."""
    a = attachments.c
    became = tx.execute(sa.select(arrivals.c.became).where(arrivals.c.id == arrival_id)).scalar() or ()
    found: list[Row] = []
    for one in became:
        if "message" in one:
            of = sa.and_(a.conversation_id == one["conversation"], a.message == one["message"])
            cut = sa.select(attachments).where(of, a.arrival_id == arrival_id, a.part.is_not(None)).order_by(a.id)
            found += tx.execute(cut).mappings()
    return found


def unanswered_names(tx: Transaction, conversation_ids: Sequence[str]) -> dict[tuple[str, int], list[str]]:
    """Names of the files beside customers' messages that no turn has answered, by conversation and number."""
    if not conversation_ids:
        return {}
    grouped: dict[tuple[str, int], list[str]] = {}
    for row in tx.execute(_UNANSWERED, {"these": list(conversation_ids)}):
        grouped.setdefault((row.conversation_id, row.message), []).append(row.name)
    return grouped


_UNANSWERED: Final = (
    sa.select(attachments.c.conversation_id, attachments.c.message, attachments.c.name)
    .join(conversations, conversations.c.id == attachments.c.conversation_id)
    .where(
        attachments.c.conversation_id.in_(sa.bindparam("these", expanding=True)),
        attachments.c.message > conversations.c.answered_message,
        attachments.c.inline.is_(False),  # a logo under a signature is nothing that was handed in
    )
    .order_by(attachments.c.id)
)


def of_case(tx: Transaction, case_id: str) -> list[Row]:
    """Everything that was handed in with a case: of its messages, and of those in its conversations that belong to no case.

    What was handed in with a case that was merged into it belongs to it too; what an agent enclosed with an answer was handed in by nobody.
    """
    a, m, link = attachments.c, messages.c, case_conversations.c
    found = (
        sa.select(*a, m.at, m.sender)
        .join(messages, sa.and_(m.conversation_id == a.conversation_id, m.number == a.message))
        .join(case_conversations, link.conversation_id == a.conversation_id)
        .where(link.case_id == case_id, a.inline.is_(False), m.sender != Sender.AGENT.value)
        .where(sa.or_(m.case_id.in_(merged.all_of(tx, case_id)), m.case_id.is_(None)))
        .order_by(m.at, a.id)
    )
    return list(tx.execute(found).mappings())


def counts(tx: Transaction) -> dict[str, float]:
    """What operators watch: how many wait to be examined, for how long at most, and how many were found infected."""
    a, now = attachments.c, tx.now

    def many(*where: Any) -> float:
        return float(tx.execute(sa.select(sa.func.count()).select_from(attachments).where(*where)).scalar_one())

    return {
        "attachments_waiting": many(a.examine_at.is_not(None)),
        "attachments_unscanned": many(a.examine_at.is_not(None), a.scan == Scan.UNSCANNED.value),
        "attachments_infected": many(sa.literal_column("scan") == sa.literal_column("'infected'")),
        "oldest_unscanned_seconds": _age(tx, now),
    }


def _age(tx: Transaction, now: datetime) -> float:
    a, c, m = attachments.c, conversations.c, messages.c
    came = sa.case((m.at < c.created_at, c.created_at), else_=m.at)  # a letter was received before it was typed in
    oldest = (
        sa.select(sa.func.min(came))
        .join(attachments, sa.and_(a.conversation_id == m.conversation_id, a.message == m.number))
        .join(conversations, c.id == m.conversation_id)
        .where(a.examine_at.is_not(None), a.scan == Scan.UNSCANNED.value)
    )
    found: datetime | None = tx.execute(oldest).scalar_one_or_none()
    return max(0.0, (now - found).total_seconds()) if found else 0.0
