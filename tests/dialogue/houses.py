"""The institutions, the day and the promise of the dialogue's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dialogue.turn import House

NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DUE: Final = date(2026, 12, 2)

HOUSE: Final = House(
    name={"zh-Hans": "江南银行", "zh-Hant": "江南銀行", "en": "Jiangnan Bank"},
    hotline="95000",
    next_authorities={
        "zh-Hans": "金融消费者投诉热线 12378",
        "zh-Hant": "金融消費者投訴熱線 12378",
        "en": "the financial consumers' hotline 12378",
    },
    emergency={"zh-Hans": "120 或 110", "zh-Hant": "120 或 110", "en": "120 or 110"},
    privacy_notice={"zh-Hans": "隐私提示。", "zh-Hant": "私隱提示。", "en": "Privacy notice."},
    privacy_notice_version="2026-1",
)
IN_HONG_KONG: Final = replace(
    HOUSE,
    region="HK",
    home_currency="HKD",
    emergency={"zh-Hans": "999", "zh-Hant": "999", "en": "999"},
)
HOUSES: Final = {
    "CN": HOUSE,
    "HK": IN_HONG_KONG,
    "TW": replace(
        HOUSE,
        region="TW",
        home_currency="TWD",
        emergency={"zh-Hans": "119 或 110", "zh-Hant": "119 或 110", "en": "119 or 110"},
    ),
    "GB": replace(
        HOUSE,
        region="GB",
        home_currency="GBP",
        emergency={"zh-Hans": "999", "zh-Hant": "999", "en": "999"},
    ),
}
