"""Gives conversations that wait for a person to agents by turn, where the policy says so.

A loop: woken when something enters the queue, when an agent has finished one or says that they take some, and looking every second all the
same, since nobody tells when a laptop is closed. Every process has one; of several that look at the same moment one deals out. Where the
policy says nothing of it the loop only brings back what an earlier one has given.

Not here: a round (giving.py).
"""

from __future__ import annotations

from case_store import givings
from gateway import giving
from gateway.context import Gateway
from gateway.loop import Loop
from gateway.promises import Promises


class Assigner:
    def __init__(self, gateway: Gateway, promises: Promises) -> None:
        self._gateway = gateway
        self._promises = promises
        self._tidied = False
        self._loop = Loop("assigner", self.round)
        for kind in ("owner", "available", "takes"):
            gateway.wakeups.on(kind, lambda wake: self._loop.hint())

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def round(self) -> int:
        """Answers how many conversations it gave or brought back."""
        store = self._gateway.store
        if self._promises.policy.assignment.on:
            self._tidied = False
        elif not self._tidied:
            await store.write(givings.forget_why)
            self._tidied = True
        found = await store.read(giving.look, self._promises)
        return await store.write(giving.hold, self._promises) if found.has_work else 0
