"""What goes into requests about quality samples and score sheets."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from case_store.records import Category, ChannelName
from gateway.api.models import Body, Username
from gateway.api.reading import FIRST_DAY, LAST_DAY

LONGEST_REMARK = 2_000

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_REMARK)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REMARK)]


class SampleDrawn(Body):
    """Finished cases are drawn from: by whom they were handled, how they came, what they are about."""

    first_day: Annotated[Day, Field(description="on which they were finished, in the institution's zone")]
    last_day: Day
    count: Annotated[int, Field(ge=1, le=200, description="how many; as many as there are if there are fewer")]
    agent: Annotated[Username | None, Field(description="whoever handled them")] = None
    channel: ChannelName | None = None
    category: Category | None = None

    @model_validator(mode="after")
    def _in_order(self) -> SampleDrawn:
        if self.last_day < self.first_day:
            raise ValueError(f"last_day is not before first_day: {self.last_day} is before {self.first_day}")
        if (self.last_day - self.first_day).days > 366:
            raise ValueError("the period is at most a year")
        return self


class Graded(Body):
    grade: Annotated[
        str | None, StringConstraints(max_length=10), Field(description="one of the criterion's grades, or `na`")
    ] = None
    remark: Remark = ""


class SheetSaved(Body):
    grades: Annotated[dict[str, Graded], Field(description="by criterion", max_length=40)] = Field(default_factory=dict)
    remark: Annotated[Remark, Field(description="overall")] = ""


class SheetHandedIn(SheetSaved):
    version: Annotated[int, Field(ge=1, description="of the sheet, as it was read")]
    reason: Annotated[Told | None, Field(description="why another edition is handed in; the first needs none")] = None


class StatementMade(Body):
    text: Annotated[Told, Field(description="what whoever handled the case has to say, once")]


class MeasureAdded(Body):
    text: Annotated[Told, Field(description="what is to get better, and how")]
    who: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    due_on: date
    criterion: Annotated[str | None, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = None


class MeasureDone(Body):
    note: Annotated[Remark, Field(description="what came of it")] = ""
