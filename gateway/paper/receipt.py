"""The receipt that a complainant takes home or gets by post: what was taken, by whom and when, and what happens next.

While a proxy's mandate is missing the receipt holds no facts: it says that the complaint is registered and what is needed.

Not here: when it may be printed and by whom (api/papers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from case_store.case_record import CaseRecord
from case_store.papers import ENDED, HERE, MISSING, HandedIn, Papers, Party
from case_store.records import Language, Status
from dialogue.readback import contact
from dialogue.turn import House
from gateway.console.wording import catalogue as console_words
from gateway.paper import breaking
from gateway.paper.sheet import Sheet
from gateway.paper.words import Words, catalogue

MOST_OF_A_FACT: Final = 150_000  # plain characters' worth of work; the longest complaint has a third as many
FACTS: Final = ("name", "contact", "about", "occurred_on", "amount", "what_happened", "desired_outcome")


@dataclass(frozen=True, slots=True)
class Printing:
    """What printing takes beside the case: whose paper it is, in which language, when and by whom it is printed."""

    house: House
    zone: ZoneInfo
    language: Language
    at: datetime
    by: str

    @property
    def words(self) -> Words:
        return Words(self.language, self.zone)

    def sheet(self, title: str, about: str) -> Sheet:
        """A document whose pages name what they are about, their number and when they were printed."""
        words = self.words
        printed = words("printed", at=words.moment(self.at))

        def foot(page: int, pages: str) -> str:
            return "    ".join(part for part in (about, words("page", page=page, pages=pages), printed) if part)

        head = self.house.name[self.language]
        own = frozenset(f"{_characters(self.language)}{self.house}")
        return Sheet(title=title, language=self.language, head=head, foot=foot, made_at=self.at, own=own)

    def finished(self, sheet: Sheet) -> bytes:
        return sheet.finished(self.words("substituted"))


@cache
def _characters(language: Language) -> str:
    """Whatever the house's own words may need."""
    return f"{catalogue(language)}{console_words(language)}"


def is_held_back(record: CaseRecord) -> bool:
    """Whether a proxy without a mandate may be the one who reads: no facts then."""
    return record.mandate in (MISSING, ENDED)


def receipt(record: CaseRecord, papers: Papers, printing: Printing) -> bytes:
    """The receipt of a filed case, as PDF."""
    words = printing.words
    sheet = printing.sheet(f"{words('receipt.title')} {record.reference}", record.reference or "")
    sheet.title(words("receipt.title"))
    _registration(sheet, words, record, papers)
    if is_held_back(record):
        sheet.framed(words("receipt.held_back", reference=record.reference))
    else:
        _recorded(sheet, words, record, printing)
    _files(sheet, words, _came_with_it(record, papers) if is_held_back(record) else papers.files)
    _next(sheet, words, record, papers, printing.house)
    sheet.heading(words("receipt.privacy", version=printing.house.privacy_notice_version))
    sheet.note(printing.house.privacy_notice[printing.language])
    if not is_held_back(record):
        sheet.gap(2)
        sheet.paragraph(words("receipt.check"))
    sheet.signatures([words("receipt.sign_complainant"), words("receipt.sign_clerk")])
    return printing.finished(sheet)


def _registration(sheet: Sheet, words: Words, record: CaseRecord, papers: Papers) -> None:
    sheet.lead(words("receipt.reference"), record.reference or "")
    rows = [
        ("received", words.moment(record.received_at)),
        ("registered", words.moment_if(record.registered_at)),
        ("lag", words.lag(record.received_at, record.registered_at)),
        ("channel", words.term("channel", record.channel)),
        ("taken_by", " ".join(part for part in (papers.taken_by, papers.taken_post) if part)),
        ("handed_in_by", papers.handed_in_by),
        ("proxy", papers.proxy and proxy_line(words, papers.proxy, record.mandate)),
        ("group", group_line(words, papers)),
    ]
    for name, value in rows:
        if value:
            sheet.row(words(f"receipt.{name}"), value)


def proxy_line(words: Words, proxy: Party, mandate: str | None) -> str:
    who = words("receipt.proxy_as", name=proxy.name, relation=proxy.relation) if proxy.relation else proxy.name
    if mandate != HERE:
        state = words("receipt.mandate_missing")
    elif proxy.valid_until is None:
        state = words("receipt.mandate_here")
    else:
        state = words("receipt.mandate_until", day=words.day(proxy.valid_until))
    return f"{who}\n{state}"


def group_line(words: Words, papers: Papers) -> str:
    names = words("comma").join(party.name for party in papers.representatives)
    if papers.members:
        return words("receipt.group_of", members=papers.members, names=names or words("none"))
    return words("receipt.group_named", names=names) if names else ""


def _recorded(sheet: Sheet, words: Words, record: CaseRecord, printing: Printing) -> None:
    sheet.heading(words("receipt.recorded"))
    facts_rows(sheet, words, record, printing.house.region)
    if record.incomplete:
        sheet.note(words("receipt.incomplete"))


def facts_rows(sheet: Sheet, words: Words, record: CaseRecord, region: str) -> None:
    for name in FACTS:
        shown = words.fact(record.facts, record.words, name)
        known = name == "contact" and record.facts.contact
        value = contact(shown, region) if known else shown
        told, _ = breaking.fitting(value, MOST_OF_A_FACT)
        if told != value:
            told = f"{told}\n{words('record.shortened', left=len(value) - len(told))}"
        sheet.row(words(f"facts.{name}"), told)
    if reach := record.words.get("reach"):  # in the customer's words, for whoever contacts them
        sheet.row(words("facts.reach"), reach)


def _came_with_it(record: CaseRecord, papers: Papers) -> Sequence[HandedIn]:
    at = record.registered_at
    return [file for file in papers.files if file.purpose is not None and at is not None and file.at <= at]


def _files(sheet: Sheet, words: Words, handed_in: Sequence[HandedIn]) -> None:
    sheet.heading(words("receipt.files"))
    if not handed_in:
        sheet.paragraph(words("receipt.no_files"))
    for file in handed_in:
        kind = words.term("purpose", file.purpose) if file.purpose else file.media_type
        sheet.point(f"{file.name}    {kind}    {words.size(file.size)}")


def _next(sheet: Sheet, words: Words, record: CaseRecord, papers: Papers, house: House) -> None:
    sheet.heading(words("receipt.next"))
    for text in _what_is_next(words, record, papers, house):
        sheet.point(text)


def _what_is_next(words: Words, record: CaseRecord, papers: Papers, house: House) -> list[str]:
    if record.status is Status.WITHDRAWN and papers.withdrawals:
        return [words("receipt.ended", day=words.day(papers.withdrawals[-1].received_on))]
    found = [words("receipt.look_into")]
    if record.feedback_due is not None:
        found.append(
            words("receipt.held_due" if is_held_back(record) else "receipt.due", due=words.day(record.feedback_due))
        )
    found.append(words("receipt.add", reference=record.reference))
    if house.hotline:
        found.append(words("receipt.hotline", hotline=house.hotline))
    if record.facts.contact and not is_held_back(record):
        found.append(words("receipt.status"))
    found.append(words("receipt.authorities", authorities=house.next_authorities[words.language]))
    return found
