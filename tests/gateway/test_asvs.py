"""The walk through OWASP's ASVS names tests: every one of them exists, and no requirement of level 2 is passed over."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
HOW_MANY = {  # sections of 4.0.3 and the last number of each, those of level 3 alone and the deleted ones left out
    "1.1": 7,
    "1.2": 4,
    "1.4": 5,
    "1.5": 4,
    "1.6": 4,
    "1.7": 2,
    "1.8": 2,
    "1.9": 2,
    "1.10": 1,
    "1.11": 2,
    "1.12": 2,
    "1.14": 6,
    "2.1": 12,
    "2.2": 3,
    "2.3": 3,
    "2.4": 5,
    "2.5": 7,
    "2.6": 3,
    "2.7": 6,
    "2.8": 6,
    "2.9": 3,
    "2.10": 4,
    "3.1": 1,
    "3.2": 4,
    "3.3": 4,
    "3.4": 5,
    "3.5": 3,
    "3.7": 1,
    "4.1": 5,
    "4.2": 2,
    "4.3": 3,
    "5.1": 5,
    "5.2": 8,
    "5.3": 10,
    "5.4": 3,
    "5.5": 4,
    "6.1": 3,
    "6.2": 6,
    "6.3": 2,
    "6.4": 2,
    "7.1": 4,
    "7.2": 2,
    "7.3": 4,
    "7.4": 3,
    "8.1": 4,
    "8.2": 3,
    "8.3": 8,
    "9.1": 3,
    "9.2": 4,
    "10.2": 2,
    "10.3": 3,
    "11.1": 8,
    "12.1": 3,
    "12.2": 1,
    "12.3": 6,
    "12.4": 2,
    "12.5": 2,
    "12.6": 1,
    "13.1": 5,
    "13.2": 6,
    "13.3": 2,
    "13.4": 2,
    "14.1": 4,
    "14.2": 6,
    "14.3": 3,
    "14.4": 7,
    "14.5": 4,
}
DELETED = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


@cache
def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_that_is_named_exists(file: str, function: str) -> None:
    assert function in functions(ROOT / file)


def test_tests_are_named_at_all() -> None:
    assert len(NAMED) > 80, "the page names them otherwise than the pattern here expects"


def test_no_requirement_is_passed_over_and_each_has_an_answer() -> None:
    answered: dict[str, str] = {}
    for line in ROWS:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4:
            answered |= dict.fromkeys(_ids(cells[0]), cells[2])
    wanted = {f"{section}.{number}" for section, last in HOW_MANY.items() for number in range(1, last + 1)} - DELETED
    assert wanted - set(answered) == set()
    assert set(answered) - wanted == set()
    assert {*answered.values()} <= {"yes", "partly", "no", "operator", "n/a"}


def test_whatever_is_not_met_is_named_at_the_top() -> None:
    top = PAGE.split("## V1 ", 1)[0]
    gaps = {id for line in top.splitlines() if re.match(r"\| \d", line) for id in _ids(line.strip("|").split("|")[0])}
    told = [[cell.strip() for cell in line.strip("|").split("|")] for line in ROWS]
    unmet = {id for cells in told if len(cells) == 4 and cells[2] == "no" for id in _ids(cells[0])}
    assert unmet <= gaps


def _ids(cell: str) -> list[str]:
    found: list[str] = []
    for part in cell.strip().split(", "):
        first, _, last = part.partition(" to ")
        section, _, number = first.rpartition(".")
        until = int(last.rpartition(".")[2]) if last else int(number)
        found += [f"{section}.{each}" for each in range(int(number), until + 1)]
    return found
