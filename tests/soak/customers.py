"""Customers of every channel, one loop each, at an even pace until the time is over.

Each thing they say carries a mark. What was not taken is tried again under its own identity, as a widget, a mail server or a
program does, until it is taken or the time is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import secrets
import smtplib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import aiohttp
from imapclient.exceptions import IMAPClientError

from tests.bot_api import BotApi
from tests.dovecot import Dovecot
from tests.soak.tally import Tally

MARK: Final = r"mark-[a-z]+-[0-9a-f]{8}-\d+"
OURS: Final = "complaints@localhost"
STORIES: Final = (
    ("zh-Hans", "上周五在滨江支行，你们柜台多收了我200元手续费，没有人事先告诉我，我要求退回。"),
    ("zh-Hant", "上個月月結單，你哋張卡亂收我1800元年費，打咗三次電話都冇人理，退返錢畀我。"),
    (
        "en",
        "You charged my card a fee of 300 yuan on 3 November in the Leeds branch and nobody told me before. Refund it.",
    ),
)
GONE: Final = (aiohttp.ClientError, OSError, TimeoutError, smtplib.SMTPException, ConnectionError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway is reached."""

    http: str
    smtp: int
    key: str  # an API key for intake and transcripts


@dataclass
class Clock:
    """Until when customers begin something new, and how long they pause in between (seconds, on average)."""

    until: float
    pause: float

    @property
    def runs(self) -> bool:
        return asyncio.get_running_loop().time() < self.until

    async def wait(self) -> None:
        await asyncio.sleep(random.expovariate(1 / self.pause))


def marks(channel: str) -> Callable[[], str]:
    """New marks, different in every run."""
    run, numbers = secrets.token_hex(4), itertools.count(1)
    return lambda: f"mark-{channel}-{run}-{next(numbers)}"


def story(mark: str) -> tuple[str, str]:
    """(language, words): a complaint that carries its mark. Who tries again says the same."""
    language, words = random.Random(mark).choice(STORIES)
    return language, f"{words} ({mark})"


async def insist(tally: Tally, mark: str, clock: Clock, attempt: Callable[[], Awaitable[bool]]) -> None:
    """Tries until it is taken; after the end of the time a little longer, so that what broke off has its chance."""
    tally.offer(mark)
    last = clock.until + 60
    while asyncio.get_running_loop().time() < last:
        try:
            if await attempt():
                tally.taken(mark)
                return
            tally.not_taken()
        except GONE as error:
            tally.not_taken(type(error).__name__)
        await asyncio.sleep(1 + random.random())


async def by_smtp(place: Place, tally: Tally, clock: Clock) -> None:
    mark_of = marks("smtp")
    while clock.runs:
        mark = mark_of()
        raw = mail(mark).as_bytes()
        await insist(tally, mark, clock, lambda raw=raw: asyncio.to_thread(_hand_in, place.smtp, raw))  # type: ignore[misc]
        await clock.wait()


def mail(mark: str) -> EmailMessage:
    language, words = story(mark)
    made = EmailMessage()
    made["From"] = f"Customer <{mark}@customer.example>"
    made["To"] = OURS
    made["Subject"] = f"投诉 {language}"
    made["Message-ID"] = f"<{mark}@customer.example>"
    made.set_content(words)
    return made


def _hand_in(port: int, raw: bytes) -> bool:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("customer@customer.example", [OURS], raw)
    return True


async def by_chat(place: Place, tally: Tally, clock: Clock) -> None:
    """One customer after another: a few messages each, over a connection that may break at any moment."""
    mark_of = marks("webchat")
    while clock.runs:
        session: str | None = None
        for _ in range(3):
            mark = mark_of()
            frame = {"type": "message", "client_id": mark, "text": story(mark)[1]}

            async def attempt(frame: dict[str, str] = frame) -> bool:
                nonlocal session
                session, accepted = await _say(place.http, session, frame)
                return accepted

            await insist(tally, mark, clock, attempt)
            await clock.wait()


async def _say(url: str, session: str | None, frame: dict[str, str]) -> tuple[str | None, bool]:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/chat/ws") as socket:
        await socket.send_json({"type": "start", "session": session, "locale": "zh-Hans"})
        await socket.send_json(frame)
        while True:
            heard = await socket.receive(timeout=20)
            if heard.type is not aiohttp.WSMsgType.TEXT:
                return session, False
            told: dict[str, Any] = json.loads(heard.data)
            if told["type"] == "session":
                session = told["session"]
            elif told["type"] == "accepted":
                return session, True
            elif told["type"] == "error":
                return session, False


