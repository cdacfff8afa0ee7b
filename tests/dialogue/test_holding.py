"""Who holds a complaint back at the read-back: nothing is registered until it is ordered, and nothing is taken back or wished for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogue.turn import FileCase
from dialogue.understanding.holding import holds_back, lets_go
from tests.dialogue.answers import _at_the_read_back, _begun
from tests.dialogue.conftest import Conversation
from tests.dialogue.houses import NOW

HOLDS = [
    ("GB", "I'm not sure I want this on record"),
    ("GB", "not yet please, I need to ask my son"),
    ("GB", "Wait, I haven't said everything"),
    ("GB", "no need to register it yet, I'm scared"),
    ("GB", "hold off until I've spoken to my wife"),
    ("GB", "please don't send it yet"),
    ("GB", "let me sleep on it"),
    ("GB", "hang on"),
    ("CN", "先别登记"),
    ("CN", "不要登记！我先问问我老公"),
    ("CN", "等我想好了再说"),
    ("CN", "我再考虑考虑"),
    ("CN", "先不提交，跟儿子商量一下"),
    ("CN", "慢着"),
    ("HK", "咪住先，唔好登記"),
    ("HK", "我要問下老公先"),
    ("HK", "未諗好"),
    ("TW", "先不要送出"),
    ("TW", "我還沒說完"),
]
SOUNDS = {"GB": ["ok", "fine", "yes", "ok so", "alright then"], "CN": ["好", "好的", "嗯", "对", "行"], "HK": ["好", "啱", "得"], "TW": ["好", "對", "嗯"]}  # fmt: skip
ORDERS = {
    "GB": ["register it", "ok register it now", "yes, it's right now", "go ahead"],
    "CN": ["登记吧", "好，他说登记", "想好了，登记", "现在都对了"],
    "HK": ["登記啦", "而家登記"],
    "TW": ["送出吧", "現在登記"],
}


def at_the_read_back(region: str) -> Conversation:
    talk = _begun(region)
    talk.state, talk.draft = _at_the_read_back(region)
    return talk


def is_filed(talk: Conversation, said: str) -> bool:
    return any(isinstance(act, FileCase) for act in talk.say(said).acts)


@pytest.mark.parametrize(("region", "said"), HOLDS)
def test_what_is_held_back_is_not_registered_by_a_sound_of_listening(region: str, said: str) -> None:
    for sound in SOUNDS[region]:
        talk = at_the_read_back(region)
        before = talk.draft
        (heard,) = talk.say(said).says
        assert heard.response.split("+")[-1] == "utter_held"  # a word on fear may go before it
        assert talk.draft.facts == before.facts
        assert talk.state.get("pending") is None
        assert not is_filed(talk, sound), sound


@pytest.mark.parametrize(("region", "said"), [(region, said) for region, said in HOLDS if holds_back(said)])
def test_it_is_not_registered_either_when_the_conversation_goes_to_somebody_who_comes_later(
    region: str, said: str
) -> None:
    talk = at_the_read_back(region)
    talk.person_at = NOW + timedelta(days=3)
    talk.say(said)
    assert not any(is_filed(talk, sound) for sound in SOUNDS[region][:1] * 10)


@pytest.mark.parametrize(
    ("region", "said"),
    [("TW", "對，不要了，謝謝"), ("CN", "嗯，算了，谢谢"), ("HK", "係，唔要喇，唔該"), ("GB", "yes, don't bother, thanks"), ("GB", "right, never mind")],
)  # fmt: skip
def test_who_held_it_back_and_has_had_enough_is_asked_whether_to_take_it_back(region: str, said: str) -> None:
    talk = at_the_read_back(region)
    talk.say(next(said for where, said in HOLDS if where == region))
    talk.say(said)
    assert talk.state.get("pending") == "withdraw"


@pytest.mark.parametrize(("region", "order"), [(region, order) for region in ORDERS for order in ORDERS[region]])
def test_an_order_registers_what_was_held_back(region: str, order: str) -> None:
    talk = at_the_read_back(region)
    talk.say(next(said for where, said in HOLDS if where == region))
    assert is_filed(talk, order)


@pytest.mark.parametrize(
    ("region", "said"),
    [("GB", "I'd rather not go ahead"), ("CN", "勿要登记了，搞错了"), ("CN", "还是别登记了吧"), ("GB", "No, don't register this")],
)  # fmt: skip
def test_who_wants_none_of_it_is_asked_whether_to_take_it_back(region: str, said: str) -> None:
    talk = at_the_read_back(region)
    before = talk.draft
    talk.say(said)
    assert (talk.state.get("pending"), talk.draft.facts) == ("withdraw", before.facts)
    talk.say("先等等，我再想想" if region == "CN" else "not yet, let me think about it")
    assert not is_filed(talk, "好" if region == "CN" else "ok")


def test_what_is_put_right_beside_holding_back_stays_held() -> None:
    talk = at_the_read_back("GB")
    talk.say("not yet, it was £89 not £86, and I need to ask my son")
    assert str(talk.draft.facts.amount.value) == "89.00"  # type: ignore[union-attr]
    assert not is_filed(talk, "ok")


def test_what_is_told_after_holding_back_is_asked_anew() -> None:
    talk = at_the_read_back("GB")
    talk.say("Wait, I haven't said everything")
    talk.say("The manager was rude as well")
    assert is_filed(talk, "yes")


@pytest.mark.parametrize("said", ["they have not yet refunded me", "I had to wait for an hour", "他们还没登记我的申请", "cancel it", "撤了吧", "ok", "登记吧"])  # fmt: skip
def test_what_holds_nothing_back(said: str) -> None:
    assert not holds_back(said)


@pytest.mark.parametrize(
    "said", ["ok", "fine", "yes", "好", "嗯", "对", "can I register it later?", "先别登记", "不要送出"]
)
def test_what_lets_nothing_go(said: str) -> None:
    assert not lets_go(said)
