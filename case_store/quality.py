"""Score sheets of drawn cases: written by a supervisor, handed in, fed back to whoever handled the case (handbook 8.1.4).

Units over a transaction. A draft is its reviewers' alone. What was handed in is fixed: whoever changes it hands in another edition and says
why, and the earlier ones stay. Its handler may say something to it, once. The chain of the house keeps every edition's score; the chain of the
case keeps that it was reviewed, without the score, for every agent reads that.

Not here: which cases are drawn (drawing.py), criteria and scores (gateway/quality_policy.py, gateway/scoring.py), who may do what (gateway/api).

QualityError
├── NoSuchSheet       there is none, or not for them
├── OneOfTheirs       whoever handled the case, or wrote in it, does not score it
├── HandedIn          it is fixed: only another edition, with its reason, changes it
├── ReasonNeeded      another edition says why
└── Stated            its handler has said what they had to say
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, pages
from case_store.audit import HOUSE, Entry, case_chain
from case_store.cases import LostUpdate
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import messages
from case_store.tables_people import agents
from case_store.tables_quality import quality_editions, quality_samples, quality_sheets

DRAWN: Final = "drawn"
DRAFT: Final = "draft"
HANDED_IN: Final = "handed_in"
STATES: Final = (DRAWN, DRAFT, HANDED_IN)

Row = Mapping[Any, Any]


class QualityError(Exception):
    """Anything that can't be done with a score sheet."""


class NoSuchSheet(QualityError, LookupError):
    """There is none, or not for them."""


class OneOfTheirs(QualityError):
    """Whoever handled the case, or wrote in it, does not score it."""


class HandedIn(QualityError):
    """It is fixed: only another edition, with its reason, changes it."""


class ReasonNeeded(QualityError):
    """Another edition says why."""


class Stated(QualityError):
    """Its handler has said what they had to say."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a reviewer has written: grades with remarks by criterion, an overall remark, and what they come to by the criteria in force."""

    grades: Mapping[str, Mapping[str, str]]
    remark: str
    score: float | None = None
    criteria: Sequence[Mapping[str, Any]] = ()
    policy_version: str = ""


@dataclass(frozen=True, slots=True)
class Reviewer:
    id: str
    name: str
    actor: str


_SHEET: Final = (
    sa.select(
        *quality_sheets.c,
        cases.c.reference,
        agents.c.username.label("handler_username"),
        agents.c.name.label("handler_name"),
    )
    .join(cases, cases.c.id == quality_sheets.c.case_id)
    .join(agents, agents.c.id == quality_sheets.c.handler)
)


# reading ---------------------------------------------------------------------------------------------------------


def samples(tx: Transaction, *, after: LastSeen | None = None, limit: int = 50) -> list[Row]:
    """The last drawn first, each with how many of its sheets are in which state."""
    p, s = quality_samples.c, quality_sheets.c
    done = sa.func.coalesce(sa.func.sum(sa.case((s.state == HANDED_IN, 1), else_=0)), 0)
    shown = [column for column in p if column.name != "pool"]
    found = (
        sa.select(*shown, sa.func.count(s.id).label("sheets"), done.label("handed_in"))
        .outerjoin(quality_sheets, s.sample_id == p.id)
        .group_by(p.id)
    )
    return list(tx.execute(pages.newest_first(found, p.at, p.id, after).limit(limit)).mappings())


def sheets_of(tx: Transaction, sample_id: str) -> list[Row]:
    s = quality_sheets.c
    return list(tx.execute(_SHEET.where(s.sample_id == sample_id).order_by(s.place)).mappings())


def of_handler(tx: Transaction, handler: str, *, after: LastSeen | None = None, limit: int = 50) -> list[Row]:
    """What was handed in about an agent's own cases, the last first."""
    s = quality_sheets.c
    found = _SHEET.where(s.handler == handler, s.state == HANDED_IN)
    return list(tx.execute(pages.newest_first(found, s.handed_in_at, s.id, after).limit(limit)).mappings())


def unseen(tx: Transaction, handler: str) -> int:
    s = quality_sheets.c
    counted = sa.select(sa.func.count()).where(s.handler == handler, s.handed_in_at.is_not(None), s.seen_at.is_(None))
    return int(tx.execute(counted).scalar_one())


