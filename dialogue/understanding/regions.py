"""Which place a text speaks from, by its wording: it decides what 元, $ and eight digits mean.

A guess from words, never from the customer's number or address alone; without a cue the institution's region holds.
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import Language
from dialogue.understanding.language import writes_simplified
from dialogue.understanding.plain import Plain, plain

_HONG_KONG: Final = re.compile(
    r"[嘅咗唔冇啲哋喺嗰佢咁噉嘢畀喎]|琴日|尋日|幾多|乜嘢|蚊|港[元幣币紙纸]|香港|九龍|旺角|中環|銅鑼灣|尖沙咀|沙田|觀塘|HK|八達通|轉數快|強積金|金管局|戶口|按揭|將軍澳|荃灣|元朗|屯門|灣仔|北角|深水埗|大埔|葵芳|厘(?![米清])|\bMPF\b|\bFPS\b|\+852|Hong Kong|Kowloon|Mong ?Kok",
)
_HONG_KONG_ITSELF: Final = re.compile(
    r"蚊|港[元幣币紙纸]|香港|九[龍龙]|旺角|中[環环]|[銅铜][鑼锣][灣湾]|尖沙咀|沙田|[觀观]塘|HK|八[達达]通|[轉转][數数]快|[強强][積积]金|\bMPF\b|\bFPS\b|\+852"
)
_TAIWAN: Final = re.compile(
    r"NT\$|NTD|TWD|[臺台][灣湾北中南幣币]|高雄|新竹|桃園|金管會|理專|行員|評議中心|民國|\+886|悠遊卡|郵局|(?<!\d)09\d\d[- ]?\d{3}[- ]?\d{3}(?!\d)|Taiwan|Taipei"
)
_BRITAIN: Final = re.compile(
    r"£|\bquid\b|\bGBP\b|\+44|(?<!\d)07\d{3}[ -]?\d{6}(?!\d)|\bpounds?\b|\b(?:London|Leeds|Manchester|Glasgow|Bristol)\b|\bISA\b"
)
_AMERICA: Final = re.compile(
    r"US\$|\bUSD\b|(?<!\d)\(?[2-9]\d\d\)?[-. ][2-9]\d\d[-. ]\d{4}(?!\d)|\bchecking account\b|\b(?:CFPB|FDIC|New York)\b"
)

CURRENCIES: Final = {"CN": "CNY", "HK": "HKD", "TW": "TWD", "GB": "GBP", "US": "USD", "SG": "SGD", "MO": "MOP"}


def region_said(text: str, language: Language | None) -> str | None:
    """Hong Kong or Taiwan where the wording says so: worth remembering for what comes without a cue. Else None."""
    found = region_of(text, language, "")
    return found if found in ("HK", "TW") else None


def region_of(text: str | Plain, language: Language | None, region: str = "CN") -> str:
    """HK, TW, GB or US where the wording says so, else `region`."""
    own = plain(text).own
    if language is not Language.HANS and not _from_guangdong(own):
        for place, cues in (("HK", _HONG_KONG), ("TW", _TAIWAN)):
            if cues.search(own):
                return place
    if language is Language.EN or (language is None and own.isascii()) or "£" in own:
        for place, cues in (("GB", _BRITAIN), ("US", _AMERICA)):
            if cues.search(own):
                return place
    return region


def _from_guangdong(text: str) -> bool:
    """Cantonese in Simplified characters that names nothing of Hong Kong: what 元 means there is the mainland's."""
    return writes_simplified(text) and not _HONG_KONG_ITSELF.search(text) and not _TAIWAN.search(text)
