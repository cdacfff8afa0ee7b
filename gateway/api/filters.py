"""What a list of cases or conversations is asked for: values with commas between them, ranges of moments.

Anything that means nothing is told with the field, what was sent, and what would be right. Not here: the lists themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from case_store.case_lists import FIELDS, CaseFilter
from case_store.pages import Span
from case_store.records import Category, ChannelName, Language, Risk, Status
from gateway.api.reading import FIRST_DAY, LAST_DAY, read_choice
from gateway.api.routes import Query
from gateway.api.team_fields import ASKED_TEAM, asked_for
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.figures import midnight
from gateway.problems import invalid_field

NOBODY: Final = "none"
ME: Final = "me"
_VALUES: Final = {
    "status": tuple(one.value for one in Status),
    "category": tuple(one.value for one in Category),
    "risk": tuple(one.value for one in Risk),
    "channel": tuple(one.value for one in ChannelName),
    "language": tuple(one.value for one in Language),
}
_MEANS: Final = {
    "status": "how far it has come",
    "category": "what it is about",
    "risk": "how grave it is",
    "channel": "the channel it came by",
    "language": "the customer's language",
}
_ORDERS: Final = {
    "updated": "changed; the list is ordered by it anyhow, the last first",
    "created": "taken; the last first then",
    "due": "due to be answered, of open cases; the first first then",
}
_MOMENT: Final = "a day, or a moment with its offset such as 2026-11-23T09:00:00+08:00"


def choices(name: str, tells: str, values: Iterable[str]) -> Query:
    return Query(name, f"{tells}: one or several, with commas between them", [*map(str, values)], several=True)


def span(name: str, tells: str) -> tuple[Query, Query]:
    return (
        Query(f"{name}_from", f"{tells}: from then on; {_MOMENT}"),
        Query(f"{name}_to", f"{tells}: before that; a day is counted in; {_MOMENT}"),
    )


CASE_QUERY: Final = (
    *(choices(name, _MEANS[name], _VALUES[name]) for name in FIELDS),
    Query("assignee", "username, `me`, or `none`: nobody's"),
    ASKED_TEAM,
    Query("held", "yes: under a legal hold; no: under none", ("yes", "no")),
    *(query for name, tells in _ORDERS.items() for query in span(name, tells)),
)


def read_cases(request: web.Request) -> CaseFilter:
    assignee = request.query.get("assignee") or None
    updated, created, due = (read_span(request, name) for name in _ORDERS)
    asked = [name for name, found in zip(_ORDERS, (updated, created, due), strict=True) if found]
    if len(asked) > 1:
        raise invalid_field(f"{asked[1]}_from", f"is another order than {asked[0]}_from: a list has one of them")
    status, category, risk, channel, language = (read_choices(request, name, _VALUES[name]) for name in FIELDS)
    return CaseFilter(
        status,
        category,
        risk,
        channel,
        language,
        assignee=request[PRINCIPAL].username if assignee == ME else None if assignee == NOBODY else assignee,
        unassigned=assignee == NOBODY,
        teams=asked_for(request),
        held={"yes": True, "no": False, None: None}[read_choice(request, "held", ("yes", "no"))],
        updated=updated,
        created=created,
        due=due,
    )


def read_choices(request: web.Request, name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Those that are asked for, each once."""
    asked = tuple(dict.fromkeys(one for one in request.query.get(name, "").split(",") if one))
    known = list(values)
    for one in asked:
        if one not in known:
            raise invalid_field(name, f"is one of {', '.join(known)}, or several with commas, not {one[:60]!r}")
    return asked


def read_span(request: web.Request, name: str) -> Span:
    zone = request.app[GATEWAY].settings.timezone
    first, last = f"{name}_from", f"{name}_to"
    found = Span(_moment(request, first, zone, days=0), _moment(request, last, zone, days=1))
    if found.since is not None and found.until is not None and found.until < found.since:
        raise invalid_field(last, f"lies before {first}")
    return found


def _moment(request: web.Request, name: str, zone: ZoneInfo, *, days: int) -> datetime | None:
    """A day begins, and ends, at midnight in the institution's zone. A `+` that was not escaped has come as a blank."""
    written = re.sub(r" (?=\d\d:\d\d$)", "+", request.query.get(name, ""))
    if not written:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
            day = date.fromisoformat(written)
            _check(day)
            return midnight(day + timedelta(days=days), zone)
        moment = datetime.fromisoformat(written)
        _check(moment.date())
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid_field(name, f"is {_MOMENT}, not {written[:60]!r}") from None


def _check(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError
