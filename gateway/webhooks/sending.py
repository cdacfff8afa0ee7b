"""One try at a webhook: ten seconds, no redirect, and of the answer its beginning alone."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from case_store.postings import Attempt
from gateway.webhooks.addresses import AllowedOnly, NotAllowed, problem_of

PATIENCE: Final = 10.0  # seconds, for all of it
LONGEST_ANSWER: Final = 500  # characters that are kept
READ: Final = 2048  # bytes that are read


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try has ended. `wait`: the seconds that the receiver has asked for."""

    attempt: Attempt
    taken: bool
    gone: bool = False
    wait: float | None = None


class Sender:
    """Posts to receivers, never further than `resolver` allows."""

    def __init__(
        self, resolver: AllowedOnly, *, patience: float = PATIENCE, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._resolver = resolver
        self._patience = patience
        self._tls = ssl_context
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Ended:
        began, at = time.monotonic(), datetime.now(UTC)
        status, answer, error, wait = None, None, None, None
        try:
            async with asyncio.timeout(self._patience):
                status, answer, wait = await self._ask(url, body, headers)
        except TimeoutError:
            error = f"no answer within {self._patience:g} s"
        except NotAllowed as refused:
            error = str(refused)
        except (aiohttp.ClientError, OSError, ValueError) as failed:
            error = _told(failed)
        if status is not None and not 200 <= status < 300:
            error = f"answered with status {status}"
        took = int((time.monotonic() - began) * 1000)
        kept = Attempt(at, status, took, error and error[:200], answer)
        return Ended(kept, error is None, gone=status == 410, wait=wait)

    async def _ask(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, float | None]:
        problem = problem_of(url, self._resolver.networks)  # settings may be others than when it was entered
        if problem is not None:
            raise NotAllowed(f"it {problem}")
        asked = {**headers, "Accept-Encoding": "identity"}
        async with self._opened().post(url, data=body, headers=asked, allow_redirects=False) as answer:
            beginning = await answer.content.read(READ)
            text = "".join(one if one.isprintable() else " " for one in beginning.decode("utf-8", "replace"))
            return answer.status, text[:LONGEST_ANSWER], _wait(answer.headers.get("Retry-After"))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                force_close=True,  # an address that is no longer allowed is not held open
                ssl=self._tls or True,
            )
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
            )
        return self._session


def _told(error: Exception) -> str:
    inner = getattr(error, "os_error", None)
    if isinstance(inner, NotAllowed) or isinstance(error.__cause__, NotAllowed):
        return str(inner if isinstance(inner, NotAllowed) else error.__cause__)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLError | aiohttp.ClientSSLError):
        return "its certificate does not count"
    return f"can't be reached ({type(error).__name__})"


def _wait(header: str | None) -> float | None:
    """Seconds of `Retry-After`, if it can be read."""
    if header is None:
        return None
    try:
        return max(0.0, float(header)) if header.strip().isdigit() else _until(header)
    except (ValueError, TypeError):
        return None


def _until(header: str) -> float:
    return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
