"""Work in processes that can be killed, for whatever strangers may have made: mails, transcripts.

What takes too long or too much memory ends its process, not the gateway: the caller is told why. What a cheap look calls
harmless may be done in a thread, which measures several times faster.

Not here: what is read (email/, phone/), what becomes of what can't be (gateway).
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from pebble import ProcessExpired, ProcessPool

SECONDS: Final = 5.0
MEMORY: Final = 256 << 20  # beyond what an idle process holds
TASKS_PER_PROCESS: Final = 500


class GaveUp(Exception):
    """The work took too long or too much, or its process died: the sentence says which."""


class Workers:
    """A pool of processes, begun when it is first needed. `preload` names modules that they bring with them."""

    def __init__(
        self, preload: Sequence[str], name: str, processes: int = 2, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        self.preload = list(preload)
        self.name = name
        self.processes = processes
        self.seconds = seconds
        self.memory = memory
        self._pool: ProcessPool | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[..., Any], *arguments: Any, within: float | None = None) -> Any:
        """What `work`, a function of a module, answers in another process. Raises what it raises, and GaveUp.

        `within` is the time it may take, in seconds, where that is another than usual.
        """
        seconds = self.seconds if within is None else within
        future = self._running_pool().schedule(work, args=arguments, timeout=seconds)
        try:
            return await asyncio.wrap_future(future)
        except TookTooLong as error:
            raise GaveUp(f"reading took more than {seconds:g} seconds") from error
        except MemoryError as error:
            raise GaveUp("reading took too much memory") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            raise GaveUp("the reading process died") from error

    async def run_beside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """The same in a thread, for what is known to be harmless."""
        if self._thread is None:
            # One thread: reading holds the interpreter's lock, several would only wait for each other.
            self._thread = ThreadPoolExecutor(1, self.name)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def stop(self) -> None:
        """Ends the processes; what they were doing raises GaveUp or CancelledError."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown)
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            # forkserver: a fork of the gateway would carry its threads' locks and its sockets.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(self.preload)
            self._pool = ProcessPool(
                max_workers=self.processes,
                max_tasks=TASKS_PER_PROCESS,
                initializer=_limit_memory,
                initargs=(self.memory,),
                context=context,
            )
        return self._pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _limit_memory(memory: int) -> None:
    """A bound on top of what this process has mapped by now. Where the system knows no such bound, there is none."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as sizes:
            mapped = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    except (ImportError, OSError, ValueError):
        return
