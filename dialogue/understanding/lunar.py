"""Days of the Chinese calendar: 大年初三, 農曆八月初二, 七夕.

Months begin on the day of the new moon in China; the winter solstice falls into the eleventh, and of thirteen months between two
solstices the first without a principal term is a leap month. Sun and moon after Meeus, *Astronomical Algorithms*, chapters 25 and 49,
in the terms that matter to the day (checked against the published feasts in tests/dialogue/understanding/test_lunar.py).

Not here: the feasts (feasts.py) and how such days are said (dates_feasts.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from math import floor, radians, sin
from typing import Final

_CHINA: Final = (8 * 3600 - 69) / 86400
"""Days that its clocks are ahead of the time of the ephemerides."""
_JULIAN_OF_ORDINAL: Final = 1721424.5
_FIRST_NEW_MOON: Final = date(2000, 1, 6)
_MONTH: Final = 29.530588861
_TERM: Final = 30.0  # degrees of the sun between two principal terms
_MOON_TERMS: Final = (  # of the moon's anomaly, the sun's anomaly and the moon's argument of latitude: how many, and the coefficient
    (1, 0, 0, -0.40720),
    (0, 1, 0, 0.17241),
    (2, 0, 0, 0.01608),
    (0, 0, 2, 0.01039),
    (1, -1, 0, 0.00739),
    (1, 1, 0, -0.00514),
    (0, 2, 0, 0.00208),
    (1, 0, -2, -0.00111),
    (1, 0, 2, -0.00057),
    (2, 1, 0, 0.00056),
)


def lunar_day(year: int, month: int, day: int) -> date | None:
    """The day of the lunar year that begins in `year`; day 0 is the eve of the month. None where the month has no such day."""
    start = _months(year).get(month)
    if start is None or not 0 <= day <= 30:
        return None
    found = start + timedelta(days=day - 1)
    return found if day < 30 or found < _new_moon_after(start) else None


@lru_cache(maxsize=32)
def _months(year: int) -> dict[int, date]:
    """The first day of every month of the lunar year, leap months left out."""
    numbered = {**_between_solstices(year - 1), **_between_solstices(year)}
    return {month: start for (of, month), start in numbered.items() if of == year}


def _between_solstices(year: int) -> dict[tuple[int, int], date]:
    """By (year, month) the months from the eleventh of one year to the tenth of the next."""
    starts = [_with_solstice(year)]
    while (following := _new_moon_after(starts[-1])) < _with_solstice(year + 1):
        starts.append(following)
    leap = next((start for start in starts[1:] if not _holds_term(start)), None) if len(starts) > 12 else None
    starts = [start for start in starts if start != leap]
    return {(year + (index > 1), (10 + index) % 12 + 1): start for index, start in enumerate(starts)}


@lru_cache(maxsize=64)
def _with_solstice(year: int) -> date:
    """The first day of the month in which the winter solstice falls."""
    day = next(date(year, 12, when) for when in range(20, 24) if _term_of(date(year, 12, when + 1)) == 9)
    return _new_moon_before(day)


def _holds_term(start: date) -> bool:
    return _term_of(start) != _term_of(_new_moon_after(start))


def _term_of(day: date) -> int:
    """How many principal terms the sun has passed, since spring, as the day begins in China."""
    return floor(_sun(day) / _TERM)


def solar_term(year: int, degrees: int) -> date:
    """The day in China on which the sun comes to so many degrees: 0 春分, 15 清明, 270 冬至."""
    day = date(year, 1, 1) + timedelta(days=round((degrees - 280) % 360 * 365.2422 / 360) - 4)
    while (_sun(day + timedelta(days=1)) - degrees) % 360 > 180:
        day += timedelta(days=1)
    return day


def _sun(day: date) -> float:
    """Degrees of the sun as the day begins in China."""
    julian = day.toordinal() + _JULIAN_OF_ORDINAL - _CHINA
    centuries = (julian - 2451545.0) / 36525
    anomaly = radians(357.52911 + 35999.05029 * centuries)
    centre = (
        (1.914602 - 0.004817 * centuries) * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
    )
    seen = centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * centuries))
    return (280.46646 + 36000.76983 * centuries + 0.0003032 * centuries**2 + seen) % 360


def _new_moon_after(day: date) -> date:
    return _nearest_new_moons(day)[1]


def _new_moon_before(day: date) -> date:
    """The last new moon that is not after the day."""
    return _nearest_new_moons(day)[0]


@lru_cache(maxsize=256)
def _nearest_new_moons(day: date) -> tuple[date, date]:
    count = round((day - _FIRST_NEW_MOON).days / _MONTH)
    near = [_new_moon(count + step) for step in (-2, -1, 0, 1, 2)]
    return max(moon for moon in near if moon <= day), min(moon for moon in near if moon > day)


@lru_cache(maxsize=256)
def _new_moon(count: int) -> date:
    """The day in China of the new moon so many after that of 6 January 2000."""
    centuries = count / 1236.85
    sun = radians(2.5534 + 29.10535670 * count)
    moon = radians(201.5643 + 385.81693528 * count + 0.0107582 * centuries**2)
    latitude = radians(160.7108 + 390.67050284 * count - 0.0016118 * centuries**2)
    excentric = 1 - 0.002516 * centuries
    julian = 2451550.09766 + _MONTH * count + 0.00015437 * centuries**2
    julian += sum(
        size * excentric ** abs(suns) * sin(moons * moon + suns * sun + latitudes * latitude)
        for moons, suns, latitudes, size in _MOON_TERMS
    )
    return date.fromordinal(floor(julian + _CHINA - _JULIAN_OF_ORDINAL))
