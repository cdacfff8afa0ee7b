"""The live board: what has arrived, who waits, who answers, what is due at this moment; and the list behind each of its numbers.

The board holds numbers and agents' names alone. Customers' names are in a list only for whoever may read conversations or cases.

Not here: what is counted (case_store/floor.py), moving something from one agent to another (bulk.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from case_store import floor
from case_store.audit import case_chain, conversation_chain
from case_store.floor import SIGNED_IN, Board, Counted, Limits, Matter, Part, Person, Talk
from case_store.records import ChannelName, Language
from gateway.api import shapes
from gateway.api.doing import json_response
from gateway.api.reading import read_choice, read_limit
from gateway.api.routes import Query, Route
from gateway.auth.principals import PRINCIPAL, REPORTS
from gateway.context import GATEWAY, Gateway
from gateway.deadlines import due_at
from gateway.hooks import PROMISES
from gateway.promises import Promises
from gateway.readings import LIST, seen
from gateway.working_time import WorkingTime

LOOKS_BACK: Final = timedelta(days=30)
"""A policy's limit for waiting is minutes: no row of holidays is longer than this."""
NUMBERS: Final = (*Talk, *(one for one in Matter if one not in (Matter.OPEN, Matter.UNASSIGNED)))


async def show(request: web.Request) -> web.Response:
    gateway, promises = request.app[GATEWAY], request.app[PROMISES]
    limits = limits_of(promises, datetime.now(UTC))
    board = await gateway.store.read(floor.board, limits, gateway.policy.sign_in.idle)
    return json_response(_shown(board, gateway))


def limits_of(promises: Promises, now: datetime) -> Limits:
    """What the policy makes of this moment."""
    limit = timedelta(minutes=promises.policy.waiting.limit_minutes)
    late = WorkingTime(promises.hours, now - LOOKS_BACK, now).back(now, limit)
    return Limits(late, due_at(now.astimezone(promises.zone).date(), promises.zone))


def _shown(board: Board, gateway: Gateway) -> dict[str, Any]:
    groups = [*board.talks, *board.matters]
    people = [_person(one, board, gateway) for one in board.people]
    total = _summed(groups)
    total |= {"open": sum(board.open_by_assignee.values()), "unassigned": board.open_by_assignee.get(None, 0)}
    return {
        "at": board.at.isoformat(),
        "limit_minutes": gateway.policy.waiting.limit_minutes,
        "by_turn": gateway.policy.assignment.on,
        "total": total,
        "longest_wait": _longest(board.talks),
        "tasks": {"open": board.tasks_open, "overdue": board.tasks_overdue},
        "channels": _by(groups, lambda one: one.channel),
        "languages": _by(groups, lambda one: one.language),
        "teams": _by([one for one in groups if one.team is not None], lambda one: one.team or ""),
        "agents": people,
        "alarms": _alarms(board, total, people),
    }


def _longest(groups: Iterable[Counted]) -> str | None:
    waiting = (one.oldest for one in groups if Talk.WAITING in one.numbers)
    return _iso(min((since for since in waiting if since is not None), default=None))


def _summed(groups: Iterable[Counted]) -> dict[str, int]:
    total = Counter[str](dict.fromkeys(map(str, NUMBERS), 0))
    for one in groups:
        total.update({str(name): count for name, count in one.numbers.items()})
    return dict(total)


def _by(groups: Iterable[Counted], of: Callable[[Counted], str]) -> list[dict[str, Any]]:
    """A row for each value, those with the most waiting first."""
    found: dict[str, list[Counted]] = {}
    for one in groups:
        found.setdefault(of(one), []).append(one)
    shown = [
        {
            "value": value,
            **_summed(some),
            "longest_wait": _longest(some),
        }
        for value, some in found.items()
    ]
    return sorted(shown, key=lambda row: (-row[Talk.WAITING], row["value"]))


def _person(one: Person, board: Board, gateway: Gateway) -> dict[str, Any]:
    talks = [group for group in board.talks if group.agent == one.id]
    # a case names who has it by their username, or by the id of a machine
    matters = [group for group in board.matters if group.agent in (one.id, one.username)]
    numbers = _summed([*talks, *matters])
    mine = (*(Talk.AGENTS, Talk.UNANSWERED, Talk.PUT_OFF), Matter.OVERDUE, Matter.DUE_TODAY, Matter.DUE_SOON)
    asked = min((group.oldest for group in talks if group.oldest is not None), default=None)
    here = one.seen_at is not None and board.at - one.seen_at < SIGNED_IN
    assignment = gateway.policy.assignment
    return {
        "username": one.username,
        "name": one.name,
        "there": "takes" if one.takes else "signed_in" if here else "away",
        "limit": (one.most or assignment.most) if assignment.on else None,
        "oldest_unanswered": _iso(asked),
        "open": sum(board.open_by_assignee.get(key, 0) for key in (one.id, one.username)),
        **{str(name): numbers[name] for name in mine},
    }


