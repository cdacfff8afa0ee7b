"""The embedded engine: laws that hold for any conversation. Whole conversations stand in conversations/."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_store.records import ChannelName, Draft, Facts, Language
from dialogue.embedded import EmbeddedEngine
from dialogue.script import ScriptError, default_script
from dialogue.turn import CallPerson, FileCase
from tests.dialogue.sympathies import ways_in

Talk = Callable[..., Any]

PARTS = {
    "story": "信用卡被多扣了手续费，柜台解释不清",
    "occurred_on": "是上个月15号的事",
    "amount": "一共3500元",
    "desired_outcome": "我要求退还手续费",
    "who": "我叫李雷，手机13812345678",
}
ANYTHING = [
    *PARTS.values(),
    "你好",
    "不知道",
    "不想说",
    "对",
    "不对",
    "是3600元",
    "为什么要我的电话",
    "要多久",
    "谢谢",
    "我的投诉怎么样了",
    "撤回投诉",
    "我还有一件事要投诉",
    "/restart",
    "asdf",
    "…",
    "太气人了，等了三个小时没人理",
    "I want my money back",
    "唔該快啲",
]
LAX = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAX
@given(order=st.permutations(list(PARTS.values())))
def test_facts_in_any_order_lead_to_a_registered_complaint(order: list[str], talk: Talk) -> None:
    heard = talk()
    for line in order:
        heard.say(line)
    for _ in range(6):
        if heard.asks == ("confirm",):
            break
        heard.say("不知道")
    heard.say("对")
    assert [act for act in heard.acts if isinstance(act, FileCase)] == [FileCase()]
    facts = heard.facts.to_json()
    assert facts["amount"] == {"value": "3500.00", "currency": "CNY"}
    assert (facts["occurred_on"], facts["name"], facts["contact"]) == ("2026-10-15", "李雷", "+8613812345678")


@LAX
@given(lines=st.lists(st.sampled_from(ANYTHING), min_size=1, max_size=14))
def test_whatever_is_said(lines: list[str], talk: Talk) -> None:
    """Never silent in a chat; never asks for what is known; no sympathy twice; state small, plain and kept by JSON."""
    heard = talk()
    sympathy: list[str] = []
    for line in lines:
        turn = heard.next_turn(line)
        answer = heard.engine.turn(turn)
        assert heard.engine.turn(turn) == answer, "the same turn gives the same answer"
        heard.say(line)
        assert answer.says, line
        known = {*answer.draft.facts.known(), *answer.draft.words, *answer.draft.declined}
        assert not known.intersection(heard.asks), (line, heard.asks)
        assert json.loads(json.dumps(answer.state)) == answer.state
        assert len(json.dumps(answer.state)) < 2_000
        sympathy += ways_in(answer.says[0].text)
        assert not re.search(r"{[a-z_]+}", answer.says[0].text), "an unfilled placeholder"
    assert len(sympathy) == len(set(sympathy))


@LAX
@given(lines=st.lists(st.sampled_from(ANYTHING), min_size=1, max_size=8), at=st.integers(0, 8))
def test_a_person_can_be_had_at_any_moment(lines: list[str], at: int, talk: Talk) -> None:
    heard = talk()
    for line in lines[:at]:
        heard.say(line)
    answer = heard.say("转人工")
    assert CallPerson("asked") in answer.acts
    assert heard.asks == ()


@pytest.mark.parametrize(
    ("locale", "story", "answer"),
    [
        ("zh-Hans", "信用卡被多扣了手续费，柜台解释不清", "嗯"),
        ("zh-Hant", "信用卡被多扣了手續費，櫃檯解釋不清", "嗯"),
        ("en", "You charged me a fee and nobody at the counter could explain it", "hm"),
    ],
)
def test_asked_again_in_other_words_and_given_up_after_two_tries(
    locale: str, story: str, answer: str, talk: Talk
) -> None:
    heard = talk(locale=locale)
    heard.say(story)
    asked = []
    while "occurred_on" in heard.asks and len(asked) < 9:
        asked.append(heard.text.splitlines()[-1])
        heard.say(
            "就是那个柜台的那个人说的那句话不对" if locale != "en" else "the one at the counter said so to me then"
        )
    assert len(asked) == 2
    assert all(first != second for first, second in pairwise(asked))


def test_a_long_conversation_stays_small(talk: Talk) -> None:
    heard = talk()
    sizes = []
    for turn in range(150):
        heard.say(f"第{turn}天，柜台的人还是让我再等等，说总行没有批下来")
        sizes.append(len(json.dumps(heard.state)))
    assert sizes[-1] <= sizes[20] + 40
    assert len(heard.facts.what_happened or "") <= 6_000


def test_an_agents_correction_is_kept(talk: Talk) -> None:
    heard = talk()
    heard.say("信用卡被多扣了手续费3500元，上个月15号")
    corrected = Draft(heard.facts.filled_from(heard.facts), declined=frozenset({"name", "contact"}))
    heard.draft = corrected
    heard.say("退款")
    assert heard.asks == ("confirm",)
    assert heard.draft.declined == {"name", "contact"}


def test_a_form_brings_its_facts_with_it(talk: Talk) -> None:
    given = Facts(name="江敏", contact="jiang@example.org", what_happened="柜台多收了我手续费，说不清原因")
    heard = talk(pace="letter", channel=ChannelName.WEBFORM, draft=Draft(given))
    answer = heard.say("柜台多收了我手续费，说不清原因")
    assert answer.acts == (FileCase(incomplete=True),)
    assert set(heard.asks).isdisjoint({"name", "contact", "what_happened"})
    assert answer.judgement is not None
    assert answer.draft.facts.name == "江敏"


def test_the_notice_comes_before_the_first_word_unless_it_was_shown(talk: Talk) -> None:
    first = talk(state={})
    first.say("你好")
    assert first.text.startswith("隐私提示。")
    assert first.state["notice_shown"] == "2026-1"
    first.say("信用卡被多扣了手续费3500元")
    assert "隐私提示" not in first.text


def test_an_action_that_is_written_nowhere_is_refused() -> None:
    script = default_script()
    strange = replace(script, actions=script.actions | {"action_dance"})
    with pytest.raises(ScriptError, match="action_dance"):
        EmbeddedEngine(strange, lambda *_, **__: None, lambda *_, **__: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("language", list(Language))
def test_everything_in_a_turn_is_in_one_language(language: Language, talk: Talk) -> None:
    heard = talk(locale=language.value)
    heard.say("...")
    han = re.search(r"[\u4e00-\u9fff]", heard.text) is not None
    assert han == (language is not Language.EN)
