"""Brings what the store says is in force into the rules of this process, at start and whenever another version counts.

The policy comes from the console's version if one counts, else from the file that QINGTING_POLICY names, or the built-in one; the calendar's
version is laid over it, and the house's own texts stand beside it. The name under which it judges and reckons is made of what it is made of:
`bank-2026-1`, `bank-2026-1+v3` for the console's third version, `…+c2` with the calendar's second. A file that says something else under a
name that was used before is told apart by its digest, so no name ever means two things.

The console's version wins over the file until an administrator lets the file decide again. That a file differs from what the console's version
was written over is told at start, by the doctor and in the console. A version that can't be used, after an update of the software, is passed over
for the one before it, and told likewise: nothing of this keeps a gateway from starting.

Every process looks when it is hinted to and once a second. Between two looks a process may still judge by the version before: it says so by its
name. Not here: what a unit of work sees (rules.py), writing versions (case_store/documents.py, api/documents.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog
from pydantic import ValidationError

from case_store import documents
from case_store.documents import CALENDAR, POLICY, WAKE, Kind, Origin, Subject, Version
from case_store.store import Transaction
from gateway.house_calendar import HouseCalendar, parse_calendar
from gateway.loop import Loop
from gateway.own_texts import own_texts
from gateway.policy import Policy, PolicyError, load_policy, parse_policy
from gateway.policy_text import self_contained
from gateway.rules import Edition

if TYPE_CHECKING:
    from gateway.context import Gateway

log = structlog.get_logger(__name__)

LONGEST_NAME: Final = 40  # of a policy, as cases keep it


@dataclass(frozen=True, slots=True)
class FromFile:
    """The policy of the file, under the name that is its own for ever."""

    policy: Policy
    text: str
    digest: str
    label: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts in this process. `unusable`: versions by their id that should count and can't, with why."""

    stamp: tuple[int, str] = (0, "")
    counting: Mapping[Subject, Version] = field(default_factory=dict)
    unusable: Mapping[str, Unusable] = field(default_factory=dict)


Look = Callable[[Collection[str]], tuple[tuple[int, str], list[Version]]]


def _look(tx: Transaction, without: Collection[str]) -> tuple[tuple[int, str], list[Version]]:
    return documents.stamp(tx), documents.counting(tx, without=without)


