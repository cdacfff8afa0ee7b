"""Which of the script's ways of sympathy a text holds, by their words and not by the name of the response."""

from __future__ import annotations

import re

from dialogue.script import Variant, default_script

_VALUE = re.compile(r"{\w+}")


def ways_in(text: str) -> list[str]:
    """The sentences as the script has them, each as often as it stands in the text."""
    return [way.text for way in ways() for _ in re.finditer(_pattern(way.text), text)]


def ways(theme: str = "") -> list[Variant]:
    return [
        variant
        for name, variants in default_script().responses.items()
        if name.startswith(f"utter_sympathy_{theme}")
        for variant in variants
    ]


def _pattern(text: str) -> str:
    return r"(?<![^\n ])" + r"(?:[^\n，。,]|,(?=\d)){1,30}?".join(re.escape(part) for part in _VALUE.split(text))
