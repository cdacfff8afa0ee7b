"""The shapes of answers about teams, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import NUMBER, TEXT, TEXTS, YES, listed, shape

TEAMS: Final[dict[str, Any]] = {
    "Team": shape(
        name=TEXT,
        title=TEXT,
        note=TEXT,
        active=YES,
        version=NUMBER,
        members={**TEXTS, "description": "usernames of those with an open account"},
        waiting={**NUMBER, "description": "conversations in its queue"},
        open={**NUMBER, "description": "open cases"},
    ),
    "Teams": listed("Team"),
}
