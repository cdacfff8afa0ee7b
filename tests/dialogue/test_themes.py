"""What a complaint is about, so that the sympathy names what happened and not what a curse seems to say."""

import pytest

from dialogue.themes import themes_in


def _first(text: str) -> str | None:
    found = themes_in(text)
    return found[0].name if found else None


@pytest.mark.parametrize(
    "said",
    ["我妈的养老钱亏了两万", "妈妈的存款没了", "他妈妈的积蓄被骗", "奶奶的退休金", "我阿媽嘅積蓄冇晒", "my mother's savings are gone"],
)  # fmt: skip
def test_old_peoples_money_is_known(said: str) -> None:
    assert _first(said) == "elderly"


@pytest.mark.parametrize(
    "said",
    [
        "昨天ATM吞了我3000块，他妈的没吐钱",
        "他媽的又扣我錢",
        "你妈的，我的存款呢",
        "他奶奶的，钱没到账",
        "他妈的客服走了，没人理我的钱",
        "你媽的分行不在了",
    ],
)
def test_a_curse_is_nobodys_mother(said: str) -> None:
    assert _first(said) not in ("elderly", "bereaved")
