"""Figures on a period: by day or week, by channel, category and the rest, how long it took, who did what.

docs/figures.md tells of each number what it counts. Nobody who complained is named here.

Not here: how they are reckoned (gateway/figures.py), the same as files (exports.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from case_store import figures as store
from case_store.figures import Asked, TooManyCases
from case_store.records import Category, ChannelName, Disposition, Language, Risk
from gateway.api.doing import json_response
from gateway.api.reading import read_choice, read_day
from gateway.api.routes import Query, Route
from gateway.auth.principals import REPORTS
from gateway.context import GATEWAY
from gateway.figures import BY, Figures, Group, Part, Rules, parts
from gateway.hooks import PROMISES
from gateway.problems import Problem, invalid_field
from gateway.promises import Promises

MOST_CASES: Final = 300_000
MOST_DAYS: Final = 400
MOST_PARTS: Final = 100
USUAL: Final = timedelta(weeks=3)
"""The usual period begins on the Monday so long before this week's."""
_CHOICES: Final[Mapping[str, Any]] = {
    "channel": ChannelName,
    "category": Category,
    "risk": Risk,
    "disposition": Disposition,
    "language": Language,
}
_FREE: Final = ("account", "assignee")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as it is shown again with the answer."""

    first: date
    last: date
    group: Group
    parts: tuple[Part, ...]
    narrowed: Mapping[str, str]

    @property
    def asked(self) -> Asked:
        return Asked(self.parts[0].start, self.parts[-1].end, self.narrowed)

    def to_json(self) -> dict[str, Any]:
        days = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {**days, "group": self.group.value, "narrowed": dict(self.narrowed)}


def question_of(request: web.Request) -> Question:
    """Raises 422 for a period that is none, or too long."""
    zone = request.app[PROMISES].zone
    today = datetime.now(UTC).astimezone(zone).date()
    group = Group(read_choice(request, "group", [one.value for one in Group]) or Group.WEEK)
    last = read_day(request, "to") or today
    first = read_day(request, "from") or last - timedelta(days=last.weekday()) - USUAL
    if first > last:
        raise invalid_field("from", f"is a day not after {last}, the last one of the period")
    if (last - first).days >= MOST_DAYS:
        raise invalid_field("from", f"begins a period of at most {MOST_DAYS} days, not {(last - first).days + 1}")
    if group is Group.DAY and (last - first).days >= MOST_PARTS:
        raise invalid_field("group", f"is week for a period of more than {MOST_PARTS} days")
    narrowed = {name: read_choice(request, name, [one.value for one in kind]) for name, kind in _CHOICES.items()}
    narrowed |= {name: request.query.get(name) for name in _FREE}
    chosen = {name: value for name, value in narrowed.items() if value}
    return Question(first, last, group, tuple(parts(first, last, group, zone)), chosen)


async def figures_of(request: web.Request, question: Question, most: int = MOST_CASES) -> Figures:
    """Raises 422 for a period that concerns more cases than `most`."""
    promises = request.app[PROMISES]
    try:
        gathered = await request.app[GATEWAY].store.read(store.gather, question.asked, most)
    except TooManyCases as error:
        told = f"this concerns {error.count:,} cases, at most {most:,} are asked for at once: choose a shorter period or one channel"
        raise Problem(422, "too_many_cases", told, count=error.count, most=most) from None
    return await asyncio.to_thread(Figures, gathered, question.parts, rules_of(promises))


def rules_of(promises: Promises) -> Rules:
    return Rules(promises.hours, timedelta(hours=promises.policy.figures.first_answer_hours))


async def show(request: web.Request) -> web.Response:
    question = question_of(request)
    figures = await figures_of(request, question)
    return json_response(await asyncio.to_thread(shown, figures, question, request.app[PROMISES]))


def shown(figures: Figures, question: Question, promises: Promises) -> dict[str, Any]:
    *times, whole = figures.times()
    return {
        **question.to_json(),
        "asked_at": figures.now.isoformat(),
        "zone": str(promises.zone),
        "policy_version": promises.policy.version,
        "first_answer_hours": promises.policy.figures.first_answer_hours,
        "total": {**figures.total(), "times": whole},
        "parts": [{**row, "times": one} for row, one in zip(figures.rows(), times, strict=True)],
        "by": {name: figures.by(name) for name in BY},
        "agents": figures.people(),
    }


PERIOD: Final = (
    Query("from", "the first day, in the institution's zone (default: the Monday three weeks before this week's)"),
    Query("to", "the last day (default: today)"),
    Query("group", "told apart by day or by week, from Monday (default: week)", [one.value for one in Group]),
    *(Query(name, f"only cases of this {name}", [one.value for one in kind]) for name, kind in _CHOICES.items()),
    *(Query(name, f"only cases of this {name}") for name in _FREE),
)

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/reports/figures",
        show,
        REPORTS,
        "Figures on a period: what was received, registered, resolved and open, how long it took, by channel, category, risk … and agent",
        query=PERIOD,
        answers={422: "a period that is none or too long, or that concerns too many cases"},
        answer="Figures",
    ),
)
