"""An answer that nothing could be read from, kept in the customer's own words where it plainly answers the question.

Asked when, "round about the spring fair" says so to the colleague who looks it up; asked once more what they want, 不要算我的 is what
they want. Asking again would only bring the same words.

Not here: what can be read (understanding/), names and whom it is about (taking.py, subject.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.asking_back import leaves_it_open, ponders
from dialogue.scene import Scene
from dialogue.themes import names_need
from dialogue.understanding.facts import only_greets
from dialogue.understanding.orders import only_tells
from dialogue.understanding.wishes import wish_in
from dialogue.wishing import is_no_wish

LONGEST_WISH: Final = 80
LONGEST_DAY_HAN: Final = 14
LONGEST_DAY_LATIN: Final = 40

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_WORDS: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z']+")
_CLAUSES: Final = re.compile(r"[,，。.;；!！\n]")
_QUESTION: Final = re.compile(r"[?？]")
_TIME: Final = re.compile(
    r"[天日周週月年昨今早晚节節号號](?!啊|呀|哪)|[之以]?前[后後]?$|前[后後]|(?:[之以]后|[之以]後)|寒假|暑假|开学|開學|过年|過年"
    r"|\b(?:days?|weeks?|weekend|months?|years?|ago|morning|evening|night|spring|summer|autumn|winter|christmas|easter|(?:just |right |shortly |round )?(?:before|after|around|about|during|since) (?:the |my |our |new |last )?\w+)\b",
    re.IGNORECASE,
)
_NO_TIME: Final = re.compile(
    r"\d a (?:day|week|month|year)\b(?! ago)|那天|那日|嗰日|当天|當天|每天|天天|成日|今年\d|\bthat day\b|\bevery day\b|\ball day\b",
    re.IGNORECASE,
)
_TRAILS: Final = " \n,，。.!！~吧啦呀啊咯囉"


def wish_as_said(scene: Scene) -> str | None:
    """The answer to being asked a second time what is wanted, if it is in words."""
    text = scene.heard.text.strip()
    if scene.memory.asked != ["desired_outcome"] or not scene.memory.tries.get("desired_outcome") or _is_none(scene):
        return None
    enough = len(_WORDS.findall(text)) >= 3 and len(text) <= LONGEST_WISH
    if scene.learned and is_no_wish(text):
        return None  # a branch or a day, given late
    return text if enough and not only_tells(text) and not names_need(text) else None


def wish_beside(text: str, unknown: str) -> str | None:
    """What is wanted, said after all beside words of not knowing: "idk, just give it back"."""
    kept = [clause.strip() for clause in _CLAUSES.split(text) if clause.strip() and unknown not in clause]
    rest = " ".join(kept) if text.isascii() else "，".join(kept)
    return rest if wish_in(rest) is not None else None


def day_as_said(scene: Scene) -> str | None:
    """The answer to when it was, if it speaks of a time and of nothing else."""
    text = scene.heard.text.strip(_TRAILS)
    if scene.memory.asked != ["occurred_on"] or scene.learned or _is_none(scene):
        return None
    longest = LONGEST_DAY_HAN if _HAN.search(text) else LONGEST_DAY_LATIN
    return text if len(text) <= longest and _TIME.search(text) and not _NO_TIME.search(text) else None


def _is_none(scene: Scene) -> bool:
    """Whether it is no answer at all."""
    heard = scene.heard
    nothing = ponders(heard.text) or leaves_it_open(heard.text) or only_greets(heard.text)
    return nothing or scene.asks_back or bool(heard.signals) or _QUESTION.search(heard.text) is not None
