"""Chinese names in running text: 我叫郭俊廷啦你們…, 我姓佟佟丽华呃, 小弟姓簡, 雙木林,建設的建,宏偉的宏.

Who speaks or types without marks goes on right after the name: where it ends is told by what follows (a pronoun, a particle, a
word that begins a clause). A surname is also said by its parts (弓長張) or by a word it stands in (侯爵的侯), and so is
each character of the name.

Not here: names between marks, as an answer or a signature (people.py, signatures.py, selves.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.people import COMPOUND, NO_NAME, SURNAMES
from dialogue.understanding.plain import Plain, quoted

_HAN = r"[\u4e00-\u9fff]"
_IS_HAN: Final = re.compile(_HAN)
_SURNAME = rf"(?:{COMPOUND}|[{SURNAMES}])"
_COMPOUND: Final = re.compile(COMPOUND)
_TITLE: Final = re.compile(r"先生|小姐|女士|太太|生(?=$|[^\u4e00-\u9fff]|[得就呀啊喇])|太(?=$|[^\u4e00-\u9fff])|[经主行][理任长]|老师|师傅")

_NEVER: Final = frozenset("我你您他她它的了是在就都不没吗呢吧啊呀嘅咗系喺啦喇嘛跟被把给让这那啲哋佢嗰冇唔呃嗯哦欸齁字去")
"""Characters that stand in no given name."""
_WORDS_TOO: Final = frozenset("车时都能那于从向别万常连和方全单终越何当平易应明支满空有关来经过后路成安查相公解计项别利费")
"""Surnames that are everyday words as well: before anything but a mark they name nobody."""
_FOLLOWS: Final = re.compile(  # what goes on after a name
    r"$|[^\u4e00-\u9fff]|我|你|您|他|她|佢|的|嘅|啦|喇|啊|呀|吖|嘛|咯|囉|啰|喔|呃|嗯|哦|欸|齁|唉|诶|这|那|呢|嗰|不是|唔系|就|是(?!的)|系|先生|女士|小姐|太太|"
    r"电话|手机|手提|号码?[就是系]|身份证|证件|联系|联络|住|今年|现年|男|女|想|要|来(?!福|娣|弟|喜|顺)|因|因为|所以|于|在|有(?!才|福|财|为|德|仁)|持|用|反映|投诉|申诉|茲|兹|代表|上[个周星礼回次月]|下[个周]|前[天日几年]|昨[天日晚]|今[天日早晚]|刚|[一二两三四]个?字|去年|赶紧|快|麻烦|请|唔该|"
    r"一直|从|自|把|将|被|给|帮|对|跟|同|喺|畀|俾|话|说|问|讲|做|卡|开|办|买|存|取|转|打|(?P<one>\w)\w{0,3}[的嘅](?P=one)|\w(?P<two>\w)\w?[的嘅](?P=two)|双\w|草头|木子|弓长|立早|耳东|口天|古月|言午|三点水"
)

_FILLER = r"(?:[ ,:，：、]|那个|这个|呃+|嗯+|啊|阿|就?(?:是|系|叫)|做|作)*"
_OWN = r"(?<![他她佢人客听])(?:我|俺|阮|本人|鄙人|在下|小弟|小妹|小女子|晚辈|敝人|敝)"
_SAYS: Final = re.compile(
    rf"(?P<sure>(?<![帮听说骂喊是])(?:我|俺)(?:的|嘅)?(?:(?:本|真|大|全|中文|身份证|证件)?(?:名字?|姓名)(?:就?(?:叫|是|系)做?)|叫做?|名叫|个名(?:叫|系))"
    rf"|(?:本名|真名|大名|全名|中文名字?|新名字?|姓名|名字)(?:就?(?:叫做?|是|系))|(?:我|现在?)?(?:已经)?改(?:了|咗)?名(?:字)?(?:叫做?|做|为|成|了|系))"
    rf"|(?P<bare>(?:本名|真名|中文名字?|新名字?)|证件上(?:写)?(?:的名字)?(?:是|系)?|身份证上?(?:的名字)?(?:是|写的?|叫)|(?:老板娘?|东主|店主|负责人|经手人|业主|户主|当家的)(?={_HAN}{{3}}(?:$|[^\u4e00-\u9fff]|[啊呀啦喇])|[ :：]{{1,2}}{_HAN}{{2,3}}(?:$|[^\u4e00-\u9fff])))"
    rf"|(?P<self>(?<![\u4e00-\u9fff])本人(?:是|系)?)"
)
_ANOTHER: Final = re.compile(
    r"(?:他|她|佢|爸|妈|父|母|先生|太太|老公|老婆|儿子|女儿|对方|骗子|经理|柜员|客服|理专|专员|同事|朋友|邻居|收款人?|那个人|男的|女的|某)(?:的|嘅)?$"
)

# ---- the surname, and what explains it ----

_PARTS = "弓长立早木子双口天耳东古月言午走肖文刀横划草头大肚三点水人未禾则干勾易白可丁呈关奠丘余示申卯金将女兆米番马两身寸射西采山今石门兑宝盖竹雨田君童重戈单二十日火土八尸巾工字旁底边者王也又反耳朵"
_BY_PARTS = rf"[{_PARTS}]{{2,5}}(?:的|嘅|那个|嗰个|个)?"
_OWN_SURNAME: Final = re.compile(
    rf"(?:{_OWN}(?:呢边|这边|家|夫家)?|免贵|贱|小)(?:是|系)?姓(?!名)(?P<by>{_BY_PARTS}(?={_SURNAME}))?(?P<surname>{_SURNAME})(?!的(?:[^\W\d]|那))"
    rf"|(?:^|(?<=[,，。;；!！?？\n 啦啊呀]))姓(?P<by2>{_BY_PARTS}(?={_SURNAME}))?(?P<clause>{_SURNAME})(?=$|[,，。;；\n ]|的?\W*$|[啊呀啦嘅])"
)
_BY_PARTS_ALONE: Final = re.compile(
    rf"(?:^|(?<=[,，。;；!！?？\n ]))(?:我?(?:就?是|系|姓)|姓)?(?![一二三四五六七八九十]+[万单千])[{_PARTS}]{{1,3}}[{_PARTS}](?:的|嘅|那个|嗰个|个)?(?P<surname>[{SURNAMES}])(?=$|[,，。;；、\n ]|[啦啊呀])"
)
_EXPLAINS: Final = re.compile(rf"(?P<word>{_HAN}{{2,4}})(?:的|嘅|那个|嗰个|个)(?P<char>{_HAN})")
_GIVEN: Final = re.compile(
    rf"(?:单名(?:一?个|系|叫|是)?|(?:双?名字?|名)(?:[,， ]|叫|是|系|就?叫)+|名)(?P<given>{_HAN}{{1,2}}?)(?=字?(?:$|[^\u4e00-\u9fff]|[啊呀啦嘅]))"
)
_COMPOUND_ALONE: Final = re.compile(rf"^\W*(?P<surname>{COMPOUND})(?=[,，。 ])")


def name_end(text: str, start: int, *, sure: bool) -> int | None:
    """Where the name ends that begins with a surname at `start`; `sure`: that it is a name is told by what stands before."""
    compound = _COMPOUND.match(text, start)
    if compound is None and text[start : start + 1] not in SURNAMES:
        return None
    given = start + (2 if compound else 1)
    fits = [
        end
        for end in (given + 2, given + 1, given + 3)
        if _is_given(text[given:end], end - given) and _FOLLOWS.match(text, end)
    ]
    if given + 3 in fits and (fits[0] != given + 3 or text[given : given + 1] not in SURNAMES):
        fits.remove(given + 3)  # four characters only for two surnames: 王陈金枝
    if len(fits) > 1 and _FOLLOWS.match(text, fits[1]) and fits[1] < fits[0] and _begins_a_word(text, fits[1]):
        fits = fits[1:]
    end = fits[0] if fits else given + 2 if sure and _is_given(text[given : given + 2], 2) else None
    if end is None or NO_NAME.search(text[start:end]):
        return None
    loose = text[start] in _WORDS_TOO and compound is None
    return None if loose and _IS_HAN.match(text, end) and not sure else end


def _is_given(given: str, length: int) -> bool:
    return len(given) == length and all(_IS_HAN.match(char) and char not in _NEVER for char in given)


def _begins_a_word(text: str, at: int) -> bool:
    """Whether the last character of the longer name belongs to the next word: 陈强电话, 江敏要求."""
    return re.match(r"电话|手机|手提|身份|证件|联系|联络|今年|现年|想[要请问]|要[求投来]|因为|反映|投诉|申诉", text[at:]) is not None


def said_names(read: Plain) -> tuple[Found[str], ...]:
    """The name after words that announce it as the writer's own, however the text goes on."""
    text = read.plain
    for match in _SAYS.finditer(text):
        start = match.end()
        while start < len(text) and (filler := _FILL.match(text, start)) and filler.end() > start:
            start = filler.end()
        sure = match["sure"] is not None
        end = name_end(text, start, sure=sure)
        if end is None or _ANOTHER.search(text[max(0, match.start() - 6) : match.start()]) or quoted(text, match.start()):
            continue
        if match["self"] and not _FOLLOWS.match(text, end):
            continue
        return (_found(read, start, end, match.start()),)
    return ()


