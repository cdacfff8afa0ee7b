"""Plain text with speakers' names: `客户：…`, `[00:01:23] Agent: …`, or a line with name and time above the words.

Lines before the first speaker may say what call it is (`Call ID: …`, `来电号码：…`). A line without a name goes on with what
the speaker before said.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Final, NamedTuple

from channels.phone.call import BadTranscript, Speaker, Utterance
from channels.phone.formats import times
from channels.phone.formats.captions import is_like_a_name, split_label
from channels.phone.formats.reading import Reading, said, shown
from channels.phone.formats.speakers import header_of, role_of

NAME: Final = "text"
EXPECTED: Final = '"Agent: …" or "[00:01:23] 客户：…"'
TITLE: Final = "transcript"  # the label of lines that nobody said
_DIGITS: Final = "0-9０-９"
_CLOCK: Final = rf"[{_DIGITS}]{{1,3}}[:：][{_DIGITS}]{{1,2}}(?:[:：][{_DIGITS}]{{1,2}})?(?:[.,．，][{_DIGITS}]{{1,9}})?"
_TIMED: Final = re.compile(
    rf"\s*[\[【(（<]?\s*({_CLOCK})(?:\s*(?:-->|->|[-–—~～至到])\s*({_CLOCK}))?\s*(?:[\]】)）>]\s*[-–—:：]?\s*|\s[-–—]?\s*|$)(.*)",
    re.DOTALL,
)
_NAME_AND_TIME: Final = re.compile(rf"\s*(.{{1,40}}?)\s*[\[【(（<]?\s*({_CLOCK})\s*[\]】)）>]?\s*(?:[:：]\s*(.*))?", re.DOTALL)
_BRACKETED_NAME: Final = re.compile(r"\s*[\[【<]([^\[\]【】<>:：\n]{1,40})[\]】>]\s*(.*)", re.DOTALL)
_RULER: Final = re.compile(r"[\s\-=_*#~—─━.]+")


class Line(NamedTuple):
    """A line taken apart. `timed` lines begin something even without a name."""

    number: int
    label: str
    text: str
    start: float | None
    end: float | None
    timed: bool
    whole: str


def fits(head: list[str]) -> bool:
    """Does the text name speakers? One role, a name that comes again, or times before the words are needed."""
    lines = [_take_apart(number, line) for number, line in enumerate(head, 1)]
    labels = Counter(line.label for line in lines if line.label)
    if any(role_of(label) is not None and header_of(label) is None for label in labels):
        return True
    return any(count > 1 for count in labels.values()) or sum(line.timed for line in lines) > 1


def read(text: str) -> Reading:
    lines = [_take_apart(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    names = _names(lines)
    reading = Reading()
    for line in lines:
        if _RULER.fullmatch(line.whole):
            continue
        begins = line.label in names or line.timed
        if not begins and not _has_begun(reading) and _head(reading, line):
            continue
        _add(reading, line, begins, line.label in names)
    if not _has_begun(reading):
        first = lines[0] if lines else None
        seen = f"{shown(first.whole)} names no speaker" if first else "the file has no words"
        raise BadTranscript(f"{seen}, expected lines like {EXPECTED}", first.number if first else 1)
    return reading


def _names(lines: list[Line]) -> set[str]:
    """The labels that are speakers': roles, names that come again or stand beside a time, or every line's."""
    counted = Counter(line.label for line in lines if line.label)
    spoken = [line for line in lines if header_of(line.label) is None and not _RULER.fullmatch(line.whole)]
    everywhere = all(line.label for line in spoken)
    timed = {line.label for line in lines if line.timed}
    names = {
        label
        for label, count in counted.items()
        if count > 1 or everywhere or label in timed or role_of(label) is not None
    }
    return {label for label in names if header_of(label) is None or counted[label] > 1}


def _has_begun(reading: Reading) -> bool:
    return any(utterance.label != TITLE for utterance in reading.utterances[-1:])


def _head(reading: Reading, line: Line) -> bool:
    """Takes what the line says about the call; False if it is no such line."""
    name, _, value = line.whole.replace("：", ":").partition(":")
    key, value = header_of(name), value.strip()
    if key is None or not value:
        return False
    if key == "started_at":
        reading.started_at = times.moment(value)
    elif key == "duration":
        reading.duration = times.seconds(value)
    elif key in {"call_id", "language", "customer_number", "agent_name"}:
        setattr(reading, key, value[:200])
    return True


def _add(reading: Reading, line: Line, begins: bool, named: bool) -> None:
    if begins:
        text = line.text if named or not line.label else f"{line.label}: {line.text}"
        reading.utterances.append(said(text, line.start, line.end, label=line.label if named else ""))
        return
    if not _has_begun(reading):
        reading.roles[TITLE] = Speaker.SYSTEM
        reading.utterances.append(said(line.whole, label=TITLE))
        return
    _go_on(reading.utterances, line.whole)


def _go_on(utterances: list[Utterance], more: str) -> None:
    last = utterances[-1]
    utterances[-1] = replace(last, text=f"{last.text}\n{more}" if last.text else more)


def _take_apart(number: int, line: str) -> Line:
    match = _TIMED.fullmatch(line) if len(line) < 100_000 else None
    if match is not None:
        start, end = _time(match[1], number), _time(match[2], number) if match[2] else None
        if start is not None and end is not None and end < start:
            raise BadTranscript(f"{match[2]} is before {match[1]}, expected the end after the beginning", number)
        label, text = _label(match[3])
        return Line(number, label, text, start, end, True, line)
    above = _NAME_AND_TIME.fullmatch(line) if len(line) < 100_000 else None
    if above is not None and is_like_a_name(above[1].strip("[]【】<>()（）")) and header_of(above[1]) is None:
        return Line(number, above[1].strip(" []【】<>()（）"), above[3] or "", _time(above[2], number), None, True, line)
    label, text = _label(line)
    return Line(number, label, text, None, None, False, line)


def _label(text: str) -> tuple[str, str]:
    label, rest = split_label(text)
    if label:
        return label, rest
    match = _BRACKETED_NAME.fullmatch(text)
    if match is not None and role_of(match[1]) is not None:
        return match[1].strip(), match[2]
    return "", text


def _time(text: str, number: int) -> float:
    found = times.seconds(text)
    if found is None:
        raise BadTranscript(f"{shown(text)} is no time, expected one like 00:01:23", number)
    return found
