"""Databases for tests, cloned from the migrated template and emptied between tests.

A clone is some five hundred files, a third of a second of work for the system; emptying one that is there takes a fiftieth of
that. What a test did to the schema is not undone: such a clone is thrown away. Whatever a migration has filled in comes back. A clone on
which somebody still works is thrown away too: a gateway that a test has left running would write on into another test's database.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import psycopg
from psycopg import sql

_SHAPE = """
SELECT md5(string_agg(told, '|' ORDER BY told)) FROM (
    SELECT concat_ws(' ', 'table', c.oid, c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull, a.attisdropped) AS told
      FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'rule', oid, conname, convalidated) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'code', oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'set', setdatabase, setrole, setconfig) FROM pg_db_role_setting
) AS told
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LEAVING = 0.25  # seconds in which connections that were closed are gone


class Clones:
    """Of one cluster. `take` answers the name of a database as the migrations leave it; `give` takes it back."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._free: list[str] = []
        self._shape: dict[str, str] = {}
        self._tables: list[str] = []
        self._filled: list[str] = []
        self._sequences: list[tuple[str, int, bool]] = []

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        name = f"test_{secrets.token_hex(6)}"
        self._cluster.run(f"CREATE DATABASE {name} TEMPLATE template")
        with psycopg.connect(self._cluster.url(name), autocommit=True) as database:
            if not self._tables:
                self._look(database)
            database.execute("CREATE SCHEMA filled")
            for table in self._filled:
                database.execute(sql.SQL("CREATE TABLE filled.{0} AS TABLE public.{0}").format(sql.Identifier(table)))
            self._shape[name] = _one(database, _SHAPE)
        return name

    def _look(self, database: psycopg.Connection[Any]) -> None:
        self._tables = [name for (name,) in database.execute(_TABLES.encode())]
        some = sql.SQL("SELECT EXISTS (SELECT FROM {})")
        self._filled = [name for name in self._tables if _one(database, some.format(sql.Identifier(name)))]
        named = database.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
        state = sql.SQL("SELECT last_value, is_called FROM {}")
        for (name,) in named:
            found = database.execute(state.format(sql.Identifier(name))).fetchone()
            assert found is not None
            self._sequences.append((name, *found))

    def give(self, name: str) -> None:
        if self._is_emptied(name):
            self._free.append(name)
        else:
            self._cluster.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _is_emptied(self, name: str) -> bool:
        try:
            with psycopg.connect(self._cluster.url(name)) as database:
                if not _is_left(database) or _one(database, _SHAPE) != self._shape[name]:
                    return False
                database.execute(self._emptying())
        except psycopg.Error:
            return False
        return True

    def _emptying(self) -> sql.Composed:
        """Without triggers and foreign keys: every table is emptied, so nothing is left that names what is gone."""
        steps = [sql.SQL("SET LOCAL session_replication_role = replica")]
        steps += [sql.SQL("DELETE FROM public.{}").format(sql.Identifier(name)) for name in self._tables]
        steps += [
            sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE TABLE filled.{0}").format(sql.Identifier(name))
            for name in self._filled
        ]
        steps += [
            sql.SQL("SELECT setval({}, {}, {})").format(sql.Literal(name), sql.Literal(value), sql.Literal(called))
            for name, value, called in self._sequences
        ]
        return sql.SQL("; ").join(steps)


def _is_left(database: psycopg.Connection[Any]) -> bool:
    """Whether nobody else is connected any more. Who is ended connects again at once, if they live."""
    give_up = time.monotonic() + LEAVING
    while _one(database, _OTHERS):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.002)
        database.commit()  # what is asked next is answered from now
    return True


def _one(database: psycopg.Connection[Any], statement: str | sql.Composed) -> Any:
    found = database.execute(statement.encode() if isinstance(statement, str) else statement).fetchone()
    assert found is not None
    return found[0]
