"""Migrations make the schema from nothing and from the first revision, on both databases."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from case_store import certificates, erasures, schema
from case_store.all_tables import metadata
from case_store.certificates import Taken, Why
from case_store.store import SchemaMismatch, Store, StoreUnavailable, Transaction

FIRST_SCHEMA = Path(__file__).with_name("first_schema")
REVISIONS = Path(__file__).parent / "revisions.txt"


@pytest.fixture
def empty(empty_urls: Callable[[str], str], database: str) -> Iterator[Store]:
    opened = Store(empty_urls(database))
    yield opened
    opened.close()


def differences(store: Store) -> list[object]:
    """What a migrated database lacks of the schema, or has beside it; the tables of search are its own."""

    def ours(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or not (name or "").startswith("case_search")

    def check(tx: object) -> list[object]:
        options = {"include_name": ours, "compare_server_default": True}
        context = MigrationContext.configure(tx.connection, opts=options)  # type: ignore[attr-defined]
        return list(compare_metadata(context, metadata))

    return store.read_now(check)


def test_migrations_make_the_schema_of_tables(empty: Store) -> None:
    assert schema.version(empty) is None
    assert schema.upgrade(empty) == ""
    assert schema.version(empty) == schema.HEAD
    assert differences(empty) == []


def test_a_database_that_went_through_what_was_mended_in_place_is_mended_too(empty: Store) -> None:
    schema.upgrade(empty, "0036")

    def as_it_was(tx: Transaction) -> None:
        tx.execute(sa.text("DROP INDEX ix_readings_day"))
        tx.execute(sa.text("ALTER TABLE surges ADD COLUMN category VARCHAR(16)"))

    empty.write_now(as_it_was)
    schema.upgrade(empty)
    assert differences(empty) == []


def test_what_was_erased_before_an_upgrade_stays_known_and_more_can_be(empty: Store) -> None:
    """Revision 0035 counted in a column that nobody fills any more, and may not be empty."""
    schema.upgrade(empty, "0037")
    named = "id, kind, subject, whole, rule, upto, counts, at"
    before = (
        f"INSERT INTO erasures ({named}) VALUES ('1', 'case', 'a', true, 'person', 3, '{{}}', '2026-11-28 12:00:00')"
    )
    empty.write_now(lambda tx: tx.execute(sa.text(before)))
    schema.upgrade(empty)
    assert differences(empty) == []
    empty.write_now(lambda tx: certificates.note(tx, "case", "b", Why("person"), Taken(), whole=True, upto=1))
    assert [one.subject for one in empty.read_now(lambda tx: list(erasures.every(tx)))] == ["a", "b"]


def test_a_migration_that_somebody_may_have_run_is_never_changed() -> None:
    """A database that went through it before would lack the change for ever: it takes another migration. revisions.txt tells what each was."""
    kept = dict(line.split()[::-1] for line in REVISIONS.read_text().splitlines())
    folder = Path(schema.__file__).parent / "migrations" / "versions"
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("0*.py")} == kept


def test_a_second_upgrade_changes_nothing(store: Store) -> None:
    assert schema.upgrade(store) == schema.HEAD
    assert schema.upgrade(store.url.render_as_string(hide_password=False)) == schema.HEAD
    assert differences(store) == []


def test_a_schema_that_lacks_a_column_is_noticed(store: Store) -> None:
    store.write_now(lambda tx: tx.execute(sa.text("ALTER TABLE tasks DROP COLUMN note")))
    assert [change[0] for change in differences(store)] == ["add_column"]  # type: ignore[index]


@pytest.mark.parametrize("use", [schema.upgrade, schema.check])
def test_a_database_of_a_newer_version_is_refused(store: Store, use: Callable[[Store], object]) -> None:
    store.write_now(lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaMismatch, match="9999"):
        use(store)


def test_a_database_that_was_never_migrated_is_not_used(empty: Store) -> None:
    with pytest.raises(SchemaMismatch, match="none"):
        schema.check(empty)


def test_tables_of_another_program_are_refused_and_left_alone(empty: Store) -> None:
    empty.write_now(lambda tx: tx.execute(sa.text("CREATE TABLE cases (id integer)")))
    with pytest.raises(SchemaMismatch, match="no version of this software"):
        schema.upgrade(empty)


def test_a_migration_that_fails_leaves_nothing_behind(empty: Store) -> None:
    empty.write_now(lambda tx: tx.execute(sa.text("CREATE TABLE tasks (id integer)")))
    with pytest.raises((StoreUnavailable, sa.exc.DBAPIError)):
        schema.upgrade(empty)
    tables = empty.read_now(lambda tx: sa.inspect(tx.connection).get_table_names())
    assert tables == ["tasks"]


def test_processes_that_start_together_migrate_once(empty_urls: Callable[[str], str], database: str) -> None:
    url = empty_urls(database)
    with ThreadPoolExecutor(4) as starters:
        found = list(starters.map(schema.upgrade, [url] * 4))
    assert len(found) == 4
    with closing(Store(url)) as store:
        assert differences(store) == []


def test_every_revision_is_known_without_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(schema.REVISIONS)


def test_a_start_on_a_database_up_to_date_does_not_import_alembic(sqlite_url: str) -> None:
    program = f"""
import sys
from case_store import schema
assert schema.upgrade({sqlite_url!r}) == schema.HEAD
print("alembic" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_database_with_rows_of_the_first_schema_comes_up_to_date(empty: Store) -> None:
    """`first_schema/` keeps the first revision's rows: every later revision must carry them over."""
    schema.upgrade(empty, to="0001")
    for statement in (FIRST_SCHEMA / "rows.sql").read_text().split(";\n"):
        if statement.strip():
            empty.write_now(lambda tx, sql=statement: tx.connection.exec_driver_sql(sql.replace("%", "%%")))
    schema.upgrade(empty)
    assert differences(empty) == []
    found = empty.read_now(lambda tx: tx.execute(sa.text("SELECT reference, customer FROM cases")).all())
    assert found == [("C20261123-000001-2", "陈晓雯")]
