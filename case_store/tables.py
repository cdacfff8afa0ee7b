"""What every table of the schema is made of, for SQLite and PostgreSQL alike: how its names are given, and its own types of columns.

Times are UTC. JSON columns hold plain data written by `records`. Rows are written with Core statements; there is no ORM. The tables
stand in `tables_*.py`, each room with those of one thing; all_tables.py gathers them.
Not here: how it came about (migrations/), search (search.py makes its own tables, since the two databases differ there).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, text, types
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def only_where(condition: str) -> dict[str, Any]:
    """Of an index that holds only the rows of which this is true; a statement has to say it with the same words, and no parameter."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class UtcTime(types.TypeDecorator[datetime]):
    """A point in time. SQLite keeps no zone, so UTC is put back on reading; a time without zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time needs its zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json: types.TypeEngine[Any] = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


Serial = BigInteger().with_variant(Integer, "sqlite")
