"""A fraud that is going on while the customer writes: minutes count, for money that has not left can be kept.

Somebody tells them now to move their money, holds their screen, has just been given a code or a transfer. What says so by itself
is heard anywhere; "should I do it" and "I've just sent it" only where a fraud has been told of in the same conversation. A fraud
of another day is the complaint's own. The lists stand in scams.toml.

Not here: a card in other hands (signals.py), what is answered (the script).
"""

from __future__ import annotations

from typing import Final

from dialogue.understanding.classifier import is_anothers
from dialogue.understanding.terms import Folded, Terms, fold, lists

_LISTS: Final = lists("scams")
_TOLD: Final = "scam"  # stands for the fraud that was warned of
MOST_WARNINGS: Final = 3


def scam_in(text: str, story: str = "") -> str | None:
    """The words that tell of a fraud going on now, if any; `story` is what was told before."""
    folded = fold(text)
    by_itself = _first(_LISTS["going_on"], folded)
    return by_itself or (asks_of_scam(text, story) if text.strip() else None)


def asks_of_scam(text: str, story: str) -> str | None:
    """The words by which a fraud told of in `story` or here goes on: a question what to do, or money that goes."""
    folded = fold(text)
    words = _first(_LISTS["goes_on"], folded)
    if words is None:
        return None
    told = _first(_LISTS["a_fraud"], folded) or (_first(_LISTS["a_fraud"], fold(story)) if story else None)
    return words if told else None


def calls_for_warning(text: str, story: str, warned: int) -> bool:
    """Whether the customer has to be warned (again): `warned` times they were. What is told further is the complaint's own."""
    if warned == 0:
        return scam_in(text, story) is not None
    return warned < MOST_WARNINGS and asks_of_scam(text, _TOLD) is not None


def happens_now(text: str) -> bool:
    """Whether the fraud is told in words of this very moment: its day is today."""
    return _first(_LISTS["now"], fold(text)) is not None


def _first(terms: Terms, text: Folded) -> str | None:
    return next((hit.words for hit in terms.every(text) if not is_anothers(text, hit)), None)
