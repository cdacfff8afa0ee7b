"""What verifies the index of readings reads all of them, whatever order the database puts names in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import checkpoints, readings, schema
from case_store.files import Files
from case_store.readings import Reading
from case_store.store import Store, Transaction
from case_store.tables_readings import readings as rows
from tests.case_store.over import complain


@pytest.fixture
def by_icu(cluster: Any) -> Iterator[Store]:
    """A database that orders names by a language's rules, where punctuation counts last."""
    name = f"icu_{secrets.token_hex(6)}"
    try:
        cluster.run(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-x-icu'"
        )
    except Exception as error:  # a PostgreSQL that was built without it
        pytest.skip(f"no ICU: {error}")
    schema.upgrade(cluster.url(name))
    store = Store(cluster.url(name))
    yield store
    store.close()
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


def _lost_after_removing(store: Store, files: Files) -> set[str]:
    over = complain(store, files)
    store.write_now(readings.keep, [Reading("agent:Megan", "megan", "case", (f"case:{over.case}",))])
    assert checkpoints.verify(store).ok

    def remove(tx: Transaction) -> None:
        tx.execute(sa.delete(rows))

    store.write_now(remove)
    return {problem.kind for problem in checkpoints.verify(store).problems}


def test_a_reading_that_was_taken_out_of_the_index_is_missed(store: Store, tmp_path: Any) -> None:
    assert _lost_after_removing(store, Files(tmp_path / "files")) == {"removed"}


def test_it_is_missed_whatever_the_collation_too(by_icu: Store, tmp_path: Any) -> None:
    assert _lost_after_removing(by_icu, Files(tmp_path / "files")) == {"removed"}
