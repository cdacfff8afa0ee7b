"""Who has read what: a case, a conversation, a file, a recording; each reading is an event in a chain of its own for each day.

Readings stand in no case's own chain: what has happened to a case is not who has looked at it, and forty people who look must not
wait for each other at a case's lock. The chain of a day is appended like any other (audit.py), its head is vouched for by the
checkpoints, and its details can be erased. `readings` only says where the readings of a case are found; `lost` finds what was
taken out of it.

A reading of many at once, as a list of cases, is one event that names all of them.

Not here: which requests are readings, and which are joined into one (gateway/readings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from case_store.audit import Entry, append, case_chain, conversation_chain, readings_chain
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from case_store.tables_cases import case_conversations, cases
from case_store.tables_house import audit_events
from case_store.tables_readings import reading_days, readings

ACTION: Final = "read"
_CASE: Final = "case:"


@dataclass(frozen=True, slots=True)
class Reading:
    """`what` is case, listed, conversation, preview, file, original, recording or print; `of` says which file or paper.

    `subjects` are `case:ID` and `conversation:ID`; a case may be named by its reference number.
    """

    actor: str
    username: str
    what: str
    subjects: tuple[str, ...]
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One reading as it is shown at a case: `conversation` where it was read in one of the case's."""

    day: str
    number: int
    at: datetime
    actor: str
    username: str | None
    what: str
    of: str | None
    conversation: str | None

    @property
    def id(self) -> str:
        return f"{self.day}.{self.number}"


def keep(tx: Transaction, noted: Sequence[Reading]) -> None:
    """Appends readings to the chain of today, all under one lock."""
    known = _with_ids(tx, noted)
    if not known:
        return
    day = f"{tx.now.astimezone(UTC):%Y%m%d}"
    tx.execute(_DAY[tx.connection.dialect.name], {"id": day})
    head = tx.execute(sa.select(reading_days.c.audit_number).where(reading_days.c.id == day).with_for_update())
    first = head.scalar_one() + 1
    append(tx, readings_chain(day), *(Entry(one.actor, ACTION, _detail(one)) for one in known))
    rows = [
        {"subject": subject, "day": day, "number": number}
        for number, one in enumerate(known, start=first)
        for subject in one.subjects
    ]
    tx.execute(sa.insert(readings), rows)


_DAY: Final = {
    name: dialect.insert(reading_days).on_conflict_do_nothing(index_elements=["id"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def _detail(one: Reading) -> dict[str, Any]:
    return {"what": one.what, "subjects": list(one.subjects), "of": one.of, "username": one.username}


def _with_ids(tx: Transaction, noted: Sequence[Reading]) -> list[Reading]:
    """The same with cases by their ids; without those of which there is no case."""
    written = {subject[len(_CASE) :] for one in noted for subject in one.subjects if subject.startswith(_CASE)}
    numbers = {key: number for key in written if (number := _number(key)) is not None}
    c = cases.c
    ids: dict[str, str] = {}
    if numbers:
        found = sa.select(c.reference, c.id).where(c.reference.in_(sorted(set(numbers.values()))))
        ids = {row.reference: row.id for row in tx.execute(found)}
    told = []
    for one in noted:
        subjects = [_named(subject, numbers, ids) for subject in one.subjects]
        there = tuple(dict.fromkeys(subject for subject in subjects if subject is not None))
        if there:
            told.append(Reading(one.actor, one.username, one.what, there, one.of))
    return told


def _number(key: str) -> str | None:
    try:
        return parse_reference(key)
    except MistypedReference:
        return None


def _named(subject: str, numbers: dict[str, str], ids: dict[str, str]) -> str | None:
    number = numbers.get(subject[len(_CASE) :]) if subject.startswith(_CASE) else None
    if number is None:
        return subject
    return case_chain(ids[number]) if number in ids else None


def of_case(tx: Transaction, case_id: str, limit: int, before: tuple[str, int] | None = None) -> list[Read]:
    """Who has read a case, or a conversation that it goes on in; the newest first."""
    linked, r, e = case_conversations.c, readings.c, audit_events.c
    talks = tx.execute(sa.select(linked.conversation_id).where(linked.case_id == case_id)).scalars()
    own = case_chain(case_id)
    found = sa.select(r.day, r.number).where(r.subject.in_([own, *map(conversation_chain, talks)])).distinct()
    if before is not None:
        found = found.where(sa.or_(r.day < before[0], sa.and_(r.day == before[0], r.number < before[1])))
    place = found.order_by(r.day.desc(), r.number.desc()).limit(limit).subquery()
    told = (
        sa.select(place.c.day, place.c.number, e.at, e.actor, e.detail)
        .join(audit_events, sa.and_(e.chain == sa.literal("readings:") + place.c.day, e.number == place.c.number))
        .order_by(place.c.day.desc(), place.c.number.desc())
    )
    return [_read(row, own) for row in tx.execute(told)]


def _read(row: Any, own: str) -> Read:
    detail = row.detail or {}  # erased: that somebody has read it still stands
    talk = next((one.partition(":")[2] for one in detail.get("subjects", ()) if not one.startswith(_CASE)), None)
    conversation = None if own in detail.get("subjects", ()) else talk
    what = detail.get("what", "case")
    return Read(row.day, row.number, row.at, row.actor, detail.get("username"), what, detail.get("of"), conversation)


def lost(tx: Transaction) -> Iterator[tuple[str, int, list[str]]]:
    """Readings that are not found at everything they tell of: chain, number, where they are missed."""
    e, r = audit_events.c, readings.c
    # day by day: which chains lie between two names is the collation's to say
    for day in tx.execute(sa.select(reading_days.c.id).order_by(reading_days.c.id)).scalars().all():
        told = (
            sa.select(e.chain, e.number, e.detail)
            .where(e.chain == readings_chain(day), e.detail.is_not(None))
            .order_by(e.number)
            .execution_options(yield_per=2000)
        )
        for rows in tx.execute(told).partitions(2000):
            there = sa.select(r.subject, r.day, r.number).where(r.day == day)
            known = tx.execute(there.where(r.number.between(rows[0].number, rows[-1].number)))
            yield from _missed(rows, {tuple(row) for row in known})


def _missed(rows: Iterable[Any], known: set[tuple[Any, ...]]) -> Iterator[tuple[str, int, list[str]]]:
    for row in rows:
        day = row.chain.partition(":")[2]
        missing = [one for one in row.detail.get("subjects", ()) if (one, day, row.number) not in known]
        if missing:
            yield row.chain, row.number, missing
