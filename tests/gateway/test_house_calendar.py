"""Days of the house out of lists and calendars, as people have them."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.house_calendar import BadLines, OwnDay, read_list
from gateway.policy import DayKind


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("International Workers' Day", "off"),
        ("Bank closed, no work", "off"),
        ("Open Heart Day", "off"),
        ("Networking evening", "off"),
        ("劳动节", "off"),
        ("劳动节（休）", "off"),
        ("补休", "off"),
        ("公司年会，不上班", "off"),
        ("非工作日", "off"),
        ("Non-working day", "off"),
        ("Not a working day", "off"),
        ("Make-up holiday", "off"),
        ("Rest day, instead of a working day", "off"),
        ("劳动节（班）", "work"),
        ("春节(班)", "work"),
        ("调休上班", "work"),
        ("国庆节补班", "work"),
        ("春節補班", "work"),
        ("調班", "work"),
        ("工作日", "work"),
        ("Special Working Day", "work"),
        ("Make-up day", "work"),
        ("Makeup workday", "work"),
    ],
)
def test_an_events_title_says_whether_the_day_is_worked(title: str, kind: str) -> None:
    assert read_list(event("DTSTART;VALUE=DATE:20270501", f"SUMMARY:{title}")) == {
        date(2027, 5, 1): OwnDay(kind=DayKind(kind), note=title)
    }


def test_a_folded_line_is_read_whole() -> None:
    found = read_list(event("DTSTART;VALUE=DATE:2027", " 0220", "SUMMARY:Spring Festival\\, make-", "\tup day"))
    assert {day: one.kind for day, one in found.items()} == {date(2027, 2, 20): DayKind.WORK}


def test_what_is_beside_an_event_or_in_it_does_not_count_as_its_own() -> None:
    """A time zone begins in 1970 and repeats; an alarm lasts."""
    zone = "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:19701101T020000\nRRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT30M", "DURATION:PT15M", "SUMMARY:上班", "END:VALARM")
    found = read_list(zone + event("SUMMARY:Founding day", *alarm, "DTSTART:20270601"))
    assert {day: (one.kind, one.note) for day, one in found.items()} == {
        date(2027, 6, 1): (DayKind.OFF, "Founding day")
    }


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("RRULE:FREQ=YEARLY", "an event that repeats"),
        ("RDATE;VALUE=DATE:20280501", "an event that repeats"),
        ("DURATION:P3D", "expected DTEND"),
    ],
)
def test_days_that_would_be_missed_are_told_instead(line: str, told: str) -> None:
    with pytest.raises(BadLines) as bad:
        read_list(event("DTSTART;VALUE=DATE:20270501", "SUMMARY:劳动节", line))
    assert [(number, text) for number, text, _ in bad.value.lines] == [(5, line)]
    assert bad.value.lines[0][2].startswith(told)


@pytest.mark.parametrize(("word", "kind"), [("班", "work"), ("休", "off")])
def test_a_list_takes_the_marks_of_a_printed_calendar(word: str, kind: str) -> None:
    assert read_list(f"2027-02-20 {word}")[date(2027, 2, 20)].kind == DayKind(kind)
