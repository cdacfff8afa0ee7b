"""One turn of a conversation: what the customer said in, what the bot says and wants done out.

Plain data, no engine. `CustomerTurn` holds everything an engine may know; nothing else reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from case_store.records import ChannelName, Draft, Judgement, Language, Status

REFERENCE: Final = "⟦reference⟧"
"""Stands in a text where the reference number goes: it is made in the transaction that files the case."""


class Pace(StrEnum):
    LIVE = "live"  # chat, messenger: one or two questions at a time, then listen
    LETTER = "letter"  # mail, form: one answer that holds everything


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """`files` are the names of what came with it, `brought` is its kind, `voice` or `file`, where a channel tells kinds.

    `text` is what was said beside them, and may be empty. `corrects` is what an answered message said before its
    customer changed it to `text`.
    """

    number: int
    text: str
    choice: str | None = None
    files: tuple[str, ...] = ()
    brought: str = ""
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class OfferedOption:
    """One solution of an offer, in the words of whoever offers it. `by`: the last day for performing it, were it agreed now."""

    title: str
    meaning: str
    days: int  # working days from the agreement
    by: date


@dataclass(frozen=True, slots=True)
class Offer:
    """The last round of a case's negotiation. It can be taken while `open`; `chosen` is the option that waits for a confirmation.

    Options are numbered from 1. `state` is one of case_store.offers.OfferState.
    """

    id: str
    reference: str
    round: int
    options: tuple[OfferedOption, ...]
    expires_on: date
    state: str = "open"
    chosen: int | None = None

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed with a customer. `by` is the last day for performing it, `done_on` the day it was; `late`: neither has come."""

    title: str
    by: date
    done_on: date | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class CaseGlance:
    """As much of a filed case of this conversation as may be told to its customer.

    `offer` is one that waits for their answer, whoever takes it; `agreed` all that was agreed, the first first. `formerly` are the
    numbers of cases that are dealt with under this one.
    """

    reference: str
    status: Status
    feedback_due: date | None
    offer: Offer | None = None
    agreed: tuple[Agreed, ...] = ()
    formerly: tuple[str, ...] = ()

    def is_called(self, text: str) -> bool:
        """Whether a text names it by one of its numbers."""
        return any(number in text for number in (self.reference, *self.formerly))


class Proof(StrEnum):
    """What came of proving that a case named here is this customer's: the gateway proves, the script tells."""

    ASKED = "asked"  # a code is on its way to where the case's customer is known, if there is such a case
    RIGHT = "right"  # proved: the case is among `cases` now
    WRONG = "wrong"
    OVER = "over"  # the code is too old, or was tried too often
    LATER = "later"  # codes were asked for too often


@dataclass(frozen=True, slots=True)
class House:
    """What the institution says of itself, from policy; texts by language."""

    name: Mapping[str, str]
    hotline: str
    next_authorities: Mapping[str, str]  # whom else a customer may turn to
    emergency: Mapping[str, str]  # numbers to call when life is in danger
    privacy_notice: Mapping[str, str]
    privacy_notice_version: str
    home_currency: str = "CNY"
    region: str = "CN"  # for telephone numbers without a country code
    asks_contact_in_messenger: bool = True  # though the customer can be reached there
    names: tuple[str, ...] = ()  # what customers call it; another bank's name means out of scope


@dataclass(frozen=True, slots=True)
class CustomerTurn:
    """All that is new, and all that is known.

    `messages` hold at least one, unless the turn `resumes`: the bot has the conversation again, and all that was said is in the draft
    already. `state` is what the engine's last turn left, empty at first; `draft` the complaint as
    the store has it now (an agent may have corrected it). `now` is in the institution's zone. `feedback_due` is the day
    that filing now would promise, `person_at` when a person will answer if called now (None: at once).
    """

    messages: tuple[CustomerMessage, ...]
    channel: ChannelName
    pace: Pace
    now: datetime
    locale: Language
    house: House
    feedback_due: date
    state: Mapping[str, Any] = field(default_factory=dict)
    draft: Draft = Draft()
    cases: tuple[CaseGlance, ...] = ()
    sender: str | None = None  # address the transport knows, in the form of Facts.contact
    sender_name: str | None = None
    subject: str | None = None
    person_at: datetime | None = None
    reachable: bool = False  # by the channel itself, without any contact
    proof: Proof | None = None
    waiting: str | None = None  # for a person, and why: nothing is asked then
    resumes: bool = False
    offers: tuple[Offer, ...] = ()  # of these cases, where the bot takes the answer


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the bot. `response` is its name in the script, `asks` the facts it asks for, or `confirm`."""

    response: str
    text: str
    asks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class FileCase:
    """Register the draft: give it a reference number and dates. `incomplete` puts it before an agent."""

    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class CallPerson:
    """Put the conversation into the queue. `urgent` alarms everybody on duty."""

    reason: str
    """asked, danger_to_life, wits_end, abuse, enquiry, unclear, scam_now, counter_wish, offer_question, offer_declined"""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    """The customer takes back the filed case `reference`, or with None the draft."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class AnotherComplaint:
    """A second complaint begins: what follows belongs to a new draft. Comes before FileCase of the new one."""


@dataclass(frozen=True, slots=True)
class ChooseOption:
    """The customer wants this option of an offer and has been told what it means; it binds nobody yet."""

    offer: str
    option: int
    words: str


@dataclass(frozen=True, slots=True)
class ConfirmSettlement:
    """The customer was asked back and agrees: `words` are theirs, `by` is the last day for performing it, as they were told."""

    offer: str
    option: int
    words: str
    by: date


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    """Another answer: `counter`, a wish for something else; `question`, for a person; `declined`; `change`, a choice taken back."""

    offer: str
    kind: str
    words: str


Act = FileCase | CallPerson | WithdrawCase | AnotherComplaint | ChooseOption | ConfirmSettlement | AnswerOffer


@dataclass(frozen=True, slots=True)
class BotTurn:
    """`draft` is the complaint as it stands now; `judgement` is None while nothing sounds like a complaint."""

    says: tuple[Said, ...]
    state: Mapping[str, Any]
    draft: Draft
    language: Language
    judgement: Judgement | None = None
    acts: tuple[Act, ...] = ()
