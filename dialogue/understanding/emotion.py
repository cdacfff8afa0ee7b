"""How the customer feels, by words that say so; calm where none does.

The strongest feeling in the text counts: desperate before angry, then worried and sad, then disappointed. The lists stand in emotion.toml.

Not here: what is said in answer (the script).
"""

from __future__ import annotations

from typing import Final

from dialogue.understanding.found import Emotion
from dialogue.understanding.signals import danger_in
from dialogue.understanding.terms import fold, lists

_STRONGEST_FIRST: Final = (Emotion.DESPERATE, Emotion.ANGRY, Emotion.WORRIED, Emotion.SAD, Emotion.DISAPPOINTED)
_LISTS: Final = lists("emotion")


def emotion_in(text: str) -> Emotion:
    """The strongest feeling that the words state."""
    folded = fold(text)
    if danger_in(text) is not None and not _LISTS["threatens"].first(folded):
        return Emotion.DESPERATE
    return next((emotion for emotion in _STRONGEST_FIRST if _LISTS[emotion].first(folded)), Emotion.CALM)
