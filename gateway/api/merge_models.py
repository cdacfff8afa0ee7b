"""What goes into requests that merge cases, take them apart, and split messages off."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.api.models import Body, FactsChange, MessageNumber, Number, Words

Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
MOST_MESSAGES = 200


class Merged(Body):
    into: Annotated[Key, Field(description="reference number or id of the case that goes on")]
    reason: Words
    version: Annotated[Number, Field(description="of the record that is merged, as it was looked at")]
    into_version: Annotated[Number, Field(description="of the record that goes on, as it was looked at")]


class NamedMessage(Body):
    conversation: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    message: MessageNumber


class Unmerged(Body):
    reason: Words
    messages: Annotated[
        list[NamedMessage],
        Field(max_length=MOST_MESSAGES, description="what came meanwhile and belongs to the case that is taken out"),
    ] = Field(default_factory=list)


class SplitOff(Body):
    messages: Annotated[
        list[MessageNumber], Field(min_length=1, max_length=MOST_MESSAGES, description="ids of the customer's messages")
    ]
    reason: Words
    facts: Annotated[FactsChange | None, Field(description="what the agent knows of the new case")] = None
