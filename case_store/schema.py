"""Brings a database to the schema of this software, and refuses one of another.

A start on a database that is up to date asks one question and leaves Alembic unimported. Two processes that start together
on one PostgreSQL take turns. To change the schema: change the room of its table (tables_*.py), add a file to migrations/versions with the next number
and its number to REVISIONS (never change one that somebody may have run); the tests compare what the migrations make with the tables, from the first revision on.

Not here: the schema itself (all_tables.py, search.py).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from case_store.store import SchemaMismatch, Store, Transaction

REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0005",
    "0006",
    "0007",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0029",
    "0030",
    "0031",
    "0032",
    "0035",
    "0036",
    "0037",
    "0038",
    "0039",
)
HEAD: Final = REVISIONS[-1]

_LOCK: Final = 0x71696E6774696E67  # "qingting": the advisory lock under which one process migrates


def upgrade(store: Store | str, to: str = HEAD) -> str:
    """Migrates the database, a store or its address, to this software's schema. Answers the revision it had before, or ''.

    `to` is an older revision only where the way from there is tested. Raises SchemaMismatch for a database of a newer version or of another program.
    """
    if isinstance(store, str):
        with closing(Store(store, readers=1)) as opened:
            return upgrade(opened, to)
    found = version(store)
    if found != to:
        _refuse_unknown(found)
        store.write_now(_migrate, to)
    return found or ""


def version(store: Store) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return store.read_now(_version)


def check(store: Store) -> None:
    """Raises SchemaMismatch unless the database has exactly this software's schema."""
    found = version(store)
    _refuse_unknown(found)
    if found != HEAD:
        raise SchemaMismatch(
            f"the database is at schema {found or 'none'}, this software needs {HEAD}: migrate it first"
        )


def _version(tx: Transaction) -> str | None:
    there = sa.inspect(tx.connection)
    if there.has_table("alembic_version"):
        found: str | None = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return found
    if there.has_table("cases") or there.has_table("conversations"):
        raise SchemaMismatch("the database holds tables that no version of this software has made")
    return None


def _refuse_unknown(found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise SchemaMismatch(
            f"the database is at schema {found}, which this version does not know (it knows up to {HEAD}): "
            "it was used by a newer version; start that one"
        )


def _migrate(tx: Transaction, target: str) -> None:
    if tx.postgresql:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _version(tx) == target:  # another process was quicker
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx.connection
    command.upgrade(config, target)
