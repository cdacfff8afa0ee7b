"""The script's files: what the engine takes, what it refuses, and how everything in them is worded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from case_store.records import FACT_NAMES, Language
from dialogue.memory import Memory
from dialogue.script import ScriptError, default_script, filled, load_script, placeholders_in
from dialogue.wording import faults

DOMAIN = """
intents: [inform]
slots: {language: {type: text, initial_value: en, mappings: [{type: custom}]}, about: {type: text}}
forms: {a_form: {required_slots: [about]}}
actions: [action_file, action_session_start, {validate_a_form: {send_domain: false}}, action_ask_a_form_about]
responses:
  utter_hello:
  - {condition: [{type: slot, name: language, value: en}], text: "Hello {name}"}
"""
RULES = """
rules:
- rule: a start
  steps: [{intent: inform}, {action: a_form}, {active_loop: a_form}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(domain: str, rules: str) -> Path:
        (tmp_path / "domain").mkdir()
        (tmp_path / "data").mkdir()
        (tmp_path / "domain" / "script.yml").write_text(domain, encoding="utf-8")
        (tmp_path / "data" / "rules.yml").write_text(rules, encoding="utf-8")
        return tmp_path

    return write


def test_a_small_script_is_read(project: Callable[[str, str], Path]) -> None:
    script = load_script(project(DOMAIN, RULES))
    assert script.form == "a_form"
    assert script.required_slots == ("about",)
    assert script.slots["language"] == "en"
    assert [variant.text for variant in script.variants("utter_hello", {"language": "en"})] == ["Hello {name}"]
    assert script.variants("utter_hello", {"language": "zh-Hans"}) == ()
    rule = script.rule_for("inform", None, {})
    assert rule is not None
    assert rule.steps == ("a_form",)


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ("text:", "image:", "'image' is outside the subset"),
        ("type: slot, name: language", "type: intent, name: language", "a condition is on a slot"),
        ("action_ask_a_form_about", "action_ask_about", "the form needs the action 'action_ask_a_form_about'"),
        ("send_domain", "send_all", "'send_all' is outside the subset"),
        ("name: language, value", "name: tongue, value", "the slot 'tongue' is not in the domain"),
        ("actions:", "e2e_actions: []\nactions:", "'e2e_actions' is outside the subset"),
        ("required_slots: [about]", "required_slots: [colour]", "the slot 'colour' is not in the domain"),
        ("forms: {a_form", "forms: {b_form: {required_slots: []}, a_form", "exactly one form"),
        ('text: "Hello {name}"', 'text: "Hello", buttons: [{title: x, payload: "/inform{}"}]', "payload is an intent"),
        ('text: "Hello {name}"', 'text: "Hello", buttons: [{title: x, payload: "/dance"}]', "the intent 'dance'"),
    ],
)
def test_a_domain_outside_the_subset_is_refused_by_name(
    was: str, becomes: str, complaint: str, project: Callable[[str, str], Path]
) -> None:
    assert was in DOMAIN
    with pytest.raises(ScriptError, match=complaint):
        load_script(project(DOMAIN.replace(was, becomes), RULES))


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ("{action: a_form}", "{action: action_dance}", "a start: 'action_dance' is neither an action nor a response"),
        ("{intent: inform}", "{intent: dance}", "a start: the intent 'dance' is not in the domain"),
        ("{intent: inform}", "{or: []}", "'or' is outside the subset"),
        ("{action: a_form}, {active_loop: a_form}", "{action: a_form}, {intent: inform}", "an intent comes first"),
        ("rules:", "stories: []\nrules:", "'stories' is outside the subset"),
        ("rules:", "rules: [", "rules.yml"),
    ],
)
def test_rules_outside_the_subset_are_refused_by_name(
    was: str, becomes: str, complaint: str, project: Callable[[str, str], Path]
) -> None:
    assert was in RULES
    with pytest.raises(ScriptError, match=complaint):
        load_script(project(DOMAIN, RULES.replace(was, becomes)))


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("已改为{x}。", "23,000 元", "已改为 23,000 元。"),
        ("还可以向{x}反映", "热线 12378", "还可以向热线 12378 反映"),
        ("还可以向{x}反映", "金融管理局", "还可以向金融管理局反映"),
        ("Dear {x},", "Ann", "Dear Ann,"),
        ("今天约定就是{x}前", "12月2日（星期三）", "今天约定就是12月2日（星期三）前"),
        ("同事从{x}起回答您", "12月2日（星期三）09:00", "同事从12月2日（星期三）09:00 起回答您"),
        ("登记为{x}。", "2026年11月", "登记为2026年11月。"),
    ],
)
def test_a_figure_keeps_a_blank_from_a_chinese_character_and_a_date_is_one_piece(
    text: str, value: str, result: str
) -> None:
    assert filled(text, {"x": value}) == result


