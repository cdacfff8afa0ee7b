"""What the customer means by a turn, of all that was heard in it: the name of an intent, by which the script goes on.

A signal that is certain goes before an answer, an answer before information.

Not here: what is heard (understanding/), what follows from it (the rules of the script).
"""

from __future__ import annotations

from typing import Final

from dialogue import actions, circles, waiting
from dialogue.fraud import is_warned
from dialogue.memory import Phase
from dialogue.purpose import only_asks, only_thanks
from dialogue.scene import Scene
from dialogue.story import is_telling
from dialogue.understanding.facts import only_greets
from dialogue.understanding.found import Signal
from dialogue.understanding.signals import asks_to_block

EDITS: Final = "edits"  # answered messages say something else now
BRINGS_FILES: Final = "brings_files"
WAITS_IN_DANGER: Final = "waits_in_danger"

INTENTS: Final = (  # what interrupts, the weightiest first
    (Signal.DANGER_TO_LIFE, "danger_to_life"),
    (Signal.COMMAND, "command"),
    (Signal.SCAM_NOW, "scam_now"),
    (Signal.WANTS_PERSON, "wants_person"),
    (Signal.STOLEN_CARD, "stolen_card"),
    (Signal.ABUSE, "abuse"),
    (Signal.WITHDRAWS, "withdraws"),
    (Signal.ASKS_DATA_HELD, "asks_data_held"),
    (Signal.ASKS_MACHINE, "asks_machine"),
    (Signal.ANOTHER_COMPLAINT, "another_complaint"),
    (Signal.ASKS_STATUS, "asks_status"),
    (Signal.ASKS_WHY, "asks_why"),
    (Signal.ASKS_HOW_LONG, "asks_how_long"),
    (Signal.THREATENS, "threatens"),
)

_ANSWERS: Final = (  # these matter only where nothing else was said
    (Signal.REFUSES, "refuses"),
    (Signal.CORRECTS, "corrects"),
    (Signal.NO, "deny"),
    (Signal.YES, "affirm"),
    (Signal.DOES_NOT_KNOW, "does_not_know"),
    (Signal.THANKS, "thanks"),
    (Signal.GREETS, "greets"),
)


def intent_of(scene: Scene) -> str:
    """What the customer means: a keyword that is certain, else an answer, else information."""
    if scene.deal is not None:
        return scene.deal.intent
    if scene.only_brought:
        return BRINGS_FILES
    if circles.goes_round(scene) and not scene.heard_signal(Signal.DANGER_TO_LIFE, Signal.WANTS_PERSON):
        return circles.GOES_ROUND
    nothing_else = waiting.IN_ANY_STATE.isdisjoint(scene.heard.signals) and scene.memory.pending is None
    if scene.turn.waiting == waiting.IN_DANGER and nothing_else:
        return WAITS_IN_DANGER
    for signal, intent in INTENTS:
        if signal is Signal.WITHDRAWS and scene.turn.proof is not None:
            return "proves_case"
        told = signal is Signal.STOLEN_CARD and "utter_hotline" in scene.memory.said
        if signal is Signal.SCAM_NOW and is_warned(scene):
            continue
        if told and not asks_to_block(scene.heard.text):
            continue  # the theft that is named again is the complaint's own
        if signal in (Signal.ASKS_STATUS, Signal.ASKS_HOW_LONG) and _registers(scene):
            continue  # the answer that registers names the day
        if signal is Signal.THREATENS and scene.memory.phase != Phase.FILED:
            continue  # while it is being told, it is part of what is told
        if signal in scene.heard.signals:
            how_long = (
                signal is Signal.ASKS_STATUS and not scene.turn.cases and scene.heard_signal(Signal.ASKS_HOW_LONG)
            )
            return "asks_how_long" if how_long else intent
    beginning = scene.draft.facts.what_happened is None and scene.memory.loop is None
    if beginning and Signal.GREETS in scene.heard.signals and not is_telling(scene.heard.text):
        return "greets"
    if beginning and only_thanks(scene):
        return "thanks"
    if scene.draft.facts.what_happened is None and only_asks(scene):
        return "enquiry"
    if scene.got_something:
        return "inform"
    if Signal.GREETS in scene.heard.signals and only_greets(scene.heard.text):
        return "greets"
    if scene.draft.facts.what_happened is None and actions.is_enquiry(scene):
        return "enquiry"
    return next((intent for signal, intent in _ANSWERS if signal in scene.heard.signals), "inform")


def _registers(scene: Scene) -> bool:
    """Whether a yes to the read-back is said, with nothing changed."""
    memory = scene.memory
    confirms = memory.phase == Phase.CONFIRMING and memory.asked == ["confirm"] and memory.pending != "withdraw"
    return confirms and scene.heard_signal(Signal.YES) and not scene.got_something
