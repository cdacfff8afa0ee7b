"""Ways of saying who one is, beside the plain ones of test_people.py."""

import pytest

from dialogue.understanding.plain import plain
from dialogue.understanding.selves import self_named


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我，周敏，实名投诉", "周敏"),
        ("我姓张，弓长张，单名一个伟字", "张伟"),
        ("本人姓林，名志玲", "林志玲"),
        ("我是你们的老客户刘芳，卡被扣了", "刘芳"),
        ("叫我周姐就行", "周姐"),
        ("我的名字是Tom Zhang", "Tom Zhang"),
        ("I, Dorothy Price, was charged £35", "Dorothy Price"),
        ("Hi, Dorothy Price calling about a charge", "Dorothy Price"),
        ("You charged me £35. Thanks, John", "John"),
        ("You charged me £35. - Dave P.", "Dave P."),
        ("my names dave price and you charged me £35", "Dave Price"),
    ],
)
def test_nobody_but_the_writer_is_named_so(text: str, name: str) -> None:
    found = self_named(plain(text))
    assert found is not None
    assert found.value == name


@pytest.mark.parametrize(
    "text",
    [
        "你们的客户经理叫周敏，骗了我",
        "我都同意，你们不办",
        "Your clerk John Smith charged me £35",
        "I'm British, and you refused me",
        "Tell Dave Price I know. Thanks again",
    ],
)
def test_others_are_not_the_writer(text: str) -> None:
    assert self_named(plain(text)) is None
