"""What an examination comes to: lines, each with how it stands, what was found, and what to do.

Not here: what is examined (doctor.py, mailbox_check.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from case_store.store import Store
from gateway.config import Settings
from gateway.policy import Policy


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


Check = Callable[["Patient"], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks look at. `now` is this process's clock."""

    settings: Settings
    policy: Policy
    store: Store
    deep: bool
    now: datetime


def ok(check: str, found: str) -> Line:
    return Line(check, State.OK, found)


def warn(check: str, found: str, do: str) -> Line:
    return Line(check, State.WARN, found, do)


def fail(check: str, found: str, do: str) -> Line:
    return Line(check, State.FAIL, found, do)
