"""What is over and due is erased, day by day; orders to erase what is held on a person are carried out; files that nobody names any more go.

A duty: one process at a time. Everything is done in small units that look again at whether it is still due, so a process that dies loses
nothing: what it has erased is erased, and whoever comes next finds the rest. The list of all erasures lies in the data directory too
(`erasures.jsonl`, ids and rules only): `qingting restore` carries it out again on a backup that is older than they are.

Not here: what is due and why not (case_store/retention.py), whose data it is (case_store/persons.py), what is taken away (case_store/erasing.py).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from case_store import erasing, erasures, persons, retention
from case_store.erasing import Why
from case_store.erasures import Erasure, Waiting
from case_store.files import Files, named_among
from gateway.context import Gateway
from gateway.duties import StoredDuty

NAME: Final = "retention"
EVERY: Final = timedelta(days=1)
LASTING: Final = timedelta(minutes=10)
AT_ONCE: Final = 50
LIST: Final = "erasures.jsonl"

log = structlog.get_logger(__name__)


class Erasing:
    """One for each process; whichever comes first does it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._duty = StoredDuty(gateway.store, NAME, gateway.settings.node, LASTING)

    async def run(self, *, at_once: bool = False) -> int:
        """Orders and files each time, what is over once a day, or `at_once`. Answers how many subjects were erased."""
        hold = await self._duty.take()
        if hold is None:
            return 0
        done = 0
        try:
            async for erased in carry_out_orders(self._gateway):
                done += erased
                hold = await self._duty.remember(hold, hold.memory)  # still ours
            looked_at, now = hold.memory.get("looked_at"), datetime.now(UTC)
            if at_once or looked_at is None or now - datetime.fromisoformat(looked_at) >= EVERY:
                for rule, days in self._gateway.policy.retention.periods().items():
                    done += await self._by_rule(rule, days)
                    hold = await self._duty.remember(hold, hold.memory)
                done += await self._all(retention.due_merged, self._erase_merged)
                hold = await self._duty.remember(hold, {"looked_at": now.isoformat()})
            await discard_files(self._gateway)
        finally:
            await self._duty.let_go(hold)
        await keep_list(self._gateway)
        if done:
            log.info("erased", subjects=done)
        return done

    async def _by_rule(self, rule: str, days: int) -> int:
        if rule == "conversations_days":
            why = self._why(rule)
            return await self._all(
                partial(retention.due_conversations, days=days),
                lambda id: self._gateway.store.write(retention.erase_due_conversation, id, days, why),
            )
        if rule == "parked_days":
            why = self._why(rule)
            return await self._all(
                partial(retention.due_arrivals, days=days),
                lambda id: self._gateway.store.write(erasing.erase_arrival, id, why),
            )
        periods, why = self._gateway.policy.retention.periods(), self._why(rule)
        return await self._all(
            partial(retention.due_cases, rule=rule, days=days),
            lambda id: self._gateway.store.write(retention.erase_due_case, id, periods, why),
        )

    def _erase_merged(self, id: str) -> Awaitable[erasing.Taken | None]:
        return self._gateway.store.write(retention.erase_due_merged, id, self._why("merged"))

    def _why(self, rule: str) -> Why:
        return Why(f"retention.{rule}", policy=self._gateway.policy.version)

    async def _all(self, due: Callable[..., list[str]], erase: Callable[[str], Awaitable[erasing.Taken | None]]) -> int:
        """Page by page, each once: what turns out to be kept must not hold up what comes after it."""
        done, after = 0, ""
        while ids := await self._gateway.store.read(partial(due, after=after, limit=AT_ONCE)):
            for id in ids:
                done += await erase(id) is not None
            after = ids[-1]
        return done


async def carry_out_orders(gateway: Gateway):  # type: ignore[no-untyped-def]
    """Piece by piece, until none is open; answers one for each piece."""
    while (piece := await gateway.store.read(persons.next_piece)) is not None:
        yield await gateway.store.write(persons.carry_out, piece)


async def discard_files(gateway: Gateway) -> int:
    """Deletes the files of what was erased, where no row names them any more. Answers of how many erasures."""
    done = 0
    while waiting := await gateway.store.read(erasures.waiting_files, AT_ONCE):
        digests = {digest for one in waiting for digest in one.files}
        named = await gateway.store.read(named_among, digests)
        await asyncio.to_thread(_discard, gateway.files, waiting, named)
        await gateway.store.write(erasures.files_gone, [one.erasure for one in waiting])
        done += len(waiting)
    return done


def _discard(files: Files, waiting: list[Waiting], named: set[str]) -> None:
    """One that was put again since is about to be named by somebody else; if it is not, the sweep finds it."""
    for one in waiting:
        for digest in one.files:
            if digest not in named:
                files.discard(digest, put_before=one.at.timestamp())


async def keep_list(gateway: Gateway) -> None:
    """Writes the list of all erasures into the data directory, if it has grown."""
    path = gateway.settings.data_dir / LIST
    there = await asyncio.to_thread(_lines_in, path)
    if there == await gateway.store.read(erasures.count):
        return
    listed = await gateway.store.read(erasures.every)
    await asyncio.to_thread(write_list, path, list(listed))


def _lines_in(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


def write_list(path: Path, listed: list[Erasure]) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.writelines(json.dumps(one.to_json(), separators=(",", ":")) + "\n" for one in listed)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_list(path: Path) -> list[Erasure]:
    """Raises ValueError for what is no such list."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            told = json.loads(line)
            found.append(Erasure(told["kind"], told["subject"], told["rule"], bool(told["whole"]), told["at"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path}, line {number}: not a line of a list of erasures ({type(error).__name__})"
            ) from None
    return found
