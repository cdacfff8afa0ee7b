"""A correction that names what it corrects: "the date is wrong, it should be: last Tuesday", 投訴對象不對，應該是：左營分行.

What follows is the value of that fact and of no other, however it is said.

Not here: corrections that only say the new value (meant.py, taking.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from dialogue.understanding.abouts import without_lead
from dialogue.understanding.plain import plain, tidy

LONGEST: Final = 200
"""Characters of a value."""

LONGEST_SHORT: Final = 60
"""Characters of a name, or of what it is about."""

_NAMES: Final = {
    "occurred_on": r"日期|时间|发生(?:的)?(?:日期|时间)|哪天|日子|the (?:date|day|time)|when (?:it happened)?",
    "amount": r"金额|涉及金额|数额|银码|钱数|数目|the (?:amount|sum|figure|money)",
    "name": r"姓名|名字|称呼|个名|(?:the|my) (?:name|spelling)",
    "contact": r"联系方式|联络方式|联络方法|联系电话|电话(?:号码)?|手机(?:号码?)?|号码|邮箱|电邮|电子邮件|(?:the|my) (?:contact|(?:phone )?number|phone|e-?mail(?: address)?)",
    "about": r"投诉(?:的)?对象|对象|网点|分行|产品|the (?:subject|branch|product|account)|what it(?:'s| is) about",
    "desired_outcome": r"我?(?:的)?(?:要求|诉求)(?![也都]?(?:改|应|更))|the (?:wish|request|outcome|desired outcome)|what (?:i want|i ask for|i am asking for)",
    "what_happened": r"事情经过|经过|内容|the (?:story|account|description)|what happened",
}  # fmt: skip
_FIELD = "|".join(f"(?P<{fact}>{names})" for fact, names in _NAMES.items())
_NAMED: Final = re.compile(
    rf"(?:(?<=[,，。;；.!！\n ])|^)(?:{_FIELD})[ ]?(?:也|都|就)?"
    r"(?:(?:不对|不啱|唔啱|错了?|错咗|有误|写错了?|写错咗|不正确|记错了?)(?:了|喇)?[,，。:： ]{0,3}(?:应该|应当|应|要|改)?(?:是|为|系|成|做|:|：)?"
    r"|(?:应该|应当|应|要)?(?:改成|改为|改做|应该是|应为|应该系|更正为)"
    r"|(?: (?:is|was|are)|'s) (?:wrong|incorrect|not right|not correct)[,.;: ]{0,3}(?:and )?(?:it )?(?:should (?:be|say|read)|(?:it )?is|it's)"
    r"| should (?:be|say|read)"
    r"|(?P<weak>是|为|系|:|：| is | was |'s ))"
    r"[:： ]{0,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """The fact that is put right, and the customer's words of what it should be."""

    fact: str
    said: str
    start: int = 0


def corrections_named(text: str) -> tuple[Named, ...]:
    """Every correction that names its fact, in the order of the text; each goes on to the next."""
    read = plain(text)
    matches = list(_NAMED.finditer(read.plain))
    if all(match["weak"] for match in matches):
        return ()  # "the date was Friday" says something new; beside a correction it is one more
    found = []
    for place, match in enumerate(matches):
        end = matches[place + 1].start() if place + 1 < len(matches) else len(read.own)
        said = read.own[match.end() : min(end, match.end() + LONGEST)].strip(" \n,，。.;；:：")
        fact = next(name for name in _NAMES if match[name] is not None)
        if said:
            found.append(Named(fact, said, match.start()))
    return tuple(found)


def as_named(named: Named, read: Any) -> Any:
    """The value: as it was read, or, where the customer's words are the value, in their words; None where neither will do."""
    said = tidy(named.said)
    if named.fact == "about":
        return without_lead(said)[:LONGEST_SHORT] or None
    if named.fact == "desired_outcome":
        return said
    if named.fact == "name" and read is None:
        return said if len(said) <= LONGEST_SHORT and not re.search(r"\d", said) else None
    return read
