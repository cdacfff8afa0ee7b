"""One word in the place of another: "Gary not Gareth", "not Mong Kok, Prince Edward", 城东改成城西, 是李刚不是李强.

The words that are denied stand in what is on record; they, and nothing else of it, are put right. And figures that are told of
something for which the record has no place, a counter, an age, so that none is taken for the sum or the day.

Not here: what is put right without its old value being named (instead.py, partial.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.plain import plain

_SHORT: Final = 140
_LEADS: Final = r"(?!(?:It|It's|Its|I|I'm|The|That|That's|This|He|She|They|We|You|Yes|No|Not|And|But|Was|My|Your|At|In|On|Sorry|Actually|Oh|Well|Please)\b(?!['’]))"
_NAME: Final = rf"{_LEADS}[A-Z][\w'’-]*(?: (?:(?:of|the|and|upon) )?[A-Z][\w'’-]*){{0,3}}"
_AT: Final = r"(?:(?:at|in|the|by|from|called|was|is|it was|it's|it is|but|your) )*"
_ENGLISH: Final = (
    re.compile(rf"\b(?P<new>{_NAME})(?: branch)?,? (?:and |so )?(?:[Nn]ot|NOT|rather than|instead of) {_AT}(?P<old>{_NAME})"),
    re.compile(rf"\b[Nn]ot {_AT}(?P<old>{_NAME})(?: branch)?[,.;:]? {_AT}(?P<new>{_NAME})"),
    re.compile(r"\b(?P<new>[a-z][\w'’-]{2,})(?: branch)? not (?P<old>[a-z][\w'’-]{2,})"),
)  # fmt: skip
_HAN: Final = r"[\u3400-\u9fff]"
_CHINESE: Final = (
    re.compile(rf"(?P<ends>{_HAN}{{2,12}})(?:改成|改为|改做|换成|应该是|应为)(?P<new>{_HAN}{{2,10}})"),
    re.compile(
        rf"(?:不是|唔系|不系|弗是)(?:在|喺)?(?P<begins>{_HAN}{{2,10}})[，, 、]{{1,2}}(?:而)?(?:应该)?(?:是|系)?(?:在|喺)?(?P<new>{_HAN}{{2,10}})"
    ),
    re.compile(
        rf"(?P<new>{_HAN}{{2,10}})[，, ]{{0,2}}(?:而)?(?:不是|唔系|不系|弗是)(?:在|喺)?(?P<begins>{_HAN}{{2,10}})"
    ),
)
_BEFORE_HAN: Final = re.compile(r"^(?:是|系|在|喺|应该|其实|就|而|对|那个|嗰个)+")
_AFTER_HAN: Final = re.compile(
    r"(?:啊|呀|啦|喇|吧|了|的|嘅|㗎|才对|先啱|就对|哦|喔|耶|囉|啰|咯|嘛|呢|嚟|哈|才|先|就行|就好|谢谢|唔该)+$"
)
_LEFT_OVER: Final = re.compile(
    r"(?:[分支]行|那个|嗰个|嗰间|那家|啊|呀|啦|喇|吧|了|的|嘅|㗎|才对|先啱|喔|哦|耶|囉|咯|嘛|哈)*"
)
_BRANCH: Final = re.compile(r"[分支]行$")
_FACT: Final = re.compile(r"(?:要求|诉求|金额|日期|时间|名字|姓名|电话|号码|对象|投诉|内容)")
_SPEAKS: Final = re.compile(r"[我你您佢他她]")


def replaced_in(text: str, known: str | None) -> str | None:
    """The value with the words that the text puts in the place of others; None where it puts none in this one."""
    if not known or len(text) > _SHORT:
        return None
    for old, new in (*_english(text, known), *_chinese(text, known)):
        at = known.lower().find(old.lower())
        if at < 0 or new.lower() in known.lower():
            continue
        rest = known[at + len(old) :]
        if _BRANCH.search(plain(new).plain) and re.match(r"[分支]行", plain(rest).plain):
            rest = rest[2:]
        return known[:at] + new + rest
    return None


def _english(text: str, known: str) -> Iterator[tuple[str, str]]:
    for pattern in _ENGLISH:
        for match in pattern.finditer(text):
            old, new = match["old"], match["new"]
            found = re.search(rf"\b{re.escape(old)}\b", known, re.IGNORECASE)
            if found is not None and found[0][0].isupper():
                yield found[0], new if new[0].isupper() else new.capitalize()


def _chinese(text: str, known: str) -> Iterator[tuple[str, str]]:
    said, folded = plain(text), plain(known).plain
    for pattern in _CHINESE:
        for match in pattern.finditer(said.plain):
            groups = match.groupdict()
            run = groups.get("ends") or match["begins"]
            old = _end_of(run, folded) if groups.get("ends") else _beginning_of(run, folded)
            new = said.own[match.start("new") : match.end("new")]
            lead = _BEFORE_HAN.search(plain(new).plain)
            new = new[lead.end() :] if lead else new
            tail = _AFTER_HAN.search(plain(new).plain)
            new = new[: tail.start()] if tail else new
            if old and not _FACT.fullmatch(old) and len(new) >= 2 and not _SPEAKS.search(new):
                at = folded.index(old)
                yield known[at : at + len(old)], new


def _end_of(run: str, known: str) -> str | None:
    return next((run[place:] for place in range(len(run) - 1) if run[place:] in known), None)


def _beginning_of(run: str, known: str) -> str | None:
    for end in range(len(run), 1, -1):
        if run[:end] in known:
            return run[:end] if _LEFT_OVER.fullmatch(run[end:]) else None
    return None


_OTHER_THINGS: Final = re.compile(
    r"(?:第)?(?<!\d)\d{1,6} ?号?(?:窗口?|柜[台员位]?|櫃檯?|台|档|位|铺|机|楼|室|房|线|店|球)|(?<!\d)\d{1,6} ?(?:岁|周岁|虚岁|个人|位|楼|层|号窗)|(?:今年|年纪|年龄|虚岁|周岁|都|已经|我|我爸|我妈|佢|他|她)(?:都|已经|是|系|今年)*\d{2}(?:岁|了|啦|喇|咗)(?![\d.元块蚊])"
    r"|\b(?:window|counter|till|desk|booth|kiosk|door|gate|platform|floor|room|queue|ticket)(?: number| no\.?)? ?\d{1,6}\b|\b\d{1,6} (?:staff|employees|people|colleagues|customers|years old|years? of age)\b|\b(?:i'm|i am|aged?|she's|he's|she is|he is|turned)(?: now| actually| only)? \d{2,3}\b(?! (?:pounds?|quid|out of pocket|short|down|owed|late|minutes?|days?))",
    re.IGNORECASE,
)
_FIGURE: Final = re.compile(r"\d")
_NOT_THAT: Final = re.compile(
    r"(?:不是|唔系|不系|弗是)(?:我[爸妈]?|他|她|佢)?(?P<one>\d+(?:\.\d+)?)[^\d\n]{0,4}(?:是|系)?\d|\d[^\d\n,，]{0,6}[,，]? ?(?:and )?(?:而)?(?:not|不是|唔系|不系)(?: the)? ?(?P<two>\d+(?:\.\d+)?)(?!\d)",
    re.IGNORECASE,
)


def without_other_things(text: str) -> str:
    """The text without figures of things for which the record has no place; as it is where there are none."""
    read = plain(text).plain
    return _OTHER_THINGS.sub(" ", read) if _OTHER_THINGS.search(read) else text


def is_of_another_thing(text: str) -> bool:
    """Whether all its figures are told of things for which the record has no place."""
    rest = without_other_things(text)
    return rest != text and _FIGURE.search(rest) is None


def denied_figure(text: str) -> str | None:
    """The figure that is not so: 78 in 不是78，是79 and in "79 not 78"."""
    match = _NOT_THAT.search(plain(text).plain)
    return None if match is None else match["one"] or match["two"]
