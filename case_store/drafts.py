"""What agents are writing and have not sent: one draft of an answer and one of a note for each agent and conversation.

Units over a transaction. A draft is its agent's alone: nobody else reads it, no chain holds a word of it, nothing that speaks to customers
reads the table. It is gone in the transaction that sends it, when it is emptied, and when its matter has ended long ago.

One agent may write on several pages. A page saves upon the version that it knows; what another page has saved since stays, and the
page is told what stands there. A version is never given twice, so one that was sent and begun anew is another. Who begins upon nothing with
the very words that they have said last, and nothing has been asked since, is a page that has not heard that they were sent: of that nothing is kept.

Not here: when a page saves, and what it keeps while the gateway is away (console/static/drafts.js).

DraftError
├── WrittenElsewhere   another page has saved or ended it since; `draft` is what stands there now, None for nothing
└── TooMany            they keep as many as one may
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store import notes
from case_store.cases import OPEN
from case_store.conversations import NoSuchConversation, check_kept
from case_store.ids import new_id
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_drafts import drafts
from case_store.tables_people import agents

MOST: Final = 300
"""Drafts that one agent may keep."""
KEPT: Final = timedelta(days=30)
"""How long one stays after the last word in a matter that has ended, or of an agent who is gone."""


class DraftKind(StrEnum):
    REPLY = "reply"
    NOTE = "note"


class DraftError(Exception):
    """Anything that keeps a draft from being saved."""


class WrittenElsewhere(DraftError):
    """Another page of the same agent has saved or ended it since."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__("another page has saved this draft since")
        self.draft = draft


class TooMany(DraftError):
    """They keep as many as one may."""


