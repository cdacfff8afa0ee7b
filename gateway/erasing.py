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
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from case_store import erasures, persons, retention
from case_store.certificates import Taken, Why
from case_store.erasures import Erasure, Waiting
from case_store.files import Files, named_among, sync_folder
from case_store.store import Store, StoreUnavailable
from channels.channel import Hold
from gateway import masking
from gateway.context import Gateway
from gateway.duties import StoredDuty

NAME: Final = "retention"
EVERY: Final = timedelta(days=1)
NOTICE: Final = timedelta(days=7)
"""So long periods that are new, or were changed, are told before anything goes by them: what is erased comes back from nowhere."""
LASTING: Final = timedelta(minutes=10)
AT_ONCE: Final = 50
FILES_AT_ONCE: Final = 1000  # erasures whose files are looked for together: each look reads every row that may name one
LIST: Final = "erasures.jsonl"

log = structlog.get_logger(__name__)


class Erasing:
    """One for each process; whichever comes first does it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._duty = StoredDuty(gateway.store, NAME, gateway.settings.node, LASTING)
        self._listed: int | None = None
        self._stopping = False

    def stop(self) -> None:
        """What is still due is found by the next look: a stop waits for one page and no more."""
        self._stopping = True

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
            memory, now = self._noticed(hold.memory, datetime.now(UTC)), datetime.now(UTC)
            hold = await self._duty.remember(hold, memory)
            looked_at, begins = memory.get("looked_at"), datetime.fromisoformat(memory["begins"])
            due = looked_at is None or now - datetime.fromisoformat(looked_at) >= EVERY
            if at_once or (due and now >= begins):
                for rule, days in self._gateway.policy.retention.periods().items():
                    done += await self._by_rule(hold, rule, days)
                done += await self._all(hold, retention.due_merged, self._erase_merged)
                if not self._stopping:
                    hold = await self._duty.remember(hold, {**memory, "looked_at": now.isoformat()})
            await discard_files(self._gateway.store, self._gateway.files)
        finally:
            await self._duty.let_go(hold)
            await self._keep_list()
        if done:
            masking.forget()
            log.info("erased", subjects=done)
        return done

    def _noticed(self, memory: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """With since when the periods of now are known, and from when something goes by them."""
        periods = self._gateway.policy.retention.periods()
        if memory.get("periods") == periods and "begins" in memory:
            return dict(memory)
        begins = now + NOTICE
        log.warning("retention_begins", at=begins.isoformat(timespec="minutes"), days=periods)
        return {**memory, "periods": periods, "begins": begins.isoformat()}

    async def _keep_list(self) -> None:
        """The list is compared whole once, and then whenever there are more."""
        there = await self._gateway.store.read(erasures.count)
        if there != self._listed:
            await keep_list(self._gateway)
            self._listed = there

    async def _by_rule(self, hold: Hold, rule: str, days: int) -> int:
        if rule == "conversations_days":
            why = self._why(rule)
            return await self._all(
                hold,
                partial(retention.due_conversations, days=days),
                lambda id: self._gateway.store.write(retention.erase_due_conversation, id, days, why),
            )
        if rule == "parked_days":
            why = self._why(rule)
            return await self._all(
                hold,
                partial(retention.due_arrivals, days=days),
                lambda id: self._gateway.store.write(retention.erase_due_arrival, id, days, why),
            )
        periods, why = self._gateway.policy.retention.periods(), self._why(rule)
        return await self._all(
            hold,
            partial(retention.due_cases, rule=rule, days=days),
            lambda id: self._gateway.store.write(retention.erase_due_case, id, periods, why),
        )

    def _erase_merged(self, id: str) -> Awaitable[Taken | None]:
        return self._gateway.store.write(retention.erase_due_merged, id, self._why("merged"))

    def _why(self, rule: str) -> Why:
        return Why(f"retention.{rule}", policy=self._gateway.policy.version)

    async def _all(
        self, hold: Hold, due: Callable[..., list[str]], erase: Callable[[str], Awaitable[Taken | None]]
    ) -> int:
        """Page by page, each once: what turns out to be kept must not hold up what comes after it. Raises DutyLost."""
        done, after = 0, ""
        while ids := await self._gateway.store.read(partial(due, after=after, limit=AT_ONCE)):
            if self._stopping:
                break
            for id in ids:
                try:
                    done += await erase(id) is not None
                except StoreUnavailable:
                    raise
                except Exception:  # one that can't be erased must not keep all that come after it
                    log.exception("not_erased", id=id)
            after = ids[-1]
            await self._duty.remember(hold, hold.memory)  # the lease is shorter than a large house's first day
        return done


async def carry_out_orders(gateway: Gateway) -> AsyncIterator[int]:
    """One after another, until there is none that was not tried; answers for each piece how much it erased."""
    tried: set[str] = set()
    while left := [id for id in await gateway.store.read(persons.open_orders) if id not in tried]:
        tried.add(left[0])
        try:
            async for erased in carry_out(gateway, left[0]):
                yield erased
        except StoreUnavailable:
            raise
        except Exception:  # one that can't be carried out must not keep those that come after it, nor what is over
            log.exception("order_not_carried_out", id=left[0])


async def carry_out(gateway: Gateway, order: str) -> AsyncIterator[int]:
    """Piece by piece, whoever else is at it too."""
    while await gateway.store.read(persons.is_open, order):
        yield await gateway.store.write(persons.carry_out, order)


async def discard_files(store: Store, files: Files, *, put_before: float | None = None) -> int:
    """Deletes the files of what was erased, where no row names them any more. Answers of how many erasures.

    One that was put since it was erased, or since `put_before`, is about to be named by somebody else; if it is not, the sweep finds it.
    """
    done = 0
    while waiting := await store.read(erasures.waiting_files, FILES_AT_ONCE):
        digests = {digest for one in waiting for digest in one.files}
        named = await store.read(named_among, digests)
        await asyncio.to_thread(_discard, files, waiting, named, put_before)
        await store.write(erasures.files_gone, [one.erasure for one in waiting])
        done += len(waiting)
    return done


def _discard(files: Files, waiting: list[Waiting], named: set[str], put_before: float | None) -> None:
    for one in waiting:
        for digest in one.files:
            if digest not in named:
                files.discard(digest, put_before=put_before or one.at.timestamp())


async def keep_list(gateway: Gateway) -> None:
    """Writes all erasures into the data directory: those of the store, and those that only the list knows, since an older backup was restored."""
    path = gateway.settings.data_dir / LIST
    listed = list(await gateway.store.read(erasures.every))
    await asyncio.to_thread(_keep, path, listed)


_KEEPING: Final = threading.Lock()
"""An order from the command line is carried out in the running gateway, beside the loop: both keep the list."""


def _keep(path: Path, listed: list[Erasure]) -> None:
    with _KEEPING:
        before = read_list(path) if path.exists() else []
        known = {one.what: one for one in [*listed, *before]}  # the list's own last: it tells when it was first done
        united = sorted(known.values(), key=lambda one: one.at)  # of one moment in the order they were done in
        if united != before:
            write_list(path, united)


def write_list(path: Path, listed: list[Erasure]) -> None:
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.writelines(json.dumps(one.to_json(), separators=(",", ":")) + "\n" for one in listed)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


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
