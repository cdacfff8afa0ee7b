"""What people are shown masked: everything personal in lists, numbers of identity documents and cards in an opened case too.

It is done to the answer as it leaves, in one place, so no handler can forget it. People are shown masks; a machine that comes with a key
gets the record as it is, and so does an admin's program: only the console asks for masks with an admin's session (`Masked: yes`). For
every other role they are no matter of asking.

Not here: what is personal in a text (gateway/masking.py), how it is shown all the same (revealing.py).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from case_store.records import Role
from gateway.api.frames import masked_frame
from gateway.auth.principals import PRINCIPAL
from gateway.masking import EVERYTHING, NUMBERS, Kind, masked

HEADER: Final = "Masked"
LIST: Final = "list"
LISTED: Final = re.compile(
    r"/api/v1/(?:cases|conversations|due|following|mentions|cases/\{key\}/duplicates|reports/now/.+|surges|quality/(?:samples|mine|results|measures))"
)
OPENED: Final = re.compile(
    r"/api/v1/(?:cases/\{key\}|conversations/\{id\}|calls/|tasks|events|parked|arrivals|bulk|quality/|offers/|settlements/)"
)
"""Lists of work stand here too: who has to ring somebody up needs the number, and who has to find out whose mail it was its sender."""
GIVEN_BACK: Final = re.compile(r"/(?:drafts|papers|preview|reveal|original)(?:/|$)")
"""One's own words, and what a form sends back whole."""
_NAMES: Final = frozenset(
    [
        "id",
        "case",
        "conversation",
        "reference",
        "references",
        "next_cursor",
        "version",
        "sha256",
        "digest",
        "username",
        "agent",
        "assignee",
        "author",
        "actor",
        "by",
        "account",
    ]
)
"""What names something of ours, or somebody of the house: shown as it is called, but for a card or an identity number that is written there."""
_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.+Z-]+)?")
_SUM: Final = re.compile(r"-?[0-9]{1,11}\.[0-9]{2}")
_LARGE: Final = 8_000  # characters of an answer that no other request waits for


def kinds_for(method: str, path: str) -> frozenset[Kind] | None:
    """What is masked in the answers of a route; None where nothing is."""
    if GIVEN_BACK.search(path):
        return None
    if LISTED.fullmatch(path):
        return EVERYTHING if method == "GET" else NUMBERS
    return NUMBERS if OPENED.match(path) else None


def sees_masks(request: web.Request) -> bool:
    agent = request[PRINCIPAL].agent
    if agent is None:
        return False
    return agent.role is not Role.ADMIN or request.headers.get(HEADER) in ("yes", LIST)


def seen_by(request: web.Request, kinds: frozenset[Kind] | None) -> frozenset[Kind] | None:
    """What of the kinds that a route masks is masked for whoever asks: one record that a list shows a row of asks for as much as the list."""
    if kinds is None or not sees_masks(request):
        return None
    return EVERYTHING if request.headers.get(HEADER) == LIST else kinds


Mask = Callable[[frozenset[Kind]], Awaitable[bytes]]
MASKED_BY: web.ResponseKey[Mask] = web.ResponseKey("masked_by")
"""What masks the body of an answer that others are given too."""


async def mask(response: web.StreamResponse, kinds: frozenset[Kind]) -> None:
    """Masks an answer of JSON, or the frame in which a mail is shown; files leave as they are."""
    if not isinstance(response, web.Response) or not response.content_type.endswith(("json", "text/html")):
        return
    if MASKED_BY in response:
        response.body = await response[MASKED_BY](kinds)
        return
    text = response.text
    if text:
        response.text = await (
            rewritten(text, kinds) if response.content_type.endswith("json") else _frame(text, kinds)
        )


async def rewritten(text: str, kinds: frozenset[Kind]) -> str:
    """A document of JSON, masked."""
    return await _beside(_rewritten, text, kinds)


async def _frame(text: str, kinds: frozenset[Kind]) -> str:
    return await _beside(masked_frame, text, kinds)


async def _beside(rewrite: Callable[[str, frozenset[Kind]], str], text: str, kinds: frozenset[Kind]) -> str:
    return await asyncio.to_thread(rewrite, text, kinds) if len(text) > _LARGE else rewrite(text, kinds)


def _rewritten(text: str, kinds: frozenset[Kind]) -> str:
    return json.dumps(masked_in(json.loads(text), kinds), ensure_ascii=False)


def masked_in(document: Any, kinds: frozenset[Kind]) -> Any:
    """The document with its texts masked.

    An opened conversation brings what a list shows of it, where that is masked further: its `row`, and the `line` of the message that
    stands there, the last of all or the customer's last.
    """
    if isinstance(document, str):
        return masked(document, kinds)
    if isinstance(document, list):
        return [masked_in(one, kinds) for one in document]
    if not isinstance(document, dict):
        return document
    shown = {name: _under(name, value, document, kinds) for name, value in document.items()}
    if kinds == NUMBERS:
        _add_row(document, shown)
    return shown


def _under(name: str, value: Any, document: dict[str, Any], kinds: frozenset[Kind]) -> Any:
    """What stands under a name. Ids, moments and sums are left as they are, where they look like it."""
    if isinstance(value, str):
        if name in _NAMES:
            return value if _ID.fullmatch(value) else masked(value, kinds & NUMBERS)
        if (name == "at" or name.endswith("_at")) and _MOMENT.fullmatch(value):
            return value
        if name == "value" and "currency" in document and _SUM.fullmatch(value):
            return value
    if isinstance(value, list) and name in _NAMES:
        return [_under(name, one, document, kinds) for one in value]
    return masked_in(value, kinds)


def _add_row(document: dict[str, Any], shown: dict[str, Any]) -> None:
    """To a conversation as it is shown, what stands of it in a list."""
    if "messages" not in document or "customer" not in document:
        return
    told = ("customer", "subject", *(("address",) if document.get("address") else ()))
    row = {name: document.get(name) for name in told}
    listed = masked_in(row, EVERYTHING)
    if listed != row:
        shown["row"] = listed
    said = document["messages"]
    customers = [at for at, one in enumerate(said) if one["sender"] == "customer"]
    for at in {*range(len(said))[-1:], *customers[-1:]}:
        text = said[at]["text"] or ""
        line = masked(text)
        if line != text:
            shown["messages"][at]["line"] = line
