"""Which sum is the one in dispute."""

from decimal import Decimal

import pytest

from dialogue.understanding.amounts import read_sums
from dialogue.understanding.language import language_of
from dialogue.understanding.plain import plain
from dialogue.understanding.weighed_sums import disputed_sum


def disputed(text: str) -> Decimal | None:
    read = plain(text)
    found = disputed_sum(read, read_sums(read, language=language_of(text), generous=True), asked=False)
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
        ("每次扣30，扣了四次，合着120块", "120"),
        ("四个500一个300，加一块儿2300", "2300"),
        ("twelve lots of £4.99 which my calculator says is £59.88", "59.88"),
        ("four unpaid item fees at thirty quid each so a hundred and twenty altogether", "120"),
        ("应为人民币38000元，贵司核定12000元，争议部分26000元", "26000"),
        ("you settled 750 on a claim the assessor put at 1,000. I am disputing the remaining £250.", "250"),
        ("三千块是我转的我认，后面那笔4999我没转过", "4999"),
        ("保費從一萬四變一萬九,憑什麼多收我五千", "5000"),
        ("三百来块……准确说是三百一十二", "312"),
        ("1,50,000？不是，是15万", "150000"),
        ("£500? more like £5,000", "5000"),
        ("it was 45, sorry, 54 pounds", "54"),
        ("把卖房子的钱六十二万全放进去了现在就剩四十来万", "620000"),
        ("在柜员机存钱三千二它给我显示两千八还有四百块钱吞了", "400"),
        ("已交3.6万，现在退只有2万2千4，白扔13600", "13600"),
        ("少繳200元,11月帳單收我463元", "463"),
        ("the account costs £18 a month and the insurance won't pay the £2,300 I spent", "2300"),
        ("4.99 a month?? I never signed up to no app, refund it", "4.99"),
        ("房貸 28,416 元你們沒扣到，當天就收我違約金八百", "800"),
        ("[支出] 1,280.00元 余额 35.60", "1280"),
        ("有一筆2014年的「信用卡呆帳 3,412元」掛在貴行名下", "3412"),
        ("two thousand one hundred fifty dollars went. i just want the twenty one fifty back", "2150"),
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
        "He read my balance out, £3,217.44, to my ex",
        "ur app only let me FPS $10,000 a day",
        "cashback up to £120 it said on the telly",
        "I've £12,406.31 in there and I'd like to keep it that way",
        "你们说给我两百块话费补偿封口",
        "存满50万才给办贵宾，我没存够就赶我走",
        "年薪六十萬都批唔到張卡",
        "別人家送米送油，你們送個十塊錢的券",
        "she's grand now, but the stairs are no use to her",
    ],
)
def test_limits_quotations_and_offers_are_none(text: str) -> None:
    assert disputed(text) is None
