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
    return feeling_in(text)[0]


def feeling_in(text: str) -> tuple[Emotion, str]:
    """The strongest feeling that the words state, and the words; none for calm."""
    folded = fold(text)
    danger = danger_in(text)
    if danger is not None and not _LISTS["threatens"].first(folded):
        return Emotion.DESPERATE, danger
    for emotion in _STRONGEST_FIRST:
        if hit := _LISTS[emotion].first(folded):
            return emotion, hit.words
    return Emotion.CALM, ""
