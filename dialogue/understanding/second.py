"""Where another matter begins in what a customer says: "另外还有第二件事…", "…这是另一件事", "第一…第二…".

What is told of the other matter is no fact of the first: its day, its sum and its wish belong to a case of its own.

Not here: what becomes of it (listening.py), the wish to complain of something else without telling it (signals.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.plain import plain
from dialogue.understanding.terms import Folded, Hit, fold, lists

LONGEST: Final = 1_000
"""Characters of the other matter that are kept until its turn comes; the messages themselves are all kept by the house."""

_ANNOUNCED: Final = lists("signals")["another_complaint"]
_LOOKS_BACK: Final = re.compile(r"(?:这|那|呢|嗰)个?(?:是|系)|\b(?:this|that|which|it)\b(?: is|'s)")
_SENTENCE: Final = re.compile(r"[。!?\n]|\.(?=\s)")
_CLAUSE: Final = re.compile(r"[,。!?;\n]|\.(?=\s)")
_BEGINS: Final = re.compile(r"(?:^|[,;]\s*)((?:另外|还有|此外|仲有|对了|顺便|also\b|and another))")
_SEVERAL: Final = re.compile(
    r"(?:投诉|反映|申诉|客诉)[^,。!?\n]{0,4}[两二2几三3] ?(?:件|个|宗|单)(?:事|问题|投诉|嘢)"
    r"|[两二2几三3] ?(?:件|个|宗|单)(?:事情?|问题|嘢)(?:要|想|都)*(?:投诉|反映|申诉|客诉)"
    r"|\b(?:two|several|three) (?:things to complain|matters to (?:raise|report)|complaints)\b"
)
_SECOND: Final = re.compile(r"(?:(?<=[,。;!?\n ])|^)(?:第二(?:件|个)?(?:事|是)?|其二|二是|2[.、)]|secondly)[,:、 ]*")
_DANGLING: Final = " \n,，;；:：、"
_NOTHING_TOLD: Final = re.compile(
    r"(?:另外?|第二)?一?[件个宗单桩](?:事情?|嘢|投诉)|我|还|要|想|也|另外|投诉"
    r"|\b(?:i|also|want|would|like|to|complain|about|something|else|another|thing|have|a)\b",
    re.IGNORECASE,
)
_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9']+")
_TELLS: Final = 5  # Chinese characters or words that remain without the announcement


def parted(text: str) -> tuple[str, str] | None:
    """What is said of the matter at hand, and what of the other; None where no other matter is told of."""
    folded = fold(text)
    start = _start(folded)
    if start is None:
        return None
    place = folded.origin[start] if folded.origin is not None else start
    own, other = text[:place].strip(_DANGLING), _told(text[place:].strip())
    told = other
    for said in _ANNOUNCED.every(fold(other)):
        told = told.replace(said.words, "", 1)
    told = _NOTHING_TOLD.sub("", _SECOND.sub("", plain(told).plain, count=1))
    return (own, other[:LONGEST]) if len(_HAN_OR_WORD.findall(told)) >= _TELLS else None


def _told(other: str) -> str:
    """Without the words that only announce it: "还有第二件事，", "…，这是另一件事"."""
    folded = fold(other)
    hit = _ANNOUNCED.first(folded)
    if hit is None:
        second = _SECOND.match(folded.folded)
        return other if second is None else other[len(folded.words(0, second.end())) :].strip(_DANGLING)
    last = not folded.folded[hit.end :].strip(" 。.!")
    if last and _LOOKS_BACK.search(fold(hit.words).folded):
        return other[: other.rfind(hit.words)].strip(_DANGLING)
    if hit.start == 0 and (folded.folded[hit.end : hit.end + 1] in (",", ":") or hit.words[-1] in "是系係"):
        return other[len(hit.words) :].strip(_DANGLING)
    return other


def _start(text: Folded) -> int | None:
    hit = _ANNOUNCED.first(text)
    if hit is not None:
        looks_back = _LOOKS_BACK.search(fold(hit.words).folded) and text.folded[hit.end : hit.end + 1] != ":"
        return _sentence_start(text, hit) if looks_back else _after(_CLAUSE, text, hit.start)
    if _SEVERAL.search(text.folded) and (second := _SECOND.search(text.folded)):
        return second.start()
    return None


def _sentence_start(text: Folded, hit: Hit) -> int:
    """ "…, 另外你们把我锁了，这是另一件事": the other matter is told before it is called another."""
    start = _after(_SENTENCE, text, hit.start)
    if not text.folded[start : hit.start].strip():  # "You locked me out. That is a separate matter."
        start = _after(_SENTENCE, text, max(len(text.folded[:start].rstrip(" 。!?.\n")), 0))
    begins = _BEGINS.search(text.folded, start, hit.start)
    return start if begins is None else begins.start(1)


def _after(stop: re.Pattern[str], text: Folded, end: int) -> int:
    start = max((match.end() for match in stop.finditer(text.folded, 0, end)), default=0)
    return start + len(text.folded[start:end]) - len(text.folded[start:end].lstrip())
