"""What customers of one channel have offered and what they were promised, to be counted against what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """Marks of what was offered on one channel, and of what its peer was told is taken.

    A peer that keeps its messages itself (a mailbox, a bot's updates, a folder) promises each of them by itself: `keeps`.
    """

    channel: str
    keeps: bool = False
    offered: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def offer(self, mark: str) -> None:
        self.offered.add(mark)
        if self.keeps:
            self.promised.add(mark)

    def taken(self, mark: str) -> None:
        self.promised.add(mark)

    def not_taken(self, why: str = "") -> None:
        self.refused += 1
        if why and len(self.wrong) < 20:
            self.wrong.append(why)


@dataclass(frozen=True, slots=True)
class Count:
    """One row of the result: what is stored of what was promised."""

    channel: str
    offered: int
    promised: int
    refused: int
    stored: int
    lost: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.lost and not self.twice


def count(tally: Tally, stored: dict[str, int]) -> Count:
    """`stored` says how often each mark stands in the store."""
    return Count(
        tally.channel,
        len(tally.offered),
        len(tally.promised),
        tally.refused,
        sum(mark in stored for mark in tally.offered),
        tuple(sorted(mark for mark in tally.promised if mark not in stored)),
        tuple(sorted(mark for mark in tally.offered if stored.get(mark, 0) > 1)),
    )
