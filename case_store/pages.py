"""Pages of a list: what comes beyond the last one that was seen, in an order that rows written meanwhile don't disturb.

A list is ordered by a moment and, for those of the same moment, by id; the next page begins after a pair of both, wherever that
has got to meanwhile. Not here: the cursor as clients hold it (gateway/api/paging.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

LastSeen = tuple[datetime, str]
"""The moment and the id of the last one on the page before."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on, and before another."""

    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def of(self, column: sa.Column[Any]) -> list[sa.ColumnElement[bool]]:
        since = [] if self.since is None else [column >= self.since]
        return since if self.until is None else [*since, column < self.until]


def newest_first(
    found: sa.Select[Any], at: sa.Column[Any], id: sa.Column[Any], after: LastSeen | None
) -> sa.Select[Any]:
    ordered = found.order_by(at.desc(), id.desc())
    return ordered if after is None else ordered.where(sa.tuple_(at, id) < _pair(at, id, after))


def oldest_first(
    found: sa.Select[Any], at: sa.Column[Any], id: sa.Column[Any], after: LastSeen | None
) -> sa.Select[Any]:
    ordered = found.order_by(at, id)
    return ordered if after is None else ordered.where(sa.tuple_(at, id) > _pair(at, id, after))


def first_of_each(
    column: sa.Column[Any], values: Sequence[Any], rest: Sequence[sa.ColumnElement[bool]], page: Page
) -> sa.CompoundSelect[Any]:
    """Ids of the newest of each value, as many of each as a page holds: what an index that begins with the column gives."""
    at, id, after, limit = page
    each = [newest_first(sa.select(id).where(column == one, *rest), at, id, after).limit(limit) for one in values]
    return sa.union_all(*(sa.select(one.subquery().c[id.name]) for one in each))


Page = tuple[sa.Column[Any], sa.Column[Any], LastSeen | None, int]
"""The moment and the id that a list is ordered by, the last one seen, and how many."""


def _pair(at: sa.Column[Any], id: sa.Column[Any], seen: LastSeen) -> sa.Tuple:
    return sa.tuple_(sa.literal(seen[0], at.type), sa.literal(seen[1], id.type))
