"""SBV, the captions of YouTube: a line with two times, then the words."""

from __future__ import annotations

import re
from typing import Final

from channels.phone.call import Utterance
from channels.phone.formats.captions import blocks, labelled, two_times
from channels.phone.formats.reading import Reading, said

NAME: Final = "sbv"
EXAMPLE: Final = "0:00:01.000,0:00:02.500"
_TIMES: Final = re.compile(r"\s*\d{1,3}:\d\d:\d\d\.\w{1,9},\s*\d{1,3}:[\w:.]{1,20}\s*")


def fits(head: list[str]) -> bool:
    return any(_TIMES.fullmatch(line) for line in head)


def read(text: str) -> Reading:
    utterances: list[Utterance] = []
    for block in blocks(text.split("\n")):
        start, end = two_times(block.lines[0], block.line, ",", EXAMPLE)
        utterances.append(said("\n".join(block.lines[1:]).replace("[br]", "\n"), start, end))
    return Reading(labelled(utterances))
