"""What the doctor says of Rasa: is it there, and does it run the script that this gateway runs?

Not here: turns (rasa.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Final

import httpx

from dialogue.script import digest
from gateway.config import Settings
from gateway.findings import Line, ok, warn

PATIENCE: Final = 5.0  # seconds
LONGEST_ANSWER: Final = 1000  # bytes; it names a script and nothing else
MEANWHILE: Final = "the embedded engine answers meanwhile"


def rasa_answers(settings: Settings, patience: float = PATIENCE) -> Iterator[Line]:
    """A house without Rasa is no worse off, so nothing about it is a failure."""
    if settings.dialogue == "embedded":
        return
    url = settings.dialogue.url
    try:
        script = json.loads(_told(f"{url}/webhooks/qingting/", patience))["script"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, RecursionError) as error:
        yield warn("rasa", f"{url} does not answer as Rasa ({type(error).__name__})", f"start it; {MEANWHILE}")
        return
    if script == digest():
        yield ok("rasa", f"{url} runs the script {script}")
    else:
        found = f"{url} runs the script {str(script)[:40] or 'of nobody'}, this gateway {digest()}"
        yield warn("rasa", found, f"train Rasa on this gateway's files (make rasa); {MEANWHILE}")


def _told(url: str, patience: float) -> bytes:
    """The answer, if it is a short one that comes whole in time: a doctor that waits for drops helps nobody."""
    until, told = time.monotonic() + patience, b""
    with httpx.stream("GET", url, timeout=patience, trust_env=False) as answer:
        if answer.status_code != 200:
            return b'{"script": ""}'
        for piece in answer.iter_bytes():
            told += piece
            if len(told) > LONGEST_ANSWER or time.monotonic() > until:
                raise ValueError
    return told
