"""Hints for an agent who writes: which words, where, and what would be better, in the agent's language."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from case_store.records import Language
from dialogue.hints import MOST, hints
from tests.yamls import from_yaml

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (HANS, "我们会尽快答复您。", [("vague_time", "尽快")]),
        (HANT, "我哋會儘快覆您。", [("vague_time", "儘快")]),
        (EN, "We will come back to you shortly.", [("vague_time", "shortly")]),
        (HANS, "您应该看清合同。", [("blame", "您应该")]),
        (EN, "You failed to read the terms.", [("blame", "You failed")]),
        (HANT, "請放心，我們會退款。", [("promised_outcome", "放心"), ("promised_outcome", "會退款")]),
        (EN, "We guarantee it.", [("promised_outcome", "guarantee")]),
        (HANS, "这是我们的错。", [("admitted_fault", "是我们的错")]),
        (EN, "It was our mistake.", [("admitted_fault", "our mistake")]),
        (HANS, "这笔账已冲正。", [("jargon", "冲正")]),
        (HANT, "已為您沖正，T+1入帳。", [("jargon", "沖正"), ("jargon", "T+1")]),
        (EN, "A chargeback was raised.", [("jargon", "chargeback")]),
        (HANS, "收到了！", [("raised_voice", "！")]),
        (EN, "PLEASE WAIT for our letter.", [("raised_voice", "PLEASE WAIT")]),
        (HANT, "請留意短信。", [("word_of_another_place", "短信")]),
        (HANS, "我们會在12月2日前答复。", [("other_script", "會在")]),
        (HANT, "我們会在12月2日前答覆。", [("other_script", "会在")]),
        (HANS, "We will write to you by 2 December.", [("other_language", "We will write to you by 2 December.")]),
        (EN, "我们会在12月2日前给您书面答复。", [("other_language", "我们会在12月2日前给您书面答复。")]),
        (HANS, "长" * 71 + "。", [("long_sentence", "长" * 60 + "…")]),
        (EN, " ".join(["word"] * 36) + ".", [("long_sentence", ("word " * 12)[:60] + "…")]),
        (
            HANS,
            "我们在12月2日前书面答复，涉及35,000元。\nWe will write to you by 3 December about the 35,000 yuan.",
            [("unequal_translations", "2"), ("unequal_translations", "3")],
        ),
        (
            HANT,
            "我們收到您的投訴，正在核對交易記錄和錄音，12月2日前書面答覆您結果和依據，補充材料可在此提交。\nWe will answer by 2/12 in writing.",
            [("unequal_translations", "We will answer by 2/12 in writing.")],
        ),
    ],
)
def test_what_is_hinted_at(language: Language, text: str, found: list[tuple[str, str]]) -> None:
    told = hints(text, language)
    assert [(hint.code, hint.words) for hint in told] == found
    for hint in told:
        assert text[hint.start : hint.end].startswith(hint.words.removesuffix("…"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (HANS, "江女士，您说的这笔两万三千元，我们已调出购买记录，12月2日（星期三）前书面答复您，说明结果和依据。"),
        (HANT, "陳先生，年費1,800元的收費記錄已調出，12月2日前書面答覆您。"),
        (EN, "Dear Mr Reyes, we are checking the branch's record of your visit and will write to you by 2 December."),
        (
            HANS,
            "您好，金额 35,000 元，12 月 2 日前答复。\nHello, this is about 35,000 yuan; we will answer by 2 December.",
        ),
        (HANS, "您的 iPhone 银行 App 版本是多少？"),
        (EN, "Your name is recorded as 江敏; is that right?"),
        (HANS, ""),
        (EN, "   \n"),
    ],
)
def test_what_passes(language: Language, text: str) -> None:
    assert [hint for hint in hints(text, language) if hint.code != "other_script"] == []


@pytest.mark.parametrize("reader", Language)
def test_a_hint_is_told_in_the_agents_language_whatever_the_customers(reader: Language) -> None:
    (hint,) = hints("我们会尽快答复您。", HANS, reader)
    is_chinese = re.search("[\u4e00-\u9fff]", hint.why + hint.better) is not None
    assert is_chinese == (reader is not EN)
    assert hint.better.endswith((".", "。"))


def test_a_jargon_hint_says_what_a_customer_would_say() -> None:
    (hint,) = hints("这笔账已冲正。", HANS, EN)
    assert hint.better == "You could write: 把记错的这笔账改回来"


def test_many_faults_give_a_few_hints_in_the_order_of_the_text() -> None:
    told = hints("尽快！" * 50, HANS)
    assert len(told) == MOST
    assert [hint.start for hint in told] == sorted(hint.start for hint in told)


def test_positions_count_characters_also_beside_what_takes_two_units() -> None:
    text = "😀😀 我们会尽快答复。"
    (hint,) = hints(text, HANS)
    assert text[hint.start : hint.end] == "尽快"


def test_every_rule_and_every_hint_has_words_in_three_languages() -> None:
    data: Any = from_yaml(files("dialogue").joinpath("hints.yml").read_text("utf-8"))
    for code, told in data["hints"].items():
        for part in ("why", "better"):
            assert set(told[part]) == {language.value for language in Language}, code
            assert len({("{plain}" in words) for words in told[part].values()}) == 1, code
    rules: Any = from_yaml(files("dialogue").joinpath("wording.yml").read_text("utf-8"))
    assert set(rules["jargon"]) == {language.value for language in Language}
