"""python -m tests.simulation: a fresh house of its own, all customers on all channels, the table and the transcripts with faults."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.simulation import report
from gateway.simulation.run import Pace, Played, run
from gateway.simulation.sheet import read_customers
from tests.simulation.own_house import own_house

CUSTOMERS = Path(__file__).parent / "customers"


async def play(asked: argparse.Namespace, folder: Path) -> list[Played]:
    only = set(asked.only)
    found = [
        (part, one)
        for part, one in read_customers(CUSTOMERS)
        if not only or {one.id, part, one.language, one.channel, *one.tempers} & only
    ]
    pace = Pace(typing=asked.typing, at_once=asked.at_once, minutes=asked.minutes)
    settings = dict(setting.split("=", 1) for setting in asked.set)
    async with own_house(folder, QINGTING_QUIET_SECONDS=str(asked.quiet), **settings) as house:
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        return await run(found, house.places, house.key, pace, today)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation", description="All customers against a house of its own."
    )
    parser.add_argument("only", nargs="*", help="ids, parts, languages, channels or tempers")
    parser.add_argument("--quiet", type=float, default=2.5, help="QINGTING_QUIET_SECONDS of the house")
    parser.add_argument("--typing", type=float, default=2.0, help="seconds that a line takes to type")
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--set", action="append", default=[], help="another setting of the house, QINGTING_X=value")
    parser.add_argument("--stories", type=Path, help="write every conversation here")
    parser.add_argument("--json", type=Path, help="write everything as JSON here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qtsim", ignore_cleanup_errors=True) as folder:
        played = asyncio.run(play(asked, Path(folder)))
    if asked.stories:
        asked.stories.write_text("\n".join(map(report.story, played)), "utf-8")
    if asked.json:
        asked.json.write_text(json.dumps(report.as_json(played), ensure_ascii=False, indent=1), "utf-8")
    print(report.markdown(played))
    for kind, times, customers in report.by_kind(played):
        print(f"{kind}: {times} times, {customers} customers")
    print(
        f"answers (median, 95 of 100, longest): {report.answer_times(played)}; unread: {report.unread_questions(played)}"
    )
    for why, number in report.unreached(played):
        print(f"not reached: {number}, {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
