"""python -m tests.conformance.channels: runs the suite and prints who keeps to what, as a table in Markdown."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest


class Table:
    """Outcomes of one run, by check and channel: how many of its cases passed (both databases, each kind of content)."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            found = re.search(r"::test_(\w+)\[(.*)\]", report.nodeid)
            if found is not None:
                self._outcomes[found[1].replace("_", " ")][_channel(found[2])].append(report.passed)

    def __str__(self) -> str:
        channels = list(dict.fromkeys(name for cells in self._outcomes.values() for name in cells))
        head = ["| |" + "".join(f" {name} |" for name in channels), "|---|" + "---|" * len(channels)]
        rows = [
            f"| {check} |" + "".join(f" {_cell(cells[name]) if name in cells else ''} |" for name in channels)
            for check, cells in self._outcomes.items()
        ]
        return "\n".join([*head, *rows])


def _channel(parameters: str) -> str:
    from tests.conformance.channels.conftest import RIGS

    return next(name for name in sorted(RIGS, key=len, reverse=True) if name in parameters)


def _cell(outcomes: list[bool]) -> str:
    return f"{sum(outcomes)} of {len(outcomes)}"


def main() -> int:
    table = Table()
    code = pytest.main([str(Path(__file__).parent), "-q"], plugins=[table])
    print(table)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
