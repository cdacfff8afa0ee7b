"""SubRip (`.srt`): numbered cues with two times. The number may be missing, the fraction may follow a dot.

Source: the format has no standard; read is what the `srt` library reads.
"""

from __future__ import annotations

import re
from typing import Final

from channels.phone.call import BadTranscript, Utterance
from channels.phone.formats import webvtt
from channels.phone.formats.captions import ARROW, Block, blocks, labelled, two_times
from channels.phone.formats.reading import Reading, bounded, said, shown

NAME: Final = "srt"
EXAMPLE: Final = "00:00:01,000 --> 00:00:02,500"
_TIMES: Final = re.compile(r"\s*\d[\d:.,\w]{0,20}\s*-->")
_TAG: Final = re.compile(r"</?(?:[biu]|font)(?:\s[^<>]{0,100})?>|\{\\[^{}]{1,40}\}", re.IGNORECASE)


def fits(head: list[str]) -> bool:
    """Time lines with an arrow and no header; numbers before them, or commas in them, as WebVTT has not."""
    return any(_TIMES.match(line) for line in head) and not webvtt.fits(head)


def is_numbered(head: list[str]) -> bool:
    """Is this SubRip, and not WebVTT whose header is missing?"""
    at = next(number for number, line in enumerate(head) if ARROW in line)
    return "," in head[at] or (at > 0 and head[at - 1].strip().isdecimal())


def read(text: str) -> Reading:
    cues: list[Block] = []
    for block in blocks(text.split("\n")):
        found = _cues(block)
        if not found and not cues:
            raise BadTranscript(f"{shown(block.lines[0])} has no time line, expected one like {EXAMPLE}", block.line)
        if not found:
            cues[-1].lines.extend(block.lines)  # an empty line within what was said
        cues += found
    return Reading(labelled(bounded([_cue(cue) for cue in cues])))


def _cues(block: Block) -> list[Block]:
    """The cues of a block without their numbers; none if it is text alone. A cue's number needs a time line after it."""
    lines = block.lines
    at = [number for number, line in enumerate(lines) if ARROW in line and _TIMES.match(line)]
    if not at:
        if not lines[0].strip().isdecimal():
            return []
        missing = lines[1] if len(lines) > 1 else ""
        number = block.line + min(1, len(lines) - 1)
        found = f", found {shown(missing)}" if missing else ""
        raise BadTranscript(f"cue {shown(lines[0])} has no time line like {EXAMPLE} after its number{found}", number)
    if at[0] > 1 or (at[0] == 1 and not lines[0].strip().isdecimal()):
        raise BadTranscript(f"{shown(lines[0])} is no cue's number, expected one before the time line", block.line)
    cues = []
    for this, following in zip(at, [*at[1:], len(lines) + 1], strict=True):
        last = following - 1 if following <= len(lines) and lines[following - 1].strip().isdecimal() else following
        cues.append(Block(block.line + this, lines[this : max(this + 1, last)]))
    return cues


def _cue(cue: Block) -> Utterance:
    start, end = two_times(cue.lines[0], cue.line, ARROW, EXAMPLE)
    return said(_TAG.sub("", "\n".join(cue.lines[1:])), start, end)
