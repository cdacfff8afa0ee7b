"""What goes into requests about offers and settlements."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from case_store.offers import FEWEST, MOST, Option
from case_store.records import ChannelName
from gateway.api.models import LONGEST_TEXT, Body, Number, Passage, Words

LONGEST_TITLE: Final = 120
LONGEST_MEANING: Final = 1_000


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("is one line")
    return value


Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE), AfterValidator(_one_line)
]
Meaning = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_MEANING)]


class OfferedOption(Body):
    """One solution, in the customer's language."""

    title: Title
    meaning: Annotated[Meaning, Field(description="what it means for the customer: sums, where they go, what ends")]
    days: Annotated[Number, Field(ge=0, le=365, description="working days to perform it, from the agreement")]

    def option(self) -> Option:
        return Option(self.title, self.meaning, self.days)


class OfferMade(Body):
    """The next round: two to four options."""

    options: Annotated[list[OfferedOption], Field(min_length=FEWEST, max_length=MOST)]
    expires_on: Annotated[
        date | None, Field(description="last day on which it can be taken; as the policy says if not named")
    ] = None
    hand_over: Annotated[
        bool,
        Field(
            description="true: the bot answers questions and takes the answer, and gets the conversations of the case; "
            "false: they are the caller's, who records the answer"
        ),
    ] = True
    solution: Annotated[str | None, Field(max_length=60, description="key of the ready solution it was made from")] = (
        None
    )


class OfferWithdrawn(Body):
    note: Annotated[Passage, Field(description="words to the customer")] = None


class OfferAnswered(Body):
    """What the customer said to an offer elsewhere than in a conversation: on the telephone, at the counter, by letter."""

    kind: Annotated[
        Literal["choice", "agreed", "counter", "declined"],
        Field(description="`agreed`: the option was read back with what it means, and the customer said yes"),
    ]
    option: Annotated[Number | None, Field(ge=1, le=MOST)] = None
    words: Annotated[Words, Field(description="the customer's own")]
    way: Annotated[ChannelName, Field(description="by which it came")]


class Performed(Body):
    performed_on: Annotated[date | None, Field(description="the day it was done; today if not named")] = None
    note: Annotated[Passage, Field(description="told to the customer: a receipt number, how it was paid")] = None


class NotPerformed(Body):
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
