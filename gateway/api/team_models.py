"""What goes into requests about teams."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from gateway.api.models import Body, ShownName, TeamName, Username, Words

MINE: Final = "mine"
"""Asked for in a list: any of the caller's own teams."""


def _names_one(name: str) -> str:
    if name == MINE:
        raise ValueError(f"is another word than {MINE!r}, by which a list is asked for one's own teams")
    return name


Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Members = Annotated[list[Username], Field(max_length=500, description="usernames of agents who answer customers")]


class TeamAdded(Body):
    name: Annotated[TeamName, AfterValidator(_names_one), Field(description="as cases and conversations name it")]
    title: ShownName
    note: Note = ""
    members: Members = Field(default_factory=list)


class TeamChange(Body):
    """What is not named stays."""

    title: ShownName = ""
    note: Note = ""
    active: StrictBool = True
    members: Members = Field(default_factory=list)


class TeamGiven(Body):
    team: Annotated[TeamName | None, Field(description="an open team's name; null: everybody's queue")]
    note: Annotated[Words | None, Field(description="what they should know: a private note")] = None