def _alarms(board: Board, total: Mapping[str, int], people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong now, the worst first; `of` is the list behind it."""
    away = [one for one in people if one["there"] == "away" and one[Talk.UNANSWERED]]
    asked = min((one["oldest_unanswered"] for one in away if one["oldest_unanswered"]), default=None)
    found = [
        ("danger", Talk.DANGER, total[Talk.DANGER], _iso(board.danger_since), None),
        ("late", Talk.LATE, total[Talk.LATE], _iso(board.late_since), None),
        ("overdue_major", Matter.OVERDUE_MAJOR, total[Matter.OVERDUE_MAJOR], None, None),
        *(("away", Talk.UNANSWERED, one[Talk.UNANSWERED], one["oldest_unanswered"], one) for one in away[:5]),
        ("away_others", Talk.UNANSWERED, sum(one[Talk.UNANSWERED] for one in away[5:]), asked, None),
    ]
    return [
        {
            "kind": kind,
            "of": str(of),
            "count": count,
            "since": since,
            "agent": agent and agent["username"],
            "agent_name": agent and agent["name"],
        }
        for kind, of, count, since, agent in found
        if count
    ]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# the lists behind the numbers -------------------------------------------------------------------------------------


async def list_talks(request: web.Request) -> web.Response:
    of = Talk(read_choice(request, "of", [one.value for one in Talk]) or Talk.WAITING)
    limits = limits_of(request.app[PROMISES], datetime.now(UTC))
    part, limit = _part(request), read_limit(request, usual=100)
    found = await request.app[GATEWAY].store.read(floor.talks, of, part, limits, limit)
    seen(request, *(conversation_chain(row["id"]) for row in found))
    named = request[PRINCIPAL].may("conversations:read")
    return json_response(shapes.whole([_talk(row, named=named) for row in found]))


def _part(request: web.Request) -> Part:
    return Part(
        read_choice(request, "channel", [one.value for one in ChannelName]),
        read_choice(request, "language", [one.value for one in Language]),
        request.query.get("agent") or None,
        request.query.get("team") or None,
    )


def _talk(row: Mapping[Any, Any], *, named: bool) -> dict[str, Any]:
    plain = ("id", "version", "epoch", "last_message", "channel", "language", "owner", "agent", "agent_name")
    moments = ("waiting_since", "snoozed_until", "updated_at")
    return {
        **{name: row[name] for name in plain},
        **{name: _iso(row[name]) for name in moments},
        "unanswered_since": _iso(row["asked_at"]),
        "waiting_reason": row["waiting_reason"],
        "urgent": bool(row["urgent"]),
        "customer": row["customer"] if named else None,
        "case": row["case_id"],
        "reference": row["reference"],
        "risk": row["risk"],
    }


async def list_matters(request: web.Request) -> web.Response:
    of = Matter(read_choice(request, "of", [one.value for one in Matter]) or Matter.OVERDUE)
    limits = limits_of(request.app[PROMISES], datetime.now(UTC))
    part, limit = _part(request), read_limit(request, usual=100)
    found = await request.app[GATEWAY].store.read(floor.matters, of, part, limits, limit)
    seen(request, *(case_chain(row["id"]) for row in found))
    named = request[PRINCIPAL].may("cases:read")
    return json_response(shapes.whole([_matter(row, named=named) for row in found]))


def _matter(row: Mapping[Any, Any], *, named: bool) -> dict[str, Any]:
    plain = (
        *("id", "version", "reference", "status", "category", "risk", "channel", "language", "assignee"),
        *("assignee_name", "feedback_due"),
    )
    return {
        **{name: row[name] for name in plain},
        "received_at": _iso(row["received_at"]),
        "customer": row["customer"] if named else None,
    }


_PARTS: Final = (
    Query("channel", "the channel it came by", [one.value for one in ChannelName]),
    Query("language", "the customer's", [one.value for one in Language]),
    Query("agent", "whose, as a username"),
    Query("team", "a team's name"),
    Query("limit", "how many, at most 200; usually 100"),
)

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/reports/now",
        show,
        REPORTS,
        "The live board: arriving, waiting, answering, overdue; by channel, language and agent, all from one snapshot",
        answer="Floor",
    ),
    Route(
        "GET",
        "/api/v1/reports/now/conversations",
        list_talks,
        REPORTS,
        "The conversations behind a number of the board, the longest waiting first; customers' names only with `conversations:read`",
        query=(Query("of", "which number (default: waiting)", [one.value for one in Talk]), *_PARTS),
        answer="FloorConversations",
        reads=LIST,
    ),
    Route(
        "GET",
        "/api/v1/reports/now/cases",
        list_matters,
        REPORTS,
        "The cases behind a number of the board, the first to be due first; customers' names only with `cases:read`",
        query=(Query("of", "which number (default: overdue)", [one.value for one in Matter]), *_PARTS),
        answer="FloorCases",
        reads=LIST,
    ),
)
