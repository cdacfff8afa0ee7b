"""What goes into requests to see what is masked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.api.models import Body, MessageNumber

Why = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(description="why it has to be seen; kept in the trail"),
]
Fact = Literal["name", "contact", "about", "what_happened", "desired_outcome"]

Masked = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=200)] | None,
    Field(
        description="only the numbers that stand there like this, as `************7894`, also behind stars of a list"
    ),
]


class RevealInCase(Body):
    reason: Why
    masked: Masked = None
    field: Annotated[Fact | None, Field(description="only what is masked in this fact")] = None


class RevealInConversation(Body):
    reason: Why
    masked: Masked = None
    message: Annotated[MessageNumber | None, Field(description="only what is masked in this message")] = None
