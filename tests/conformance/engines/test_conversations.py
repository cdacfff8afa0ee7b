"""Every conversation of the suite comes out as it says of itself, and the same on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from dialogue.engine import Engine
from tests.conformance.engines.conversation import conversations, play

SUITE = [pytest.param(conversation, id=name) for name, conversation in conversations()]


@pytest.mark.parametrize("conversation", SUITE)
def test_on_the_embedded_engine(conversation: Mapping[str, Any], embedded: Engine) -> None:
    play(conversation, embedded)


@pytest.mark.rasa
@pytest.mark.parametrize("conversation", SUITE)
def test_the_same_on_rasa(conversation: Mapping[str, Any], embedded: Engine, beside_rasa: Engine) -> None:
    """By response names, facts, what is asked, what is done and the state; wording is chosen by the state."""
    assert play(conversation, beside_rasa) == play(conversation, embedded)


def test_there_are_ten_conversations_in_each_language() -> None:
    counts = Counter(name.partition("/")[0] for name, _ in conversations())
    assert set(counts) == {"zh-Hans", "zh-Hant", "en"}
    assert min(counts.values()) >= 10
