"""The words of the pages, and which language a visitor reads them in.

The catalogues in `texts/` hold the same keys in every language; templates and scripts hold none of the words.

Not here: what the institution says of itself (publication.py), notices (gateway/texts.py), what the bot says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from aiohttp import web

from case_store.records import Language

COOKIE: Final = "lang"
COOKIE_AGE: Final = 365 * 24 * 3600
_TRADITIONAL: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")


@cache
def catalogue(language: Language) -> Mapping[str, Any]:
    text = files("gateway.portal").joinpath("texts", f"{language.value}.yml").read_text("utf-8")
    words: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return words


def language_of(request: web.Request, default: Language, *, by_browser: bool = True) -> Language:
    """What the visitor chose (`?lang`, cookie), else what the browser asks for, else the institution's own.

    `by_browser`: whether the browser is asked; a page for one customer rather goes by the language in which they complained.
    """
    wanted = [request.query.get("lang", ""), request.cookies.get(COOKIE, "")]
    wanted += _accepted(request.headers.get("Accept-Language", "")) if by_browser else []
    return next((known for tag in wanted if (known := closest(tag)) is not None), default)


def closest(tag: str) -> Language | None:
    """The nearest of our languages to a tag as browsers and sites write it: `zh_TW`, `en-GB`, `yue-Hant-HK`."""
    written = tag.strip().replace("_", "-").lower()
    if written.startswith(_TRADITIONAL):
        return Language.HANT
    if written.split("-")[0] == "zh":
        return Language.HANS
    if written.split("-")[0] == "en":
        return Language.EN
    return None


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
