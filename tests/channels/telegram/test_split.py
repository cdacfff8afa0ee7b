"""Long texts in pieces: none too long, no word lost, cut where a reader would pause."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.split import LONGEST, length, split
from channels.telegram.words import LANGUAGES, _words, language_of, say


@pytest.mark.parametrize(
    ("text", "longest", "pieces"),
    [
        ("", 10, []),
        ("  \n ", 10, []),
        ("short", 10, ["short"]),
        ("exactly 10", 10, ["exactly 10"]),
        ("one two\n\nthree four", 12, ["one two", "three four"]),
        ("one two\nthree four", 12, ["one two", "three four"]),
        ("第一句话。第二句话。", 6, ["第一句话。", "第二句话。"]),
        ("One is 1.5. Two is two.", 14, ["One is 1.5.", "Two is two."]),
        ("alpha beta gamma", 11, ["alpha beta", "gamma"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("😡😡😡", 4, ["😡😡", "😡"]),  # two units each: half of one is no character
        ("a\n\n" + "b" * 9, 10, ["a\n\n" + "b" * 7, "bb"]),  # a tiny first piece would be worse
    ],
)
def test_where_a_text_is_cut(text: str, longest: int, pieces: list[str]) -> None:
    assert split(text, longest) == pieces


@given(st.text(alphabet=st.sampled_from("ab 。，.\n字😡"), max_size=300), st.integers(2, 40))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, longest: int) -> None:
    pieces = split(text, longest)
    assert all(0 < length(piece) <= longest for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)


def test_the_limit_counts_as_telegram_does() -> None:
    assert len(split("字" * LONGEST)) == 1
    assert len(split("😡" * (LONGEST // 2))) == 1
    assert len(split("😡" * (LONGEST // 2) + "a")) == 2


def test_every_word_of_the_channel_stands_in_every_language_with_the_same_values() -> None:
    for name, by_language in _words().items():
        assert set(by_language) == set(LANGUAGES), name
        assert len({frozenset(re.findall(r"{(\w+)}", text)) for text in by_language.values()}) == 1, name


def test_what_customers_write_is_put_in_as_it_is() -> None:
    assert say("document", "en", name="{0} {name.__class__}") == "[file: {0} {name.__class__}]"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("zh-hans", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh_TW", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("fr", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_as_telegram_writes_them(code: str | None, language: str | None) -> None:
    assert language_of(code) == language
