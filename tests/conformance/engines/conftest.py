"""The engines that have to come out the same."""

from __future__ import annotations

import pytest

from dialogue.embedded import EmbeddedEngine, embedded_engine


@pytest.fixture(scope="session")
def embedded() -> EmbeddedEngine:
    return embedded_engine()
