"""AssemblyAI: utterances, or words with speakers. Times are milliseconds.

Source: AssemblyAI's API reference, "Get transcript".
"""

from __future__ import annotations

from typing import Any, Final

from channels.phone.formats.reading import Reading, Word, average, by_speaker_and_pause, said
from channels.phone.formats.tree import Node, span

NAME: Final = "assemblyai"
EXPECTED: Final = "an object with utterances or words, each with text, start and end in milliseconds"


def fits(root: Any) -> bool:
    if not isinstance(root, dict) or "segments" in root:
        return False
    words = root.get("words")
    if isinstance(words, list) and words and isinstance(words[0], dict) and "text" in words[0]:
        return True
    return "utterances" in root or "audio_url" in root


def read(root: Node) -> Reading:
    state = root["status"]
    if state.text() == "error":
        state.wrong(f"completed: the recogniser says {root['error'].text()[:200] or 'nothing more'}")
    if state and state.text() != "completed":
        state.wrong("completed")
    reading = Reading(language=root["language_code"].text() or None, duration=root["audio_duration"].seconds())
    if root["utterances"].value:
        for part in root["utterances"]:
            start, end = span(part["start"], part["end"], 0.001)
            confidence = part["confidence"].confidence()
            if confidence is None:
                confidence = average(word["confidence"].confidence() for word in part["words"])
            label = part.first("speaker", "channel").label()
            reading.utterances.append(said(part["text"].words(), start, end, confidence, label))
        return reading
    words = [
        Word(
            word["text"].words(),
            word["start"].seconds(0.001),
            word["end"].seconds(0.001),
            word["confidence"].confidence(),
            word.first("speaker", "channel").label(),
        )
        for word in root["words"]
    ]
    reading.utterances = by_speaker_and_pause(words)
    if not words:
        reading.utterances = [said(root["text"].words(), confidence=root["confidence"].confidence())]
    return reading
