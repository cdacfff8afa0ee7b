"""Policies: the built-in one, the examples, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import date, time
from importlib.resources import files
from pathlib import Path

import holidays
import pytest

from case_store.records import Category, Language, Risk
from gateway.assignment_policy import Facets
from gateway.policy import PLACES, DayKind, Extension, Policy, PolicyError, StartsAt, Unit, load_policy

POLICIES = Path(str(files("gateway.policies")))


@pytest.fixture
def own(tmp_path: Path):
    def write(text: str, version: str = 'version = "own-1"\n') -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text(version + text, "utf-8")
        return load_policy(path)

    return write


def test_the_built_in_policy_is_the_handbook_s() -> None:
    policy = load_policy()
    assert (policy.feedback.unit, policy.feedback.count) == (Unit.WORKING_DAYS, 7)
    assert policy.feedback.starts_at is StartsAt.REGISTERED
    assert policy.feedback.warn_at == (0.75, 0.90)
    assert policy.waiting.limit_minutes == 5
    assert (policy.notices.quiet_from, policy.notices.quiet_until) == (time(21), time(8))
    assert policy.calendar.country == "CN"
    assert policy.triage == {}
    assert not policy.assignment.on


def test_the_fifteen_days_of_the_order_are_not_working_days() -> None:
    final = load_policy().clocks["final"]
    assert (final.unit, final.count) == (Unit.DAYS, 15)
    assert final.extension == Extension(unit=Unit.DAYS, count=60, approval=True, reason=True, tell_customer=True)


@pytest.mark.parametrize(
    ("name", "region", "currency", "clocks"),
    [
        ("hong-kong", "HK", "HKD", {"acknowledge": (Unit.DAYS, 7), "feedback": (Unit.DAYS, 30)}),
        ("taiwan", "TW", "TWD", {"feedback": (Unit.DAYS, 30)}),
    ],
)
def test_an_example_brings_nothing_of_the_mainland(
    name: str, region: str, currency: str, clocks: dict[str, tuple[Unit, int]]
) -> None:
    policy = load_policy(POLICIES / f"{name}.toml")
    assert policy.institution.region == policy.calendar.country == region
    assert policy.institution.home_currency == currency
    assert {key: (clock.unit, clock.count) for key, clock in policy.clocks.items()} == clocks
    said = " ".join([*policy.institution.next_authorities.values(), *policy.institution.emergency.values()])
    assert "12378" not in said
    assert "12356" not in said


def test_what_the_dialogue_hears_of_the_house() -> None:
    house = load_policy().house()
    assert set(house.name) == set(house.privacy_notice) == set(house.emergency) == {"zh-Hans", "zh-Hant", "en"}
    assert "12378" in house.next_authorities["zh-Hans"]
    assert "示例银行" in house.names


def test_a_table_replaces_the_built_in_one_as_a_whole(own) -> None:
    policy = own('[clocks.feedback]\nunit = "weeks"\ncount = 8\nstarts_at = "received"\n')
    assert set(policy.clocks) == {"feedback"}
    assert policy.waiting.limit_minutes == 5
    assert policy.version == "own-1"


def test_overrides_stand_in_the_policy_or_in_a_file_beside_it(own, tmp_path: Path) -> None:
    (tmp_path / "2027.toml").write_text('"2027-02-06" = "work"\n"2027-02-08" = "work"\n')
    policy = own(
        '[calendar]\ncountry = "CN"\noverrides_file = "2027.toml"\n[calendar.overrides]\n"2027-02-08" = "off"\n'
    )
    assert policy.calendar.overrides == {date(2027, 2, 6): DayKind.WORK, date(2027, 2, 8): DayKind.OFF}


def test_triage_is_handed_on_as_it_stands(own) -> None:
    assert own('[triage.risk]\nmajor_above = "800000"\n').triage == {"risk": {"major_above": "800000"}}


@pytest.mark.parametrize(
    ("rule", "about", "needed"),
    [
        ('skill = "x"\nchannel = "email"', Facets("email", "email:a"), True),
        ('skill = "x"\nchannel = "email"', Facets("webchat", "webchat"), False),
        ('skill = "x"\naccount = "email:tw@bank.example"', Facets("email", "email:tw@bank.example"), True),
        ('skill = "x"\naccount = "email:tw@bank.example"', Facets("email", "email:hk@bank.example"), False),
        ('skill = "x"\ncategory = "product"\nrisk = "major"', Facets("email", "a", "product", "major"), True),
        ('skill = "x"\ncategory = "product"\nrisk = "major"', Facets("email", "a", "product", "minor"), False),
        ('skill = "x"\nrisk = "major"', Facets("webchat", "webchat"), False),  # nothing is known of it yet
        ('skill = "x"\ntheme = "fee"', Facets("email", "a", themes=frozenset({"fee", "loss"})), True),
        ('skill = "x"\ntheme = "fee"', Facets("email", "a", themes=frozenset({"loss"})), False),
    ],
)
def test_a_skill_is_needed_where_everything_that_its_rule_names_holds(
    own, rule: str, about: Facets, needed: bool
) -> None:
    (read,) = own(f"[[assignment.needs]]\n{rule}\n").assignment.needs
    assert read.holds(about) is needed


def test_the_closest_match_is_responsible(own) -> None:
    policy = own(
        "[people]\nresponsible = [\n"
        '{ agent = "anyone" },\n{ agent = "product", category = "product" },\n'
        '{ agent = "boss", category = "product", risk = "major" },\n{ agent = "late", category = "product" },\n]\n'
    )
    assert policy.responsible_for(Category.PRODUCT, Risk.MAJOR) == "boss"
    assert policy.responsible_for(Category.PRODUCT, Risk.MINOR) == "product"
    assert policy.responsible_for(Category.SERVICE, Risk.MAJOR) == "anyone"
    assert load_policy().responsible_for(Category.SERVICE, Risk.MAJOR) is None


HOURS = "".join(f'{day} = ["09:00-17:00"]\n' for day in ("tuesday", "wednesday", "thursday", "friday", "saturday"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[clock.feedback]\ncount = 7", "clock: is not an entry that is known here"),
        ('[clocks.feedback]\nunit = "days"\nstarts_at = "received"', "clocks.feedback.count: missing"),
        ('[clocks.feedback]\nunit = "days"\ncount = 0\nstarts_at = "received"', "clocks.feedback.count: "),
        ('[clocks.feedback]\nunit = "months"\ncount = 1\nstarts_at = "received"', "clocks.feedback.unit: "),
        ('[clocks.final]\nunit = "days"\ncount = 1\nstarts_at = "received"', "clocks.feedback missing"),
        (
            '[clocks.feedback]\nunit = "days"\ncount = 1\nstarts_at = "received"\nwarn_at = [0.9, 0.75]',
            "clocks.feedback: warn_at: expected rising parts",
        ),
        (
            '[privacy]\nversion = "1"\n[privacy.notice]\nen = "Hello."',
            "privacy.notice: zh-Hans, zh-Hant missing",
        ),
        ('[privacy]\nversion = "1"\n[privacy.notice]\nfr = "Bonjour."', "privacy.notice.fr: "),
        ('[calendar]\ncountry = "XX"', "calendar: no calendar for 'XX'"),
        ('[calendar]\ncountry = "GB"\nsubdivision = "MARS"', "calendar: no calendar for 'GB/MARS'"),
        ('[calendar]\ncountry = "CN"\n[calendar.overrides]\n"2027-02-30" = "work"', "calendar.overrides.2027-02-30: "),
        ('[calendar]\ncountry = "CN"\n[calendar.overrides]\n"2027-02-06" = "maybe"', "'maybe'"),
        ('[calendar]\ncountry = "CN"\noverrides_file = "none.toml"', "none.toml: can't be read"),
        (f'[working_hours]\nmonday = ["9-17"]\nsunday = []\n{HOURS}', "working_hours.monday.0: expected hours such as"),
        (
            f'[working_hours]\nmonday = ["17:00-09:00"]\nsunday = []\n{HOURS}',
            "working_hours.monday.0: expected a begin",
        ),
        (f'[working_hours]\nmonday = ["09:00-24:30"]\nsunday = []\n{HOURS}', "working_hours.monday.0: "),
        (
            f'[working_hours]\nmonday = ["09:00-12:00", "11:00-17:00"]\nsunday = []\n{HOURS}',
            "working_hours.monday: expected hours in order",
        ),
        (
            "[working_hours]\nmonday = []\nsunday = []\n" + HOURS.replace('"09:00-17:00"', ""),
            "working_hours: no day has any hours",
        ),
        ('[notices]\nquiet_from = "9 pm"\nquiet_until = "08:00"', "notices.quiet_from: expected a time such as"),
        ("[waiting]\nlimit_minutes = 0", "waiting.limit_minutes: "),
        ('[people]\nduty_address = "nobody"', "people.duty_address: "),
        ('[people]\nresponsible = [{ agent = "a", risk = "huge" }]', "people.responsible.0.risk: "),
        (
            '[assignment]\nmode = "roundrobin"',
            "assignment.mode: Input should be 'off' or 'round_robin', not 'roundrobin'",
        ),
        ("[assignment]\nmost = 0", "assignment.most: Input should be greater than or equal to 1, not 0"),
        ("[assignment]\nanswer_within = 0", "assignment.answer_within: "),
        ("[assignment]\nround = 1", "assignment.round: is not an entry that is known here"),
        ('[[assignment.needs]]\nrisk = "major"', "assignment.needs.0.skill: missing"),
        (
            '[[assignment.needs]]\nskill = "two words"\nrisk = "major"',
            "assignment.needs.0.skill: expected one word, such as \"funds\", not 'two words'",
        ),
        (
            '[[assignment.needs]]\nskill = "funds"',
            "assignment.needs.0: expected when it is needed: a channel, an account",
        ),
        ('[[assignment.needs]]\nskill = "funds"\nrisk = "huge"', "assignment.needs.0.risk: "),
        ('[[assignment.needs]]\nskill = "funds"\nchannel = "fax"', "assignment.needs.0.channel: "),
        (
            '[[assignment.needs]]\nskill = "funds"\ntheme = "feez"',
            "assignment.needs.0: theme: 'feez' is none of afraid, ",
        ),
        ("[people", "is not TOML"),
    ],
)
def test_what_is_said_of_a_wrong_policy(own, text: str, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        own(text)
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1
    assert "\n" not in str(refused.value)


def test_a_policy_without_version_is_refused(own) -> None:
    with pytest.raises(PolicyError, match="version: missing"):
        own("", version="")


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="can't be read: No such file"):
        load_policy(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_file_names_every_language(path: Path) -> None:
    institution = tomllib.loads(path.read_text("utf-8"))["institution"]
    for name in ("name", "next_authorities", "emergency", "channels"):
        assert set(institution[name]) == set(Language)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_places_that_are_not_asked_for_are_known_to_the_library(place: tuple[str, str]) -> None:
    assert holidays.country_holidays(place[0], subdiv=place[1] or None, years=2026)
