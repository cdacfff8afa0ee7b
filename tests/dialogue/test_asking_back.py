"""Answers that are none: what is asked back is told from what is told, and neither a question nor a sound goes on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dialogue.asking_back import Asked, asked_back, gives_up, leaves_it_open, ponders
from dialogue.understanding.understand import understand
from tests.dialogue.houses import NOW

Talk = Callable[..., Any]


def read(said: str, now: datetime = NOW) -> Asked | None:
    return asked_back(understand(said, now=now, asked=("occurred_on", "amount")))


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("这个你们系统里查不到吗？", Asked.NEED),
        ("看不到记录和金额有什么关系呢？", Asked.NEED),
        ("实名是必须的吗", Asked.NEED),
        ("你哋會唔會攞我資料做推廣？", Asked.NEED),
        ("Do you not have that in front of you?", Asked.NEED),
        ("What has a figure to do with it?", Asked.NEED),
        ("Is that strictly necessary", Asked.NEED),
        ("係咪一定要畀電話", Asked.NEED),
        ("登記咗之後點", Asked.NEXT),
        ("一般像这种情况你们会怎么办？", Asked.NEXT),
        ("登記咗之後會點？", Asked.NEXT),
        ("What are you able to do?", Asked.NEXT),
        ("And what happens after that?", Asked.NEXT),
        ("不好意思刚接了个电话，咱们说到哪了", Asked.PLACE),
        ("sorry, had to get the kids from school, where were we", Asked.PLACE),
        ("这合理吗？", Asked.OTHER),
        # told, whatever it ends with
        ("3号，你们查不到吗？", None),
        ("你们凭什么扣我的钱？", None),
        ("把钱退给我行不行？", None),
        ("what I paid in", None),
        ("都可以，你覺得呢", None),
        ("我怎么会记得呢", None),
        ("上周去的吧", None),
        ("是不是你们柜台把我的卡冻结了", None),
    ],
)
def test_what_is_asked_back(said: str, about: Asked | None) -> None:
    assert read(said) == about


@pytest.mark.parametrize("said", ["都行", "随便你们", "都可以，你覺得呢", "I'm not fussed", "whatever", "我怎么会记得", "how should I know?", "you've got me there"])  # fmt: skip
def test_anything_will_do(said: str) -> None:
    assert leaves_it_open(said)


@pytest.mark.parametrize(
    "said", ["都是柜台的错", "I don't mind the fee, I mind the lie", "随便扣我的钱", "how could I lose £300"]
)
def test_and_what_only_begins_like_it(said: str) -> None:
    assert not leaves_it_open(said)


@pytest.mark.parametrize("said", ["mm", "嗯", "喔", "hmm", "等一下", "let me see"])
def test_a_sound_is_no_word(said: str) -> None:
    assert ponders(said)


@pytest.mark.parametrize(
    ("said", "before", "at_the_read_back"),
    [
        ("actually you know what, it's not worth the bother, let's leave it", True, True),
        ("嗯……我後來想想還是不要好了，先不要送出", True, True),
        ("算了，不登记了", True, True),
        ("算了", False, True),  # asked for the name it means the name
        ("forget it", False, True),
        ("算了，让他当面道歉就行", False, False),
        ("let's leave it to the ombudsman", False, False),
        ("不用登记我的名字", False, False),
    ],
)
def test_who_has_had_enough_is_asked_whether_to_take_it_back(said: str, before: bool, at_the_read_back: bool) -> None:
    assert (gives_up(said, read_back=False), gives_up(said, read_back=True)) == (before, at_the_read_back)
