"""Who waits for a person is answered what works in any state, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dialogue import waiting
from dialogue.turn import CallPerson, CustomerMessage, WithdrawCase

Talk = Callable[..., Any]

STORIES = {
    "zh-Hans": "11月3日南京路支行多扣我手续费300元，没人解释，要求退款。我叫陈强，chenq@example.org",
    "zh-Hant": "11月3日信義分行多扣我手續費300元，沒人解釋，要求退款。我叫陳強，chenq@example.org",
    "en": "The Leeds branch charged me a £300 fee on 3 November and nobody could explain it. I want a refund. My name is Sam Poe, sam@example.org",
}
ANSWERED = [
    *(("zh-Hans", said) for said in ("算了，我撤回投诉。", "我的投诉怎么样了", "叫你们经理给我打电话！", "你们保存了我哪些信息", "什么时候答复我", "我不想活了")),
    *(("zh-Hant", said) for said in ("我想撤回投訴", "我的案子現在怎麼樣了？", "幾時有人覆我？", "我要真人", "你哋有我咩資料", "企咗喺天台")),
    *(("en", said) for said in ("I withdraw my complaint.", "any news?", "When will somebody get back to me?", "get me a manager", "what data do you hold about me", "I'm standing on a bridge")),
]  # fmt: skip
LEFT = [
    *(("zh-Hans", said) for said in ("好的", "我在等", "合同是蓝色封面的那份", "对", "谢谢")),
    *(("zh-Hant", said) for said in ("好", "我等緊", "張單係藍色嗰張")),
    *(("en", said) for said in ("ok", "yes", "it was the blue leaflet", "thanks", "are my papers with you")),
]  # fmt: skip


def _waiting(heard: Any, said: str, why: str = "asked") -> Any:
    return replace(heard.next_turn(said), waiting=why)


@pytest.mark.parametrize(("locale", "said"), ANSWERED)
@pytest.mark.parametrize("pace", ["live", "letter"])
def test_what_works_in_any_state_is_answered_and_nothing_is_asked(
    locale: str, said: str, pace: str, talk: Talk
) -> None:
    heard = talk(locale=locale, **({"pace": "letter"} if pace == "letter" else {}))
    heard.say(STORIES[locale])
    turn = _waiting(heard, said)
    assert waiting.is_answered(turn)
    answer = heard.take(turn)
    assert answer.says
    assert set(heard.asks) <= {"confirm"}, "of a withdrawal"


@pytest.mark.parametrize(("locale", "said"), LEFT)
@pytest.mark.parametrize("filed", [False, True])
def test_all_else_is_left_to_the_person(locale: str, said: str, filed: bool, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(STORIES[locale])
    if filed:
        heard.say("yes" if locale == "en" else "对")
    assert not waiting.is_answered(_waiting(heard, said))


@pytest.mark.parametrize(("locale", "yes"), [("zh-Hans", "不用了，撤了吧"), ("zh-Hant", "對"), ("en", "yes")])
def test_a_withdrawal_is_carried_out_though_nobody_has_come(locale: str, yes: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(STORIES[locale])
    heard.take(_waiting(heard, "withdraw my complaint" if locale == "en" else "撤回投诉"))
    turn = _waiting(heard, yes)
    assert waiting.is_answered(turn)
    assert any(isinstance(act, WithdrawCase) for act in heard.take(turn).acts)


def test_a_button_of_the_withdrawal_is_answered(talk: Talk) -> None:
    heard = talk()
    heard.say(STORIES["zh-Hans"])
    heard.take(_waiting(heard, "撤回投诉"))
    turn = replace(_waiting(heard, "x"), messages=(CustomerMessage(9, "不撤回", "deny"),))
    assert waiting.is_answered(turn)
    assert "utter_kept" in heard.take(turn).says[0].response
    assert heard.asks == ()


@pytest.mark.parametrize(
    ("locale", "danger", "said"),
    [
        ("zh-Hans", "我不想活了", "我在家"),
        ("zh-Hant", "我唔想做人", "我喺屋企"),
        ("en", "I want to die", "I am at home"),
    ],
)
def test_who_was_asked_whether_they_are_safe_is_not_left_in_silence(
    locale: str, danger: str, said: str, talk: Talk
) -> None:
    heard = talk(locale=locale)
    assert CallPerson("danger_to_life", urgent=True) in heard.say(danger).acts
    turn = _waiting(heard, said, "danger_to_life")
    assert waiting.is_answered(turn)
    answer = heard.take(turn)
    assert answer.says[0].response == "utter_danger"
    assert not answer.acts, "somebody has been called already"
    assert not waiting.is_answered(_waiting(heard, said, "danger_to_life"))


@pytest.mark.parametrize(
    ("locale", "danger", "said", "name"),
    [
        ("zh-Hans", "我不想活了", "我在家", "王芳"),
        ("zh-Hant", "我不想活了，沒有意義", "我在家裡", "林美惠"),
        ("en", "I might as well be dead.", "I am at home", "Ruth Vale"),
    ],
)
def test_danger_by_letter_is_answered_as_a_letter(locale: str, danger: str, said: str, name: str, talk: Talk) -> None:
    heard = talk(locale=locale, pace="letter", sender="r@example.org", sender_name=name)
    answer = heard.say(danger)
    assert answer.acts == (CallPerson("danger_to_life", urgent=True),)
    assert answer.says[0].response == "utter_salutation+utter_letter_danger+utter_signature"
    assert name in answer.says[0].text
    assert waiting.is_answered(_waiting(heard, said, "danger_to_life"))
    again = heard.take(_waiting(heard, said, "danger_to_life"))
    assert again.says[0].text != answer.says[0].text
    assert not again.acts
    assert not waiting.is_answered(_waiting(heard, said, "danger_to_life"))


@pytest.mark.parametrize(
    ("locale", "question", "complaint"),
    [
        ("zh-Hans", "请问你们在哪里", "11月3日南京路支行多扣我手续费300元，没人解释"),
        ("zh-Hant", "請問你們在哪裡", "11月3日信義分行多扣我手續費300元，沒人解釋"),
        ("en", "Where is your branch?", "The Leeds branch charged me a £300 fee on 3 November and nobody could explain it"),
    ],
)  # fmt: skip
def test_who_was_invited_to_complain_is_heard(locale: str, question: str, complaint: str, talk: Talk) -> None:
    heard = talk(locale=locale)
    heard.say(question)
    turn = _waiting(heard, complaint, "enquiry")
    assert waiting.is_answered(turn)
    heard.take(turn)
    assert heard.facts.what_happened == complaint
    assert heard.asks
    turn = _waiting(heard, "refund" if locale == "en" else "退款", "enquiry")
    assert waiting.is_answered(turn)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-Hans", "见附件"),
        ("zh-Hans", "谢谢，单据在附件里"),
        ("zh-Hant", "附上對帳單，請查收"),
        ("en", "Here is my statement."),
        ("en", ""),
    ],
)
def test_a_letter_that_brings_a_file_is_answered_and_waits_for_nobody(locale: str, said: str, talk: Talk) -> None:
    heard = talk(locale=locale, pace="letter")
    heard.say(STORIES[locale])
    turn = heard.next_turn(said)
    message = replace(turn.messages[0], files=("statement.jpg",))
    answer = heard.take(replace(turn, messages=(message,)))
    assert not any(isinstance(act, CallPerson) for act in answer.acts)
    assert "utter_letter_files" in answer.says[0].response
    assert heard.cases[-1].reference in heard.text
    assert ("2 December" if locale == "en" else "12月2日") in heard.text
