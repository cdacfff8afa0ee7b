"""Days of the Chinese calendar, against the feasts that are published years ahead."""

from datetime import date

import pytest

from dialogue.understanding.lunar import lunar_day


@pytest.mark.parametrize(
    ("year", "new_year", "dragon_boats", "harvest"),
    [
        (2020, "01-25", "06-25", "10-01"),
        (2021, "02-12", "06-14", "09-21"),
        (2022, "02-01", "06-03", "09-10"),
        (2023, "01-22", "06-22", "09-29"),
        (2024, "02-10", "06-10", "09-17"),
        (2025, "01-29", "05-31", "10-06"),
        (2026, "02-17", "06-19", "09-25"),
        (2027, "02-06", "06-09", "09-15"),
        (2028, "01-26", "05-28", "10-03"),
        (2029, "02-13", "06-16", "09-22"),
        (2030, "02-03", "06-05", "09-12"),
    ],
)
def test_the_feasts_fall_on_the_days_that_are_published(
    year: int, new_year: str, dragon_boats: str, harvest: str
) -> None:
    feasts = [lunar_day(year, *when) for when in ((1, 1), (5, 5), (8, 15))]
    assert feasts == [date.fromisoformat(f"{year}-{day}") for day in (new_year, dragon_boats, harvest)]


@pytest.mark.parametrize(
    ("year", "month", "day", "is_it"),
    [
        (2026, 1, 3, date(2026, 2, 19)),
        (2026, 1, 0, date(2026, 2, 16)),
        (2026, 7, 7, date(2026, 8, 19)),
        (2025, 7, 7, date(2025, 8, 29)),  # after a leap month
        (2023, 12, 8, date(2024, 1, 18)),
        (2026, 9, 9, date(2026, 10, 18)),
        (2026, 13, 1, None),
        (2026, 1, 31, None),
    ],
)
def test_any_day_of_the_lunar_year_is_known(year: int, month: int, day: int, is_it: date | None) -> None:
    assert lunar_day(year, month, day) == is_it
