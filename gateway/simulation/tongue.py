"""In which language and script the house's sentences are, and whether they say sympathy.

What the customer wrote themselves doesn't count against the house: it may say it back. Characters are told apart by the official
character sets (GB 2312 for Simplified, Big5 for Traditional) and OpenCC, not by anything the dialogue uses.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from opencc import OpenCC

from gateway.simulation.reading import sentences

HANS: Final = "zh-Hans"
HANT: Final = "zh-Hant"
EN: Final = "en"
_CJK: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z’'-]+")
_ADDRESS: Final = re.compile(r"https?://\S+|\S+@\S+|\bC\d{8}-\d+-\d\b")
_SORRY: Final = re.compile(
    r"(?:理解|明白|体会|體會|知道)[^，。]{0,6}(?:您|你)[^，。]{0,6}(?:感受|心情|担忧|擔憂|着急|著急|难处|難處|委屈)"
    r"|害怕|[驚惊](?:，|,|。|\b)|令人[驚惊]|\bfrighten\w*|\bafraid\b|着急|著急|心急|难受|難受|难过|難過|委屈|不好受|生气|生氣|嬲|揪心|心酸|失望|担心|擔心|不容易|唔容易|唔好受|辛苦|煩心|烦心|糟心|窝火|寒心"
    r"|(?:[谁誰]|邊個)都[^，。]{0,4}(?:想|会|會|要|受)|想不通|心慌|不踏实|不踏實|(?:不|唔)舒服|過不安|过不安|唔得安樂|(?:耽误|耽誤|阻)事|緊張係應該|换[了作轉转]?[是成]?[谁誰]|換[了作轉]?[是成]?(?:誰|邊個)|抱歉|对不起|對不起|對唔住|唔好意思"
    r"|\bsorry\b|\bapologi[sz]e\b|\bapologies\b|\bunderst(?:and|ood) (?:how|why|that|your)|\bmust (?:be|have been|feel|have felt)\b|\bdistress|\bupset|\bfrustrat"
    r"|\bworr(?:y|ies|ied|ying)\b|\b(?:so|very|really) difficult\b|\bdifficult (?:time|day|situation|for you)\b|\bno wonder\b|\banyone would\b|\bhard (?:for|on) you\b|\bhard(?:er)? to (?:take|watch|bear|see)\b|\b(?:day|life|everything) harder\b|\bshock\b|\bhurts?\b|\bweighs on\b|\bwears (?:you|anyone) out\b"
    r"|\b(?:try|tries|test) (?:your|anyone.s) patience\b|\bnobody in peace\b|\bcosts more than\b|\bcarry (?:this|it) alone\b|\b(?:see|hear) (?:why|how) (?:you|much|strongly)\b"
    r"|不用一[个個]人|唔使一個人|您的不[满滿]我[听聽]|日子都[跟]|\bstressful\b|\bunsettling\b|\bdisappoint"
    r"|[谁誰]心[里裡]都|邊個遇著|(?:唔怪得|难怪|難怪)[^，。]{0,3}(?:你|您|会|會)|[节節]哀|心痛|难免|難免|提心吊|心驚肉跳|不得安[宁寧]|唔得安寧|操心|费心|費心|不得安宁|不好[过過]|唔安樂"
    r"|[您你][的嘅](?:难处|難處)|(?:日子|生活)都(?:跟著)?受影[响響]|連生活都受影響|真的很誤事"
    r"|\b(?:would|clearly) \w+ anyone\b|\banyone (?:awake|in your place)\b|\bcondolences\b|\bnatural to\b|\bhard (?:enough|way|to learn)\b|\bvery hard\b|\bof course (?:it|this|you)\b"
    r"|\btrouble(?:s? (?:you|anyone)| enough)\b|\bleft wondering\b|\bnobody (?:any peace|needs that|could take)\b|\balarming\b|\bstay with a person\b|\bhow pressing\b|\bmoney is tight\b",
    re.IGNORECASE,
)
_SORRY_FOR_ITSELF: Final = re.compile(
    r"没有?看懂|没能明白|看不明白|未能明白|睇唔明|未明白|读不出|讀不出|没有读出|没听懂|did not (?:understand|follow)|could not read|didn.t understand",
    re.IGNORECASE,
)


@cache
def _converters() -> tuple[OpenCC, OpenCC]:
    return OpenCC("s2t"), OpenCC("t2s")


def _encodable(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def is_simplified_only(character: str) -> bool:
    to_traditional, _ = _converters()
    return not _encodable(character, "big5") and str(to_traditional.convert(character)) != character


@cache
def is_traditional_only(character: str) -> bool:
    _, to_simplified = _converters()
    return not _encodable(character, "gb2312") and str(to_simplified.convert(character)) != character


def wrong_sentences(text: str, language: str, customers_words: str) -> list[str]:
    """The sentences of the house that are not in the customer's language and script."""
    own = frozenset(customers_words)
    said = {word.lower() for word in _LATIN.findall(customers_words)}
    return [one for one in sentences(_ADDRESS.sub("", text)) if _is_wrong(one, language, own, said)]


def _is_wrong(sentence: str, language: str, own: frozenset[str], said: set[str]) -> bool:
    chinese = [character for character in _CJK.findall(sentence) if character not in own]
    if language == EN:
        return bool(chinese)
    words = [word for word in _LATIN.findall(sentence) if word.lower() not in said]
    if len(words) >= 3 and len(words) > len(_CJK.findall(sentence)):
        return True
    foreign = is_traditional_only if language == HANS else is_simplified_only
    return any(map(foreign, chinese))


def sympathies(text: str, customers_words: str) -> list[str]:
    """The sentences that say sympathy. Sorrow at not having understood is none, and neither is what the customer said."""
    return [one for one in sentences(text) if _is_sympathy(one, customers_words)]


def _is_sympathy(sentence: str, customers_words: str) -> bool:
    if _SORRY_FOR_ITSELF.search(sentence) or re.match(r"\s*[•·]", sentence):
        return False
    spoken = customers_words.lower()
    # said back between quotation marks it is the customer's
    return any(not _quoted(sentence, match) or match[0].lower() not in spoken for match in _SORRY.finditer(sentence))


def _quoted(sentence: str, match: re.Match[str]) -> bool:
    before = sentence[: match.start()]
    return (
        any(before.count(open_) > before.count(close) for open_, close in ("“”", "「」", "『』"))
        or before.count('"') % 2 == 1
    )
