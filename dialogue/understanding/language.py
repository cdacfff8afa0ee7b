"""Which language a text is written in, once its words are certain of it.

Three languages: Simplified Chinese, Traditional Chinese (written Cantonese among them) and English. Digits, names, one-word
answers and characters that both scripts share decide nothing: the conversation keeps the language it has.
The two scripts are told apart by characters that only one of them uses, found with OpenCC's tables and the standard sets
that each script was typed in for decades (GB 2312, Big5), so 后, 里, 台, 干 and 面, which both use, count for neither.

Not here: what the text says.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from opencc import OpenCC

from case_store.records import Language
from dialogue.understanding.terms import LONGEST, fold, lists, to_simplified

__all__ = ["Dialect", "dialect_of", "language_of", "to_simplified", "writes_cantonese", "writes_simplified"]


class Dialect(StrEnum):
    """Whose Chinese it is: for wording and for what "元" means."""

    HK = "hk"
    TW = "tw"
    MAINLAND = "mainland"


def _tables() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that only Simplified uses, and those that only Traditional uses."""
    han = [chr(code) for code in range(0x4E00, 0x9FA6)]
    to_hans = to_simplified("\n".join(han)).split("\n")
    to_hant = OpenCC("s2t").convert("\n".join(han)).split("\n")
    hans = {here for here, there in zip(han, to_hant, strict=True) if here != there and not _in_big5(here)}
    hant = {here for here, there in zip(han, to_hans, strict=True) if here != there and not _in_gb2312(here)}
    return frozenset(hans - hant), frozenset(hant - hans)


def _in_big5(character: str) -> bool:
    """Is it among the frequent characters of Big5? Its second level holds 机, 价, 听 as rare words of their own."""
    try:
        return character.encode("big5") < b"\xc9\x40"
    except UnicodeEncodeError:
        return False


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


_HANS, _HANT = _tables()
_CANTONESE: Final = frozenset("係唔咗嘅喺冇哋嗰啲咁嘢乜嚟佢畀啱噉嘥攞搵瞓嘞喇啩嗱揾")
_ONLY_CANTONESE: Final = frozenset("唔咗嘅喺哋嗰啲嚟嘞㗎噉冇啱嘢佢咁搵揾攞")
_CANTONESE_WORDS: Final = re.compile("仆街|點解|邊個|邊度|邊間|乜[嘢野]|[琴尋]日|聽日|而家|幾多錢|咩事|咩料|唔該")
_CANTONESE_WEIGHT: Final = 3  # one 唔 says more than one character of either script
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f]")
_LATIN_WORD: Final = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w.-]+|https?://[!-~]+|www\.[!-~]+", re.ASCII)
_SHORT: Final = 4  # Chinese characters a name or a one-word answer has at most
_HAN_PER_WORD: Final = 1.6

# Words that no sentence is without; none of them is a usual word of another language in Latin letters.
_ENGLISH_WORDS: Final = """the and you your my is are have has had not of to for with this that they them their it its i'm i've i'd i'll
    don't didn't doesn't can't won't isn't wasn't haven't you're it's that's there what when where why how who which been
    were would could should did does please want need from about after before because if but we our us she he his her
    i get got give help speak talk made make said told lost took take pay paid charged charge charges fee fees refund
    money bank's account accounts card loan mortgage complaint complain complaining interest payment payments
    statement wrong never nobody someone any all out into by at be cancel cancelled stop still again back"""
# What English sentences are full of, too; in few words it may be a name (Grace Day), beside Chinese a word of the trade.
_MORE_WORDS: Final = """down app being here anymore point day days week weeks month months year years time today yesterday tomorrow tonight
    morning evening monday tuesday wednesday thursday friday saturday sunday whats thats dont didnt doesnt cant wont isnt wasnt
    havent im ive youre theyre theres something anything nothing everything everyone anyone just only even really very more most
    much many than then now off over under again each every other another such own same too also ever always already yet
    between during without through against until while since both few less one's two three four five six seven eight nine ten
    first second third last next new old good bad great awful terrible disgusting ridiculous useless rubbish shocking appalling
    app's website online phone call called calling number customer service manager branch staff cash cheque savings insurance
    fund investment pension transfer transferred balance debit credit direct standing order works working worked broken know
    think thought feel felt see saw look looking going gone went come came coming doing done let's please kindly hello sir madam
    regarding dear sincerely regards yours faithfully would've should've could've"""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_IN_SENTENCES: Final = _ENGLISH | frozenset(_MORE_WORDS.split())
