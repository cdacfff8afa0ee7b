"""A team as requests about other things name it: whose cases and conversations are listed, whose one is to be.

Not here: teams themselves (teams.py).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import teams
from case_store.store import Transaction
from case_store.teams import NoSuchTeam, Team
from gateway.api.routes import Query
from gateway.api.team_models import MINE
from gateway.auth.principals import PRINCIPAL
from gateway.problems import invalid_field

ASKED_TEAM: Final = Query("team", f"a team's name, or `{MINE}`: any of the caller's own")


def asked_for(request: web.Request) -> Collection[str] | sa.Select[Any] | None:
    """Of which teams a list is asked for; None: of all, and of none."""
    name = request.query.get("team") or None
    if name is None:
        return None
    return teams.of_agent(request[PRINCIPAL].id) if name == MINE else [name]


def open_team(tx: Transaction, field: str, name: str) -> Team:
    """The team that a field of a request names. Raises 422 for none, and for one that is closed."""
    try:
        team = teams.find(tx, name)
    except NoSuchTeam:
        raise invalid_field(field, "is the name of a team") from None
    if not team.active:
        raise invalid_field(field, "is the name of a team that is open")
    return team
