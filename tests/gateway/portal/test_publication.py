"""What the page says of channels, limits and hours follows from the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from case_store.records import Language
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.portal.publication import Publication, publish
from gateway.portal.wording import catalogue


def published(tmp_path: Path, toml: str, language: Language) -> Publication:
    file = tmp_path / "policy.toml"
    file.write_text(f'version = "t-1"\n{toml}', "utf-8")
    return publish(load_policy(file), Settings(), language, catalogue(language))


HOURS = """
[working_hours]
monday = ["09:00-12:00", "13:00-17:30"]
tuesday = ["09:00-12:00", "13:00-17:30"]
wednesday = ["09:00-17:30"]
thursday = ["09:00-17:30"]
friday = ["09:00-17:30"]
saturday = []
sunday = []
makeup = ["09:00-17:30"]
holiday = ["10:00-12:00"]
"""


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            Language.HANS,
            (
                "星期一、星期二：09:00–12:00、13:00–17:30",
                "星期三至星期五：09:00–17:30",
                "星期六、星期日：休息",
                "调休上班日：09:00–17:30",
                "法定节假日：10:00–12:00",
            ),
        ),
        (
            Language.EN,
            (
                "Monday, Tuesday: 09:00–12:00, 13:00–17:30",
                "Wednesday to Friday: 09:00–17:30",
                "Saturday, Sunday: closed",
                "Make-up working days: 09:00–17:30",
                "Public holidays: 10:00–12:00",
            ),
        ),
    ],
)
def test_days_with_the_same_hours_share_a_line(tmp_path: Path, language: Language, lines: tuple[str, ...]) -> None:
    assert published(tmp_path, HOURS, language).hours == lines


def test_limits_are_those_of_the_policy_and_an_unknown_clock_is_not_shown(tmp_path: Path) -> None:
    clocks = """
[clocks.feedback]
unit = "weeks"
count = 8
starts_at = "received"
[clocks.final]
unit = "days"
count = 15
starts_at = "received"
extension = { unit = "days", count = 60 }
[clocks.internal]
unit = "days"
count = 2
starts_at = "registered"
"""
    limits = {limit.what: limit for limit in published(tmp_path, clocks, Language.EN).limits}
    assert (limits["First answer"].time, limits["First answer"].start) == (
        "Within 8 weeks",
        "from the day it reaches us",
    )
    assert limits["First answer"].extension == ""
    assert limits["Decision"].extension == "Up to 60 days for complex matters, with approval; we tell you why"
    assert set(limits) == {"First answer", "Decision"}
