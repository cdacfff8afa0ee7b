"""Calls the engine. A turn is answered off the event loop, so that a long text holds up nobody's socket.

One at a time: the interpreter lets only one compute at a time anyway. One that does not come back within the limit is given
up, and its thread with it: the turn fails, the next one gets a new thread.

Where Rasa is the engine and does not answer, the embedded engine answers the same turn from the same facts: a customer never
notices which of the two it was. If both fail the turn fails, and the conductor calls a person.

Not here: what an engine is (dialogue/engine.py), how Rasa is spoken with (rasa.py).
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import structlog

from dialogue.engine import Engine
from dialogue.turn import BotTurn, CustomerTurn

LIMIT: Final = 10.0  # seconds for one turn; well below a turn's lease

log = structlog.get_logger(__name__)

_Job = tuple[Callable[[], Any], asyncio.Future[Any]]


class EngineTrouble(Exception):
    """An engine outside this process has not answered; another one can answer the same turn."""


class Outside(Protocol):
    """An engine outside this process."""

    name: str

    async def turn(
        self, conversation_id: str, turn: CustomerTurn, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]]
    ) -> BotTurn:
        """Answers what the customer said, computing by `in_thread`. Raises EngineTrouble."""
        ...


class _Thread:
    """One thread that can be left behind: a pool's threads are waited for when the process ends."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="dialogue", daemon=True).start()

    def run(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._jobs.put((work, answer))
        return answer

    def end(self) -> None:
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, answer = job
            try:
                said, error = work(), None
            except Exception as failure:
                said, error = None, failure
            loop = answer.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, answer, said, error)


def _settle(answer: asyncio.Future[Any], said: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if said is None:
        answer.set_exception(error or RuntimeError("the engine answered nothing"))
    else:
        answer.set_result(said)


class LateEngine:
    """The embedded engine, loaded behind: the house accepts before its word lists are read, and the first turn waits for them."""

    name = "embedded"

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def load(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            return self._engine

    def renew(self, load: Callable[[], Engine]) -> None:
        """Another one in its place, loaded at once where the first was: a turn under way is answered by the one it began with."""
        with self._lock:
            self._load = load
            if self._engine is not None:
                self._engine = load()

    def turn(self, turn: CustomerTurn) -> BotTurn:
        return self.load().turn(turn)


class Engines:
    """The engine in use, and the one that stands in for it."""

    def __init__(self, embedded: Engine, limit: float = LIMIT, outside: Outside | None = None) -> None:
        self._embedded = embedded
        self._outside = outside
        self._limit = limit
        self._thread = _Thread()
        self._turn = asyncio.Lock()

    async def answer(self, conversation_id: str, turn: CustomerTurn) -> tuple[str, BotTurn]:
        """(engine's name, its answer). Where nothing new was said there is nothing to ask an engine outside.

        Raises whatever the embedded engine raised, TimeoutError if it took too long.
        """
        if self._outside is not None and turn.messages:
            try:
                return self._outside.name, await self._outside.turn(conversation_id, turn, self._in_thread)
            except EngineTrouble as trouble:
                log.warning(
                    "engine_stood_in_for", engine=self._outside.name, conversation=conversation_id, why=str(trouble)
                )
        return self._embedded.name, await self._in_thread(lambda: self._embedded.turn(turn))

    async def understand(self, turn: CustomerTurn) -> BotTurn:
        """What messages say, outside any conversation."""
        return (await self.answer("", turn))[1]

    async def hear(self, turn: CustomerTurn) -> tuple[str, BotTurn]:
        """The embedded engine's reading of a turn that is not answered: one outside would take its answer as said."""
        return self._embedded.name, await self._in_thread(lambda: self._embedded.turn(turn))

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        async with self._turn:
            try:
                async with asyncio.timeout(self._limit):
                    return await self._thread.run(work)
            except TimeoutError:
                self._thread.end()
                self._thread = _Thread()
                raise

    def close(self) -> None:
        self._thread.end()
