"""What trained weights choose for the record where rules see several: the writer's name, the day, the sum, the matter, or none."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language
from dialogue.understanding.about_candidates import places_of_abouts
from dialogue.understanding.name_candidates import places_of_names
from dialogue.understanding.plain import plain
from dialogue.understanding.understand import understand
from tests.growth import grows_no_faster

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
PLACES = {
    "CN": ("CNY", Language.HANS), "HK": ("HKD", Language.HANT), "TW": ("TWD", Language.HANT), "GB": ("GBP", Language.EN),
}  # fmt: skip


def fact_of(text: str, region: str, fact: str) -> Any:
    currency, language = PLACES[region]
    facts = understand(text, now=NOW, region=region, home_currency=currency, spoken=language).facts.to_json()
    return facts[fact]["value"] if fact == "amount" and facts[fact] else facts[fact]


CHOSEN = [
    (
        "GB",
        "amount",
        "My wages of £2,300 came in on Friday and by Saturday you had taken a £35 fee out of them.",
        "35.00",
    ),
    ("GB", "amount", "I keep about £12,000 with you. Your app has been down for two days.", None),
    (
        "HK",
        "about",
        "我叫羅美珍，上個月25號喺旺角分行俾你哋個職員叫我轉咗三萬蚊去隻基金，佢話保本，而家蝕咗一萬二",
        "旺角分行 · 基金",
    ),
    ("GB", "amount", "482913", None),  # a code that was mailed to somebody
    ("CN", "amount", "423366。", None),
    ("CN", "amount", "卡里一共有八万，周三被你们无缘无故扣了120元短信费", "120.00"),
    ("CN", "amount", "我存了三十万在你们这儿，柜员就这态度？让我等了两个小时", None),
    ("HK", "amount", "戶口有五萬幾，尋日無啦啦扣咗我三百蚊管理費", "300.00"),
    ("GB", "occurred_on", "I was born on 3 May 1951. On 12 November your cashier refused to serve me.", "2026-11-12"),
    ("CN", "occurred_on", "我2015年开的户，11月18日去取钱被拒了", "2026-11-18"),
    ("GB", "name", "Your Mr Pritchard told me it was safe. Regards, Eleanor Whitcombe", "Eleanor Whitcombe"),
    ("CN", "name", "经理王建国骗我买的。我叫陆文秀，电话13800138000", "陆文秀"),
    ("CN", "name", "理财经理王建国骗我买的，要求退钱", None),
]


@pytest.mark.parametrize(("region", "fact", "text", "value"), CHOSEN)
def test_of_several_the_one_that_is_meant_is_recorded_or_none(
    region: str, fact: str, text: str, value: str | None
) -> None:
    assert fact_of(text, region, fact) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [("两千整，13900001111", "两千整"), ("唔想講，9123 4567", "唔想講"), ("不用了 13900001111", "不用了")],
)
def test_a_numeral_or_a_refusal_before_a_number_is_no_name(text: str, name: str) -> None:
    assert name not in [one.value for one in places_of_names(plain(text))]


def test_no_part_of_an_address_is_what_a_complaint_is_about() -> None:
    text = "竹科分行房貸多扣我一期，gu.zy@bank-mail.example.org"
    assert not [one.words for one in places_of_abouts(plain(text)) if one.words in ("gu", "zy", "bank-mail", "example")]


@pytest.mark.parametrize(
    "piece", ["A", "a", "A-", "卡投诉", "card ", "on 3 May 2026 £5 ", "王小明\n", "Mr A. Lee, ", "扣50元，"]
)
def test_a_hostile_repetition_keeps_nobody_waiting(piece: str) -> None:
    fact_of("hello", "GB", "name")  # the tables are loaded
    grows_no_faster(lambda size: fact_of(piece * (size // len(piece)), "GB", "name"), 20_000)
