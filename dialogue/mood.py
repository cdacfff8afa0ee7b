"""What a customer felt and wanted, as opinions beside the judgement of the matter: each with the words that said so.

For the agent who takes over: somebody who asked for a person an hour ago, or wrote that they can't sleep, should not have to
say it again. One turn's words in; the record keeps what earlier turns said (`Judgement.after`).

Not here: what is said in answer (sympathy.py, the script), danger to life, which is an alarm (triage.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from case_store.records import Judgement, Opinion
from dialogue.understanding.emotion import feeling_in
from dialogue.understanding.found import Emotion, Signal, Understanding

SAID_SO: Final = "said_so"
BY_WORDING: Final = "wording"  # a feeling that no word states: what happened and how it is told say it

_WANTED: Final = (
    Signal.WANTS_PERSON,
    Signal.STOLEN_CARD,
    Signal.SCAM_NOW,
    Signal.WITHDRAWS,
    Signal.ASKS_STATUS,
    Signal.ASKS_HOW_LONG,
    Signal.ASKS_WHY,
    Signal.ASKS_DATA_HELD,
    Signal.ANOTHER_COMPLAINT,
    Signal.ABUSE,
)


def with_mood(judgement: Judgement, heard: Understanding) -> Judgement:
    """The judgement, with what this turn's words say of feeling and wish."""
    intents = tuple(
        Opinion(signal.value, SAID_SO, heard.evidence.get(signal.value, ""))
        for signal in _WANTED
        if signal in heard.signals
    )
    return replace(judgement, emotion=_emotion(heard), intents=intents)


def _emotion(heard: Understanding) -> Opinion | None:
    if heard.emotion is Emotion.CALM:
        return None
    feeling = feeling_in(heard.text)
    return Opinion(heard.emotion.value, SAID_SO if feeling.said else BY_WORDING, feeling.words)