_FILL: Final = re.compile(r"[ :：]|[,，、](?=[\u4e00-\u9fff]{2,3}(?:$|[^\u4e00-\u9fff]))|那个|这个|呃|嗯|就?(?:是|系|叫)|做|作")


def explained_names(read: Plain, *, asked: bool) -> tuple[Found[str], ...]:
    """A surname that is the writer's own, with the rest of the name where it is told: by itself, by 单名, by words it stands in."""
    text = read.plain
    own = _OWN_SURNAME.search(text)
    anchor = own or _BY_PARTS_ALONE.search(text) or (_COMPOUND_ALONE.match(text) if asked else None)
    if anchor is None or quoted(text, anchor.start()):
        return ()
    group = "surname" if anchor["surname"] else "clause"
    surname = anchor[group]
    if group == "clause" and not asked and not _of_the_writer(text, anchor.start()):
        return ()
    start, end = anchor.span(group)
    whole = _whole(text, surname, start)
    if whole is not None:
        return (_found(read, *whole, anchor.start()),)
    rest = text[end : end + _NEAR]
    given = _GIVEN.search(rest)
    if given and not _EXPLAINS.match(rest, given.start("given")):
        at = end + given.start("given")
        name = read.own[start:end] + read.own[at : at + len(given["given"])]
        return (Found(name, read.own[anchor.start() : at + len(given["given"])].strip(), anchor.start()),)
    chars = [
        read.own[end + said.start("char")]
        for said in _EXPLAINS.finditer(rest)
        if said["char"] in said["word"] and said["char"] != surname
    ]
    name = read.own[start:end] + "".join(chars[:2])
    return (Found(name, read.own[anchor.start() : end].strip(), anchor.start()),)


