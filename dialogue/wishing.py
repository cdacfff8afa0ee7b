"""Whether a line can be what is wanted: asked for a wish or not, a wish counts, and what only tells or gives a fact does not.

Not here: finding the words of a wish (understanding/wishes.py), what is kept in the customer's own words (as_said.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from dialogue.asking_back import leaves_it_open, ponders
from dialogue.scene import Scene
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Signal
from dialogue.understanding.gist import Gist, gist_of
from dialogue.understanding.plain import plain
from dialogue.understanding.wanting import asks_for
from dialogue.understanding.wishes import wish_in

CLEAR: Final = 0.5
"""The chance from which a line wants something that no rule has found."""
UNLIKELY: Final = 0.15
"""The chance below which words that follow the question for the wish are none."""
HARDLY: Final = 0.08
"""The same where a rule has read a wish from them."""
HARDLY_ASKS: Final = -4.0
SURELY_ASKS: Final = 1.0
"""What the weighing of its clauses says of such words, in logits, where nothing else tells."""
LIKELY: Final = 0.5
"""The chance from which a line tells something."""
SURE: Final = 0.8
"""The same where a name was asked."""
LONGEST_HAN: Final = 30
LONGEST_LATIN: Final = 90
"""Characters of a line that is nothing but a wish."""

_QUESTION: Final = re.compile(r"[?？]|[吗嗎]\W*$")
_BARE: Final = re.compile(r"\W*(?:我的?|我嘅)?(?:要求|诉求|訴求|需求|愿望|願望)\W*")  # names a wish and wishes nothing
_NO_WISH: Final = (
    Signal.REFUSES, Signal.DOES_NOT_KNOW, Signal.COMMAND, Signal.DANGER_TO_LIFE, Signal.WANTS_PERSON, Signal.ABUSE, Signal.WITHDRAWS,
    Signal.ASKS_STATUS, Signal.ASKS_DATA_HELD, Signal.ASKS_WHY, Signal.ASKS_HOW_LONG, Signal.ANOTHER_COMPLAINT, Signal.CORRECTS,
    Signal.YES, Signal.STOLEN_CARD,
)  # fmt: skip
_DISTRESS: Final = re.compile(
    r"\b(?:can(?:'t|not)|couldn'?t) (?:\w+ ){0,2}?(?:keep|go on|cope|take (?:it|this|much)|sleep|eat|bear|face|do this|afford|pay)\b|\b(?:exhausted|desperate|worried|in tears|crying|cried|shaking|wit'?s end|end of my tether|lost my job|made redundant|(?:is|'s|am|'m) (?:ill|sick))\b"
    r"|[没沒冇](?:有)?(?:合眼|睡|瞓)|睡不[着著]|瞓唔[着著]|受不了|撑不|撐不|頂唔順|顶唔顺|崩[溃潰]|急死|[气氣]死|嚇[到死]|吓[到死]|好驚|怎[么麼][办辦]|點算|点算|失[业業]|裁[员員]|到底管不管|有[没沒]有人管|有冇人理",
    re.IGNORECASE,
)
_WISHING: Final = re.compile(
    r"^\W*that (?:it|this|they|you|he|she|we|my|nobody|no one)\b|\b(?:i|we)(?: (?:just|only|really))?(?: would|'d| want| wish| hope)\b|\byou (?:should|must|have to)\b|\bplease\b|希望|[想要](?:知道|曉得|晓得)|不[该該應应]|[请請](?:你|您|贵|貴)|要求|我想要",
    re.IGNORECASE,
)
_HERE_AND_NOW: Final = re.compile(r"今天|今日|即日|\btoday\b", re.IGNORECASE)


def wants(text: str) -> bool:
    """Whether a short line wants something and does nothing else."""
    longest = LONGEST_LATIN if text.isascii() else LONGEST_HAN
    if not text.strip() or len(text) > longest or _QUESTION.search(text):
        return False
    likely = gist_of(text)
    return likely[Gist.WANTS] > CLEAR


def wish_said(text: str) -> str | None:
    """The words of a wish in the text, but for those that only name one: 没啥要求."""
    found = wish_in(text)
    return None if found is None or found.value is None or _BARE.fullmatch(found.value) else found.value


def is_no_wish(text: str) -> bool:
    """Whether words after the question for the wish tell of something else: an event, how somebody is, a day, a name, a nod."""
    if _WISHING.search(text):
        return False
    likely = gist_of(text)
    if wish_said(text) is not None:
        if asks_for(text) > SURELY_ASKS:
            return False
        return likely[Gist.WANTS] < HARDLY and (
            likely[Gist.TELLS] > SURE or tells_of_an_event(text) or asks_for(text) < HARDLY_ASKS
        )
    return likely[Gist.WANTS] < UNLIKELY and max(likely.values()) > LIKELY


def tells(text: str, least: float = LIKELY) -> bool:
    """Whether a line tells what happened or how somebody is, in however few words."""
    return gist_of(text)[Gist.TELLS] > least


def cries(text: str) -> bool:
    """Whether a line says that somebody is at the end of their strength, or begs for somebody to act."""
    return _DISTRESS.search(text) is not None


def only_names_a_wish(value: str) -> bool:
    """Whether a value says that there is a wish and not which."""
    return _BARE.fullmatch(value) is not None


def is_clearer(old: str, new: str) -> bool:
    """Whether the old wish was only kept as it was said, and the new one is a wish."""
    if wish_said(new) is None and not wants(new):
        return False
    return wish_said(old) is None or (tells(old) and gist_of(new)[Gist.WANTS] > CLEAR)


def hear_wish(scene: Scene) -> None:
    """Hears a clear wish as one, whatever was asked; "let me in today" says no day."""
    heard, text = scene.heard, scene.heard.text.strip()
    if (
        {"desired_outcome", "what_happened"}.intersection(scene.memory.asked)
        or scene.memory.loop is None
        or heard.reply is not None
        or heard.named
    ):
        return
    if heard.signals & set(_NO_WISH) or scene.asks_back or leaves_it_open(text) or ponders(text) or not wants(text):
        return
    known = scene.draft.facts.desired_outcome
    if heard.facts.desired_outcome is None and known and (wish_said(known) or wants(known)):
        return  # one that stands gives way to plain words only
    facts, words, evidence = heard.facts, dict(heard.words), dict(heard.evidence)
    if facts.name is not None or facts.contact is not None:
        return
    if facts.desired_outcome is None:
        facts = replace(facts, desired_outcome=text)
        evidence["desired_outcome"] = text
    if facts.occurred_on is not None and _HERE_AND_NOW.search(plain(evidence.get("occurred_on", "")).plain):
        facts = replace(facts, occurred_on=None)
        words.pop("occurred_on", None)
    scene.heard = replace(heard, facts=facts, words=words, evidence=evidence)
