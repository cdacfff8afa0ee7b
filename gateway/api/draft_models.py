"""What goes into requests about drafts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.api.models import LONGEST_TEXT, Body

_Short = Annotated[str, StringConstraints(max_length=100)]
_Line = Annotated[str, StringConstraints(max_length=2_000)]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class DraftFile(Body):
    """A file that has come up and is to go with the answer."""

    id: _Id
    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    size: Annotated[int, Field(ge=0)]


class DraftThen(Body):
    """What is to be done besides, as far as it was said: it need not be whole before the answer is sent."""

    status: Literal["in_progress", "waiting_for_customer", "resolved"] | None = None
    outcome: _Short | None = None
    basis: _Line | None = None
    next_steps: _Line | None = None
    case: _Short | None = None
    version: int | None = None
    hand_back: Literal["bot", "queue"] | None = None
    no_danger: _Line | None = None
    snooze_until: _Short | None = None


class DraftWritten(Body):
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""
    files: Annotated[list[DraftFile], Field(max_length=100, description="uploads that are to go with it")] = Field(
        default_factory=list
    )
    then: Annotated[DraftThen | None, Field(description="what is to be done besides when it is sent")] = None
    cc: Annotated[list[_Id], Field(max_length=20, description="who is to get a copy")] = Field(default_factory=list)
    base: Annotated[
        _Short | None,
        Field(
            description="the version it was written upon; null: upon none. What was saved elsewhere since stays: 409"
        ),
    ] = None
    writer: Annotated[
        str,
        StringConstraints(min_length=8, max_length=40, pattern=r"^[\w-]+$"),
        Field(description="the page that writes, by an id of its own: what it saved itself it may always go on from"),
    ]

    def beside(self) -> dict[str, object]:
        """What goes with the words, as it is kept: nothing where there is nothing."""
        kept: dict[str, object] = {
            "files": [file.model_dump() for file in self.files],
            "then": self.then.model_dump(exclude_none=True) if self.then else None,
            "cc": list(self.cc),
        }
        return {name: value for name, value in kept.items() if value}
