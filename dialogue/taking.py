"""Taking up what was heard: which facts are new, which were corrected, which the customer won't or can't give.

The asked fact decides how an answer is read. A known fact is replaced only when it was asked for, when the customer
corrects, or while the read-back waits for an answer; a second sum in the story is not a correction of the first.

Not here: finding facts in a text (understanding/), asking for them (form.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from case_store.records import FACT_NAMES, Draft, Facts, MessageKind
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.themes import facts_named
from dialogue.turn import Pace
from dialogue.understanding.found import Signal

LONGEST_STORY: Final = 6_000
"""Characters of the story that the record keeps; the messages themselves are all kept by the house."""

LONGEST_ANSWER: Final = 30

_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9']+")
_ENOUGH_TO_TELL: Final = 7  # Chinese characters or English words

_ANSWERED_ALONE: Final = {"desired_outcome", "name", "contact"}
_WORDLESS: Final = {Signal.COMMAND, Signal.DANGER_TO_LIFE}


def take_facts(scene: Scene) -> None:
    if scene.heard_signal(Signal.COMMAND):
        return
    for fact in FACT_NAMES:
        if fact != "what_happened":
            _take(scene, fact)
    _take_story(scene)
    _fill_from_transport(scene)
    _take_refusals(scene)


def is_telling(text: str) -> bool:
    """Long enough to be a story and not an answer in a word."""
    return len(_HAN_OR_WORD.findall(text)) >= _ENOUGH_TO_TELL


def _take(scene: Scene, fact: str) -> None:
    value = getattr(scene.heard.facts, fact)
    words = scene.heard.words.get(fact)  # beside an approximate value, or instead of an ambiguous one
    if (value is None and words is None) or _only_read_because_asked(scene, fact):
        return
    if _adds_to_about(scene, fact, value):
        value = f"{scene.draft.facts.about} · {value}"
        scene.learned.append(fact)
    elif scene.knows(fact):
        same = value == getattr(scene.draft.facts, fact) and (value is not None or words == scene.draft.words.get(fact))
        if same or not _may_change(scene, fact):
            return
        scene.changed.append(fact)
    else:
        scene.learned.append(fact)
    _put(scene, fact, value, words)


def _only_read_because_asked(scene: Scene, fact: str) -> bool:
    """A story told in answer to "what would you like?", with "the name I forgot" in it, is no wish."""
    said = scene.heard.facts.desired_outcome
    whole = said is not None and len(said) >= len(scene.heard.text.strip()) - 1
    return fact == "desired_outcome" and whole and scene.heard_signal(Signal.DOES_NOT_KNOW)


def _adds_to_about(scene: Scene, fact: str, value: Any) -> bool:
    """ "The clerk", and later, in a word, the branch: both together say whom the complaint is about."""
    known = scene.draft.facts.about
    if fact != "about" or not known or not value or scene.memory.phase != Phase.OPEN:
        return False
    short = len(scene.heard.text) <= LONGEST_ANSWER and not scene.heard_signal(Signal.CORRECTS)
    return short and value not in known and known not in value


def _may_change(scene: Scene, fact: str) -> bool:
    corrects = scene.heard_signal(Signal.CORRECTS)
    return fact in scene.memory.asked or corrects or scene.memory.phase == Phase.CONFIRMING


def _put(scene: Scene, fact: str, value: Any, words: str | None) -> None:
    draft = scene.draft
    kept = {name: said for name, said in draft.words.items() if name != fact}
    if words is not None:
        kept[fact] = words
    evidence = dict(draft.evidence)
    if fact in scene.heard.evidence:
        evidence[fact] = scene.heard.evidence[fact]
    scene.draft = Draft(replace(draft.facts, **{fact: value}), kept, draft.declined - {fact}, evidence)
    if fact in scene.memory.skipped:
        scene.memory.skipped.remove(fact)


def _take_story(scene: Scene) -> None:
    text = scene.heard.text.strip()
    known = scene.draft.facts.what_happened
    if known is None:
        story = scene.heard.facts.what_happened or (text if _sounds_like_a_complaint(scene, text) else None)
        if story is not None:
            _put(scene, "what_happened", story[:LONGEST_STORY], None)
            scene.learned.append("what_happened")
    elif _tells_more(scene, text) and text not in known and len(known) < LONGEST_STORY:
        _put(scene, "what_happened", f"{known}\n{text}"[:LONGEST_STORY], None)
        scene.told_more = True


def _sounds_like_a_complaint(scene: Scene, text: str) -> bool:
    if not is_telling(text) or scene.heard_signal(*_WORDLESS):
        return False
    if "what_happened" in scene.memory.asked and scene.memory.tries.get("what_happened", 0):
        return True  # asked twice: whatever they tell is what happened
    kind = scene.judge(text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind.value
    return kind == MessageKind.COMPLAINT


def _tells_more(scene: Scene, text: str) -> bool:
    """Not a mere answer: what is asked for by name or number is not part of the story."""
    answered = _ANSWERED_ALONE.intersection(scene.memory.asked).intersection(scene.learned)
    told = text
    for fact in (*scene.learned, *scene.changed):
        told = told.replace(scene.heard.evidence.get(fact, ""), "")  # what is a fact by itself needs no telling
    if not is_telling(told) or answered or scene.heard_signal(*_WORDLESS):
        return False
    if scene.changed or (scene.heard_signal(Signal.CORRECTS) and scene.memory.phase != Phase.CONFIRMING):
        return False
    questions = (Signal.ASKS_STATUS, Signal.ASKS_WHY, Signal.ASKS_HOW_LONG, Signal.ASKS_DATA_HELD)
    return not scene.heard_signal(Signal.WANTS_PERSON, Signal.WITHDRAWS, Signal.REFUSES, Signal.ABUSE, *questions)


def _fill_from_transport(scene: Scene) -> None:
    turn = scene.turn
    name = turn.sender_name if turn.pace is Pace.LETTER else None  # a chat's profile name is a nickname
    known = Facts(name=name or None, contact=turn.sender or None)
    scene.draft = replace(scene.draft, facts=scene.draft.facts.filled_from(known))


def _take_refusals(scene: Scene) -> None:
    asked = [fact for fact in scene.memory.asked if fact in FACT_NAMES and not scene.knows(fact)]
    optional = [fact for fact in asked if fact != "what_happened"]
    if scene.heard_signal(Signal.REFUSES):
        meant = [fact for fact in facts_named(scene.heard.text) if not scene.knows(fact)] or optional
        scene.refused = [fact for fact in meant if fact not in scene.draft.declined]
        scene.draft = replace(scene.draft, declined=scene.draft.declined | set(meant))
    elif scene.heard_signal(Signal.DOES_NOT_KNOW) and not scene.told_more:
        scene.memory.skipped += [fact for fact in optional if fact not in scene.memory.skipped]
