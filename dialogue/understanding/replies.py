"""What kind of answer it is to the question for one fact: told, not known, none of it, refused, told before, asked back, left to us, or
enough of all this.

People who do not know say so in endless ways (the letter is in the van, it was all a blur, 存折在我闺女那儿), and so do those who will not
say. A small trained table tells them apart from an answer, as classifier.py does for signals: runs of characters and words, each with
a weight for every kind. Cantonese and spoken forms are written alike first, so that what was learned of one holds for the other.

Not here: what is read from an answer (facts.py), what follows from its kind (dialogue/answering.py), how the table is made
(tests/dialogue/understanding/train_replies.py).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from dialogue.understanding.terms import fold

LONGEST_HAN: Final = 60
LONGEST_LATIN: Final = 180
"""Characters: a longer text tells something, whatever it answers."""
UNIT: Final = 100
"""Weights are kept as whole hundredths."""


class Reply(StrEnum):
    VALUE = "value"  # says what was asked, or something else of the matter
    UNKNOWN = "unknown"  # doesn't know, or hasn't it at hand
    NONE = "none"  # there is none
    REFUSES = "refuses"
    TOLD = "told"  # said before, or in the house's own records
    ASKS = "asks"  # a question back
    LEAVES = "leaves"  # anything will do, the house may choose
    STOPS = "stops"  # no more of the complaint


_ALIKE: Final = (
    ("唔使", "不用"), ("而家", "现在"), ("头先", "刚才"), ("琴日", "昨天"), ("点解", "为什么"), ("点样", "怎么"), ("做咩", "干什么"), ("做乜", "干什么"),
    ("边个", "谁"), ("边度", "哪里"), ("边", "哪"), ("几时", "什么时候"), ("几多", "多少"), ("咪有", "不是有"), ("乜嘢", "什么"), ("唔", "不"), ("冇", "没"), ("系", "是"), ("嘅", "的"),
    ("咗", "了"), ("喇", "了"), ("畀", "给"), ("俾", "给"), ("佢", "他"), ("哋", "们"), ("乜", "什么"), ("咩", "什么"), ("嘢", "东西"), ("睇", "看"),
    ("讲", "说"), ("喺", "在"), ("嗰", "那"), ("啲", "些"), ("谂", "想"), ("咁", "这么"), ("仲", "还"), ("嚟", "来"), ("㗎", "的"), ("屋企", "家里"),
    ("啥子", "什么"), ("啥", "什么"), ("咋", "怎么"), ("俺", "我"), ("晓得", "知道"), ("干嘛", "干什么"), ("您", "你"), ("纪录", "记录"), ("没有", "没"),
    ("的啦", "的"), ("耶", ""), ("欸", ""), ("餒", ""), ("喔", ""), ("呀", ""), ("啊", ""), ("啦", ""), ("嘛", "吗"), ("定系", "还是"),
)  # fmt: skip
_ALIKE_EN: Final = (
    (r"\b(?:dunno|idk|dk)\b", "i don't know"), (r"\bdont\b", "don't"), (r"\bcant\b", "can't"), (r"\bu\b", "you"), (r"\bur\b", "your"),
    (r"\b(?:pls|plz)\b", "please"), (r"\bn\b", "and"), (r"\b(can|could|would|wo|do|does|did|have|has|had|is|are|was|were)n't\b", r"\1 not"),
    (r"\bcan not|\bcannot\b", "ca not"), (r"\b(\w+)'(?:d|ld)\b", r"\1 would"), (r"\b(\w+)'ll\b", r"\1 will"), (r"\b(\w+)'ve\b", r"\1 have"),
    (r"\bi'm\b|\bim\b", "i am"), (r"\b(you|we|they)'re\b", r"\1 are"), (r"\b(it|that|what|who|there|he|she|nothing)'s\b", r"\1 is"),
    (r"\b(?:owt)\b", "anything"), (r"\b(?:nowt)\b", "nothing"), (r"\b(?:phone|mobile|cell|landline)\b", "phone"), (r"\b(?:what|wot)\b", "what"),
)  # fmt: skip
_WRITTEN: Final = dict(_ALIKE)
_SPOKEN: Final = re.compile("|".join(sorted(_WRITTEN, key=len, reverse=True)))
_LATIN: Final = re.compile(r"[a-z]")
_ENGLISH: Final = tuple((re.compile(pattern), instead) for pattern, instead in _ALIKE_EN)
_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff]+")
_WORD: Final = re.compile(r"[a-z']+|\d+")
_CLAUSE: Final = re.compile(r"[^,。!?;:\n、.…]+")
_WHETHER: Final = re.compile(r"([\u3400-\u9fff])[不没]\1")  # 要不要
_CHOICE: Final = re.compile(r"还是|(?<![固一决肯确稳假预认约限鉴指])定(?![期存投金做价额了])(?=[\u3400-\u9fff])|\bor\b")
_LONG_NUMBER: Final = 5  # digits: a number to call


@dataclass(frozen=True, slots=True)
class Table:
    """By piece the weight for every kind, in the order of `Reply`."""

    biases: tuple[float, ...]
    weights: Mapping[str, tuple[int, ...]]

    def evidences(self, found: frozenset[str]) -> tuple[float, ...]:
        rows = [row for piece in found if (row := self.weights.get(piece)) is not None]
        scale = 1 / (UNIT * math.sqrt(len(rows) or 1))
        return tuple(
            bias + scale * sum(column)
            for bias, column in zip(
                self.biases, zip(*rows, strict=True) if rows else itertools.repeat((0,)), strict=False
            )
        )


@lru_cache(maxsize=1)
def table() -> Table:
    """The trained table."""
    data = json.loads(resources.files("dialogue.understanding").joinpath("replies.json").read_text("utf-8"))
    return Table(tuple(data["biases"]), {piece: tuple(row) for piece, row in data["weights"].items()})


def chances(text: str) -> Mapping[Reply, float]:
    """For each kind how likely the answer is of it; a text too long to be one is a value for certain."""
    folded = fold(text)
    if len(folded.folded) > (LONGEST_HAN if folded.han else LONGEST_LATIN) or not folded.folded.strip():
        return {Reply.VALUE: 1.0}
    return _chances(folded.folded)


@lru_cache(maxsize=1024)
def _chances(text: str) -> Mapping[Reply, float]:
    evidences = table().evidences(reply_pieces(text))
    most = max(evidences)
    powers = [math.exp(evidence - most) for evidence in evidences]
    whole = sum(powers)
    return {kind: power / whole for kind, power in zip(Reply, powers, strict=True)}


def as_written(text: str) -> str:
    """Cantonese and other spoken forms of a folded text written as the others are, English ones unfolded: "won't" is "wo not"."""
    text = _SPOKEN.sub(lambda match: _WRITTEN[match[0]], text)
    if _LATIN.search(text):
        for pattern, instead in _ENGLISH:
            text = pattern.sub(instead, text)
    return text


@lru_cache(maxsize=256)
def reply_pieces(text: str) -> frozenset[str]:
    """The pieces of a folded answer that may carry weights. Remembered: two tables are asked about an answer."""
    text = as_written(text)
    found: set[str] = set()
    clauses = _CLAUSE.findall(text)
    for at, clause in enumerate(clauses):
        for run in _HAN_RUN.findall(clause):
            marked = f"^{run}$"
            for size in (1, 2, 3, 4):
                found.update(marked[place : place + size] for place in range(len(marked) - size + 1))
        words = [
            ("##" if len(word) > _LONG_NUMBER else "#") if word[0].isdigit() else word for word in _WORD.findall(clause)
        ]
        if words:
            marked_words = ["^", *words, "$"]
            found.update(marked_words)
            found.update(map(" ".join, itertools.pairwise(marked_words)))
            found.update(" ".join(marked_words[place : place + 3]) for place in range(len(marked_words) - 2))
            if at == 0:
                found.add(f"<{words[0]}")
    if _WHETHER.search(text):
        found.add("@whether")
    if _CHOICE.search(text):
        found.add("@choice")
    if text.rstrip().endswith("?"):
        found.add("?$")
    elif "?" in text:
        found.add("?")
    found.add(f"~{min(len(clauses), 4)}")
    return frozenset(found)
