"""WebVTT: cues with two times; `<v Name>` names the speaker.

Source: W3C, "WebVTT: The Web Video Text Tracks Format". A block with text and no time line is refused, where a player of
films passes over it: here it is something that somebody said.
"""

from __future__ import annotations

import html
import re
from typing import Final

from webvtt import Caption

from channels.phone.call import BadTranscript, Utterance
from channels.phone.formats.captions import ARROW, Block, blocks, labelled, two_times
from channels.phone.formats.reading import Reading, bounded, said, shown

NAME: Final = "webvtt"
HEADER: Final = "WEBVTT"
EXAMPLE: Final = "00:00:01.000 --> 00:00:02.500"
NOT_SPOKEN: Final = ("NOTE", "STYLE", "REGION")
_VOICE: Final = re.compile(r"(?=<v[.\s])")
_LANGUAGE: Final = re.compile(r"Language\s*[:=]\s*([A-Za-z0-9_-]{2,35})\s*")


def fits(head: list[str]) -> bool:
    return bool(head) and head[0].split(" ", 1)[0].split("\t", 1)[0] == HEADER


def read(text: str) -> Reading:
    lines = text.split("\n")
    begin = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not fits([lines[begin].strip()]):
        raise BadTranscript(f"the file begins with {shown(lines[begin])}, expected {HEADER}", begin + 1)
    reading = Reading()
    end = begin + 1
    while end < len(lines) and lines[end].strip() and ARROW not in lines[end]:
        if match := _LANGUAGE.fullmatch(lines[end]):
            reading.language = match[1]
        end += 1
    plain: list[Utterance] = []
    for block in blocks(lines[end:], end + 1):
        for cue in _cues(block):
            plain += _cue(cue)
            bounded(plain)
    named = any(utterance.label for utterance in plain)
    reading.utterances = plain if named else labelled(plain)
    return reading


def _cues(block: Block) -> list[Block]:
    """A block has one cue, or several where a time line follows without an empty line."""
    if block.lines[0].split(" ", 1)[0].strip() in NOT_SPOKEN and ARROW not in block.lines[0]:
        return []
    at = [number for number, line in enumerate(block.lines) if ARROW in line]
    if not at or at[0] > 1:
        raise BadTranscript(
            f"{shown(block.lines[0])} has no time line, expected one like {EXAMPLE} before it", block.line
        )
    at.append(len(block.lines))
    return [Block(block.line + at[n], block.lines[at[n] : at[n + 1]]) for n in range(len(at) - 1)]


def _cue(cue: Block) -> list[Utterance]:
    start, end = two_times(cue.lines[0], cue.line, ARROW, EXAMPLE)
    utterances: list[Utterance] = []
    for voice in _VOICE.split("\n".join(cue.lines[1:])):
        bounded(utterances)
        if voice.strip():
            caption = Caption(text=voice.split("\n"))
            label = html.unescape(caption.voice or "").strip()
            utterances.append(said(html.unescape(caption.text), start, end, label=label))
    return utterances
