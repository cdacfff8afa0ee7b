"""Whether somebody asks if they are talking to a machine. They are told; a person is called only if one is wished for beside it.

Not here: the wish for a person (signals.py), the answer (the script).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Signal
from dialogue.understanding.signals import signals_in
from dialogue.understanding.terms import fold, lists

LONGEST: Final = 600
"""Characters that are looked at."""

_LISTS: Final = lists("machines")
_SENSE: Final = re.compile(r"[^\W_]")


def asks_if_machine(text: str) -> bool:
    """Whether it asks whether a machine answers, and wishes for no person."""
    rest = without_the_question(text)
    return rest != text and Signal.WANTS_PERSON not in signals_in(rest)


def without_the_question(text: str) -> str:
    """What is said besides asking that; nothing is left of signs alone."""
    if len(text) > LONGEST:
        return text
    rest = text
    for hit in _LISTS["asks"].every(fold(text)):
        rest = rest.replace(hit.words, " ", 1)
    if rest == text:
        return text
    return rest.strip(" \n,，.。!！?？;；") if _SENSE.search(rest) else ""
