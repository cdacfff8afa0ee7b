"""The words of notices: what customers and agents are told, by occasion and language.

    render(Occasion.CASE_FILED, Language.EN, reference="C20261123-000421-4", feedback_due=date(2026, 12, 2), …)

The texts stand in `catalogue/`, one file a language, as jinja templates that see nothing but the values given. A value that a
text needs and didn't get is an error, except the few in `OPTIONAL`, without which the text says less. Dates are written in
the manner of the language; a time is told in the zone that it carries, so hand it over in the institution's.

`body` is what chat shows; `as_letter` puts it between greeting and signature for mail.

What the house has worded itself stands before the catalogue's while `using` holds it, as it does around every unit of work. Wording that can't
be filled never keeps anybody from being told: the catalogue's is used, and `broken` says so.

Not here: who is told what and when (notifications.py), what the bot says in a conversation (dialogue/rasa_project/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

import structlog
import yaml
from babel.dates import format_date, format_datetime
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from case_store.records import Language


class Occasion(StrEnum):
    # to the customer
    CASE_FILED = "case_filed"
    PERSON_TOOK_OVER = "person_took_over"
    HANDED_BACK = "handed_back"
    RECEIVED = "received"  # no engine could answer: stored, and a person has been called
    WAITING_FOR_PERSON = "waiting_for_person"
    DANGER = "danger"
    INFORMATION_NEEDED = "information_needed"
    STATUS_CHANGED = "status_changed"
    DEADLINE_EXTENDED = "deadline_extended"
    RESULT = "result"
    RESULT_BESIDE = "result_beside"  # under an agent's own words, when they resolve the case with them
    WITHDRAWN_CONFIRMED = "withdrawn_confirmed"
    OFFER = "offer"  # the words are the dialogue's
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_EXPIRED = "offer_expired"
    SETTLED = "settled"  # agreed with a person, and recorded by them
    SETTLEMENT_PERFORMED = "settlement_performed"
    MERGED = "merged"  # two cases are dealt with under one number
    UNMERGED = "unmerged"  # … and under their own again
    CONFIRMATION_LINK = "confirmation_link"  # to an address that was only typed: no facts
    STATUS_LINK = "status_link"  # to a proved address that asked for it: where to see how the case stands
    CODE = "code"  # to the case's own address, so that its customer can ask elsewhere
    FILES_BESIDE = "files_beside"  # under an agent's words where their files don't go with them by themselves
    ANOTHER_COPY = "another_copy"  # a file was found infected: it is asked for again, and nobody is blamed
    ADDRESS_UNKNOWN = "address_unknown"  # to a sender who is no contact: never says whether a case exists
    MESSENGER_GREETING = "messenger_greeting"  # to the first command, before anything else
    MESSENGER_WELCOME_BACK = "messenger_welcome_back"
    MESSENGER_HELP = "messenger_help"
    COMMAND_UNKNOWN = "command_unknown"
    FILE_TOO_LARGE = "file_too_large"
    FILE_NOT_RECEIVED = "file_not_received"
    CHOICE_TOO_LATE = "choice_too_late"
    MESSAGE = "message"  # what somebody or the assistant said elsewhere, by mail
    # to those who work here
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_OVERDUE = "deadline_overdue"
    SETTLEMENT_NEAR = "settlement_near"
    SETTLEMENT_OVERDUE = "settlement_overdue"
    WAITING_CONVERSATION = "waiting_conversation"
    DANGER_ALARM = "danger_alarm"
    SCAM_ALARM = "scam_alarm"
    SURGE_ALARM = "surge_alarm"  # more complaints than usual, or many customers about one thing
    EMERGENCY_DECLARED = "emergency_declared"
    DELIVERY_FAILED = "delivery_failed"
    CALL_BACK = "call_back"
    LETTER_TASK = "letter_task"


OPTIONAL: Final = frozenset(
    {
        "agent_contact",
        "agent_name",
        "agent_post",
        "assignee",
        "by_person",
        "hotline",
        "incomplete",
        "known_contact",
        "name",
        "note",
        "person_at",
        "public_url",
        "status_url",
    }
)
"""Values that may be left out everywhere; `by_person`: the words are for a call or a letter, to which nobody can simply reply; those of `_MAY_LACK` only at their occasion."""

_MAY_LACK: Final = {
    Occasion.STATUS_CHANGED: frozenset({"feedback_due"}),
    Occasion.OFFER_WITHDRAWN: frozenset({"finished"}),
    Occasion.MERGED: frozenset({"former"}),
    Occasion.UNMERGED: frozenset({"former", "former_due"}),
    Occasion.DANGER_ALARM: frozenset({"emergency"}),
    Occasion.DELIVERY_FAILED: frozenset({"reference"}),
    Occasion.CALL_BACK: frozenset({"reference"}),
    Occasion.LETTER_TASK: frozenset({"reference"}),
}


log = structlog.get_logger(__name__)


class TextError(Exception):
    """A text needs a value that was not given."""


@dataclass(frozen=True, slots=True)
class Text:
    """One notice. `subject` is a single line."""

    subject: str
    body: str


def render(occasion: Occasion, language: Language, **values: Any) -> Text:
    """What is told at `occasion`. Raises TextError if a value is missing or None that the text can't do without."""
    missing = sorted(needed(occasion, language) - {name for name, value in values.items() if value is not None})
    if missing:
        raise TextError(f"{occasion} in {language} needs {', '.join(missing)}")
    optional = OPTIONAL | _MAY_LACK.get(occasion, frozenset())
    given = dict.fromkeys(optional) | {name: value for name, value in values.items() if value is not None}
    own = _USED.get()
    told = None if own is None else own.filled(occasion, language, given)
    if told is not None:
        return told
    subject, body = (_fill(f"{occasion.value}.{part}", language, given) for part in ("subject", "body"))
    return Text(" ".join(subject.split()), body)


