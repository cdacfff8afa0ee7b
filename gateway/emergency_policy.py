"""The policy's section `[emergency]`: what changes while an emergency lasts that a supervisor has declared for the whole house (handbook 3.3.2).

Not here: the policy as a whole (policy.py), how one is declared (gateway/api/emergency.py).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from case_store.records import Language
from gateway.policy_table import Table, in_every_language

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
ByLanguage = Annotated[dict[Language, Words], AfterValidator(in_every_language("customers read in all of them"))]


class Emergency(Table):
    """Nothing changes where nothing is said."""

    most: int | None = Field(default=None, ge=1, le=100)  # conversations at once, of everybody who has fewer otherwise
    notice: ByLanguage | None = None  # on the customers' page