def sheet(tx: Transaction, id: str) -> Row:
    """Raises NoSuchSheet."""
    row = tx.execute(_SHEET.where(quality_sheets.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NoSuchSheet(id)
    return row


def editions(tx: Transaction, id: str) -> list[Row]:
    e = quality_editions.c
    return list(tx.execute(sa.select(quality_editions).where(e.sheet_id == id).order_by(e.edition)).mappings())


def handed_in(
    tx: Transaction, since: datetime, until: datetime, *, handler: str | None = None, channel: str | None = None
) -> list[Row]:
    """The newest edition of each sheet that was handed in within a period, with whose case it was and the channel by which it came."""
    s, e = quality_sheets.c, quality_editions.c
    found = (
        sa.select(
            *(s.id, s.channel, s.category, s.handed_in_at, s.score, e.grades, e.criteria),
            agents.c.username,
            agents.c.name,
        )
        .join(quality_editions, sa.and_(e.sheet_id == s.id, e.edition == s.edition))
        .join(agents, agents.c.id == s.handler)
        .where(s.handed_in_at >= since, s.handed_in_at < until)
    )
    if handler is not None:
        found = found.where(agents.c.username == handler)
    if channel is not None:
        found = found.where(s.channel == channel)
    return list(tx.execute(found.order_by(s.handed_in_at, s.id)).mappings())


# writing ---------------------------------------------------------------------------------------------------------


def save(tx: Transaction, id: str, scored: Scored, *, version: int | None, by: Reviewer) -> Row:
    """Keeps a draft. Raises NoSuchSheet, OneOfTheirs, HandedIn, LostUpdate."""
    before = _for_reviewer(tx, id, version, by)
    if before["state"] == HANDED_IN:
        raise HandedIn
    audit.append(tx, HOUSE, Entry(by.actor, "quality_saved", {"sheet": id, "case": before["case_id"]}))
    _write(tx, before, state=DRAFT, **_of(scored, by))
    return sheet(tx, id)


def hand_in(tx: Transaction, id: str, scored: Scored, *, version: int | None, by: Reviewer, reason: str | None) -> Row:
    """Fixes what was found, and tells the handler. Raises NoSuchSheet, OneOfTheirs, ReasonNeeded, LostUpdate."""
    before = _for_reviewer(tx, id, version, by)
    edition = before["edition"] + 1
    if edition > 1 and not reason:
        raise ReasonNeeded
    found = {"edition": edition, "score": scored.score, "policy": scored.policy_version, "reason": reason}
    grades = {name: one["grade"] for name, one in scored.grades.items()}
    # the case's chain first: whoever holds a case may go on to append to the house's
    audit.append(tx, case_chain(before["case_id"]), Entry(by.actor, "quality_reviewed", {"edition": edition}))
    told = {"sheet": id, "case": before["case_id"], **found, "grades": grades}
    audit.append(tx, HOUSE, Entry(by.actor, "quality_handed_in", told))
    kept = {"grades": _plain(scored.grades), "remark": scored.remark, "score": scored.score, "reason": reason}
    by_then = {"policy_version": scored.policy_version, "criteria": [dict(one) for one in scored.criteria]}
    values = {"sheet_id": id, "edition": edition, **kept, **by_then, "by": by.name, "at": tx.now}
    tx.execute(sa.insert(quality_editions).values(**values))
    state = {"state": HANDED_IN, "edition": edition, "score": scored.score, "handed_in_at": tx.now, "seen_at": None}
    _write(tx, before, **state, **_of(scored, by))
    tx.wake("quality", before["handler"])
    return sheet(tx, id)


def see(tx: Transaction, id: str, handler: str) -> Row:
    """Its handler has it before them. Raises NoSuchSheet."""
    before = _for_handler(tx, id, handler)
    if before["seen_at"] is None:
        tx.execute(sa.update(quality_sheets).where(quality_sheets.c.id == id).values(seen_at=tx.now))
        tx.wake("quality", handler)
    return sheet(tx, id)


def state(tx: Transaction, id: str, text: str, *, handler: str, actor: str) -> Row:
    """What its handler has to say to it. Raises NoSuchSheet, Stated."""
    before = _for_handler(tx, id, handler)
    if before["statement"] is not None:
        raise Stated
    digest = hashlib.sha256(
        text.encode()
    ).hexdigest()  # the words may tell of the customer, and the house's chain is kept
    audit.append(tx, HOUSE, Entry(actor, "quality_stated", {"sheet": id, "case": before["case_id"], "sha256": digest}))
    _write(tx, before, statement=text, stated_at=tx.now)
    return sheet(tx, id)


def _of(scored: Scored, by: Reviewer) -> dict[str, Any]:
    written = {"grades": _plain(scored.grades), "remark": scored.remark}
    return {**written, "reviewer": by.id, "reviewer_name": by.name}


def _plain(grades: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: dict(one) for name, one in grades.items()}


def _write(tx: Transaction, before: Row, **values: Any) -> None:
    moved_on = {"version": before["version"] + 1, "updated_at": tx.now}
    tx.execute(sa.update(quality_sheets).where(quality_sheets.c.id == before["id"]).values(**values, **moved_on))


def _locked(tx: Transaction, id: str) -> Row:
    found = sa.select(quality_sheets).where(quality_sheets.c.id == id).with_for_update()
    row = tx.execute(found).mappings().one_or_none()
    if row is None:
        raise NoSuchSheet(id)
    return row


def _for_handler(tx: Transaction, id: str, handler: str) -> Row:
    row = _locked(tx, id)
    if row["handler"] != handler or row["state"] != HANDED_IN:
        raise NoSuchSheet(id)
    return row


def _for_reviewer(tx: Transaction, id: str, version: int | None, by: Reviewer) -> Row:
    row = _locked(tx, id)
    if row["handler"] == by.id:
        raise (
            OneOfTheirs if row["state"] == HANDED_IN else NoSuchSheet(id)
        )  # that there is a draft is not for them to know
    if _wrote_in(tx, row["case_id"], by.id):
        raise OneOfTheirs
    if version is not None and row["version"] != version:
        raise LostUpdate(row["version"])
    return row


def _wrote_in(tx: Transaction, case_id: str, agent: str) -> bool:
    link, m = case_conversations.c, messages.c
    wrote = (
        sa.select(m.number)
        .join(case_conversations, link.conversation_id == m.conversation_id)
        .where(link.case_id == case_id, m.agent_id == agent)
    )
    return tx.execute(wrote.limit(1)).first() is not None
