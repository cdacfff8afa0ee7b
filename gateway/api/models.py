"""What goes into requests, as pydantic models: they check, and they are what the API's description shows."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from case_store.people import LONGEST_NAME, LONGEST_USERNAME
from case_store.records import Category, Disposition, Language, Outcome, PartialDate, Risk, Role, Status
from gateway.assignment_policy import Skill
from gateway.auth.passwords import LONGEST, SHORTEST
from gateway.auth.principals import SCOPES
from gateway.complaint import read_contact

LONGEST_TEXT: Final = 8_000
LONGEST_COMPLAINT: Final = 50_000

_LOCALES: Final = (
    (re.compile(r"zh-(hant|tw|hk|mo)\b.*", re.IGNORECASE), Language.HANT),
    (re.compile(r"zh\b.*", re.IGNORECASE), Language.HANS),
    (re.compile(r"en\b.*", re.IGNORECASE), Language.EN),
)


def _locale(value: Any) -> Any:
    """Browsers send zh-CN, zh-HK, en-GB."""
    if isinstance(value, str):
        return next((language for pattern, language in _LOCALES if pattern.fullmatch(value.strip())), value)
    return value


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _each_once(values: list[Any]) -> list[Any]:
    return [*dict.fromkeys(values)]


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


def _day(value: str) -> str:
    return PartialDate(value).text


def _contact(value: str) -> str:
    read = read_contact(value)
    if read is None:
        raise ValueError("is an e-mail address, or a telephone number (with +, country and area code from abroad)")
    return read


def _listed(value: Any) -> Any:
    """A field of a form holds the ids with blanks between them."""
    return value.split() if isinstance(value, str) else value


def _two_decimals(value: Any) -> str:
    written = str(value).replace(",", "").strip() if isinstance(value, str | int) else ""
    if not re.fullmatch(r"\d{1,15}(\.\d{1,2})?", written):
        raise ValueError('is a decimal number with at most two places, as text: "35000.00"')
    return f"{Decimal(written):.2f}"


def _no_truth(value: object) -> object:
    if isinstance(value, bool):  # which Python counts as 1 and 0
        raise ValueError("is a number")
    return value


def _message_number(value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value)):
        raise ValueError("is the id of the last message seen")
    return int(value)


_Trimmed: Final = BeforeValidator(_blank_is_none)

ShortLine = Annotated[Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None, _Trimmed]
Line = Annotated[Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] | None, _Trimmed]
Passage = Annotated[Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)] | None, _Trimmed]
Story = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_COMPLAINT)] | None, _Trimmed
]
LanguageTag = Annotated[Language, BeforeValidator(_locale)]
Locale = Annotated[Annotated[Language, BeforeValidator(_locale)] | None, BeforeValidator(_blank_is_none)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_not_blank)]
Told = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COMPLAINT), AfterValidator(_not_blank)]
Contact = Annotated[str, StringConstraints(max_length=320), AfterValidator(_contact)]
Day = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_day)]
Username = Annotated[str, StringConstraints(pattern=rf"^[a-z0-9][a-z0-9._@-]{{0,{LONGEST_USERNAME - 1}}}$")]
TeamName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
ShownName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), AfterValidator(_not_blank)
]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]
MessageNumber = Annotated[int, BeforeValidator(_message_number)]
Number = Annotated[int, BeforeValidator(_no_truth)]


AnsweredIn = Annotated[list[Language], AfterValidator(_each_once), Field(description="they answer in; none: in all")]
Skills = Annotated[
    list[Skill], AfterValidator(_each_once), Field(max_length=30, description="words, as the policy names them")
]
AtOnce = Annotated[
    int | None, Field(ge=1, le=100, description="conversations, beyond which none is given by turn; null: the policy's")
]


class Body(BaseModel):
    """Unknown fields are refused: a field misspelt would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class TakeOver(Body):
    take_over: Annotated[StrictBool, Field(description="also out of another agent's hands")] = False


class HandBack(Body):
    to: Annotated[Literal["bot", "queue"], Field(description="who answers from now on")] = "bot"
    no_danger: Annotated[
        Words | None,
        Field(
            description="of a conversation of danger to life: why nobody is in danger any more; it stays urgent without"
        ),
    ] = None


class Assigned(Body):
    agent: Annotated[Username, Field(description="who is to answer it")]
    note: Annotated[
        Words | None, Field(description="what they should know; a private note, which calls them in any case")
    ] = None


class Snoozed(Body):
    until: Annotated[AwareDatetime | None, Field(description="when it is looked at again; null: now")]


class Availability(Body):
    takes: Annotated[
        StrictBool, Field(description="whether the caller is given conversations by turn, in this browser")
    ]


class Opened(Body):
    """Nothing more is said than that it was opened."""


class NoteAdded(Body):
    text: Words
    draft: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None,
        Field(description="version of the caller's draft that it was made of: that is gone then, a later one stays"),
    ] = None


