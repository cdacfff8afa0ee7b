"""What goes into requests about the house's policy, calendar and own texts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from gateway.api.models import Body, LanguageTag, Locale, Number
from gateway.house_calendar import MOST, OwnDay
from gateway.own_texts import Wording

LONGEST_POLICY = 200_000
PolicyText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_POLICY)]
Why = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000),
    Field(description="why it is changed, for whoever asks later"),
]


class _Written(Body):
    why: Why
    based_on: Annotated[Number, Field(ge=0, description="the latest number that was seen; 0 if there was none")]
    effective_from: Annotated[AwareDatetime | None, Field(description="when it begins to count; null: at once")] = None
    copy_of: Annotated[Number | None, Field(ge=0, description="the number of an earlier version, to put back")] = None


class PolicyWritten(_Written):
    content: Annotated[PolicyText | None, Field(description="the policy in TOML")] = None
    follow_file: Annotated[bool, Field(description="let the file decide again")] = False


class PolicyChecked(Body):
    content: PolicyText
    language: Annotated[Locale, Field(description="of the examples; the institution's if not named")] = None


class PolicySet(Body):
    """Entries of a policy that is being written, set to other values; everything beside them stays as it is written."""

    content: PolicyText
    changes: Annotated[
        dict[str, bool | int | str | list[str] | list[dict[str, str]]],
        Field(min_length=1, max_length=100, description="by path: institution.hotline"),
    ]


Days = Annotated[dict[date, OwnDay], Field(max_length=MOST, description="all of the house's own days")]
Years = Annotated[list[Annotated[int, Field(ge=2000, le=2100)]], Field(max_length=100)]


class CalendarChecked(Body):
    days: Days
    complete_years: Years = Field(default_factory=list)


class CalendarWritten(_Written):
    days: Days | None = None
    complete_years: Years = Field(default_factory=list)


class CalendarPasted(Body):
    text: Annotated[str, StringConstraints(max_length=200_000)]


Texts = Annotated[
    dict[LanguageTag, Wording], Field(description="by language, all of them; none: the built-in words again")
]


class TextsChecked(Body):
    texts: Texts


class TextsWritten(_Written):
    texts: Texts | None = None
