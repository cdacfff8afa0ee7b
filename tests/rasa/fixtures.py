"""Fixtures of the real Rasa: its command, the trained model, and a house with a Rasa at its side.

Not here: how the environment is made (environment.py), how a server is started (server.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rasa.environment import NoPython310, rasa_command, trained_model
from tests.rasa.server import RasaProcess


@pytest.fixture(scope="session")
def rasa() -> Path:
    try:
        return rasa_command()
    except NoPython310 as error:
        if os.environ.get("QINGTING_REQUIRE_ALL") == "1":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def model(rasa: Path) -> Path:
    return trained_model(rasa)


@pytest.fixture(scope="session")
def shared_rasa(rasa: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaProcess]:
    """One for all files: to start it takes longer than most of them."""
    process = RasaProcess(rasa, model, tmp_path_factory.mktemp("rasa"))
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="module")
def rasa_server(shared_rasa: RasaProcess) -> RasaProcess:
    """A Rasa that runs, whatever the file before has left; who kills it starts it again."""
    if not shared_rasa.runs:
        shared_rasa.start()
    return shared_rasa
