"""What the script remembers between turns: small, flat, plain JSON.

Facts are not in it (they stand in the draft), nor any message but the words of other matters that wait for their turn. It grows with the number of questions and responses in
the script, never with the number of turns. Each field is a slot of the script's domain, so that either engine can take
over in the middle of a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from typing import Any, Final


class Phase(StrEnum):
    OPEN = "open"  # listening and asking
    CONFIRMING = "confirming"  # the read-back waits for an answer
    FILED = "filed"
    WITHDRAWN = "withdrawn"


_UNDERSTOOD: Final = ("language", "leaning", "dialect", "region", "others")
"""What a turn leaves that is understood of the customer, and neither asked nor said."""


def having_heard(state: Mapping[str, Any], left: Mapping[str, Any]) -> dict[str, Any]:
    """What is remembered after a turn that was only listened to: `left` is what it would have left, had it been answered.

    How they speak, and what they tell of other matters; nothing is asked, said or under way that was not before. What they tell after a
    complaint was taken back begins another.
    """
    known = Memory.of(state, left["language"])
    if known.phase == Phase.WITHDRAWN != left.get("phase"):
        known.begin_again()
    heard = {name: value for name, value in known.to_json().items() if name not in _UNDERSTOOD}
    heard |= {name: left[name] for name in _UNDERSTOOD if name in left}
    if left.get("pending") == "another":
        heard.setdefault("pending", "another")
    return heard


@dataclass(slots=True)
class Memory:
    language: str
    phase: str = Phase.OPEN
    loop: str | None = None  # the form, while it runs
    asked: list[str] = field(default_factory=list)  # by the last thing said
    tries: dict[str, int] = field(default_factory=dict)  # failed ones, by fact
    times: dict[str, int] = field(default_factory=dict)  # how often asked for, by fact
    skipped: list[str] = field(default_factory=list)  # not known, or asked in vain
    said: dict[str, int] = field(default_factory=dict)  # how often, by response
    straight: dict[str, int] = field(default_factory=dict)  # how often in a row, by fact that was asked for last
    lost: int = 0  # turns in a row that were not understood
    idle: int = 0  # turns in a row that brought nothing
    abused: int = 0
    pending: str | None = None  # a question outside the form: `withdraw`, `settle`; `another` complaint for later
    others: list[str] = field(default_factory=list)  # what was told of other matters while this one was taken down
    withdrawing: str | None = None  # the case that the withdrawal asked back is about, once it is registered
    settling: str | None = None  # the option that was asked back, as `OFFER:NUMBER`
    leaning: str | None = None  # another language than the conversation's, in which the last words were
    dialect: str | None = None
    manner: int | None = None  # with which of several ways of sympathy this conversation began
    region: str | None = None  # whose money and numbers the customer writes of, once the words said so
    odd: str | None = None  # digits given for a telephone number that cannot be one, until they are written again
    notice_shown: str | None = None  # version of the privacy notice; a gateway that greets first sets it

    @classmethod
    def of(cls, state: Mapping[str, Any], language: str) -> Memory:
        known = _defaults()
        values = {name: _copy(value) for name, value in state.items() if name in known}
        return cls(**{"language": language, **values})

    def to_json(self) -> dict[str, Any]:
        """Only what differs from the beginning."""
        found = [(name, getattr(self, name), default) for name, default in _defaults().items()]
        return {
            name: _copy(value) for name, value, default in found if name == "language" or value not in (default, [], {})
        }

    def begin_again(self) -> None:
        """For another complaint: what was said and what waits stays remembered, what was asked does not."""
        self.phase, self.loop, self.lost, self.idle = Phase.OPEN, None, 0, 0
        self.pending = "another" if self.others else None
        self.asked, self.tries, self.times, self.skipped, self.straight, self.odd = [], {}, {}, [], {}, None


@cache
def _defaults() -> dict[str, Any]:
    """By name what a field is at the beginning; what is made anew each time is missing."""
    return {entry.name: entry.default for entry in fields(Memory)}


def _copy(value: Any) -> Any:
    if value is None or type(value) in (str, int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, list | tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
