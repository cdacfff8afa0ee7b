"""What was said between one customer and the house, as the judge gets it: plain data, so that a judge can be judged too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.simulation.sheet import Sheet

CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Customer:
    """One thing the customer said. `at` is in seconds since the conversation began.

    `tells`: facts that are settled with it: told, refused, or not known. `answering`: those of them that had been asked for.
    """

    text: str
    at: float
    tells: frozenset[str] = frozenset()
    answering: frozenset[str] = frozenset()
    wish: bool = False  # for a person, for help, to withdraw: from here on the house has to act
    corrects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str | None = None  # what they must be answered in from here on


@dataclass(frozen=True, slots=True)
class House:
    """One message of the house. `asks`: what a person takes it to ask; `named`: what its frame says it asks.

    `interrupts`: it came while the customer was still writing. `greeting`: it came before the customer had said anything.
    """

    text: str
    at: float
    asks: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    interrupts: bool = False
    greeting: bool = False
    sender: str = "bot"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers from here on: bot, queue or agent."""

    owner: str
    at: float


Entry = Customer | House | Owner


@dataclass(slots=True)
class Transcript:
    """One conversation whole. `record` is the case as the API shows it, None where there is none.

    `stopped` says why it was broken off; empty where it came to an end by itself.
    """

    sheet: Sheet
    entries: list[Entry] = field(default_factory=list)
    reference: str | None = None
    record: Mapping[str, Any] | None = None
    owner: str | None = None
    stopped: str = ""
    unreached: str = ""  # why this customer could not be played at all

    @property
    def turns(self) -> int:
        """How often the customer spoke: a burst is once."""
        spoke, turns = False, 0
        for entry in self.entries:
            turns += isinstance(entry, Customer) and not spoke
            spoke = isinstance(entry, Customer) or (spoke and isinstance(entry, Owner))
        return turns

    def waits(self) -> list[float]:
        """Seconds from the customer's last words to the house's next, for each turn."""
        found: list[float] = []
        said: float | None = None
        for entry in self.entries:
            if isinstance(entry, Customer):
                said = entry.at
            elif isinstance(entry, House) and said is not None:
                found.append(entry.at - said)
                said = None
        return found

    def lines(self) -> list[str]:
        """For people to read."""
        return [_line(entry) for entry in self.entries]


def _line(entry: Entry) -> str:
    if isinstance(entry, Owner):
        return f"{entry.at:6.1f}  -- {entry.owner} answers from here on"
    who = "C" if isinstance(entry, Customer) else "H" if entry.sender == "bot" else entry.sender
    note = ""
    if isinstance(entry, House):
        asked = ", ".join(sorted(entry.asks))
        note = f"[{asked}] " if asked else ""
        if entry.named and not entry.asks & entry.named:
            note += f"[its frame asks {', '.join(sorted(entry.named))}] "
        note += "[while the customer was writing] " if entry.interrupts else ""
    return f"{entry.at:6.1f}  {who}  {note}" + entry.text.replace("\n", "\n           ")
