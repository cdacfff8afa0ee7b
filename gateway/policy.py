"""Policy: what the institution decides, in a TOML file with a version, laid over the built-in default.

A table in the operator's file replaces the built-in table of that name as a whole, so a bank in Hong Kong that sets its own
clocks can't be left with one of the mainland's. Anything unknown, missing or
malformed is refused with its path in the file: `clocks.feedback.count: Input should be …`.

Beside `default.toml` the folder `policies/` holds examples to start from for Hong Kong and Taiwan.

Not here: settings of the machine (config.py); what follows from a policy for a date (deadlines.py, working_hours.py); how a
risk is judged (dialogue/triage.py, which `Policy.triage` is handed to as it stands).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from case_store.records import Category, Language, Risk
from dialogue.themes import theme_names
from dialogue.turn import House
from gateway.assignment_policy import Assignment
from gateway.emergency_policy import Emergency
from gateway.policy_table import Table, in_every_language
from gateway.protection_policy import Protection
from gateway.quality_policy import Quality
from gateway.retention_policy import Retention
from gateway.sign_in_policy import SignIn
from gateway.surge_policy import Surges

if TYPE_CHECKING:
    from dialogue.policy_terms import TriagePolicy

PLACES: Final = frozenset({("CN", ""), ("HK", ""), ("MO", ""), ("TW", "")})
"""Known without asking the calendar library, which takes half a second to load: too much for every start."""
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Fault(NamedTuple):
    """What is wrong with an entry. `field` is its path in the file, empty for the whole."""

    field: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}" if self.field else self.detail


class PolicyError(Exception):
    """The policy can't be used. `problems` holds one sentence each, `faults` the same apart."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))
        self.faults = tuple(faults)
        self.problems = tuple(str(fault) for fault in faults)


_AS_CUSTOMERS_WRITE: Final = AfterValidator(in_every_language("customers write in all of them"))
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ByLanguage = Annotated[dict[Language, Words], _AS_CUSTOMERS_WRITE]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Span(Table):
    """Opening hours within a day, in minutes from its midnight; `closes` may be 1440."""

    opens: int
    closes: int

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", value)
        if match is None:
            raise ValueError('expected hours such as "09:00-18:00"')
        hours, minutes, until_hours, until_minutes = (int(part) for part in match.groups())
        if minutes > 59 or until_minutes > 59:
            raise ValueError('expected hours such as "09:00-18:00"')
        return {"opens": hours * 60 + minutes, "closes": until_hours * 60 + until_minutes}

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if not 0 <= self.opens < self.closes <= 24 * 60:
            raise ValueError("expected a beginning before its end, within one day")
        return self


