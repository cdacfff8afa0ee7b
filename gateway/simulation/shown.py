"""Whether a text shows a fact, as somebody sees who knows it: digits in any grouping, a day written out, a sum in ten thousands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from gateway.simulation.days import MONTHS

LEAST: Final = 12  # characters of a customer's line by which it is known again


def bare(text: str) -> str:
    """Without case and blanks."""
    return "".join(text.lower().split())


def laid_out(text: str, said: Iterable[str]) -> str:
    """A read-back without the line that says the customer's story again: what stands merely there was not taken out of it."""
    starts = [start for line in said if len(start := bare(line)[:LEAST]) == LEAST]
    lines = text.splitlines()
    stories = [line for line in lines if any(start in bare(line) for start in starts)]
    if stories:
        lines.remove(max(stories, key=len))
    return "\n".join(lines)


def is_shown(fact: str, alternatives: Sequence[str], text: str) -> bool:
    """Whether one of the alternatives of a sheet stands in the text."""
    return any(_SHOWS.get(fact, _shows_words)(one, text) for one in alternatives)


def _shows_words(expected: str, text: str) -> bool:
    return bare(expected) in bare(text)


def _shows_contact(expected: str, text: str) -> bool:
    digits = re.sub(r"\D", "", expected)
    return bare(expected) in bare(text) if "@" in expected else digits[-7:] in re.sub(r"\D", "", text)


def _shows_amount(expected: str, text: str) -> bool:
    value = expected.split()[0].removesuffix(".00")
    plain = re.sub(r"(?<=\d)[,，\s](?=\d{3})", "", text)
    ten_thousands = f"{float(value) / 10_000:g}"
    return (
        bool(re.search(rf"(?<!\d){re.escape(value)}(?!\d)", plain))
        or f"{ten_thousands}万" in plain
        or f"{ten_thousands}萬" in plain
    )


def _shows_day(expected: str, text: str) -> bool:
    parts = [int(part) for part in expected.split("-")]
    if len(parts) == 1:
        return expected in text
    month, day = parts[1], parts[2] if len(parts) > 2 else None
    if expected in text:
        return True
    if day is None:
        return bool(re.search(rf"(?<!\d)0?{month}\s*月", text)) or MONTHS[month - 1][:3] in text
    chinese = rf"(?<!\d)0?{month}\s*月\s*0?{day}(?!\d)"
    english = rf"(?<!\d)0?{day}(?:st|nd|rd|th)?\s+{MONTHS[month - 1][:3]}|{MONTHS[month - 1][:3]}\w*\s+0?{day}(?!\d)"
    return bool(re.search(chinese, text) or re.search(english, text))


_SHOWS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contact": _shows_contact,
    "amount": _shows_amount,
    "occurred_on": _shows_day,
}
