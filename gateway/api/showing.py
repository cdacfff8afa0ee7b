"""What one live socket shows, and which hints are for it: those about what it shows, and that its lists may have changed.

A socket that never says what it shows hears of everything. A conversation that changes hands is told to every socket: who waits,
and whose it is, is in everybody's lists.

Not here: how a hint is told (live.py), who has a conversation open (gateway/presence.py).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from aiohttp import web

from case_store.store import Wake
from gateway.presence import CHANGED, OF_PROCESSES, is_id
from gateway.wakeups import Wakeups

MOST: Final = 500  # conversations, and as many cases
FEW: Final = 8  # of what has just come into sight; of more, the lists are looked at again
RECENT: Final = 10.0  # seconds: as long as a page may take to fetch what it begins to show
MOST_RECENT: Final = 10_000
LISTS: Final = {"conversation": "conversations", "case": "cases"}


class Recent:
    """What changed in the last seconds: a page may have fetched it just before, and said only after that it shows it."""

    def __init__(self, wakeups: Wakeups, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed: dict[tuple[str, str], tuple[float, Wake]] = {}
        for kind in ("conversation", "owner", "case"):
            wakeups.on(kind, self._hear)

    def _hear(self, wake: Wake) -> None:
        key = ("case" if wake.kind == "case" else "conversation", wake.id)
        self._changed.pop(key, None)  # to the end: the first are the oldest
        self._changed[key] = (self._clock(), wake)
        if len(self._changed) > MOST_RECENT:
            del self._changed[next(iter(self._changed))]

    def of(self, kind: str, id: str) -> Wake | None:
        at, wake = self._changed.get((kind, id), (0.0, None))
        return wake if wake is not None and self._clock() - at < RECENT else None


RECENTLY: web.AppKey[Recent] = web.AppKey("live_recent", Recent)


class Showing:
    """What the socket of somebody shows now, and what it has yet to be told together."""

    def __init__(self, somebody: str) -> None:
        self._self = somebody
        self.said = False
        self.open: str | None = None
        self._shown: dict[str, frozenset[str]] = {"conversation": frozenset(), "case": frozenset()}
        self.present: set[str] = set()  # conversations where somebody has come, gone or begun to write
        self.stale: set[str] = set()
        self.lists = asyncio.Event()
        self.signed_out = asyncio.Event()  # somebody's sessions or key have ended: perhaps this one

    def shows(self, kind: str, id: str) -> bool:
        return id in self._shown[kind]

    def wanted(self, wake: Wake) -> Wake | None:
        """The hint as this socket hears it: at once, joined to others, or not at all."""
        if wake.kind in OF_PROCESSES:
            return None
        if wake.kind == "signed_out":
            if wake.id == self._self:
                self.signed_out.set()
            return None
        if wake.kind == CHANGED:
            conversation, _, agent = wake.id.partition(":")
            unheard = agent == self._self or not self.said or not self.shows("conversation", conversation)
            return None if unheard else self._somebody(conversation)
        if not self.said:
            return wake
        if wake.kind in LISTS and not self.shows(wake.kind, wake.id):
            self._outdated(wake.kind)
            return None
        if wake.kind == "typing" and not self.shows("conversation", wake.id):
            return None
        return wake

    def _somebody(self, conversation: str) -> Wake | None:
        first = not self.present
        self.present.add(conversation)
        return Wake("present", "") if first else None

    def _outdated(self, kind: str) -> None:
        self.stale.add(LISTS[kind])
        self.lists.set()

    def now(self, said: Mapping[str, Any], recent: Recent, others: Callable[[str], bool]) -> list[Wake] | None:
        """Takes what the client says it shows. Answers what of it has to be told at once; None for what can't be taken."""
        conversations, cases, open = said.get("conversations"), said.get("cases", []), said.get("open")
        if not (_are_ids(conversations) and _are_ids(cases) and (open is None or is_id(open))):
            return None
        before, self.said, self.open = self._shown, True, open
        opened = [] if open is None else [open]
        self._shown = {"conversation": frozenset([*opened, *conversations]), "case": frozenset(cases)}
        news: list[Wake] = []
        for kind in LISTS:
            found = [wake for id in self._shown[kind] - before[kind] if (wake := recent.of(kind, id))]
            if len(found) > FEW:
                self._outdated(kind)
                found = [wake for wake in found if wake.id == open]
            news += found
        come = [id for id in self._shown["conversation"] - before["conversation"] if others(id)]
        return news + [wake for id in come if (wake := self._somebody(id))]


def _are_ids(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and len(value) <= MOST and all(map(is_id, value))
