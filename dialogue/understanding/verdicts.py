"""What an answer to the read-back does, where it gives no new value: agrees, objects, asks, adds, puts off or takes it all back.

Of several the one that costs least if it was not meant wins: what takes back and what puts off goes before a question, a question
before what is added, all of these before an agreement. Only an order to register, or an approval after the rest, goes before them.

Not here: which facts are put right (dialogue/amending.py), single words of yes and no (signals.py).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from dialogue.understanding.agreement import approval_in, approvals_end, without_harmless
from dialogue.understanding.terms import Folded, fold, lists

LONGEST: Final = 220
"""Characters: who writes more than this tells something."""

_LISTS: Final = lists("verdicts")
_AGAIN: Final = re.compile(r"([\u3400-\u9fff]{1,4}?)(?:[,，!！~ ]?\1)+")
LONGEST_BESIDE: Final = 120
"""Characters of an agreement that grumbles."""

_CLAUSE: Final = re.compile(r"[^,，。.;；!！?？\n]+")
_FIGURE_OR_QUESTION: Final = re.compile(r"[\d?？]")
_AT_ONCE: Final = 4  # characters before the words: it begins with them
_BEFORE, _AFTER = 18, 40
"""Characters around an order in which it is taken back or put off."""
_RHETORICAL: Final = re.compile(r"(?:错|假)(?:不成|吗|嘛|啊)*[?？]\W*\Z")


_OF_THE_NORTH: Final = re.compile(r"(?<![\u3400-\u9fff])[嗯恩]+呢(?=[啊呀了]?\W*\Z)")  # a yes, and no question
_HUMS_YES: Final = re.compile(
    r"\W*(?:h+m+|u+m+|e+r+m*|m+)[\s,.…]+(?:ok|okay|yes|yeah|yep|fine|right|all right|alright|good)(?: then| thanks| so)*\W*",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    AGREES = "agrees"
    OBJECTS = "objects"
    ASKS = "asks"
    ADDS = "adds"
    PAUSES = "pauses"  # puts the answer off, or talks of something else
    STOPS = "stops"


@lru_cache(maxsize=64)
def verdict_in(text: str) -> Verdict | None:
    """What it does, or None where nothing in it says so."""
    if len(text) > LONGEST:
        return None
    said = once(text)
    folded, bare = fold(text), without_harmless(said)
    approves = approval_in(said) is not None
    if orders_to_register(said) or _HUMS_YES.fullmatch(text):
        return Verdict.AGREES
    if _LISTS["stops"].first(folded):
        return Verdict.STOPS
    if (adds := _LISTS["adds"].first(folded)) and adds.start <= _AT_ONCE:
        return Verdict.ADDS
    if pause := _LISTS["pauses"].first(folded):
        if approves and approvals_end(said) > pause.end:
            return Verdict.AGREES
        return Verdict.OBJECTS if _objects_beside(folded) else Verdict.PAUSES
    if _LISTS["asks"].first(fold(bare)) and not _RHETORICAL.search(said):
        objects = _LISTS["objects"].first(fold(bare)) and not _LISTS["asks"].first(fold(re.sub(r"[?？吧]", "", bare)))
        return Verdict.OBJECTS if objects else Verdict.ASKS
    if _LISTS["adds"].first(fold(bare)):
        return Verdict.ADDS
    if approves:
        return Verdict.AGREES
    if _LISTS["objects"].first(fold(bare)):
        return Verdict.OBJECTS
    return Verdict.AGREES if approves_beside(said) else None


def approves_beside(text: str) -> bool:
    """Whether one clause agrees and the others only grumble: "all correct, not that anybody will read it"."""
    text = once(text)
    if approval_in(text) is not None or orders_to_register(text):
        return False
    if (
        len(text) > LONGEST_BESIDE
        or _LISTS["reserves"].first(fold(without_harmless(text)))
        or _FIGURE_OR_QUESTION.search(text)
    ):
        return False
    clauses = [match[0].strip() for match in _CLAUSE.finditer(text)]
    return len(clauses) > 1 and any(2 * len(approval_in(clause) or "") >= len(clause) for clause in clauses)


def _objects_beside(folded: Folded) -> bool:
    """Whether words of objection stand apart from those that put the answer off: "can't say whether it's wrong" has none."""
    pauses = _LISTS["pauses"].every(folded)
    return any(
        all(hit.end <= pause.start or hit.start >= pause.end for pause in pauses)
        for hit in _LISTS["objects"].every(folded)
    )


def orders_to_register(text: str) -> bool:
    """ "Not that it'll make a blind bit of difference but register away": the order counts, not the grumbling beside it."""
    rest = fold(without_harmless(text))
    ordered = _LISTS["goes_ahead"].first(rest)
    if ordered is None or any(
        hit.end > ordered.start - _BEFORE and hit.start < ordered.end + _AFTER
        for hit in _LISTS["not_ahead"].every(rest)
    ):
        return False
    asks = _LISTS["asks"].first(rest)
    return asks is None and _LISTS["stops"].first(rest) is None and _LISTS["objects"].first(rest) is None


def of_others(text: str) -> bool:
    """Whether it tells what happened to somebody else as well."""
    return _LISTS["others"].first(fold(text)) is not None


def adds_more(text: str) -> bool:
    """Whether it announces that more is told."""
    return _LISTS["adds"].first(fold(text)) is not None


def once(text: str) -> str:
    """Said once what is said several times over, and as a yes what is one in the north: 係呀係呀, 对对对, 嗯呢."""
    text = _OF_THE_NORTH.sub("嗯", text)
    return _AGAIN.sub(r"\1", text) if not text.isascii() else text


def objects(text: str) -> bool:
    return _LISTS["objects"].first(fold(without_harmless(text))) is not None
