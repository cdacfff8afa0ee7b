"""Names as English types and says them: "dev raichura here", "im Hafiz", "Moyo, Precious", "joyce hebblethwaite h e double b l e".

A name without capitals is told from other words by its first, one of the given names there are, or by the letters it is spelled with.

Not here: introductions with capitals (people.py), signatures (signatures.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.given_names import ROMANISED, is_given, is_ordinary, may_be_given
from dialogue.understanding.people import STOP_WORDS
from dialogue.understanding.plain import Plain, Span, quoted

_LETTER = r"[A-Za-z\u00c0-\u024f]"
_WORD: Final = re.compile(rf"[ds]/o\b|(?:{_LETTER}{{1,3}}['\u2019])?{_LETTER}+(?:['\u2019-]{_LETTER}{{2,}})*\.?")
_CAPITAL: Final = re.compile(r"[A-Z\u00c0-\u00de]")
_BLACKED_OUT: Final = re.compile(r"[Xx]{2,}")
_PARTICLES: Final = frozenset(
    "van der den de la le du da dos von bin binti bte al el ap ab ferch d/o s/o ó ni mac uí nic o".split()  # noqa: SIM905
)
_TITLES: Final = frozenset("mr mrs ms miss mdm madam dr prof rev sir".split())  # noqa: SIM905
_NO_SURNAME: Final = STOP_WORDS | frozenset(
    "from about calling speaking again and here btw with on at in is was has had who that wants want ringing phoning xx x xxx m8 mate re since also just but as if for your you ive im id its lost got get out off up "  # noqa: SIM905
    "still wrong spelt spelled misspelled not being now one two three done back over under done fed tired stuck scared told said did does can cant wont will would should been being another other all everyone everybody else their his her them they she he it us our "
    "filed contact despite upon regarding there then than when while after before into onto without within only really getting going trying waiting having losing switching leaving moving closing paying asking writing looking mister missus first last name surname".split()
)
_LONGEST: Final = 5  # words
_ROOM: Final = 60

_HEADS: Final = re.compile(  # what comes right before one's own name
    r"(?:^|(?<=[^A-Za-z']))(?:(?P<weak>i'?m|i am|it'?s|it is|this(?: is)?|hi|hello|hiya|hey|(?:it'?s |is |only |just ){0,4}me(?: again)?)"
    r"|(?P<sure>(?:(?:my|full|legal|real) ){1,4}name(?:'?s| is| is called|:|\?)?|(?:^|(?<=[,.;!?\n])|(?<=[,.;!?\n] ))name(?:'?s| is| is called|:|\?| as per \w+| on (?:the |my )?(?:card|account|passport|policy)(?: is|:)?)?|is mise|me llamo|mi nombre es|je m'appelle|mi chiamo|ich hei(?:ss|\u00df)e|m[a\u0103] numesc|nazywam si[e\u0119]"
    r"|i(?:'ve| have) been|i am now|i'm now|(?:now|formerly|also) known as|(?:(?:friends?|folks?|people|everyone|everybody|they|you|ye|u) (?:all |can |may |just )?)?calls? me|(?:everyone|everybody|people|folks|they) says?|i(?:'ll)? (?:go|answer) (?:by|to)|my signature is|(?:^|(?<=\n))(?:re|subject|subj):[^\n]{0,40}? (?:from|of|by)"
    r"|(?:(?:^|(?<=[.!?\n])\s*)(?:(?:prepared|submitted|written|completed|lodged|filed|signed|sent) (?:and )?){1,2}by)|put (?:that|this|it) down to))"
    r"[,:;]? +(?=[A-Za-z\u00c0-\u024f])",
    re.IGNORECASE,
)
_NOT_ME: Final = re.compile(
    r"\s*,?\s*(?:who|that|which|whose|is\b(?! my| the)|was|has|had|did|told|said|says|sold|'s (?!the name|my)|at (?:the|your)|on the (?:till|desk|phone)|in (?:the|your) (?:branch|shop))|['\u2019]s (?!the name|my name)",
    re.IGNORECASE,
)
_TAILS: Final = re.compile(  # what comes right after one's own name
    r"(?:,? (?P<said>here|speaking|calling|writing|ringing|phoning|signing off)\b|['\u2019]s (?:the|my) name|,? (?:is|was) (?:the|my) name|,? in full\b| ?\((?:that'?s )?me\b| ?\((?:n[e\u00e9]e|born|formerly|aka|previously|previously known as)\b|,? (?:the )?(?P<post>owner|proprietor|director|treasurer|secretary|trustee|executor|executrix|chair(?:man|woman|person)?|partner|landlady|landlord|headteacher|head teacher|company secretary|account holder|cardholder|policyholder|customer)\b|,? that'?s me\b)",
    re.IGNORECASE,
)
_FIRST_NAME: Final = re.compile(
    rf"\b(?:first|given|christian|fore) ?(?:name)?(?:'s| is)?:?,? (?P<first>{_LETTER}[\w'-]+)", re.IGNORECASE
)
_LAST_NAME: Final = re.compile(
    rf"\b(?:last|sur|family|second) ?(?:name)?(?:'s| is)?:?,? (?P<last>{_LETTER}[\w'-]+)", re.IGNORECASE
)
_REVERSED: Final = re.compile(
    rf"^\W*(?:(?:[Nn]ame|[Ss]urname)\W{{1,3}})?(?P<last>{_LETTER}[\w'-]+)(?:, | comma )(?P<first>{_LETTER}[\w'-]+)\W*$"
)
_CLOSE: Final = re.compile(
    r"(?:^|[.!?\n,]|\b(?:thanks|thank you|thx|cheers|ta|regards|yours|best|love))[\s,]*(?P<name>[A-Za-z\u00c0-\u024f][\w'/ -]{1,40}?)[\s.,]*(?:x{1,4}|sent from my \w+|esq|from [\w ]{3,24})?[\s.,!]*(?:sent from my \w+\W*)?$",
    re.IGNORECASE,
)

# ---- spelled ----

_LETTERS: Final = re.compile(
    r"(?<![\w'])(?:(?:double |treble )?[a-z](?: (?:for|as in) [\w-]+)?[ ,.-]+){2,}(?:(?:double |treble )?[a-z])(?![\w'])",
    re.IGNORECASE,
)
_ONE_LETTER: Final = re.compile(
    r"(?P<times>double |treble )?\b(?P<letter>[a-z])\b(?: (?:for|as in) [\w-]+)?", re.IGNORECASE
)


def typed_names(read: Plain, *, asked: bool) -> tuple[Found[str], ...]:
    """The name in the first of these forms that is there."""
    if (name := _spelled(read, asked=asked)) is not None:
        return (name,)
    for name in (
        _in_two_parts(read, asked=asked),
        _announced(read),
        _told_after(read),
        _heading(read, asked=asked),
        _closing(read, asked=asked),
    ):
        if name is not None:
            return (name,)
    return ()


def _words(text: str, start: int) -> list[re.Match[str]]:
    """The words that follow each other from a place on, with nothing but a blank between."""
    found: list[re.Match[str]] = []
    at = start
    while len(found) < _LONGEST and (match := _WORD.match(text, at)):
        found.append(match)
        at = match.end()
        if text[at : at + 1] != " " or (
            match[0].endswith(".") and len(match[0]) > 3 and match[0].lower()[:-1] not in _TITLES
        ):
            break
        at += 1
    return found


def _name_from(text: str, start: int) -> list[re.Match[str]]:
    """The words from `start` on that make a name; with a small first letter it has to be a name that there is."""
    words = _words(text, start)
    titled = bool(words) and words[0][0].lower().rstrip(".") in _TITLES
    rest = words[1:] if titled else words
    if not rest or rest[0][0].lower().strip(".") in _NO_SURNAME:
        return []
    small = not _CAPITAL.match(rest[0][0])
    if _BLACKED_OUT.fullmatch(rest[0][0].rstrip(".")):
        return []
    if small and not titled and not is_given(rest[0][0]) and not _two_unknown(rest):
        return []
    kept = [rest[0]]
    for word in rest[1:]:
        bare = word[0].lower().rstrip(".")
        if bare in _PARTICLES or (small and bare in ROMANISED):
            kept.append(word)
        elif (
            bare in _NO_SURNAME
            or (not small and not _CAPITAL.match(word[0]))
            or (
                small
                and len(kept) > 1
                and kept[-1][0].lower() not in _PARTICLES
                and kept[0][0].lower() not in ROMANISED
            )
        ):
            break
        else:
            kept.append(word)
        if small and kept[0][0].lower() in ROMANISED and len(kept) == 3:
            break
    while kept and kept[-1][0].lower() in _PARTICLES - {"o"}:
        kept.pop()
    return [*words[:1], *kept] if titled and kept else kept


def _two_unknown(words: list[re.Match[str]]) -> bool:
    """No word that is known, and another: one alone may be misspelled."""
    return (
        len(words) > 1
        and may_be_given(words[0][0])
        and words[1][0].lower().rstrip(".") not in _NO_SURNAME
        and not is_ordinary(words[1][0])
    )


def _value(read: Plain, words: list[re.Match[str]]) -> Found[str]:
    start, end = words[0].start(), words[-1].end()
    said = read.own[start:end].rstrip(".,") if len(words[-1][0]) > 2 else read.own[start:end].rstrip(",")
    return Found(capitals(said), said, start)


def capitals(said: str) -> str:
    if _CAPITAL.search(said):
        return said
    return " ".join(
        word if word in _PARTICLES and len(word) > 1 else "-".join(part.capitalize() for part in word.split("-"))
        for word in said.split()
    )


def _announced(read: Plain) -> Found[str] | None:
    text = read.plain
    for head in _HEADS.finditer(text):
        words = _name_from(text, head.end())
        if not words or quoted(text, head.start()):
            continue
        end = words[-1].end()
        capital = _CAPITAL.match(words[0][0]) is not None
        if head["weak"] and _NOT_ME.match(text, end):
            continue
        sure = head["sure"] or "me" in head[0].lower().split()
        if (
            len(words) == 1
            and (not is_given(words[0][0]) or words[0][0].lower() in ROMANISED)
            and not (sure and capital and not text[end : end + 1].isalpha())
        ):
            continue
        if (
            head["weak"]
            and capital
            and len(words) > 1
            and not is_given(words[0][0])
            and words[0][0].lower().rstrip(".") not in _TITLES
        ):
            continue  # "This Central Branch": people.py knows better
        if head["weak"] and head["weak"].lower() in ("hi", "hello", "hiya", "hey", "me") and not _alone(text, end):
            continue
        if head["weak"] and head["weak"].lower() in ("hi", "hello", "hiya", "hey"):
            continue  # it greets whom it names
        return _value(read, words)
    return None


def _alone(text: str, end: int) -> bool:
    return text[end : end + 1] in ("", ",", ".", "\n", "!")


def _told_after(read: Plain) -> Found[str] | None:
    """ "dev raichura here", "Fergal Quilligan's the name"."""
    text = read.plain
    for tail in _TAILS.finditer(text):
        begin = (
            max((text.rfind(stop, 0, tail.start()) for stop in (",", ".", "!", "?", "\n", ";", ":")), default=-1) + 1
        )
        before = text[max(begin, tail.start() - _ROOM) : tail.start()]
        for word in _WORD.finditer(before):
            words = _name_from(text, tail.start() - len(before) + word.start())
            if not words or words[-1].end() != tail.start() or quoted(text, words[0].start()):
                continue
            if tail["post"] and not _writes(text, words[0].start(), tail.end()):
                continue
            first = words[0][0]
            if is_given(first) or len(words) > 1 or (_CAPITAL.match(first) and (len(words) > 1 or not tail["said"])):
                return _value(read, words)
    return None


def _writes(text: str, start: int, end: int) -> bool:
    """Whether it stands where one signs: at the head of the text or of its last line."""
    before, after = text[:start].rstrip(), text[end:]
    return not before or ("\n" not in after and len(after) < _ROOM and before[-1] in ",.!?\n;:")


def _in_two_parts(read: Plain, *, asked: bool) -> Found[str] | None:
    """ "first schuyler last o'dell", "Rabinowitz, … First name Hyman", asked: "Moyo, Precious"."""
    text = read.plain
    first, last = _FIRST_NAME.search(text), _LAST_NAME.search(text)
    if first and first["first"].lower() not in _NO_SURNAME:
        if last and last["last"].lower() not in _NO_SURNAME:
            return _joined(first["first"], last["last"], read, min(first.start(), last.start()))
        lead = re.match(rf"\W*(?:(?:it's|that's|it is|the name is|name's) )?(?P<last>{_LETTER}[\w'-]+)\b", text)
        if (
            (asked or first.group().lower().startswith("first name"))
            and lead
            and lead["last"].lower() not in _NO_SURNAME
            and _CAPITAL.match(lead["last"])
        ):
            return _joined(first["first"], lead["last"], read, 0)
    turned = _REVERSED.match(text) if asked or " comma " in text else None
    if turned and not {turned["last"].lower(), turned["first"].lower()} & _NO_SURNAME:
        return _joined(turned["first"], turned["last"], read, turned.start("last"))
    return None


def _joined(first: str, last: str, read: Plain, start: int) -> Found[str]:
    return Found(f"{_part(first)} {_part(last)}", tidy_part(read.own, start), start)


def _part(word: str) -> str:
    if _CAPITAL.search(word):
        return word
    return "'".join(part.capitalize() for part in word.split("'"))


def tidy_part(text: str, start: int) -> str:
    """The words a name in two parts was read from."""
    return text[start : start + _ROOM].split("\n")[0].strip()


def _closing(read: Plain, *, asked: bool) -> Found[str] | None:
    """A name without capitals at the end: "… just take it off. terrell o"."""
    text = read.plain
    match = _CLOSE.search(text, max(0, len(text) - 2 * _ROOM))
    if match is None or (not asked and not text[: match.start("name")].strip()):
        return None
    words = _name_from(text, match.start("name"))
    if not words or words[-1].end() < len(match["name"].rstrip()) + match.start("name"):
        return None
    if not (is_given(words[0][0]) or _two_unknown(words)) or (words[0][0].lower() in ROMANISED and len(words) == 1):
        return None
    if len(words) == 1 and not re.search(
        r"(?i)\b(?:thanks|thank you|thx|cheers|ta|regards|yours|best|love)\W*$|[\n.!?]\s*$", text[: match.start("name")]
    ):
        return None
    return _value(read, words)


def _spelled(read: Plain, *, asked: bool) -> Found[str] | None:
    """The name that letters spell, or the words before it that begin with the same letter."""
    text = read.plain
    runs = [run for run in _LETTERS.finditer(text) if len(_letters(run[0])) > 2]
    if not runs:
        return None
    first = runs[0]
    letters = _letters(first[0])
    before = list(_WORD.finditer(text, max(0, first.start() - 40), first.start()))
    named: list[re.Match[str]] = []
    for word in reversed(before):
        between = text[word.end() : named[0].start() if named else first.start()]
        if (
            word[0].lower() in _NO_SURNAME
            or len(word[0]) == 1
            or word[0].endswith(".")
            or between.strip(" ,.:-")
            or len(named) == 3
        ):
            break
        named.insert(0, word)
    if named and any(word[0].lower()[0] == letters[0] for word in named):
        return _value(read, named)
    if not asked:
        return None
    spelled = [_letters(run[0]).capitalize() for run in runs[:2]]
    after = re.match(rf"[ ,]*(?:and |then |surname |last name |is )*(?P<last>{_LETTER}[\w'-]+)", text[runs[-1].end() :])
    if len(runs) == 1 and after and after["last"].lower() not in _NO_SURNAME and (_CAPITAL.match(after["last"])):
        spelled.append(after["last"])
    return Found(" ".join(spelled), read.own[first.start() : runs[-1].end()], first.start())


def _letters(run: str) -> str:
    return "".join(
        one["letter"].lower() * {"double ": 2, "treble ": 3}.get((one["times"] or "").lower(), 1)
        for one in _ONE_LETTER.finditer(run)
    )


_AT_THE_HEAD: Final = re.compile(
    r"^\W*(?:(?P<from>(?:from|sender|fao from): ?)|)(?P<name>[A-Za-z\u00c0-\u024f][\w'./ -]{1,40}?)(?P<after>,| <|\n|$|\.| (?:from|of) (?=[A-Z])| xx)",
    re.IGNORECASE,
)
_ADDRESSED_YOU: Final = re.compile(
    r"\W*(?:you|please|your|this|can|could|why|when|how|is|was|has|the)\b", re.IGNORECASE
)
_ADDRESSED: Final = re.compile(
    r"\W*(?:i|i'm|i've|you|please|my|we|can|could|why|when|where|how|the|your|this|it|don't|may)\b", re.IGNORECASE
)


def _heading(read: Plain, *, asked: bool) -> Found[str] | None:
    """A name with which the text begins: "Dr Gupta, GP in Ilford, …", "angharad from Bala", "From: Tamsin Brocklehurst <…"."""
    text = read.plain
    match = _AT_THE_HEAD.match(text)
    if match is None:
        return None
    words = _name_from(text, match.start("name"))
    if not words or words[-1].end() < match.start("after") - (
        text[match.start("after") - 1 : match.start("after")] == "."
    ):
        return None
    first = words[0][0].lower().rstrip(".")
    if match["from"]:
        return _value(read, words)
    if match["after"].strip() in ("from", "of", "xx"):
        return _value(read, words) if is_given(first) else None
    if match["after"] == "," and len(words) > 1 and is_given(first) and not _ADDRESSED_YOU.match(text, match.end()):
        return _value(read, words)
    if (
        match["after"] == ","
        and _two_unknown(words)
        and not _CAPITAL.match(words[0][0])
        and not _ADDRESSED_YOU.match(text, match.end())
    ):
        return _value(read, words)
    if first in _TITLES and match["after"] == "," and not _ADDRESSED.match(text, match.end()):
        return _value(read, words)
    return _value(read, words) if asked and (is_given(first) or _CAPITAL.match(words[0][0])) else None


def names_beside(read: Plain, contacts: tuple[Span, ...]) -> Iterator[Found[str]]:
    """A name without capitals right before an address or a number: "reece dunmore 07700 900318"."""
    text = read.plain
    for start, _ in contacts:
        head = text[max(0, start - 40) : start]
        begin = max((head.rfind(stop) for stop in ",.!?\n;:"), default=-1) + 1
        at = max(0, start - 40) + begin + len(head[begin:]) - len(head[begin:].lstrip())
        words = _name_from(text, at)
        if len(words) > 1 and not text[words[-1].end() : start].strip(" ,:-"):
            yield _value(read, words)


def names_in_parts(read: Plain) -> Iterator[Found[str]]:
    """Asked for: "Moyo, Precious", "Rabinowitz, R as in Robert, … First name Hyman"."""
    if (name := _in_two_parts(read, asked=True)) is not None:
        yield name


def names_typed(read: Plain, *, asked: bool) -> Iterator[Found[str]]:
    """As `typed_names`, where the text holds Latin letters."""
    if re.search(r"[A-Za-z]{2}", read.plain):
        yield from typed_names(read, asked=asked)
