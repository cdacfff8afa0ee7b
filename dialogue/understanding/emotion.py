"""How the customer feels: by words that say so and, of a text long enough, by its wording as a whole; calm where neither tells.

The strongest feeling that is said counts: desperate before angry, then worried and sad, then disappointed. Most of what is felt has to be
guessed from what happened and how it is told; there the words of the list are one sign, and as strong as they have been right.

Not here: the words (emotion.toml), what the wording weighs (classifier.json), what is said in answer (the script).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dialogue.understanding.classifier import feelings_of, words_for
from dialogue.understanding.found import Emotion
from dialogue.understanding.signals import danger_in
from dialogue.understanding.terms import Folded, fold, lists

_STRONGEST_FIRST: Final = (Emotion.DESPERATE, Emotion.ANGRY, Emotion.WORRIED, Emotion.SAD, Emotion.DISAPPOINTED)
_LISTS: Final = lists("emotion")
_SAID: Final = 3.0  # what a word of the list adds, in logits
_UNSAID: Final = 0.9  # what it adds to calm that no list finds anything
_ENOUGH_HAN: Final = 30
_ENOUGH_LATIN: Final = 80
"""Characters from which the wording as a whole tells a feeling: a line in a chat tells it by its words or not at all."""


@dataclass(frozen=True, slots=True)
class Feeling:
    """`words` are those that say it or, where `said` is False, the sentence whose wording tells it; none for calm."""

    emotion: Emotion
    words: str
    said: bool


def emotion_in(text: str) -> Emotion:
    """The strongest feeling of the text."""
    return feeling_in(text).emotion


def feeling_in(text: str) -> Feeling:
    """The strongest feeling of the text, and where it was read."""
    folded = fold(text)
    danger = danger_in(text)
    if danger is not None and not _LISTS["threatens"].first(folded):
        return Feeling(Emotion.DESPERATE, danger, said=True)
    said = said_in(folded)
    if len(folded.folded) < (_ENOUGH_HAN if folded.han else _ENOUGH_LATIN):
        return said
    chances = feelings_of(folded)
    chances[said.emotion.value] += _UNSAID if said.emotion is Emotion.CALM else _SAID
    likeliest = Emotion(max(chances, key=chances.__getitem__))
    if likeliest is said.emotion or likeliest is Emotion.CALM:
        return said if likeliest is said.emotion else Feeling(Emotion.CALM, "", said=False)
    return Feeling(likeliest, words_for(folded, likeliest.value), said=False)


def said_in(text: Folded) -> Feeling:
    """The strongest feeling that a word of the list states."""
    for emotion in _STRONGEST_FIRST:
        if hit := _LISTS[emotion].first(text):
            return Feeling(emotion, hit.words, said=True)
    return Feeling(Emotion.CALM, "", said=False)
