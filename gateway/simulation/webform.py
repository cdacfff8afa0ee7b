"""A customer who fills in the web form: one request, and a receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from gateway.simulation.line import Unreached
from gateway.simulation.sheet import NotYet, Sheet

TRIES: Final = 6
FIELDS: Final = ("about", "occurred_on", "amount", "desired_outcome", "name", "contact")


def fields_of(sheet: Sheet) -> dict[str, str]:
    """What the customer types into the form: their words for what has a field of its own, the story as it is told."""
    typed = {"what_happened": "\n".join(sheet.opens), "locale": sheet.locale or sheet.language}
    for fact in FIELDS:
        words = [one for one in sheet.says.get(fact, ()) if not isinstance(one, NotYet)]
        if words and fact not in sheet.declines:
            typed[fact] = words[-1]
    return typed


async def hand_in(http: aiohttp.ClientSession, url: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The receipt. Raises Unreached with the house's own words where it takes nothing."""
    for _ in range(TRIES):
        try:
            async with http.post(f"{url.rstrip('/')}/api/v1/complaints", json=dict(typed)) as answer:
                if answer.status == 201:
                    return dict(await answer.json())
                if answer.status not in (429, 503):
                    raise Unreached(f"the form was refused with {answer.status}: {(await answer.text())[:300]}")
                await asyncio.sleep(min(float(answer.headers.get("Retry-After", "5")), 60))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreached(f"the form can't be handed in: {error}") from error
    raise Unreached(f"the form was refused {TRIES} times")
