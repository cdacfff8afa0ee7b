"""A complaint as a form, a clerk or a neighbouring program hands it over, checked; and the answer that it gets.

The fields are those of the case record. What a person typed freely (an amount, a day) is read by the dialogue's
understanding later; here a value is only refused where nobody could make anything of it. What stands beside a complaint that
somebody entered, files among it, is `entered` (entries.py).

Not here: reading HTTP (api/), filing (filing.py).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import phonenumbers
from itsdangerous import BadData, URLSafeSerializer

from case_store import idempotency
from case_store.case_record import CaseRecord
from case_store.idempotency import Answer, Claim
from case_store.records import ChannelName, Language, Money, PartialDate
from case_store.store import Transaction
from case_store.uploads import StoredUpload
from gateway.entries import Entered
from gateway.tokens import Tokens

_EMAIL: Final = re.compile(r"[^@\s<>,;]{1,64}@[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.IGNORECASE)
_REGIONS: Final = {
    None: ("CN", "HK", "TW", "MO", "SG", "GB"),
    Language.HANS: ("CN", "SG", "HK", "MO", "TW"),
    Language.HANT: ("HK", "TW", "MO", "CN", "SG"),
    Language.EN: ("CN", "HK", "SG", "GB", "TW", "US"),
}


class Repeated(Exception):
    """The request was answered before: its unit is left, and the answer is repeated."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Keeps the answer in the transaction that files the complaint. Without a claim it does nothing."""

    claim: Claim | None = None

    def begin(self, tx: Transaction) -> None:
        """First thing in the unit. Raises Repeated, or idempotency.OtherRequest: let both pass."""
        if self.claim is None:
            return
        known = idempotency.begin(tx, self.claim)
        if known is not None:
            raise Repeated(known)

    def keep(self, tx: Transaction, record: CaseRecord) -> None:
        """Last thing in the unit."""
        if self.claim is not None:
            idempotency.keep(tx, self.claim, Answer(201, json.dumps(receipt(record))))


@dataclass(frozen=True, slots=True)
class Complaint:
    """`amount` and `occurred_on` are values where they could be read at once, and the customer's words otherwise.

    `entered_by` is the username of the clerk who typed it in, `key:NAME` for a program, None for the customer.
    """

    channel: ChannelName
    account: str
    what_happened: str
    received_at: datetime
    name: str | None = None
    contact: str | None = None
    occurred_on: PartialDate | str | None = None
    about: str | None = None
    amount: Money | str | None = None
    desired_outcome: str | None = None
    locale: Language | None = None
    entered_by: str | None = None
    entered: Entered | None = None
    files: tuple[StoredUpload, ...] = ()  # whole uploads that come with it
    idempotency: Idempotency = field(default_factory=Idempotency)


def receipt(record: CaseRecord) -> dict[str, Any]:
    """What whoever handed in a complaint is answered."""
    return {
        "reference": record.reference,
        "status": record.status.value,
        "received_at": record.received_at.isoformat(),
        "registered_at": record.registered_at and record.registered_at.isoformat(),
        "feedback_due": record.feedback_due and record.feedback_due.isoformat(),
    }


def sign_receipt(tokens: Tokens, receipt: Mapping[str, Any]) -> str:
    """A receipt for the address of the page that thanks: nobody can make one up."""
    return str(_receipts(tokens).dumps(dict(receipt)))


def read_receipt(tokens: Tokens, signed: str) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = _receipts(tokens).loads(signed[:2000])
    except BadData:
        return None
    return read


def _receipts(tokens: Tokens) -> URLSafeSerializer:
    return URLSafeSerializer(tokens.key("receipt"), salt="receipt")


def read_contact(written: str, locale: Language | None = None) -> str | None:
    """An address in lower case or a number in E.164, if it can be one."""
    return next(iter(possible_contacts(written, locale)), None)


def address_held(written: str) -> str:
    """An address as the store keeps it, however it is written: also `tel:`, `mailto:`, and what a messenger or a chat is known by.

    Raises ValueError for what is no address, and for a number that may be several: what is held on another must not be found by it.
    """
    plain = unicodedata.normalize("NFKC", written).strip()
    if _CHANNELS_OWN.fullmatch(plain.lower()):
        return plain.lower()
    plain = re.sub(r"^(tel|mailto):\s*", "", plain, flags=re.IGNORECASE)
    if _ANY_MAIL.fullmatch(plain):  # whoever wrote to us has it, also one that our form would not take
        return plain.lower()
    found = possible_contacts(f"+{plain[2:]}" if plain.startswith("00") else plain)
    if not found:
        told = "is no e-mail address, no telephone number (with + and country code from abroad), and no telegram:NUMBER"
        raise ValueError(told)
    if len(found) > 1:
        raise ValueError(f"may be {' or '.join(found)}: write it with + and the country's code")
    return found[0]


_ANY_MAIL: Final = re.compile(r"[^\s<>,;]+@[^\s<>,;@]+")
_CHANNELS_OWN: Final = re.compile(r"telegram:-?\d{1,19}|chat:[0-9a-f]{32}")


def possible_contacts(written: str, locale: Language | None = None) -> list[str]:
    """Everything that this may mean: a number without its country's code is several, the likeliest first."""
    squeezed = written.strip()
    if "@" in squeezed:
        return [squeezed.lower()] if _EMAIL.fullmatch(squeezed) else []
    found = []
    for region in _REGIONS[locale]:
        try:
            number = phonenumbers.parse(squeezed, region)
        except phonenumbers.NumberParseException:
            continue
        sure = squeezed.startswith(("+", "+", "00"))
        if phonenumbers.is_possible_number(number) if sure else phonenumbers.is_valid_number(number):
            spelled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            if spelled not in found:
                found.append(spelled)
    return found
