"""Cases that may tell one matter twice (handbook 1.2.2 (2)): found by indexes when a case is filed or its facts change.

Each filed case leaves a few *traits* in an index: its customer's name, its sum and time in rough steps, the numbers and the branch it
speaks of. Looking for duplicates means asking for the newest cases of each own trait and of each address of the customer: a fixed
number of steps through indexes, whatever the store holds, and the few that share most are compared (likeness.py). Resolved,
closed and withdrawn cases are found like any other: nobody should handle twice what was answered once.

What is found is only suggested. A pair that an agent has decided about is never suggested again.

Not here: what makes two cases alike (likeness.py), the agent's decision and what it does (same_matter.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from case_store.contacts import MANDATE
from case_store.likeness import Likeness, Matter, compare, concepts_in, figures_of, plain_name, span
from case_store.records import Facts
from case_store.search import plain_text
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_duplicates, case_traits, cases
from case_store.tables_customers import identities

SUGGESTED: Final = "suggested"
SAME: Final = "same"
DIFFERENT: Final = "different"

MOST: Final = 3  # suggestions that stand on a case at once
PER_TRAIT: Final = 40  # cases of one trait that are looked at, the newest
COMPARED: Final = 30  # of all of them, those that share most
OF_PERSON: Final = 20  # cases of the customer's own addresses
TRAITS: Final = 16  # of one case

_AMOUNT_STEP: Final = math.log(1.15)
_DAYS_STEP: Final = 45
_EPOCH: Final = date(2000, 1, 1)

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """`references` are newly suggested; `best` is the one that the record names as possible duplicate, if any."""

    references: tuple[str, ...] = ()
    best: str | None = None


def look(tx: Transaction, row: Row) -> Found:
    """Keeps the traits of a filed case, given as its row is from now on, and suggests the cases that may be the same matter."""
    mine = matter_of(row, _own_addresses(tx, row["id"]))
    keep_traits(tx, mine)
    known = _known(tx, row["id"])
    alike = _alike(tx, mine)
    wanted = {id: one for id, one in alike.items() if known.get(id) != DIFFERENT}
    kept = [id for id in wanted if known.get(id) in (None, SUGGESTED)][:MOST]
    _forget(tx, row["id"], [id for id, state in known.items() if state == SUGGESTED and id not in kept])
    new = [id for id in kept if id not in known]
    _suggest(tx, row["id"], new)
    same = _on_their_own(tx, [id for id, state in known.items() if state == SAME])
    references = _references(tx, [*same, *kept])
    best = next(iter(references.values()), None)
    return Found(tuple(references[id] for id in new), best)


def matter_of(row: Row, contacts: Iterable[str]) -> Matter:
    """What is compared of a row of `cases`."""
    judged = row["judgement"] or {}
    return Matter(
        case=row["id"],
        facts=Facts.from_json(row["facts"]),
        category=str(row["category"]),
        received_at=row["received_at"],
        topic=judged.get("category", {}).get("reason"),
        words=row["words"],
        contacts=frozenset(contacts),
        name=row["facts"].get("name") or row["customer"],
    )


# traits ----------------------------------------------------------------------------------------------------------


def traits_of(matter: Matter) -> tuple[str, ...]:
    """Under which words a case is found by one that may tell the same; two near sums or times share at least one."""
    found = [f"n:{plain_name(matter.name)}"] if matter.name and len(plain_name(matter.name)) > 1 else []
    found += [f"f:{figure}" for figure in sorted(figures_of(matter), key=len, reverse=True)[:3]]
    times = _steps((_day(matter) - _EPOCH).days / _DAYS_STEP)
    amount = matter.facts.amount
    if amount is not None and amount.value > 0:
        steps = _steps(math.log(float(amount.value)) / _AMOUNT_STEP)
        found += [f"a:{step}:{time}" for step in steps for time in times]
    if matter.facts.about:
        found += [f"b:{plain_text(matter.facts.about)[:40]}:{time}" for time in times]
    if amount is None:
        subjects = sorted(concepts_in(matter.text))
        found += [f"s:{'+'.join(subjects)[:50]}:{time}" for time in times if len(subjects) > 1]
    return tuple(dict.fromkeys(trait[:80] for trait in found))[:TRAITS]


def _steps(value: float) -> tuple[int, int]:
    """The two steps around a value: values less than a step apart share one."""
    below = math.floor(value)
    return below, below + 1


def _day(matter: Matter) -> date:
    received = matter.received_at.date()
    if matter.facts.occurred_on is None:
        return received
    first, last = span(matter.facts.occurred_on)
    return min(last, received) if (last - first).days < 60 else received


def keep_traits(tx: Transaction, matter: Matter) -> None:
    tx.execute(_DROP_TRAITS, {"of": matter.case})
    rows = [{"trait": trait, "at": matter.received_at, "case_id": matter.case} for trait in traits_of(matter)]
    if rows:
        tx.execute(_ADD_TRAITS, rows)


def is_waiting(tx: Transaction) -> bool:
    """Whether a filed case has no traits yet: it is older than they are."""
    return tx.execute(sa.select(cases.c.id).where(_UNTRACED).limit(1)).first() is not None


def trace_waiting(tx: Transaction, limit: int) -> int:
    """Gives older cases the traits they are found by. Answers how many; suggests nothing."""
    waiting = sa.select(cases).where(_UNTRACED).order_by(cases.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = list(tx.execute(waiting).mappings())
    if not rows:
        return 0
    ids = [row["id"] for row in rows]
    addresses = _addresses(tx, ids)
    for row in rows:
        keep_traits(tx, matter_of(row, addresses.get(row["id"], ())))
    tx.execute(sa.update(cases).where(cases.c.id.in_(ids)).values(untraced=False))
    return len(rows)


# who may be meant ------------------------------------------------------------------------------------------------


def _alike(tx: Transaction, mine: Matter) -> dict[str, Likeness]:
    """The cases that may be the same matter, the likeliest first."""
    ids = _candidates(tx, mine)
    if not ids:
        return {}
    addresses = _addresses(tx, ids)
    rows = tx.execute(_COMPARED_ROWS, {"these": ids}).mappings()
    found = {row["id"]: compare(mine, matter_of(row, addresses.get(row["id"], ()))) for row in rows}
    suggested = [(id, likeness) for id, likeness in found.items() if likeness.strength is not None]
    return dict(sorted(suggested, key=lambda pair: (-pair[1].score, pair[0])))


def _candidates(tx: Transaction, mine: Matter) -> list[str]:
    traits = traits_of(mine)
    asked = {f"trait_{n}": traits[n] if n < len(traits) else "" for n in range(TRAITS)}
    found = [row.case_id for row in tx.execute(_BY_TRAITS, {**asked, "but": mine.case})] if traits else []
    if mine.contacts:
        of_person = tx.execute(_BY_ADDRESS, {"these": list(mine.contacts), "but": mine.case})
        found += [row.case_id for row in of_person]
    return list(dict.fromkeys(found))


def _own_addresses(tx: Transaction, case_id: str) -> frozenset[str]:
    """The customer's addresses, with all that were proved to be the same customer's."""
    own = _addresses(tx, [case_id]).get(case_id, frozenset())
    return own | frozenset(tx.connection.scalars(_JOINED, {"these": list(own)})) if own else own


def _addresses(tx: Transaction, ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """The addresses of each case, without a proxy's: many complainants have the same."""
    found: dict[str, frozenset[str]] = {}
    for row in tx.execute(_ADDRESSES, {"these": list(ids)}):
        found[row.case_id] = found.get(row.case_id, frozenset()) | {row.address}
    return found


