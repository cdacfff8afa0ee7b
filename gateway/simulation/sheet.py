"""Customers as they stand in YAML files, read and checked. `tests/simulation/README.md` says what the fields mean.

Not here: what a customer says next (customer.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from gateway.simulation.days import UnknownDay, day_of, written

Fact = Literal["what_happened", "about", "occurred_on", "amount", "desired_outcome", "name", "contact"]
FACTS: Final = ("what_happened", "about", "occurred_on", "amount", "desired_outcome", "name", "contact")
WORDS: Final = frozenset({"what_happened", "about", "desired_outcome"})  # facts of which a record need hold but a word
TongueName = Literal["zh-Hans", "zh-Hant", "en"]
Channel = Literal["webchat", "email", "telegram", "webform"]
End = Literal["filed", "person", "danger", "withdrawn", "not_filed"]
Temper = Literal[
    "plain", "terse", "rambling", "angry", "bursts", "corrects", "refuses", "asks_back", "elderly", "despairing", "mixed",
    "dictated", "changes_mind", "wants_person", "walks_away", "polite", "vague", "everything_at_once",
]  # fmt: skip
_MOMENT: Final = re.compile(r"answer \d{1,2}|asked (?:" + "|".join(FACTS) + r")|readback(?: \d)?|filed")
_AMOUNT: Final = re.compile(r"\d+\.\d\d [A-Z]{3}")
_CONTACT: Final = re.compile(r"\+\d{7,15}|[^\s@A-Z]+@[^\s@A-Z]+")
_OTHER_ANSWERS: Final = frozenset({"confirm", "other"})


class CustomersUnreadable(Exception):
    """A file of customers can't be used. `problems` holds one sentence each, with the file and the customer."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class NotYet(_Read):
    """Words that do not answer the question: to be asked again after them is no fault."""

    not_yet: str


def _many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Answer = str | NotYet
Answers = Annotated[tuple[Answer, ...], BeforeValidator(_many), Field(min_length=1)]
Wanted = Annotated[tuple[str, ...], BeforeValidator(_many), Field(min_length=1)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_many), Field(min_length=1)]


class Move(_Read):
    """What a customer does once besides answering. `at`: when."""

    at: str
    says: Lines
    and_answers: bool = False
    corrects: Mapping[str, Wanted] = {}
    leaves: bool = False
    language: TongueName | None = None

    @field_validator("at")
    @classmethod
    def _known_moment(cls, at: str) -> str:
        if not _MOMENT.fullmatch(at):
            raise ValueError(f"{at!r} is no moment: expected answer N, asked FACT, readback, or filed")
        return at

    @model_validator(mode="after")
    def _right_corrections(self) -> Self:
        _check_facts(self.corrects)
        return self


class Sheet(_Read):
    """One customer: who, in what temper, with what words, and what must be on record in the end."""

    id: str
    who: str
    language: TongueName
    channel: Channel = "webchat"
    locale: TongueName | None = None
    tempers: Annotated[tuple[Temper, ...], Field(min_length=1)]
    feels: Literal["calm", "angry", "worried", "sad", "disappointed", "desperate"] = "calm"
    subject: str = ""
    opens: Lines
    tells: tuple[Fact, ...] = ("what_happened",)
    says: Mapping[str, Answers] = {}
    sheet: Mapping[str, Wanted] = {}
    declines: tuple[Fact, ...] = ()
    without: tuple[Fact, ...] = ()
    attentive: bool = False
    moves: tuple[Move, ...] = ()
    ends: End = "filed"

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for asked in self.says:
            unknown = set(asked.split("+")) - {*FACTS, *_OTHER_ANSWERS}
            if unknown:
                raise ValueError(
                    f"says: {asked!r} is no fact; there are {', '.join((*FACTS, *sorted(_OTHER_ANSWERS)))}"
                )
        _check_facts(self.sheet)
        both = set(self.sheet) & {*self.declines, *self.without}
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: on the sheet and among declines or without at once")
        return self


