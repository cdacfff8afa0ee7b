"""The conversations in English come out as they say of themselves, and the same on both engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dialogue.engine import Engine
from tests.conformance.engines.conversation import play, suite

SUITE = [pytest.param(conversation, id=name) for name, conversation in suite("en")]


@pytest.mark.parametrize("conversation", SUITE)
def test_on_the_embedded_engine(conversation: Mapping[str, Any], embedded: Engine) -> None:
    play(conversation, embedded)


@pytest.mark.rasa
@pytest.mark.parametrize("conversation", SUITE)
def test_the_same_on_rasa(conversation: Mapping[str, Any], embedded: Engine, beside_rasa: Engine) -> None:
    """By response names, facts, what is asked, what is done and the state; wording follows from the state."""
    assert play(conversation, beside_rasa) == play(conversation, embedded)
