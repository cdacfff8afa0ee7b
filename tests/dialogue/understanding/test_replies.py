"""What kind of answer it is, told of answers that the table has not learned from."""

from __future__ import annotations

import pytest

from dialogue.understanding.replies import Reply, chances
from tests.dialogue.understanding import train_replies


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        # does not know, or has it not at hand
        ("couldn't for the life of me tell you", Reply.UNKNOWN),
        ("it's on a scrap of paper in my other coat", Reply.UNKNOWN),
        ("回单在我媳妇包里，我这会儿说不出来", Reply.UNKNOWN),
        ("老花镜没带，字看不清", Reply.UNKNOWN),
        ("張單俾隻狗咬爛咗，睇唔到", Reply.UNKNOWN),
        ("單子洗衣服洗爛了看不到", Reply.UNKNOWN),
        # there is none
        ("no money in it at all", Reply.NONE),
        ("we've no phone here, never had one", Reply.NONE),
        ("跟钱一点关系都没有", Reply.NONE),
        ("家裡沒有牽電話", Reply.NONE),
        ("冇裝電話㗎", Reply.NONE),
        # will not say
        ("that stays between me and my sister", Reply.REFUSES),
        ("I'm not handing my number to a machine", Reply.REFUSES),
        ("号码不给，免得你们骚扰", Reply.REFUSES),
        ("個資不方便給", Reply.REFUSES),
        ("唔留電話，費事你哋煩", Reply.REFUSES),
        # told already, here or to the house
        ("I put all that in my first message", Reply.TOLD),
        ("it's on your own computer, look", Reply.TOLD),
        ("就你们短信一直发的那个号", Reply.TOLD),
        ("我個名你哋部電腦有啦", Reply.TOLD),
        ("這個我一開始就打給你看了", Reply.TOLD),
        # asks back
        ("do you want both charges or just the second one?", Reply.ASKS),
        ("would my maiden name do?", Reply.ASKS),
        ("你指的是签字那天还是亏钱那天？", Reply.ASKS),
        ("含手續費還是不含？", Reply.ASKS),
        ("要我個名嚟做乜㗎？", Reply.ASKS),
        # leaves it to the house, wants no more of it
        ("whatever you reckon is best", Reply.LEAVES),
        ("你们觉得怎么合适就怎么办", Reply.LEAVES),
        ("too many questions, I'm not complaining any more", Reply.STOPS),
        ("問長問短，我不申訴了啦", Reply.STOPS),
        # tells what was asked, or more of what happened
        ("not sure of the day, it was the end of May", Reply.VALUE),
        ("准数忘了，六千上下", Reply.VALUE),
        ("唔記得邊日，總之係九月尾", Reply.VALUE),
        ("沒別的要求，退款就好", Reply.VALUE),
    ],
)
def test_the_kind_of_an_answer(said: str, kind: Reply) -> None:
    likely = chances(said)
    assert max(likely, key=lambda one: likely[one]) is kind


def test_no_line_here_was_learned_from() -> None:
    learned = {text for text, _ in train_replies.own_lines()}
    mark = next(mark for mark in test_the_kind_of_an_answer.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    assert not [said for said, _ in mark.args[1] if said in learned]


def test_a_long_text_tells_something() -> None:
    assert chances("I don't know. " * 20) == {Reply.VALUE: 1.0}


def test_the_table_is_what_training_gives() -> None:
    made = train_replies.trained([*train_replies.own_lines(), *train_replies.open_answers()])
    assert train_replies.FILE.read_text("utf-8") == train_replies.as_file(made)
