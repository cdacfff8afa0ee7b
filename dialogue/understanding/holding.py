"""Whether who is asked to let a complaint be registered holds it back, and whether who held it back lets it go.

"Not yet please, I need to ask my son", 先别登记, "I'm not sure I want this on record" hold it back. That takes nothing back, wishes
for nothing and agrees to nothing; after it an "ok" is a sound of listening, and only an order or words on the record itself register.

Not here: what takes the complaint back (verdicts.toml, signals.toml), what is said to it (dialogue/checking.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.agreement import without_harmless
from dialogue.understanding.terms import fold, lists

LONGEST: Final = 220
"""Characters: who writes more than this tells something."""

_LISTS: Final = lists("holding")
_NOT_AHEAD: Final = lists("verdicts")["not_ahead"]
_ASKS: Final = re.compile(r"[?？]|[吗嗎呢咩]\W*\Z")


def holds_back(text: str) -> bool:
    """Whether it says that nothing is to be registered yet, or puts off the answer for a reason of its own."""
    folded = fold(text)
    return (
        len(text) <= LONGEST
        and _LISTS["takes_back"].first(folded) is None
        and _LISTS["holds"].first(folded) is not None
    )


def waits(text: str) -> bool:
    """Whether it asks for a moment, or holds back."""
    return holds_back(text) or (len(text) <= LONGEST and _LISTS["waits"].first(fold(text)) is not None)


def lets_go(text: str) -> bool:
    """Whether it is an order to register, or agrees with what is on record in words that no sound of listening has."""
    if waits(text) or _ASKS.search(text) or _NOT_AHEAD.first(fold(without_harmless(text))):
        return False
    return _LISTS["orders"].first(fold(text)) is not None


def beside_holding(text: str) -> str:
    """What is said besides holding it back."""
    folded = fold(text)
    for hit in _LISTS["holds"].every(folded):
        text = text.replace(hit.words, ",", 1)
    return text
