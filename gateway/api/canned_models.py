"""What goes into requests about canned replies."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StringConstraints, model_validator

from case_store.ownership import FARTHEST
from case_store.records import Category, ChannelName
from gateway.api.models import Body, LanguageTag, Locale, Number, ShownName
from gateway.canned import FIELDS, problems_of

LONGEST: Final = 4_000


def _a_reply(text: str) -> str:
    problems = problems_of(text)
    if problems:
        raise ValueError("; ".join(problems))
    return text


def _a_word(value: object) -> object:
    """As it is typed after a stroke, and without regard to case."""
    return (value.strip().removeprefix("/").lower() or None) if isinstance(value, str) else value


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
    AfterValidator(_a_reply),
]
Texts = Annotated[
    dict[LanguageTag, Text],
    Field(min_length=1, description=f"by language, at least one; fields that are filled from the case: {FIELDS}"),
]
Shortcut = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\w-]{1,32}$")] | None,
    BeforeValidator(_a_word),
    Field(description="one word, typed after `/` in the reply field"),
]


class MacroThen(Body):
    """What is done besides, once the answer is sent."""

    status: Literal["in_progress", "waiting_for_customer", "resolved"] | None = None
    hand_back: Literal["bot", "queue"] | None = None
    snooze_days: Annotated[
        Annotated[Number, Field(ge=1, le=FARTHEST.days)] | None,
        Field(description="put off until somebody is there, so many days later"),
    ] = None

    @model_validator(mode="after")
    def _one_thing(self) -> MacroThen:
        if self.hand_back and self.snooze_days:
            raise ValueError("what is handed back is put off by nobody: either hand_back or snooze_days")
        if not (self.status or self.hand_back or self.snooze_days):
            raise ValueError("names at least one of status, hand_back and snooze_days; leave it out for none")
        return self


class CannedAdded(Body):
    name: ShownName
    texts: Texts
    shortcut: Shortcut = None
    category: Annotated[Category | None, Field(description="what it is meant for; null: everything")] = None
    channel: Annotated[ChannelName | None, Field(description="where it is meant for; null: everywhere")] = None
    then: MacroThen | None = None
    shared: Annotated[StrictBool, Field(description="for everybody; takes a supervisor")] = False


class CannedChange(Body):
    """Fields to set; those not named stay."""

    name: ShownName = ""
    texts: Annotated[Texts, Field(description="all of them: a language that is not named is taken out")] = Field(
        default_factory=dict
    )
    shortcut: Shortcut = None
    category: Category | None = None
    channel: ChannelName | None = None
    then: MacroThen | None = None
    shared: Annotated[StrictBool, Field(description="for everybody, or one's own from now on; takes a supervisor")] = (
        False
    )


class CannedPreview(Body):
    """Texts that somebody is still writing."""

    texts: dict[LanguageTag, Annotated[str, StringConstraints(max_length=LONGEST)]]


class Filling(Body):
    language: Annotated[Locale, Field(description="of the text; the conversation's if not named")] = None


class StartersAdded(Body):
    language: Annotated[Locale, Field(description="of their names; the institution's if not named")] = None
