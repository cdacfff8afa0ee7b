"""What goes into requests about many at once: one act, and the items it is for as the caller has seen them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from gateway.api.models import Body, MessageNumber, Number, Username, Words

MOST: Final = 100

Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class TakeMany(Body):
    kind: Literal["take_over"]


Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Reason = Annotated[
    Why | None, Field(description="why, such as that somebody has fallen ill; kept in the trail of each")
]


class GiveMany(Body):
    kind: Literal["assign"]
    reason: Reason = None
    agent: Annotated[Username, Field(description="who is to answer them")]
    note: Annotated[Words | None, Field(description="what they should know; a private note in each")] = None


class HandBackMany(Body):
    """Out of another agent's hands only by who supervises, and with a reason."""

    kind: Literal["hand_back"]
    reason: Reason = None
    to: Annotated[Literal["bot", "queue"], Field(description="who answers from now on")]


class SnoozeMany(Body):
    kind: Literal["snooze"]
    until: Annotated[AwareDatetime | None, Field(description="when they are looked at again; null: now")]


class AssignCases(Body):
    kind: Literal["assign_case"]
    reason: Reason = None
    assignee: Annotated[Username | None, Field(description="username of an agent; null: nobody")]


class SeenConversation(Body):
    """A conversation as the caller has seen it: one that has another owner or newer words is refused."""

    id: Id
    epoch: Annotated[Number, Field(ge=0)]
    last_message: MessageNumber


class SeenCase(Body):
    """A case as the caller has seen it: one that has changed is refused."""

    id: Id
    version: Annotated[Number, Field(ge=1)]


class Bulk(Body):
    """One act upon many conversations, or upon many cases."""

    action: Annotated[TakeMany | GiveMany | HandBackMany | SnoozeMany | AssignCases, Field(discriminator="kind")]
    conversations: Annotated[list[SeenConversation], Field(max_length=MOST)] = Field(default_factory=list)
    cases: Annotated[list[SeenCase], Field(max_length=MOST)] = Field(default_factory=list)

    @property
    def of_cases(self) -> bool:
        return isinstance(self.action, AssignCases)

    @property
    def ids(self) -> list[str]:
        items: Sequence[SeenConversation | SeenCase] = self.cases if self.of_cases else self.conversations
        return [one.id for one in items]

    @model_validator(mode="after")
    def _of_one_kind(self) -> Bulk:
        wanted, other = ("cases", self.conversations) if self.of_cases else ("conversations", self.cases)
        if other or not self.ids:
            raise ValueError(f'"{self.action.kind}" is for 1 to {MOST} {wanted} and nothing else')
        if len(set(self.ids)) < len(self.ids):
            raise ValueError(f"each of the {wanted} is named once")
        return self
