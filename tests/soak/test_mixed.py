"""A short run of what `python -m tests.soak` does for an hour: all channels at once, each server taken away once."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from case_store import schema
from tests.conftest import Cluster, postgresql_binaries
from tests.soak.mixed import run

pytestmark = pytest.mark.slow


@pytest.fixture
def place(require: Callable[[str], NoReturn]) -> Iterator[tuple[Path, Cluster]]:
    """A folder that the servers' own users can reach, and a PostgreSQL that may be stopped under everybody's feet."""
    binaries = postgresql_binaries()
    if binaries is None:
        require("PostgreSQL is not installed here")
    if not Path("/usr/sbin/dovecot").exists():
        require("Dovecot is not installed here: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="qtsoak", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "pg").mkdir()
        cluster = Cluster(binaries, folder / "pg")
        cluster.initialise()
        cluster.start()
        yield folder, cluster
        cluster.stop()


async def test_nothing_is_lost_and_nothing_twice_whatever_is_taken_away(place: tuple[Path, Cluster]) -> None:
    folder, cluster = place
    database = f"soak_{secrets.token_hex(4)}"
    cluster.run(f"CREATE DATABASE {database}")
    schema.upgrade(cluster.url(database))
    result = await run(folder, cluster, database, minutes=0.75, pause=0.7)
    assert result.whole, result.table()
    assert all(one.promised for one in result.counts), "every channel has been used"
    assert "FAILED" not in f"{result.figures['doctor']}{result.figures['audit']}"
