"""What goes into requests about surges and emergencies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from gateway.api.models import Body

Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class SurgeAcknowledged(Body):
    note: Annotated[Told, Field(description="what is being done")]


class EmergencyDeclared(Body):
    scope: Annotated[Literal["house", "about", "cases"], Field(description="how far it reaches")]
    reason: Told
    about: Annotated[str | None, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)] = None
    cases: Annotated[list[Reference], Field(max_length=100, description="reference numbers")] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _fitting(self) -> EmergencyDeclared:
        if (self.scope == "about") != (self.about is not None):
            raise ValueError('"about" names the branch or the product where "scope" is "about", and only there')
        if (self.scope == "cases") != bool(self.cases):
            raise ValueError('"cases" names reference numbers where "scope" is "cases", and only there')
        return self


class EmergencyEnded(Body):
    note: Annotated[Told, Field(description="why it is over")]
