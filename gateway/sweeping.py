"""Files that no row names: what was put before a transaction that never came to be. They go after a day.

A duty: one process at a time, once a day. What is old is listed first, then the store is asked which of it is named, then the
rest goes; what is put meanwhile is young and stays (case_store/files.py). A process that dies in between has deleted what
nobody names, and another sweeps again.

A folder of files belongs to one database. The first that sweeps leaves its mark there, and a folder with the mark of another
is never swept: to a new, empty database every file of the old one would be nobody's.

Not here: uploads on their way, which are files only once a message takes them (uploads.py).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from case_store.files import named_among, write_new
from case_store.ids import new_id
from gateway.context import Gateway
from gateway.duties import StoredDuty

NAME: Final = "files"
EVERY: Final = timedelta(days=1)
LASTING: Final = timedelta(hours=1)
MARK: Final = ".database"

log = structlog.get_logger(__name__)


class Sweep:
    """One for each process; whichever comes first does it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._duty = StoredDuty(gateway.store, NAME, gateway.settings.node, LASTING)

    async def run(self) -> int:
        """Sweeps if it is time. Answers how many files went."""
        hold = await self._duty.take()
        if hold is None:
            return 0
        try:
            swept_at, now = hold.memory.get("swept_at"), datetime.now(UTC)
            if swept_at is not None and now - datetime.fromisoformat(swept_at) < EVERY:
                return 0
            ours = str(hold.memory.get("mark") or new_id())
            hold = await self._duty.remember(hold, {**hold.memory, "mark": ours})  # before the folder has it
            swept = await self._sweep(ours)
            hold = await self._duty.remember(hold, {"mark": ours, "swept_at": now.isoformat()})
            return swept
        finally:
            await self._duty.let_go(hold)

    async def _sweep(self, ours: str) -> int:
        files = self._gateway.files
        there = await asyncio.to_thread(_mark_of, files.folder, ours)
        if there != ours:
            log.warning(
                "files_not_swept",
                reason=f"{files.folder / MARK} is another database's: delete it if no other database names these files",
            )
            return 0
        old = await asyncio.to_thread(files.older_than)
        if not old:
            return 0
        named = await self._gateway.store.read(named_among, old)
        swept = await asyncio.to_thread(files.sweep, named, among=old)
        if swept:
            log.info("files_swept", files=swept)
        return swept


def _mark_of(folder: Path, ours: str) -> str:
    """Whose folder it is; ours from now on if it was nobody's."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    path = folder / MARK
    try:
        write_new(path, ours)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    return ours
