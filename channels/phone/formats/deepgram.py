"""Deepgram: utterances where they were asked for, else words by channel and speaker.

Source: Deepgram's API reference, "Transcribe pre-recorded audio".
"""

from __future__ import annotations

from typing import Any, Final

from channels.phone.formats.reading import Reading, Word, average, by_speaker_and_pause, said
from channels.phone.formats.tree import Node, span

NAME: Final = "deepgram"
EXPECTED: Final = "an object with results.channels, each with alternatives that have a transcript"


def fits(root: Any) -> bool:
    results = root.get("results") if isinstance(root, dict) else None
    return isinstance(results, dict) and ("channels" in results or "utterances" in results)


def read(root: Node) -> Reading:
    results = root["results"]
    channels = list(results["channels"])
    language = (channel.first("detected_language", "language").text() for channel in channels)
    reading = Reading(duration=root["metadata"]["duration"].seconds(), language=next(language, "") or None)
    stereo = len(channels) > 1
    if results["utterances"].value:
        for part in results["utterances"]:
            start, end = span(part["start"], part["end"])
            confidence = part["confidence"].confidence()
            if confidence is None:
                confidence = average(word["confidence"].confidence() for word in part["words"])
            label = _label(part["speaker"], part["channel"].label() if stereo else "")
            reading.utterances.append(said(part["transcript"].words(), start, end, confidence, label))
        return reading
    for number, channel in enumerate(channels):
        best = next(iter(channel["alternatives"]), None)
        if best is not None:
            reading.utterances += _from_words(best, str(number) if stereo else "")
    return reading


def _from_words(best: Node, channel: str) -> list[Any]:
    words = [
        Word(
            word.first("punctuated_word", "word").words(),
            word["start"].seconds(),
            word["end"].seconds(),
            word["confidence"].confidence(),
            _label(word["speaker"], channel),
        )
        for word in best["words"]
    ]
    if words:
        return by_speaker_and_pause(words)
    return [
        said(best["transcript"].words(), confidence=best["confidence"].confidence(), label=_label(Node(None), channel))
    ]


def _label(speaker: Node, channel: str) -> str:
    """What tells the voices apart: the channel where there are several, the speaker's number where it was guessed."""
    parts = [f"channel {channel}"] if channel else []
    parts += [f"speaker {speaker.label()}"] if speaker else []
    return ", ".join(parts)
