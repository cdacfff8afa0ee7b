"""What every section of the policy is made of: tables that take no unknown entry, and texts in every language.

Not here: the sections (policy.py and `*_policy.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from case_store.records import Language


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def in_every_language(why: str) -> Callable[[dict[Language, Any]], dict[Language, Any]]:
    """A check that no language is missing; `why` tells whoever left one out: `customers write in all of them`."""

    def check(value: dict[Language, Any]) -> dict[Language, Any]:
        missing = [language.value for language in Language if not value.get(language)]
        if missing:
            raise ValueError(f"{', '.join(missing)} missing: {why}")
        return value

    return check
