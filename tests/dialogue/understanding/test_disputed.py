"""Which sum is the one in dispute."""

from decimal import Decimal

import pytest

from dialogue.understanding.amounts import read_sums
from dialogue.understanding.disputed import disputed_sum
from dialogue.understanding.language import language_of
from dialogue.understanding.plain import plain


def disputed(text: str) -> Decimal | None:
    read = plain(text)
    found = disputed_sum(read, read_sums(read, language=language_of(text)), asked=False)
    return found and found.found.value and found.found.value.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("我贷款30万，提前还款你们多收了我1200违约金", "1200"),
        ("我存了5万进去，机器只数出4万8，少2000", "2000"),
        ("理财买了20万，到期只拿回18万5，亏1万5", "15000"),
        ("工资8000，被你们划走3000还信用卡", "3000"),
        ("不是3000是300，我刚才打错了", "300"),
        ("每月扣我10块短信费，扣了三年一共360", "360"),
        ("年費 3000 我同意，但違約金 1200 我不認", "1200"),
        ("结餘得返 $230，之前有 $4,230，無端端少咗 $4,000", "4000"),
        ("You charged me £35 three times, £105 in total", "105"),
        ("I have a mortgage of £180,000 and you added a £995 product fee", "995"),
        ("The transfer of £5,000 cost me £25 in fees and another £12 at the other end", "25"),
        ("I deposited $2,400 in cash and the receipt says $2,040, where is my $360", "360"),
        ("The fund fell from $50,000 to $31,000 after your advisor said it was safe", "50000"),
        ("You froze my account with $7,812.55 in it", "7812.55"),
    ],
)
def test_what_was_lost_charged_or_is_missing_is_disputed(text: str, value: str) -> None:
    assert disputed(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "30 萬是額度，我沒有欠你們 30 萬",
        "每月35k的定投被你们改了",
        "You lowered my limit from £6,000 to £500 without notice",
        'The text asking "did you spend £74.50 at Shein" was the only way to answer',
        "Today's letter invites her to borrow £7,500",
        "she's grand now, but the stairs are no use to her",
    ],
)
def test_limits_quotations_and_offers_are_none(text: str) -> None:
    assert disputed(text) is None
