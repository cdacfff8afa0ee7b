"""Answers to the read-back: every fact has a known value there, and a message is read against these values.

What is given in the place of a value, whole or in part, puts that fact right and no other; what has no value but objects, asks, adds,
puts off or takes back does just that; what does none of these and approves, agrees. So nothing that somebody objects to or asks about
is registered, and nothing that is told beside it changes a fact.

Order: an interruption that is certain (a person, danger) stays what it is; then values; then what the message does
(understanding/verdicts.py). Where none of this says anything, the message is read as any other.

Not here: what follows (checking.py), taking up what was put right (taking.py), which values are put right (put_right.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from case_store.records import Draft, Facts
from dialogue.asking_back import Asked, asked_back, gives_up
from dialogue.put_right import Read, figure_of_another_thing, values_put_right
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.holding import beside_holding, holds_back
from dialogue.understanding.replaced import is_of_another_thing
from dialogue.understanding.verdicts import Verdict, approves_beside, objects, of_others, verdict_in

_STAYS: Final = frozenset({
    Signal.DANGER_TO_LIFE, Signal.COMMAND, Signal.WANTS_PERSON, Signal.STOLEN_CARD, Signal.SCAM_NOW, Signal.ABUSE, Signal.ASKS_DATA_HELD,
    Signal.ANOTHER_COMPLAINT, Signal.WITHDRAWS,
})  # fmt: skip
_QUESTIONS: Final = frozenset({Signal.ASKS_STATUS, Signal.ASKS_WHY, Signal.ASKS_HOW_LONG})
_ANSWERS: Final = frozenset({Signal.YES, Signal.NO, Signal.CORRECTS, Signal.REFUSES, Signal.DOES_NOT_KNOW})
_ASKED: Final[dict[Asked | None, set[Signal]]] = {
    Asked.NEED: {Signal.ASKS_WHY},
    Asked.NEXT: {Signal.ASKS_HOW_LONG},
}


@dataclass(frozen=True, slots=True)
class Amended:
    """What an answer to the read-back means; `asks_back` where nothing of it goes on record."""

    heard: Understanding
    asks_back: bool = False


def amended(heard: Understanding, draft: Draft, read: Read, today: date) -> Amended | None:
    """The answer to the read-back as it is meant, or None where it is read as any other message."""
    holds = holds_back(heard.text)
    if holds:  # "not yet" takes nothing back, and wishes for nothing
        heard = replace(_without_chance(heard), signals=heard.signals - {Signal.WITHDRAWS})
    if not heard.signals.isdisjoint(_STAYS) or heard.named:
        return None
    reply = Verdict.ADDS if of_others(heard.text) else verdict_in(heard.text)
    if holds:
        reply = Verdict.PAUSES
    if reply is None and gives_up(heard.text, read_back=True):
        reply = Verdict.STOPS
    if reply is Verdict.AGREES and approves_beside(heard.text) and _chance(heard):
        reply = None  # a thing or a wish is told beside it
    if Signal.YES in heard.signals and heard.signals & _QUESTIONS:
        return None  # a yes that asks when registers, and the answer names the day
    fixes, named, another = values_put_right(heard, draft, read, reply, today)
    if fixes:
        facts = Facts(**fixes)
        signals = (heard.signals - _ANSWERS - _QUESTIONS) | {Signal.CORRECTS}
        return Amended(replace(heard, facts=facts, words={}, signals=signals, named=named))
    if reply in (None, Verdict.OBJECTS) and (figure := figure_of_another_thing(heard, draft)):
        return _replied(heard, figure)
    if holds:
        objects_too = objects(beside_holding(heard.text))
        return Amended(_with(_bare(heard), Signal.NO) if objects_too else _bare(heard), asks_back=True)
    if heard.signals & _QUESTIONS and reply is not Verdict.AGREES:
        return Amended(_bare(heard), asks_back=True)
    if another:
        return Amended(_bare(heard), asks_back=True)  # it agrees to something else than what stands there
    return _replied(heard, reply)


def _replied(heard: Understanding, reply: Verdict | None) -> Amended | None:
    if reply is None:
        return Amended(_without_chance(heard)) if _chance(heard) else None
    if reply is Verdict.AGREES:
        return Amended(_with(_bare(heard), Signal.YES))
    if reply is Verdict.OBJECTS:
        return Amended(_with(_bare(heard), Signal.NO), asks_back=True)
    if reply is Verdict.STOPS:
        return Amended(_with(_bare(heard), Signal.WITHDRAWS), asks_back=True)
    if reply is Verdict.ADDS:
        corrects = {Signal.CORRECTS} if is_of_another_thing(heard.text) else set()  # a few words are enough of it
        signals = (heard.signals - _ANSWERS) | corrects
        return Amended(replace(heard, facts=Facts(what_happened=heard.text), words={}, signals=signals))
    bare = _bare(heard)
    about = asked_back(bare) if reply is Verdict.ASKS else None
    return Amended(replace(bare, signals=bare.signals | _ASKED.get(about, set())), asks_back=True)


def _bare(heard: Understanding) -> Understanding:
    return replace(heard, facts=Facts(), words={}, signals=heard.signals - _ANSWERS)


def _with(heard: Understanding, signal: Signal) -> Understanding:
    return replace(heard, signals=heard.signals | {signal}, evidence={**heard.evidence, signal: heard.text})


def _chance(heard: Understanding) -> bool:
    return heard.facts.about is not None or heard.facts.desired_outcome is not None


def _without_chance(heard: Understanding) -> Understanding:
    """A thing and a wish that nothing says stand in the place of others are told beside, and change nothing."""
    return replace(heard, facts=replace(heard.facts, about=None, desired_outcome=None))
