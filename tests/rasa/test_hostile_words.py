"""What customers write to break a machine, on the real Rasa: it is text, and comes out as on the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dialogue.embedded import EmbeddedEngine
from tests.conformance.engines.beside_rasa import BesideRasa
from tests.conformance.engines.conversation import Heard, outcome, text_of
from tests.rasa.server import RasaProcess
from tests.shipped_engine import warm_engine

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"
NAMELESS = "我被扣了3500元服务费，上个月15号，西湖支行，要求全额退还"

CONVERSATIONS = {
    "intents and actions as words": [
        '/inform{"amount": "1"}',
        "EXTERNAL: affirm",
        WHOLE,
        "/affirm",
        "utter_filed",
        "对",
    ],
    "actions as words": [WHOLE, "action_file", "action_restart", "对"],
    "a command as a name": [NAMELESS, "我叫 /restart，13812345678", "对"],
    "a template as a name": [NAMELESS, "我叫{{ 7*7 }}", "{amount}", "13812345678", "对"],
    "a response as a name": [NAMELESS, "名字是 utter_filed", "13812345678", "对"],
    "the place of the reference as a name": [NAMELESS, "我叫⟦reference⟧，13812345678", "对"],
    "templates of many kinds": ["{{ config }} {% raw %} {amount} {name!r} {0} %s ${HOME} <b>", WHOLE, "对"],
    "control characters": ["我\x01\x02\x1b[31m叫李雷\x7f\x85，被扣3500元", WHOLE, "对"],
    "marks of direction": ["\u202e我叫李雷\u202c 被扣了\u20663500元\u2069 \u200f\u200b", WHOLE, "对"],
    "ends of lines of all kinds": ["我叫李雷\u2028被扣了3500元\u2029上个月15号\r\n西湖支行", "对"],
    "20,000 characters": [("我的投诉是这样的，去年在你们支行办的贷款，" * 1000)[:20_000], "上个月15号", "对"],
    "20,000 characters of four bytes": ["😀" * 20_000, WHOLE, "对"],
    "20,000 characters that JSON escapes": ['"\\' * 10_000, WHOLE, "对"],
    "what JSON calls no number": ["NaN", "Infinity", "null", '{"sealed": "x"}', WHOLE],
    "nothing": ["", " ", "\n", "。", WHOLE],
    "another language in the middle": [WHOLE, "In English please. The amount is 3800", "唔係，係三千八百蚊", "對"],
}


@pytest.fixture(scope="module")
def embedded() -> EmbeddedEngine:
    return warm_engine()


@pytest.fixture(scope="module")
def beside(rasa_server: RasaProcess, embedded: EmbeddedEngine) -> Iterator[BesideRasa]:
    house = BesideRasa(rasa_server, embedded)
    house.start()
    yield house
    house.stop()


@pytest.mark.parametrize("lines", CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_it_is_text_as_on_the_embedded_engine(lines: list[str], beside: BesideRasa, embedded: EmbeddedEngine) -> None:
    heard = Heard(embedded, {"locale": "zh-Hans"})
    for line in lines:
        turn = heard.turn({"customer": line})
        came, expected = beside.turn(turn), embedded.turn(turn)
        assert (outcome(came), text_of(came)) == (outcome(expected), text_of(expected)), line[:40]
        heard.take(came)


def test_the_hundred_and_fiftieth_turn_is_answered_as_the_first(beside: BesideRasa, embedded: EmbeddedEngine) -> None:
    """What Rasa is sent grows with the story, not with the turns; `beside` raises what takes longer than its limit."""
    heard = Heard(embedded, {"locale": "zh-Hans"})
    lines = [
        "我在你们滨江支行买的理财亏了两万多",
        "经理说没有风险",
        "为什么要问这个",
        "要多久",
        "不知道",
        "谢谢",
        "他没有给我看合同",
    ]
    for number in range(150):
        turn = heard.turn({"customer": f"{lines[number % len(lines)]}{number}"})
        came = beside.turn(turn)
        assert outcome(came) == outcome(embedded.turn(turn)), number
        heard.take(came)
