"""Lists of cases by what is chosen of them: each read from an index, a page at a time, however many cases there are.

What is ordered by is what a range is given of: the last change, the filing, or the day the feedback is due. Of several values of one
field each is looked up on its own, as far as the page goes, and then they are put in order: an index that begins with the field serves
one value, and a million closed cases are not sorted for fifty. Of several fields together, the one that tells most leads: a hold, an
assignee, a team. Where none does, cases are gone through in their order by an index that holds all that may be asked for, so that a row
is looked at only if it is listed. SQLite, which does not know how many rows have a value, is told so; PostgreSQL knows better.

Not here: lists that agents work from (views.py), searching (search.py), cursors (pages.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from case_store import pages
from case_store.case_record import CaseRecord
from case_store.cases import records
from case_store.pages import LastSeen, Span
from case_store.store import Transaction
from case_store.tables_cases import OPEN_CASES, cases

FIELDS: Final = ("status", "category", "risk", "channel", "language")
"""Of which any one of several values may be asked for."""


class _Unled(FunctionElement[Any]):
    """A column by which SQLite does not look rows up: its unary plus. An index that is led by another may tell it yet."""

    inherit_cache = True

    def __init__(self, column: sa.Column[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_Unled)
def _as_it_is(element: _Unled, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(element.clauses, **more)


@compiles(_Unled, "sqlite")
def _with_plus(element: _Unled, compiler: SQLCompiler, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; nothing means any. `before` is (moment, id) of the last one seen, by the moment it is ordered by."""

    status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    assignee: str | None = None
    unassigned: bool = False
    teams: Collection[str] | sa.Select[Any] | None = None  # any of these
    held: bool | None = None
    updated: Span = Span()
    created: Span = Span()
    due: Span = Span()  # of open cases, the first to be due first
    drafts: bool = True
    ids: Sequence[str] | None = None
    before: LastSeen | None = None

    def place(self, record: CaseRecord) -> LastSeen:
        """What the list is ordered by."""
        if self.due:
            assert record.feedback_due_at is not None
            return record.feedback_due_at, record.id
        return (record.created_at if self.created else record.updated_at), record.id

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """All of it, as a search narrows its finds by."""
        equal = self.equalities().items()
        return [_is_one(name, values, leads=True) for name, values in equal] + self.others()

    def others(self) -> list[sa.ColumnElement[bool]]:
        """What is no equality of a field: leads no index but that of holds, and those of the orders."""
        c = cases.c
        found: list[sa.ColumnElement[bool]] = [sa.literal_column(OPEN_CASES)] if self.due else []
        if not self.drafts:
            found.append(c.reference.is_not(None))
        if self.held is not None:
            found.append(c.held_since.is_not(None) if self.held else c.held_since.is_(None))
        for column, span in ((c.updated_at, self.updated), (c.created_at, self.created), (c.feedback_due_at, self.due)):
            found += span.of(column)
        return found

    def equalities(self) -> dict[str, Sequence[Any] | sa.Select[Any]]:
        """Columns and the values of which they have one; `None` for nobody's."""
        found: dict[str, Any] = {name: values for name in FIELDS if (values := getattr(self, name))}
        if self.unassigned:
            found["assignee"] = (None,)
        if self.assignee is not None:
            found["assignee"] = (self.assignee,)
        if self.teams is not None:
            found["team"] = self.teams if isinstance(self.teams, sa.Select) else tuple(self.teams)
        return found


def listing(tx: Transaction, chosen: CaseFilter, limit: int = 50) -> list[CaseRecord]:
    """Cases, last changed first; last filed first or first due first where that is what a range is given of."""
    if isinstance(chosen.teams, sa.Select):
        chosen = replace(chosen, teams=tuple(tx.execute(chosen.teams).scalars()))
    return records(tx, tx.execute(statement(chosen, limit)).mappings().all())


def statement(chosen: CaseFilter, limit: int) -> sa.Select[Any]:
    c, equal = cases.c, chosen.equalities()
    leads = _leader(chosen, equal)
    rest = [_is_one(name, values, leads=name == leads) for name, values in equal.items()] + chosen.others()
    if chosen.due:
        found = sa.select(cases).where(*rest)
        return pages.oldest_first(_among(found, chosen), c.feedback_due_at, c.id, chosen.before).limit(limit)
    at = c.created_at if chosen.created else c.updated_at
    values = equal.get(leads) if leads else None
    if leads is None or not isinstance(values, tuple) or len(values) < 2:
        found = _among(sa.select(cases).where(*rest), chosen)
        return pages.newest_first(found, at, c.id, chosen.before).limit(limit)
    rest = [_is_one(name, one, leads=False) for name, one in equal.items() if name != leads] + chosen.others()
    ids = pages.first_of_each(c[leads], values, rest, (at, c.id, chosen.before, limit))
    return pages.newest_first(sa.select(cases).where(c.id.in_(ids)), at, c.id, None).limit(limit)


def _leader(chosen: CaseFilter, equal: Mapping[str, object]) -> str | None:
    """The column by which cases are looked up; None: by the order of the list, by the ids, or by who is held."""
    if chosen.created or chosen.due or chosen.held or chosen.ids is not None:
        return None
    if chosen.assignee is not None:
        return "assignee"
    if "team" in equal:
        return "team"
    return next(iter(equal)) if len(equal) == 1 else None


def _is_one(name: str, values: Sequence[Any] | sa.Select[Any], *, leads: bool) -> sa.ColumnElement[bool]:
    """One value is looked for as that: an index that goes on by the moment then gives the order too."""
    column = cases.c[name] if leads else _Unled(cases.c[name])
    if isinstance(values, sa.Select) or len(values) != 1:
        return column.in_(values)
    return column.is_(None) if values[0] is None else column == values[0]


def _among(found: sa.Select[Any], chosen: CaseFilter) -> sa.Select[Any]:
    return found if chosen.ids is None else found.where(cases.c.id.in_(chosen.ids))