_NEAR: Final = 60
"""Characters after the surname in which the rest of the name is told."""


def _whole(text: str, surname: str, start: int) -> tuple[int, int] | None:
    """Where the full name stands after its surname was said: 我姓蘇,蘇敏華."""
    for place in re.finditer(surname, text[start : start + _NEAR + len(surname)]):
        at = start + place.start()
        after = at + len(surname)
        if text.startswith(surname, after) or _TITLE.match(text, after):
            continue
        if _EXPLAINS.match(text, at) or text[max(0, at - 1) : at] in ("的", "嘅", "姓") and at != start:
            continue
        if at != start and text[at - 1] in "个" and not _is_pause(text, at - 2):
            continue
        end = name_end(text, at, sure=at != start or text[at - 1] not in "姓")
        if end is None or text[end : end + 1] == "字" or (at == start and not _is_pause(text, end)):
            continue
        return at, end
    return None


def _is_pause(text: str, at: int) -> bool:
    return not 0 <= at < len(text) or not _IS_HAN.match(text[at])


def _of_the_writer(text: str, at: int) -> bool:
    """姓詹 alone, after 我…: nobody else was spoken of before."""
    before = text[max(0, at - 24) : at]
    return not before.strip(" ,，。") or (re.search(r"我|本人|俺", before) is not None and _ANOTHER_BEFORE.search(before) is None)


_ANOTHER_BEFORE: Final = re.compile(
    r"他|她|佢|经理|柜员|客服|理专|专员|主任|行员|职员|小姐|先生|那个人|有个|一个|叫我|跟我|对我|骗我|同我"
)


def _found(read: Plain, start: int, end: int, since: int) -> Found[str]:
    return Found(read.own[start:end], read.own[since:end].strip(), since)
