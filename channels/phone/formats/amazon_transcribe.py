"""Amazon Transcribe without analytics: words, with channels or speaker labels where these were asked for.

Source: the Amazon Transcribe developer guide, "Data input and output".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from channels.phone.formats.reading import Reading, Word, by_speaker_and_pause, said
from channels.phone.formats.tree import Node

NAME: Final = "amazon-transcribe"
EXPECTED: Final = "an object with results.items or results.transcripts"


def fits(root: Any) -> bool:
    results = root.get("results") if isinstance(root, dict) else None
    return isinstance(results, dict) and any(key in results for key in ("items", "transcripts", "channel_labels"))


def read(root: Node) -> Reading:
    results = root["results"]
    reading = Reading(language=results["language_code"].text() or None)
    if results["channel_labels"]:
        for channel in results["channel_labels"]["channels"]:
            words = _words(channel["items"], channel["channel_label"].label())
            reading.utterances += by_speaker_and_pause(words)
        return reading
    reading.utterances = by_speaker_and_pause(_words(results["items"], ""))
    if not reading.utterances:
        reading.utterances = [said(entry["transcript"].words()) for entry in results["transcripts"]]
    return reading


def _words(items: Iterable[Node], channel: str) -> Iterable[Word]:
    before = ""
    for item in items:
        best = next(iter(item["alternatives"]), None)
        if best is None:
            item["alternatives"].wrong("a list with a word")
        text, label = best["content"].words(), channel or item["speaker_label"].label()
        if item["type"].text() == "punctuation":
            yield Word(text, label=label or before)
        else:
            start, end = item["start_time"].seconds(), item["end_time"].seconds()
            yield Word(text, start, end, best["confidence"].confidence(), label)
            before = label
