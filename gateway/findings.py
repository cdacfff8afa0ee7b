"""What an examination finds: a line for each thing that was looked at, with how it stands and what to do.

Not here: the examinations (doctor.py, file_checks.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Line:
    """`found` says how it stands, `do` what to do about it; empty where there is nothing to do."""

    check: str
    state: State
    found: str
    do: str = ""

    def to_json(self) -> dict[str, str]:
        return {"check": self.check, "state": self.state.value, "found": self.found, "do": self.do}


def ok(check: str, found: str) -> Line:
    return Line(check, State.OK, found)


def warn(check: str, found: str, do: str) -> Line:
    return Line(check, State.WARN, found, do)


def fail(check: str, found: str, do: str) -> Line:
    return Line(check, State.FAIL, found, do)
