"""Cases for agents: list and search, read, correct, and what happened to them.

A change names the version it was made on (`If-Match`): nobody's change is lost under another's. What the customer is told of it is
queued in the same unit of work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from aiohttp import web

from case_store import audit, case_lists, cases, search, teams
from case_store.audit import NOTHING, case_chain
from case_store.case_lists import CaseFilter
from case_store.case_record import CaseRecord
from case_store.cases import LostUpdate, NoSuchCase
from case_store.idempotency import Answer
from case_store.pages import LastSeen
from case_store.records import Status
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from gateway import clocks, revealing, trail
from gateway.api import models, shapes
from gateway.api.agents import open_account
from gateway.api.doing import answer_of, do, json_response
from gateway.api.filters import CASE_QUERY, read_cases
from gateway.api.masks import sees_masks
from gateway.api.offered import NOTHING as NOT_OFFERED
from gateway.api.offered import Offered, offered, taken
from gateway.api.paging import PAGING, page_of
from gateway.api.reading import if_match, read_choice, read_json, validated
from gateway.api.routes import Query, Route
from gateway.api.team_fields import open_team
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY
from gateway.hooks import CASE_CHANGED, FILE_CASE, PROMISES
from gateway.problems import Problem, erased, invalid_field, not_found
from gateway.readings import CASE, LIST, seen
from gateway.trail import Step

FOUND_AT_MOST = 500  # of a search, the last changed
INDEXED_AT_ONCE = 200  # the rest follows within seconds


async def list_cases(request: web.Request) -> web.Response:
    chosen = read_cases(request)
    store, q = request.app[GATEWAY].store, request.query.get("q", "").strip()
    if q != "" and await store.read(search.is_waiting):  # a write waits for the disk, and a search mostly need not
        await store.write(search.index_waiting, INDEXED_AT_ONCE)
    page = page_of(request, partial(_listing, chosen=chosen, q=q), chosen.place)
    found = await store.read(page)
    seen(request, *(case_chain(record.id) for record in found.items))
    return json_response(found.shown(CaseRecord.to_json))


def _listing(tx: Transaction, *, chosen: CaseFilter, q: str, after: LastSeen | None, limit: int) -> list[CaseRecord]:
    ids = _matching(tx, chosen, q) if q else None
    return case_lists.listing(tx, replace(chosen, ids=ids, before=after), limit)


def _matching(tx: Transaction, chosen: CaseFilter, q: str) -> list[str]:
    """Ids of the cases that a search means; a reference number means its own case alone. Raises 422 for one that is mistyped."""
    try:
        reference = parse_reference(q)
    except MistypedReference:
        if not q.lstrip().upper().startswith(("C", "Ｃ")):  # a card's number is as long, and was never one of ours
            return search.matching(tx, q, FOUND_AT_MOST, where=chosen.conditions())
        raise _mistyped(422, q) from None
    if reference is not None:
        try:
            return [cases.get(tx, reference).id]
        except NoSuchCase:
            return []
    return search.matching(tx, q, FOUND_AT_MOST, where=chosen.conditions())


def _mistyped(status: int, written: str) -> Problem:
    """What was typed looks like a reference number and can't be one: told as a typing error, without a look-up."""
    return Problem(
        status, "mistyped_reference", f"{written[:60]!r} has a typing error: its last digit doesn't fit the others"
    )


async def get_case(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_with_clocks, request, request.match_info["key"])
    return json_response(_document(*found), headers={"ETag": f'"{found[0].version}"'})


def _document(record: CaseRecord, told: list[dict[str, Any]]) -> dict[str, Any]:
    return {**record.to_json(), "clocks": told}


def _with_clocks(tx: Transaction, request: web.Request, key: str) -> tuple[CaseRecord, list[dict[str, Any]]]:
    record, promises = case_of(tx, key), request.app[PROMISES]
    return record, clocks.told(clocks.clocks_of(tx, record, promises), promises.hours, tx.now)


async def get_clocks(request: web.Request) -> web.Response:
    """The clocks and the hours around them: a page counts on by itself until the hours that it was told are over."""
    return json_response(await request.app[GATEWAY].store.read(_clocks, request, request.match_info["key"]))


def _clocks(tx: Transaction, request: web.Request, key: str) -> dict[str, Any]:
    promises = request.app[PROMISES]
    found = clocks.clocks_of(tx, case_of(tx, key), promises)
    return {
        **shapes.whole(clocks.told(found, promises.hours, tx.now)),
        "now": tx.now.isoformat(),
        "openings": clocks.openings(found, promises.hours, tx.now),
    }


