"""What is new in a reply, and what is history below it. Nothing is lost: both together hold every line.

Line by line, by what mail programs write above what they quote: `On … wrote:`, `-----原始邮件-----`, a block of From, Sent, To
and Subject, lines that begin with `>`, and below the text a signature. The words for these stand in `quotes.toml`.

A library for this (mail-parser-reply) was measured beside it: see the note in tests/channels/email/test_quotes.py.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Final, NamedTuple

LONGEST_LINE: Final = 400  # an attribution is short; longer lines aren't looked at
LONGEST_ATTRIBUTION: Final = 6  # lines, some programs wrap it
LONGEST_SIGNATURE: Final = 12  # lines below `-- `
MOST_TRIES: Final = 300  # lines looked at closely; a text that has more isn't written by anybody
LONGEST_SEPARATOR: Final = 120
HEADER_WINDOW: Final = 8  # lines in which the other headers have to come

_WORDS: Final = tomllib.loads((files("channels.email") / "quotes.toml").read_text("utf-8"))


def _one_of(key: str) -> str:
    return "|".join(re.escape(word) for word in sorted(_WORDS[key], key=len, reverse=True))


_QUOTED = re.compile(r"[>＞|]")
_SEPARATOR = re.compile(
    rf"[>\s*_]*[-–—_=]{{2,}}\s*(?:{_one_of('separators')})\s*:?\s*[-–—_=]{{2,}}[\s*_]*", re.IGNORECASE
)
_BARE_SEPARATOR = re.compile(rf"[>\s*]*(?:{_one_of('bare_separators')})\s*[:：]?[\s*]*", re.IGNORECASE)
_WROTE = re.compile(rf"(?:^|.*[\s\d>\"'）)\]])(?:{_one_of('wrote')})(?:\s.{{0,120}})?\s*[:：]\s*", re.IGNORECASE)
_WROTE_CJK = re.compile(rf".{{0,300}}(?:{_one_of('wrote_cjk')})\s*[:：]\s*")
_RULERS: Final = " \t>*-–—_="
# Who and when stand on its first line: a word of it alone would begin a search at each line of a long text.
_MAY_ATTRIBUTE = re.compile(r"\d|@|<|\"|“|「")
_ANY_WROTE = re.compile(rf"(?:{_one_of('wrote')}|{_one_of('wrote_cjk')}).{{0,120}}[:：]|@", re.IGNORECASE)
# A customer may write `On Monday your manager wrote:`; a mail program gives an address, or begins with a date and time.
_BY_PROGRAM = re.compile(rf"\s*(?:{_one_of('on')}).*\d{{1,2}}\s?[:.：h時时點点]\s?\d{{2}}", re.IGNORECASE)
_HAS_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_NAMES_SOMEBODY = re.compile(r"\d{1,2}|@|<|「|“|\"")
_DATE_AND_ADDRESS = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.{0,200}<\s*(?:mailto:)?[^<>\s]+@[^<>\s]+>\s*[:：]?\s*")
_DAY = re.compile(r"(?:19|20)\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d\s?[月월]")
_OPENS = re.compile(rf"(?:{_one_of('on')})(?![^\W\d_a-z])|\W*\d{{1,4}}[-/.年]|[^@<>]{{0,80}}<[^<>\s]+@", re.IGNORECASE)
_NAMELESS = re.compile(rf"[^@]*[\d日]\s*(?:{_one_of('wrote_cjk')})\s*[:：]")
_ADDRESS_ALONE = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_RULE = re.compile(r"\s*[-_=*—–]{3,}\s*")
_FROM = re.compile(rf"[\s*>]*(?:{_one_of('from')})\s*\**\s*[:：]", re.IGNORECASE)
_OTHER_HEADER = re.compile(rf"[\s*>]*({_one_of('dates')}|{_one_of('others')})\s*\**\s*[:：]", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?:--|—|--\u00a0) ?")
_DEVICE = re.compile(rf"[\s<(\[]*(?:{_one_of('device')}).{{0,120}}", re.IGNORECASE)


class Split(NamedTuple):
    text: str
    quoted: str


def split(text: str, is_reply: bool = True) -> Split:
    """New text, and the history and signature below (or above) it. If nothing would be new, everything is.

    In a mail that answers nothing, `On … wrote:` counts only above lines marked as quoted or with an address.
    """
    lines = text.split("\n")
    start, after = _history(lines, is_reply, bool(_ANY_WROTE.search(text)))
    if start is None:
        return _without_signature(lines)
    if _interleaved(lines[after:]):
        return (
            _without_signature(lines) if not _blank(lines[:start]) else _answer_below(lines, start, after, whole=True)
        )
    if _blank(lines[:start]):
        return _answer_below(lines, start, after)
    above = _without_signature(lines[:start])
    rest = "\n".join(lines[start:])
    return Split(above.text, _join(above.quoted, rest))


def _history(lines: list[str], is_reply: bool, may_attribute: bool) -> tuple[int | None, int]:
    """The line where history begins, and the first line after what introduces it."""
    tries = MOST_TRIES
    tail = _quoted_tail(lines)
    for at, line in enumerate(lines):
        if not line or len(line) > LONGEST_LINE:
            continue
        start, end = at, _separator(lines, at)
        if not end and tries and _FROM.match(line):
            tries -= 1
            end = _after_headers(lines, at) if _header_block(lines, at) else 0
        if not end and tries and may_attribute and _MAY_ATTRIBUTE.search(line):
            tries -= 1
            if end := _attribution(lines, at, is_reply):
                start = _begin(lines, at, end)
        if end:
            while start and (_RULE.fullmatch(lines[start - 1]) or not lines[start - 1].strip()):
                start -= 1
            return start, end
        if at > 0 and tail <= at and _QUOTED.match(line):
            return at, at
    return None, 0


def _separator(lines: list[str], at: int) -> int:
    """If `-----Original Message-----` or its like stands here, the first line after it and its headers, else 0."""
    line = lines[at]
    if len(line) > LONGEST_SEPARATOR or not line.strip(_RULERS):
        return 0
    return _after_headers(lines, at + 1) if _SEPARATOR.fullmatch(line) or _BARE_SEPARATOR.fullmatch(line) else 0


def _attribution(lines: list[str], at: int, is_reply: bool) -> int:
    """`On … wrote:`, which may be wrapped over a few lines."""
    joined = ""
    for end in range(at, min(at + LONGEST_ATTRIBUTION, len(lines))):
        line = lines[end].strip().lstrip("> ")
        if not line and end > at + 1:
            break
        joined = f"{joined} {line}".strip()
        if len(joined) > LONGEST_LINE:
            break
        if not _NAMES_SOMEBODY.search(joined):
            if end > at:
                break
            continue
        if _WROTE.fullmatch(joined) or _WROTE_CJK.fullmatch(joined):
            certain = _HAS_ADDRESS.search(joined) or _quote_follows(lines, end + 1)
            return end + 1 if certain or (is_reply and _BY_PROGRAM.match(joined)) else 0
        if _DATE_AND_ADDRESS.fullmatch(joined) and _quote_follows(lines, end + 1):
            return end + 1
        if end > at and line.endswith((".", "!", "?", "。", "！", "？")):
            break
    return 0


def _begin(lines: list[str], at: int, end: int) -> int:
    """The first line of an attribution that ends before `end`. An answer of one line may stand right above it, from `at` on.

    What a program writes holds the day and begins with `On`, the day itself, or a name beside its address.
    """
    joined, apart = "", at
    for begin in range(end - 1, at - 1, -1):
        line = lines[begin].strip().lstrip("> ")
        if not line:
            apart = max(apart, begin + 1)
            if not joined.startswith("<"):  # only an address is put apart from its name
                break
        joined = f"{line} {joined}".strip()
        whole = _DAY.search(joined) and _OPENS.match(line) and not _NAMELESS.fullmatch(joined)
        if whole and not (_ADDRESS_ALONE.match(line) and begin > apart):
            return begin
    return apart


def _quote_follows(lines: list[str], at: int) -> bool:
    rest = [line for line in lines[at : at + 3] if line.strip()]
    return bool(rest) and bool(_QUOTED.match(rest[0]))


def _header_block(lines: list[str], at: int) -> bool:
    """Two more headers close below a From, of different names."""
    seen: set[str] = set()
    for line in lines[at + 1 : at + 1 + HEADER_WINDOW]:
        match = _OTHER_HEADER.match(line[:LONGEST_LINE])
        if match:
            seen.add(match[1].lower())
    return len(seen) >= 2


def _after_headers(lines: list[str], at: int) -> int:
    """Past the headers that a program copies above what it quotes or forwards."""
    end = at
    while end < len(lines) and not lines[end].strip():
        end += 1
    if end == len(lines) or not (_FROM.match(lines[end]) or _OTHER_HEADER.match(lines[end])):
        return at
    while end < len(lines) and lines[end].strip():
        end += 1
    return end


def _quoted_tail(lines: list[str]) -> int:
    """The line from which on all are quoted or blank, a signature at the end aside."""
    end = len(lines)
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - LONGEST_SIGNATURE), -1):
        if _SIGNATURE.fullmatch(lines[at]):
            end = at
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    return end


def _interleaved(lines: list[str]) -> bool:
    """Answers between the quoted lines: quote, a paragraph of one's own, quote again."""
    state = 0
    previous_blank = False
    for line in lines:
        if not line.strip():
            previous_blank = True
            continue
        if _QUOTED.match(line):
            if state == 2:
                return True
            state = 1
        elif state == 1 and previous_blank:
            # Without a blank line it is the rest of a quoted line that was wrapped.
            state = 2
        previous_blank = False
    return False


