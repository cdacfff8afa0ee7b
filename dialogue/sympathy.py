"""Sympathy: once it is understood what happened, one sentence that names it and one that fits how the customer feels.

Said of one matter once; said again, in other words, only when the customer's feeling turns. A sentence that has been used is not used
again: rather none than the same one twice.

Not here: the sentences (domain/sympathy.yml), what the themes are (themes.py).
"""

from __future__ import annotations

from typing import Final

from dialogue.scene import Scene
from dialogue.themes import GENERAL, themes_in
from dialogue.understanding.found import Emotion

_FELT: Final = "utter_feeling"


def sympathise(scene: Scene) -> None:
    story = scene.draft.facts.what_happened
    if story is None:
        return
    if "what_happened" in scene.learned:
        _name_what_happened(scene, story)
        scene.say_once(_FELT)
    elif scene.heard.emotion is not Emotion.CALM and scene.told_more and scene.memory.said.get(_FELT, 0) < 2:
        scene.say_once(_FELT)


def _name_what_happened(scene: Scene, story: str) -> None:
    amount = scene.draft.words.get("amount") or scene.draft.evidence.get("amount") or ""
    with_amount = bool(amount) and len(amount) <= 12
    for theme in themes_in(story):
        conditions = {"with_amount": with_amount}
        if scene.say_once(f"utter_sympathy_{theme.name}", conditions=conditions, amount=amount):
            return
    scene.say_once(f"utter_sympathy_{GENERAL}", conditions={"with_amount": with_amount}, amount=amount)
