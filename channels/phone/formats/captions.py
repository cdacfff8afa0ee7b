"""What the caption formats share: blocks with their line numbers, lines with two times, speakers' names before the words.

webvtt-py and srt are not asked to find the blocks: they pass over what they can't read, so that a sentence of the customer's
would be missing and nobody told, and give no line numbers. Tests hold what is read here against what they read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from channels.phone.call import BadTranscript, Utterance
from channels.phone.formats import times
from channels.phone.formats.reading import shown
from channels.phone.formats.speakers import role_of

ARROW: Final = "-->"
LONGEST_TIME_LINE: Final = 300
LONGEST_LABEL: Final = 40
_BRACKETED: Final = re.compile(r"\s*[\[【<(（]([^\[\]【】<>()（）:：\n]{1,40})[\]】>)）]\s*[:：]\s*(.*)", re.DOTALL)
_PREFIXED: Final = re.compile(r"\s*(?:[-–—>]+\s*)?([^:：\n]{1,40}?)\s*[:：](?!//)\s*(.*)", re.DOTALL)
_SENTENCE: Final = re.compile(r"[:：]|[.?!,;，。？！；、…\"“”](?:\s|$)|[，。？！；、“”]")


class Block(NamedTuple):
    """Lines with no empty line between them; `line` is the number of the first."""

    line: int
    lines: list[str]


def blocks(lines: list[str], first: int = 1) -> Iterator[Block]:
    """The blocks of a file. `first` is the number of the first of the lines."""
    block: list[str] = []
    for number, line in enumerate(lines, first):
        if line.strip():
            block.append(line)
        elif block:
            yield Block(number - len(block), block)
            block = []
    if block:
        yield Block(first + len(lines) - len(block), block)


def two_times(line: str, number: int, separator: str, example: str) -> tuple[float, float]:
    """The times of a cue. Raises BadTranscript where one is no time.

    An end before the beginning counts as no length, and is no reason to refuse a call: what was said is not in doubt.
    """
    if separator not in line or len(line) > LONGEST_TIME_LINE:
        raise BadTranscript(f"{shown(line)} is no time line, expected one like {example}", number)
    before, after = line.split(separator, 1)
    written = before.strip(), (after.split() or [""])[0]
    start, end = (clock(text, number, example) for text in written)
    return start, max(start, end)


def clock(text: str, number: int, example: str) -> float:
    """A time of a cue in seconds."""
    found = times.seconds(text) if ":" in text else None
    if found is None:
        raise BadTranscript(f"{shown(text)} is no time, expected a time line like {example}", number)
    return found


def split_label(text: str) -> tuple[str, str]:
    """The speaker's name before a colon and what was said after it; the name is empty if none stands there."""
    match = _BRACKETED.fullmatch(text) or _PREFIXED.fullmatch(text)
    if match is None or not is_like_a_name(match[1]):
        return "", text
    return match[1].strip(), match[2]


def is_like_a_name(label: str) -> bool:
    """Could this be what a transcript calls a speaker, and not the beginning of a sentence?"""
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL or label.replace(" ", "").isdecimal() or _SENTENCE.search(label):
        return False
    if role_of(label) is not None:
        return True
    if label[0].islower() and not any(char.isdigit() or char == "_" for char in label):
        return False
    return len(label.split()) <= 4 and not label[0].isdigit()


def labelled(utterances: list[Utterance]) -> list[Utterance]:
    """Captions whose words begin with a speaker's name, with the name as their label.

    Only where the file plainly does so: the name is a role's or comes more than once. A caption without a name after one that
    has one is the same speaker's.
    """
    split = [split_label(utterance.text) for utterance in utterances]
    counted = Counter(label for label, _ in split if label)
    names = {label for label, count in counted.items() if count > 1 or role_of(label) is not None}
    if not names:
        return utterances
    found, label = [], ""
    for utterance, (name, rest) in zip(utterances, split, strict=True):
        text = utterance.text
        if name in names:
            label, text = name, rest
        found.append(replace(utterance, text=text, label=label))
    return found
