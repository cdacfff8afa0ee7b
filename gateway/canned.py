"""The fields of a canned reply: which there are, whether a text holds no others, and what fills them from a case.

    problems_of("Your complaint {refrence} …")            → ["{refrence} is no field; there are {customer}, …"]
    filled("… by {feedback_due}.", known, agent's, …)      → Filled("… by Wednesday 2 December.", ())

A text is filled once: what is put in is never read again, so nobody's name is a field. What the case doesn't know stands in the text as a
mark, `⟦amount⟧`, and no answer leaves with one (`is_unfilled`). The values come from the one case that the conversation is about, and from
none where its link is withheld.

Not here: keeping them (case_store/canned.py), requests (gateway/api/canned.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from case_store import cases, links, papers
from case_store.canned import Wording
from case_store.case_record import CaseRecord
from case_store.conversations import Row
from case_store.records import Language, Money, PartialDate
from case_store.reference import reference_of
from case_store.store import Transaction
from gateway import texts
from gateway.paper.words import Words
from gateway.promises import Promises


class Field(StrEnum):
    CUSTOMER = "customer"
    REFERENCE = "reference"
    FEEDBACK_DUE = "feedback_due"
    AMOUNT = "amount"
    OCCURRED_ON = "occurred_on"
    ABOUT = "about"
    AGENT = "agent"
    INSTITUTION = "institution"
    HOTLINE = "hotline"


_NAMES: Final = frozenset(field.value for field in Field)
FIELDS: Final = ", ".join(f"{{{field.value}}}" for field in Field)
OPENS, CLOSES = "⟦", "⟧"
_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_WIDE: Final = re.compile("[｛｝]")


@dataclass(frozen=True, slots=True)
class Filled:
    """`missing` names each field that the case doesn't know, in the order of the text."""

    text: str
    missing: tuple[Field, ...]


def problems_of(text: str) -> list[str]:
    """What keeps a text from being a canned reply, each with what would be right; empty if nothing does."""
    unknown = (name for name in dict.fromkeys(_FIELD.findall(text)) if name not in _NAMES)
    told = [f"{{{name[:40]}}} is no field; there are {FIELDS}" for name in unknown]
    broken = re.search(r"[{}]", _FIELD.sub("", text))
    if broken:
        told.append(f"a brace stands alone: a field has one on either side, as in {{reference}}, not {broken[0]!r}")
    if _WIDE.search(text):
        told.append("｛ and ｝ are no braces: write { and }")
    if is_unfilled(text):
        told.append(f"{OPENS} and {CLOSES} mark what is still missing, and stand in no text of ours")
    return told


def is_unfilled(text: str) -> bool:
    """Whether a mark of something missing stands in it, or half of one: an edited gap is a gap."""
    return OPENS in text or CLOSES in text


def filled(text: str, known: Mapping[Field, str | None]) -> Filled:
    """The text with its fields in it; what is not known is marked."""
    missing: dict[Field, None] = {}

    def put(found: re.Match[str]) -> str:
        field = Field(found[1])
        value = known.get(field)
        if not value:
            missing[field] = None
            return f"{OPENS}{field.value}{CLOSES}"
        return value

    return Filled(_FIELD.sub(put, text), tuple(missing))


def case_of(tx: Transaction, conversation: Row) -> CaseRecord | None:
    """The case that a conversation is about, unless whose conversation it is stands in doubt."""
    id = conversation["case_id"]
    if id is None or conversation["id"] not in links.told_in(tx, id):
        return None
    return cases.get(tx, id)


def known_of(
    tx: Transaction, promises: Promises, conversation: Row, language: Language, *, agent: str
) -> dict[Field, str | None]:
    """What every field says in this conversation; None where nobody knows it, or it would promise what has passed."""
    house = promises.house
    known: dict[Field, str | None] = {
        Field.AGENT: agent,
        Field.INSTITUTION: house.name[language],
        Field.HOTLINE: house.hotline,
    }
    case = case_of(tx, conversation)
    proxy = None if case is None or case.mandate is None else _proxy(tx, case, conversation)
    told = case is not None and not (proxy and case.mandate != papers.HERE)  # no fact before the mandate is there
    if case is not None and told:
        known |= _of_case(promises, case, language, tx.now)
        known[Field.CUSTOMER] = case.facts.name if case.mandate is None else proxy
    return {field: None if value is None else harmless(value) for field, value in known.items()}


def _of_case(promises: Promises, case: CaseRecord, language: Language, now: datetime) -> dict[Field, str | None]:
    words, facts = Words(language, promises.zone), case.facts
    due = case.feedback_due
    promised = due is not None and case.status in cases.OPEN and due >= now.astimezone(promises.zone).date()
    return {
        Field.REFERENCE: case.reference,
        Field.FEEDBACK_DUE: texts.show_day(due, language) if due is not None and promised else None,
        Field.AMOUNT: None if facts.amount is None else words.money(facts.amount),
        Field.OCCURRED_ON: None if facts.occurred_on is None else words.partial(facts.occurred_on),
        Field.ABOUT: facts.about,
    }


def _proxy(tx: Transaction, case: CaseRecord, conversation: Row) -> str | None:
    """Whoever reads it may speak for the customer: the proxy's name, or None where it is not known who it is."""
    return papers.papers_of(tx, case.id).named(conversation["address"] or "")


def harmless(value: str) -> str:
    """A value as part of a line: no mark, no line of its own, nothing that hides or turns the words around it."""
    plain = value.replace(OPENS, "[").replace(CLOSES, "]")
    shown = (" " if unicodedata.category(one) == "Cc" else one for one in plain if unicodedata.category(one) != "Cf")
    return " ".join("".join(shown).split())


def then_of(then: Mapping[str, Any] | None, promises: Promises, now: datetime) -> dict[str, Any] | None:
    """What a macro does, from now on: days to put off become the moment at which somebody is there again."""
    if then is None:
        return None
    known = dict(then)
    days = known.pop("snooze_days", None)
    if days is not None:
        morning = (now.astimezone(promises.zone) + timedelta(days=days)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        known["snooze_until"] = (promises.person_at(morning) or morning).isoformat()
    return known


def starters(language: Language) -> list[Wording]:
    """The starter set, in all languages, named in one."""
    return [
        Wording(
            name=one["name"][language.value],
            texts={known.value: one["texts"][known.value].strip() for known in Language},
            shortcut=one.get("shortcut"),
            then=one.get("then"),
            starter=key,
        )
        for key, one in _catalogue()["starters"].items()
    ]


def sample(promises: Promises, language: Language, now: datetime) -> dict[Field, str | None]:
    """What every field says of a complaint that nobody has made: for whoever writes a reply."""
    words, given = Words(language, promises.zone), _catalogue()["samples"]
    today = now.astimezone(promises.zone).date()
    return {
        **{Field(name): by_language[language.value] for name, by_language in given.items()},
        Field.REFERENCE: reference_of(today, SAMPLE_NUMBER),
        Field.FEEDBACK_DUE: texts.show_day(promises.feedback_due(now), language),
        Field.AMOUNT: words.money(Money(SAMPLE_SUM, promises.house.home_currency)),
        Field.OCCURRED_ON: words.partial(PartialDate((today - timedelta(days=9)).isoformat())),
        Field.INSTITUTION: promises.house.name[language],
        Field.HOTLINE: promises.house.hotline or None,
    }


SAMPLE_NUMBER: Final = 421
SAMPLE_SUM: Final = Decimal("2300.00")


@cache
def _catalogue() -> Mapping[str, Any]:
    text = files("gateway.catalogue").joinpath("canned.yaml").read_text("utf-8")
    read: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read
