"""Rows that one node takes for itself while others take theirs: those that are due, under lock, as many as it asked for.

Not here: what is due (arrivals, turns, calls, timers, attachments), nor how long it is theirs.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def taken(due: sa.Select[Any]) -> sa.Select[Any]:
    """The rows of ``due`` that nobody else has under lock, for the ``IN`` of the statement that leases them.

    Found once, before anything is leased. PostgreSQL may run a query that stands within ``IN`` anew for each row that it compares; as each run
    passes over the rows that the last ones have locked, such a statement takes all that is due, whatever the limit.
    """
    once = due.with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED", dialect="postgresql")
    return sa.select(*once.c)
