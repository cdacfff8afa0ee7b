"""The house's own wording of notices: what it may hold, what is wrong with it, and how it reads.

A text of an occasion is written in all languages together. It is jinja as in the catalogue, of which only places and conditions are taken:
no loop, no call, so that no wording can hold up a notice. It is checked as the tests check the catalogue's: every place known, none lost that
the occasion can't do without, the same places in every language, and chapter five of the handbook (dialogue/wording.py), filled with and
without what may be missing.

Not here: which version counts (in_force.py), the filling itself (texts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

import yaml
from jinja2 import TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from case_store.records import Language
from dialogue.turn import House
from dialogue.wording import faults
from gateway import texts
from gateway.policy import Fault
from gateway.texts import PARTS, Occasion, OwnTexts, Text

LONGEST: Final = 6_000
_TAKEN: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Const),
    *(nodes.Filter, nodes.And, nodes.Or, nodes.Not),
)
_FILTERS: Final = frozenset({"day", "moment", "word", "join"})
_PEOPLES: Final = (
    "question",
    "reason",
    "answer",
    "basis",
    "next_steps",
    "detail",
    "words",
    "offer",
    "title",
    "meaning",
    "note",
)
_DAYS: Final = {"feedback_due": 9, "former_due": 12, "by": 7, "due": 7, "performed_on": 5}
_MOMENTS: Final = {"valid_until": 7, "person_at": 1, "waiting_since": 0}
STAFF: Final = frozenset(
    {
        *(Occasion.DEADLINE_NEAR, Occasion.DEADLINE_OVERDUE, Occasion.SETTLEMENT_NEAR, Occasion.SETTLEMENT_OVERDUE),
        *(Occasion.WAITING_CONVERSATION, Occasion.DANGER_ALARM, Occasion.SCAM_ALARM, Occasion.DELIVERY_FAILED),
        *(Occasion.CALL_BACK, Occasion.LETTER_TASK),
    }
)
"""Told to those who work here, not to customers."""
_LISTS: Final = frozenset({Occasion.SURGE_ALARM, Occasion.EMERGENCY_DECLARED})
"""To those on duty, and made of what is going on: a list can't be worded in the console."""
REWORDED: Final = tuple(occasion for occasion in Occasion if occasion not in _LISTS)
"""What the house may word in its own way."""


