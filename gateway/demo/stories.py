"""The stories of the demo as they stand in the YAML files, read and checked.

`ago` and `after` are spans such as `3d4h` or `25m`: how long before now a story began, and how long after the step before it
something happened. `answers` holds what the customer says when asked for a fact, by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from case_store.records import ChannelName, Language

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")
_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


def _span(written: Any) -> timedelta:
    match = _SPAN.fullmatch(str(written))
    if not match or not any(match.groups()):
        raise ValueError("expected a span such as 3d4h or 25m")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


Span = Annotated[timedelta, BeforeValidator(_span)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class OptionTold(_Told):
    title: str
    meaning: str
    days: int


class Step(_Told):
    """What happened later: a customer or an agent did something, or an answer came back undelivered."""

    after: Span
    customer: str = ""
    agent: str = ""  # username
    takes_over: bool = False
    says: str = ""
    hands_back: bool = False
    sets: Mapping[str, Any] = {}
    note: str = ""
    bounces: bool = False
    silence: bool = False
    offers: tuple[OptionTold, ...] = ()  # solutions to choose from; the bot takes the answer
    performed: str = ""  # what was agreed is done, with this note


class Story(_Told):
    channel: ChannelName
    ago: Span
    language: Language = Language.HANS
    says: tuple[str, ...] = ()
    answers: Mapping[str, str] = {}
    patience: int = 9  # turns that a chat customer answers
    name: str | None = None
    contact: str | None = None
    subject: str = ""
    about: str | None = None
    amount: str | None = None
    occurred_on: str | None = None
    desired_outcome: str | None = None
    entered_by: str | None = None
    parked: str = ""  # why this mail could not be read
    then: tuple[Step, ...] = ()


class Colleague(_Told):
    username: str
    name: str
    post: str
    contact: str
    role: str
    language: str


def colleagues() -> list[Colleague]:
    return [Colleague.model_validate(one) for one in _read("agents.yaml")]


def stories() -> list[Story]:
    """All of them, the oldest first."""
    told = [
        Story.model_validate({"language": language, **one})
        for language in LANGUAGES
        for one in _read(f"stories.{language}.yaml")
    ]
    return sorted(told, key=lambda story: -story.ago)


def _read(name: str) -> Any:
    return yaml.safe_load(files("gateway.demo").joinpath(name).read_text("utf-8"))
