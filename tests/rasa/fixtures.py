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


@pytest.fixture(scope="module")
def rasa_server(rasa: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaProcess]:
    """A Rasa that runs, for as long as the module does; who kills it starts it again."""
    process = RasaProcess(rasa, model, tmp_path_factory.mktemp("rasa"))
    try:
        process.start()
        yield process
    finally:
        process.stop()
