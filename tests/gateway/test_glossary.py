"""One glossary: each place reads its own terms of finance, and Traditional Chinese one word for one thing."""

from __future__ import annotations

from importlib.resources import files

import pytest

from case_store.records import Language
from dialogue.glossary import everyday, strangers, terms
from gateway.console.wording import rooms

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN
TEXTS = [
    ("gateway.portal", "texts/zh-Hant.yml"),
    ("gateway.console", "texts/zh-Hant.yml"),
    ("gateway", "catalogue/zh-Hant.yaml"),
    ("gateway", "catalogue/paper.zh-Hant.yaml"),
    *(("gateway.console", f"texts/rooms/{room}.zh-Hant.yml") for room in rooms()),
]


@pytest.mark.parametrize(("package", "path"), TEXTS)
def test_one_word_for_one_thing(package: str, path: str) -> None:
    text = files(package).joinpath(path).read_text("utf-8")
    found = {wrong: right for wrong, right in everyday().items() if wrong in text}
    assert found == {}, "write the word on the right instead"


def test_the_glossary_has_every_term_once_in_every_place() -> None:
    assert len(terms()) >= 60
    for place in ("zh-Hans", "zh-Hant", "en"):
        words = [term.words[place] for term in terms()]
        assert sorted(set(words)) == sorted(words), place
    for term in terms():
        assert set(term.words) == {"zh-Hans", "zh-Hant", "yue", "en"}


@pytest.mark.parametrize("place", [HANS, HANT, EN])
def test_a_place_is_no_stranger_to_its_own_terms(place: Language) -> None:
    for term in terms():
        assert strangers(term.words[place.value], place) == {}
        assert strangers(term.words["yue"], HANT, cantonese=True) == {}


@pytest.mark.parametrize(
    ("language", "cantonese", "text", "found"),
    [
        (HANT, False, "您可以到任何網點找理財經理。", {"網點": "分行", "理財經理": "理財專員"}),
        (HANS, False, "請找理财专员办理。", {"理财专员": "理财经理"}),
        (HANT, False, "請查看您的賬戶。", {"賬戶": "帳戶"}),
        (HANT, False, "請留下戶口號碼。", {"戶口號碼": "帳號"}),
        (HANT, True, "你個帳戶入面", {"帳戶": "戶口"}),
        (HANT, True, "短信已經收到", {"短信": "短訊"}),
        (HANS, False, "简讯已收到。", {"简讯": "短信"}),
        (EN, False, "Your e-mail about the home loan has arrived.", {"home loan": "mortgage", "e-mail": "email"}),
        (EN, False, "The Verification Code is on its way.", {"verification code": "one-time code"}),
    ],
)
def test_another_places_term_is_found(language: Language, cantonese: bool, text: str, found: dict[str, str]) -> None:
    assert strangers(text, language, cantonese=cantonese) == found


@pytest.mark.parametrize(
    ("language", "cantonese", "text"),
    [
        (HANS, False, "上海分行的理财经理说，结构性存款到期可以赎回，手续费不收。"),
        (HANT, False, "分行的理財專員說，基金可以贖回，手續費已從帳戶扣款。"),
        (HANT, True, "分行嘅客戶經理話，個戶口過數唔使手續費。"),
        (EN, False, "The relationship manager at the branch said that redemption is free of any fee."),
        (EN, False, "Wireless banking, a stocky clerk: a word inside another is none."),
    ],
)
def test_ones_own_terms_pass(language: Language, cantonese: bool, text: str) -> None:
    assert strangers(text, language, cantonese=cantonese) == {}
