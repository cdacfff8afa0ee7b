"""Which of the names in a text is the writer's own, or none: what speaks for each, weighed by ranking.py.

A name speaks for itself by what announces it (我叫, "my name is", 姓名：), by where it stands (alone on a line, last, beside a number), by an
address that begins like it, by words of who writes (業主, "hon. secretary"); a role of the house or a relative before it, a verb after it and
quotation marks speak against it. The older readers' finds and their verdict (writer.py) are signs among these.

Not here: where names may stand (name_candidates.py), the weights (ranking_name.json).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.given_names import is_given, is_ordinary
from dialogue.understanding.name_candidates import NameCandidate, places_of_names
from dialogue.understanding.people import COMPOUND, NO_NAME, SURNAMES
from dialogue.understanding.plain import Plain, Span, plain, quoted
from dialogue.understanding.ranking import NONE, RULES, Candidate, Considered, ranking, runs_of, tokens_of
from dialogue.understanding.signatures import is_a_word
from dialogue.understanding.writer import is_anothers, writer_named

_HAS_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_COMMON: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎易常武乔贺赖龚"
)
_EVERYDAY: Final = frozenset(
    "代车时都能那于从向别万常连和方全单终越何当平易应明支满空有关来经过后路成安查相公解计项别利费强白高水文国马温干家广丰海包"
)
_GIVEN: Final = frozenset(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玲文辉力华建国丹萍鹏飞龙斌浩凯婷玉珍雪梅琴云洁莉凤慧淑美惠燕君欣怡佳琳雯雅芬芝芸莲莹蓉薇蕾颖倩璐瑶琪琦瑾瑜璇珊珠宝银翠香春秋冬夏荣富贵福禄寿喜庆祥瑞吉康健安宁和顺德仁义礼智信忠孝诚实真善良正义志宏伟大鸿鹄鹰鹤凌霄天宇宙星辰晨曦旭阳光晖昊昱昕晓晴朗月亮皓皎洁柏松林森木梓桐楠枫杨柳竹菊荷蓝紫青碧翠彤丹朱墨白雪冰霜露雨霏雷电风岚峰岩岭山川江河海洋波涛泽润源泉清澈淼涵泓瀚溪湘汉沛沁浩然泰博学文斌彬武威震东南西北中立成功达远程通顺利胜凯旋捷才俊杰豪英雄伦世代承继祖宗嗣孙子儿女仔妹弟姐哥娣招来弟盼男根柱栓锁石头铁钢金鑫铭锋锐钧钰铮镇坤乾培基坚垚圣城堂士仕任俊修倩偲傲允元先光克兆全典兴冠凡刘刚利力加勋化升千华卓南博卫友发可叶向君启呈咏和品哲唯善喆嘉园国圆圳坚垣培增声夏夕多大天太夫奇奎妍妙妤妮姗姝姣娅娇娴婉婕婧媛嫣孝孟学宁宇守宏宗定宜宝实宣容宽宾富寒察尔尚少展屹岳崇川州巧希帆平年广庆庭康廷弘强彦彩影德心必志忠念思怀恒恩悦惠慈慕慧懿成戈扬承抒振捷敏敬斐新方旻昀昂昌易星春昭是显晋晏普景智曼曾月朋望朝本权杏来松枝柔栋树格桂桃梁梦棋棠楚榕正武殊民水永汝沐沛法泰津洪浦浩润淇淳渊温源滢漫澄濡炎炜炫炯烁烨焕煜熙燕爱牧玄玉玟玥珂珈珏班珩球琛琬琰瑛瑞瑟瑾璋璟瓊甜生田申男畅盈盛知石硕碧祁祖祺禧禾秀秉程积穆章竞笑竹筠筱简粤精系素紫红纯纲纶纹细绍经绮维绿缘罡群羽翔翰耀聪育舒航良艺艾芃芊芙花芷苏若苑英茂茗茜茵荃荔荣莎莫菁菡萌萱落葵蒙蓓蔓蔚薰虹蝶融行裕观言诗诺谦贝贞贤赐超越路跃轩辉辰达迅迎运进远连迪通逸道邦郁采金铃锦长闻阔阿陵隆雁集雅霁霆霖露青靖静韬韵音顺颂颜风飒馨驰驹骁骏骞高魁鱼鲁鸣鸿鹏麒麟麦默龄宛于谊怡萱妙芯柏翰咏炳添财满妹娇嫦仪慈昭钗雪雀坚祖耀洛琼阮氏好丰进惇铨甄旻璧芮闵"
)
_TITLE: Final = re.compile(r"(?:先生|女士|小姐|太太|老师|师傅|阿姨|大爷|大妈|伯伯|婆婆|[生太姨叔伯婶姐哥])$")
_SURNAME: Final = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])")
_FILLERS: Final = ":：,，、 的嘅叫是系姓名】]"
_HOUSE: Final = tuple(
    "经理 主任 行长 柜员 柜姐 客服 理专 专员 顾问 行员 职员 员工 店员 业务员 业务 代理人 代理 经纪 保安 保全 坐席 催收 催收员 经办 经办人 襄理 副理 协理 主管 领导 同事 工号 信贷员 主播 律师 法官 警官 医生 护士 某 骗子 对方 收款 收款人 房东 卖家 买家 朋友 同学".split()  # noqa: SIM905
)
_FAMILY: Final = tuple(
    "妈 妈妈 爸 爸爸 父亲 母亲 老公 老婆 先生 太太 丈夫 妻子 爷爷 奶奶 外公 外婆 公公 婆婆 儿子 女儿 哥 哥哥 姐 姐姐 弟 弟弟 妹 妹妹 孙女 孙子 侄子 侄女 前夫 前妻 女友 男友 他 她 佢".split()  # noqa: SIM905
)
_OWN: Final = tuple(
    "我 俺 阮 本人 小弟 在下 鄙人 家长 业主 户主 持有人 持卡人 客户 用户 储户 代表 负责人 店主 会计 财务 法人 干事 投诉人 申诉人 联系人 联络人 姓名 名字 称呼 署名 老师 教师 学生 退休 村民 户".split()  # noqa: SIM905
)
_HOUSE_ENGLISH: Final = frozenset(
    "manager adviser advisor cashier teller clerk agent banker officer rep representative colleague guard solicitor broker builder seller buyer landlord landlady scammer payee called named with from by to at in of saw met for lad lady man woman girl guy bloke chap company firm bank dear hi hello".split()  # noqa: SIM905
)
_FAMILY_ENGLISH: Final = frozenset(
    "mum mom mother dad father wife husband partner son daughter brother sister uncle aunt cousin nephew niece nan gran grandad grandma grandson granddaughter friend mate boss neighbour neighbor ex his her their".split()  # noqa: SIM905
)
_OWN_ENGLISH: Final = frozenset(
    "i'm im am this is myself name name's names me i regards thanks you cheers sincerely faithfully signed yours it's from by customer complainant here".split()  # noqa: SIM905
)
_DOES: Final = re.compile(
    r"\s*(?:经理|主任|行长|先生说|小姐说|女士说|说|话|讲|跟我|同我|对我|叫我|让我|答应|答|告诉|卖|推荐|介绍|骗|打|收|拿|把我|不|在柜台|在电话|那个|这个|嗰)|,? (?:who|that|told|said|says|sold|promised|was|is|has|had|did|at|in|on|from|took|refused|never|and|keeps?|branch|bank|road|street|office|store|centre)\b|'s\b",
    re.IGNORECASE,
)
_WRITES: Final = re.compile(
    r"\s*(?:本人|敬上|谨上|谨启|敬启|拜上|上(?=$|\n)|就是我|\(?(?:真名|本名|已退休)|今年|现年|\d{1,3}岁|反映|投诉|手机|电话|tel)|,? (?:here|calling|speaking|writing|aged|retd|hon\.?|for\b|(?:hon\. )?secretary|treasurer|director|owner|trustee|chair|customer)\b|,? \(?(?:me|mrs|mr|ms|retd)\)?",
    re.IGNORECASE,
)
_CLOSES: Final = re.compile(
    r"\b(?:regards|thanks|thank you|cheers|sincerely|faithfully|wishes|yours|best)\b|此致|敬礼|谢谢|多谢|祝好|敬上",
    re.IGNORECASE,
)
_EXPLAINED: Final = re.compile(r"[,，、。 ]{0,2}[\u3400-\u9fff]{1,4}[的嘅个]([\u3400-\u9fff])")
_LOCAL: Final = re.compile(r"([\w.+-]{2,40})@")
_WORDS: Final = re.compile(r"[^\W\d_]")
_LAST_WORD: Final = re.compile(r"[^\W\d_](?=[\W\d_]*\Z)")
_ANNOUNCES: Final = re.compile(
    r"(?:联系|聯絡)?(?:电话|手机|手提|邮箱|电邮)|\b(?:tel|mobile|phone|email)\b", re.IGNORECASE
)
_LABEL: Final = re.compile(r"[:：】\]][ ]?$")
_ENGLISH_LABEL: Final = re.compile(
    r"\b(?:name|customer|complainant|from|sender|contact|signed)\b[^\n:]{0,12}: ?$", re.IGNORECASE
)
_CONTACT_NEAR: Final = 4
_TAIL: Final = 12
_MOST: Final = 24
"""Places at the head and at the end of a text that are looked at: a hostile text may be nothing but names."""
_ROLE: Final = 24
_BEFORE: Final = 40
_AFTER: Final = 24
_TOKENS: Final = 8
"""Words or Chinese characters looked at on either side."""


def considered_names(
    read: Plain, contacts: tuple[Span, ...], *, asked: bool
) -> tuple[Considered, list[NameCandidate], Found[str] | None]:
    """What there is to choose from, the places in the same order, and what the rules alone would choose."""
    ruled = writer_named(read, contacts, asked=asked)
    places = _places(read, ruled)
    return _considered(read, contacts, places, ruled, asked=asked), places, ruled


def _considered(
    read: Plain, contacts: tuple[Span, ...], places: list[NameCandidate], ruled: Found[str] | None, *, asked: bool
) -> Considered:
    text = _Text(read, contacts, places, _alike(ruled.value or "") if ruled else "", asked=asked)
    candidates = tuple(Candidate(one.value, text.signs(one), text.pieces(one)) for one in places)
    return Considered(candidates, Candidate(NONE, text.none()))


def name_chosen(read: Plain, contacts: tuple[Span, ...], *, asked: bool) -> Found[str] | None:
    """The writer's name, or None where none is sure enough. `contacts` are places of addresses and numbers."""
    ruled = writer_named(read, contacts, asked=asked)
    places = _places(read, ruled)
    if not places:
        return None
    at = ranking("name").chosen(_considered(read, contacts, places, ruled, asked=asked))
    if at is None:
        return None
    one = places[at]
    return Found(one.value, one.words or read.own[one.start : one.end], one.start)


