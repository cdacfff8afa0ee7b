"""What agrees with a read-back, in whatever words, and what only sounds like it."""

from __future__ import annotations

import pytest

from dialogue.understanding.agreement import agreement_in

AGREES = (
    "你念的我都看了，写得比我说的还明白，就这么着吧姑娘", "我念给我妈听了，她说是这样", "嗯那个没啥问题就按这个来吧谢谢啊", "对对对就这样快点处理别再拖了",
    "我不是说了吗，对", "可以，登记吧", "这下对了", "都行", "差不多就是这些了", "嗯", "没别的了，你给办吧", "写得挺好", "没什么要改的",
    "好好好，你這樣寫我看有，麻煩你喔少年欸", "我讀晒俾佢聽，佢話係咁", "嗯嗯對就這樣啊麻煩了", "係喇係喇冇錯喇快啲啦", "我剛剛就說對了啊", "啱，登記啦", "係咁上下啦",
    "對，沒有要補充的了", "冇嘢要改", "好啦就咁啦",
    "You've set it out very nicely, I can't fault it, my wife always said write things down", "I've read it out to mum and she says that's how it was",
    "yes that sounds about right thank you my love", "I've already said it's right", "Very well, register it", "that's more like it", "now you've got it",
    "whatever you think", "that's about the size of it", "mm", "yh", "nothing to add, go for it", "no that's everything", "couldn't have put it better myself",
    "that'll do nicely",
)  # fmt: skip
DOES_NOT = (
    "不对", "错了", "等一下", "我对你们很失望", "对不起我说错了", "我对面那个人", "金额不对", "谁来看", "还有一件事", "少了一项", "是我爱人的卡",
    "就这样把我的钱拿走了", "他就是这样骂我的", "孩子没饭吃了", "算了", "不登记了", "是不是要交钱", "等我看看", "唔啱", "係我老婆張卡", "好像不对", "我想改一下",
    "对，不过是上周四", "对的，一共3500",
    "it's not right", "that's wrong", "the name is wrong", "not quite", "hold on", "I want my money back", "what happens next", "is that everything?",
    "ah no, wait, it was my husband's card, I just had it on me", "you lot are useless", "that's how you treat people", "and that is what I hate", "hmm",
    "let me think", "almost", "yes but", "it was 45",
)  # fmt: skip


@pytest.mark.parametrize("said", AGREES)
def test_it_agrees(said: str) -> None:
    assert agreement_in(said)


@pytest.mark.parametrize("said", DOES_NOT)
def test_it_does_not(said: str) -> None:
    assert agreement_in(said) is None
