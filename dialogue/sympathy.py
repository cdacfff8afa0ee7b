"""Sympathy: once it is understood what happened, one sentence that names it and one that fits how the customer feels.

Said of one matter once: who hears it again with every message hears a machine. Only hunger or a death that comes up later is met
with a word of its own. A sentence that has been used is not used again: rather none than the same one twice.

Each theme has several ways, and no customer reads always the same one: the first story of a conversation decides which
comes first, and the conversation keeps to that order, so that none comes back. Both engines count alike.

Not here: the sentences (domain/sympathy.yml), what the themes are (themes.py), how long was waited (waited.py).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from case_store.records import Money
from dialogue import readback
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.themes import AFRAID, GENERAL, PRESSING, names_fear, themes_in
from dialogue.understanding.found import Emotion, Signal
from dialogue.understanding.reaching import REACH, keeps_a_secret
from dialogue.understanding.waited import waited_in

LONGEST_SUM: Final = 12
_SPEAKS_OF_MUCH: Final = frozenset({"elderly", "loss"})  # "{amount}不是小数目": said of little it would be mockery
_MUCH: Final[Mapping[str, int]] = {"TWD": 5_000, "JPY": 20_000}
_MUCH_ELSEWHERE: Final = 1_000

FEELING: Final = "utter_feeling"
_SOMEBODY: Final = re.compile(
    r"[他她佢]|老公|老婆|丈夫|妻子|前夫|前妻|男友|报复|報復|\b(?:he|him|she|her|they|them|husband|wife|partner|boyfriend|girlfriend|ex|son|father|brother)\b",
    re.IGNORECASE,
)
_SHOUTED: Final = re.compile(r"[A-Z]{3,}(?:[ -][A-Z]+)*")
_MANNERS: Final = 60  # divides evenly by any number of ways up to five
_BARE_FIGURE: Final = re.compile(
    r"(?:[£$€¥￥]|[A-Za-z]{1,3}[$]?|[港美][币幣元]|人民[币幣]|新?[台臺][币幣])? ?[\d.,]+ ?元?"
)
_FIGURE_AND_UNIT: Final = re.compile(r"(\d[\d,]*(?:\.\d{1,2})?) ?([^\d\s\x21-\x7e万萬千百億亿].{0,3})")


def sympathise(scene: Scene) -> None:
    if "what_happened" in scene.learned:
        name_what_happened(scene)
        hear_fear(scene)
    elif names_fear(_said(scene)):
        hear_fear(scene)
    elif (scene.told_more or scene.draft.facts.what_happened is None) and (
        pressing := [one for one in themes_in(scene.heard.text) if one.name in PRESSING]
    ):
        response = f"utter_sympathy_{pressing[0].name}"
        if response not in scene.memory.said:  # whoever tells more of a death is not condoled with again and again
            scene.say_once(response, conditions={"with_amount": False}, beginning=_manner(scene, scene.heard.text))
    elif scene.heard.emotion is not Emotion.CALM and scene.told_more and not has_been_said(scene):
        scene.say_once(FEELING)


def _said(scene: Scene) -> str:
    """All that was said, with how they want to be reached: "I'm afraid that my family finds out"."""
    return "\n".join(filter(None, (scene.heard.text, scene.heard.words.get(REACH))))


def hear_fear(scene: Scene) -> None:
    """A word to who says that they are afraid, once; and where to turn where it is somebody near who is feared."""
    text = _said(scene)
    if not names_fear(text) or scene.heard_signal(Signal.DANGER_TO_LIFE):
        return
    response = f"utter_sympathy_{AFRAID}"
    if response not in scene.memory.said:
        scene.say_once(response, conditions={"with_amount": False}, beginning=_manner(scene, text))
    filed = scene.memory.phase == Phase.FILED
    fears_somebody = filed or _SOMEBODY.search(text) or keeps_a_secret(scene.draft.words.get(REACH, ""))
    if fears_somebody and "utter_safe_first" not in scene.memory.said:
        scene.say("utter_safe_first", emergency=scene.turn.house.emergency[scene.memory.language])


def has_been_said(scene: Scene) -> bool:
    return any(is_sympathy(response) for response in scene.memory.said)


def is_sympathy(response: str) -> bool:
    """Whether this response of the script says sympathy. Thanks for telling it is none yet."""
    return response == FEELING or (response.startswith("utter_sympathy_") and not response.endswith(GENERAL))


def name_what_happened(scene: Scene) -> None:
    amount = scene.draft.words.get("amount") or scene.draft.evidence.get("amount") or ""
    figure = _FIGURE_AND_UNIT.fullmatch(amount.strip())
    if figure:
        amount = f"{Decimal(figure[1].replace(',', '')):,} {figure[2]}"
    elif scene.draft.facts.amount is not None and _BARE_FIGURE.fullmatch(amount.strip()):
        amount = readback.money(scene, scene.draft.facts.amount)
    elif _SHOUTED.fullmatch(amount):  # a sum in words: nobody is answered in capitals
        amount = amount.lower()
    story = scene.draft.facts.what_happened or ""
    wait = waited_in(story, scene.language) or ""
    conditions = {"with_amount": 0 < len(amount) <= LONGEST_SUM, "with_wait": bool(wait)}
    manner = _manner(scene, story)
    for theme in (*(theme.name for theme in themes_in(story)), GENERAL):
        response = f"utter_sympathy_{theme}"
        named = conditions["with_amount"] and (theme not in _SPEAKS_OF_MUCH or _is_much(scene.draft.facts.amount))
        said_of = {**conditions, "with_amount": named}
        if scene.say_once(response, conditions=said_of, beginning=manner, amount=amount, wait=wait):
            calmed = any(piece.response == "utter_stay_calm" for piece in scene.pieces)
            if scene.heard.emotion is not Emotion.CALM and not calmed:
                scene.say_once(FEELING, attached=True)
            return
    scene.say_once(FEELING)


def _is_much(amount: Money | None) -> bool:
    """A sum without figures ("五十几万") is named only where it is much."""
    return amount is None or amount.value >= _MUCH.get(amount.currency, _MUCH_ELSEWHERE)


def _manner(scene: Scene, story: str) -> int:
    """Which way comes first in this conversation: as good as chance, and the same for the same words."""
    if scene.memory.manner is None:
        scene.memory.manner = zlib.crc32(story.encode()) % _MANNERS
    return scene.memory.manner