def _alike(name: str) -> str:
    """What candidates of one name have in common, however they are written."""
    return plain(" ".join(name.split())).plain.lower()


def _places(read: Plain, ruled: Found[str] | None) -> list[NameCandidate]:
    """The generous places and what the rules take, each place once, in the order of the text."""
    found = list(places_of_names(read))
    if ruled is not None and ruled.value:
        alike = _alike(ruled.value)
        same = [one for one in found if _alike(one.value) == alike and one.start >= ruled.start - 1]
        if same:
            min(same, key=lambda one: one.start).words = ruled.words
        else:
            at = read.own.find(ruled.value, max(ruled.start - 1, 0))
            start, length = (ruled.start, len(ruled.words)) if at < 0 else (at, len(ruled.value))
            found.append(NameCandidate(start, min(start + length, len(read.plain)), ruled.value, ruled.words))
    found.sort(key=lambda one: (one.start, one.end))
    return found if len(found) <= 2 * _MOST else [*found[:_MOST], *found[-_MOST:]]


def _looks_full(value: str) -> bool:
    """Whether it has a surname and a given name, by its look alone."""
    alike = plain(value).plain
    if _HAS_HAN.search(alike):
        return len(alike) > 1 and bool(_SURNAME.match(alike)) and not NO_NAME.search(alike) and not is_a_word(alike)
    words = alike.split()
    return len(words) > 1 and not all(map(is_ordinary, words))


