"""Hints that something changed, carried from each commit to whoever waits for it in this process.

A hint may be lost: receivers re-read state and poll all the same. Every subscription has a bounded queue; when it is full its
owner is told to reload instead of being told everything.

Not here: hints between processes (listen.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from case_store.store import Wake

CAPACITY: Final = 256
RELOAD: Final = Wake("reload", "")


class Subscription:
    """A bounded queue of hints. Overflow empties it and leaves one `reload`. `wanted` answers a hint as it is wanted, or None."""

    def __init__(self, wanted: Callable[[Wake], Wake | None] | None = None) -> None:
        self._waiting: deque[Wake] = deque()
        self._ready = asyncio.Event()
        self._wanted = wanted

    def put(self, hint: Wake) -> None:
        wake = hint if self._wanted is None else self._wanted(hint)
        if wake is None:
            return
        if len(self._waiting) >= CAPACITY:
            self._waiting.clear()
            wake = RELOAD
        if not self._waiting or self._waiting[-1] != wake:
            self._waiting.append(wake)
        self._ready.set()

    async def get(self) -> Wake:
        while not self._waiting:
            self._ready.clear()
            await self._ready.wait()
        return self._waiting.popleft()


class Wakeups:
    """Who waits for what. `publish` is called on the event loop after each commit."""

    def __init__(self) -> None:
        self._by_id: dict[str, set[Subscription]] = {}
        self._everything: set[Subscription] = set()
        self._callbacks: dict[str, set[Callable[[Wake], None]]] = {}
        self._handlers: dict[str, list[Callable[[Wake], None]]] = {}

    def on(self, kind: str, handler: Callable[[Wake], None]) -> None:
        """Calls `handler` for each hint of this kind: for the loops of the gateway, which then look for themselves."""
        self._handlers.setdefault(kind, []).append(handler)

    @contextmanager
    def subscribed(
        self, id: str | None = None, wanted: Callable[[Wake], Wake | None] | None = None
    ) -> Iterator[Subscription]:
        """Hints about one id, or about everything; of these only what is `wanted`."""
        subscription = Subscription(wanted)
        waiting = self._everything if id is None else self._by_id.setdefault(id, set())
        waiting.add(subscription)
        try:
            yield subscription
        finally:
            waiting.discard(subscription)
            if id is not None and not waiting:
                self._by_id.pop(id, None)

    def call(self, id: str, callback: Callable[[Wake], None]) -> Callable[[], None]:
        """Calls `callback` for each hint about one id, until what this answers is called. An idle listener costs no more."""
        self._callbacks.setdefault(id, set()).add(callback)
        return partial(self._call_no_more, id, callback)

    def _call_no_more(self, id: str, callback: Callable[[Wake], None]) -> None:
        waiting = self._callbacks.get(id, set())
        waiting.discard(callback)
        if not waiting:
            self._callbacks.pop(id, None)

    def reload(self) -> None:
        """Hints from other processes may have been lost: whoever waits looks again."""
        for handler in self._handlers.get(RELOAD.kind, ()):
            handler(RELOAD)
        for id, callbacks in tuple(self._callbacks.items()):
            for callback in tuple(callbacks):
                callback(Wake("conversation", id))
        for subscription in {*self._everything, *(one for some in self._by_id.values() for one in some)}:
            subscription.put(RELOAD)

    def publish(self, wakes: list[Wake]) -> None:
        for wake in wakes:
            for handler in self._handlers.get(wake.kind, ()):
                handler(wake)
            for callback in tuple(self._callbacks.get(wake.id, ())):
                callback(wake)
            for subscription in self._by_id.get(wake.id, ()):
                subscription.put(wake)
            for subscription in self._everything:
                subscription.put(wake)
