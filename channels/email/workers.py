"""Reading mails in processes that can be killed, or in a thread if a cheap look calls them harmless.

Not here: the processes (channels/workers.py), how a mail is read (read.py), what becomes of an unreadable one (gateway).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from channels.email.mime import Unreadable, parse
from channels.email.read import CLOSED, Checked, read_mail
from channels.message import Event
from channels.workers import MEMORY, SECONDS, GaveUp, Workers

FOR_BAGS: Final = 0.4  # of the time, for a mail whose bag of files is opened
_BAG: Final = re.compile(rb"ms-tnef|winmail\.dat", re.IGNORECASE)  # its library believes every number in it
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
        and _BAG.search(raw) is None
    )


class Readers(Workers):
    """Reads mails."""

    def __init__(
        self, processes: int = 2, seconds: float = SECONDS, memory: int = MEMORY, in_thread_if_harmless: bool = True
    ) -> None:
        super().__init__(["channels.email.read"], "mail-reader", processes, seconds, memory)
        self.in_thread_if_harmless = in_thread_if_harmless

    async def read(self, raw: bytes, transport: Mapping[str, Any], checked: Checked | None = None) -> list[Event]:
        """The events of a mail. Raises Unreadable, also where reading it took too much."""
        opened, closed = dict(transport), {**transport, CLOSED: True}
        if self.in_thread_if_harmless and harmless(raw):
            return await _unless_given_up(self.run_beside(_read, raw, opened, checked))
        if _BAG.search(raw) is None:
            return await _unless_given_up(self.run(_read, raw, opened, checked))
        try:
            return await _unless_given_up(self.run(_read, raw, opened, checked, within=self.seconds * FOR_BAGS))
        except Unreadable:  # the mail itself may be read all the same, with its bag of files left closed
            return await _unless_given_up(self.run(_read, raw, closed, checked, within=self.seconds * (1 - FOR_BAGS)))

    async def contents(self, raw: bytes) -> list[bytes]:
        """What the parts of a mail hold, whatever they are for, decoded. Raises Unreadable as `read` does."""
        if self.in_thread_if_harmless and harmless(raw):
            return await _unless_given_up(self.run_beside(_contents, raw))
        return await _unless_given_up(self.run(_contents, raw))


_Read = TypeVar("_Read")


async def _unless_given_up(reading: Awaitable[list[_Read]]) -> list[_Read]:
    try:
        return await reading
    except GaveUp as error:
        raise Unreadable(str(error)) from error


def _read(raw: bytes, transport: dict[str, Any], checked: Checked | None = None) -> list[Event]:
    return _readable(lambda: read_mail(raw, transport, checked))


def _contents(raw: bytes) -> list[bytes]:
    return _readable(lambda: [part.content() for part in parse(raw).leaves()])


def _readable(read: Callable[[], list[_Read]]) -> list[_Read]:
    try:
        return read()
    except (Unreadable, MemoryError):
        raise
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    except Exception as error:  # a mail that breaks the reader is parked, not lost
        raise Unreadable(f"the reader failed: {type(error).__name__}") from error
