"""Calls the engine. A turn is answered off the event loop, so that a long text holds up nobody's socket.

Not here: what an engine is (dialogue/engine.py); Rasa's client is a later room.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from dialogue.engine import Engine
from dialogue.turn import BotTurn, CustomerTurn


class Engines:
    """The engine in use. One thread: the interpreter lets only one compute at a time anyway."""

    def __init__(self, embedded: Engine) -> None:
        self._embedded = embedded
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="dialogue")

    async def answer(self, conversation_id: str, turn: CustomerTurn) -> tuple[str, BotTurn]:
        """(engine's name, its answer). Raises whatever the engine raised."""
        loop = asyncio.get_running_loop()
        return self._embedded.name, await loop.run_in_executor(self._pool, self._embedded.turn, turn)

    def close(self) -> None:
        self._pool.shutdown(wait=True)
