"""Feasts whose day moves from year to year, by the names people date things with: 中秋, 春节, Thanksgiving, Good Friday.

Not here: feasts with a day of their own (dates_chinese.py, dates_english.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_WHERE: Final = {  # as said: the country whose calendar has it, its name there, days to be added
    "春节": ("HK", "Lunar New Year's Day", 0),
    "除夕": ("HK", "Lunar New Year's Day", -1),
    "年三十": ("HK", "Lunar New Year's Day", -1),
    "清明": ("HK", "Ching Ming Festival", 0),
    "端午": ("HK", "Tuen Ng Festival", 0),
    "中秋": ("HK", "The day following the Chinese Mid-Autumn Festival", -1),
    "重阳": ("HK", "Chung Yeung Festival", 0),
    "chinese new year": ("HK", "Lunar New Year's Day", 0),
    "lunar new year": ("HK", "Lunar New Year's Day", 0),
    "thanksgiving": ("US", "Thanksgiving Day", 0),
    "black friday": ("US", "Thanksgiving Day", 1),
    "labor day": ("US", "Labor Day", 0),
    "labour day": ("US", "Labor Day", 0),
    "memorial day": ("US", "Memorial Day", 0),
    "good friday": ("GB", "Good Friday", 0),
    "easter sunday": ("GB", "Good Friday", 2),
    "easter monday": ("GB", "Good Friday", 3),
    "easter": ("GB", "Good Friday", 2),
}
SEASONS: Final = frozenset(("春节", "easter", "chinese new year", "lunar new year"))
"""Those that last for days."""


def latest_feast(said: str, today: date, year: int | None = None) -> date | None:
    """The latest such feast that is not in the future; `said` in lower case, simplified."""
    years = (year,) if year is not None else (today.year, today.year - 1)
    return next((day for year in years if (day := _day_in(said, year)) is not None and day <= today), None)


@lru_cache(maxsize=64)
def _day_in(said: str, year: int) -> date | None:
    import holidays  # takes half a second: not before a feast is named

    country, name, days = _WHERE[said]
    language = "en_HK" if country == "HK" else None
    for day, called in holidays.country_holidays(country, years=year, language=language).items():
        if called.split(";")[0].strip() == name:
            return day + timedelta(days=days)
    return None
