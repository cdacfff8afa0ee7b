"""Versions of what the house decides, by the API: writing, approving, withdrawing, looking back. What the three kinds share.

Not here: what a policy, a calendar or a text is and what it would change (house_policy.py, house_calendar.py, house_texts.py).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web

from case_store import documents
from case_store.documents import (
    Author,
    LatelySet,
    NoSuchVersion,
    NotOpen,
    Origin,
    Overtaken,
    OwnVersion,
    StillToCome,
    Subject,
    Verdict,
    Version,
    Written,
)
from case_store.idempotency import Answer
from case_store.store import StoreError, Transaction
from gateway.api.document_models import _Written
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json
from gateway.api.routes import Query
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY
from gateway.in_force import InForce
from gateway.policy import Fault
from gateway.problems import Problem, forbidden, invalid, not_found

log = structlog.get_logger(__name__)

LANGUAGE: Final = Query(
    "language", "of names and examples; the institution's if not named", ("zh-Hans", "zh-Hant", "en")
)


async def in_force(request: web.Request) -> InForce:
    """What brings the versions into this process; where no service does, they are looked at for this request."""
    gateway = request.app[GATEWAY]
    if gateway.in_force is None:
        found = InForce(gateway)
        await found.begin()
        gateway.in_force = found
    return gateway.in_force


def four_eyes(request: web.Request) -> bool:
    return request.app[GATEWAY].policy.changes.four_eyes


def author_of(principal: Principal) -> Author:
    return Author(principal.id, principal.name, principal.actor)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The versions of one subject, and which of them counts."""

    versions: Sequence[Version]
    counts: str | None
    now: datetime

    @property
    def latest(self) -> int:
        return max((one.number for one in self.versions), default=0)


async def shelf_of(request: web.Request, subject: Subject) -> Shelf:
    standing = (await in_force(request)).standing
    counting = standing.counting.get(subject)

    def look(tx: Transaction) -> Shelf:
        return Shelf(documents.versions(tx, subject), None if counting is None else counting.id, tx.now)

    return await request.app[GATEWAY].store.read(look)


async def state(request: web.Request, subject: Subject) -> dict[str, Any]:
    """What every room of versions shows."""
    shelf = await shelf_of(request, subject)
    shown = [await _shape(request, one, shelf) for one in shelf.versions]
    return {"latest": shelf.latest, "versions": shown, "four_eyes": four_eyes(request)}


async def _shape(request: web.Request, one: Version, shelf: Shelf) -> dict[str, Any]:
    unusable = (await in_force(request)).standing.unusable.get(one.id)
    return {
        "number": one.number,
        "label": one.label,
        "state": one.state(shelf.now, shelf.counts),
        "origin": one.origin.value,
        "digest": one.digest,
        "based_on": one.based_on,
        "why": one.why,
        "author": one.author,
        "created_at": one.created_at.isoformat(),
        "effective_from": one.effective_from.isoformat(),
        "decided_by": one.decided_by,
        "decided_at": one.decided_at and one.decided_at.isoformat(),
        "yours": one.author_id == request[PRINCIPAL].id,
        "unusable": unusable and unusable.why,
    }


async def show_version(
    request: web.Request, subject: Subject, read: Callable[[str], Any], lines: Callable[[Version], str], beside: str
) -> web.Response:
    """One version whole, and how it differs from what is in force (`beside`). `lines`: its content as it is compared."""
    shelf = await shelf_of(request, subject)
    one = await request.app[GATEWAY].store.read(lambda tx: _known(tx, subject, number_of(request)))
    shown = await _shape(request, one, shelf)
    try:
        content, compared = read(one.content), lines(one)
    except ValueError:  # written for an earlier version of the software
        content = compared = one.content
    return json_response({**shown, "content": content, "diff": diff(beside, compared)})


def number_of(request: web.Request) -> int:
    written = request.match_info["number"]
    if not written.isdecimal() or len(written) > 9:
        raise not_found("versions are numbered")
    return int(written)


def _known(tx: Transaction, subject: Subject, number: int) -> Version:
    try:
        return documents.get(tx, subject, number)
    except NoSuchVersion:
        raise not_found(f"there is no version {number}") from None


