"""More ways of saying who one is: 我，周敏，实名投诉, 单名一个伟字, "I, Dorothy Price, …", "Dorothy Price calling", "Thanks, John".

Each has a form of its own in which nobody but the writer is named: an apposition to "I", a role before the name, a closing
on the line of the name. They are tried where the plainer ones (people.py, signatures.py) find nothing.
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.people import COMPOUND, NO_NAME, STOP_WORDS, SURNAMES
from dialogue.understanding.plain import Plain

_HAN = r"[\u4e00-\u9fff]"
_NAME = rf"(?P<name>(?:{COMPOUND}){_HAN}{{1,2}}|[{SURNAMES}]{_HAN}{{1,2}})"
_END = r"(?=$|[^\u4e00-\u9fff]|电话|手机)"
_PAUSE = r"(?:^|(?<=[,，。;；!！?？\n ]))"
_TITLE = r"(?:先生|女士|小姐|太太|姐|哥|叔|姨|伯|婆|生|太|师傅|老师|阿姨|大爷|大妈)"
_HAN_FORMS: Final = (
    re.compile(rf"{_PAUSE}我[,，]{_NAME}[,，]"),
    re.compile(rf"(?:^|^(?:您|你)好[,，!！]?)我(?![都从那能全关于时向和连常应易单终越何别万当]){_NAME}[,，]"),
    re.compile(
        rf"{_PAUSE}(?:鄙人|在下|小弟|小妹|晚辈|本人|(?:实名)?(?:举报|投诉|申诉|反映|申请|联系|联络)人|当事人|苦主|业主|家属|大名叫?|全名叫?)[,，: ]{{0,2}}{_NAME}{_END}"
    ),
    re.compile(
        rf"我(?:是|系)[^,，。;\n]{{0,10}}(?:客户|用户|储户|持卡人|业主|会员|股民|投资人|学生|老师|村民)[ ]?{_NAME}(?=$|[,，。;；\n ])"
    ),
    re.compile(
        rf"(?:叫我|喊我|称呼我)(?:一声)?(?P<name>[老小阿]?(?:{COMPOUND}|[{SURNAMES}]){_TITLE}|[老小阿][{SURNAMES}])(?=$|[^\u4e00-\u9fff]|[吧就行好])"
    ),
)
_PARTED: Final = (  # the surname, and later the rest
    re.compile(
        rf"(?<![他她佢哥姐爸妈公婆])姓(?P<surname>[{SURNAMES}])[^。;\n]{{0,8}}?单名(?:一?个)?(?P<given>{_HAN})(?:字|$|[,，。])"
    ),
    re.compile(
        rf"(?<![他她佢哥姐爸妈公婆])姓(?P<surname>{COMPOUND}|[{SURNAMES}])[,，、 ]?(?:双?名)(?:叫|为|是)?(?!叫)(?P<given>{_HAN}{{1,2}})(?=$|[,，。;\n ])"
    ),
)
_FULL_AFTER: Final = re.compile(
    rf"(?<![他她佢哥姐爸妈公婆])姓(?P<surname>[{SURNAMES}])[,，]?(?:{_HAN}{{1,4}}(?P=surname))?[,，]?(?:名?叫|全名)(?P<name>(?P=surname){_HAN}{{1,2}}?)(?=$|[^\u4e00-\u9fff]|(?P<last>{_HAN}){_HAN}{{1,3}}的(?P=last))"
)
_LATIN_IN_HAN: Final = re.compile(
    r"(?:我(?:的)?(?:英文)?名字?(?:是|叫|系)|我(?:叫|是|系)|姓名[:：])\s?(?P<name>[A-Z][a-z]+(?: [A-Z][a-z'-]+){0,3})(?![A-Za-z])"
)
_WORD = r"[A-Z\u00c0-\u00de][a-z\u00df-\u024f]+(?:['-][A-Z]?[a-z]+)*"
_FULL = rf"{_WORD}(?: (?:[A-Z]\.?(?![A-Za-z'-])|{_WORD}|van|der|de|bin|al)){{1,3}}"
_ENGLISH_FORMS: Final = (
    re.compile(rf"\bI, (?:the undersigned,? )?(?P<name>{_FULL}),"),
    re.compile(rf"(?:^|[.,!?] |\n)(?P<name>{_FULL}) (?:calling|speaking|writing|again)\b"),
    re.compile(rf"\b[Tt]he name(?:'s| is) (?:{_WORD}, )?(?P<name>{_FULL})"),
    re.compile(rf"\bI(?:'m| am) (?P<name>(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?{_WORD})(?=, |\. | and (?:you|I|my)\b)"),
    re.compile(rf"^(?:From|Sender|Signed|Customer|Complainant)[:,]? +(?P<name>{_FULL})\W*$", re.MULTILINE),
    re.compile(
        rf"\b(?:[Tt]hanks|[Tt]hank you|[Cc]heers|[Rr]egards|[Bb]est(?: wishes)?|[Yy]ours(?: \w+)?|[Ss]incerely|[Ss]igned|[Ss]ent by|[Ff]aithfully|[Tt]a)[,.!]? +(?P<name>(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?{_WORD}(?: (?:[A-Z]\.?(?![A-Za-z'-])|{_WORD})){{0,3}}|(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z] {_WORD})\W*$"
    ),
    re.compile(rf"[.!?\n] ?[-~] ?(?P<name>{_WORD}(?: (?:[A-Z]\.?(?![A-Za-z'-])|{_WORD})){{0,2}})\W*$"),
    re.compile(rf"[.!?\n] *(?P<name>(?:Mr|Mrs|Ms|Miss|Dr)\.? {_WORD}(?: {_WORD}){{0,2}}), (?:aged|age|\d)"),
    re.compile(rf"\b[Aa]sk for (?P<name>{_WORD}(?: {_WORD})?)(?=,| on| at)"),
)
_LOWER: Final = re.compile(
    r"\bmy (?:full )?name(?:'?s| is) (?P<name>[a-z]{2,12} [a-z'-]{2,14})(?=[,.;!\n]| and | btw|$)|^(?:hi|hello|hiya)[ ,]+(?P<here>[a-z]{3,12} [a-z'-]{3,14}) here\b",
    re.IGNORECASE,
)
_NO_FIRST_NAME: Final = frozenset(
    "british english irish scottish welsh american polish chinese indian nigerian pakistani french german italian spanish romanian muslim christian catholic jewish hindu sikh deaf autistic "  # noqa: SIM905
    "everyone everybody mate bye guys team folks again anyway".split()
)


def self_named(read: Plain) -> Found[str] | None:
    """The name in the first of these forms that is there."""
    text = read.plain
    if not text.isascii():
        for pattern in _PARTED:
            if match := pattern.search(text):
                name = read.own[match.start("surname") : match.end("surname")] + read.own[slice(*match.span("given"))]
                return Found(name, read.own[slice(*match.span())].strip(), match.start())
        for pattern in (_FULL_AFTER, *_HAN_FORMS, _LATIN_IN_HAN):
            for match in pattern.finditer(text):
                if not NO_NAME.search(match["name"]):
                    return _found(read, *match.span("name"))
    for pattern in _ENGLISH_FORMS:
        for match in pattern.finditer(text):
            words = match["name"].lower().replace(".", "").split()
            if not any(word in STOP_WORDS or word in _NO_FIRST_NAME for word in words):
                return _found(read, *match.span("name"))
    if match := _LOWER.search(text):
        group = "name" if match["name"] else "here"
        if not any(word in STOP_WORDS for word in match[group].lower().split()):
            found = _found(read, *match.span(group))
            return Found((found.value or "").title(), found.words, found.start)
    return None


def _found(read: Plain, start: int, end: int) -> Found[str]:
    return Found(read.own[start:end], read.own[start:end], start)
