"""Requests that are told by their form."""

import pytest

from dialogue.understanding.wishes import wish_in


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("别让我按来按去 先给我锁上！", "先给我锁上"),
        ("把我從行銷名單移除。", "把我從行銷名單移除"),
        ("前女友拿了副卡，你把卡停了就成", "你把卡停了就成"),
        ("积分给我挪过来就完事儿", "积分给我挪过来就完事儿"),
        ("復效費 $650，應由貴行承擔。", "應由貴行承擔"),
        ("天黑前不解冻我的账户，老子就去投诉", "解冻我的账户"),
        ("£875 is missing. Trace it, please.", "Trace it, please"),
        ("the reading is wrong. want it re-read", "want it re-read"),
        (
            "I queued for an hour. An apology from the branch would be a start.",
            "An apology from the branch would be a start",
        ),
        ("They need to up the offer.", "They need to up the offer"),
    ],
)
def test_what_is_asked_of_the_house_is_wished(text: str, wish: str) -> None:
    found = wish_in(text)
    assert found is not None
    assert found.value == wish


@pytest.mark.parametrize(
    "text",
    [
        "支付宝把我花呗从一万二降到500",
        "柜台给我退了，12块5",
        "从今年三月开始吧",
        "理专叫我把钱转过去",
        "I told them to push it through",
        "tell my kids it was the debt",
        "They should have told me",
        "actual human please or am I typing at a toaster",
    ],
)
def test_what_others_did_and_what_is_done_is_none(text: str) -> None:
    assert wish_in(text) is None


def test_several_wishes_are_kept_as_far_as_they_fit() -> None:
    found = wish_in("请退还年费。另外请把逾期记录删除。请书面道歉。")
    assert found is not None
    assert found.value == "请退还年费；请把逾期记录删除；请书面道歉"