def _one_after_another(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise ValueError("expected hours in order, without overlap")
    return spans


Hours = Annotated[tuple[Span, ...], AfterValidator(_one_after_another)]


class OpeningTable(Table):
    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours
    makeup: Hours = ()
    holiday: Hours = ()

    @model_validator(mode="after")
    def _open_at_all(self) -> OpeningTable:
        if not any(self.of_weekday(number) for number in range(7)):
            raise ValueError("no day has any hours: a customer who asks for a person would wait for ever")
        return self

    def of_weekday(self, number: int) -> tuple[Span, ...]:
        hours: tuple[Span, ...] = getattr(self, WEEKDAYS[number])
        return hours


class DayKind(StrEnum):
    WORK = "work"
    OFF = "off"


class CalendarPolicy(Table):
    """Which days are working days: the country's holidays, the weekend, and what the operator knows better."""

    country: str
    subdivision: str = ""
    weekend: frozenset[Weekday] = frozenset({"saturday", "sunday"})
    swaps_working_days: bool = False
    complete_years: frozenset[int] = frozenset()
    overrides_file: str = ""
    overrides: dict[date, DayKind] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_place(self) -> CalendarPolicy:
        if len(self.weekend) == 7:
            raise ValueError("expected at least one day that is not weekend")
        if (self.country, self.subdivision) in PLACES:
            return self
        import holidays

        try:
            holidays.country_holidays(self.country, subdiv=self.subdivision or None)
        except NotImplementedError:
            place = "/".join(part for part in (self.country, self.subdivision) if part)
            raise ValueError(f"no calendar for {place!r}: expected a country by ISO 3166, such as CN") from None
        return self


class Unit(StrEnum):
    WORKING_DAYS = "working_days"
    DAYS = "days"
    WEEKS = "weeks"


class StartsAt(StrEnum):
    """The event a clock counts from."""

    RECEIVED = "received"
    REGISTERED = "registered"
    HANDLED = "handled"


class Extension(Table):
    """How far a limit may be stretched, counted from the clock's own start, and what that takes."""

    unit: Unit
    count: int = Field(ge=1, le=3650)
    approval: bool = True
    reason: bool = True
    tell_customer: bool = True


class Clock(Table):
    unit: Unit
    count: int = Field(ge=1, le=3650)
    starts_at: StartsAt
    warn_at: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.75, 0.90)
    extension: Extension | None = None

    @model_validator(mode="after")
    def _rising(self) -> Clock:
        if list(self.warn_at) != sorted(set(self.warn_at)):
            raise ValueError("warn_at: expected rising parts of the time, such as [0.75, 0.90]")
        return self


class Institution(Table):
    name: ByLanguage
    names: tuple[Words, ...] = ()
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    home_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    hotline: str = ""
    next_authorities: ByLanguage
    emergency: ByLanguage
    channels: Annotated[dict[Language, tuple[Words, ...]], _AS_CUSTOMERS_WRITE]


class Privacy(Table):
    version: Words
    notice: ByLanguage


class Waiting(Table):
    limit_minutes: int = Field(ge=1, le=24 * 60)


def _clock_time(value: object) -> object:
    if not isinstance(value, time) and not (isinstance(value, str) and re.fullmatch(r"\d\d:\d\d", value)):
        raise ValueError('expected a time such as "21:00"')
    return value


TimeOfDay = Annotated[time, BeforeValidator(_clock_time)]


class Notices(Table):
    """Between these times a notice waits; the same time twice means that none ever does."""

    quiet_from: TimeOfDay
    quiet_until: TimeOfDay


class Messenger(Table):
    """What holds for customers who write in a messenger, where they can be told how things stand."""

    ask_contact: bool = True


class Telephone(Table):
    """Whether the lines say that calls are recorded before anybody speaks: whoever stays on agrees (handbook 7.1.2 (3))."""

    announces_recording: bool = False


class Telling(Table):
    """Calls and letters by which people tell customers what can't be sent: by when, and how often a call is tried."""

    within_hours: int = Field(default=8, ge=1, le=400)
    tries: int = Field(default=3, ge=1, le=20)
    hours_between: int = Field(default=2, ge=1, le=100)


class FiguresPolicy(Table):
    """What figures are measured by."""

    first_answer_hours: int = Field(default=8, ge=1, le=400)  # of working time, until a person has answered first


class Responsible(Table):
    agent: Words
    category: Category | None = None
    risk: Risk | None = None


MailAddress = Annotated[str, StringConstraints(pattern=r"^([^@\s]+@[^@\s]+)?$", to_lower=True)]


class People(Table):
    duty_address: MailAddress = ""
    supervisor_address: MailAddress = ""
    responsible: tuple[Responsible, ...] = ()


class Uploads(Table):
    """How much customers may send beside their words; megabytes are 1,000,000 bytes. One file is bounded by QINGTING_MAX_MESSAGE."""

    per_message: int = Field(default=10, ge=1, le=100)
    per_day: int = Field(default=100, ge=1)  # of one chat
    megabytes_per_day: int = Field(default=300, ge=1)
    per_address_per_day: int = Field(
        default=1_000, ge=1
    )  # of one network address, which a branch or an office may share
    megabytes_per_address_per_day: int = Field(default=3_000, ge=1)
    kept_hours: int = Field(default=24, ge=1, le=24 * 14)  # what is unfinished, or in no message, is forgotten then


