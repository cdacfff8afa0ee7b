"""What was shown masked, shown all the same: to whom, why and how many of which kind is on record before it is shown; the numbers never are.

Units over a transaction. What colleagues note is not looked at here: a correction of a fact asks too, and no note may come into a record.

Not here: what is masked (masking.py), who may (protection_policy.py), JSON (api/revealing.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry
from case_store.cases import CaseRecord
from case_store.conversations import StoredMessage, as_stored
from case_store.store import Transaction
from case_store.tables import conversations, messages
from gateway.masking import NUMBERS, Kind, pieces

REVEALED: Final = "personal_revealed"
MOST_MESSAGES: Final = 2_000  # the newest


@dataclass(frozen=True, slots=True)
class Shown:
    """One number: as it stands on the screen, and as it is."""

    kind: Kind
    masked: str
    value: str


def in_conversation(tx: Transaction, id: str, number: int | None) -> list[Shown]:
    """What is masked in a message, or in all of them."""
    return shown_in(text for said in _messages(tx, [id], number) for text in _texts(said))


def in_case(tx: Transaction, record: CaseRecord, fact: str | None) -> list[Shown]:
    """What is masked in a fact, or in everything that is shown of a case: its facts, the words they rest on, its trail."""
    facts = record.facts.to_json()
    if fact is not None:
        return shown_in(_strings(facts[fact]))
    words = [text for said in _messages(tx, record.conversations, None) for text in _texts(said)]
    trail = [event.detail for event in audit.timeline(tx, audit.case_chain(record.id))]
    return shown_in([*_strings(record.to_json()), *words, *_strings(trail)])


def is_own(tx: Transaction, ids: Sequence[str], agent_id: str) -> bool:
    """Whether somebody answers one of these conversations."""
    c = conversations.c
    return (
        bool(ids)
        and tx.execute(sa.select(c.id).where(c.id.in_(ids), c.agent_id == agent_id).limit(1)).first() is not None
    )


def keep(tx: Transaction, chain: str, actor: str, found: Sequence[Shown], reason: str, of: Mapping[str, Any]) -> None:
    """Puts on record that it is shown."""
    kinds = Counter(one.kind.value for one in found)
    audit.append(tx, chain, Entry(actor, REVEALED, {"kinds": dict(kinds), "n": len(found), "reason": reason, **of}))


def shown_in(texts: Iterable[str]) -> list[Shown]:
    """Each number once, in the order of the texts."""
    found = {
        (piece.shown, text[piece.start : piece.end]): piece.kind for text in texts for piece in pieces(text, NUMBERS)
    }
    return [Shown(kind, masked, value) for (masked, value), kind in found.items()]


def unmasked(text: str, known: Iterable[Shown]) -> str:
    """A text that was changed where it stood masked, with its numbers."""
    for one in known:
        text = text.replace(one.masked, one.value)
    return text


def _messages(tx: Transaction, ids: Sequence[str], number: int | None) -> list[StoredMessage]:
    m = messages.c
    wanted = sa.select(messages).where(m.conversation_id.in_(ids))
    if number is not None:
        wanted = wanted.where(m.number == number)
    rows = tx.execute(wanted.order_by(m.at.desc(), m.number.desc()).limit(MOST_MESSAGES)).mappings()
    return [as_stored(row) for row in rows][::-1]


def _texts(said: StoredMessage) -> Iterator[str]:
    yield said.text
    yield from _strings(said.mail)
    yield from _strings(list(said.edits))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
