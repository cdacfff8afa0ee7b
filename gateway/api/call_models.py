"""What goes into requests about telephone calls (models.py)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, RootModel, StrictBool, StringConstraints

from gateway.api.models import Body, Number, Passage, Words

MOST_AT_ONCE: Final = 500

Seconds = Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]
Voice = Literal["customer", "agent", "system", "unknown"]


def _names_a_voice(value: str) -> str:
    if not value.strip():
        raise ValueError("is customer, agent, system, or the recogniser's own name for the voice")
    return value.strip()


class SaidOnTheTelephone(Body):
    """One utterance of a call that goes on."""

    text: Words
    speaker: Annotated[
        Annotated[str, StringConstraints(max_length=80), AfterValidator(_names_a_voice)],
        Field(description="customer, agent, system, or a label such as spk_0 whose owner an agent is asked for"),
    ] = "unknown"
    start: Annotated[Seconds | None, Field(description="seconds from the beginning of the call")] = None
    end: Seconds | None = None
    confidence: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)] = None
    final: Annotated[
        StrictBool, Field(description="false: it will come again in other words, and is shown but not kept")
    ] = True
    sequence: Annotated[
        Number | None, Field(ge=0, le=10**9, description="its place: what comes twice is kept once")
    ] = None


class Utterances(RootModel[SaidOnTheTelephone | Annotated[list[SaidOnTheTelephone], Field(max_length=MOST_AT_ONCE)]]):
    """One utterance or several."""

    @property
    def all(self) -> list[SaidOnTheTelephone]:
        return self.root if isinstance(self.root, list) else [self.root]


class CallEnded(Body):
    """Nothing needs to be said."""


class Speakers(Body):
    """Whose voices they are."""

    speakers: Annotated[dict[str, Voice], Field(max_length=50, description="by label")] = Field(default_factory=dict)
    utterances: Annotated[dict[str, Voice], Field(max_length=20_000, description="by the id of the message")] = Field(
        default_factory=dict
    )


class Consent(Body):
    """What the customer said of being recorded. A no erases the recording."""

    consent: Literal["yes", "no"]
    note: Passage = None
