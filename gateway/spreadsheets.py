"""Rows as files that a spreadsheet opens: CSV and XLSX. Each is written to a temporary file, however many rows there are.

A text that a spreadsheet would take for a formula is made harmless in CSV, and is a text in XLSX whatever it begins with. Moments stand in the
institution's zone: in CSV with its offset, in XLSX as dates, which know no zone.

Not here: which rows (figures.py), who may have them (gateway/api/exports.py).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final, cast
from zoneinfo import ZoneInfo

from gateway.masking import NUMBERS, masked

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins with one of these may be reckoned with instead of shown."""
_DATE: Final = "yyyy-mm-dd"
_MOMENT: Final = "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]


def as_csv(sheet: Sheet, zone: ZoneInfo) -> IO[bytes]:
    """RFC 4180, in UTF-8 with the mark by which spreadsheets know it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  whoever asked for it closes it
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in sheet.head])
    for row in sheet.rows:
        writer.writerow([_plain(value, zone) for value in row])
    text.detach()
    return _rewound(file)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before it, as who types one writes it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _plain(value: Any, zone: ZoneInfo) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else harmless(_text(value))


def as_xlsx(sheets: Sequence[Sheet], zone: ZoneInfo) -> IO[bytes]:
    """A workbook, written row by row."""
    import xlsxwriter  # type: ignore[import-untyped]  # nobody waits for it at a start

    file = tempfile.TemporaryFile()  # noqa: SIM115  whoever asked for it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "date": book.add_format({"num_format": _DATE}),
            "moment": book.add_format({"num_format": _MOMENT}),
        }
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.set_column(0, max(0, len(sheet.head) - 1), 18)
            for column, title in enumerate(sheet.head):
                page.write_string(0, column, title, formats["head"])
            for line, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    _write(page, line, column, value, formats, zone)
    return _rewound(cast(IO[bytes], file))


def _write(page: Any, line: int, column: int, value: Any, formats: dict[str, Any], zone: ZoneInfo) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(line, column, value)
    elif isinstance(value, int | float):
        page.write_number(line, column, value)
    elif isinstance(value, datetime):
        page.write_datetime(line, column, value.astimezone(zone).replace(tzinfo=None, microsecond=0), formats["moment"])
    elif isinstance(value, date):
        page.write_datetime(line, column, value, formats["date"])
    else:
        page.write_string(line, column, _text(value))


def _text(value: Any) -> str:
    """Numbers of documents and cards leave masked, whatever a sheet is made of: a file goes where nobody is asked for a reason."""
    return masked(str(value), NUMBERS)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file
