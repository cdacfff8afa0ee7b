"""Whether an answer to the read-back agrees with it, in whatever words people agree: "you've got it", 就这么着吧, 係咁上下啦.

Certain yes and no stand in signals.py and go before this. Here a text agrees if somewhere in it a word of approval stands and
nothing in it asks, denies, doubts, tells, names a figure or wants something else: who has something to put right says what.

Not here: what an agreement leads to (checking.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.terms import Terms, fold, sections

LONGEST_HAN: Final = 60
LONGEST_LATIN: Final = 120
"""Characters: who says more than this has something to add."""

_LISTS: Final = sections("dialogue.understanding", "agreement.toml")
_APPROVES: Final = Terms(_LISTS["approves"])
_HARMLESS: Final = Terms(_LISTS["harmless"])
_DOUBTS: Final = Terms(_LISTS["doubts"])
_ASKS: Final = re.compile(r"[?？]|[吗呢嘛咩]\W*\Z")
_SIGNS: Final = re.compile(
    r"\W*?(?:100 ?[%％]|[+＋]?1|[\u2705\u2714\U0001f44c\U0001f44d\U0001f4af\U0001f64f\U0001f646])++\W*+"
)
_FIGURE: Final = re.compile(r"\d")


def agreement_in(text: str) -> str | None:
    """The words of approval, or None where it is none, or not only that."""
    folded = fold(text)
    longest = LONGEST_HAN if folded.han else LONGEST_LATIN
    if len(folded.folded) > longest or _FIGURE.search(folded.folded) or _ASKS.search(folded.folded):
        return None
    return approval_in(text)


def approval_in(text: str) -> str | None:
    """As `agreement_in`, whatever figures and questions stand beside it: who recites what stands there agrees to it."""
    folded = fold(text)
    if len(text) <= LONGEST_LATIN and _SIGNS.fullmatch(text):
        return text.strip()
    approves = _HARMLESS.first(folded) or _APPROVES.first(folded)
    if approves is None:
        return None
    rest = _without(_HARMLESS, text)
    told = folded.han and tells_of_an_event(rest)  # in English "fine" is a charge as well
    return None if told or _DOUBTS.first(fold(rest)) else approves.words


def approvals_end(text: str) -> int:
    """Where the last word of approval begins; -1 where there is none."""
    folded = fold(text)
    return max((hit.start for terms in (_HARMLESS, _APPROVES) for hit in terms.every(folded)), default=-1)


def without_harmless(text: str) -> str:
    """The text without words of denial that deny nothing: 没问题, "nothing to add"."""
    return _without(_HARMLESS, text)


def _without(terms: Terms, text: str) -> str:
    """The text with commas for words of denial that deny nothing: 没问题, "nothing to add"."""
    rest = text
    for hit in terms.every(fold(text)):
        rest = rest.replace(hit.words, ",", 1)
    return rest
