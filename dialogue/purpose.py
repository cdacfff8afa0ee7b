"""What somebody who has told nothing yet has come for: to praise, to thank, to ask; whatever else they tell is their complaint.

Not here: what a message is by its words (understanding/kinds.py), what becomes of what is told (taking.py).
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import MessageKind
from dialogue.scene import Scene
from dialogue.turn import Pace
from dialogue.understanding.facts import only_greets
from dialogue.understanding.found import Signal
from dialogue.understanding.kinds import asks_only, praises
from dialogue.understanding.plain import plain

# that somebody is unhappy, and not yet why; asked what happened, whatever they answer counts
_ONLY_DISPLEASED: Final = re.compile(
    r"\W*(?:(?:hi|hello|so|well|look)[, ]+)?(?:(?:i am|i'm|we are|we're) )?(?:really |very |so |extremely |quite |deeply )*(?:not (?:at all |very )?happy|unhappy|dissatisfied|disappointed|displeased|upset|angry|furious) "
    r"(?:with|about|at|by) (?:how you (?:people |guys |lot )?(?:\w+ ){1,3}|the way you (?:people |guys |lot )?(?:\w+ ){1,3}|your |the |this |my ){1,2}(?:\w+ ?){0,3}\W*"
    r"|\W*(?:我|我们)?(?:对|對)[^,，。！!?？\n]{1,14}(?:非常|很|十分|极其|太|极度|好|相当)*(?:不满意?|失望|生气|不高兴|唔满意|嬲)(?:了|啊|呀)?\W*",
    re.IGNORECASE,
)


def only_thanks(scene: Scene) -> bool:
    """Praise of somebody, or a word of thanks, and nothing complained of: "No complaint from me, Dionne was marvellous"."""
    if not scene.heard_signal(Signal.THANKS) and not praises(scene.heard.text):
        return False
    return _kind(scene) == MessageKind.THANKS


def only_asks(scene: Scene) -> bool:
    """A question about what the house offers, and nothing that happened; what it names is nobody's complaint."""
    if scene.turn.pace is not Pace.LIVE or set(scene.learned) & {"what_happened", "amount", "name", "contact"}:
        return False
    return asks_only(scene.heard.text) and not only_greets(scene.heard.text)


def comes_for_another_reason(scene: Scene, text: str) -> bool:
    """Whether what was said in a live conversation tells nothing because it praises or asks."""
    if scene.turn.pace is not Pace.LIVE:
        return False
    displeased = _ONLY_DISPLEASED.fullmatch(plain(text).plain) and not scene.memory.times.get("what_happened")
    return bool(displeased) or praises(text) or ("amount" not in scene.learned and asks_only(text))


def _kind(scene: Scene) -> str:
    text = scene.heard.text
    return scene.judge(text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind.value
