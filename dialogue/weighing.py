"""What a new value does to the one that is known: takes its place, adds to it, or says less and leaves it as it is.

Not here: whether a known value may change at all (taking.py).
"""

from __future__ import annotations

import re
from typing import Any, Final

from case_store.records import Language, PartialDate
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.understanding.abouts import names_staff, says_little
from dialogue.understanding.found import Signal
from dialogue.wishing import is_clearer

LONGEST_ANSWER: Final = 30
_LETTERS_TO_A_CHARACTER: Final = 2  # as long to read
_JOINT: Final = " · "


def says_less(scene: Scene, value: str) -> bool:
    """ "The clerk said it is not his job": told at the read-back it takes the place of no branch and no product."""
    known = scene.draft.facts.about
    asked = "about" in scene.memory.asked or scene.heard_signal(Signal.CORRECTS)
    return known is not None and not asked and says_little(value) and not says_little(known)


def is_vaguer(scene: Scene, value: PartialDate) -> bool:
    """ "He starts school this year", at the read-back: a year corrects no day unless it is said to."""
    known = scene.draft.facts.occurred_on
    asked = "occurred_on" in scene.memory.asked or scene.heard_signal(Signal.CORRECTS)
    return known is not None and not asked and len(value.text) < len(known.text)


def with_part_put_right(scene: Scene, value: str) -> str:
    """ "不是西湖支行，是西溪支行": the branch is another, the fee is the same; what a wish names changes nothing of it."""
    known = scene.draft.facts.about or value
    wish = scene.heard.facts.desired_outcome
    if wish and value in wish:
        return known
    parts = known.split(_JOINT)
    denied = [place for place, part in enumerate(parts) if part in scene.heard.text and part not in value]
    if not denied and names_staff(value) and _JOINT not in value:
        denied = [place for place, part in enumerate(parts) if names_staff(part)]  # the clerk was another
    if len(denied) != 1 or len(parts) == 1:
        return value
    return _JOINT.join([*parts[: denied[0]], value, *parts[denied[0] + 1 :]])


def is_one_more_wish(scene: Scene, value: str | None) -> bool:
    """ "还要赔我利息" at the read-back comes on top of what was wished."""
    known = scene.draft.facts.desired_outcome
    if not value or not known or value in known or scene.language is Language.EN:
        return False
    return re.search(rf"(?:还|還|也|另外|同时|同時|再加|仲){re.escape(value)}", scene.heard.text) is not None


def is_a_better_wish(scene: Scene, fact: str) -> bool:
    """What was only taken for a wish because one was asked for gives way to words that are one."""
    old, new = scene.draft.facts.desired_outcome, scene.heard.facts.desired_outcome
    if "name" in scene.learned and (scene.draft.facts.name or "") in (new or ""):
        return False  # "just put Pat"
    if fact != "desired_outcome" or old is None or new is None or old == new:
        return False
    return is_clearer(old, new)


def adds_to_about(scene: Scene, fact: str, value: Any) -> bool:
    """ "The clerk", and later, in a word, the branch: both together say whom the complaint is about."""
    known = scene.draft.facts.about
    if fact != "about" or not known or not value:
        return False
    if names_staff(value) and not names_staff(known) and len(scene.heard.text) <= LONGEST_ANSWER:
        return True  # whose name it was is told late, and takes nothing back
    if scene.memory.phase != Phase.OPEN or value in (scene.heard.facts.desired_outcome or ""):
        return False  # what is wanted names things too: "open more counters"
    longest = LONGEST_ANSWER * (_LETTERS_TO_A_CHARACTER if scene.heard.text.isascii() else 1)
    short = len(scene.heard.text) <= longest and not scene.heard_signal(Signal.CORRECTS)
    if says_little(value) and "about" not in scene.memory.asked:
        return False
    return short and value not in known and known not in value
