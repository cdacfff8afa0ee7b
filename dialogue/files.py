"""What is said when files come: that they are here, once a turn, and then the question that is open.

A file answers nothing by itself: people look at what is in it. So one that comes without a word is taken for no answer, counts as no
failed try, and brings the open question back in other words. Files that have names are acknowledged by them; what a messenger
brings (a photo, a voice) has no name of its customer's, and is acknowledged where nothing else is said.

Not here: where files are kept and what may be in them (the gateway's business).
"""

from __future__ import annotations

from dialogue import actions, form
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.turn import Pace
from dialogue.understanding.found import Signal


def acknowledge(scene: Scene) -> None:
    """Says what has come, before anything else is said."""
    if scene.turn.pace is not Pace.LIVE or scene.heard_signal(Signal.DANGER_TO_LIFE):
        return
    names = _names(scene)
    if len(names) == 1:
        scene.say("utter_file_received", file=names[0])
    elif names:
        scene.say("utter_files_received", count=str(len(names)))
    elif scene.only_brought:
        scene.say("utter_brought", conditions={"brought": scene.brought})


def action_go_on_with_files(scene: Scene) -> None:
    """Nothing but files: the open question stands as it stood."""
    memory = scene.memory
    if memory.pending == "withdraw":
        actions.action_ask_withdraw(scene)
        return
    if memory.phase in (Phase.FILED, Phase.WITHDRAWN) or memory.pending is not None:
        return
    if memory.phase == Phase.OPEN and _names(scene):
        scene.say_once("utter_files_read_by_people", attached=True)
    memory.loop = scene.script.form
    form.ask_again(scene)


def _names(scene: Scene) -> list[str]:
    return [name for message in scene.turn.messages if not message.brought for name in message.files]