class Wording(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Annotated[str, StringConstraints(max_length=300)]
    body: Annotated[str, StringConstraints(max_length=LONGEST)]


class Document(BaseModel):
    """As a version is kept: every language, or none to go back to the catalogue's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: dict[Language, Wording] = Field(default_factory=dict)

    def wording(self) -> dict[Language, Text]:
        return {language: Text(one.subject, one.body) for language, one in self.texts.items()}


def parse(content: str) -> Document:
    """Raises ValidationError."""
    return Document.model_validate_json(content)


def built_in(occasion: Occasion) -> dict[Language, Text]:
    return {language: texts.built_in(occasion, language) for language in Language}


def needed(occasion: Occasion) -> frozenset[str]:
    """The places that no wording may leave out."""
    return texts.needed(occasion, Language.EN)


@cache
def known(occasion: Occasion) -> tuple[str, ...]:
    """Every place that is filled at this occasion, those that are needed first."""
    used: set[str] = set()
    for text in built_in(occasion).values():
        used |= _places(text)
    first = needed(occasion)
    return (*sorted(first), *sorted(used - first))


def _parsed(source: str) -> nodes.Template:
    return texts.environment_of({}, Language.EN).parse(source)


def _places(text: Text) -> frozenset[str]:
    return frozenset(find_undeclared_variables(_parsed(text.subject)) | find_undeclared_variables(_parsed(text.body)))


def usable(occasion: Occasion, wording: Mapping[Language, Text]) -> list[Fault]:
    """What keeps a wording from being filled at all: asked again whenever it is taken up, by whatever software."""
    found = []
    for language in Language:
        if language not in wording:
            found.append(Fault(language.value, "missing: customers write in all of them"))
            continue
        for part in PARTS:
            found += [
                Fault(f"{language.value}.{part}", why) for why in _unusable(occasion, getattr(wording[language], part))
            ]
    return found


def _unusable(occasion: Occasion, source: str) -> Iterator[str]:
    try:
        tree = _parsed(source)
    except TemplateError as error:
        yield f"line {getattr(error, 'lineno', 1)}: {error.message}"
        return
    strange = list(_not_taken(tree))
    if strange:  # before its places are looked for: that would work out `9**99999999`
        yield from strange
        return
    for name in sorted(find_undeclared_variables(tree) - set(known(occasion))):
        yield f"{{{{ {name} }}}} is no place of this text; there are {', '.join(known(occasion))}"


def _not_taken(tree: nodes.Template) -> Iterator[str]:
    for node in _all_nodes(tree):
        if not isinstance(node, _TAKEN):
            yield f"line {node.lineno}: {type(node).__name__.lower()} is not taken: only places in {{{{ }}}} and conditions"
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            yield f"line {node.lineno}: there is no {node.name!r}: expected one of {', '.join(sorted(_FILTERS))}"


def _all_nodes(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all_nodes(child)


def check(occasion: Occasion, wording: Mapping[Language, Text], sample: Sample) -> list[Fault]:
    """Everything that is wrong with a wording, each with the part it is in: `en.body`."""
    found = usable(occasion, wording)
    if found:
        return found
    for language in Language:
        found += _lost(occasion, language, wording[language])
        found += _misworded(occasion, language, wording[language], sample)
    return [*found, *_unlike(wording)]


def _lost(occasion: Occasion, language: Language, text: Text) -> Iterator[Fault]:
    for part in PARTS:
        if not getattr(text, part).strip():
            yield Fault(f"{language.value}.{part}", "is empty")
    for name in sorted(needed(occasion) - _places(text)):
        yield Fault(f"{language.value}.body", f"{{{{ {name} }}}} is missing: this text can't do without it")


def _misworded(occasion: Occasion, language: Language, text: Text, sample: Sample) -> Iterator[Fault]:
    told: set[Fault] = set()
    for least in (True, False):
        values = sample.neutral(occasion, language, least=least)
        try:
            filled = _filled(occasion, language, text, values)
        except Exception as error:  # whatever a wording runs into here, it would run into there
            told.add(Fault(f"{language.value}.body", f"can't be filled: {error}"))
            continue
        for part in PARTS:
            written = getattr(filled, part)
            told |= {Fault(f"{language.value}.{part}", fault) for fault in faults(written, language)}
            if "{" in written or "}" in written:
                told.add(Fault(f"{language.value}.{part}", "a brace stands alone"))
    yield from sorted(told)


def _filled(occasion: Occasion, language: Language, text: Text, values: Mapping[str, Any]) -> Text:
    environment = texts.environment_of({part: getattr(text, part) for part in PARTS}, language)
    optional = dict.fromkeys(name for name in known(occasion) if name not in needed(occasion))
    subject, body = (environment.get_template(part).render({**optional, **values}).strip() for part in PARTS)
    return Text(" ".join(subject.split()), body)


def _unlike(wording: Mapping[Language, Text]) -> Iterator[Fault]:
    """Places that one language has and another lacks."""
    everywhere = frozenset[str]().union(*(_places(text) for text in wording.values()))
    for language, text in wording.items():
        for name in sorted(everywhere - _places(text)):
            others = ", ".join(other.value for other, theirs in wording.items() if name in _places(theirs))
            yield Fault(f"{language.value}.body", f"{{{{ {name} }}}} is missing: it stands in {others}")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a text is filled with for whoever writes it: of the house, and of a complaint that nobody has made."""

    house: House
    now: datetime

    def full(self, language: Language) -> dict[str, Any]:
        """As a customer would read it."""
        own = {
            "next_authorities": self.house.next_authorities[language],
            "emergency": self.house.emergency[language],
            "house": self.house.name[language],
            "notice": self.house.privacy_notice[language],
            "hotline": self.house.hotline or _examples("all")["hotline"],
        }
        days: dict[str, date] = {name: (self.now + timedelta(days=count)).date() for name, count in _DAYS.items()}
        moments = {name: self.now + timedelta(days=count) for name, count in _MOMENTS.items()}
        return {**_examples("all"), **_examples(language.value), **days, **moments, **own}

    def neutral(self, occasion: Occasion, language: Language, *, least: bool) -> dict[str, Any]:
        """With digits where people's own words stand, which no rule of ours is for. `least`: without what may be missing."""
        values = self.full(language) | dict.fromkeys(_PEOPLES, "1") | dict.fromkeys(("agent_name", "name", "file"), "8")
        values |= dict.fromkeys(("agent_post", "agent_contact", "assignee", "files", "known_contact"), "9")
        if least:
            return {name: values[name] for name in needed(occasion)}
        return values | {"by_person": True}


def judged_examples(language: Language) -> list[tuple[str, int]]:
    """(what a customer says, sum in the home currency) of complaints that nobody has made."""
    return [(one[language.value], one["sum"]) for one in _read_examples()["judged"]]


@cache
def _examples(group: str) -> dict[str, Any]:
    read: dict[str, Any] = _read_examples()[group]
    return read


@cache
def _read_examples() -> Mapping[str, Any]:
    text = files("gateway.catalogue").joinpath("examples.yaml").read_text("utf-8")
    read: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


def shown(occasion: Occasion, language: Language, text: Text, sample: Sample) -> dict[str, str]:
    """The text as each channel shows it. Raises whatever keeps it from being filled."""
    values = {name: value for name, value in sample.full(language).items() if name in known(occasion)}
    values |= dict.fromkeys(("incomplete", "finished"), None)
    if occasion is Occasion.FILES_BESIDE:
        values["files"] = [values["files"]]
    there = _filled(occasion, language, text, values)
    by_person = _filled(occasion, language, text, {**values, "by_person": True})
    house, name = sample.house.name[language], _examples(language.value)["name"]
    letter = texts.as_letter(there, language, house=house, name=None if occasion in STAFF else name)
    return {"subject": there.subject, "chat": there.body, "mail": letter.body, "by_person": by_person.body}


def own_texts(documents: Mapping[str, str]) -> tuple[OwnTexts, dict[str, str]]:
    """Contents by occasion as texts, and why any of them can't be used."""
    wording: dict[Occasion, Mapping[Language, Text]] = {}
    unusable: dict[str, str] = {}
    for name, content in documents.items():
        try:
            occasion, document = Occasion(name), parse(content)
            found = usable(occasion, document.wording()) if document.texts else []
        except ValidationError as error:
            unusable[name] = f"not a wording: {error.error_count()} entries are wrong"
            continue
        except ValueError:
            unusable[name] = "there is no such occasion any more"
            continue
        if found:
            unusable[name] = "; ".join(map(str, found))
        elif document.texts:
            wording[occasion] = document.wording()
    return OwnTexts(wording), unusable
