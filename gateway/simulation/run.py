"""All customers, some at once, bounded in number and time.

Not here: the table (report.py), how one conversation goes (conversation.py).
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import aiohttp

from gateway.simulation.conversation import Limits, play
from gateway.simulation.house import Auditor, Refused
from gateway.simulation.line import Line, Unreached
from gateway.simulation.mail import Mail, Postbox
from gateway.simulation.scoring import Fault, score
from gateway.simulation.sheet import FACTS, Sheet, on_day
from gateway.simulation.telegram import Telegram
from gateway.simulation.transcript import Customer, House, Transcript
from gateway.simulation.webchat import WebChat
from gateway.simulation.webform import fields_of, hand_in

MOST_CUSTOMERS: Final = 500


@dataclass(frozen=True, slots=True)
class Places:
    """Where the house is reached. What is None is not there, and `why` says so for each channel."""

    url: str
    smtp: tuple[str, int] | None = None
    complaints: str = "complaints@localhost"
    postbox: Postbox | None = None
    telegram: str | None = None

    def why_not(self, channel: str) -> str:
        """Why customers of this channel can't be played; empty if they can."""
        if channel == "email" and self.smtp is None:
            return "the house takes no mail by SMTP (name it with --smtp)"
        if channel == "email" and self.postbox is None:
            return "nowhere to read the answers (--mail-sink, or --outgoing with the house's folder)"
        if channel == "telegram" and self.telegram is None:
            return "no stand-in of the Bot API that customers can write to (--telegram)"
        return ""


@dataclass(frozen=True, slots=True)
class Pace:
    """`typing`: seconds at each line. `at_once`: customers. `minutes`: the whole run. `slow`: seconds an answer may take."""

    typing: float = 2.0
    at_once: int = 6
    minutes: float = 30.0
    slow: float = 8.0
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Played:
    """One customer and what came of it."""

    part: str
    transcript: Transcript
    faults: list[Fault]

    @property
    def sheet(self) -> Sheet:
        return self.transcript.sheet


async def run(
    customers: Sequence[tuple[str, Sheet]],
    places: Places,
    key: str,
    pace: Pace,
    today: date,
    *,
    forced: bool = False,
    tell: Callable[[Played], None] = lambda played: None,
) -> list[Played]:
    """Plays them all; ends by itself when the time is over. Raises NotForPractice and Refused before anybody has spoken."""
    if len(customers) > MOST_CUSTOMERS:
        raise Refused(f"{len(customers)} customers are too many: {MOST_CUSTOMERS} is the most in one run")
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
        house = Auditor(http, places.url, key)
        await house.check(forced=forced)
        if places.postbox is not None:
            await places.postbox.start()
        try:
            return await _Run(http, house, places, pace, today).all_of(customers, tell)
        finally:
            if places.postbox is not None:
                await places.postbox.stop()


class _Run:
    def __init__(self, http: aiohttp.ClientSession, house: Auditor, places: Places, pace: Pace, today: date) -> None:
        self._http, self._house, self._places, self._pace, self._today = http, house, places, pace, today
        self._seats = asyncio.Semaphore(pace.at_once)
        self._numbers = itertools.count(random.randrange(10**8, 10**9))  # of Telegram accounts: new ones in each run
        self._mark = f"{random.randrange(36**4):04x}"

    async def all_of(self, customers: Sequence[tuple[str, Sheet]], tell: Callable[[Played], None]) -> list[Played]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._pace.minutes * 60

        async def one(part: str, sheet: Sheet) -> Played:
            transcript = Transcript(self._own_addresses(on_day(sheet, self._today)))
            async with self._seats:
                if loop.time() >= until:
                    transcript.unreached = f"the run was over after {self._pace.minutes:g} minutes"
                else:
                    await self._play(transcript)
            played = Played(part, transcript, [] if transcript.unreached else score(transcript, slow=self._pace.slow))
            tell(played)
            return played

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(part, sheet)) for part, sheet in customers]
        return [task.result() for task in tasks]

    def _own_addresses(self, sheet: Sheet) -> Sheet:
        """Mail addresses of this run alone: in a house that has met the customer before, two complaints would be one."""

        def marked(found: Any) -> Any:
            if isinstance(found, str):
                return re.sub(r"(?i)(?<=@)example\.(org|com|net)\b", rf"r{self._mark}.example.\1", found)
            if isinstance(found, Mapping):
                return {key: marked(value) for key, value in found.items()}
            return [marked(one) for one in found] if isinstance(found, list | tuple) else found

        return Sheet.model_validate(marked(sheet.model_dump(mode="json")))

    async def _play(self, transcript: Transcript) -> None:
        transcript.unreached = self._places.why_not(transcript.sheet.channel)
        if transcript.unreached:
            return
        if transcript.sheet.channel == "webform":
            await self._fill_in_form(transcript)
        else:
            await play(transcript, self._line(transcript.sheet), self._house, self._pace.limits)

    def _line(self, sheet: Sheet) -> Line:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def clock() -> float:
            return loop.time() - began

        locale = sheet.locale or sheet.language
        match sheet.channel:
            case "email":
                assert self._places.smtp is not None
                assert self._places.postbox is not None
                address = next((one for one in sheet.sheet.get("contact", ()) if "@" in one), None)
                return Mail(
                    self._places.postbox,
                    self._places.smtp,
                    self._places.complaints,
                    address or f"{sheet.id}@r{self._mark}.example.org",
                    None,
                    sheet.subject,
                    sheet.language,
                    clock,
                )
            case "telegram":
                assert self._places.telegram is not None
                number = next(self._numbers)
                return Telegram(self._http, self._places.telegram, number, sheet.id, locale, self._pace.typing, clock)
        return WebChat(self._http, self._places.url, locale, self._pace.typing, clock)

    async def _fill_in_form(self, transcript: Transcript) -> None:
        loop = asyncio.get_running_loop()
        began, typed = loop.time(), fields_of(transcript.sheet)
        try:
            receipt = await hand_in(self._http, self._places.url, typed)
            told = frozenset(transcript.sheet.tells) | (typed.keys() & set(FACTS))
            transcript.entries.append(
                Customer("\n".join(f"{name}: {value}" for name, value in typed.items()), 0.0, told)
            )
            transcript.entries.append(House(f"201 {receipt['reference']}", loop.time() - began))
            transcript.reference = receipt["reference"]
            transcript.record = await self._house.case(receipt["reference"])
        except Unreached as error:
            transcript.unreached = str(error)
        except Refused as error:
            transcript.stopped = str(error)