def _answer_below(lines: list[str], start: int, after: int, whole: bool = False) -> Split:
    """History comes first: the answer stands below it, or what was forwarded is all there is."""
    end = after
    if not whole:
        while end < len(lines) and (not lines[end].strip() or _QUOTED.match(lines[end])):
            end += 1
    below = _without_signature(lines[end:])
    if not below.text.strip() or _DEVICE.fullmatch(below.text.strip()):
        return Split("\n".join(lines).strip("\n"), "")
    return Split(below.text, _join("\n".join(lines[start:end]), below.quoted))


def _without_signature(lines: list[str]) -> Split:
    """Fold `-- ` and what is below it, and lines such as `Sent from my iPhone`."""
    end = len(lines)
    for at in range(max(1, len(lines) - LONGEST_SIGNATURE), len(lines)):
        if _SIGNATURE.fullmatch(lines[at]) and not _blank(lines[:at]):
            end = at
            break
    cut = end
    while cut > 1:
        line = lines[cut - 1].strip()
        if line and (len(line) > LONGEST_LINE or not _DEVICE.fullmatch(line)):
            break
        cut -= 1
    if cut < end and not _blank(lines[cut:end]) and not _blank(lines[:cut]):
        end = cut
    if _blank(lines[:end]):
        end = len(lines)
    return Split("\n".join(lines[:end]).strip("\n"), "\n".join(lines[end:]).strip("\n"))


def _blank(lines: list[str]) -> bool:
    return not any(line.strip() for line in lines)


def _join(first: str, second: str) -> str:
    return f"{first}\n\n{second}".strip("\n") if first and second else (first or second).strip("\n")
