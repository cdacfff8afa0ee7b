"""The read-back: what the customer's answer to it means, and after how many answers it is registered as it stands.

Who agrees, in whatever words, is registered; what is put right is confirmed by itself, then the rest. Who objects without saying
to what is asked twice and then goes to a person. Who neither agrees nor objects is asked once more; after that, or once
everything has been laid out MOST_CHECKS times, it is registered as it stands, and told so: a complaint on record that
can be added to is worth more than one that is complete and nowhere.

Who says "not yet" holds it back: then only an order registers it, or words that agree with the record and are no mere "ok".

Not here: how it is laid out (readback.py), when it is (form.py), what words agree (understanding/agreement.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue import readback
from dialogue.asking_back import ponders
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.sympathy import hear_fear
from dialogue.themes import has_reservation
from dialogue.turn import CallPerson
from dialogue.understanding.agreement import agrees_to_the_rest
from dialogue.understanding.found import Signal
from dialogue.understanding.holding import holds_back, lets_go, waits
from dialogue.understanding.reaching import REACH

MOST_CHECKS: Final = 6  # times that the customer is asked whether it is right
MOST_UNSURE: Final = 2  # answers in a row that neither agree, object, ask nor put anything right
MOST_OBJECTIONS: Final = 3  # that don't say to what; at the third a person goes on

CHECKS: Final = "confirmed"
_FIRMLY: Final = 2  # in so many words, so that however often it was laid out it is not registered; 1: for a moment
_REST: Final = "rest"  # something was put right, and whether everything else is right was asked last
_LETTER: Final = re.compile(r"[^\W\d_]")
_UNSURE: Final = "unsure"
_OBJECTED: Final = "objected"
_HELD: Final = "held"  # not to be registered until it is ordered


def check(scene: Scene) -> None:
    """Sets `scene.confirmed` where it is to be registered now."""
    tries = scene.memory.tries
    hear_fear(scene)
    if scene.odd_number:
        _ask(scene, "utter_contact_odd", number=scene.draft.words["contact"])
        return
    agrees = bool(tries.pop(_REST, None)) and agrees_to_the_rest(scene.heard.text)
    let_go = _mind_holding(scene)
    if _is_held_alone(scene) and not is_asked_enough(scene):
        return  # an "ok" is a sound of listening; what is said to it stands in `ask_again`
    if agrees and not _is_changed(scene):
        scene.confirmed = True
    elif scene.learned or scene.changed or (scene.told_more and scene.heard.facts.what_happened is not None):
        tries.pop(_UNSURE, None)
        _tell_changes(scene)
    elif scene.told_more and not tries.get(_UNSURE):
        tries[_UNSURE] = 1  # kept with the story, and perhaps no part of it
        _tell_changes(scene)
    elif scene.heard_signal(Signal.NO, Signal.CORRECTS) or _yes_but(scene):
        tries[_OBJECTED] = tries.get(_OBJECTED, 0) + 1
        if tries[_OBJECTED] >= MOST_OBJECTIONS or is_asked_enough(scene):
            scene.acts.append(CallPerson("wits_end"))
        else:
            _ask(scene, "utter_ask_what_to_correct")
    elif scene.heard_signal(Signal.YES) or let_go:
        scene.confirmed = True
    elif not (scene.asks_back or ponders(scene.heard.text) or scene.heard_signal(Signal.COMMAND)):
        tries[_UNSURE] = tries.get(_UNSURE, 0) + 1
        if tries[_UNSURE] >= MOST_UNSURE:
            _give_up_asking(scene)
    if is_asked_enough(scene) and not (scene.confirmed or scene.acts or scene.pieces):
        _register_as_it_stands(scene)


def lay_out(scene: Scene) -> None:
    """Everything that is known, to be checked."""
    scene.memory.phase = Phase.CONFIRMING
    _ask(scene, f"utter_ask_{scene.script.form}_confirmed", summary=readback.summary(scene))


def ask_again(scene: Scene) -> None:
    """What stands above still waits for an answer, or for an order where it was held back."""
    _ask(scene, "utter_held" if _HELD in scene.memory.tries else "utter_confirm_again")


def is_held(scene: Scene) -> bool:
    """Whether the customer has said in so many words that it is not to be registered yet."""
    return scene.memory.tries.get(_HELD) == _FIRMLY


def is_asked_enough(scene: Scene) -> bool:
    return (
        not is_held(scene)
        and scene.memory.phase == Phase.CONFIRMING
        and scene.memory.times.get(CHECKS, 0) >= MOST_CHECKS
    )


def _ask(scene: Scene, response: str, *, summary: str = "", changes: str = "", number: str = "") -> None:
    scene.memory.times[CHECKS] = scene.memory.times.get(CHECKS, 0) + 1
    count = str(sum(char.isdigit() for char in number))
    scene.say(response, ("confirm",), summary=summary, changes=changes, number=number, count=count)


def _give_up_asking(scene: Scene) -> None:
    """Who writes words has read it; "??" asks for somebody who can explain it."""
    if _LETTER.search(scene.heard.text):
        _register_as_it_stands(scene)
    else:
        scene.acts.append(CallPerson("wits_end"))


def _register_as_it_stands(scene: Scene) -> None:
    scene.say("utter_as_it_stands")
    scene.confirmed = True


def _mind_holding(scene: Scene) -> bool:
    """Remembers what was held back; whether it was, and is to be registered now."""
    tries, text = scene.memory.tries, scene.heard.text
    held, changed = _HELD in tries, _is_changed(scene)
    objects = scene.heard_signal(Signal.NO, Signal.CORRECTS)
    if holds_back(text) or (waits(text) and not (changed or objects or scene.heard_signal(Signal.YES))):
        tries[_HELD] = _FIRMLY if holds_back(text) else max(tries.get(_HELD, 0), 1)
        return False
    let_go = held and _is_let_go(scene)
    if let_go or changed:
        tries.pop(_HELD, None)  # what is asked next is answered anew
    return let_go


def _is_held_alone(scene: Scene) -> bool:
    objects = scene.heard_signal(Signal.NO, Signal.CORRECTS)
    return _HELD in scene.memory.tries and not (objects or _is_changed(scene))


def _is_changed(scene: Scene) -> bool:
    return bool(scene.learned or scene.changed or scene.told_more)


def _is_let_go(scene: Scene) -> bool:
    chosen = any(message.choice for message in scene.turn.messages)
    return chosen or (not scene.asks_back and lets_go(scene.heard.text))


def _yes_but(scene: Scene) -> bool:
    rest = scene.heard.text.replace(scene.heard.evidence.get(Signal.YES, ""), "", 1)
    return scene.heard_signal(Signal.YES) and has_reservation(rest)


def _tell_changes(scene: Scene) -> None:
    """A correction is confirmed by itself, then the rest."""
    if is_asked_enough(scene):
        _register_as_it_stands(scene)
        return
    facts = [*scene.changed, *scene.learned]
    scene.memory.tries[_REST] = 1
    if not facts:
        _ask(scene, "utter_added_to_story")
        return
    if not all(scene.knows(fact) for fact in facts):
        del scene.memory.tries[_REST]
        lay_out(scene)  # what has no value any more is told by what is left
        return
    values = [readback.new_value(scene, fact) for fact in facts]
    if len(facts) == 1 and scene.changed and facts != [REACH]:
        _ask(scene, "utter_changed", changes=values[0])
    else:
        lines = [scene.word(f"utter_line_{fact}", value=value) for fact, value in zip(facts, values, strict=True)]
        _ask(scene, "utter_changed_several", changes="\n".join(lines))
