"""Everything in a text that a complaint may be about: branches, products, fees, staff, things, names, and any noun at all.

Generous on purpose: what is not found here can't be chosen. Beside what the readers know (a branch, a product, a noun with its kind,
a name between quotation marks) any run of Chinese characters between words that end a noun, and any English words after "your", "my", "the",
or with capitals, is a candidate.

Not here: which of them the complaint is about (weighed_abouts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dialogue.understanding.abouts import known_in
from dialogue.understanding.particulars import NO_NOUN, SAYS_LITTLE, nouns_in, particulars_in
from dialogue.understanding.people import STOP_WORDS
from dialogue.understanding.plain import Plain, overlaps, tidy
from dialogue.understanding.things import BOUND_ENGLISH, BOUND_HAN, things_in


@dataclass(slots=True)
class AboutCandidate:
    """A noun and where it stands; `kinds` are the readers that know it."""

    start: int
    end: int
    words: str
    kinds: set[str] = field(default_factory=set)


_LONGEST_HAN: Final = 8
_LONGEST_WORDS: Final = 4
_JOINED: Final = tuple(
    "数位 行动银行 行动 行李箱 行李 外包 等候 等待 网上 意外险 意外 预留手机号 综合 高收债 不粘锅 小伙子 工号 里数 活存 定存 存折 存单 存簿 存款 开户 销户 自动 年费 年金 月结单 月供 日元 新居 最低还款 最低 大额 小额 对公 个人 上门 下单 外币 外汇 境外 海外 跨境 国际 中国 一卡通 三方 五险 大病 不动产 千金 百万 收单 收款 打卡 办卡 办事 提前还款 前台 后台 里程 外卖 内地 小程序 小额 大堂 号码 叫号机 天气 元宝 年检 年化 日结 位置 车位 个贷 房本 笔记本 条款 对账单 对数单 下款 下架 新卡 旧卡 新户 看盘 说明书 问卷 讲座 打印 打包 开关 开卡 寄存 买单 收据 回单 回执 扣款 刷脸 刷卡 未成年".split()  # noqa: SIM905
)
"""Words with a character that otherwise ends a noun."""
_HAN_RUN: Final = re.compile(
    f"(?:{'|'.join(sorted(_JOINED, key=len, reverse=True))}|[^\\W\\da-zA-Z_{''.join(sorted(BOUND_HAN))}]){{1,12}}"
)
_DONE: Final = re.compile(r"(?<=..)(?:乱|推$|[骂食吞]$|态度|失败|恶劣|成功|出错|打不|太差|好差)")
"""What is said of a noun, right behind it."""
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_MIXED: Final = re.compile(
    r"(?<![A-Za-z])[A-Za-z]{2,8}[\u3400-\u9fff]{1,4}|[\u3400-\u9fff]{1,3}[A-Za-z]{2,8}(?![A-Za-z])"
)
_WORD: Final = re.compile(r"[A-Za-z0-9][\w&'’-]*")
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,80}")
_PHRASE: Final = re.compile(r"[A-Za-z0-9&'’ -]+")
_VERBAL: Final = re.compile(r"[a-z](?:ed|ing|n't|n’t)$|(?:'s|’s|'ve|’ve|'ll|’ll|'re|’re|'d|’d|'m|’m)$")
_NOBODY: Final = SAYS_LITTLE | frozenset(
    "老公 老婆 妈妈 爸爸 我妈 我爸 阿妈 阿爸 儿子 女儿 闺女 媳妇 丈夫 妻子 先生 太太 奶奶 爷爷 婆婆 公公 外婆 外公 阿婆 阿公 哥哥 弟弟 姐姐 妹妹 朋友 同事 邻居 现金 余额 今天 明天 昨天 前天 上周 下周 星期 礼拜 早上 晚上 下午 上午 电话 手机 地址 姓名".split()  # noqa: SIM905
)
"""Relatives, days and what stands in any story."""
_NO_PART: Final = frozenset(
    "wits wits' went came come comes shows show says say swears seen saw see knew know knows think thought feel felt find found let lets goes go began keep keeps kept stood stand sat sit lie lying ring rang rings write wrote read reads hold holds held hear heard bought bring brought send sends fell fall broke eat ate need needs want wants monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march april june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec seven eight nine eleven twelve twenty thirty forty fifty sixty hundred thousand grand quid pounds pound dollars euros night morning afternoon evening years year months month weeks week days day ago yous ye ma mum mom dad son daughter husband wife brother sister".split()  # noqa: SIM905
)
"""Verbs, days, numbers and relatives: no part of what a complaint is about."""
_ANY: Final = frozenset(("run", "words", "mixed"))
"""Kinds of candidates that are any noun."""
_MOST: Final = 40
"""Runs, and phrases of words, of a text that are looked at."""
_MOST_PLACES: Final = 200
"""Of a text, those told first: no text that anybody wrote for us has so many, and each is compared with each."""


def places_of_abouts(read: Plain) -> list[AboutCandidate]:
    """All places, in the order of the text, each once."""
    found: dict[tuple[int, int], AboutCandidate] = {}
    for kind, part in known_in(read):
        start, end = part.start, part.start + len(part.words)
        found.setdefault((start, end), AboutCandidate(start, end, part.value or part.words)).kinds.add(kind)
    addresses = tuple(match.span() for match in _ADDRESS.finditer(read.plain))
    for kind, start, end in _spans(read):
        if overlaps(start, end, addresses):
            continue
        words = tidy(read.own[start:end])
        if len(words) < 2 or (kind in _ANY and (words.lower() in NO_NOUN or read.plain[start:end] in _NOBODY)):
            continue
        found.setdefault((start, end), AboutCandidate(start, end, words)).kinds.add(kind)
    return sorted(found.values(), key=lambda one: (one.start, one.end))[:_MOST_PLACES]


def _spans(read: Plain) -> Iterator[tuple[str, int, int]]:
    for thing in things_in(read):
        yield "thing", thing.start, thing.end
    for name in particulars_in(read):
        yield "particular", name.start, name.start + len(name.words)
    for noun in nouns_in(read):
        yield "noun", noun.start, noun.start + len(noun.words)
    text = read.plain
    if not text.isascii():
        yield from _han(text)
    yield from _english(text)


def _han(text: str) -> Iterator[tuple[str, int, int]]:
    runs = 0
    for run in _HAN_RUN.finditer(text):
        start, end = run.span()
        if (done := _DONE.search(run[0])) is not None:
            end = start + done.start()
        if end - start < 2:
            continue
        yield "run", max(start, end - _LONGEST_HAN), end
        if (runs := runs + 1) >= _MOST:
            break
    for run in _MIXED.finditer(text):
        start, end = run.span()
        bound = [at for at in range(start, end) if text[at] in BOUND_HAN or text[at] in "昨今天"]
        if bound:  # ETC你们给我, 昨天ATM
            start, end = (start, bound[0]) if text[start].isascii() else (bound[-1] + 1, end)
        if end - start > 1:
            yield "mixed", start, end


def _english(text: str) -> Iterator[tuple[str, int, int]]:
    mixed = _HAN.search(text) is not None
    runs = 0
    for phrase in _PHRASE.finditer(text):
        run: list[re.Match[str]] = []
        for word in [*_WORD.finditer(text, *phrase.span()), None]:
            if word is not None and not _ends(word[0]) and len(run) < _LONGEST_WORDS:
                run.append(word)
                continue
            if run and (mixed or len(run[-1][0]) > 2):
                yield "words", run[0].start(), run[-1].end()
                if (runs := runs + 1) >= _MOST:
                    return
            run = []


def _ends(word: str) -> bool:
    lower = word.lower()
    return (
        lower in BOUND_ENGLISH
        or lower in _NO_PART
        or (lower in STOP_WORDS and not word[0].isupper())
        or _VERBAL.search(lower) is not None
        or word.isdigit()
    )
