"""Harper Valley's shape: a list of turns with the speaker's role, as recognised and as a person wrote it down.

The person's text is taken where there is one. Source: "HarperValleyBank: A Domain-Specific Spoken Dialog Corpus" (2020).
"""

from __future__ import annotations

from typing import Any, Final

from channels.phone.formats import times
from channels.phone.formats.reading import Reading, said
from channels.phone.formats.speakers import role_of
from channels.phone.formats.tree import Node

NAME: Final = "harper-valley"
EXPECTED: Final = "a list of turns, each with speaker_role, transcript and start_ms"


def fits(root: Any) -> bool:
    if not isinstance(root, list):
        return False
    return any(isinstance(turn, dict) and "speaker_role" in turn and "transcript" in turn for turn in root[:100])


def read(root: Node) -> Reading:
    reading = Reading(why="the transcript names each speaker's role")
    for turn in root:
        label = turn["speaker_role"].label()
        role = role_of(label)
        if role is not None:
            reading.roles[label] = role
        start, length = turn["start_ms"].seconds(0.001), turn["duration_ms"].seconds(0.001)
        if reading.started_at is None and start is not None and turn["start_timestamp_ms"]:
            reading.started_at = times.since_1970((turn["start_timestamp_ms"].number() or 0.0) - start * 1000)
        end = None if start is None or length is None else round(start + length, 6)
        human = turn["human_transcript"].text().strip()
        confidence = None if human else turn["confidence"].confidence()  # it was the machine's, of its own words
        reading.utterances.append(said(human or turn["transcript"].words(), start, end, confidence, label))
    return reading
