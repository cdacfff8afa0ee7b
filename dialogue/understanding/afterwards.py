"""What is asked or said once a complaint is registered: what comes next, whom to ring, whether the money comes back, or only goodbye.

Before, an answer is expected and everything is read against the question; afterwards people ask. A question that the desk can answer
is no part of what happened; one that it cannot answer is written down for the colleague who can.

Not here: signals that count at any time (signals.py), what is answered (dialogue/afterwards.py).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from dialogue.understanding.terms import Terms, fold, lists


class After(StrEnum):
    """What somebody means who writes after registering."""

    HOW_THEY_ANSWER = "how_they_answer"
    WHOM = "whom"
    NUMBER = "number"
    PAPERS = "papers"
    FILES = "files"
    ADD = "add"
    CONFIDENTIAL = "confidential"
    DOUBTS = "doubts"
    FASTER = "faster"
    OUTCOME = "outcome"
    NEXT = "next"
    GOODBYE = "goodbye"
    PRESENT = "present"
    SORRY = "sorry"
    QUESTION = "question"  # any other


LONGEST: Final = 160
"""Characters of a message that is a question; who writes more tells something, and it is kept."""

_LISTS: Final = lists("afterwards")
_ASKED: Final[tuple[After, ...]] = tuple(
    kind for kind in After if kind not in (After.GOODBYE, After.PRESENT, After.QUESTION)
)
_CLAUSE: Final = re.compile(r"[^,，。.;；!！?？\n…]+[?？]*")
_QUESTION: Final = re.compile(
    r"[?？]|[吗嗎嘛咩么麼][\W_]*\Z|\A\W*(?:那|咁|我的|我嘅).{1,6}呢\W*\Z|使唔使|要唔要|得唔得|可唔可以|會唔會|会唔会|要不要|能不能|用不用|行不行|(?:要|该|該|应|應)[^，,。]{1,8}(?:还是|還是|定係)|(?:用|要|需)[^，,。]{1,8}不\W*\Z|\A\W*(?:那|那么|咁|so |and |but )?(?:请问|請問|想问|想問|会不会|會不會|会唔会|會唔會|能不能|可唔可以|可不可以|是不是|係咪|什么时候|甚麼時候|几时|幾時|为什么|為什麼|点解|點解|怎么|怎麼|谁|誰|哪|边个|邊個|"
    r"(?:will|can|could|would|should|shall|do|does|did|is|are|am|was|may|has|have|what|when|where|which|who|whom|whose|why|how)\b(?! (?:a|an|the) (?:disgrace|joke)))",
    re.IGNORECASE,
)
_SUPPOSES: Final = re.compile(r"如果|要是|万一|若|假如|\b(?:if|when|about)\b")
_EDGES: Final = re.compile(r"[\s\W]+")
_SOUND: Final = re.compile(
    r"(?:对了|對了|另外|还有|還有|顺便|順便|仲有|不好意思|请问|請問|那|咁|唉|哎|谢谢|謝謝|多谢|多謝|唔該|你好|您好|急|sorry|thanks|thank you|hi|hello|please|oh|also|and|so|ok|okay|by the way|well)",
    re.IGNORECASE,
)
_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9']+")
_FEWEST: Final = 3  # Chinese characters or words of a clause that tells something


def after_in(text: str) -> After | None:
    """What it asks or means, the first that fits; None where it only tells."""
    if len(text) > LONGEST:
        return None
    folded = fold(text.strip())
    if _is_whole(_LISTS["goodbye"], text):
        return After.GOODBYE
    if _is_whole(_LISTS["present"], text) or not _HAN_OR_WORD.search(text):
        return After.PRESENT
    for kind in _ASKED:
        if kind is After.NEXT and _SUPPOSES.search(folded.folded) and _LISTS[kind.value].first(folded) is not None:
            return After.QUESTION  # "what do I do if they ring again?" asks for more than what comes next
        if _LISTS[kind.value].first(folded) is not None:
            return kind
    return After.QUESTION if any(_QUESTION.search(clause[0]) for clause in _CLAUSE.finditer(text)) else None


def tells_besides(text: str) -> bool:
    """Whether a clause of it asks nothing and says more than a sound: "I have the receipt, shall I send it?"."""
    for clause in _CLAUSE.finditer(text):
        said = clause[0].strip()
        asks = _QUESTION.search(said) or any(_LISTS[kind.value].first(fold(said)) for kind in _ASKED)
        if not asks and not _SOUND.fullmatch(said) and len(_HAN_OR_WORD.findall(said)) >= _FEWEST:
            return True
    return False


def worries(text: str) -> bool:
    """Whether it says that somebody is not well over it."""
    return _LISTS["worried"].first(fold(text)) is not None


def is_sleepless(text: str) -> bool:
    return _LISTS["sleepless"].first(fold(text)) is not None


def _is_whole(terms: Terms, text: str) -> bool:
    """Whether nothing but such words is said."""
    folded = fold(text.strip())
    rest = folded.folded
    for hit in reversed(terms.every(folded)):
        rest = rest[: hit.start] + rest[hit.end :]
    return rest != folded.folded and not _EDGES.sub("", rest)
