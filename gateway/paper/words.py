"""The words of what is printed, and how dates, sums and spans of time are written.

They stand in `catalogue/paper.*.yaml`, one file a language with the same keys, worded by chapter five of the handbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from babel.units import format_unit

from case_store.records import Facts, Language, Money, PartialDate

_LOCALES: Final = {Language.HANS: "zh_Hans_CN", Language.HANT: "zh_Hant_HK", Language.EN: "en_GB"}
_PARTS: Final = ("year", "month", "whole")  # by how much of a date is known


class Words:
    """`words("receipt.title")`, with `{places}` filled: what is filled in is never read as a place itself."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._words = catalogue(language)
        self._locale = _LOCALES[language]

    def __call__(self, key: str, **values: object) -> str:
        found: Any = self._words
        for name in key.split("."):
            found = found[name]
        text = str(found)
        return text.format_map(values) if values else text

    def term(self, group: str, value: str | None) -> str:
        """A value of the vocabulary; one without a word is shown as it is."""
        group_words: Mapping[str, str] = self._words[group]
        return group_words.get(value or "", (value or "").replace("_", " "))

    def day(self, day: date) -> str:
        return format_date(day, self("formats.day"), locale=self._locale)

    def moment(self, at: datetime) -> str:
        return format_datetime(at, self("formats.moment"), tzinfo=self.zone, locale=self._locale)

    def day_if(self, day: date | None) -> str | None:
        return None if day is None else self.day(day)

    def moment_if(self, at: datetime | None) -> str | None:
        return None if at is None else self.moment(at)

    def lag(self, received_at: datetime, registered_at: datetime | None) -> str | None:
        """How long what was received waited to be registered (handbook 1.1.2 (3))."""
        return None if registered_at is None else self.span(registered_at - received_at)

    def partial(self, value: PartialDate) -> str:
        parts = [int(part) for part in value.text.split("-")]
        return format_date(date(*[*parts, 1, 1][:3]), self(f"formats.{_PARTS[len(parts) - 1]}"), locale=self._locale)

    def money(self, value: Money) -> str:
        """With the name of the currency: `¥` is two currencies and `$` is ten."""
        return format_currency(value.value, value.currency, locale=self._locale, format_type="name")

    def short(self, at: datetime) -> str:
        """A moment where many stand below one another."""
        return format_datetime(at, self("formats.short"), tzinfo=self.zone, locale=self._locale)

    def to_the_second(self, at: datetime) -> str:
        """Where several fall into one minute."""
        return format_datetime(at, self("formats.second"), tzinfo=self.zone, locale=self._locale)

    def span(self, span: timedelta) -> str:
        """In days and hours, or hours and minutes: what is smaller tells nothing."""
        days, rest = divmod(max(0, int(span.total_seconds() // 60)), 24 * 60)
        hours, minutes = divmod(rest, 60)
        parts = [(days, "day"), (hours, "hour")] if days else [(hours, "hour"), (minutes, "minute")]
        told = [(count, name) for count, name in parts if count] or parts[-1:]
        return " ".join(self._counted(count, f"duration-{name}") for count, name in told)

    def _counted(self, count: int, unit: str) -> str:
        """Chinese has its whole words under "short", and none under "long"."""
        length: Literal["long", "short"] = "long" if self.language is Language.EN else "short"
        return format_unit(count, unit, length, locale=self._locale)

    def size(self, size: int) -> str:
        if size < 1024:
            return f"{size} B"
        return f"{size / 1024:.0f} kB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"

    def fact(self, facts: Facts, words: Mapping[str, str], name: str) -> str:
        """A fact as it was recorded, with the customer's own words where they are less certain than the value."""
        value, said = getattr(facts, name), words.get(name, "")
        if value is None:
            return said or self("none")
        shown = (
            self.money(value)
            if isinstance(value, Money)
            else self.partial(value)
            if isinstance(value, PartialDate)
            else str(value)
        )
        return self("said_as", value=shown, words=said) if said and said != shown else shown


@cache
def catalogue(language: Language) -> dict[str, Any]:
    text = files("gateway.catalogue").joinpath(f"paper.{language.value}.yaml").read_text("utf-8")
    words: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return words
