"""What a customer and the house have agreed, on paper (handbook 5.3.3): parties, facts, solution, and by when it is performed.

It holds what stood when the customer confirmed it, with the customer's own words, and how far its performance has come.

Not here: when it is agreed (case_store/settlements.py), who may print it (api/papers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from case_store.case_record import CaseRecord
from case_store.records import Facts
from case_store.settlements import Settlement
from dialogue.readback import contact
from gateway.paper.receipt import Printing
from gateway.paper.sheet import Sheet
from gateway.paper.words import Words

FACTS: Final = ("about", "occurred_on", "amount", "what_happened", "desired_outcome")
MOST_OF_A_FACT: Final = 4_000  # characters: the whole stands in the record of the case


def settlement(agreed: Settlement, record: CaseRecord, printing: Printing) -> bytes:
    """The settlement, as PDF."""
    words = printing.words
    sheet = printing.sheet(f"{words('settlement.title')} {record.reference}", record.reference or "")
    sheet.title(words("settlement.title"))
    sheet.lead(words("settlement.about"), record.reference or "")
    _parties(sheet, words, agreed, printing)
    _facts(sheet, words, Facts.from_json(agreed.facts))
    _solution(sheet, words, agreed)
    _confirmation(sheet, words, agreed)
    _performance(sheet, words, agreed, printing)
    sheet.gap(2)
    authorities = printing.house.next_authorities[printing.language]
    sheet.framed(words("settlement.rights", authorities=authorities))
    sheet.signatures([words("settlement.sign_house"), words("settlement.sign_customer")])
    return printing.finished(sheet)


def _parties(sheet: Sheet, words: Words, agreed: Settlement, printing: Printing) -> None:
    parties = agreed.parties
    proxy = parties.get("proxy") or {}
    relation = proxy.get("relation")
    speaks = words("receipt.proxy_as", name=proxy["name"], relation=relation) if relation else proxy.get("name")
    reached = parties.get("contact")
    sheet.heading(words("settlement.parties"))
    rows = [
        ("house", parties["house"].get(printing.language.value)),
        ("customer", parties.get("name") or words("none")),
        ("contact", reached and contact(reached, printing.house.region)),
        ("postal_address", parties.get("postal_address")),
        ("proxy", speaks),
    ]
    _rows(sheet, words, rows)


def _facts(sheet: Sheet, words: Words, facts: Facts) -> None:
    sheet.heading(words("settlement.facts"))
    for name in FACTS:
        if getattr(facts, name) is not None:
            sheet.row(words(f"facts.{name}"), _short(words.fact(facts, {}, name)))


def _short(text: str) -> str:
    return text if len(text) <= MOST_OF_A_FACT else f"{text[:MOST_OF_A_FACT]}…"


def _solution(sheet: Sheet, words: Words, agreed: Settlement) -> None:
    sheet.heading(words("settlement.solution"))
    rows = [
        ("option", agreed.option.title),
        ("meaning", agreed.option.meaning),
        ("due", words.day(agreed.due_on)),
    ]
    _rows(sheet, words, rows)
    if agreed.calendar_gap:
        sheet.note(words("settlement.gap"))


def _confirmation(sheet: Sheet, words: Words, agreed: Settlement) -> None:
    sheet.heading(words("settlement.confirmed"))
    rows = [
        ("confirmed_at", words.moment(agreed.confirmed_at)),
        ("way", words.term("channel", agreed.way)),
        ("words", _short(agreed.words)),
        ("recorded_by", _who(agreed.recorded_by)),
    ]
    _rows(sheet, words, rows)


def _who(recorded_by: str) -> str | None:
    """The person who recorded what they heard; nobody where the customer's own message confirms it."""
    kind, _, name = recorded_by.partition(":")
    return (name or kind) if kind != "bot" else None


def _performance(sheet: Sheet, words: Words, agreed: Settlement, printing: Printing) -> None:
    sheet.heading(words("settlement.performance"))
    if agreed.performed_on is not None:
        sheet.paragraph(words("settlement.performed", day=words.day(agreed.performed_on)))
    else:
        sheet.paragraph(words(f"settlement.{'overdue' if agreed.is_overdue(printing.at) else 'not_performed'}"))
    if agreed.note and agreed.performed_on is not None:  # why a record was taken back is for those who work here
        sheet.row(words("settlement.note"), agreed.note)


def _rows(sheet: Sheet, words: Words, rows: Sequence[tuple[str, str | None]]) -> None:
    for name, value in rows:
        if value:
            sheet.row(words(f"settlement.{name}"), value)
