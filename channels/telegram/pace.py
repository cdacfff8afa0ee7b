"""How fast we may send: one message a second to a chat, thirty a second in all (the Bot API's FAQ, "My bot is hitting limits").

Each process keeps its own pace; where several together are too fast, Telegram says for how long to wait, and that is kept too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

EACH: Final = 1.0  # seconds between messages to one chat
TOGETHER: Final = 30  # messages a second
PATIENCE: Final = 5.0  # seconds to wait here; a longer wait is the queue's
_CHATS: Final = 10_000  # remembered at most


class TooSoon(Exception):
    """Its turn comes in `seconds`, later than anybody should wait here."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} s")
        self.seconds = seconds


class Pace:
    """Lets messages through one after another. A place that was given is used."""

    def __init__(
        self, each: float = EACH, together: int = TOGETHER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each = each
        self._gap = 1 / together
        self._clock = clock
        self._next = 0.0
        self._next_of: dict[int, float] = {}

    async def turn(self, chat: int) -> None:
        """Waits until a message to this chat may leave. Raises TooSoon, and takes no place, if that is long."""
        now = self._clock()
        at = max(now, self._next, self._next_of.get(chat, 0.0))
        if at - now > PATIENCE:
            raise TooSoon(at - now)
        self._next = at + self._gap
        self._remember(chat, at + self._each, now)
        if at > now:
            await asyncio.sleep(at - now)

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram itself has told us to leave this chat alone for so long."""
        now = self._clock()
        self._remember(chat, max(now + seconds, self._next_of.get(chat, 0.0)), now)

    def _remember(self, chat: int, until: float, now: float) -> None:
        if len(self._next_of) >= _CHATS:
            self._next_of = {each: at for each, at in self._next_of.items() if at > now}
        self._next_of[chat] = until