def test_a_placeholder_in_what_a_customer_wrote_is_left_alone() -> None:
    assert filled("A: {x}", {"x": "{y} {x}", "y": "no"}) == "A: {y} {x}"


def every_text() -> list[tuple[str, str, str]]:
    return [
        (name, str(dict(variant.conditions)["language"]), text)
        for name, variants in default_script().responses.items()
        for variant in variants
        for text in (variant.text, *(button.title for button in variant.buttons))
    ]


@pytest.mark.parametrize(("response", "language", "text"), every_text())
def test_every_sentence_keeps_to_chapter_five(response: str, language: str, text: str) -> None:
    assert faults(text, Language(language)) == []


@pytest.mark.parametrize("response", sorted(default_script().responses))
def test_every_response_says_as_much_in_each_language(response: str) -> None:
    variants = default_script().responses[response]
    by_language: dict[str, list[tuple[object, ...]]] = {}
    for variant in variants:
        conditions = dict(variant.conditions)
        language = str(conditions.pop("language"))
        if "dialect" in conditions:
            continue  # Cantonese beside the written Chinese that stands there anyway
        said = (
            sorted(conditions.items()),
            sorted(placeholders_in(variant.text)),
            [button.intent for button in variant.buttons],
            len(re.findall("[?？]", variant.text)),
            sorted(re.findall(r"\d+", re.sub(r"{\w+}", "", variant.text))),
        )
        by_language.setdefault(language, []).append(said)
    assert set(by_language) == {language.value for language in Language}
    if response != "utter_money":  # a currency at home needs fewer words
        assert sorted(map(str, by_language["zh-Hans"])) == sorted(map(str, by_language["zh-Hant"]))
        assert sorted(map(str, by_language["zh-Hans"])) == sorted(map(str, by_language["en"]))


@pytest.mark.parametrize("response", sorted(default_script().responses))
def test_what_is_said_in_cantonese_is_said_in_written_chinese_too(response: str) -> None:
    variants = [
        variant for variant in default_script().responses[response] if dict(variant.conditions)["language"] == "zh-Hant"
    ]
    written = {
        (str(sorted(variant.conditions)), str(sorted(placeholders_in(variant.text))))
        for variant in variants
        if "dialect" not in dict(variant.conditions)
    }
    for variant in variants:
        plain = [condition for condition in variant.conditions if condition[0] != "dialect"]
        assert (str(sorted(plain)), str(sorted(placeholders_in(variant.text)))) in written


# marks of written Chinese that nobody in Hong Kong says; 不過 and 不滿 are said
WRITTEN_CHINESE = re.compile(r"[您這們嗎沒]|的|是|了|不(?![過滿])")


@pytest.mark.parametrize("response", sorted(default_script().responses))
def test_who_writes_cantonese_reads_nothing_but_cantonese(response: str) -> None:
    """One register from the first word to the last: 你, not 您, in the read-back, the sympathy, the mail, the withdrawal."""
    here = [
        variant for variant in default_script().responses[response] if dict(variant.conditions)["language"] == "zh-Hant"
    ]
    spoken = [variant for variant in here if "dialect" in dict(variant.conditions)]
    said = {
        str(sorted(condition for condition in variant.conditions if condition[0] != "dialect")) for variant in spoken
    }
    for variant in here:
        if "dialect" not in dict(variant.conditions) and WRITTEN_CHINESE.search(variant.text):
            assert str(sorted(variant.conditions)) in said, f"no Cantonese for {variant.text}"
    for variant in spoken:
        texts = [variant.text, *(button.title for button in variant.buttons)]
        assert [text for text in texts if WRITTEN_CHINESE.search(text)] == []


@pytest.mark.parametrize("response", sorted(default_script().responses))
def test_written_chinese_is_taiwans_where_hong_kong_understands_it(response: str) -> None:
    for variant in default_script().responses[response]:
        conditions = dict(variant.conditions)
        if conditions["language"] == "zh-Hant" and "dialect" not in conditions:
            assert (
                re.findall(
                    "戶口|職員|紀錄|電郵|信箱|郵箱|網絡|網上|發送|多謝|宗|聯繫|回復|消息|甚麼|搵|令您", variant.text
                )
                == []
            )


def test_what_is_remembered_and_known_are_slots_of_the_script() -> None:
    slots = set(default_script().slots)
    assert set(Memory.__dataclass_fields__) <= slots
    assert set(FACT_NAMES) <= slots
    assert set(default_script().required_slots) == {*FACT_NAMES, "confirmed"}
