"""Conversations that would go round: when it is enough, and how it ends then.

Every conversation comes to an end as long as its customer writes, whatever they write: what brings nothing several times in a
row goes to a person, with all that is known; what has been laid out often enough is registered as it stands, and that is said.

Not here: how often a fact is asked for (form.py), what an answer to the read-back means (checking.py).
"""

from __future__ import annotations

from typing import Final

from dialogue import actions
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.turn import Pace

GOES_ROUND: Final = "goes_round"

MOST_IDLE: Final = 6
"""Turns in a row that bring nothing: longer than anybody needs who has been called away, asks back twice and greets."""


def count(scene: Scene) -> None:
    """Counts this turn, once everything in it has been taken up."""
    memory = scene.memory
    if memory.phase not in (Phase.OPEN, Phase.CONFIRMING) or scene.turn.pace is not Pace.LIVE or scene.brought:
        return
    given_up = len(memory.skipped) > len(scene.turn.state.get("skipped", []))
    brought = scene.got_something or scene.refused or scene.settled or given_up or scene.turn.proof is not None
    memory.idle = 0 if brought else memory.idle + 1


def goes_round(scene: Scene) -> bool:
    """Whether it is enough. Who waits for a person is not counted: that end is reached already."""
    if scene.memory.phase not in (Phase.OPEN, Phase.CONFIRMING) or scene.turn.waiting is not None:
        return False
    return scene.turn.pace is Pace.LIVE and scene.memory.idle >= MOST_IDLE


def action_end_the_round(scene: Scene) -> None:
    scene.memory.idle = 0
    scene.memory.pending = scene.memory.withdrawing = None
    actions.call_person(scene, "wits_end")
