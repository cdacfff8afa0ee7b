"""Plain text with speakers' names: `客户：…`, `[00:01:23] Agent: …`, or a line with name and time above the words.

Lines before the first speaker may say what call it is (`Call ID: …`, `来电号码：…`). A line without a name goes on with what
the speaker before said.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Final, NamedTuple

from channels.phone.call import BadTranscript, Speaker
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
_DATED: Final = re.compile(
    r"\s*[\[【(（<]?\s*(\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?[ T]{1,2}\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)\s*[\]】)）>]?\s*"
)
_OPENS: Final = "[【(（<"
TIME_OF_DAY: Final = 4 * 3600.0  # seconds: before the first word of a call nobody waits so long
_NAME_AND_TIME: Final = re.compile(
    rf"\s*(.{{1,40}}?)\s*[\[【(（<]?\s*({_CLOCK})\s*[\]】)）>]?\s*(?:[:：]\s*(.*))?", re.DOTALL
)
_BRACKETED_NAME: Final = re.compile(r"\s*[\[【<]([^\[\]【】<>:：\n]{1,40})[\]】>]\s*(.*)", re.DOTALL)
# neither a time nor a name can stand in such a line: most lines of a story are
_MERE_WORDS: Final = re.compile(r"(?:[^\W\d_]|[ ,.!?'，。！？、])+")
# Markdown's bold names; asterisks elsewhere stand for digits that were taken out
_BOLD: Final = re.compile(r"^(\s*(?:[\[(][\d:.]{1,20}[\])]\s*)?)\*\*([^*\n]{1,60})\*\*")
_RULER: Final = re.compile(r"[\s\-=_*#~—─━.]+")


class Line(NamedTuple):
    """A line taken apart. `timed` lines begin something even without a name; `loose` ones only where all names have times."""

    number: int
    label: str
    text: str
    start: float | None
    end: float | None
    timed: bool
    whole: str
    loose: bool = False
    moment: datetime | None = None

    @property
    def bare(self) -> bool:
        """Is it a time and nothing else?"""
        return self.timed and not self.label and not self.text.strip()


class _Turn(NamedTuple):
    """What one speaker said, line by line."""

    label: str
    lines: list[str]
    start: float | None = None
    end: float | None = None
    moment: datetime | None = None


def fits(head: list[str]) -> bool:
    """Does the text name speakers? One role, a name that comes again, or times before the words are needed."""
    lines = [_take_apart(number, line) for number, line in enumerate(head, 1)]
    labels = Counter(line.label for line in lines if line.label)
    if any(role_of(label) is not None and header_of(label) is None for label in labels):
        return True
    return any(count > 1 for count in labels.values()) or sum(line.timed for line in lines) > 1


def read(text: str) -> Reading:
    lines = [_take_apart(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = _with_times_from_above(lines)
    names = _names(lines)
    if any(line.label in names and not line.timed for line in lines):
        # "12:30 is when I called" goes on with what was said
        lines = [line._replace(label="", timed=False) if line.loose else line for line in lines]
    reading, turns = Reading(roles={TITLE: Speaker.SYSTEM}), list[_Turn]()
    for line in lines:
        if _RULER.fullmatch(line.whole):
            continue
        if line.label in names or line.timed:
            turns.append(_begin(line, line.label in names))
        elif turns and turns[-1].label != TITLE:
            turns[-1].lines.append(line.whole)
        elif not _head(reading, line):
            turns.append(_Turn(TITLE, [line.whole]))
    if all(turn.label == TITLE for turn in turns):
        first = lines[0] if lines else None
        seen = f"{shown(first.whole)} names no speaker" if first else "the file has no words"
        raise BadTranscript(f"{seen}, expected lines like {EXPECTED}", first.number if first else 1)
    _count_from_the_beginning(reading, turns)
    reading.utterances = [said("\n".join(turn.lines), turn.start, turn.end, label=turn.label) for turn in turns]
    return reading


def _with_times_from_above(lines: list[Line]) -> list[Line]:
    """A line that is only a time, above one that has a name and no time, is that one's."""
    found: list[Line] = []
    for line in lines:
        above = found[-1] if found else None
        if above is not None and above.bare and line.label and not line.timed:
            found[-1] = line._replace(start=above.start, end=above.end, moment=above.moment, timed=True)
        else:
            found.append(line)
    return found


def _count_from_the_beginning(reading: Reading, turns: list[_Turn]) -> None:
    """Times of the day become seconds since the first of them."""
    moments = [turn.moment for turn in turns if turn.moment is not None]
    if moments and len({moment.tzinfo is None for moment in moments}) == 1:
        began = min(moments)
        reading.started_at = reading.started_at or began
        for number, turn in enumerate(turns):
            if turn.moment is not None:
                turns[number] = turn._replace(start=times.seconds((turn.moment - began).total_seconds()))
        return
    starts = [turn.start for turn in turns if turn.start is not None]
    if starts and min(starts) >= TIME_OF_DAY:
        for number, turn in enumerate(turns):
            if turn.start is not None:
                end = None if turn.end is None else turn.end - min(starts)
                turns[number] = turn._replace(start=turn.start - min(starts), end=end)


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


def _begin(line: Line, named: bool) -> _Turn:
    text = line.text if named or not line.label else f"{line.label}: {line.text}"
    return _Turn(line.label if named else "", [text], line.start, line.end, line.moment)


def _take_apart(number: int, line: str) -> Line:
    if _MERE_WORDS.fullmatch(line):
        return Line(number, "", line, None, None, False, line)
    line = _BOLD.sub(r"\1\2", line)
    dated = _DATED.match(line)
    if dated is not None and (moment := times.moment(dated[1])) is not None:
        label, text = _label(line[dated.end() :])
        return Line(number, label, text, None, None, True, line, moment=moment)
    match = _TIMED.fullmatch(line) if len(line) < 100_000 else None
    if match is not None:
        start, end = _time(match[1], number), _time(match[2], number) if match[2] else None
        if start is not None and end is not None and end < start:
            raise BadTranscript(f"{match[2]} is before {match[1]}, expected the end after the beginning", number)
        label, text = _label(match[3])
        loose = not label and line.lstrip()[0] not in _OPENS
        return Line(number, label, text, start, end, True, line, loose)
    above = _NAME_AND_TIME.fullmatch(line) if len(line) < 100_000 else None
    if above is not None and is_like_a_name(above[1].strip("[]【】<>()（）")) and header_of(above[1]) is None:
        return Line(
            number, above[1].strip(" []【】<>()（）"), above[3] or "", _time(above[2], number), None, True, line
        )
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
