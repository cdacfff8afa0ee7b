"""Lists of cases by what is chosen of them: each read from an index, a page at a time, however many cases there are.

What is ordered by is what a range is given of: the last change, the filing, or the day the feedback is due. Of several values of one
field each is looked up on its own, as far as the page goes, and then they are put in order: an index that begins with the field serves
one value, and a million closed cases are not sorted for fifty.

Not here: lists that agents work from (views.py), searching (search.py), cursors (pages.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import pages
from case_store.cases import CaseRecord, records
from case_store.pages import LastSeen, Span
from case_store.store import Transaction
from case_store.tables import OPEN_CASES, cases

FIELDS: Final = ("status", "category", "risk", "channel", "language")
"""Of which any one of several values may be asked for."""


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
        c = cases.c
        found = [c[name].in_(values) for name in FIELDS if (values := getattr(self, name))]
        return found + self.others()

    def others(self) -> list[sa.ColumnElement[bool]]:
        c = cases.c
        found: list[sa.ColumnElement[bool]] = []
        if self.assignee is not None:
            found.append(c.assignee == self.assignee)
        if not self.drafts:
            found.append(c.reference.is_not(None))
        if self.unassigned:
            found.append(c.assignee.is_(None))
        if self.teams is not None:
            found.append(c.team.in_(self.teams))
        if self.held is not None:
            found.append(c.held_since.is_not(None) if self.held else c.held_since.is_(None))
        for column, span in ((c.updated_at, self.updated), (c.created_at, self.created), (c.feedback_due_at, self.due)):
            found += span.of(column)
        return found


def listing(tx: Transaction, chosen: CaseFilter, limit: int = 50) -> list[CaseRecord]:
    """Cases, last changed first; last filed first or first due first where that is what a range is given of."""
    return records(tx, tx.execute(statement(chosen, limit)).mappings().all())


def statement(chosen: CaseFilter, limit: int) -> sa.Select[Any]:
    c = cases.c
    if chosen.due:
        found = sa.select(cases).where(sa.text(OPEN_CASES), *chosen.conditions())
        return pages.oldest_first(_among(found, chosen), c.feedback_due_at, c.id, chosen.before).limit(limit)
    at = c.created_at if chosen.created else c.updated_at
    several = next((name for name in FIELDS if len(getattr(chosen, name)) > 1), None)
    if several is None or chosen.created or chosen.ids is not None:
        found = _among(sa.select(cases).where(*_conditions(chosen)), chosen)
        return pages.newest_first(found, at, c.id, chosen.before).limit(limit)
    page, rest = (at, c.id, chosen.before, limit), _conditions(chosen, but=several)
    ids = pages.first_of_each(c[several], getattr(chosen, several), rest, page)
    return pages.newest_first(sa.select(cases).where(c.id.in_(ids)), at, c.id, None).limit(limit)


def _conditions(chosen: CaseFilter, *, but: str | None = None) -> list[sa.ColumnElement[bool]]:
    """One value is looked for as that: an index that goes on by the moment then gives the order too."""
    found: list[sa.ColumnElement[bool]] = []
    for name in FIELDS:
        values, column = getattr(chosen, name), cases.c[name]
        if values and name != but:
            found.append(column == values[0] if len(values) == 1 else column.in_(values))
    return found + chosen.others()


def _among(found: sa.Select[Any], chosen: CaseFilter) -> sa.Select[Any]:
    return found if chosen.ids is None else found.where(cases.c.id.in_(chosen.ids))
