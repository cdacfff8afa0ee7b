"""The customer's words as they are read: utterances that belong together as one passage, and where each fact stands in them.

A recogniser cuts at every breath. What follows within a breath is one passage, so that "on the fifth of" and "November" are read
as one date. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from case_store.conversations import StoredMessage
from case_store.records import FACT_NAMES, Draft

BREATH: Final = 0.8  # seconds between utterances of one passage
LONGEST_WORDS: Final = 120  # of an utterance that is read out again
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """`numbers` are the messages it is made of."""

    text: str
    numbers: tuple[int, ...]


def passages_of(said: Sequence[StoredMessage]) -> list[Passage]:
    """Of one speaker, in order."""
    if not said:
        return []
    grouped = [[said[0]]]
    for before, after in pairwise(said):
        if _goes_on(before, after):
            grouped[-1].append(after)
        else:
            grouped.append([after])
    return [Passage(_joined(group), tuple(one.number for one in group)) for group in grouped]


def _goes_on(before: StoredMessage, after: StoredMessage) -> bool:
    ended, began = (before.utterance or {}).get("end"), (after.utterance or {}).get("start")
    return ended is not None and began is not None and began - ended < BREATH


def _joined(group: Sequence[StoredMessage]) -> str:
    text = group[0].text
    for one in group[1:]:
        between = "" if _HAN.search(text[-1:]) or _HAN.match(one.text) else " "
        text += between + one.text
    return text


def heard_in(draft: Draft, said: Sequence[StoredMessage], unsure: float) -> dict[str, dict[str, Any]]:
    """For each fact that was heard: its words, the message they stand in, the second, the recogniser's confidence.

    `unsure` marks those whose confidence is below it. Words said twice are as sure as the surer time; what several utterances
    tell together is as sure as the least certain of them. The story is not in doubt again where a fact of the same words is.
    """
    found: dict[str, dict[str, Any]] = {}
    for fact in FACT_NAMES:
        words = draft.evidence.get(fact) or draft.words.get(fact) or ""
        where = _where(words, said)
        if where is not None:
            found[fact] = _told(where, words if len(words) <= LONGEST_WORDS else where.text, unsure)
    story = found.get("what_happened", {})
    if any(
        told.get("unsure") and told["message"] == story.get("message") for told in found.values() if told is not story
    ):
        story.pop("unsure", None)
    return found


def _where(words: str, said: Sequence[StoredMessage]) -> StoredMessage | None:
    sought = _plain(words)
    whole = [one for one in said if sought and sought in _plain(one.text)]
    if whole:
        return max(whole, key=_confidence)  # of equals the first
    parts = [one for one in said if len(_plain(one.text)) > 1 and _plain(one.text) in sought]
    return min(parts, key=_confidence, default=None)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _confidence(one: StoredMessage) -> float:
    told: float = (one.utterance or {}).get("confidence", 1.0)
    return told


def _told(where: StoredMessage, words: str, unsure: float) -> dict[str, Any]:
    utterance = where.utterance or {}
    told: dict[str, Any] = {"words": words.strip()[:LONGEST_WORDS], "message": where.number}
    told |= {name: utterance[name] for name in ("start", "confidence") if name in utterance}
    if utterance.get("confidence", 1.0) < unsure:
        told["unsure"] = True
    return told
