"""A service that translates for agents, spoken to by LibreTranslate's protocol; and what a translation has lost on the way.

It is off unless a setting names one: what is translated leaves the house. Nothing that is asked or answered is kept or logged, and no
word of the service's own goes into an error, since a service may say back what it was given.

Not here: who may have what translated, and the entry that tells of it (api/translating.py).

TranslationError
├── TranslatorAway      it can't be reached, does not answer in time, or is in trouble: ask again later
└── NoTranslation       it answers, and not with a translation
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from case_store.records import Language
from gateway.breaker import AtRest, Breaker
from gateway.config import Settings

LONGEST: Final = 8_000  # characters of a text
LIMIT: Final = 10.0  # seconds for one translation
FAILURES: Final = 3  # in a row, before the breaker opens
PAUSE: Final = 20.0  # seconds until it is asked again
AT_ONCE: Final = 8
LARGEST_ANSWER: Final = 256 * 1024  # bytes: the longest text, in another language and written as JSON escapes
CODES: Final[Mapping[Language, str]] = {Language.HANS: "zh-Hans", Language.HANT: "zh-Hant", Language.EN: "en"}
UNKNOWN: Final = "auto"


class TranslationError(Exception):
    """There is no translation; the message says why, without a word of the text."""


class TranslatorAway(TranslationError):
    """It can't be reached, does not answer in time, or is in trouble."""


class NoTranslation(TranslationError):
    """It answers, and not with a translation."""


class Translator:
    """One service, by the address that `/translate` stands under."""

    def __init__(self, url: str, key: str | None = None, *, limit: float = LIMIT, pause: float = PAUSE) -> None:
        self._url = f"{url}/translate"
        self._key = key
        self._limit = limit
        self._breaker = Breaker(FAILURES, pause)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self.host = urlsplit(url).netloc

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def translate(self, text: str, source: Language | None, target: Language) -> str:
        """The text in another language; a `source` of None is found out by the service. Raises TranslationError."""
        asked = {"q": text, "source": CODES[source] if source else UNKNOWN, "target": CODES[target], "format": "text"}
        if self._key is not None:
            asked["api_key"] = self._key
        try:
            async with self._breaker.attempt():
                status, raw = await self._ask(json.dumps(asked, ensure_ascii=False).encode())
        except AtRest:
            raise TranslatorAway(f"{self.host} failed {FAILURES} times in a row and is not asked for now") from None
        except TimeoutError:
            raise TranslatorAway(f"{self.host} has not answered within {self._limit:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TranslatorAway(f"{self.host} can't be reached ({type(error).__name__})") from None
        if status != 200:
            raise NoTranslation(f"{self.host} has answered with status {status} and no translation")
        return self._read(raw)

    async def _ask(self, body: bytes) -> tuple[int, bytes]:
        async with asyncio.timeout(self._limit), self._slots:
            if self._session is None:
                # what is packed could be unpacked to any size
                self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
            headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
            # a redirect would take the words, and the key with them, to wherever it points
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                if answer.status >= 500 or answer.status == 429:
                    raise TranslatorAway(f"{self.host} is in trouble (status {answer.status})")
                return answer.status, await self._whole(answer.content) if answer.status == 200 else b""

    async def _whole(self, content: aiohttp.StreamReader) -> bytes:
        whole = bytearray()
        async for piece in content.iter_chunked(2**16):
            whole += piece
            if len(whole) > LARGEST_ANSWER:
                raise TranslatorAway(f"{self.host} answers with more than {LARGEST_ANSWER:,} bytes")
        return bytes(whole)

    def _read(self, raw: bytes) -> str:
        try:
            text = json.loads(raw)["translatedText"]
            text.encode()  # half a surrogate pair is valid JSON, and no text
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise NoTranslation(f"{self.host} has answered with no translation ({type(error).__name__})") from None
        if not isinstance(text, str) or not text.strip() or "\0" in text:
            raise NoTranslation(f"{self.host} has answered with an empty translation")
        return text


TRANSLATOR: web.AppKey[Translator | None] = web.AppKey("translator")


def translator_of(settings: Settings) -> Translator | None:
    """The one that settings name; None where translation is off."""
    if settings.translator is None:
        return None
    key = settings.translator_key
    return Translator(settings.translator, key.get_secret_value() if key else None)


# what must survive -----------------------------------------------------------------------------------------------

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_CHINESE: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_MONTH: Final = r"jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_MONTH_OR_VERB: Final = r"(?:may|mar(?:ch)?)\b"
_FIGURES: Final = re.compile(
    r"(?P<gap>⟦[^⟦⟧\n]*⟧)"
    r"|(?P<reference>(?<![a-z0-9])c ?\d{8} ?[-‐-―]? ?\d{6,12} ?[-‐-―]? ?\d(?!\d))"
    rf"|(?P<month>\b(?:{_MONTH})\b|\b(?:(?<=\d )|(?<=\d(?:st|nd|rd|th) )|(?<=\b(?:of|in|by) )|(?<=\b(?:since|until) )|(?=\S+ \d)){_MONTH_OR_VERB})"
    r"|(?P<chinese>十[一二]?|[一二三四五六七八九])(?=月)"
    r"|(?P<number>\d+(?:,\d{3})*(?!\d))",
    re.IGNORECASE | re.ASCII,
)


def lost_between(before: str, after: str) -> list[str]:
    """The figures, months, reference numbers and gaps of a text that another one lacks, as they were written, each once."""
    there = Counter(key for key, _ in _figures(after))
    lost: dict[str, None] = {}
    for key, written in _figures(before):
        if there[key] > 0:
            there[key] -= 1
        else:
            lost[written] = None
    return list(lost)


def _figures(text: str) -> Iterator[tuple[str, str]]:
    """What must be the same in every language, each under a key that is: 11, 11月 and November are one month."""
    for found in _FIGURES.finditer(unicodedata.normalize("NFKC", text)):
        kind, written = found.lastgroup, found[0]
        if kind == "gap":
            yield written, written
        elif kind == "reference":
            yield "C" + "".join(filter(str.isdigit, written)), written
        elif kind == "month":
            yield str(_MONTHS.index(written[:3].lower()) + 1), written
        elif kind == "chinese":
            yield str(_IN_CHINESE.index(written) + 1), f"{written}月"
        else:
            digits = written.replace(",", "")
            yield (digits.lstrip("0") or "0") if len(digits) <= 2 else digits, written