class ReadyOption(Table):
    """An option as case_store/offers.py keeps it; `{amount}` stands for the sum of the complaint."""

    title: ByLanguage
    meaning: ByLanguage
    days: int = Field(ge=0, le=365)  # working days from the agreement

    @model_validator(mode="after")
    def _known_places(self) -> ReadyOption:
        for text in (*self.title.values(), *self.meaning.values()):
            if re.sub(r"\{amount\}", "", text).count("{") or re.sub(r"\{amount\}", "", text).count("}"):
                raise ValueError("expected no other place than {amount}")
        return self

    @property
    def names_a_sum(self) -> bool:
        return any("{amount}" in text for text in (*self.title.values(), *self.meaning.values()))


class Solution(Table):
    """Ready options for a kind of case. An empty list of kinds fits every case.

    `by_itself`: the house offers them as soon as the case is registered, without an agent. Only for minor cases with a theme and a limit.
    """

    name: ByLanguage  # for agents
    categories: frozenset[Category] = frozenset()
    risks: frozenset[Risk] = frozenset()
    themes: frozenset[str] = frozenset()  # of dialogue/themes.toml
    up_to: Decimal | None = Field(default=None, gt=0)  # in the home currency
    by_itself: bool = False
    options: tuple[ReadyOption, ...] = Field(min_length=2, max_length=4)

    @model_validator(mode="after")
    def _narrow_enough(self) -> Solution:
        unknown = sorted(self.themes - theme_names())
        if unknown:
            raise ValueError(f"themes: {unknown[0]!r} is none of {', '.join(sorted(theme_names()))}")
        if self.by_itself and (self.risks != {Risk.MINOR} or not self.themes or self.up_to is None):
            raise ValueError('what is offered by itself needs risks = ["minor"], themes, and a sum in up_to')
        return self


class Negotiation(Table):
    """Solutions that are offered, and settlements: how long an offer stands, when somebody is warned, what is ready to offer."""

    valid_days: int = Field(
        default=7, ge=1, le=365
    )  # working days that an offer stands, if the agent says nothing else
    warn_at: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (
        0.75,
    )  # parts of the working time to the day of performance
    solutions: dict[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,60}$")], Solution] = Field(
        default_factory=dict
    )