class MentionsSeen(Body):
    notes: Annotated[list[Annotated[str, StringConstraints(max_length=32)]], Field(min_length=1, max_length=100)]


class Following(Body):
    following: StrictBool


class FollowedSeen(Body):
    """Ids of cases."""

    cases: Annotated[list[Annotated[str, StringConstraints(max_length=32)]], Field(min_length=1, max_length=200)]


class ViewChosen(Body):
    """What a list of cases holds: as `GET /api/v1/cases` is asked."""

    status: Status | None = None
    category: Category | None = None
    risk: Risk | None = None
    held: Annotated[Literal["yes", "no"] | None, Field(description="whether a legal hold stands")] = None
    assignee: Annotated[Username | None, Field(description="or `me`: whoever looks at it")] = None
    team: Annotated[TeamName | None, Field(description="a team's name, or `mine`: any of whoever looks at it")] = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None


class ViewSaved(Body):
    name: ShownName
    chosen: ViewChosen
    shared: Annotated[StrictBool, Field(description="for everybody; takes a supervisor")] = False


class ViewChanged(Body):
    name: ShownName | None = None
    chosen: ViewChosen | None = None
    shared: StrictBool | None = None


class Then(Body):
    """What is done besides, in one go with the answer: all of it, or nothing is sent."""

    status: Annotated[
        Literal["in_progress", "waiting_for_customer", "resolved"] | None,
        Field(description="of the case that the conversation is about; the answer itself tells the customer"),
    ] = None
    outcome: Annotated[Outcome | None, Field(description="of a case that is resolved")] = None
    basis: Annotated[Line, Field(description="of a case that is resolved: what the result rests on")] = None
    next_steps: Annotated[Line, Field(description="of a case that is resolved: what happens now")] = None
    case: Annotated[
        Annotated[str, StringConstraints(max_length=100)] | None,
        Field(description="id of the case that was seen: if the conversation is about another by now nothing is sent"),
    ] = None
    version: Annotated[
        Annotated[Number, Field(ge=0)] | None,
        Field(description="its version that was seen: if it was changed since nothing is sent"),
    ] = None
    hand_back: Annotated[Literal["bot", "queue"] | None, Field(description="who answers from then on")] = None
    no_danger: Annotated[
        Words | None, Field(description="of a conversation of danger to life that is handed back: as there")
    ] = None
    snooze_until: Annotated[AwareDatetime | None, Field(description="put off until then")] = None

    @property
    def resolves(self) -> bool:
        return self.status == "resolved"

    @model_validator(mode="after")
    def _fits_together(self) -> Then:
        result = {"outcome": self.outcome, "basis": self.basis, "next_steps": self.next_steps}
        lacking = [name for name, value in result.items() if value is None]
        if self.resolves and lacking:
            raise ValueError(f"a case is resolved with its outcome, basis and next_steps: {', '.join(lacking)} missing")
        if not self.resolves and len(lacking) < len(result):
            raise ValueError('outcome, basis and next_steps go with "status": "resolved"')
        if self.status is None and (self.case or self.version is not None):
            raise ValueError("case and version go with a status")
        if self.no_danger and not self.hand_back:
            raise ValueError("no_danger goes with hand_back")
        if self.hand_back and self.snooze_until:
            raise ValueError("what is handed back is put off by nobody: either hand_back or snooze_until")
        if not (self.status or self.hand_back or self.snooze_until):
            raise ValueError("names at least one of status, hand_back and snooze_until; leave it out for none")
        return self


class Reply(Body):
    text: Words
    after: Annotated[
        MessageNumber | None,
        Field(description="id of the last message seen: if there are newer ones nothing is sent"),
    ] = None
    take_over: Annotated[StrictBool, Field(description="also out of another agent's hands")] = False
    then: Then | None = None
    attachments: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]],
        Field(max_length=100, description="ids of uploads of the caller's that go with it"),
    ] = []
    cc: Annotated[
        list[Annotated[str, StringConstraints(max_length=320)]],
        Field(
            max_length=10, description="who gets a copy by mail: other proved contacts of the case, seen by everybody"
        ),
    ] = []
    draft: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None,
        Field(description="version of the caller's draft that it was made of: that is gone then, a later one stays"),
    ] = None


class Amount(Body):
    value: Annotated[str, BeforeValidator(_two_decimals, json_schema_input_type=str | int)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Complaint(Body):
    """The online form."""

    what_happened: Told
    name: ShortLine = None
    contact: Annotated[Contact | None, BeforeValidator(_blank_is_none)] = None
    occurred_on: Annotated[ShortLine, Field(description="YYYY-MM-DD, YYYY-MM, YYYY, or in words")] = None
    about: Line = None
    amount: Annotated[Amount | ShortLine, Field(description="a sum of money, or in words")] = None
    desired_outcome: Passage = None
    locale: Locale = None
    attachments: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=300)]],
        BeforeValidator(_listed),
        Field(max_length=100, description="ids of uploads that the caller has made"),
    ] = Field(default_factory=list)


