"""Whether somebody asks if they are talking to a machine. They are told; a person is called only if one is wished for beside it.

Not here: the wish for a person (signals.py), the answer (the script).
"""

from __future__ import annotations

from typing import Final

from dialogue.understanding.found import Signal
from dialogue.understanding.signals import signals_in
from dialogue.understanding.terms import fold, lists

LONGEST: Final = 200
"""Characters: who writes more than this tells something."""

_LISTS: Final = lists("machines")


def asks_if_machine(text: str) -> bool:
    """Whether it asks whether a machine answers, and wishes for no person."""
    folded = fold(text)
    found = _LISTS["asks"].every(folded) if len(text) <= LONGEST else ()
    if not found:
        return False
    rest = folded.folded
    for hit in reversed(found):
        rest = f"{rest[: hit.start]} {rest[hit.end :]}"
    return Signal.WANTS_PERSON not in signals_in(rest)
