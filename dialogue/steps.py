"""The steps of a rule, one at a time: an action, or the form's two halves, checking the answer and asking for what is missing.

Written once for both engines: the embedded one runs them in a row, Rasa has them run one by one through its action endpoint.

Not here: what an action does (actions.py), what the form asks (form.py), which step comes next (an engine).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dialogue import actions, afterwards, checking, circles, form, letters, negotiation, waiting
from dialogue.corrections import action_answer_correction
from dialogue.files import action_go_on_with_files
from dialogue.scene import Action, Scene
from dialogue.turn import CallPerson

ACTIONS: Final[Mapping[str, Action]] = {
    **actions.ACTIONS,
    **afterwards.ACTIONS,
    **letters.ACTIONS,
    **negotiation.ACTIONS,
    "action_answer_correction": action_answer_correction,
    "action_end_the_round": circles.action_end_the_round,
    "action_go_on_with_files": action_go_on_with_files,
}


_GOES_ON: Final = ("data_request", waiting.IN_SCAM)
"""Reasons for which a person is called while the complaint is told on."""


def is_over(scene: Scene) -> bool:
    """Whether a person answers from here: no further step is run."""
    return any(isinstance(act, CallPerson) and act.reason not in _GOES_ON for act in scene.acts)


def form_rests(scene: Scene) -> bool:
    """Whether the form keeps still: who waits for a person is asked by the person."""
    return is_over(scene) or (scene.turn.waiting is not None and not waiting.is_invited(scene.turn))


def check_form(scene: Scene, *, interrupted: bool) -> None:
    """What the answer brought; afterwards `scene.confirmed` tells whether the form is done. Rasa's `validate_…`.

    `interrupted`: something of the rule was said before the form had its turn, so what came is no answer to the form.
    """
    if form_rests(scene):
        return
    started = scene.memory.loop is None
    scene.memory.loop = scene.script.form
    if not interrupted or scene.got_something or scene.repeats or started:
        form.check_answer(scene)
    called = [act for act in scene.acts if isinstance(act, CallPerson) and act.reason == "wits_end"]
    scene.acts = [act for act in scene.acts if act not in called]
    if called or (not scene.confirmed and not _asks(scene) and checking.is_asked_enough(scene)):
        actions.call_person(scene, "wits_end")


def ask_form(scene: Scene) -> None:
    """Asks for what is missing, or reads back, unless a question stands already. Rasa's `action_ask_…`."""
    if form_rests(scene) or scene.confirmed or _asks(scene):
        return
    actions.tell_referral(scene)
    if form.asks_in_circles(scene):
        actions.call_person(scene, "wits_end")
    else:
        form.ask(scene)


def _asks(scene: Scene) -> bool:
    return any(piece.asks for piece in scene.pieces)
