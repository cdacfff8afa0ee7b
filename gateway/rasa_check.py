"""What the doctor says of Rasa: is it there, and does it run the script that this gateway runs?

Not here: turns (rasa.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import httpx

from dialogue.script import digest
from gateway.config import Settings
from gateway.findings import Line, ok, warn

PATIENCE: Final = 5.0  # seconds
MEANWHILE: Final = "the embedded engine answers meanwhile"


def rasa_answers(settings: Settings) -> Iterator[Line]:
    """A house without Rasa is no worse off, so nothing about it is a failure."""
    if settings.dialogue == "embedded":
        return
    url = settings.dialogue.url
    try:
        answer = httpx.get(f"{url}/webhooks/qingting/", timeout=PATIENCE, trust_env=False)
        script = json.loads(answer.content)["script"] if answer.status_code == 200 else ""
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        yield warn("rasa", f"{url} does not answer as Rasa ({type(error).__name__})", f"start it; {MEANWHILE}")
        return
    if script == digest():
        yield ok("rasa", f"{url} runs the script {script}")
    else:
        found = f"{url} runs the script {str(script)[:40] or 'of nobody'}, this gateway {digest()}"
        yield warn("rasa", found, f"train Rasa on this gateway's files (make rasa); {MEANWHILE}")