def _references(tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """In the order of the ids."""
    if not ids:
        return {}
    found = {row.id: row.reference for row in tx.execute(_REFERENCES, {"these": list(ids)})}
    return {id: found[id] for id in ids if found.get(id)}


def _on_their_own(tx: Transaction, ids: Sequence[str]) -> list[str]:
    """Those that were not merged: what is dealt with here, or under the other, is no duplicate to be looked at."""
    return list(tx.execute(_NOT_MERGED, {"these": list(ids)}).scalars()) if ids else []


# pairs -----------------------------------------------------------------------------------------------------------


def pair_of(one: str, other: str) -> dict[str, str]:
    """A pair has one row, whichever of the two was looked at."""
    first, second = sorted((one, other))
    return {"case_id": first, "other_id": second}


def of_case(tx: Transaction, case_id: str) -> dict[str, Row]:
    """The pairs of a case, by the id of the other."""
    rows = tx.execute(_PAIRS_OF, {"of": case_id}).mappings()
    return {row["other_id"] if row["case_id"] == case_id else row["case_id"]: row for row in rows}


def references_of(tx: Transaction, case_id: str) -> frozenset[str]:
    """The reference numbers of the cases that were suggested for this one, or decided about."""
    return frozenset(_references(tx, list(of_case(tx, case_id))).values())


def _known(tx: Transaction, case_id: str) -> dict[str, str]:
    return {other: row["state"] for other, row in of_case(tx, case_id).items()}


def _suggest(tx: Transaction, case_id: str, others: Sequence[str]) -> None:
    rows = [{**pair_of(case_id, other), "state": SUGGESTED, "suggested_at": tx.now} for other in others]
    for row in rows:
        tx.execute(_ADD_PAIR["postgresql" if tx.postgresql else "sqlite"], row)


def _forget(tx: Transaction, case_id: str, others: Sequence[str]) -> None:
    """Suggestions that the facts do not bear any more."""
    for other in others:
        pair = pair_of(case_id, other)
        tx.execute(_DROP_PAIR, {"one": pair["case_id"], "two": pair["other_id"]})


# Statements of the hot paths are built once: building one costs several times what running it does.
_THESE: Final[sa.BindParameter[Any]] = sa.bindparam("these", expanding=True)
_BUT: Final[sa.BindParameter[str]] = sa.bindparam("but")
_UNTRACED: Final = sa.text("cases.untraced AND cases.reference IS NOT NULL")
_DROP_TRAITS: Final = sa.delete(case_traits).where(case_traits.c.case_id == sa.bindparam("of"))
_ADD_TRAITS: Final = sa.insert(case_traits)
# of two cases that are looked at side by side either may be first to suggest the pair
_ADD_PAIR: Final = {
    name: dialect.insert(case_duplicates).on_conflict_do_nothing(index_elements=["case_id", "other_id"])
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_DROP_PAIR: Final = sa.delete(case_duplicates).where(
    case_duplicates.c.case_id == sa.bindparam("one"), case_duplicates.c.other_id == sa.bindparam("two")
)
_PAIRS_OF: Final = sa.select(case_duplicates).where(
    sa.or_(case_duplicates.c.case_id == sa.bindparam("of"), case_duplicates.c.other_id == sa.bindparam("of"))
)


def _newest_of(trait: str) -> sa.Select[Any]:
    """The newest cases of one trait: a walk along the primary key from its end."""
    newest = (
        sa.select(case_traits.c.case_id)
        .where(case_traits.c.trait == sa.bindparam(trait))
        .order_by(case_traits.c.at.desc(), case_traits.c.case_id.desc())
        .limit(PER_TRAIT)
    )
    return sa.select(newest.subquery().c.case_id)


_TRAIT_HITS: Final = sa.union_all(*(_newest_of(f"trait_{n}") for n in range(TRAITS))).subquery()
_BY_TRAITS: Final = (
    sa.select(_TRAIT_HITS.c.case_id)
    .where(_TRAIT_HITS.c.case_id != _BUT)
    .group_by(_TRAIT_HITS.c.case_id)
    .order_by(sa.func.count().desc(), _TRAIT_HITS.c.case_id)
    .limit(COMPARED)
)
_BY_ADDRESS: Final = (
    sa.select(case_contacts.c.case_id)
    .where(case_contacts.c.address.in_(_THESE), case_contacts.c.case_id != _BUT)
    .order_by(case_contacts.c.at.desc())
    .limit(OF_PERSON)
)
_known_as, _same_as = identities.alias("known"), identities.alias("same")
_JOINED: Final = (
    sa.select(_same_as.c.address)
    .join(_known_as, _known_as.c.customer == _same_as.c.customer)
    .where(_known_as.c.address.in_(_THESE))
)
_ADDRESSES: Final = sa.select(case_contacts.c.case_id, case_contacts.c.address).where(
    case_contacts.c.case_id.in_(_THESE), sa.or_(case_contacts.c.proof.is_(None), case_contacts.c.proof != MANDATE)
)
_COMPARED_ROWS: Final = sa.select(
    *(cases.c[name] for name in ("id", "facts", "words", "category", "judgement", "customer", "received_at"))
).where(cases.c.id.in_(_THESE), cases.c.reference.is_not(None))
_NOT_MERGED: Final = (
    sa.select(cases.c.id).where(cases.c.id.in_(_THESE), cases.c.merged_into.is_(None)).order_by(cases.c.id)
)
_REFERENCES: Final = sa.select(cases.c.id, cases.c.reference).where(cases.c.id.in_(_THESE))