class InForce:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._settings = gateway.settings
        self.standing = Standing()
        self.file = self._file_as_named()
        self._loop = Loop("rules", self.look)
        self._taking = asyncio.Lock()
        gateway.wakeups.on(WAKE, lambda wake: self._loop.hint())

    def _file_as_named(self) -> FromFile:
        path = self._settings.policy
        text, policy = self_contained(path), load_policy(path)
        return FromFile(policy, text, documents.digest_of(text), policy.version)

    async def begin(self) -> None:
        """Takes up what counts, before anybody is let in."""
        seen = await self._gateway.store.write(self._seen)
        self._named(seen)
        await self._take_up()

    def take_up(self) -> None:
        """The same in this thread, for the command line."""
        store = self._gateway.store
        self._named(store.write_now(self._seen))
        self._put(*self._decided(lambda without: store.read_now(_look, without)))

    def look_only(self) -> None:
        """The same without writing anything: the file's name is what it was kept under, if it was."""
        store = self._gateway.store
        self.file = replace(self.file, label=store.read_now(self._known_as))
        self._put(*self._decided(lambda without: store.read_now(_look, without)))

    def _known_as(self, tx: Transaction) -> str:
        return documents.known_in_file(tx, POLICY, self.file.digest, self.file.label)

    def _seen(self, tx: Transaction) -> Version:
        return documents.seen_in_file(tx, POLICY, self.file.text, self.file.label)

    def _named(self, seen: Version) -> None:
        self.file = replace(self.file, label=seen.label)

    def start(self) -> None:
        for line in self.told():
            log.warning("rules_differ", told=line)
        self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def look(self) -> int:
        """Takes up another version, if one counts now. Answers how many times it did."""
        async with self._taking:
            stamp = await self._gateway.store.read(documents.stamp)
            if stamp == self.standing.stamp:
                return 0
            await self._take_up()
            return 1

    async def _take_up(self) -> None:
        loop, store = asyncio.get_running_loop(), self._gateway.store

        def look(without: Collection[str]) -> tuple[tuple[int, str], list[Version]]:
            return asyncio.run_coroutine_threadsafe(store.read(_look, without), loop).result()

        def work() -> None:
            self._put(*self._decided(look))

        await asyncio.to_thread(work)

    def _decided(self, look: Look) -> tuple[Edition, Standing]:
        """The edition of what counts; a version that can't be used is passed over for the one before it."""
        unusable: dict[str, Unusable] = {}
        while True:
            stamp, found = look(list(unusable))
            counting = {one.subject: one for one in found}
            try:
                edition = self._edition(counting)
            except Unusable as error:
                unusable[error.version.id] = error
                log.error("version_unusable", version=error.version.label, why=error.why)
                continue
            return edition, Standing(stamp, counting, unusable)

    def edition_with(self, *, policy: Policy | None = None, calendar: HouseCalendar | None = None) -> Edition:
        """What would stand if this policy, or this calendar, were in force beside everything else that is."""
        counting = self.standing.counting
        base = policy or self._policy(counting.get(POLICY))
        if calendar is None and CALENDAR in counting:
            calendar = parse_calendar(counting[CALENDAR].content)
        whole = base if calendar is None else calendar.laid_over(base)
        return Edition(whole, self._settings.timezone, self._gateway.rules.now.texts)

    def _edition(self, counting: Mapping[Subject, Version]) -> Edition:
        policy = self._policy(counting.get(POLICY))
        calendar = counting.get(CALENDAR)
        if calendar is not None:
            try:
                policy = parse_calendar(calendar.content).laid_over(policy)
            except ValidationError as error:
                raise Unusable(calendar, f"not a calendar: {error.error_count()} entries are wrong") from None
            policy = policy.model_copy(update={"version": named(policy.version, f"+c{calendar.number}")})
        written = {one.subject.name: one for one in counting.values() if one.subject.kind is Kind.TEMPLATE}
        own, wrong = own_texts({name: one.content for name, one in written.items()})
        for name, why in wrong.items():
            raise Unusable(written[name], why)
        return Edition(policy, self._settings.timezone, own)

    def _policy(self, version: Version | None) -> Policy:
        if version is None or version.origin is not Origin.CONSOLE:
            return self.file.policy.model_copy(update={"version": self.file.label})
        try:
            policy = parse_policy(version.content)
        except PolicyError as error:
            raise Unusable(version, "; ".join(error.problems)) from None
        return policy.model_copy(update={"version": version.label})

    def _put(self, edition: Edition, standing: Standing) -> None:
        if edition.policy.calendar != self._gateway.rules.latest.policy.calendar and standing.stamp[0]:
            edition.days.warm(datetime.now(UTC).date())  # before anybody waits for it
        self._gateway.rules.put(edition)
        before, self.standing = self.standing, standing
        if before.stamp != standing.stamp and before.stamp[1]:
            log.info("rules_in_force", policy=edition.policy.version, texts=len(edition.texts.wording))

    @property
    def policy_version(self) -> Version | None:
        """The console's version that counts; None where the file decides."""
        found = self.standing.counting.get(POLICY)
        return found if found is not None and found.origin is Origin.CONSOLE else None

    @property
    def file_differs(self) -> bool:
        """Whether the file says something else than when the console's version was written."""
        version = self.policy_version
        return version is not None and version.file_digest != self.file.digest

    def told(self) -> Sequence[str]:
        """What an operator has to know at start."""
        lines = []
        version, source = self.policy_version, self._settings.policy or "the built-in policy"
        if version is not None:
            lines.append(f"policy {version.label} counts, written in the console by {version.author}; not {source}")
        if self.file_differs:
            lines.append(
                f"{source} says something else than when {version.label if version else ''} was written: "
                "an administrator compares and decides in the console, settings, policy"
            )
        if self.file.label != self.file.policy.version:
            lines.append(
                f"{source} has changed and still calls itself {self.file.policy.version}: "
                f"judgements and dates name it {self.file.label}; give it a version of its own"
            )
        lines += [f"a version can't be used and is passed over: {one}" for one in self.standing.unusable.values()]
        return lines


class Unusable(Exception):
    """A version that should count can't be used."""

    def __init__(self, version: Version, why: str) -> None:
        super().__init__(f"{version.label}: {why}")
        self.version = version
        self.why = why


def named(stem: str, suffix: str, *, room: int = 0) -> str:
    """A name that holds what makes it unlike any other, within what cases keep; `room` is left for what may follow."""
    most = LONGEST_NAME - room
    if len(stem) + len(suffix) > most:
        apart = f"+h{documents.digest_of(stem)[:8]}"
        stem = f"{stem[: most - len(suffix) - len(apart)]}{apart}"
    return f"{stem}{suffix}"
