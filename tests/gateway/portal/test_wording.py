"""The catalogues: same keys, same values to fill in, chapter five, one script each; and who reads which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from case_store.records import Language, Status
from dialogue.wording import faults
from gateway.portal.wording import catalogue, closest, language_of

# a link to another language is written in that language, an example or a brand's name in its own letters
NOT_PROSE = {"language", "region"}


def sentences(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(words, dict):
        for name, part in words.items():
            yield from sentences(part, f"{path}.{name}" if path else str(name))
    elif isinstance(words, list):
        for number, part in enumerate(words):
            yield from sentences(part, f"{path}.{number}")
    else:
        yield path, words


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_texts_with_the_same_values(language: Language) -> None:
    def shape(of: Language) -> dict[str, list[str]]:
        return {path: sorted(re.findall(r"{\w+}", text)) for path, text in sentences(catalogue(of))}

    assert shape(language) == shape(Language.HANS)


@pytest.mark.parametrize("language", Language)
def test_no_text_is_vague_loud_blaming_or_in_another_script(language: Language) -> None:
    wrong = {path: faults(text, language) for path, text in sentences(catalogue(language)) if path not in NOT_PROSE}
    assert {path: found for path, found in wrong.items() if found} == {}


def test_the_texts_are_really_judged() -> None:
    assert faults("我们会尽快处理", Language.HANS)


@pytest.mark.parametrize("language", Language)
def test_every_status_has_a_word(language: Language) -> None:
    assert set(catalogue(language)["status"]["words"]) == {status.value for status in Status}


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", Language.HANS),
        ("zh", Language.HANS),
        ("zh-Hans-HK", Language.HANS),
        ("zh_TW", Language.HANT),
        ("zh-hk", Language.HANT),
        ("yue-Hant-HK", Language.HANT),
        ("en-GB", Language.EN),
        ("EN", Language.EN),
        ("fr", None),
        ("english", None),
        ("", None),
    ],
)
def test_closest_language(tag: str, language: Language | None) -> None:
    assert closest(tag) is language


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/?lang=en", {"Cookie": "lang=zh-Hant", "Accept-Language": "zh-CN"}, Language.EN),
        ("/?lang=klingon", {"Cookie": "lang=zh-Hant", "Accept-Language": "en"}, Language.HANT),
        ("/", {"Accept-Language": "fr-FR, en;q=0.5, zh-TW;q=0.9"}, Language.HANT),
        ("/", {"Accept-Language": "en;q=0, zh-CN;q=0.1"}, Language.HANS),
        ("/", {"Accept-Language": "en;q=much, zh-HK"}, Language.HANT),
        ("/", {"Accept-Language": "fr"}, Language.EN),
        ("/", {}, Language.EN),
    ],
)
def test_the_visitors_choice_goes_before_the_browsers_and_the_houses(
    path: str, headers: dict[str, str], language: Language
) -> None:
    assert language_of(make_mocked_request("GET", path, headers=headers), Language.EN) is language
