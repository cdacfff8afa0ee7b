"""Whisper and what is built on it: OpenAI's API, whisperX, whisper-timestamped, faster-whisper, whisper.cpp.

A segment in which several speakers talk (whisperX with diarisation) is cut where the speaker changes. Confidence is the
segment's own, else the mean of its words', else e to its mean log probability.
Source: openai/whisper, whisper/transcribe.py; m-bain/whisperX; ggml-org/whisper.cpp, examples/cli (`--output-json`).
"""

from __future__ import annotations

import math
from typing import Any, Final

from channels.phone.call import Utterance
from channels.phone.formats.reading import Reading, Word, average, by_speaker_and_pause, said
from channels.phone.formats.tree import Node, span

NAME: Final = "whisper"
EXPECTED: Final = "an object with segments, each with text, start and end"


def fits(root: Any) -> bool:
    if not isinstance(root, dict):
        return False
    if isinstance(root.get("segments"), list) or isinstance(root.get("transcription"), list):
        return True
    words = root.get("words", root.get("word_segments"))
    if isinstance(words, list) and words and isinstance(words[0], dict) and "word" in words[0]:
        return True
    return isinstance(root.get("text"), str) and (len(root) == 1 or "language" in root or "task" in root)


def read(root: Node) -> Reading:
    reading = Reading(
        language=root["language"].text() or root["result"]["language"].text() or None,
        duration=root["duration"].seconds(),
    )
    if root["segments"].value:
        for segment in root["segments"]:
            reading.utterances += _segment(segment)
    elif root["transcription"].value:
        for segment in root["transcription"]:
            start, end = span(segment["offsets"]["from"], segment["offsets"]["to"], 0.001)
            reading.utterances.append(said(segment["text"].words(), start, end, label=segment["speaker"].label()))
    elif root.first("words", "word_segments").value:
        reading.utterances = by_speaker_and_pause(_words(root.first("words", "word_segments"), ""))
    else:
        reading.utterances = [said(root["text"].text())]
    return reading


def _segment(segment: Node) -> list[Utterance]:
    label = segment["speaker"].label()
    words = _words(segment["words"], label)
    start, end = span(segment["start"], segment["end"])
    confidence = segment["confidence"].confidence()
    if confidence is None:
        confidence = average(word.confidence for word in words)
    if confidence is None:
        confidence = _from_log(segment["avg_logprob"])
    if len({word.label for word in words}) < 2:
        return [said(segment["text"].words(), start, end, confidence, words[0].label if words else label)]
    return by_speaker_and_pause(words)


def _words(words: Node, label: str) -> list[Word]:
    found = []
    for word in words:
        label = word["speaker"].label() or label  # a word that was not aligned is its neighbour's
        found.append(
            Word(
                word.first("word", "text").words(),
                word["start"].seconds(),
                word["end"].seconds(),
                word.first("score", "probability", "confidence").confidence(),
                label,
            )
        )
    return found


def _from_log(node: Node) -> float | None:
    mean = node.number()
    return math.exp(mean) if mean is not None and mean <= 0 else None
