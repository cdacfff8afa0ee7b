"""The policy's section `[assignment]`: whether conversations that wait for a person are given to agents by turn, and to whom.

Not here: the policy as a whole (policy.py), who is chosen under it (choosing.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from case_store.records import Category, ChannelName, Risk
from dialogue.themes import theme_names
from gateway.policy_table import Table

LONGEST_SKILL: Final = 40


def _one_word(value: str) -> str:
    if not value or not value.isprintable() or re.search(r"[\s,]", value):
        raise ValueError('expected one word, such as "funds"')
    return value


Skill = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=LONGEST_SKILL), AfterValidator(_one_word)
]
"""One word by which policy and agents mean the same: `funds`, `理财`."""


class Mode(StrEnum):
    OFF = "off"
    ROUND_ROBIN = "round_robin"


@dataclass(frozen=True, slots=True)
class Facets:
    """What a rule looks at: of a conversation, and of its case where it has one."""

    channel: str
    account: str
    category: str | None = None
    risk: str | None = None
    themes: frozenset[str] = frozenset()


class SkillNeeded(Table):
    """What a conversation needs of whoever answers it, if everything else that is named here holds for it."""

    skill: Skill
    channel: ChannelName | None = None
    account: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None
    category: Category | None = None
    risk: Risk | None = None
    theme: str | None = None  # of dialogue/themes.toml

    @model_validator(mode="after")
    def _narrow_enough(self) -> SkillNeeded:
        if all(value is None for name, value in self if name != "skill"):
            raise ValueError("expected when it is needed: a channel, an account, a category, a risk or a theme")
        if self.theme is not None and self.theme not in theme_names():
            raise ValueError(f"theme: {self.theme!r} is none of {', '.join(sorted(theme_names()))}")
        return self

    def holds(self, about: Facets) -> bool:
        wanted = ("channel", "account", "category", "risk")
        plain = all(getattr(self, name) in (None, getattr(about, name)) for name in wanted)
        return plain and (self.theme is None or self.theme in about.themes)


class Assignment(Table):
    """Off where nothing is said: agents take what waits themselves."""

    mode: Mode = Mode.OFF
    most: int = Field(default=6, ge=1, le=100)  # conversations at once, of an agent of whom nothing else is said
    answer_within: int = Field(default=5, ge=1, le=24 * 60)  # minutes, after which one not looked at goes back
    needs: tuple[SkillNeeded, ...] = ()

    @property
    def on(self) -> bool:
        return self.mode is not Mode.OFF

    @property
    def patience(self) -> timedelta:
        return timedelta(minutes=self.answer_within)

    @property
    def reads_themes(self) -> bool:
        return any(rule.theme is not None for rule in self.needs)

    def skills(self) -> Iterable[str]:
        """Every skill that is needed somewhere."""
        return dict.fromkeys(rule.skill for rule in self.needs)
