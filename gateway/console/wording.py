"""The words of the console, and which language an agent reads them in.

The catalogues in `texts/` hold the same keys in every language; the modules and the shell hold none of the words. Those in
`texts/rooms/` belong to places that most agents never open: they are fetched when such a place is.

Not here: what customers read (gateway/texts.py, dialogue/).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from aiohttp import web

from case_store.records import Language

COOKIE: Final = "console_language"
_TRADITIONAL: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")


@cache
def catalogue(language: Language) -> Mapping[str, Any]:
    """Every word, those of the rooms too."""
    return {key: value for words in (first_words(language), *_rooms(language)) for key, value in words.items()}


@cache
def first_words(language: Language) -> Mapping[str, Any]:
    """What is fetched before anything is shown."""
    return _read("texts", f"{language.value}.yml")


@cache
def room_words(room: str, language: Language) -> Mapping[str, Any]:
    """What is fetched with a room. Its groups are its own: no other catalogue has any of that name."""
    return _read("texts", "rooms", f"{room}.{language.value}.yml")


@cache
def rooms() -> tuple[str, ...]:
    folder = files("gateway.console").joinpath("texts", "rooms")
    return tuple(sorted({entry.name.split(".")[0] for entry in folder.iterdir() if entry.name.endswith(".yml")}))


def _rooms(language: Language) -> list[Mapping[str, Any]]:
    return [room_words(room, language) for room in rooms()]


def _read(*path: str) -> Mapping[str, Any]:
    text = files("gateway.console").joinpath(*path).read_text("utf-8")
    words: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return words


def language_of(request: web.Request, default: Language) -> Language:
    """What the agent chose (cookie, set by the console), else what the browser asks for, else the institution's own."""
    wanted = [request.cookies.get(COOKIE, ""), *_accepted(request.headers.get("Accept-Language", ""))]
    return next((known for tag in wanted if (known := closest(tag)) is not None), default)


def closest(tag: str) -> Language | None:
    """The nearest of our languages to a tag as browsers write it: `zh-TW`, `en-GB`, `yue-Hant-HK`."""
    written = tag.strip().replace("_", "-").lower()
    if written.startswith(_TRADITIONAL):
        return Language.HANT
    return {"zh": Language.HANS, "en": Language.EN}.get(written.split("-")[0])


def _accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, the most wanted first."""
    weighed = []
    for part in header[:500].split(","):
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]
