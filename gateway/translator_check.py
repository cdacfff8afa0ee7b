"""What the doctor says of the translation service: is it there, does it know our languages, and who reads along on the way to it?

Not here: translations (translating.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from gateway.config import Settings, is_loopback
from gateway.findings import Line, ok, warn
from gateway.translating import CODES

PATIENCE: Final = 5.0  # seconds
LARGEST: Final = 512 * 1024  # bytes: each of its languages names all the others


def translator_answers(settings: Settings, patience: float = PATIENCE) -> Iterator[Line]:
    """Agents write in their own words without it, so nothing about it is a failure."""
    url = settings.translator
    if url is None:
        return
    host = urlsplit(url).hostname or ""
    if url.startswith("http://") and not is_loopback(host):
        yield warn(
            "translator", f"what is translated goes to {host} unencrypted", "use https://, or run it on this machine"
        )
    try:
        known = {one["code"] for one in json.loads(_told(f"{url}/languages", patience))}
    except (httpx.HTTPError, ValueError, LookupError, TypeError, RecursionError) as error:
        found = f"{url} does not answer as LibreTranslate does ({type(error).__name__})"
        yield warn("translator", found, "see that it runs and QINGTING_TRANSLATOR names it; agents go on without")
        return
    lacking = sorted(set(CODES.values()) - known)
    if lacking:
        yield warn("translator", f"{url} does not know {', '.join(lacking)}", "add these languages to the service")
    else:
        yield ok("translator", f"{url} answers; what agents have translated goes there")


def _told(url: str, patience: float) -> Any:
    until, told = time.monotonic() + patience, bytearray()
    with httpx.stream("GET", url, timeout=patience, trust_env=False) as answer:
        if answer.status_code != 200:
            raise ValueError(answer.status_code)
        for piece in answer.iter_raw():
            told += piece
            if len(told) > LARGEST or time.monotonic() > until:
                raise ValueError
    return bytes(told)
