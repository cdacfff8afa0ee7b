"""Pages of a list: what comes beyond the last one that was seen, in an order that rows written meanwhile don't disturb.

A list is ordered by a moment and, for those of the same moment, by id; the next page begins after a pair of both, wherever that
has got to meanwhile. Not here: the cursor as clients hold it (gateway/api/paging.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

LastSeen = tuple[datetime, str]
"""The moment and the id of the last one on the page before."""


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


def _pair(at: sa.Column[Any], id: sa.Column[Any], seen: LastSeen) -> sa.Tuple:
    return sa.tuple_(sa.literal(seen[0], at.type), sa.literal(seen[1], id.type))
