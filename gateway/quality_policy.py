"""The policy's section `[quality]`: by which criteria finished cases are scored (handbook chapter 8), and what may be concluded from how few.

The built-in criteria stand in quality_criteria.toml.

Not here: the policy as a whole (policy.py), how grades become a score (scoring.py).
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from case_store.records import Language
from gateway.policy_table import Table, in_every_language

NOT_APPLICABLE: Final = "na"
MEASURES: Final = ("in_time",)
"""What of a record can be answered by yes or no without anybody's judgement."""


class Scale(StrEnum):
    POINTS = "points"  # 0 to 4
    STEPS = "steps"  # no, partly, yes
    MEASURED = "measured"  # from the record


GRADES: Final[dict[Scale, tuple[str, ...]]] = {
    Scale.POINTS: ("0", "1", "2", "3", "4"),
    Scale.STEPS: ("no", "partly", "yes"),
    Scale.MEASURED: ("no", "yes"),
}
"""The lowest first; beside each stands `na`."""


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ByLanguage = Annotated[dict[Language, Words], AfterValidator(in_every_language("agents read in all of them"))]


class Criterion(Table):
    """One line of a score sheet. `means` tells what each grade means, the lowest first."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: ByLanguage
    scale: Scale
    weight: int = Field(default=1, ge=1, le=100)
    basis: str = ""  # where the handbook, or the house's own rules, ask for it
    means: tuple[ByLanguage, ...] = ()
    measure: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Criterion:
        if self.scale is Scale.MEASURED:
            if self.measure not in MEASURES or self.means:
                raise ValueError(
                    f"what is measured names in `measure` one of {', '.join(MEASURES)}, and has no `means`"
                )
        elif self.measure is not None:
            raise ValueError('`measure` goes with scale = "measured"')
        elif len(self.means) != len(GRADES[self.scale]):
            grades = ", ".join(GRADES[self.scale])
            raise ValueError(
                f"`means` tells what each of {grades} means: {len(GRADES[self.scale])}, not {len(self.means)}"
            )
        return self

    @property
    def grades(self) -> tuple[str, ...]:
        return (*GRADES[self.scale], NOT_APPLICABLE)


@cache
def built_in_criteria() -> tuple[Criterion, ...]:
    read: dict[str, Any] = tomllib.loads(files("gateway").joinpath("quality_criteria.toml").read_text("utf-8"))
    return tuple(Criterion.model_validate(one) for one in read["criteria"])


class Quality(Table):
    criteria: tuple[Criterion, ...] = Field(default_factory=built_in_criteria, min_length=1, max_length=40)
    least: int = Field(default=3, ge=2, le=100)  # sheets; of fewer no average is shown
    most: int = Field(default=50, ge=1, le=200)  # cases in one sample

    @model_validator(mode="after")
    def _names_once(self) -> Quality:
        ids = [one.id for one in self.criteria]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"criteria: {twice[0]!r} stands there twice")
        if all(one.scale is Scale.MEASURED for one in self.criteria):
            raise ValueError("criteria: expected at least one that a person scores")
        return self
