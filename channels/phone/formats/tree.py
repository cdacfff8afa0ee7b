"""JSON that says where it is: every value knows its path, so that what is wrong with it can be named.

Not here: which keys a format has.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NoReturn

from channels.phone.call import BadTranscript
from channels.phone.formats import times
from channels.phone.formats.reading import shown

MOST_VALUES: Final = 6_000_000  # commas and brackets: 35 MB of `[[],[],…` would take a gigabyte


class Node:
    """A value of the file and the way to it. A missing key is a Node of None."""

    __slots__ = ("_key", "_parent", "value")

    def __init__(self, value: Any, parent: Node | None = None, key: str | int = "") -> None:
        self.value = value
        self._parent = parent
        self._key = key

    @property
    def path(self) -> str:
        """As people write it: `results.channels[0].alternatives[0]`."""
        if self._parent is None:
            return str(self._key)
        before = self._parent.path
        if isinstance(self._key, int):
            return f"{before}[{self._key}]"
        return f"{before}.{self._key}" if before else self._key

    def __getitem__(self, key: str) -> Node:
        if self.value is None:
            return Node(None, self, key)
        if not isinstance(self.value, dict):
            self.wrong("an object")
        return Node(self.value.get(key), self, key)

    def __iter__(self) -> Iterator[Node]:
        """The values of a list; none if it is missing."""
        if self.value is None:
            return iter(())
        if not isinstance(self.value, list):
            self.wrong("a list")
        return (Node(value, self, number) for number, value in enumerate(self.value))

    def __bool__(self) -> bool:
        """Is it there, and not null?"""
        return self.value is not None

    def first(self, *keys: str) -> Node:
        """The first of these keys that is there."""
        found = [self[key] for key in keys]
        return next((node for node in found if node), found[0])

    def text(self) -> str:
        """Text; empty if it is missing."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.wrong("text")
        return str(self.value)

    def words(self) -> str:
        """Text that has to be there."""
        if self.value is None:
            self.wrong("text")
        return self.text()

    def label(self) -> str:
        """A speaker's name or number as text; empty if it is missing."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        return self.text()

    def seconds(self, unit: float = 1.0) -> float | None:
        """A time from the beginning of the call; `unit` is what a bare number counts, in seconds."""
        if self.value is None:
            return None
        found = times.seconds(self.value, unit)
        if found is None:
            self.wrong("a number of seconds" if unit == 1.0 else "a number of milliseconds")
        return found

    def moment(self) -> datetime | None:
        """A date and time; None if it is missing."""
        if self.value is None:
            return None
        found = times.moment(self.value)
        if found is None:
            self.wrong("a date and time of ISO 8601")
        return found

    def number(self) -> float | None:
        """A number, also one written as text; None if it is missing."""
        if self.value is None:
            return None
        try:
            if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
                raise ValueError(self.value)
            if isinstance(self.value, str) and len(self.value) > 40:
                raise ValueError(self.value)
            found = float(self.value)
        except (ValueError, OverflowError):
            self.wrong("a number")
        if not math.isfinite(found):
            self.wrong("a number")
        return found

    def confidence(self) -> float | None:
        """From 0 to 1; None where it is missing or counted on another scale."""
        found = self.number()
        return found if found is not None and 0 <= found <= 1 else None

    def wrong(self, expected: str) -> NoReturn:
        """Refuses the file for this value."""
        raise BadTranscript(f"{self.path or 'the file'} is {shown(self.value)}, expected {expected}")


def span(start: Node, end: Node, unit: float = 1.0) -> tuple[float | None, float | None]:
    """When an utterance begins and ends. Raises BadTranscript if the end is before the beginning."""
    began, ended = start.seconds(unit), end.seconds(unit)
    if began is not None and ended is not None and ended < began:
        end.wrong(f"a time not before {start.path}, which is {shown(start.value)}")
    return began, ended


def parse(text: str) -> Node:
    """The JSON of `text`; objects one a line (JSON lines) become a list. Raises BadTranscript with line and column."""
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise BadTranscript(f"the JSON holds more than {MOST_VALUES:,} values, expected the transcript of one call")
    try:
        return Node(_loads(text))
    except json.JSONDecodeError as error:
        several = _lines(text) if error.msg == "Extra data" else None
        if several is not None:
            return several
        raise _no_json(error, error.lineno) from None


def _lines(text: str) -> Node | None:
    """JSON lines, None if the file is not made so."""
    objects = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("{"):
            return None
        try:
            objects.append(_loads(line))
        except json.JSONDecodeError as error:
            raise _no_json(error, number) from None
    return Node(objects)


def _loads(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadTranscript("the JSON is nested too deeply, expected the transcript of one call") from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise BadTranscript(f"the JSON holds a number that can't be read: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise BadTranscript(f"the JSON holds {name}, expected a number")


def _no_json(error: json.JSONDecodeError, line: int) -> BadTranscript:
    return BadTranscript(f"the JSON is broken at column {error.colno}: {error.msg}", line)
