"""Long lists of values, of which one statement names so many and no more: a database takes only so many parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

_AT_ONCE: Final = 500


def slices(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def piece_by_piece(column: Any, values: Sequence[Any] | None) -> list[sa.ColumnElement[bool]]:
    """Conditions that together choose the rows with one of these values; None: all rows."""
    return [sa.true()] if values is None else [column.in_(some) for some in slices(values)]