def case_of(tx: Transaction, key: str) -> CaseRecord:
    """By id, or by reference number as people write it."""
    try:
        return cases.get(tx, parse_reference(key) or key)
    except MistypedReference:
        raise _mistyped(404, key) from None
    except NoSuchCase:
        raise not_found("no case has this id or reference number") from None


def own_case_of(tx: Transaction, key: str) -> CaseRecord:
    """The same, where something is to be changed: what is dealt with under another number is changed there.

    Locked first: it might be merged between the look and what is written.
    """
    known = case_of(tx, key)
    cases.lock(tx, known.id)
    record = cases.get(tx, known.id)
    if record.erased_at is not None:
        raise erased("case")
    if record.merged_into is not None:
        detail = f"this case is dealt with under {record.merged_into} now: change that one, or take them apart first"
        raise Problem(409, "merged", detail, into=record.merged_into)
    return record


def undivided_case_of(tx: Transaction, key: str) -> CaseRecord:
    """The same, where it is said who may be told of it: what holds for one complaint must not be carried into another that goes on under it."""
    record = own_case_of(tx, key)
    if record.merged_from:
        came = ", ".join(record.merged_from)
        detail = f"{came} goes on under this number: take it apart first, then say for which complaint this holds"
        raise Problem(409, "holds_another", detail, merged_from=list(record.merged_from))
    return record


async def get_timeline(request: web.Request) -> web.Response:
    whole = read_choice(request, "conversations", ("yes",)) is not None
    store, key = request.app[GATEWAY].store, request.match_info["key"]
    if whole:
        return json_response(shapes.whole([_step(step) for step in await store.read(_steps, key)]))
    return json_response(shapes.whole([shapes.event(event) for event in await store.read(_timeline, key)]))


def _steps(tx: Transaction, key: str) -> list[Step]:
    return trail.steps_of(tx, case_of(tx, key))


def _step(step: Step) -> dict[str, Any]:
    told = shapes.event(step.event)
    if step.conversation is None:
        return told
    return {**told, "id": f"{step.conversation}:{told['id']}", "conversation": step.conversation}


def _timeline(tx: Transaction, key: str) -> list[audit.HappenedAt]:
    return audit.timeline(tx, case_chain(case_of(tx, key).id))


