"""Databases of tests: what one test leaves behind reaches no other."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.clones import Clones


@pytest.fixture
def own(cluster: Any) -> Clones:
    return Clones(cluster)


def written(cluster: Any, name: str) -> psycopg.Connection[Any]:
    """A connection by which something was written there."""
    database = psycopg.connect(cluster.url(name), autocommit=True)
    database.execute("INSERT INTO spent_words (digest, until) VALUES ('x', now())")
    return database


def test_a_clone_that_everybody_has_left_is_used_again_empty(cluster: Any, own: Clones) -> None:
    name = own.take()
    written(cluster, name).close()
    own.give(name)
    assert own.take() == name
    with psycopg.connect(cluster.url(name)) as database:
        assert database.execute("SELECT count(*) FROM spent_words").fetchone() == (0,)
    own.give(name)


def test_a_clone_on_which_somebody_still_works_is_thrown_away(cluster: Any, own: Clones) -> None:
    name = own.take()
    database = written(cluster, name)
    own.give(name)
    assert own.take() != name
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        database.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(cluster.url(name))
