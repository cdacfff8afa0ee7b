"""The policy's section `[emergency]`: what changes while an emergency lasts that a supervisor has declared for the whole house (handbook 3.3.2).

Not here: the policy as a whole (policy.py), how one is declared (gateway/api/emergency.py).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from case_store.records import Language


def _in_every_language(value: dict[Language, str]) -> dict[Language, str]:
    missing = [language.value for language in Language if not value.get(language)]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing: customers read in all of them")
    return value


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Emergency(BaseModel):
    """Nothing changes where nothing is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most: int | None = Field(default=None, ge=1, le=100)  # conversations at once, of everybody who has fewer otherwise
    notice: Annotated[dict[Language, Words], AfterValidator(_in_every_language)] | None = None  # on the customers' page