class Intake(Complaint):
    """A complaint by letter, in person or noted by phone."""

    channel: Literal["phone", "letter", "counter", "email", "webform"]
    received_at: AwareDatetime


class StatusLookUp(Body):
    reference: Annotated[str, StringConstraints(max_length=100)]
    contact: Annotated[str, StringConstraints(max_length=320)]


class FactsChange(Body):
    """Facts to set; null forgets one."""

    name: ShortLine = None
    contact: Annotated[Contact | None, BeforeValidator(_blank_is_none)] = None
    occurred_on: Annotated[Day | None, BeforeValidator(_blank_is_none)] = None
    about: Line = None
    what_happened: Story = None
    amount: Amount | None = None
    desired_outcome: Passage = None


FactName = Literal["name", "contact", "occurred_on", "about", "what_happened", "amount", "desired_outcome"]


class CaseChange(Body):
    """Fields of the record to set; those not named stay."""

    status: Status = Status.FILED
    outcome: Outcome | None = None
    category: Category = Category.OTHER
    risk: Risk = Risk.MINOR
    disposition: Disposition = Disposition.INVESTIGATE
    language: Annotated[Language, BeforeValidator(_locale)] = Language.HANS
    incomplete: StrictBool = False
    facts: FactsChange = Field(default_factory=FactsChange)
    declined: Annotated[list[FactName], Field(max_length=7)] = Field(default_factory=list)
    assignee: Annotated[str | None, Field(description="username of an agent")] = None
    team: Annotated[TeamName | None, Field(description="the name of an open team")] = None
    possible_duplicate_of: Annotated[str | None, Field(description="a reference number")] = None
    basis: Passage = None
    next_steps: Passage = None
    note: Annotated[Passage, Field(description="told to the customer, not kept in the record")] = None


class TaskDone(Body):
    note: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""
    reached: Annotated[StrictBool, Field(description="false: nobody was reached, the task stays for another time")] = (
        True
    )
    facts: Annotated[FactsChange | None, Field(description="what the customer answered")] = None
    declined: Annotated[list[FactName], Field(max_length=7, description="what they would not say")] = Field(
        default_factory=list
    )
    vouched: Annotated[StrictBool, Field(description="the number that was called is the customer's own")] = False
    how: Annotated[
        Literal["called", "posted", "handed_over", "otherwise"] | None,
        Field(description="how the customer was told; a call is called and a letter posted unless it says otherwise"),
    ] = None
    at: Annotated[AwareDatetime | None, Field(description="when it was done, now if not named")] = None


class Vouched(Body):
    address: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class JoinCustomer(Body):
    conversation: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    reason: Words


class PartCustomer(Body):
    address: Annotated[str, StringConstraints(min_length=1, max_length=320)]
    reason: Words


class DuplicateDecided(Body):
    other: Annotated[str, StringConstraints(min_length=1, max_length=100), Field(description="reference number or id")]
    same: StrictBool
    reason: Annotated[Passage, Field(description="what it rests on; needed for the same matter")] = None


class ReplyChecked(Body):
    """Words that an agent is writing to a customer."""

    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    language: Annotated[Annotated[Language, BeforeValidator(_locale)], Field(description="what the customer writes in")]
    reader: Annotated[Locale, Field(description="language of the hints; that of the words if not named")] = None


class Replay(Body):
    id: Annotated[str | None, Field(description="one parked arrival; all of them if not named")] = None


class AgentAdded(Body):
    username: Username
    password: Annotated[Password | None, Field(description="null: one is made that has to be changed first")] = None
    name: ShownName
    post: Annotated[str, StringConstraints(max_length=200)] = ""
    contact: Annotated[str, StringConstraints(max_length=320)] = ""
    role: Role = Role.AGENT
    language: Locale = None
    languages: AnsweredIn = []
    skills: Skills = []
    most: AtOnce = None


class AgentChange(Body):
    """Fields to set; those not named stay."""

    password: Password = ""
    name: ShownName = ""
    post: Annotated[str, StringConstraints(max_length=200)] = ""
    contact: Annotated[str, StringConstraints(max_length=320)] = ""
    role: Role = Role.AGENT
    language: Locale = None
    languages: AnsweredIn = []
    skills: Skills = []
    most: AtOnce = None
    active: StrictBool = True


class OwnPassword(Body):
    old: Annotated[str, StringConstraints(max_length=LONGEST)]
    new: Password


def _known_scope(value: str) -> str:
    if value not in SCOPES:
        raise ValueError(f"is one of {', '.join(SCOPES)}")
    return value


class KeyAdded(Body):
    name: ShownName
    scopes: Annotated[list[Annotated[str, AfterValidator(_known_scope)]], Field(min_length=1, max_length=len(SCOPES))]
    expires_at: Annotated[AwareDatetime | None, Field(description="from when it opens nothing; null: never")] = None