class _Text:
    """What of the text as a whole matters for every candidate."""

    def __init__(
        self, read: Plain, contacts: tuple[Span, ...], places: list[NameCandidate], verdict: str, *, asked: bool
    ) -> None:
        self.read, self.contacts, self.places, self.verdict, self.asked = read, contacts, places, verdict, asked
        self.mails = [match[1].lower() for match in _LOCAL.finditer(read.own)]
        self.end = len(read.plain.rstrip())
        self.bare = self._bare()
        self.last_word = max((match.end() for match in _LAST_WORD.finditer(self.bare)), default=0)
        self.full = [one for one in places if _looks_full(one.value)]

    def none(self) -> list[str]:
        found = [f"none:many{min(len(self.places), 6)}", f"none:long{min(len(self.read.plain) // 100, 5)}"]
        if self.contacts:
            found.append("none:contact")
        if self.asked:
            found.append("none:asked")
        if not self.verdict:
            found.append(f"{RULES}none")
        return found

    def signs(self, one: NameCandidate) -> Collection[str]:
        found = set(self._shape(one))
        found.update(self._place(one))
        found.update(self._company(one))
        if self.verdict:
            found.add(f"{RULES}this" if _alike(one.value) == self.verdict else f"{RULES}another")
        if self.asked:
            found |= {f"asked {sign}" for sign in found if sign.startswith(("before:", "after:", "line:"))}
        return found

    def _shape(self, one: NameCandidate) -> Iterator[str]:
        value, text = one.value, self.read.plain[one.start : one.end]
        if _HAS_HAN.search(value):
            title = _TITLE.search(text)
            bare = text[: title.start()] if title and title.start() else text
            surname = _SURNAME.match(bare)
            yield f"han:{len(bare)}" + ("+title" if bare != text else "")
            if surname is None:
                yield "han:no surname"
            elif surname.end() > 1:
                yield "han:compound"
            elif bare[0] in _COMMON:
                yield "han:common"
            given = bare[surname.end() if surname else 1 :]
            named = sum(char in _GIVEN for char in given)
            yield f"given:{named} of {len(given)}"
            if bare[:1] in _EVERYDAY:
                yield "han:everyday"
            if is_a_word(text):
                yield "han:word"
            return
        words = [word.strip(".,").lower() for word in value.split()]
        yield f"latin:{min(len(words), 4)}" + (
            "small" if text.islower() else "upper" if text.isupper() and len(text) > 3 else ""
        )
        yield (
            "latin:given" if is_given(words[0]) else "latin:unknown" if not is_ordinary(words[0]) else "latin:ordinary"
        )
        if len(words) > 1:
            yield "latin:last ordinary" if is_ordinary(words[-1]) else "latin:last unknown"
        if words[0] in ("mr", "mrs", "ms", "miss", "dr", "prof", "capt", "rev", "mdm"):
            yield "latin:title"

    def _place(self, one: NameCandidate) -> Iterator[str]:
        text, start, end = self.read.plain, one.start, one.end
        before, after = text[max(0, start - _ROLE) : start], text[end : end + _ROLE]
        left, right = _kind(before.rstrip(" ")[-1:], "^"), _kind(after.lstrip(" ")[:1], "$")
        yield f"before:{left}"
        yield f"after:{right}"
        yield f"around:{left}{right}"
        yield from _roles(before)
        for name, form in (("does", _DOES), ("writes", _WRITES)):
            if form.match(after):
                yield f"after:{name}"
        if is_anothers(text, start):
            yield "before:another"
        if _LABEL.search(before):
            yield "before:label"
        if _ENGLISH_LABEL.search(before):
            yield "before:name label"
        if quoted(text, start):
            yield "quoted"
        yield from self._line(start, end)
        yield from self._near(start, end)
        if (said := _EXPLAINED.match(after)) and said[1] in one.value:
            yield "explained"

    def _bare(self) -> str:
        """The text without numbers, addresses and the words that announce them; places stay."""
        chars = list(self.read.plain)
        for start, end in self.contacts:
            chars[start:end] = " " * (min(end, len(chars)) - start)
        return _ANNOUNCES.sub(lambda match: " " * len(match[0]), "".join(chars))

    def _line(self, start: int, end: int) -> Iterator[str]:
        text = self.bare
        begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        stop = len(text) if stop < 0 else stop
        alone = not _WORDS.search(text, begin, start) and not _WORDS.search(text, end, stop)
        if alone:
            yield "line:alone" if not (begin == 0 and stop >= self.end) else "line:whole text"
        if self.last_word <= stop:
            yield "line:last" + (" alone" if alone else "")
        if start - begin < 2:
            yield "line:begins"
        if not text[:begin].strip():
            yield "line:first"
        if self.last_word <= end:
            yield "at:end"
        elif self.end - end < _TAIL:
            yield "at:near end"
        if start < _TAIL:
            yield "at:head"
        if _CLOSES.search(text, max(0, start - 30), start):
            yield "before:closing"
        yield f"at:{4 * start // (self.end + 1)}"

    def _near(self, start: int, end: int) -> Iterator[str]:
        for first, last in self.contacts:
            if 0 <= first - end <= _CONTACT_NEAR:
                yield "near:contact after"
            elif 0 <= start - last <= _CONTACT_NEAR:
                yield "near:contact before"
            elif 0 <= first - end <= 5 * _CONTACT_NEAR:
                yield "near:contact soon after"

    def _company(self, one: NameCandidate) -> Iterator[str]:
        """How it stands to the other candidates, and to an address of the text."""
        text = self.read.plain
        words = list(re.findall(r"[a-z]{3,}", one.value.lower()))
        for mail in self.mails:
            if any(word in mail for word in words):
                yield "mail:named"
            initials = "".join(word[0] for word in one.value.lower().split())
            if len(initials) > 1 and initials in mail:
                yield "mail:initials"
        longer = [
            other for other in self.places if other is not one and other.start <= one.start and one.end <= other.end
        ]
        if longer:
            yield "in a longer" + (" from its start" if any(other.start == one.start for other in longer) else "")
        if any(one.start <= other.start and other.end <= one.end for other in self.places if other is not one):
            yield "holds a shorter"
        if len(one.value) > 1 and text.count(text[one.start : one.end]) > 1:
            yield "twice"
        if not longer and _HAS_HAN.search(one.value):
            surname = text[one.start]
            if any(other.end - other.start == 1 and text[other.start] == surname for other in self.places):
                yield "surname told"
        full = [other for other in self.full if not (one.start < other.end and other.start < one.end)]
        if one.end - one.start > 1:
            earlier, later = (
                any(other.end <= one.start for other in full),
                any(other.start >= one.end for other in full),
            )
            yield {(0, 0): "order:only", (0, 1): "order:first", (1, 0): "order:last", (1, 1): "order:middle"}[
                earlier, later
            ]
        elif any(0 <= other.start - one.end <= 4 for other in full):
            yield "a full name follows"
        if one.start and text[one.start - 1] in "((" and text[one.end : one.end + 1] in "))":
            yield "in brackets"
        han = _HAS_HAN.search(one.value) is not None
        for other in self.places:
            if (_HAS_HAN.search(other.value) is not None) != han and (
                0 <= other.start - one.end <= 2 or 0 <= one.start - other.end <= 2
            ):
                yield "beside the other script:" + ("han" if han else "latin")
                break

    def pieces(self, one: NameCandidate) -> Collection[str]:
        """The words before and after it, those next to it by themselves, and of a Chinese name its characters."""
        text, start, end = self.read.plain, one.start, one.end
        before = tokens_of(text[max(0, start - _BEFORE) : start])
        after = tokens_of(text[end : end + _AFTER])
        found = {f"<{run}" for run in runs_of(before[-_TOKENS:])}
        found.update(f">{run}" for run in runs_of(after[:_TOKENS]))
        for size in (1, 2, 3, 4):
            found.add("<<" + " ".join(before[-size:] if len(before) >= size else ["^", *before]))
            found.add(">>" + " ".join(after[:size] if len(after) >= size else [*after, "$"]))
        if _HAS_HAN.search(one.value):
            name = plain(one.value).plain
            found.update(f"={char}" for char in name[1:])
            found.add(f"={name[0]}_")
            found.add(f"=_{name[-1]}")
        return found


def _roles(before: str) -> Iterator[str]:
    """Whose name words that end so announce: somebody's of the house, of the family, one's own."""
    said = before.rstrip(_FILLERS)
    if not said:
        return
    if said[-1].isascii():
        word = said[said.rfind(" ") + 1 :].lower().strip(",.!:\n")
        for name, english in (("house", _HOUSE_ENGLISH), ("family", _FAMILY_ENGLISH), ("own", _OWN_ENGLISH)):
            if word in english:
                yield f"before:{name}"
        return
    for name, words in (("house", _HOUSE), ("family", _FAMILY), ("own", _OWN)):
        if said.endswith(words):
            yield f"before:{name}"


def _kind(char: str, nothing: str) -> str:
    if not char:
        return nothing
    if char.isdigit():
        return "#"
    if _HAS_HAN.match(char):
        return "汉"
    if char.isalpha():
        return "a"
    return {",": "comma", "，": "comma", "、": "comma", "。": "."}.get(char, char)
