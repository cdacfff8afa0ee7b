"""How a customer wants to be reached, in their own words: not at home, not before six, by mail alone; and who must not know.

A letter to the house of somebody who must not know of it does harm that nothing puts right, so these words are kept whole, with the
reason that stands beside them, and are neither a wish, a day nor a refusal of what was asked.

Not here: the number or address itself (contacts.py), where the words are kept and who sees them (dialogue/taking.py, the console).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.terms import fold, lists

REACH: Final = "reach"
"""Under this name the words stand among those of a draft, beside the facts."""
LONGEST: Final = 240
"""Characters of these words that are kept; the messages are kept whole."""

LONGEST_CLAUSE: Final = 120
_LISTS: Final = lists("reaching")
_CLAUSE: Final = re.compile(r"[^,，。;；!！?？\n…]*?(?:[,，。;；!！?？\n…]+|\.(?=\s|\Z)|\Z)")
_ASKS: Final = re.compile(r"[?？]|[吗嗎嘛咩][\W_]*\Z")
_REQUESTS: Final = re.compile(
    r"别|不要|不必|请勿|勿|唔好|唔使|別|請勿|不能|唔可以|\b(?:don't|dont|do not|not|never|no)\b", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w.-]+\w|\+?\d[\d ()-]{6,}\d", re.ASCII)
_EDGES: Final = " \n\t,，。;；:：、.!！…"
_SENSE: Final = re.compile(r"[^\W_]")
_SPACES: Final = re.compile(r"[ \t]{2,}")


_NO_CONTACT: Final = re.compile(
    r"\W*(?:我|都|就|也|你们|你哋)*(?:不用|不必|不要|不需要|别|甭|唔使|唔好|唔需要|毋须|无须)(?:再)?(?:联系|联络|[搵揾]|找|打(?:电话)?(?:给|俾|畀)?|call)我?(?:了|啦|喇|吧|的|谢谢|唔该)*\W*"
    r"|\W*(?:please )?(?:there(?:'s| is) )?(?:no need to|don't|do not|you needn't) (?:contact|call|ring|phone|reach) (?:me|us)(?: please| at all| thanks| back)*\W*"
)


def reach_in(text: str) -> str | None:
    """The words on how to be reached or who must not know, clauses that stand together kept together; None without any."""
    found = [text[start:end] for start, end in _spans(text)]
    words = [_SPACES.sub(" ", _ADDRESS.sub("", one)).strip(_EDGES) for one in found]
    joined = ("; " if text.isascii() else "；").join(dict.fromkeys(word for word in words if word))
    return joined[:LONGEST] or None


def without_reach(text: str) -> str:
    """What is said besides: addresses and numbers stay, and nothing is left of words alone."""
    rest, last = "", 0
    for start, end in _spans(text):
        addresses = " ".join(_ADDRESS.findall(text[start:end]))
        rest += text[last:start] + addresses + ("\n" if addresses else "")
        last = end
    rest = (rest + text[last:]).strip()
    return rest if _SENSE.search(rest) else ""


def wants_no_contact(text: str) -> bool:
    """Whether it only says that nobody need get in touch: asked how to be reached, a refusal and no way to be reached."""
    return _NO_CONTACT.fullmatch(fold(text).folded) is not None


def keeps_a_secret(words: str) -> bool:
    """Whether somebody must not know."""
    return _LISTS["secret"].first(fold(words)) is not None


def _spans(text: str) -> list[tuple[int, int]]:
    """Where such words stand, neighbouring clauses as one."""
    clauses = [match.span() for match in _CLAUSE.finditer(text) if match[0].strip(_EDGES)]
    said = [_says(text[start:end]) for start, end in clauses]
    if not any(said):
        return []
    spans: list[tuple[int, int]] = []
    for place, (start, end) in enumerate(clauses):
        beside = (place > 0 and said[place - 1]) or (place + 1 < len(said) and said[place + 1])
        if not said[place] and not (beside and _LISTS["reason"].first(fold(text[start:end].strip()))):
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _says(clause: str) -> bool:
    if len(clause) > LONGEST_CLAUSE:
        return False  # told without a stop, and no instruction
    folded = fold(clause.strip())
    if _LISTS["told_before"].first(folded) is not None:
        return False
    if _LISTS["secret"].first(folded) is not None:
        return _ASKS.search(clause) is None
    return _LISTS["asks_for"].first(folded) is not None and (
        _ASKS.search(clause) is None or _REQUESTS.search(clause) is not None
    )
