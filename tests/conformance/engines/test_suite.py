"""What the suite holds: every language, every kind of customer. The files by language play it (test_simplified.py …)."""

from __future__ import annotations

from collections import Counter

from tests.conformance.engines.conversation import conversations, kinds


def test_there_are_fifty_conversations_in_each_language() -> None:
    counts = Counter(name.partition("/")[0] for name, _ in conversations())
    assert set(counts) == {"zh-Hans", "zh-Hant", "en"}
    assert min(counts.values()) >= 50
    assert sum(counts.values()) >= 150


def test_no_two_conversations_have_one_name() -> None:
    assert [name for name, times in Counter(name for name, _ in conversations()).items() if times > 1] == []


def test_every_kind_of_customer_is_there() -> None:
    wanted = {
        "everything_at_once", "one_word_at_a_time", "bursts", "corrections", "changed_mind", "angry", "abusive", "despairing",
        "elderly", "rambling", "mixed_languages", "dictated", "refusals", "no_amount", "asking_back", "status", "wants_person",
        "two_complaints", "another_bank", "stolen_card", "greetings_and_emoji", "silence", "next_day", "commands",
    }  # fmt: skip
    assert wanted <= set(kinds())
