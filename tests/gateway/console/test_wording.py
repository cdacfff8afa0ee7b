"""The console's words: the same keys in every language, a word for everything the modules ask for, and none of them elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Any

import pytest

from case_store.records import (
    Category,
    ChannelName,
    Disposition,
    Language,
    Outcome,
    Owner,
    Risk,
    Role,
    Sender,
    Status,
)
from gateway.choosing import Because, Lack, Nobody
from gateway.console.wording import catalogue, closest


def keys(words: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in words.items():
        if isinstance(value, Mapping):
            yield from keys(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def text(words: Mapping[str, Any], key: str) -> Any:
    for name in key.split("."):
        words = words[name]
    return words


def modules() -> dict[str, str]:
    folder = files("gateway.console").joinpath("static")
    return {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".js")}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_keys_and_places(language: Language) -> None:
    mine, english = catalogue(language), catalogue(Language.EN)
    assert sorted(keys(mine)) == sorted(keys(english))
    for key in keys(english):
        told = text(mine, key)
        assert isinstance(told, str), key
        assert told.strip(), key
        assert set(re.findall(r"\{(\w+)\}", told)) == set(re.findall(r"\{(\w+)\}", text(english, key))), key


def test_everything_that_the_modules_say_is_in_the_catalogue() -> None:
    known, groups = set(keys(catalogue(Language.EN))), set(catalogue(Language.EN))
    for name, source in modules().items():
        for key in re.findall(r'\bt\(\s*"([^"]+)"', source):
            assert key in known, f"{name} says {key}"
        for key in re.findall(rf'"((?:{"|".join(groups)})\.[a-z_.]+)"', source):
            assert key in known or key.endswith((".js", ".css")), f"{name} names {key}"
        for key in re.findall(r'\bw\("([a-z_.]+)"', source):
            assert f"supervise_figures.{key}" in known, f"{name} says {key}"
        for group in re.findall(r'\bterm\(\s*"([^"]+)"', source):
            assert group in groups, f"{name} asks for a word of {group}"


@pytest.mark.parametrize("name", sorted(modules()))
def test_no_module_holds_words_or_makes_markup_of_text(name: str) -> None:
    code = re.sub(r"(?m)//.*$|/\*.*?\*/", "", modules()[name])
    if name not in ("sign-in.js", "console.js"):  # the mark
        assert not re.search("[\u4e00-\u9fff]", code)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b", code
    )


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("channels", ChannelName),
        ("owner", Owner),
        ("sender", Sender),
        ("status", Status),
        ("outcome", Outcome),
        ("category", Category),
        ("risk", Risk),
        ("disposition", Disposition),
        ("role", Role),
        ("languages", Language),
        ("lacks", Lack),
        ("because", Because),
        ("unassigned", Nobody),
    ],
)
def test_every_value_of_the_vocabulary_has_its_word(group: str, values: type[StrEnum]) -> None:
    assert set(catalogue(Language.EN)[group]) >= {value.value for value in values}


def test_no_reason_of_the_judgement_is_shown_as_a_code() -> None:
    import tomllib

    terms = tomllib.loads(files("dialogue").joinpath("triage_terms.toml").read_text("utf-8"))
    groups = [name.partition(".") for name in terms]
    reasons = {reason for group, _, reason in groups if group not in ("contradiction",)}
    assert reasons - set(catalogue(Language.EN)["reasons"]) == set()


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", Language.HANS),
        ("zh_SG", Language.HANS),
        ("zh-TW", Language.HANT),
        ("zh-Hant-HK", Language.HANT),
        ("yue", Language.HANT),
        ("en-GB", Language.EN),
        ("fr", None),
        ("", None),
    ],
)
def test_tags_of_browsers(tag: str, language: Language | None) -> None:
    assert closest(tag) is language
