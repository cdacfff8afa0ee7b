"""What a format's reader hands over: the words under the file's own speaker labels, and what else the file says.

Not here: whose words they are (speakers.py), and the bounds that every call is held to (`read_transcript`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from channels.phone.call import BadTranscript, Speaker, Utterance

PAUSE: Final = 1.0  # seconds of silence after which the same voice begins a new utterance
LONGEST: Final = 60.0  # seconds after which an utterance made of words ends with its sentence
MOST_UTTERANCES: Final = 100_000  # a call of a day has some 20,000
SHOWN: Final = 60  # characters of a wrong value that an error repeats
_SENTENCE_ENDS: Final = (".", "?", "!", "。", "？", "！", "…")
_WIDE: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_CLINGS: Final = re.compile(r"[.,!?;:%)\]}，。！？；：、）】》”’…]+")


@dataclass(slots=True)
class Reading:
    """`roles` are those that the file states, by label; `why` says where it states them."""

    utterances: list[Utterance] = field(default_factory=list)
    roles: dict[str, Speaker] = field(default_factory=dict)
    why: str = ""
    call_id: str | None = None
    started_at: datetime | None = None
    duration: float | None = None
    language: str | None = None
    customer_number: str | None = None
    agent_name: str | None = None


class Word(NamedTuple):
    """One word as the recogniser gave it. A leading space, as Whisper writes it, separates it from the word before."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    label: str = ""


def said(
    text: str, start: float | None = None, end: float | None = None, confidence: float | None = None, label: str = ""
) -> Utterance:
    """An utterance of which only the label is known yet."""
    return Utterance(Speaker.UNKNOWN, text, start, end, confidence, label)


def bounded(utterances: list[Utterance]) -> list[Utterance]:
    """The same. Raises BadTranscript if they are more than any call has."""
    if len(utterances) > MOST_UTTERANCES:
        raise BadTranscript(f"the call has more than {MOST_UTTERANCES:,} utterances, expected those of one call")
    return utterances


def by_speaker_and_pause(words: Iterable[Word]) -> list[Utterance]:
    """Words one after another as utterances: a new one begins with another speaker, a pause, or a sentence after long talk."""
    utterances: list[Utterance] = []
    run: list[Word] = []
    for word in words:
        if run and _begins_anew(run, word):
            utterances.append(_utterance(run))
            run = []
        run.append(word)
    if run:
        utterances.append(_utterance(run))
    return utterances


def average(confidences: Iterable[float | None]) -> float | None:
    """The mean of those that are known, None if none is."""
    known = [confidence for confidence in confidences if confidence is not None]
    return sum(known) / len(known) if known else None


def joined(words: Iterable[str]) -> str:
    """Words as a line of text: spaces between Western words, none between Chinese characters or before punctuation."""
    pieces = [word for word in words if word.strip()]
    if any(piece[0].isspace() for piece in pieces):
        return "".join(pieces).strip()
    text: list[str] = []
    before = ""
    for piece in pieces:
        if before and not _CLINGS.fullmatch(piece) and not (_WIDE.match(before[-1]) and _WIDE.match(piece[0])):
            text.append(" ")
        text.append(piece)
        before = piece
    return "".join(text)


def shown(value: object) -> str:
    """A value as an error repeats it: quoted if it is text, and short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "missing", True: "true", False: "false"}[value]
    text = str(value) if not isinstance(value, str) else " ".join(value[: 2 * SHOWN].split())
    if len(text) > SHOWN:
        text = text[: SHOWN - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _begins_anew(run: list[Word], word: Word) -> bool:
    last = run[-1]
    if word.label != last.label:
        return True
    if word.start is None:
        return False
    if last.end is not None and word.start - last.end > PAUSE:
        return True
    began = run[0].start
    return began is not None and word.start - began > LONGEST and last.text.rstrip().endswith(_SENTENCE_ENDS)


def _utterance(run: list[Word]) -> Utterance:
    start = next((word.start for word in run if word.start is not None), None)
    end = max((word.end for word in run if word.end is not None), default=None)
    if start is not None and end is not None:
        end = max(start, end)  # a recogniser's last word may end before it begins; what was said is not in doubt
    return said(joined(word.text for word in run), start, end, average(word.confidence for word in run), run[0].label)
