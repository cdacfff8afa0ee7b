"""What goes into requests about legal holds, and about what is held on a person."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from gateway.api.models import Body
from gateway.complaint import address_held

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320), AfterValidator(address_held)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class HoldPlaced(Body):
    reason: Annotated[
        Reason, Field(description="why the case must be kept: the court, the dispute, the regulator's letter")
    ]


class HoldLifted(Body):
    reason: Annotated[Reason, Field(description="why it need not be kept any more")]


class PersonAsked(Body):
    contact: Annotated[
        Address, Field(description="a mail address, a telephone number however it is written, telegram:ID")
    ]
    names: Annotated[list[Name], Field(max_length=20, description="whose, where several people share the address")] = (
        Field(default_factory=list)
    )
    cases: Annotated[list[Key], Field(max_length=200, description="or which cases are theirs")] = Field(
        default_factory=list
    )


class PersonErased(PersonAsked):
    reason: Annotated[
        Reason, Field(description="who has asked for it and when; don't name the person: it stays on record")
    ]
    even_within_retention: Annotated[
        bool,
        Field(
            description="the law demands it although the time of keeping is not over; no hold and no open case gives way"
        ),
    ] = False
