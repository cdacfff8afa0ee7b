"""One entry of a policy's text set, everything beside it left as it was written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from gateway.policy_text import CannotSet, set_entry


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ('hotline = "1"', "hotline = 2"),
        ('hotline = "1"   # shown', "hotline = 2     # shown"),
        ('hotline = "1 # 2" # shown # twice', "hotline = 2       # shown # twice"),
        ("hotline = 'a\\' # shown", "hotline = 2    # shown"),
        (r'hotline = "\" # " # shown', "hotline = 2       # shown"),
        ('hotline = """a " # b""" # shown', "hotline = 2             # shown"),
        ("hotline = [\"#\", '#']# shown", "hotline = 2         # shown"),
        ("hotline = 1 # it's shown", "hotline = 2  # it's shown"),
        ('hotline = """"1""""', "hotline = 2"),
    ],
)
def test_a_comment_stays_where_it_stood(line: str, after: str) -> None:
    assert set_entry(f"[institution]\n{line}\n", "institution.hotline", 2) == f"[institution]\n{after}\n"


@pytest.mark.parametrize("line", ['hotline = """', "hotline = [ # a list", 'hotline = "a', 'hotline = "a" b'])
def test_what_goes_on_in_other_lines_is_left_alone(line: str) -> None:
    with pytest.raises(CannotSet):
        set_entry(f"[institution]\n{line}\n", "institution.hotline", 2)


@pytest.mark.parametrize(
    "line", [f"hotline = 1 {'#' * 50_000}", f'hotline = "{"#" * 50_000}" # shown', f"hotline = [{'#' * 50_000}"]
)
def test_a_line_of_many_signs_is_read_once(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    parsed, loads = [], tomllib.loads

    def counting(text: str) -> Any:
        parsed.append(text)
        return loads(text)

    monkeypatch.setattr("gateway.policy_text.tomllib.loads", counting)
    try:
        set_entry(f"[institution]\n{line}\n", "institution.hotline", 2)
    except CannotSet:
        assert "[#" in line
    assert len(parsed) <= 2


def test_a_head_that_is_never_closed_is_passed_over() -> None:
    assert set_entry(f"[{' ' * 20_000}\n[a]\nb = 1\n", "a.b", 2).endswith("[a]\nb = 2\n")
