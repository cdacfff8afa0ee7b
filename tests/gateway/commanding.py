"""The command line as tests use it: in this process, over a data folder of its own, with nothing set from outside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from case_store.store import Store
from gateway.cli import app

Run = Callable[..., Result]
PASSWORD = "correct horse battery\n"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("QINGTING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QINGTING_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def run(data_dir: Path) -> Run:
    """`run("agent", "list")`: what it has answered."""

    def invoke(*words: object, input: str | None = None) -> Result:
        return CliRunner().invoke(app, list(map(str, words)), input=input)

    return invoke


@pytest.fixture
def with_admin(run: Run) -> None:
    done = run("agent", "add", "boss", "--name", "Boss", "--role", "admin", "--password-stdin", input=PASSWORD)
    assert done.exit_code == 0, done.output


@pytest.fixture
def store(data_dir: Path, with_admin: None) -> Iterator[Store]:
    """The store that the commands write into."""
    opened = Store(f"sqlite:///{data_dir}/qingting.db")
    yield opened
    opened.close()
