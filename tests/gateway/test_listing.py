"""Tables of the command line: what fits, what is cut and how, and what never is."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from gateway.commands import cases, keys
from gateway.commands.listing import lines

REFERENCE = "C20261123-000421-4"
CASE = {
    "reference": REFERENCE,
    "status": "in_progress",
    "risk": "general",
    "category": "product",
    "channel": "webchat",
    "language": "zh-Hans",
    "registered_at": "2026-11-23T01:15:02.318544+00:00",
    "feedback_due": "2026-12-02",
    "assignee": "lin.fang",
}
KEY = {"id": "f" * 32, "name": "客服系统的接口", "scopes": ["cases:read", "conversations:write"], "revoked_at": None}


def table(records: list[Any], columns: Any, room: int | None, *first: str) -> tuple[list[str], list[str]]:
    return lines(records, columns, room, first)


@pytest.mark.parametrize("room", [40, 60, 80, 100, 132, 200])
def test_a_list_is_as_wide_as_the_terminal_and_no_reference_is_cut(room: int) -> None:
    shown, _ = table([CASE, {**CASE, "assignee": "周"}], cases.COLUMNS, room, "language", "channel", "category")
    assert [line for line in shown if cell_len(line) > room] == []
    assert [line[:18] for line in shown[1:]] == [REFERENCE, REFERENCE]


def test_what_matters_most_is_left_at_80_columns() -> None:
    [head, row], left_out = table([CASE], cases.COLUMNS, 80, "language", "channel", "category")
    assert left_out == ["category", "channel", "language"]
    assert head.split("  ")[0].strip() == "reference"
    assert row.split() == [REFERENCE, "in_progress", "general", "2026-11-23", "01…", "2026-12-02", "lin.fang"]


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("C1234567890123456789", 20, "C1234567890123456789"),
        ("C1234567890123456789", 12, "C1234567890…"),
        ("客服系统的接口", 14, "客服系统的接口"),
        ("客服系统的接口", 13, "客服系统的接…"),
        ("客服系统的接口", 12, "客服系统的…"),  # half a character is none
    ],
)
def test_text_is_cut_by_the_width_it_is_shown_in(text: str, room: int, shown: str) -> None:
    assert table([{"name": text}], ("name",), room) == (["name", shown], [])


def test_elsewhere_than_on_a_terminal_all_is_whole() -> None:
    shown, left_out = table([CASE], cases.COLUMNS, None, "language")
    of_the_case = {**CASE, "registered_at": "2026-11-23 01:15+00:00"}
    assert (shown[1].split(), left_out) == (" ".join(of_the_case.values()).split(), [])
    long = {"name": "x" * 500}
    assert table([long], ("name",), None)[0][1] == long["name"]


def test_moments_are_the_houses_to_the_minute() -> None:
    record = {"created_at": "2026-11-23T18:15:02.318544+00:00", "failing_since": None}
    shown, _ = lines([record], ("created_at", "failing_since"), None, zone=ZoneInfo("Asia/Taipei"))
    assert shown == ["created at              failing since", "2026-11-24 02:15+08:00"]


def test_an_id_is_whole_even_where_nothing_else_fits() -> None:
    shown, left_out = table([KEY], keys.COLUMNS, 20)
    assert shown == ["id", KEY["id"]]
    assert left_out == [*keys.COLUMNS[1:]]


def test_nothing_that_a_stranger_wrote_moves_the_terminal() -> None:
    shown, _ = table([{"reason": "no\x1b[2J such\r\nperson\u202e"}], ("reason",), None)
    assert shown == ["reason", "no [2J such  person"]


def test_on_a_real_terminal_the_table_fits_and_says_what_is_left_out(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    told = f"import json; from gateway.commands import house; house.show([json.loads({json.dumps(CASE)!r})], {cases.COLUMNS!r}, as_json=False)"
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    done = subprocess.run(
        [sys.executable, "-c", told], stdout=theirs, stderr=subprocess.PIPE, env=environment, check=True, timeout=120
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode().splitlines()
    os.close(ours)
    assert len(shown) == 2
    assert max(map(cell_len, shown)) <= 60
    assert b"not shown here: " in done.stderr
