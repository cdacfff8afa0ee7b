"""Sympathy: once it is understood what happened, one sentence that names it and one that fits how the customer feels.

Said of one matter once: who hears it again with every message hears a machine. Only hunger or a death that comes up later is met
with a word of its own. A sentence that has been used is not used again: rather none than the same one twice.

Not here: the sentences (domain/sympathy.yml), what the themes are (themes.py).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from dialogue import readback
from dialogue.scene import Scene
from dialogue.themes import GENERAL, PRESSING, themes_in
from dialogue.understanding.found import Emotion

LONGEST_SUM: Final = 12

_FEELING: Final = "utter_feeling"
_BARE_FIGURE: Final = re.compile(
    r"(?:[£$€¥￥]|[A-Za-z]{1,3}[$]?|[港美][币幣元]|人民[币幣]|新?[台臺][币幣])? ?[\d.,]+ ?元?"
)
_FIGURE_AND_UNIT: Final = re.compile(r"(\d[\d,]*(?:\.\d{1,2})?) ?([^\d\s\x21-\x7e万萬千百億亿].{0,3})")


def sympathise(scene: Scene) -> None:
    if "what_happened" in scene.learned:
        name_what_happened(scene)
    elif (scene.told_more or scene.draft.facts.what_happened is None) and (
        pressing := [one for one in themes_in(scene.heard.text) if one.name in PRESSING]
    ):
        scene.say_once(f"utter_sympathy_{pressing[0].name}", conditions={"with_amount": False})
    elif scene.heard.emotion is not Emotion.CALM and scene.told_more and not _has_been_said(scene):
        scene.say_once(_FEELING)


def _has_been_said(scene: Scene) -> bool:
    return any(is_sympathy(response) for response in scene.memory.said)


def is_sympathy(response: str) -> bool:
    """Whether this response of the script says sympathy. Thanks for telling it is none yet."""
    return response == _FEELING or (response.startswith("utter_sympathy_") and not response.endswith(GENERAL))


def name_what_happened(scene: Scene) -> None:
    amount = scene.draft.words.get("amount") or scene.draft.evidence.get("amount") or ""
    figure = _FIGURE_AND_UNIT.fullmatch(amount.strip())
    if figure:
        amount = f"{Decimal(figure[1].replace(',', '')):,} {figure[2]}"
    elif scene.draft.facts.amount is not None and _BARE_FIGURE.fullmatch(amount.strip()):
        amount = readback.money(scene, scene.draft.facts.amount)
    conditions = {"with_amount": 0 < len(amount) <= LONGEST_SUM}
    themes = [theme.name for theme in themes_in(scene.draft.facts.what_happened or "")]
    for theme in (*themes, GENERAL):
        if scene.say_once(f"utter_sympathy_{theme}", conditions=conditions, amount=amount):
            calmed = any(piece.response == "utter_stay_calm" for piece in scene.pieces)
            if scene.heard.emotion is not Emotion.CALM and not calmed:
                scene.say_once(_FEELING, attached=True)
            return
    scene.say_once(_FEELING)
