"""Reading in processes that can be killed.

A mail that takes too long or too much memory ends its process, not the gateway: the caller is told why it is unreadable, and
it can be read again later. What a cheap look calls harmless is read in a thread, which measures several times faster.

Not here: how a mail is read (read.py), what becomes of an unreadable one (gateway).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from pebble import ProcessExpired, ProcessPool

from channels.email.mime import Unreadable
from channels.email.read import read_mail
from channels.message import Event

SECONDS: Final = 5.0
MEMORY: Final = 256 << 20  # beyond what an idle process holds
TASKS_PER_PROCESS: Final = 500
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")


def harmless(
    raw: bytes,
    max_size: int = 512 << 10,
    max_head: int = 32_768,
    max_parts: int = 100,
    max_nesting: int = 12,
    max_tags: int = 20_000,
) -> bool:
    """Is this small and plain enough to be read beside everything else? Counts bytes, parses nothing."""
    if len(raw) > max_size:
        return False
    end = _END_OF_HEAD.search(raw, 0, max_head + 4)
    if end is None:
        return False
    return (
        raw.count(b"\n--") <= max_parts
        and raw.count(b"oundary") + raw.count(b"OUNDARY") <= max_nesting
        and raw.count(b"<") <= max_tags
    )


class Readers:
    """A pool of reading processes, begun when it is first needed."""

    def __init__(
        self, processes: int = 2, seconds: float = SECONDS, memory: int = MEMORY, in_thread_if_harmless: bool = True
    ) -> None:
        self.processes = processes
        self.seconds = seconds
        self.memory = memory
        self.in_thread_if_harmless = in_thread_if_harmless
        self._pool: ProcessPool | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def read(self, raw: bytes, transport: Mapping[str, Any]) -> list[Event]:
        """The events of a mail. Raises Unreadable, also where reading it took too much."""
        if self.in_thread_if_harmless and harmless(raw):
            if self._thread is None:
                # One thread: reading holds the interpreter's lock, several would only wait for each other.
                self._thread = ThreadPoolExecutor(1, "mail-reader")
            return await asyncio.get_running_loop().run_in_executor(self._thread, _read, raw, dict(transport))
        future = self._running_pool().schedule(_read, args=(raw, dict(transport)), timeout=self.seconds)
        try:
            events: list[Event] = await asyncio.wrap_future(future)
        except TookTooLong as error:
            raise Unreadable(f"reading took more than {self.seconds:g} seconds") from error
        except MemoryError as error:
            raise Unreadable("reading took too much memory") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            raise Unreadable("the reading process died") from error
        return events

    async def stop(self) -> None:
        """End the processes; what they were reading raises Unreadable or CancelledError."""
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
            context.set_forkserver_preload(["channels.email.read"])
            self._pool = ProcessPool(
                max_workers=self.processes,
                max_tasks=TASKS_PER_PROCESS,
                initializer=limit_memory,
                initargs=(self.memory,),
                context=context,
            )
        return self._pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _read(raw: bytes, transport: dict[str, Any]) -> list[Event]:
    try:
        return read_mail(raw, transport)
    except (Unreadable, MemoryError):
        raise
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    except Exception as error:  # a mail that breaks the reader is parked, not lost
        raise Unreadable(f"the reader failed: {type(error).__name__}") from error


def limit_memory(memory: int) -> None:
    """A bound on top of what this process has mapped by now. Where the system knows no such bound, there is none."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as sizes:
            mapped = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    except (ImportError, OSError, ValueError):
        return
