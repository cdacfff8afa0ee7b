"""Messages that their customer changed after they had been answered: the facts and the story follow what they say now.

A correction is no new message: it begins no complaint, answers no question and counts as no try. Only what the change itself has
changed is taken, so that a slip put right in an old message doesn't bring back what was corrected since.

Not here: edits of what has not been answered yet, which are simply read as they are now.
"""

from __future__ import annotations

from dataclasses import replace

from case_store.records import FACT_NAMES, Draft
from dialogue import checking, form, readback
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.turn import CustomerMessage, CustomerTurn


def apart(turn: CustomerTurn) -> tuple[tuple[CustomerMessage, ...], CustomerTurn]:
    """The corrections of a turn, and the turn without them. Before there is a story to correct, they are messages like others."""
    if turn.draft.facts.what_happened is None:
        return (), turn
    corrected = tuple(message for message in turn.messages if message.corrects is not None)
    rest = tuple(message for message in turn.messages if message.corrects is None)
    return corrected, replace(turn, messages=rest)


def facts_from(draft: Draft, text: str) -> tuple[str, ...]:
    """The facts that were read from these words: what stands in their place now is read as an answer to the same questions."""
    read = draft.evidence
    return tuple(fact for fact in FACT_NAMES if fact != "what_happened" and read.get(fact) and read[fact] in text)


def action_answer_correction(scene: Scene) -> None:
    """Names what is different now; no question is answered by it."""
    if is_silent(scene):
        scene.unmoved = True
    else:
        answer(scene)


def is_silent(scene: Scene) -> bool:
    """Whether nothing is to be said: a slip in the story put right, or a question of ours that is about something else."""
    if scene.memory.pending is not None or scene.memory.phase == Phase.WITHDRAWN:
        return True
    only_the_story = not scene.changed and not scene.learned
    return only_the_story and (scene.memory.phase == Phase.OPEN or not scene.told_more)


def answer(scene: Scene) -> None:
    """Says what is different now, and goes on where the conversation stood."""
    facts = [*scene.changed, *scene.learned]
    if not facts or scene.memory.phase == Phase.CONFIRMING:
        scene.say("utter_correction_kept")
    else:
        joint = scene.word("utter_noted_joint")
        scene.say("utter_corrected", changes=joint.join(readback.new_value(scene, fact) for fact in facts))
    if scene.memory.phase == Phase.CONFIRMING:
        checking.lay_out(scene)
    elif scene.memory.phase == Phase.OPEN:
        form.ask_again(scene)
