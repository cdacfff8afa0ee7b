"""What a customer says again: "as I said: …", 我说过了，…, and then the story in the words it was told in.

Who is asked what stands already in the story says it again, and whatever is new beside it is the answer.

Not here: what is asked again, and how often (form.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from dialogue.understanding.plain import plain

LEAST: Final = 15
"""Characters that are a story told again; fewer ("like I said, the credit card") answer what was asked, whether told before or not."""

_HALF: Final = 0.5
_SAYS_AGAIN: Final = re.compile(
    r"^\W*(?:(?:but|well|look|sorry|again|and),? )?(?:(?:as|like) i(?:'ve| have)? (?:already )?(?:just )?(?:said|told you|wrote|mentioned)(?: (?:before|already|above|earlier))?"
    r"|i(?:'ve| have)? (?:already|just) (?:said|told you|written|mentioned)(?: (?:that|this|it|you)(?!'))?(?: already| before)?|i told you(?: already| before)?|(?:once )?again)\b[\s,:;.!-]{0,4}"
    r"|^\W*(?:我?(?:不是)?(?:已经|都|刚才|刚刚|刚|早就|头先|之前|上面|前面)*(?:和|跟|同)?(?:你们?|您)?(?:说|讲|写|话)(?:过|咗|得很清楚)(?:了|啦|喇|的)*(?:吗|嘛|呀|啊)?|我刚才说的?|如我所说|我再说一遍|再说一次|再讲多次)[\s,，:：;；。.!！]{0,4}",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[^,，。;；.!！?？\n]{1,600}[,，。;；.!！?？\n]*")
_LETTERS: Final = re.compile(r"[\W_]+")


def says_again(text: str) -> bool:
    """Whether it begins with words like "as I said"."""
    return _SAYS_AGAIN.match(plain(text).plain) is not None


def without_repeated(text: str, known: str | None) -> str:
    """What is new in it: words that announce a repetition, and what stands in `known` already, are left out.

    The text as it is where it announces nothing and is not, by and large, the story once more.
    """
    read = plain(text)
    announced = _SAYS_AGAIN.match(read.plain)
    start = announced.end() if announced else 0
    told, said = "".join(map(_bare_line, (known or "").split("\n"))), _bare(read.plain[start:])
    if len(said) < LEAST:
        return read.own[start:].strip() if announced and (said or known) else text
    rest = [_rest(read.own[slice(*clause.span())], told) for clause in _CLAUSE.finditer(read.plain, start)]
    left = "".join(rest).strip(" ,，;；:：\n")
    enough = announced or len(said) - len(_bare(left)) > _HALF * max(len(told), len(said))
    return left if enough else text


def _rest(clause: str, told: str) -> str:
    """What of a clause is new: nothing, all of it, or what comes after a piece of the story that is told once more."""
    bare = _bare(clause)
    if bare and bare in told:
        return ""
    begins = told.find(bare[:LEAST])
    if len(bare) < LEAST or begins < 0:
        return clause
    rest = told[begins:]
    same = next((place for place, (one, other) in enumerate(zip(bare, rest, strict=False)) if one != other), len(rest))
    letters = 0
    for place, character in enumerate(clause):
        letters += len(_bare(character))
        if letters > same:
            return clause[place:]
    return ""


@lru_cache(maxsize=4096)
def _bare_line(line: str) -> str:
    """Remembered: the story is looked at again with every message that is added to it."""
    return _bare(line)


def _bare(text: str) -> str:
    return _LETTERS.sub("", plain(text).plain).lower()