async def by_form(place: Place, tally: Tally, clock: Clock) -> None:
    await _post(
        place, tally, clock, "webform", "/api/v1/complaints", lambda mark: {"what_happened": story(mark)[1]}, {}
    )


async def by_counter(place: Place, tally: Tally, clock: Clock) -> None:
    def entered(mark: str) -> dict[str, str]:
        channel = random.choice(("letter", "counter"))
        return {"what_happened": story(mark)[1], "channel": channel, "received_at": datetime.now(UTC).isoformat()}

    await _post(place, tally, clock, "counter", "/api/v1/intake", entered, {"Authorization": f"Bearer {place.key}"})


async def _post(
    place: Place,
    tally: Tally,
    clock: Clock,
    channel: str,
    path: str,
    body_of: Callable[[str], dict[str, str]],
    headers: dict[str, str],
) -> None:
    mark_of = marks(channel)
    while clock.runs:
        mark = mark_of()
        body = body_of(mark)

        async def attempt(mark: str = mark, body: dict[str, str] = body) -> bool:
            limit = aiohttp.ClientTimeout(total=20)
            async with aiohttp.ClientSession(timeout=limit) as http:
                sent = {**headers, "Idempotency-Key": mark}
                async with http.post(place.http + path, json=body, headers=sent) as answer:
                    if answer.status not in (201, 429, 503):
                        tally.wrong.append(f"{answer.status} {(await answer.text())[:200]}")
                    return answer.status == 201

        await insist(tally, mark, clock, attempt)
        await clock.wait()


async def all_of_them(
    loops: dict[str, Callable[[Place, Tally, Clock], Awaitable[None]]],
    place: Place,
    tallies: dict[str, Tally],
    clock: Clock,
) -> None:
    """Runs every loop to its end; one that breaks says so in its tally."""

    async def kept(name: str) -> None:
        try:
            await loops[name](place, tallies[name], clock)
        except Exception as error:
            tallies[name].wrong.append(f"the customer broke: {type(error).__name__}: {error}")

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*(kept(name) for name in loops))


# Channels whose peer keeps what came until we have taken it ------------------------------------------------------

KEEPERS: Final = ("imap", "telegram", "calls")


def keepers(dovecot: Dovecot, bot: BotApi, folder: Path) -> dict[str, Callable[[Place, Tally, Clock], Awaitable[None]]]:
    """Customers who hand their words to a mailbox, a bot's server, or the recogniser that writes into a folder."""

    async def imap(place: Place, tally: Tally, clock: Clock) -> None:
        mark_of = marks("imap")
        while clock.runs:
            mark = mark_of()
            raw = mail(mark).as_bytes()
            with contextlib.suppress(*GONE, IMAPClientError):
                await asyncio.to_thread(dovecot.deliver, "complaints", raw)
                tally.offer(mark)  # the mail server has it: it is ours to fetch
            await clock.wait()

    async def telegram(place: Place, tally: Tally, clock: Clock) -> None:
        mark_of = marks("telegram")
        people = [bot.customer(1000 + number) for number in range(20)]
        while clock.runs:
            mark = mark_of()
            bot.write(random.choice(people), story(mark)[1])
            tally.offer(mark)
            await clock.wait()

    async def calls(place: Place, tally: Tally, clock: Clock) -> None:
        mark_of = marks("calls")
        while clock.runs:
            mark = mark_of()
            waiting = folder / f".{mark}.part"
            waiting.write_text(transcript(mark), "utf-8")
            waiting.replace(folder / f"{mark}.txt")
            tally.offer(mark)
            await clock.wait()

    return {"imap": imap, "telegram": telegram, "calls": calls}


def transcript(mark: str) -> str:
    return f"坐席：您好，很高兴为您服务，请问有什么可以帮您？\n客户：{story(mark)[1]}\n坐席：好的，我为您登记。\n"


async def by_transcript(place: Place, tally: Tally, clock: Clock) -> None:
    mark_of = marks("phone")
    while clock.runs:
        mark = mark_of()

        async def attempt(mark: str = mark) -> bool:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
                headers = {"Authorization": f"Bearer {place.key}", "Content-Type": "text/plain; charset=utf-8"}
                url = f"{place.http}/api/v1/transcripts?call={mark}"
                async with http.post(url, data=transcript(mark).encode(), headers=headers) as answer:
                    if answer.status not in (201, 202, 429, 503):
                        tally.wrong.append(f"{answer.status} {(await answer.text())[:200]}")
                    return answer.status in (201, 202)

        await insist(tally, mark, clock, attempt)
        await clock.wait()


CUSTOMERS: Final = {
    "smtp": by_smtp,
    "webchat": by_chat,
    "webform": by_form,
    "counter": by_counter,
    "phone": by_transcript,
}
