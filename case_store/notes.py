"""Notes that colleagues write beside a conversation, and whom they call in them by `@username`.

Units over a transaction. A note is no message: it has a table of its own, which nothing reads that speaks to customers, so it can't be
sent, quoted, printed or shown to one by mistake. It is never changed; the chain of its conversation keeps who wrote it when, with a digest
of its words.

Not here: JSON (gateway/api/notes.py), messages (conversations.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, conversations
from case_store.audit import Entry
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_desk import note_mentions, notes
from case_store.tables_people import agents

MOST_MENTIONS: Final = 100
"""Calls of one agent that are listed."""

_CALLED: Final = re.compile(r"(?<![A-Za-z0-9_@.])@([a-z0-9][a-z0-9._@-]{0,31})", re.IGNORECASE)
_TRAILING: Final = ".-@"


@dataclass(frozen=True, slots=True)
class Note:
    """`after` is the number of the last message when it was written; `mentions` the usernames of colleagues it calls."""

    id: str
    conversation_id: str
    after: int
    author: str
    author_name: str
    text: str
    at: datetime
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that calls somebody."""

    note: Note
    customer: str | None
    seen_at: datetime | None


def add(
    tx: Transaction,
    conversation_id: str,
    text: str,
    *,
    author: str,
    author_name: str,
    actor: str,
    calls: Mapping[str, str] = MappingProxyType({}),
) -> Note:
    """Keeps a note and calls whom it names, and `calls` besides, ids by username. Raises NoSuchConversation, Erased."""
    row = conversations.locked(tx, conversation_id)
    conversations.check_kept(row)
    called = {**_called(tx, text), **calls}
    note = Note(
        new_id(), conversation_id, row["last_message"], author, author_name, text, tx.now, tuple(sorted(called))
    )
    tx.execute(sa.insert(notes).values({name: getattr(note, name) for name in _KEPT}))
    if called:
        tx.execute(sa.insert(note_mentions), [{"note_id": note.id, "agent_id": id} for id in called.values()])
    for id in called.values():
        tx.wake("mention", id)
    told = {"note": note.id, "digest": hashlib.sha256(text.encode()).hexdigest(), "mentions": sorted(called)}
    audit.append(tx, audit.conversation_chain(conversation_id), Entry(actor, "note_added", told))
    tx.wake("conversation", conversation_id)
    return note


def _called(tx: Transaction, text: str) -> dict[str, str]:
    """Id by username of the open accounts that a note calls."""
    named = {name.lower().rstrip(_TRAILING) for name in _CALLED.findall(text)}
    if not named:
        return {}
    found = tx.execute(sa.select(agents.c.username, agents.c.id).where(agents.c.username.in_(named), agents.c.active))
    return {row.username: row.id for row in found}


def of_conversation(tx: Transaction, id: str) -> list[Note]:
    """All of one conversation, the first written first."""
    return _notes(tx, notes.c.conversation_id == id)


def last_of(tx: Transaction, conversation_id: str, author: str) -> Note | None:
    """What an author has noted last in one conversation."""
    mine = sa.select(notes).where(notes.c.conversation_id == conversation_id, notes.c.author == author)
    row = tx.execute(mine.order_by(notes.c.at.desc(), notes.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else Note(*(row._mapping[name] for name in _KEPT))


_KEPT: Final = ("id", "conversation_id", "after", "author", "author_name", "text", "at")


def of_case(tx: Transaction, case_id: str) -> list[Note]:
    """All of the conversations that are linked to a case."""
    linked = sa.select(case_conversations.c.conversation_id).where(case_conversations.c.case_id == case_id)
    return _notes(tx, notes.c.conversation_id.in_(linked))


def _notes(tx: Transaction, which: sa.ColumnElement[bool]) -> list[Note]:
    rows = tx.execute(sa.select(notes).where(which).order_by(notes.c.at, notes.c.id)).all()
    return _with_mentions(tx, rows)


def _with_mentions(tx: Transaction, rows: Sequence[Any]) -> list[Note]:
    called = _mentions(tx, [row.id for row in rows])
    return [
        Note(
            row.id,
            row.conversation_id,
            row.after,
            row.author,
            row.author_name,
            row.text,
            row.at,
            tuple(called.get(row.id, ())),
        )
        for row in rows
    ]


def _mentions(tx: Transaction, ids: Sequence[str]) -> dict[str, list[str]]:
    if not ids:
        return {}
    found = tx.execute(
        sa.select(note_mentions.c.note_id, agents.c.username)
        .join(agents, agents.c.id == note_mentions.c.agent_id)
        .where(note_mentions.c.note_id.in_(ids))
        .order_by(agents.c.username)
    )
    grouped: dict[str, list[str]] = {}
    for row in found:
        grouped.setdefault(row.note_id, []).append(row.username)
    return grouped


def calling(tx: Transaction, agent_id: str) -> list[Mention]:
    """The notes that call an agent: those not seen first, each group with the latest first."""
    k, c = note_mentions.c, conversation_rows.c
    rows = tx.execute(
        sa.select(notes, k.seen_at, c.customer)
        .join(note_mentions, k.note_id == notes.c.id)
        .join(conversation_rows, c.id == notes.c.conversation_id)
        .where(k.agent_id == agent_id)
        .order_by(sa.case((k.seen_at.is_(None), 0), else_=1), notes.c.at.desc(), notes.c.id.desc())
        .limit(MOST_MENTIONS)
    ).all()
    told = zip(_with_mentions(tx, rows), rows, strict=True)
    return [Mention(note, row.customer, row.seen_at) for note, row in told]


def call_nobody(tx: Transaction, ids: Collection[str]) -> None:
    """Takes the calls of these notes back from whoever has not seen them: what they were called to is not theirs any more."""
    k = note_mentions.c
    unseen = sa.and_(k.note_id.in_(list(ids)), k.seen_at.is_(None))
    for id in sorted(set(tx.execute(sa.select(k.agent_id).where(unseen)).scalars())):
        tx.wake("mention", id)
    tx.execute(sa.delete(note_mentions).where(unseen))


def see(tx: Transaction, agent_id: str, ids: Collection[str]) -> None:
    """The agent has seen these; what calls somebody else, or was seen before, stays as it is."""
    k = note_mentions.c
    theirs = sa.and_(k.agent_id == agent_id, k.note_id.in_(list(ids)), k.seen_at.is_(None))
    if tx.execute(sa.update(note_mentions).where(theirs).values(seen_at=tx.now)).rowcount:
        tx.wake("mention", agent_id)


def erase(tx: Transaction, conversation_id: str) -> int:
    """Takes the words of a conversation's notes away; who wrote one and when stays. Answers how many."""
    here = notes.c.conversation_id == conversation_id
    return tx.execute(sa.update(notes).where(here, notes.c.text != "").values(text="")).rowcount
