"""What somebody who has told nothing yet has come for: to praise, to thank, to ask; whatever else they tell is their complaint.

Not here: what a message is by its words (understanding/kinds.py), what becomes of what is told (taking.py).
"""

from __future__ import annotations

from case_store.records import MessageKind
from dialogue.scene import Scene
from dialogue.turn import Pace
from dialogue.understanding.facts import only_greets
from dialogue.understanding.found import Signal
from dialogue.understanding.kinds import asks_only, praises


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
    return praises(text) or ("amount" not in scene.learned and asks_only(text))


def _kind(scene: Scene) -> str:
    text = scene.heard.text
    return scene.judge(text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind.value