class TextsBy(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"


class Changes(Table):
    """How the house's rules and texts are changed in the console."""

    four_eyes: bool = False  # somebody else has to approve a version before it counts
    texts: TextsBy = TextsBy.ADMIN  # who may word what customers are told


class Policy(Table):
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    institution: Institution
    privacy: Privacy
    working_hours: OpeningTable
    calendar: CalendarPolicy
    clocks: dict[str, Clock]
    waiting: Waiting
    notices: Notices
    people: People
    messenger: Messenger = Messenger()
    telephone: Telephone = Telephone()
    telling: Telling = Telling()
    figures: FiguresPolicy = FiguresPolicy()
    uploads: Uploads = Uploads()
    negotiation: Negotiation = Negotiation()
    assignment: Assignment = Assignment()
    quality: Quality = Field(default_factory=Quality)
    surges: Surges = Surges()
    emergency: Emergency = Emergency()
    sign_in: SignIn = SignIn()
    protection: Protection = Protection()
    changes: Changes = Changes()
    retention: Retention = Retention()
    triage: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _feedback_has_a_clock(self) -> Policy:
        if "feedback" not in self.clocks:
            raise ValueError("clocks.feedback missing: it is the date that customers are told")
        return self

    @property
    def feedback(self) -> Clock:
        return self.clocks["feedback"]

    def house(self) -> House:
        """What the dialogue may say of the institution."""
        about = self.institution
        return House(
            name=_texts(about.name),
            hotline=about.hotline,
            next_authorities=_texts(about.next_authorities),
            emergency=_texts(about.emergency),
            privacy_notice=_texts(self.privacy.notice),
            privacy_notice_version=self.privacy.version,
            home_currency=about.home_currency,
            region=about.region,
            asks_contact_in_messenger=self.messenger.ask_contact,
            names=(*about.name.values(), *about.names),
        )

    def responsible_for(self, category: Category, risk: Risk) -> str | None:
        """The agent's user name for such a case: the closest match, and of equally close ones the first."""
        fitting = [
            person
            for person in self.people.responsible
            if person.category in (None, category) and person.risk in (None, risk)
        ]
        if not fitting:
            return None
        return max(fitting, key=lambda person: (person.category is not None) + (person.risk is not None)).agent


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path` over the built-in one, or the built-in one. Raises PolicyError."""
    if path is None:
        return Policy.model_validate(default_tables())
    policy = _laid_over(_read(path), str(path))
    return _with_overrides_file(policy, path)


def source_of(path: Path | None) -> str:
    """The text that `load_policy` reads."""
    return default_source() if path is None else path.read_text("utf-8")


@cache
def default_source() -> str:
    return files("gateway.policies").joinpath("default.toml").read_text("utf-8")


@cache
def default_tables() -> dict[str, Any]:
    return tomllib.loads(default_source())


def parse_policy(text: str) -> Policy:
    """A policy written in the console, over the built-in one. Raises PolicyError with every fault."""
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError("policy", [Fault("", f"is not TOML: {error}")]) from None
    policy = _laid_over(own, "policy")
    if policy.calendar.overrides_file:
        told = (
            f"names a file, {policy.calendar.overrides_file!r}: expected an empty text; days are kept in the calendar"
        )
        raise PolicyError("policy", [Fault("calendar.overrides_file", told)])
    triage_of(policy)
    return policy


def triage_of(policy: Policy, house: House | None = None) -> TriagePolicy:
    """The policy's own rules of judgement; what customers call the house is never another firm's name. Raises PolicyError."""
    from dialogue.policy_terms import PolicyError as TriageError
    from dialogue.policy_terms import TriagePolicy  # reads word lists

    given = {"version": policy.version, "house_names": list((house or policy.house()).names), **policy.triage}
    try:
        return TriagePolicy.from_mapping(given)
    except TriageError as error:
        entry = re.match(r"(risk|rates|referrals|house_names|home_currency)(\.[\w-]+)*", str(error))
        raise PolicyError("policy", [Fault(f"triage.{entry[0]}" if entry else "triage", str(error))]) from None


def _laid_over(own: dict[str, Any], source: str) -> Policy:
    if "version" not in own:
        told = "missing; judgements and dates name the version they came from"
        raise PolicyError(source, [Fault("version", told)])
    try:
        return Policy.model_validate(default_tables() | own)
    except ValidationError as error:
        raise PolicyError(source, [_fault(dict(one)) for one in error.errors()]) from None


def _with_overrides_file(policy: Policy, path: Path) -> Policy:
    name = policy.calendar.overrides_file
    if not name:
        return policy
    beside = path.parent / name
    try:
        known = CalendarPolicy.model_validate({"country": policy.calendar.country, "overrides": _read(beside)})
    except ValidationError as error:
        raise PolicyError(str(beside), [_fault(dict(one)) for one in error.errors()]) from None
    calendar = policy.calendar.model_copy(update={"overrides": known.overrides | policy.calendar.overrides})
    return policy.model_copy(update={"calendar": calendar})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PolicyError(str(path), [Fault("", f"can't be read: {error.strerror}")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(str(path), [Fault("", f"is not TOML: {error}")]) from None


def _fault(error: dict[str, Any]) -> Fault:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    what = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        what = "is not an entry that is known here"
    elif error["type"] == "missing":
        what = "missing"
    elif isinstance(error["input"], str | int | float):
        what = f"{what}, not {error['input']!r}"
    return Fault(where, what)


def _texts(by_language: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in by_language.items()}
