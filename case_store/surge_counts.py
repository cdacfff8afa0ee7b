"""How many complaints came in a stretch of time, by channel, category and what they are about: counted from the rows of the cases, never from memory.

Units that only read. A case counts from when it was entered, drafts too: an outage fills the chat before anybody has a reference number. What a
case is about may name several things (`滨江支行 · 理财`): each counts. A number that stories name, such as a product's, is told by the
case's traits. Different customers are told apart by their contact; whoever has left none counts as nobody, so that one person with twenty
chats is no crowd.

Not here: what is usual (gateway/surge_rules.py), surges (surges.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.search import plain_text
from case_store.store import Transaction
from case_store.tables_cases import case_traits, cases

JOINT: Final = " · "  # between the things that a complaint is about
LONGEST: Final = 80
FIGURE: Final = "f:"  # traits that are numbers of something: duplicates.traits_of
MOST_ROWS: Final = 20_000  # of one stretch: beyond that every count is far beyond any threshold
EXAMPLES: Final = 10

Facet = tuple[str, str]
"""A dimension and a value: `("channel", "email")`, `("about", "滨江支行")`, `("all", "")`."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A case as far as counting minds."""

    id: str
    channel: str
    category: str
    about: str | None = None
    contact: str | None = None
    figures: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(slots=True)
class Counts:
    """Cases by facet; of each facet the customers and the first cases."""

    cases: Counter[Facet] = field(default_factory=Counter)
    customers: dict[Facet, set[str]] = field(default_factory=dict)
    examples: dict[Facet, list[str]] = field(default_factory=dict)

    def crowd(self, facet: Facet) -> int:
        return len(self.customers.get(facet, ()))


def things(about: str | None) -> tuple[str, ...]:
    """What a complaint is about, each in one form: `滨江支行 · 理财` is two."""
    parts = (plain_text(part).strip()[:LONGEST] for part in (about or "").split(JOINT))
    return tuple(dict.fromkeys(part for part in parts if part))


def facets(one: Entered) -> list[Facet]:
    plain: list[Facet] = [("all", ""), ("channel", one.channel), ("category", one.category)]
    about = [("about", thing) for thing in things(one.about)]
    return [*plain, *about, *(("figure", figure) for figure in one.figures)]


def counted(entered: Iterable[Entered]) -> Counts:
    found = Counts()
    for one in entered:
        for facet in facets(one):
            found.cases[facet] += 1
            if one.contact:
                found.customers.setdefault(facet, set()).add(one.contact)
            examples = found.examples.setdefault(facet, [])
            if len(examples) < EXAMPLES:
                examples.append(one.id)
    return found


def entered(tx: Transaction, since: datetime, until: datetime) -> list[Entered]:
    """Cases entered from `since` until before `until`, the last first: two statements."""
    c = cases.c
    within = [c.created_at >= since, c.created_at < until]
    rows = tx.execute(
        sa.select(c.id, c.created_at, c.channel, c.category, _fact("about"), _fact("contact"))
        .where(*within)
        .order_by(c.created_at.desc())
        .limit(MOST_ROWS)
    ).all()
    figures: dict[str, list[str]] = {}
    if rows:
        t = case_traits.c
        named = sa.select(t.case_id, t.trait).join(cases, c.id == t.case_id).where(*within, t.trait.like(f"{FIGURE}%"))
        for row in tx.execute(named.distinct()):
            figures.setdefault(row.case_id, []).append(row.trait.removeprefix(FIGURE))
    return [
        Entered(
            *(row.id, row.channel, row.category, row.about, row.contact),
            tuple(sorted(figures.get(row.id, ()))),
            row.created_at,
        )
        for row in rows
    ]


def past(
    tx: Transaction, stretches: Sequence[tuple[datetime, datetime]], wanted: Iterable[Facet]
) -> dict[Facet, list[int]]:
    """How many cases of each facet came in each of these stretches: at most two statements, however many there are."""
    found: dict[Facet, list[int]] = {facet: [0] * len(stretches) for facet in wanted}
    if not stretches or not found:
        return found
    for at, one, times in _grouped(tx, stretches):
        for facet in facets(one):
            if facet in found and facet[0] != "figure":
                found[facet][at] += times
    for at, figure, times in _figures(tx, stretches, [value for kind, value in found if kind == "figure"]):
        found["figure", figure][at] += times
    return found


def _grouped(tx: Transaction, stretches: Sequence[tuple[datetime, datetime]]) -> Iterable[tuple[int, Entered, int]]:
    c = cases.c
    about = _fact("about")
    parts = [
        sa.select(sa.literal(at).label("at"), c.channel, c.category, about, sa.func.count().label("times"))
        .where(c.created_at >= since, c.created_at < until)
        .group_by(c.channel, c.category, about)
        for at, (since, until) in enumerate(stretches)
    ]
    for row in tx.execute(sa.union_all(*parts)):
        yield row.at, Entered("", row.channel, row.category, row.about), row.times


def _figures(
    tx: Transaction, stretches: Sequence[tuple[datetime, datetime]], figures: Sequence[str]
) -> Iterable[tuple[int, str, int]]:
    if not figures:
        return
    c, t = cases.c, case_traits.c
    wanted = [FIGURE + figure for figure in figures]
    parts = [
        sa.select(sa.literal(at).label("at"), t.trait, sa.func.count(c.id.distinct()).label("times"))
        .join(cases, c.id == t.case_id)
        .where(c.created_at >= since, c.created_at < until, t.trait.in_(wanted))
        .group_by(t.trait)
        for at, (since, until) in enumerate(stretches)
    ]
    for row in tx.execute(sa.union_all(*parts)):
        yield row.at, row.trait.removeprefix(FIGURE), row.times


def _fact(name: str) -> sa.Label[Any]:
    fact: sa.Label[Any] = cases.c.facts[name].as_string().label(name)
    return fact


def known_since(tx: Transaction) -> datetime | None:
    """When the first case was entered: what came before that nobody knows."""
    found: datetime | None = tx.execute(sa.select(sa.func.min(cases.c.created_at))).scalar_one_or_none()
    return found


def references(tx: Transaction, ids: Iterable[str]) -> Mapping[str, str | None]:
    found = tx.execute(sa.select(cases.c.id, cases.c.reference).where(cases.c.id.in_(list(ids))))
    return {row.id: row.reference for row in found}