async def change_case(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    asked = validated(models.CaseChange, read)
    changes = asked.model_dump(mode="json", exclude_unset=True)
    key = request.match_info["key"]
    others = await offered(request, key, changes.get("facts"))

    def effect(tx: Transaction) -> Answer:
        try:
            after = changed(tx, request, key, version, changes, others=others)
        except LostUpdate as error:
            raise changed_meanwhile(error) from None
        return answer_of(_document(*_with_clocks(tx, request, after.id)))

    return await do(request, body, effect, versioned=True)


def changed_meanwhile(error: LostUpdate) -> Problem:
    return Problem(
        412,
        "changed_meanwhile",
        "somebody has changed the record meanwhile: read it again",
        headers={"ETag": f'"{error.current}"'},
        version=error.current,
    )


def changed(
    tx: Transaction,
    request: web.Request,
    key: str,
    version: int | None,
    asked: Mapping[str, Any],
    beside: Mapping[str, Any] = NOTHING,
    others: Offered = NOT_OFFERED,
) -> CaseRecord:
    """The record as it is then; whoever is to be told of it is told in the same unit. Raises LostUpdate."""
    principal, changes = request[PRINCIPAL], dict(asked)
    before = own_case_of(tx, key)
    if version is not None and before.version != version:
        raise LostUpdate(before.version)
    note = changes.pop("note", None)
    if changes.get("facts") and sees_masks(request):
        changes["facts"] = unmasked_facts(before, changes["facts"], others)
    _check_references(tx, before, changes)
    _check_status(before, changes.get("status"))
    after = _written(tx, request, before, with_responsible(principal, before, changes), beside)
    if note:
        after = cases.note(tx, before.id, note, actor=principal.actor)
    if after.team != before.team:
        teams.follow(tx, before.id, after.team, actor=principal.actor)
    if "facts" in changes:
        search.refresh(tx, before.id)
    if after.version != before.version:
        request.app[CASE_CHANGED](tx, before, after, note, principal.actor)
    return cases.get(tx, before.id)


def with_responsible(principal: Principal, before: CaseRecord, changes: Mapping[str, Any]) -> dict[str, Any]:
    """These changes; who brings to its end what nobody is responsible for is responsible for it.

    Otherwise no figures would count it as theirs, and a case that is opened again would come back to nobody.
    """
    nobody = before.assignee is None and "assignee" not in changes
    if nobody and principal.agent and before.status not in _ENDED and changes.get("status") in _ENDED:
        return {**changes, "assignee": principal.username}
    return dict(changes)


def unmasked_facts(
    before: CaseRecord | None, facts: Mapping[str, Any], others: Offered = NOT_OFFERED
) -> dict[str, Any]:
    """Facts that were corrected by somebody who saw them masked: the numbers of a fact go back into that fact, and into no other."""
    known = {} if before is None else before.facts.to_json()
    return {
        name: unmasked_field(f"facts.{name}", known.get(name), value, instead=taken(others, name, value))
        if isinstance(value, str)
        else value
        for name, value in facts.items()
    }


def unmasked_field(field: str, stored: Any, text: str, *, quoting: bool = False, instead: str | None = None) -> str:
    """With its numbers, or what was offered `instead`. Raises 422 where a masked number in it can't be told."""
    if "*" not in text:
        return text
    try:
        return revealing.unmasked(stored if isinstance(stored, str) else None, text, quoting=quoting)
    except revealing.CannotTell as error:
        if instead is not None:
            return instead
        raise invalid_field(field, str(error)) from None


def _written(
    tx: Transaction, request: web.Request, before: CaseRecord, changes: dict[str, Any], beside: Mapping[str, Any]
) -> CaseRecord:
    actor, version = request[PRINCIPAL].actor, before.version
    if before.status is Status.DRAFT and changes.get("status") not in (None, Status.DRAFT, Status.WITHDRAWN):
        # what else is set goes in first: the number and the dates are given to the record as it is then
        status = changes.pop("status")
        cases.change(tx, before.id, changes, actor=actor, version=version)
        request.app[FILE_CASE](tx, before.id, actor)
        return cases.change(tx, before.id, {"status": status}, actor=actor)
    try:
        return cases.change(tx, before.id, changes, actor=actor, version=version, beside=beside)
    except ValueError as error:
        raise invalid_field("", str(error)) from None


def _check_references(tx: Transaction, before: CaseRecord, changes: dict[str, Any]) -> None:
    """Whoever and whatever the record is to name has to be there; a team that has closed since keeps what it has."""
    assignee, duplicate = changes.get("assignee"), changes.get("possible_duplicate_of")
    if assignee is not None:
        open_account(tx, "assignee", assignee)
    if changes.get("team") not in (None, before.team):
        open_team(tx, "team", changes["team"])
    if duplicate is not None:
        try:
            changes["possible_duplicate_of"] = cases.get(tx, parse_reference(duplicate) or duplicate).reference
        except (NoSuchCase, MistypedReference):
            raise invalid_field("possible_duplicate_of", "is the reference number of a case") from None


def _check_status(before: CaseRecord, status: str | None) -> None:
    if status == Status.DRAFT and before.status is not Status.DRAFT:
        raise invalid_field("status", "a case that has been filed is no draft any more")


_ENDED: Final = (Status.RESOLVED, Status.CLOSED)  # by the house, with or without a result
_KEYED = {404: "no such case"}

ROUTES = (
    Route(
        "GET",
        "/api/v1/cases",
        list_cases,
        "cases:read",
        "Cases, last changed first",
        query=(
            *CASE_QUERY,
            Query("q", "words of the case or its messages, or a reference number"),
            *PAGING,
        ),
        answers={422: "a typing error in the reference number, or a filter that means nothing"},
        answer="Cases",
        reads=LIST,
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}",
        get_case,
        "cases:read",
        "One case, by id or reference number",
        answers=_KEYED,
        answer="CaseNow",
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/clocks",
        get_clocks,
        "cases:read",
        "What runs for it: since when, until when, by which policy, and how much working time is left or over",
        answers=_KEYED,
        answer="Clocks",
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/timeline",
        get_timeline,
        "cases:read",
        "What happened to it, oldest first",
        query=(Query("conversations", "yes: and in its conversations, beside their words", ("yes",)),),
        answers=_KEYED,
        answer="Timeline",
    ),
    Route(
        "PATCH",
        "/api/v1/cases/{key}",
        change_case,
        "cases:write",
        "Sets fields of the record, and tells the customer of a new status or with a note; needs `If-Match`",
        body=models.CaseChange,
        answers={
            **_KEYED,
            409: "it was merged into another",
            412: "somebody changed it meanwhile",
            428: "If-Match is missing",
            422: "a wrong field",
        },
        answer="CaseNow",
        reads=CASE,
    ),
)
