"""Every sentence of ours that a customer can read, wherever it is kept: (where, language, whether Cantonese, text)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from case_store.records import Language
from dialogue.script import default_script
from gateway.policy import load_policy
from tests.yamls import from_yaml

FOR_STAFF: Final = ("deadline_near", "deadline_overdue", "settlement_near", "settlement_overdue", "waiting_conversation", "danger_alarm", "scam_alarm", "surge_alarm", "emergency_declared", "delivery_failed", "call_back", "letter_task")  # fmt: skip
ON_PAPER_FOR_CUSTOMERS: Final = ("none", "facts", "channel", "purpose", "receipt", "letter", "settlement")
NOT_PROSE: Final = ("language", "region")
TEMPLATE: Final = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


class Sentence(NamedTuple):
    where: str
    language: Language
    cantonese: bool
    text: str

    def __str__(self) -> str:
        return f"{self.where} {self.language.value}{' yue' if self.cantonese else ''}"


def every_sentence() -> tuple[Sentence, ...]:
    return (
        *of_the_script(),
        *of_the_catalogue(),
        *of_the_papers(),
        *of_the_pages(),
        *of_messengers(),
        *of_policies(),
        *of_canned_replies(),
    )


def of_the_script() -> Iterator[Sentence]:
    for name, variants in default_script().responses.items():
        for number, variant in enumerate(variants):
            conditions = dict(variant.conditions)
            for text in (variant.text, *(button.title for button in variant.buttons)):
                yield Sentence(
                    f"script {name} {number}", Language(conditions["language"]), "dialect" in conditions, text
                )


def of_the_catalogue() -> Iterator[Sentence]:
    """Templates with all their branches: what is put in stands as one letter, so that a length is still a length."""
    for language in Language:
        whole = _read("gateway.catalogue", f"{language.value}.yaml")
        for occasion, entry in whole["occasions"].items():
            if occasion not in FOR_STAFF:
                for part, text in entry.items():
                    yield Sentence(f"catalogue {occasion} {part}", language, False, TEMPLATE.sub(_shown, text))
        yield from _spread("catalogue words", language, whole["words"])


def of_the_papers() -> Iterator[Sentence]:
    for language in Language:
        whole = _read("gateway.catalogue", f"paper.{language.value}.yaml")
        yield from _spread("paper", language, {name: whole[name] for name in ON_PAPER_FOR_CUSTOMERS})


def of_the_pages() -> Iterator[Sentence]:
    """The portal, its forms and errors, the chat and the widget."""
    for language in Language:
        whole = _read("gateway.portal", f"texts/{language.value}.yml")
        yield from _spread("page", language, {name: part for name, part in whole.items() if name not in NOT_PROSE})


def of_messengers() -> Iterator[Sentence]:
    for name, by_language in _read("channels.telegram", "words.yml").items():
        for language in Language:
            yield Sentence(f"messenger {name}", language, False, by_language[language.value])


def of_canned_replies() -> Iterator[Sentence]:
    """The starter set; its fields are values."""
    for key, one in _read("gateway.catalogue", "canned.yaml")["starters"].items():
        for language in Language:
            yield Sentence(f"canned {key}", language, False, one["texts"][language.value])


def of_policies() -> Iterator[Sentence]:
    for name in ("default", "hong-kong", "taiwan"):
        path = None if name == "default" else Path(str(files("gateway.policies"))) / f"{name}.toml"
        policy = load_policy(path)
        house = policy.house()
        for language in Language:
            said = {
                "name": house.name[language],
                "next_authorities": house.next_authorities[language],
                "emergency": house.emergency[language],
                "privacy": house.privacy_notice[language],
                "channels": list(policy.institution.channels[language]),
            }
            yield from _spread(f"policy {name}", language, said)


def _spread(where: str, language: Language, words: Any) -> Iterator[Sentence]:
    if isinstance(words, dict):
        for name, part in words.items():
            yield from _spread(f"{where} {name}", language, part)
    elif isinstance(words, list):
        for number, part in enumerate(words):
            yield from _spread(f"{where} {number}", language, part)
    else:
        yield Sentence(where, language, False, str(words))


def _shown(found: re.Match[str]) -> str:
    return "x" if found[0].startswith("{{") else ""


def _read(package: str, path: str) -> dict[str, Any]:
    data: dict[str, Any] = from_yaml(files(package).joinpath(path).read_text("utf-8"))
    return data