@dataclass(frozen=True, slots=True)
class Draft:
    conversation_id: str
    kind: str
    version: str
    text: str
    beside: Mapping[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What a page wants kept: upon which version it wrote (`base`; None: upon nothing), and which page it is."""

    text: str
    beside: Mapping[str, Any]
    base: str | None
    writer: str

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.beside


_d: Final = drafts.c


def of_agent(tx: Transaction, agent_id: str) -> list[Draft]:
    """All of an agent's, the last written first."""
    found = sa.select(drafts).where(_d.agent_id == agent_id).order_by(_d.updated_at.desc(), _d.conversation_id, _d.kind)
    return [_draft(row) for row in tx.execute(found)]


def of_conversation(tx: Transaction, agent_id: str, conversation_id: str) -> list[Draft]:
    found = sa.select(drafts).where(_d.agent_id == agent_id, _d.conversation_id == conversation_id)
    return [_draft(row) for row in tx.execute(found.order_by(_d.kind))]


def _draft(row: Any) -> Draft:
    return Draft(row.conversation_id, row.kind, row.version, row.text, row.beside, row.updated_at)


def save(tx: Transaction, agent_id: str, conversation_id: str, kind: DraftKind, written: Written) -> Draft | None:
    """Keeps it; None where it is empty, and gone then, or has been sent. Raises NoSuchConversation, Erased, WrittenElsewhere, TooMany."""
    # whoever sends has the conversation's row before the drafts: in another order each would wait for the other
    here = sa.select(conversations.c.id, conversations.c.erased_at).where(conversations.c.id == conversation_id)
    talk = tx.execute(here.with_for_update(read=True, key_share=True)).mappings().first()
    if talk is None:
        raise NoSuchConversation(conversation_id)
    check_kept(talk)
    _one_after_another(tx, agent_id, conversation_id)
    mine = _of(agent_id, conversation_id, kind)
    row = tx.execute(sa.select(drafts).where(mine)).one_or_none()
    known = None if row is None else _draft(row)
    if known is not None and (known.text, known.beside) == (written.text, written.beside):
        return known  # the answer to the same words was lost, or both pages say the same
    if known is None and written.base is None and _is_said(tx, agent_id, conversation_id, kind, written.text):
        return None
    stands = None if known is None else known.version
    if written.base != stands and (row is None or row.writer != written.writer):
        if known is None and written.is_empty:
            return None
        raise WrittenElsewhere(known)
    if written.is_empty:
        tx.execute(sa.delete(drafts).where(mine))
        _tell(tx, agent_id, conversation_id)
        return None
    kept = Draft(conversation_id, kind.value, new_id(), written.text, dict(written.beside), tx.now)
    values = {
        "version": kept.version,
        "writer": written.writer,
        "text": kept.text,
        "beside": kept.beside,
        "updated_at": kept.updated_at,
    }
    if known is not None:
        tx.execute(sa.update(drafts).where(mine).values(**values))
    else:
        _check_room(tx, agent_id)
        named = {"agent_id": agent_id, "conversation_id": conversation_id, "kind": kind.value}
        tx.execute(sa.insert(drafts).values(**named, **values))
    _tell(tx, agent_id, conversation_id)
    return kept


def _is_said(tx: Transaction, agent_id: str, conversation_id: str, kind: DraftKind, text: str) -> bool:
    """Whether these are the agent's last words there, and the customer has said nothing since: then they might be meant anew."""
    m = messages.c
    place: int | None
    if kind is DraftKind.REPLY:
        mine = sa.select(m.text, m.number).where(m.conversation_id == conversation_id, m.agent_id == agent_id)
        row = tx.execute(mine.order_by(m.number.desc()).limit(1)).one_or_none()
        said, place = (None, None) if row is None else (row.text, row.number)
    else:
        note = notes.last_of(tx, conversation_id, agent_id)
        said, place = (None, None) if note is None else (note.text, note.after)
    if said is None or place is None or said.strip() != text.strip():
        return False
    heard = sa.select(m.number).where(
        m.conversation_id == conversation_id, m.sender == Sender.CUSTOMER.value, m.number > place
    )
    return tx.execute(heard.limit(1)).first() is None


def sent(
    tx: Transaction, agent_id: str, conversation_id: str, kind: DraftKind, *, text: str, version: str | None
) -> bool:
    """These words have left, or are noted: the draft that they came from is gone. What was written since on another page stays."""
    _one_after_another(tx, agent_id, conversation_id)
    same = sa.or_(_d.text == text, _d.version == version) if version else _d.text == text
    gone = tx.execute(sa.delete(drafts).where(_of(agent_id, conversation_id, kind), same)).rowcount
    if gone:
        _tell(tx, agent_id, conversation_id)
    return bool(gone)


def sweep(tx: Transaction) -> int:
    """Forgets drafts of matters that have ended long ago: nothing was said or written there for `KEPT`, and no case is open;
    and of agents whose account is closed. Answers how many.
    """
    before = tx.now - KEPT
    c, k, link = conversations.c, cases.c, case_conversations.c
    talked = sa.select(c.id).where(c.id == _d.conversation_id, c.updated_at > before)
    about = sa.select(k.id).join(case_conversations, link.case_id == k.id)
    is_open = about.where(link.conversation_id == _d.conversation_id, k.status.in_(OPEN))
    gone = sa.select(agents.c.id).where(agents.c.id == _d.agent_id, agents.c.active.is_(False))
    over = sa.or_(gone.exists(), sa.and_(~talked.exists(), ~is_open.exists()))
    old = sa.delete(drafts).where(_d.updated_at <= before, over)
    return tx.execute(old).rowcount


def erase(tx: Transaction, conversation_id: str) -> int:
    """Forgets what anybody is writing in a conversation that is erased. Answers how many."""
    return tx.execute(sa.delete(drafts).where(_d.conversation_id == conversation_id)).rowcount


def _of(agent_id: str, conversation_id: str, kind: DraftKind) -> sa.ColumnElement[bool]:
    return sa.and_(_d.agent_id == agent_id, _d.conversation_id == conversation_id, _d.kind == kind.value)


def _one_after_another(tx: Transaction, agent_id: str, conversation_id: str) -> None:
    """Two pages that save a first draft at one instant find no row to lock."""
    if tx.postgresql:
        name = f"draft {agent_id} {conversation_id}"
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _check_room(tx: Transaction, agent_id: str) -> None:
    held = tx.execute(sa.select(sa.func.count()).where(_d.agent_id == agent_id)).scalar_one()
    if held >= MOST:
        raise TooMany(f"at most {MOST} drafts")


def _tell(tx: Transaction, agent_id: str, conversation_id: str) -> None:
    tx.wake("draft", f"{agent_id}:{conversation_id}")