class OwnTexts:
    """The house's own wording, by occasion and language: jinja, as in the catalogue."""

    def __init__(self, wording: Mapping[Occasion, Mapping[Language, Text]]) -> None:
        self.wording = wording
        self.broken: dict[Occasion, str] = {}
        self._environments: dict[Language, Environment] = {}

    def filled(self, occasion: Occasion, language: Language, given: Mapping[str, Any]) -> Text | None:
        """None where the house has no wording of its own, or it can't be filled."""
        if language not in self.wording.get(occasion, {}):
            return None
        try:
            templates = [self._environment(language).get_template(f"{occasion.value}.{part}") for part in PARTS]
            subject, body = (template.render(given).strip() for template in templates)
        except Exception as error:
            if occasion not in self.broken:
                log.error("own_wording_unusable", occasion=occasion.value, language=language.value, why=str(error))
            self.broken[occasion] = f"{language.value}: {error}"
            return None
        return Text(" ".join(subject.split()), body)

    def _environment(self, language: Language) -> Environment:
        if language not in self._environments:
            templates = {
                f"{occasion.value}.{part}": getattr(texts[language], part)
                for occasion, texts in self.wording.items()
                for part in PARTS
                if language in texts
            }
            self._environments[language] = environment_of(templates, language)
        return self._environments[language]


PARTS: Final = ("subject", "body")
NO_OWN: Final = OwnTexts({})
_USED: Final[ContextVar[OwnTexts | None]] = ContextVar("own texts", default=None)


@contextmanager
def using(own: OwnTexts) -> Iterator[None]:
    """While this lasts, `render` in this thread words things as the house has chosen."""
    token = _USED.set(own)
    try:
        yield
    finally:
        _USED.reset(token)


def as_letter(
    text: Text,
    language: Language,
    *,
    house: str,
    name: str | None = None,
    resume: str | None = None,
    resume_until: datetime | None = None,
    status: str | None = None,
    status_until: datetime | None = None,
) -> Text:
    """The same with greeting and signature. Leave out `name` where the address is not proved: a name is a fact.

    `resume` is the link that leads back to a chat, valid until `resume_until`; `status` the one that shows how the case stands.
    """
    given = {"body": text.body, "house": house, "name": name, "resume": resume, "resume_until": resume_until}
    given |= {"status": status, "status_until": status_until}
    body = _fill("letter", language, given)
    return Text(text.subject, body)


def word(group: str, value: str, language: Language) -> str:
    """A `status` or an `outcome` as customers read it."""
    return str(_catalogue(language)["words"][group][value])


def show_day(day: date, language: Language) -> str:
    """`12月2日（星期三）`, `Wednesday 2 December`."""
    formats = _catalogue(language)["formats"]
    return format_date(day, formats["day"], locale=formats["locale"])


def show_moment(moment: datetime, language: Language) -> str:
    """`12月2日（星期三）09:00`, `Wednesday 2 December at 09:00`, in the zone that `moment` carries."""
    if moment.tzinfo is None:
        raise ValueError(f"a time needs its zone: {moment!r}")
    formats = _catalogue(language)["formats"]
    return format_datetime(moment, formats["moment"], tzinfo=moment.tzinfo, locale=formats["locale"])


@cache
def needed(occasion: Occasion, language: Language) -> frozenset[str]:
    """The values that a text can't do without."""
    template = _catalogue(language)["occasions"][occasion.value]
    used = meta.find_undeclared_variables(_environment(language).parse(template["subject"] + template["body"]))
    return frozenset(used) - OPTIONAL - _MAY_LACK.get(occasion, frozenset())


def built_in(occasion: Occasion, language: Language) -> Text:
    """The catalogue's wording, not filled."""
    parts = _catalogue(language)["occasions"][occasion.value]
    return Text(str(parts["subject"]), str(parts["body"]))


@cache
def _catalogue(language: Language) -> dict[str, Any]:
    text = files("gateway.catalogue").joinpath(f"{language.value}.yaml").read_text("utf-8")
    catalogue: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return catalogue


@cache
def _environment(language: Language) -> Environment:
    catalogue = _catalogue(language)
    templates = {
        f"{occasion}.{part}": text for occasion, parts in catalogue["occasions"].items() for part, text in parts.items()
    }
    return environment_of(templates | {"letter": catalogue["letter"]}, language)


def environment_of(templates: Mapping[str, str], language: Language) -> Environment:
    """Templates that see nothing but what they are given, with the manner of a language for days and words."""
    # plain text for chat and mail: escaping is done by whoever shows it in HTML
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = lambda day: show_day(day, language)
    environment.filters["moment"] = lambda moment: show_moment(moment, language)
    environment.filters["word"] = lambda value, group: word(group, value, language)
    return environment


def _fill(name: str, language: Language, values: dict[str, Any]) -> str:
    try:
        return _environment(language).get_template(name).render(values).strip()
    except UndefinedError as error:
        raise TextError(str(error)) from error
