"""Every conversation of the suite comes out as it says of itself."""

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


def test_there_are_ten_conversations_in_each_language() -> None:
    counts = Counter(name.partition("/")[0] for name, _ in conversations())
    assert set(counts) == {"zh-Hans", "zh-Hant", "en"}
    assert min(counts.values()) >= 10
