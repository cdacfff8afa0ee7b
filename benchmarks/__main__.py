"""`python -m benchmarks [--runs 3] [row …]`: runs the rows and prints one table of ratios."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.harness import Absent, Line

ROWS: Final = (
    "smtp",
    "mail",
    "chat",
    "idle",
    "turns",
    "crowd",
    "rasa",
    "startup",
    "full_store",
    "console",
    "screens",
    "duplicates",
    "two_processes",
)
HEAD: Final = ("work", "ours: median (least–most)", "beside", "ratio", "goal", "note")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"which: {', '.join(ROWS)} (default: all)")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    if unknown := set(chosen.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    for name in chosen.rows or ROWS:
        lines += _measured(name, chosen.runs)
    print(f"\nmeasured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {chosen.runs} runs each, in turns\n")
    print(table([HEAD, *(line.cells() for line in lines)]))


def _measured(name: str, runs: int) -> list[Line]:
    begun = time.monotonic()
    try:
        lines: list[Line] = importlib.import_module(f"benchmarks.{name}").measure(runs)
    except Absent as absent:
        lines = [Line(name, "", [], note=f"not measured: {absent}")]
    print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return lines


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    head, *body = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body))


main()
