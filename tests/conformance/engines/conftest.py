"""The engines that have to come out the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dialogue.embedded import EmbeddedEngine
from tests.conformance.engines.beside_rasa import BesideRasa
from tests.rasa.server import RasaProcess
from tests.shipped_engine import warm_engine


@pytest.fixture(scope="session")
def embedded() -> EmbeddedEngine:
    return warm_engine()


@pytest.fixture(scope="module")
def beside_rasa(rasa_server: RasaProcess, embedded: EmbeddedEngine) -> Iterator[BesideRasa]:
    house = BesideRasa(rasa_server, embedded)
    house.start()
    yield house
    house.stop()
