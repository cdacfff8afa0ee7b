"""What is said when files come: that they are here, once a turn, and then the question that is open.

A file answers nothing by itself: people look at what is in it. So one that comes without a word is taken for no answer, counts as no
failed try, and brings the open question back in other words.

Not here: where files are kept and what may be in them (the gateway's business).
"""

from __future__ import annotations

from dialogue import actions, form
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.turn import CustomerTurn, Pace
from dialogue.understanding.found import Signal


def came_without_a_word(turn: CustomerTurn) -> bool:
    """Nothing but files. A letter without words is still a letter."""
    said = any(message.text.strip() for message in turn.messages)
    return turn.pace is Pace.LIVE and not said and any(message.files for message in turn.messages)


def acknowledge(scene: Scene) -> None:
    """Says which files have come, before anything else is said."""
    names = [name for message in scene.turn.messages for name in message.files]
    if not names or scene.turn.pace is not Pace.LIVE or scene.heard_signal(Signal.DANGER_TO_LIFE):
        return
    if len(names) == 1:
        scene.say("utter_file_received", file=names[0])
    else:
        scene.say("utter_files_received", count=str(len(names)))


def answer_without_words(scene: Scene) -> None:
    """The files are acknowledged, and the open question stands as it stood."""
    acknowledge(scene)
    memory = scene.memory
    if memory.phase in (Phase.FILED, Phase.WITHDRAWN) and memory.pending != "withdraw":
        return
    if memory.pending == "withdraw":
        actions.action_ask_withdraw(scene)
        return
    if memory.phase == Phase.OPEN:
        scene.say_once("utter_files_read_by_people", attached=True)
    memory.loop = scene.script.form
    times = dict(memory.times)
    form.ask(scene)
    memory.times = times  # asked again because of a file: that is not asking in vain
