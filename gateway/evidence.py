"""What a record rests on: for every fact and every part of the judgement the customer's words, where they stand, and who has corrected it.

Words are looked for again in the messages as they are now, so that a link never leads to a sentence that is not there any
more; words that can't be found (a customer has changed their message since) are shown without a place. Positions are counted in
characters (Unicode code points), as Python counts.

Not here: what the words are (dialogue), what else they may say (rivals.py), what the reason codes are called (console/texts), the record itself
(case_store).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HappenedAt, case_chain
from case_store.case_record import CaseRecord
from case_store.records import FACT_NAMES, Judgement, Opinion, Sender
from case_store.store import Transaction
from case_store.tables_conversations import messages

MOST_MESSAGES: Final = 2_000  # of a case's customers, the newest
MOST_PLACES: Final = 40  # of one fact: a long story stands in many messages
BY_HAND: Final = ("webform", "letter", "counter")  # channels whose facts are filled in

_PARTS: Final = re.compile(r"\s+[…·]\s+|\n+")
_CLAUSES: Final = re.compile(r"[，。；！？,;!?]+\s*")
_TELLING: Final = 3  # characters of a clause that may be looked for alone
_BY_PEOPLE: Final = ("agent:", "key:", "operator")
_JUDGED: Final = ("category", "risk", "disposition")


@dataclass(frozen=True, slots=True)
class Place:
    """Words in a message of the case: `part` is `text` or `subject`, `end` is behind the last character."""

    conversation: str
    message: int
    start: int
    end: int
    part: str = "text"


@dataclass(frozen=True, slots=True)
class Correction:
    """A person has set the value, or has had the customer confirm it (`kind`: `corrected`, `confirmed`)."""

    kind: str
    by: str
    at: datetime
    before: Any = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What one value rests on. `about` is `facts.NAME` or `judgement.NAME`; `source` says where a fact without words came from.

    `value` is what holds now; words and reason belong to what was read or judged first (`judged`, of the judgement only).
    """

    about: str
    value: Any
    reason: str | None
    words: str
    source: str
    places: tuple[Place, ...] = ()
    corrected: Correction | None = None
    judged: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message, as far as words are looked for in it."""

    conversation: str
    message: int
    text: str
    subject: str = ""
    at: datetime | None = None


def proofs_of(tx: Transaction, record: CaseRecord, said: Sequence[Said]) -> list[Proof]:
    """Every fact that is known and every part of the judgement, in the order of the record. `said`: its customers' messages (`said_in`)."""
    corrections = _corrections(audit.timeline(tx, case_chain(record.id)))
    found = [_fact(record, name, said, corrections.get(f"facts.{name}")) for name in FACT_NAMES if _known(record, name)]
    if record.judgement is not None:
        found += [
            _judged(record, *one, said, corrections.get(f"judgement.{one[0]}")) for one in _parts(record.judgement)
        ]
    return found


def _known(record: CaseRecord, name: str) -> bool:
    return getattr(record.facts, name) is not None or name in record.words


def _fact(record: CaseRecord, name: str, said: Sequence[Said], corrected: Correction | None) -> Proof:
    value = record.facts.to_json()[name]
    words = record.evidence.get(name) or record.words.get(name) or ""
    if words in ("form", "call"):  # a whole form or call, not words of it
        words = ""
    at = places(words, list(reversed(said))) if words else ()  # what was said last counts
    if corrected is not None and corrected.kind == "corrected":
        return Proof(f"facts.{name}", value, None, words, "agent", at, corrected)
    source = "said" if at or (words and record.channel not in BY_HAND) else _source(record, name)
    shown = words if source == "said" else ""
    return Proof(f"facts.{name}", value, None, shown, source, at, corrected)


def _source(record: CaseRecord, name: str) -> str:
    if record.channel in BY_HAND:
        return "form"
    return "sender" if name in ("contact", "name") else "unknown"


