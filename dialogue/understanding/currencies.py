"""What money is called, before a sum and behind it, in three languages.

`$` stands for the dollar of the place that the text speaks from, an empty text for its own currency.

Not here: which place that is (regions.py), the sums (amounts.py).
"""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {  # said on either side
    "HK$": "HKD", "HKD": "HKD", "港币": "HKD", "港元": "HKD", "港纸": "HKD", "US$": "USD", "USD": "USD", "美元": "USD", "美金": "USD", "美纸": "USD", "美刀": "USD",
    "NT$": "TWD", "NTD": "TWD", "TWD": "TWD", "新台币": "TWD", "台币": "TWD", "新臺币": "TWD", "臺币": "TWD", "RMB": "CNY", "CNY": "CNY", "人民币": "CNY", "人仔": "CNY",
    "GBP": "GBP", "英镑": "GBP", "EUR": "EUR", "欧元": "EUR", "欧罗": "EUR", "SGD": "SGD", "S$": "SGD", "新币": "SGD", "坡币": "SGD", "坡纸": "SGD", "新加坡元": "SGD", "新加坡币": "SGD",
    "AUD": "AUD", "A$": "AUD", "AU$": "AUD", "澳元": "AUD", "澳币": "AUD", "澳纸": "AUD", "澳洲元": "AUD", "CAD": "CAD", "C$": "CAD", "CA$": "CAD", "加元": "CAD", "加币": "CAD", "加拿大元": "CAD", "加纸": "CAD",
    "JPY": "JPY", "日元": "JPY", "日币": "JPY", "日圆": "JPY", "円": "JPY", "KRW": "KRW", "韩元": "KRW", "韩币": "KRW", "韩圜": "KRW", "THB": "THB", "泰铢": "THB", "泰币": "THB", "CHF": "CHF", "瑞郎": "CHF", "瑞士法郎": "CHF",
    "MOP": "MOP", "澳门元": "MOP", "澳门币": "MOP", "葡币": "MOP", "MYR": "MYR", "RM": "MYR", "令吉": "MYR", "马币": "MYR", "NZD": "NZD", "NZ$": "NZD", "纽币": "NZD", "纽元": "NZD", "INR": "INR", "卢比": "INR", "RUB": "RUB", "卢布": "RUB",
    "AED": "AED", "迪拉姆": "AED", "PHP": "PHP", "披索": "PHP", "VND": "VND", "越南盾": "VND", "IDR": "IDR", "印尼盾": "IDR", "ZAR": "ZAR", "PLN": "PLN", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "TRY": "TRY", "MXN": "MXN", "NGN": "NGN", "KES": "KES", "PKR": "PKR",
}  # fmt: skip
LEFT: Final = _NAMED | {"NT": "TWD", "£": "GBP", "€": "EUR", "¥": "CNY", "$": "$"}
PLAIN_UNITS: Final = frozenset(("块钱", "块", "元", "圆", "蚊"))
"""Said of any currency that was named before: 人民幣八千蚊."""
RIGHT: Final = {
    **LEFT,
    **{unit + name: code for name, code in _NAMED.items() if not name.isascii() for unit in ("块", "块钱", "蚊", "元")},
    "蚊": "HKD", "港块": "HKD", "镑": "GBP", "刀": "USD", "镁": "USD", "欧(?!洲|盟)": "EUR", "大洋": "CNY", "软妹币": "CNY", "块钱": "", "块": "", "元": "", "圆": "",
    "pounds sterling": "GBP", "sterling": "GBP", "pounds": "GBP", "pound": "GBP", "quid": "GBP", "nicker": "GBP", "squid": "GBP", "smackers": "GBP",
    "hong kong dollars": "HKD", "hk dollars": "HKD", "us dollars": "USD", "american dollars": "USD", "nt dollars": "TWD", "singapore dollars": "SGD", "sing dollars": "SGD", "sing": "SGD", "australian dollars": "AUD", "aussie dollars": "AUD", "canadian dollars": "CAD",
    "dollars": "$", "dollar": "$", "bucks": "$", "buck": "$", "euros": "EUR", "euro": "EUR", "yo-yos": "EUR", "yoyos": "EUR", "yo yos": "EUR", "yuan": "CNY", "kuai": "CNY", "renminbi": "CNY", "yen": "JPY", "rupees": "INR", "dirhams": "AED", "ringgit": "MYR",
    "baht": "THB", "swiss francs": "CHF", "francs": "CHF", "zloty": "PLN", "zlotys": "PLN", "zlotych": "PLN", "pesos": "MXN", "kroner": "NOK", "kronor": "SEK", "lira": "TRY", "rand": "ZAR", "naira": "NGN", "shillings": "KES",
}  # fmt: skip


def _any_of(names: dict[str, str]) -> str:
    words = sorted(names, key=len, reverse=True)
    return "|".join(
        (word if "(?" in word else re.escape(word))
        + (r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "")
        for word in words
    )


LEFT_MARK: Final = _any_of(LEFT)
RIGHT_MARK: Final = _any_of(RIGHT)
FIRST: Final = "".join(sorted({name[0] for name in LEFT}))
"""What a currency before a sum may begin with."""
_FOLDED: Final = {name.split("(?")[0].lower(): name for name in RIGHT}


def key_of(said: str | None) -> str:
    """The name as it is listed, whatever its case; empty where it is none."""
    return _FOLDED.get((said or "").lower(), "")