async def earlier(request: web.Request, subject: Subject, asked: _Written) -> str | None:
    """The content of the version that is to be put back, if one is named."""
    if asked.copy_of is None:
        return None
    number = asked.copy_of
    return (await request.app[GATEWAY].store.read(lambda tx: _known(tx, subject, number))).content


async def write(
    request: web.Request,
    body: bytes,
    subject: Subject,
    asked: _Written,
    content: str,
    label: Callable[[int], str],
    *,
    origin: Origin = Origin.CONSOLE,
    file_digest: str | None = None,
) -> web.Response:
    """Keeps a version that has been checked; it counts from its moment on, or once somebody else has approved it."""
    principal, approved = request[PRINCIPAL], not four_eyes(request)
    if not approved and principal.agent is None:  # whoever holds the key could approve it as themselves
        raise forbidden("needs_person", "where two have to agree a version is written by a person who is signed in")
    written = Written(content, asked.why, asked.based_on, asked.effective_from, origin, file_digest)
    force = await in_force(request)

    def effect(tx: Transaction) -> Answer:
        try:
            one = documents.add(tx, subject, written, label, author_of(principal), approved=approved)
        except Overtaken as error:
            raise overtaken(error) from None
        except StillToCome as error:
            raise still_to_come(error) from None
        return answer_of({"number": one.number, "label": one.label, "approved": approved}, 201)

    answer = await do(request, body, effect)
    await _take_up(force)
    return answer


async def _take_up(force: InForce) -> None:
    """What was decided stands, even if the store can't be asked just now: a 503 would have it decided anew. The loop looks again."""
    try:
        await force.look()
    except StoreError as error:
        log.warning("rules_not_looked_at", why=str(error))


def overtaken(error: Overtaken) -> Problem:
    told = f"version {error.number} has been written meanwhile: look at it, then write on top of it"
    return Problem(409, "overtaken", told, number=error.number)


def still_to_come(error: StillToCome) -> Problem:
    told = f"version {error.number} is to count from a later day, and would undo this one then: withdraw it first"
    return Problem(409, "still_to_come", told, number=error.number)


async def decide(request: web.Request, subject: Subject, verdict: Verdict) -> web.Response:
    _, body = await read_json(request, required=False)
    principal, number = request[PRINCIPAL], number_of(request)
    if verdict is Verdict.APPROVED and principal.agent is None:
        raise forbidden("needs_person", "a version is approved by a person who is signed in, not with a key")
    force = await in_force(request)

    def effect(tx: Transaction) -> Answer:
        try:
            one = documents.decide(tx, subject, number, verdict, author_of(principal))
        except NoSuchVersion:
            raise not_found(f"there is no version {number}") from None
        except NotOpen:
            told = f"version {number} counts already, or somebody has decided on it"
            raise Problem(409, "not_open", told) from None
        except OwnVersion:
            told = "you have written this version: somebody else has to approve it"
            raise Problem(403, "own_version", told) from None
        except LatelySet:
            told = "your password, role or second factor was set by somebody else after this version was written: another person has to approve it"
            raise Problem(403, "lately_set", told) from None
        except Overtaken as error:
            raise overtaken(error) from None
        except StillToCome as error:
            raise still_to_come(error) from None
        return answer_of({"number": one.number, "label": one.label, "approved": verdict is Verdict.APPROVED})

    answer = await do(request, body, effect)
    await _take_up(force)
    return answer


def diff(before: str, after: str) -> list[dict[str, str]]:
    """The lines that differ, with two beside them on each side."""
    kinds = {"+": "added", "-": "removed", "@": "gap", " ": "same"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    shown = [{"kind": kinds[line[0]], "text": "" if line[0] == "@" else line[1:]} for line in _body(lines)]
    return shown[1:] if shown and shown[0]["kind"] == "gap" else shown


def _body(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= 2:  # the names of the two
            yield line


def refused(faults: Sequence[Fault]) -> Problem:
    return invalid([{"field": one.field, "detail": one.detail} for one in faults], "unusable")
