"""Duties as channels are handed them: leases in the store, one holder for each process.

Not here: what is done under a duty (channels/), how the lease is kept (case_store/duties.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from case_store import duties
from case_store.store import Store, StoreError
from channels.channel import DutyLost, Hold, StoreUnavailable

LASTING: Final = timedelta(seconds=30)


class StoredDuty:
    """A channels.channel.Duty over the store."""

    def __init__(self, store: Store, name: str, node: str, lasting: timedelta = LASTING) -> None:
        self._store = store
        self._name = name
        self._lasting = lasting
        # a start is a holder of its own: what its predecessor under the same node name still does is refused
        self._holder = f"{node}:{secrets.token_hex(8)}"

    @property
    def seconds(self) -> float:
        return self._lasting.total_seconds()

    async def take(self) -> Hold | None:
        try:
            held = await self._store.write(duties.take, self._name, self._holder, self._lasting)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
        return None if held is None else Hold(held.fence, held.memory)

    async def remember(self, hold: Hold, memory: Mapping[str, Any]) -> Hold:
        try:
            kept = await self._store.write(duties.remember, self._name, self._holder, hold.fence, memory, self._lasting)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
        if not kept:
            raise DutyLost(self._name)
        return Hold(hold.fence, dict(memory))

    async def let_go(self, hold: Hold) -> None:
        try:
            await self._store.write(duties.let_go, self._name, self._holder, hold.fence)
        except StoreError as error:
            raise StoreUnavailable(str(error)) from error