def _check_facts(facts: Mapping[str, tuple[str, ...]]) -> None:
    """Raises ValueError for an expected fact that no record could hold."""
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: no such fact; there are {', '.join(FACTS)}")
    for alternative in facts.get("amount", ()):
        if not _AMOUNT.fullmatch(alternative):
            raise ValueError(f"amount: {alternative!r} is not written as 85.00 GBP")
    for alternative in facts.get("contact", ()):
        if not _CONTACT.fullmatch(alternative):
            raise ValueError(
                f'contact: {alternative!r} is neither like "+447700900456" nor a mail address in lower case'
            )
    for words in facts.get("occurred_on", ()):
        for alternative in words.split("|"):
            _check_day(alternative)


def _check_day(words: str) -> None:
    try:
        day_of(words, date(2026, 11, 27))
    except UnknownDay as error:
        raise ValueError(f"occurred_on: {error}") from None


def on_day(sheet: Sheet, today: date) -> Sheet:
    """The customer as played today: days in braces are dates in their words, days on the sheet are dates."""

    def speak(text: str) -> str:
        return re.sub(r"\{([^{}]+)\}", lambda match: written(match[1], today, sheet.language), text)

    def answer(one: Answer) -> Answer:
        return NotYet(not_yet=speak(one.not_yet)) if isinstance(one, NotYet) else speak(one)

    def facts(told: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {fact: _days(values, today) if fact == "occurred_on" else values for fact, values in told.items()}

    return sheet.model_copy(
        update={
            "subject": speak(sheet.subject),
            "opens": tuple(map(speak, sheet.opens)),
            "says": {asked: tuple(map(answer, answers)) for asked, answers in sheet.says.items()},
            "sheet": facts(sheet.sheet),
            "moves": tuple(
                move.model_copy(update={"says": tuple(map(speak, move.says)), "corrects": facts(move.corrects)})
                for move in sheet.moves
            ),
        }
    )


def _days(values: tuple[str, ...], today: date) -> tuple[str, ...]:
    return tuple(day_of(one, today) for value in values for one in value.split("|"))


def read_customers(place: Path, today: date | None = None) -> list[tuple[str, Sheet]]:
    """(part, customer) of a file, or of all files below a folder; the part is the name of the file's folder.

    Raises CustomersUnreadable with everything that is wrong.
    """
    found: list[tuple[str, Sheet]] = []
    problems: list[str] = []
    known: dict[str, Path] = {}
    paths = sorted(place.rglob("*.yaml")) if place.is_dir() else [place]
    if not paths:
        problems.append(f"{place} holds no customers: expected files named *.yaml")
    for path in paths:
        for number, one in enumerate(_entries(path, problems), 1):
            try:
                sheet = Sheet.model_validate(one)
                on_day(sheet, today or date.today())
            except ValidationError as error:
                problems += [f"{path.name}, {_name(one, number)}: {_sentence(dict(wrong))}" for wrong in error.errors()]
                continue
            except UnknownDay as error:
                problems.append(f"{path.name}, {sheet.id}: {error}")
                continue
            if sheet.id in known:
                problems.append(f"{path.name}, {sheet.id}: the same id stands in {known[sheet.id].name}")
            known[sheet.id] = path
            found.append((path.parent.name, sheet))
    if problems:
        raise CustomersUnreadable(problems)
    return found


def _entries(path: Path, problems: list[str]) -> Iterator[Any]:
    try:
        # every scalar as it is written: to YAML "no" is false and 0912… a number in base eight, to a customer they are words
        read = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(f"{path}: {error}")
        return
    if not isinstance(read, list):
        problems.append(f"{path.name}: expected a list of customers")
        return
    yield from read


def _name(one: Any, number: int) -> str:
    return str(one["id"]) if isinstance(one, dict) and one.get("id") else f"customer {number}"


def _sentence(wrong: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in wrong["loc"] if part not in ("NotYet", "str"))
    return f"{where}: {wrong['msg']}" if where else str(wrong["msg"])
