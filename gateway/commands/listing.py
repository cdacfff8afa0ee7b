"""A table of records for people: one line for each, as wide as the terminal and no wider.

What is too long is cut and ends in an ellipsis, by the width that it is shown in: a Chinese character takes two places. What somebody would
copy (`WHOLE`) is never cut; where even short cells don't fit, whole columns are left out. Anywhere but on a terminal all is whole, for
`grep` and for mails.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from rich.cells import cell_len, set_cell_size

WHOLE: Final = ("id", "number", "reference", "username")
SHORTEST: Final = 11  # a day and an ellipsis
BETWEEN: Final = "  "
MOMENTS: Final = ("_at", "_since")


def lines(
    records: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    room: int | None,
    first_to_go: Sequence[str] = (),
    *,
    zone: tzinfo = UTC,
) -> tuple[list[str], list[str]]:
    """The lines with their head, and the names of columns that there was no room for. `room` is None where all is whole.

    Moments are shown in `zone`, to the minute.
    """
    cells = {name: [_head(name), *(_cell(name, record.get(name), zone) for record in records)] for name in columns}
    natural = {name: max(map(cell_len, column)) for name, column in cells.items()}
    widths, left_out = dict(natural), list[str]()
    if room is not None:
        for name in [*first_to_go, *(each for each in reversed(columns) if each not in first_to_go)]:
            if _least(widths) <= room:
                break
            if name not in WHOLE:
                del widths[name]
                left_out.append(name)
        _narrow(widths, room)
    rows = zip(*([_fit(cell, width) for cell in cells[name]] for name, width in widths.items()), strict=True)
    return [BETWEEN.join(row).rstrip() for row in rows], [name for name in columns if name in left_out]


def _least(widths: Mapping[str, int]) -> int:
    return _together(widths[name] if name in WHOLE else min(widths[name], SHORTEST) for name in widths)


def _together(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + len(BETWEEN) * (len(each) - 1)


def _narrow(widths: dict[str, int], room: int) -> None:
    """Takes from the widest, place by place."""
    while _together(widths.values()) > room:
        long = [name for name in widths if name not in WHOLE and widths[name] > SHORTEST]
        if not long:
            return  # what is never cut is wider than the terminal
        widest = max(long, key=lambda name: widths[name])
        widths[widest] -= 1


def _fit(cell: str, width: int) -> str:
    if cell_len(cell) > width:
        cell = set_cell_size(cell, width - 1).rstrip() + "…"
    return set_cell_size(cell, width)


def _head(name: str) -> str:
    return name.replace("_", " ")


def _cell(name: str, value: Any, zone: tzinfo) -> str:
    if value is None:
        return ""
    if name.endswith(MOMENTS) and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(zone).isoformat(sep=" ", timespec="minutes")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _plain(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _plain(text: str) -> str:
    """On one line, and nothing in it that a terminal obeys: a mail's sender chose some of it."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs") else one for one in text)
