"""What a complaint is about, in whatever words the customer answers when asked.

Not here: branches, products and people that are known by their names (understanding/abouts.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.scene import Scene
from dialogue.themes import names_need
from dialogue.understanding.abouts import says_little, without_lead
from dialogue.understanding.found import Signal
from dialogue.understanding.kinds import asks_only
from dialogue.understanding.wishes import wish_in

LEAST: Final = 2
LONGEST: Final = 60
"""Characters of an answer that names something; a longer one tells."""

_NO_SUBJECT: Final = (
    Signal.COMMAND, Signal.DANGER_TO_LIFE, Signal.ASKS_STATUS, Signal.ASKS_DATA_HELD, Signal.ASKS_WHY, Signal.ASKS_HOW_LONG,
    Signal.WITHDRAWS, Signal.WANTS_PERSON, Signal.REFUSES, Signal.ABUSE, Signal.NO, Signal.CORRECTS, Signal.THREATENS,
)  # fmt: skip
_PART: Final = re.compile(r"[^,，。;；!！?？\n]{1,200}[,，。;；!！?？\n]*")
_WORD: Final = re.compile(r"[^\W\d_]")
_FIGURE_OR_QUESTION: Final = re.compile(r"[\d?？]")
_DANGLES: Final = re.compile(
    r"(?:[\s,，]|\b(?:on|in|at|since|about|around|from|it was|was|and|i think)\b|是|在|大概|大约|大約){1,8}$",
    re.IGNORECASE,
)


def subject_as_said(scene: Scene) -> str | None:
    """Asked whom or what it is about, what is said beside a day or a sum is the answer: "ETC，上个月开始的".

    It takes the place of a poorer word read from it ("my everyday account" says more than "account").
    """
    known = scene.draft.facts.about
    poorer = known is not None and "about" in scene.learned and says_little(known)
    if "about" not in scene.memory.asked or (known is not None and not poorer):
        return None
    if scene.heard_signal(*_NO_SUBJECT) or asks_only(scene.heard.text):
        return None
    said = without_lead(clauses_beside_facts(scene))
    if wish_in(said) or names_need(said) or (known is not None and known not in said):
        return None
    if known is None and not scene.learned:
        return None  # alone it has been read as the answer already, or was none
    names = LEAST <= len(said) <= LONGEST and _WORD.search(said) and not _FIGURE_OR_QUESTION.search(said)
    return said if names else None


def clauses_beside_facts(scene: Scene) -> str:
    """What was said without the clauses that hold other facts, or, if all in one, without their words."""
    others = [fact for fact in scene.learned if fact != "about"]
    words = [scene.heard.evidence.get(name, "").strip() for name in (*others, Signal.DOES_NOT_KNOW, Signal.YES)]
    words = [said for said in words if said]
    clauses = [clause.strip() for clause in _PART.findall(scene.heard.text)]
    kept = [clause for clause in clauses if not any(said in clause for said in words)]
    if not kept and len(clauses) == 1:
        rest = clauses[0]
        for said in words:
            rest = rest.replace(said, "\n")
        kept = [_DANGLES.sub("", _named_in(rest))]
    return "".join(f"{clause} " if clause.isascii() else clause for clause in kept).strip(" ,，。.;；!！\n")


_CLAUSE: Final = re.compile(r"[说讲話话了咗过送给畀存收扣被没冇]")


def _named_in(rest: str) -> str:
    """Of what other facts leave over the pieces that name something: 帳單八月多收了437元 is about 帳單."""
    pieces = [piece.strip() for piece in rest.split("\n")]
    if len(pieces) > 1 and not rest.isascii():
        pieces = [piece for piece in pieces if not _CLAUSE.search(piece)]
    return " ".join(piece for piece in pieces if piece)
