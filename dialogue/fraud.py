"""A fraud that is going on, in a conversation: what was told before makes "should I do it" a question about it.

Not here: the words (understanding/scams.py), the warning (the script).
"""

from __future__ import annotations

from dataclasses import replace

from case_store.records import PartialDate
from dialogue.memory import Memory
from dialogue.scene import Scene
from dialogue.turn import CustomerTurn
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.scams import calls_for_warning, happens_now, scam_in


def with_scam(heard: Understanding, said: str, turn: CustomerTurn, memory: Memory) -> Understanding:
    """A fraud that goes on is heard by what was told before too; what is asked about it is no question about data or days."""
    words = None if _happened_before_today(turn, heard) else scam_in(said, _told_of(turn, memory))
    if words is None:
        return heard
    if happens_now(said) and heard.facts.occurred_on is None and "occurred_on" not in heard.words:
        day = PartialDate(turn.now.date().isoformat())
        heard = replace(
            heard, facts=replace(heard.facts, occurred_on=day), evidence={**heard.evidence, "occurred_on": words}
        )
    signals = heard.signals - {Signal.ASKS_WHY, Signal.DOES_NOT_KNOW, Signal.ASKS_HOW_LONG} | {Signal.SCAM_NOW}
    evidence = {**heard.evidence, Signal.SCAM_NOW.value: words}
    return replace(heard, signals=signals, evidence=evidence, reply=None)


def _told_of(turn: CustomerTurn, memory: Memory) -> str:
    """What the conversation has told; after a warning whatever goes on is that fraud's."""
    return "\n".join(
        [
            turn.draft.facts.what_happened or "",
            *turn.draft.evidence.values(),
            "scam" if memory.said.get("utter_stop_scam") else "",
        ]
    )


def _happened_before_today(turn: CustomerTurn, heard: Understanding) -> bool:
    day = heard.facts.occurred_on or turn.draft.facts.occurred_on
    return day is not None and day.text < turn.now.date().isoformat()[: len(day.text)]


def is_warned(scene: Scene) -> bool:
    """Whether the warning has been given and nothing new calls for it: what is told further of the fraud is the complaint's own."""
    warned = scene.memory.said.get("utter_stop_scam", 0)
    return warned > 0 and not calls_for_warning(scene.heard.text, "", warned)
