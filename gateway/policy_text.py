"""A policy as its text: where an entry stands, one entry set to another value, everything beside it left as it was written.

The text is the document: comments and order are the author's. Only entries on one line are set; anything else is for the text's own editor.

Not here: whether a text is a policy (policy.py).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gateway.policy import CalendarPolicy, default_source, load_policy, source_of

_HEAD: Final = re.compile(r"\s*\[(?!\[)([^\[\]]+)\]\s*(?:#.*)?$")
_ENTRY: Final = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=\s*")
_VALUE: Final = re.compile(
    r"""(?: \"{3}(?:[^"\\]|\\.|"{1,2}(?!"))*\"{3,5} | '{3}(?:[^']|'{1,2}(?!'))*'{3,5}  # on one line
      | "(?:[^"\\]|\\.)*" | '[^']*' | [^#"'] )*+""",
    re.VERBOSE,
)
"""What stands before a comment: a `#` within a string begins none. It goes forward only, however many there are."""


class CannotSet(Exception):
    """An entry that is written otherwise than on a line of its own: the text itself has to be changed."""


def self_contained(path: Path | None) -> str:
    """The policy's text as one document: days of an overrides file beside it stand in it."""
    text = source_of(path)
    if path is None:
        return text
    calendar = load_policy(path).calendar
    if not calendar.overrides_file:
        return text
    return _with_days(set_entry(text, "calendar.overrides_file", ""), calendar)


def _with_days(text: str, calendar: CalendarPolicy) -> str:
    there = tomllib.loads(text).get("calendar", {}).get("overrides", {})
    lines = [
        f'"{day}" = "{kind.value}"' for day, kind in sorted(calendar.overrides.items()) if day.isoformat() not in there
    ]
    whole = text.splitlines()
    at = _table(whole, ("calendar", "overrides"))
    if at is None:
        return "\n".join([*whole, "", "[calendar.overrides]", *lines]) + "\n"
    return "\n".join([*whole[: at + 1], *lines, *whole[at + 1 :]]) + "\n"


def line_of(text: str, field: str) -> int | None:
    """The line, from 1, on which the entry stands, or the nearest table above it; None for what isn't there."""
    parts, lines = tuple(field.split(".")), text.splitlines()
    for length in range(len(parts), 0, -1):
        table, key = parts[: length - 1], parts[length - 1]
        found = _entry(lines, table, key)
        if found is None:
            found = _table(lines, parts[:length])
        if found is not None:
            return found + 1
    return None


def set_entry(text: str, field: str, value: Any) -> str:
    """The text with one entry set. A table that is not there is taken from the built-in policy whole, since its own would replace that.

    Raises CannotSet.
    """
    *table, key = field.split(".")
    lines, path = text.splitlines(), tuple(table)
    at = _entry(lines, path, key)
    if at is not None:
        lines[at] = _line_with(lines[at], value)
        return "\n".join(lines) + "\n"
    if path and path[0] not in tomllib.loads(text):
        return set_entry("\n".join([*lines, "", *_built_in_table(path[0])]) + "\n", field, value)
    if path and _table(lines, path) is None:
        if _written_inline(text, path):
            raise CannotSet(f"{field} is written in a line with others: change it in the text")
        return "\n".join([*lines, "", f"[{'.'.join(path)}]", f"{key} = {written(value)}"]) + "\n"
    end = _end_of(lines, path)
    return "\n".join([*lines[:end], f"{key} = {written(value)}", *lines[end:]]) + "\n"


def written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(written, value)) + "]"
    raise TypeError(f"no value of a policy: {value!r}")


def _line_with(line: str, value: Any) -> str:
    """With the comment that it had, where it stood if there is room."""
    match = _ENTRY.match(line)
    assert match is not None
    before = _VALUE.match(line, match.end())
    assert before is not None
    comment = line[before.end() :].rstrip()
    if not _is_value(before[0]) or (comment and not comment.startswith("#")):
        raise CannotSet(f"{match[1]} is written over several lines: change it in the text")
    entry = f"{match[0].rstrip()} {written(value)}"
    return f"{entry.ljust(before.end() - 2)}  {comment}" if comment else entry


def _is_value(text: str) -> bool:
    try:
        tomllib.loads(f"x = {text}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _tables(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """For each line the table that it stands in; a line of an array of tables stands in none that is known."""
    here: tuple[str, ...] = ()
    found = []
    for line in lines:
        if line.lstrip().startswith("[["):
            here = ("[[",)
        elif head := _HEAD.match(line):
            here = tuple(part.strip().strip('"') for part in head[1].split("."))
        found.append(here)
    return found


def _table(lines: Sequence[str], path: tuple[str, ...]) -> int | None:
    for number, (line, here) in enumerate(zip(lines, _tables(lines), strict=True)):
        if here == path and _HEAD.match(line):
            return number
    return None


def _entry(lines: Sequence[str], table: tuple[str, ...], key: str) -> int | None:
    for number, (line, here) in enumerate(zip(lines, _tables(lines), strict=True)):
        match = _ENTRY.match(line)
        if here == table and match and match[1].strip('"') == key:
            return number
    return None


def _end_of(lines: Sequence[str], path: tuple[str, ...]) -> int:
    """Where a table ends: after its last line that says something."""
    inside = [number for number, here in enumerate(_tables(lines)) if here == path and lines[number].strip()]
    return (inside[-1] if inside else -1) + 1


def _written_inline(text: str, path: tuple[str, ...]) -> bool:
    value: Any = tomllib.loads(text)
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def _built_in_table(name: str) -> list[str]:
    lines = default_source().splitlines()
    inside = [line for line, here in zip(lines, _tables(lines), strict=True) if here[:1] == (name,) and line.strip()]
    return inside or [f"[{name}]"]
