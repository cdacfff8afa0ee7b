"""How long somebody says that they have waited, in their own words: "三个月", "over three weeks".

For the sympathy that names it. Not here: when something happened (dates.py), since a span of waiting is no date.
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import Language

_COUNT_ZH: Final = r"(?:\d{1,3}|[一二两兩三四五六七八九十半几幾]{1,4})"
_UNIT_ZH: Final = r"(?:星期|礼拜|禮拜|小时|小時|钟头|鐘頭|分钟|分鐘|(?<=[个個多半])月|周|週|天|年)(?![份底初中\d])"  # 三个月, but 3月 is March
_SPAN_ZH: Final = rf"(?!半天){_COUNT_ZH}[个個]?[多半]?{_UNIT_ZH}[多半]?|{_COUNT_ZH}(?:日(?!期)|個幾?鐘頭?)"
_ON_THE_WAY_ZH: Final = r"(?:了|咗|足|到|队|隊|排|整整|都|已经|已經|差不多|快|将近|將近|成|我)*"
_ZH: Final = re.compile(rf"[等拖排]{_ON_THE_WAY_ZH}(?P<span>{_SPAN_ZH})")
_COUNT_EN: Final = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})"
_SPAN_EN: Final = (
    rf"(?:(?:over|more than|almost|nearly) )?{_COUNT_EN}(?: and a half)? (?:minute|hour|day|week|month|year)s?"
    r"(?: and a half)?(?! ago\b)"
)
_EN: Final = re.compile(rf"\bwait(?:ed|ing)?(?: \w+){{0,3}}? (?P<span>{_SPAN_EN})\b", re.IGNORECASE)


def waited_in(text: str, language: Language) -> str | None:
    """The span of waiting that the text names, as it was said; None if it names none in this language."""
    found = (_EN if language is Language.EN else _ZH).search(text)
    return found["span"].lower() if found else None
