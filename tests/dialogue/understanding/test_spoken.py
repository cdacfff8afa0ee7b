"""Addresses and numbers said aloud."""

from __future__ import annotations

import pytest

from dialogue.understanding.spoken import emails_said, numbers_said


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("my email is alan dot burke at example dot org um yeah", "alan.burke@example.org"),
        ("it's jo underscore smith at my-bank dot co dot uk", "jo_smith@my-bank.co.uk"),
    ],
)
def test_an_address_is_written_down(text: str, address: str) -> None:
    assert [found for _, found in emails_said(text)] == [address]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("oh double seven double oh nine double oh one two three", "07700900123"),
        ("plus six five eight one two three four five six seven", "+6581234567"),
        ("zero one two one, four nine six, oh one triple three", "01214960 1333".replace(" ", "")),
    ],
)
def test_a_number_is_written_down(text: str, digits: str) -> None:
    assert [found for _, found in numbers_said(text)] == [digits]


@pytest.mark.parametrize(
    "text",
    ["I was at the branch dot on time", "one two three and off we go", "at one or two in three shops", "0770 090 0123"],
)
def test_nothing_is_read_into_other_words(text: str) -> None:
    assert not [*emails_said(text), *numbers_said(text)]