def _parts(judgement: Judgement) -> Iterable[tuple[str, Opinion]]:
    for name in ("kind", "category", "scope", "risk", "disposition"):
        yield name, getattr(judgement, name)
    if judgement.emotion is not None:
        yield "emotion", judgement.emotion
    for name in ("intents", "doubts", "alarms"):
        for opinion in getattr(judgement, name):
            yield name, opinion


def _judged(
    record: CaseRecord, name: str, opinion: Opinion, said: Sequence[Said], corrected: Correction | None
) -> Proof:
    value = getattr(record, name).value if name in _JUDGED else opinion.value
    at = places(opinion.evidence, said) if opinion.evidence else ()
    return Proof(f"judgement.{name}", value, opinion.reason, opinion.evidence, "said", at, corrected, opinion.value)


def places(words: str, said: Sequence[Said]) -> tuple[Place, ...]:
    """Where words stand, the first message of `said` that has them; a burst's lines may stand in one message each.

    What was left out of the middle (asked-for words, an aside) keeps the rest from being found as one: then clause by clause.
    """
    found = [place for part in _PARTS.split(words) if part.strip() for place in _places_of(part.strip(), said)]
    return tuple(dict.fromkeys(found))[:MOST_PLACES]


def _places_of(part: str, said: Sequence[Said]) -> list[Place]:
    whole = _place(part, said)
    if whole is not None:
        return [whole]
    clauses = [clause for clause in _CLAUSES.split(part) if len(clause) >= _TELLING]
    return [place for clause in clauses if len(clauses) > 1 and (place := _place(clause, said))]


def _place(words: str, said: Sequence[Said]) -> Place | None:
    loose: re.Pattern[str] | None = None
    for one in said:
        for part, text in (("text", one.text), ("subject", one.subject)):
            start = text.find(words)
            if start >= 0:
                return Place(one.conversation, one.message, start, start + len(words), part)
    if len(words) <= 2_000:
        loose = re.compile(r"\s+".join(map(re.escape, words.split())))
    for one in said:
        if loose is not None and (hit := loose.search(one.text)):
            return Place(one.conversation, one.message, *hit.span())
    return None


def said_in(tx: Transaction, record: CaseRecord) -> list[Said]:
    """The customer's messages of the case, oldest first."""
    m = messages.c
    found = (
        sa.select(m.conversation_id, m.number, m.text, m.mail, m.at)
        .where(
            m.conversation_id.in_(record.conversations),
            m.sender.in_([Sender.CUSTOMER.value, Sender.UNKNOWN.value]),
            sa.or_(m.case_id == record.id, m.case_id.is_(None)),
        )
        .order_by(m.at.desc(), m.number.desc())
        .limit(MOST_MESSAGES)
    )
    rows = list(tx.execute(found))
    return [Said(row[0], row[1], row[2], (row[3] or {}).get("subject") or "", row[4]) for row in reversed(rows)]


def _corrections(events: Sequence[HappenedAt]) -> dict[str, Correction]:
    """The last word of a person on each field; who has none any more in the trail (erased) is passed over."""
    found: dict[str, Correction] = {}
    for event in events:
        if event.action == "confirmed_facts":
            for name in (event.detail or {}).get("facts", ()):
                found[f"facts.{name}"] = _correction("confirmed", event, None)
        if event.action != "changed" or not event.actor.startswith(_BY_PEOPLE):
            continue
        for about, before in _changed(event.detail or {}):
            found[about] = _correction("corrected", event, before)
    return found


def _changed(detail: Any) -> Iterable[tuple[str, Any]]:
    for name in _JUDGED:
        if isinstance(detail.get(name), dict):
            yield f"judgement.{name}", detail[name].get("from")
    facts = detail.get("facts")
    if isinstance(facts, dict) and "to" in facts:
        before, after = facts.get("from") or {}, facts["to"] or {}
        yield from ((f"facts.{name}", before.get(name)) for name in FACT_NAMES if before.get(name) != after.get(name))


def _correction(kind: str, event: HappenedAt, before: Any) -> Correction:
    return Correction(kind, event.actor.partition(":")[2] or event.actor, event.at, before)