_SENTENCE: Final = 4  # words
_ENGLISH_ANSWERS: Final = re.compile(
    r"\W*(?:(?:ok|okay|yes|no|thanks|thank|you|please|hi|hello|hey|good|morning|bye|sure|right|correct|that's|it|is|sorry"
    r"|very|much|so)\b\W*)+",
    re.IGNORECASE,
)
# A name has none of these, so four characters with one of them are a sentence.
_FUNCTION: Final = frozenset(
    "轉转退訴诉帳账我你您们們他她的了吗嗎呢吧这這那要想给給被把很都就会會为為什么麼怎还還没沒请請跟"
)
_ANSWERS: Final = re.compile(
    r"(?:对|對|是|的|没|沒|错|錯|问|問|题|題|谢|謝|你|您|好|吧|了|啊|呀|不|关|關|系|係|有|吗|嗎|呢|啦|嗯|行|可|以"
    r"|确|確|认|認|会|會|要|们|們|还|還|我|这|這|样|樣|个|個|唔|該|该|啱|冇)+"
)


@lru_cache(maxsize=16)
def language_of(text: str) -> Language | None:
    """The language of most of its words, or None where they leave doubt."""
    text = text[:LONGEST]
    if "@" in text or "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    han = len(_HAN.findall(text))
    latin = _LATIN_WORD.findall(text)
    # Capitals inside Chinese are brands and product names.
    english = [word for word in latin if not (han and word[0].isupper())]
    if han / _HAN_PER_WORD >= len(english) and han:
        return _script_of(text, han)
    return Language.EN if _is_english(latin, text, alone=not han) else None


def _script_of(text: str, han: int) -> Language | None:
    cantonese = sum(map(_CANTONESE.__contains__, text))
    hans = sum(map(_HANS.__contains__, text))
    hant = sum(map(_HANT.__contains__, text)) + _CANTONESE_WEIGHT * cantonese
    if hans == hant:
        return None
    if han <= _SHORT and not _is_sentence(text):
        return None
    return Language.HANS if hans > hant else Language.HANT


def _is_sentence(text: str) -> bool:
    words = "".join(_HAN.findall(text))
    return not _FUNCTION.union(_CANTONESE).isdisjoint(words) and not _ANSWERS.fullmatch(words)


def _is_english(latin: list[str], text: str, *, alone: bool) -> bool:
    if len(latin) < 2 or _ENGLISH_ANSWERS.fullmatch(text):
        return False
    english = _IN_SENTENCES if alone and len(latin) >= _SENTENCE else _ENGLISH
    known = sum(word.lower().replace("’", "'") in english for word in latin)
    return known >= 1 and known / len(latin) >= 0.2


def writes_cantonese(text: str) -> bool:
    """Whether it is written as it is spoken in Hong Kong, and so may be answered: 係 is formal Chinese as well."""
    text = text[:LONGEST]
    return not _ONLY_CANTONESE.isdisjoint(text) or _CANTONESE_WORDS.search(text) is not None


_HANT_ALONE: Final = _HANT - _CANTONESE
"""Only in Traditional writing, and not Cantonese."""


def writes_simplified(text: str) -> bool:
    """Whether characters stand in it that only Simplified uses, and none that only Traditional uses but Cantonese ones."""
    text = text[:LONGEST]
    return not _HANS.isdisjoint(text) and _HANT_ALONE.isdisjoint(text)


@lru_cache(maxsize=16)
def dialect_of(text: str) -> Dialect | None:
    """Hong Kong, Taiwan or the mainland, where the wording or the script tells; None where it does not."""
    text = text[:LONGEST]
    if sum(map(_CANTONESE.__contains__, text)) >= 2:
        return Dialect.HK
    found = {name: sum(1 for _ in terms.every(fold(text))) for name, terms in _DIALECTS.items()}
    most = max(found, key=lambda name: found[name])
    if found[most] and list(found.values()).count(found[most]) == 1:
        return Dialect(most)
    return Dialect.MAINLAND if language_of(text) is Language.HANS else None


_DIALECTS: Final = lists("dialects")
