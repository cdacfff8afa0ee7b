"""What else a customer's words may say of a fact: other sums, days and contacts in the messages of a case, for an agent to choose with one click.

The record holds what the dialogue has settled on. Where the texts name another value, an agent who reads them sees it beside the
fact with its words; what was chosen is a correction like any other. Nothing here changes a record.

Not here: how a value is found (dialogue/understanding), which one counts (dialogue), corrections (case_store/cases.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from case_store.case_record import CaseRecord
from case_store.records import Language
from gateway.evidence import Place, Said

MOST: Final = 4  # values beside one fact
MOST_MESSAGES: Final = 60  # the newest of the case
LONGEST: Final = 4_000  # characters read of one message
MOST_TEXT: Final = 20_000  # of all together, the newest: a tenth of a second of work for whoever writes the most


@dataclass(frozen=True, slots=True)
class Rival:
    """A value as the record would hold it, and where it was said."""

    name: str
    value: Any
    words: str
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """Under which settings texts are read: what a bare sum is in, what 12/11 is, what today was."""

    zone: ZoneInfo
    region: str
    home_currency: str


def rivals_in(record: CaseRecord, said: Sequence[Said], how: Reading) -> dict[str, list[Rival]]:
    """By fact, the values that the texts hold: each once, by the words said last, those said last first."""
    found: dict[str, dict[str, Rival]] = {}
    room = MOST_TEXT
    for one in reversed(said[-MOST_MESSAGES:]):
        room -= min(len(one.text), LONGEST)
        if room < 0:
            break
        for rival in _read(one, Language(record.language), how):
            found.setdefault(rival.name, {}).setdefault(str(rival.value), rival)
    return {name: list(values.values()) for name, values in found.items()}


def beside(record: CaseRecord, name: str, found: Sequence[Rival]) -> tuple[list[Rival], Rival | None]:
    """The other values, and the one that is the record's own."""
    now = record.facts.to_json()[name]
    own = next((one for one in found if one.value == now), None)
    return [one for one in found if one.value != now and not _is_part_of(one.value, now)][:MOST], own


def _is_part_of(value: Any, now: Any) -> bool:
    """November is no other day than 2 November."""
    return isinstance(value, str) and isinstance(now, str) and now.startswith(f"{value}-")


def _read(one: Said, language: Language, how: Reading) -> Iterable[Rival]:
    # here: they bring word lists that a start need not wait for
    from dialogue.understanding.amounts import amounts_in
    from dialogue.understanding.contacts import contacts_in, number_spans
    from dialogue.understanding.dates import read_dates

    text = one.text[:LONGEST]
    numbers = number_spans(text)
    at = (one.at or datetime.now(UTC)).astimezone(how.zone)
    days = read_dates(text, now=at, language=language, taken=numbers, region=how.region)
    taken = (*numbers, *days.spans)
    sums = amounts_in(text, language=language, region=how.region, home_currency=how.home_currency, taken=taken)
    for day in days.dates:
        if day.found.value is not None:
            yield _rival("occurred_on", day.found.value.text, day.found, one)
    for sum in sums:
        if sum.value is not None:
            yield _rival("amount", sum.value.to_json(), sum, one)
    for contact in contacts_in(text, language=language, region=how.region):
        if contact.value is not None:
            yield _rival("contact", contact.value, contact, one)


def _rival(name: str, value: Any, found: Any, one: Said) -> Rival:
    start = one.text.find(found.words, max(0, found.start - 1))
    start = found.start if start < 0 else start
    return Rival(name, value, found.words, Place(one.conversation, one.message, start, start + len(found.words)))
