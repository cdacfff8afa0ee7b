"""Whole conversations, as readable YAML: what the customer says, what must be asked, known, said and done.

A step says `asks` (exactly), `facts` (as the contract shows them; null: still unknown), `declined`, `language`, `acts` (exactly, by name),
`says` and `never` (words the answer holds or doesn't), `response` (names among those said), `silent`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.turn import AnotherComplaint, CallPerson, FileCase

FILES = sorted((Path(__file__).parent / "conversations").glob("*.yaml"))
STEP = {"customer", "choice", "asks", "facts", "declined", "language", "acts", "says", "never", "response", "silent"}


def conversations() -> Iterator[Any]:
    for file in FILES:
        for conversation in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(conversation, id=f"{file.stem}: {conversation['title']}")


def name_of(act: object) -> str:
    match act:
        case CallPerson(reason=reason, urgent=urgent):
            return f"CallPerson {reason}{' urgent' if urgent else ''}"
        case FileCase(incomplete=incomplete):
            return "FileCase incomplete" if incomplete else "FileCase"
        case _:
            return type(act).__name__


@pytest.mark.parametrize("conversation", list(conversations()))
def test_conversation(conversation: dict[str, Any], talk: Callable[..., Any]) -> None:
    heard = talk(**conversation.get("given", {}))
    asked_before: dict[str, int] = {}
    for step in conversation["turns"]:
        assert set(step) <= STEP, step
        known_before = {*heard.facts.known(), *heard.draft.words}
        answer = heard.say(step["customer"], step.get("choice"))
        where = f"{step['customer']} -> {heard.text}"
        if "asks" in step:
            assert list(heard.asks) == step["asks"], where
        for fact, value in step.get("facts", {}).items():
            assert heard.facts.to_json()[fact] == value, where
        if "declined" in step:
            assert sorted(heard.draft.declined) == sorted(step["declined"]), where
        if "language" in step:
            assert answer.language == step["language"], where
        assert [name_of(act) for act in answer.acts] == step.get("acts", []), where
        for words in step.get("says", []):
            assert words in heard.text, where
        for words in step.get("never", []):
            assert words not in heard.text, where
        for name in step.get("response", []):
            assert name in answer.says[0].response.split("+"), where
        assert (not answer.says) == step.get("silent", False), where
        if any(isinstance(act, AnotherComplaint) for act in answer.acts):
            known_before = {"name", "contact"} & known_before
        assert not known_before & set(heard.asks), f"asked again for what was known: {where}"
        for fact in heard.asks:
            asked_before[fact] = asked_before.get(fact, 0) + 1
            assert fact == "confirm" or asked_before[fact] <= 5, where


def test_there_are_ten_conversations_in_each_language() -> None:
    counts = {file.stem: len(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}
    assert set(counts) == {"zh-Hans", "zh-Hant", "en"}
    assert min(counts.values()) >= 10
