"""What a person takes a message of the house to ask.

A simple reader: it splits a message into sentences, keeps those that ask or request something, and looks in them for what a
customer would think of. It was written from what people ask, not from the script, and must stay so: a question that it doesn't
recognise may be one that customers don't understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

OTHER: Final = "other"  # a question for none of the facts
CONFIRM: Final = "confirm"

_SENTENCE: Final = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]+|(?<=[a-z)”’\"'])\.(?=\s|$)|$)")
_ASKS: Final = re.compile(
    r"[?？]|[吗嗎呢]\s*$|请.{0,12}(?:告诉|留|写|说|讲|提供|补|给|看)|請.{0,12}(?:告訴|留|寫|說|講|提供|補|給|看)|留.{0,10}(?:电话|電話|手机|手機|邮箱|郵箱|電郵|號碼|号码)"
    r"|話我知|睇下.{0,6}啱|(?:只要|讲个|說個|说个|講個)大概|大概就得|(?:都对|都對|啱晒).{0,6}登[记記]"
    r"|\bplease\b|\btell (?:me|us)\b|\bgive (?:me|us)\b|\bI (?:still |only )?need\b|\bwould be enough\b|\bis enough\b|\bwill do\b",
    re.IGNORECASE,
)
_NOT_FOR_US: Final = re.compile(
    r"拨打|撥打|热线|熱線|致电|致電|打.{0,4}(?:120|110|999|119)|\bhotline\b|\b(?:call|dial|ring) (?:999|112|116|\d)"
    r"|编号|編號|\breference\b|直接回复|直接回覆|随时补充|隨時補充|想投诉，|想投訴，|想重新投|\bto complain\b|可隨時|can add|simply reply",
    re.IGNORECASE,
)
_FACTS: Final = {
    "about": r"网点|分行|支行|營業廳|营业厅|哪.{0,3}(?:产品|產品|业务|業務|职员|職員|工作人员|同事)|边(?:间|位|样)|邊(?:間|位|樣)|投诉(?:的)?对象|投訴(?:的)?對象"
    r"|\bwhich (?:branch|product|card|account)\b|\bbranch or product\b|\bmember of staff\b|\bcomplaint is about\b|\bwho (?:was|did) (?:it|you)\b",
    "occurred_on": r"什么时候|什麼時候|何时|何時|哪一?天|哪一?日|[几幾哪]个?月|[几幾][号號](?![码碼])|日期|[几幾][時时]|邊一?日|哪个月|哪個月|邊個月|哪年"
    r"|\bwhen (?:did|was|it|exactly|did this)|\bwhen\?|\b(?:what|which) (?:day|date|month)\b|\bmonth and (?:the )?year\b",
    "amount": r"多少[钱錢]|金额|金額|[几幾]多[錢钱]|[几幾]多(?:年?[費费])|多少(?:元|块|塊)|几千|幾千|大概的数|大概的數|\bhow much\b|\b(?:an?|what|the|which|rough) (?:rough )?(?:amount|sum|figure)\b|\bno amount\b|\ban estimate\b",
    "desired_outcome": r"怎么解决|怎麼解決|怎样解决|怎樣解決|點樣解決|怎样处理|怎樣處理|點樣處理|最想要|希望.{0,10}(?:处理|處理|解决|解決|怎么|怎麼|怎樣|我们|我們)|想要什么|想要什麼|您的要求|你想點"
    r"|\bput (?:this|it|things) right\b|\bfair outcome\b|\b(?:asking|want|like) us to do\b|\bwhat would you (?:like|want)\b|\bhow would you like\b|\bwhat (?:do|are) you (?:want|asking|hoping)\b",
    "name": r"称呼|稱呼|姓名|點叫你|您贵姓|您貴姓|[您你]的名字|留個名|个名用|個名用|\byour (?:full )?name\b|\bwhat name\b|\bname (?:and|or|may|shall)\b|\bwho am I (?:speaking|talking)\b",
    "contact": r"电话|電話|手机|手機|邮箱|郵箱|電郵|电邮|电子邮|電子郵|号码|號碼|联系方式|聯絡方|怎么联系|怎樣聯絡|點樣聯絡"
    r"|\b(?:phone|telephone|mobile)\b|\be-?mail\b|\breach you\b|\bcontact (?:you|details)\b|\bthat contact\b|\bfull number\b",
    "what_happened": r"发生了什么|發生了什麼|发生什么|發生什麼|發生咗咩|怎么回事|怎麼回事|哪一?件事|邊件事|(?:具体|具體).{0,4}(?:问题|問題|情况|情況)|什么事|什麼事"
    r"|\bwhat happened\b|\bwhat went wrong\b|\bwhat exactly\b|\bmore about what\b|\btell .{0,12}in your own\b",
    CONFIRM: r"对不对|對不對|啱唔啱|都啱|都对|都對|内容对|內容對|可以登记|可以登記|就为您登记|就為您登記|以上.{0,6}(?:对|對|正确|正確)"
    r"|\b(?:everything|summary)\b.{0,24}\b(?:right|correct|register)|\banything is wrong\b|\bif it is all (?:right|correct)|\bplease check (?:it|this|that)?\s*[:：]|\bmay I register\b|\bis (?:this|that|it) (?:all )?(?:right|correct)\b",
}  # fmt: skip
_NAMES: Final = {
    "about": r"产品|產品|工作人员|職員|职员|\b(?:branch|product)\b",
    "occurred_on": r"日期|\bdate\b",
    "amount": r"金额|金額|\b(?:amount|sum)\b",
    "desired_outcome": r"怎样|怎樣|怎么|怎麼|\bus to do\b",
    "name": r"姓名|\bname\b",
    "contact": r"电话|電話|\bphone\b",
    "what_happened": r"经过|經過|\bwhat happened\b",
}
_READ: Final = {fact: re.compile(pattern, re.IGNORECASE) for fact, pattern in _FACTS.items()}
_EXAMPLE: Final = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"]*\"")
_LISTED: Final = re.compile(r"([^\n]*)[:：]\s*\n((?:\s*[•·*-]\s[^\n]*\n?)+)")
_BULLET: Final = re.compile(r"^\s*[•·*-]\s", re.MULTILINE)


def sentences(text: str) -> list[str]:
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def asked(text: str, said: Iterable[str] = ()) -> frozenset[str]:
    """The facts that a message asks for; CONFIRM for a read-back; OTHER for a question that is for none of them.

    `said`: the customer's own words, which are no question of the house when it says them back.
    """
    for own in said:
        text = text.replace(own, "…") if len(own) > 3 else text
    found: set[str] = _listed(text)
    for sentence in sentences(_EXAMPLE.sub("…", text)):
        if _ASKS.search(sentence) and not _BULLET.match(sentence) and not _NOT_FOR_US.search(sentence):
            found |= _asked_in(sentence)
    if CONFIRM in found:
        return frozenset({CONFIRM})
    if len(found) > 1:
        found.discard(OTHER)
    if "about" in found:  # "which branch, what was said" asks on about one and the same
        found.discard("what_happened")
    return frozenset(found)


def _asked_in(sentence: str) -> set[str]:
    facts = {fact for fact, pattern in _READ.items() if pattern.search(sentence)}
    if CONFIRM in facts:  # the question of a read-back asks nothing else
        return {CONFIRM}
    return facts or ({OTHER} if re.search(r"[?？]", sentence) else set())


def _listed(text: str) -> set[str]:
    """The facts of "please add the following:" and a list, as letters ask."""
    found: set[str] = set()
    for head, items in _LISTED.findall(text):
        if _ASKS.search(head) and re.search(r"补充|補充|提供|\b(?:add|send|let us have)\b", head):
            for item in items.splitlines():
                found |= {fact for fact, pattern in _READ.items() if pattern.search(item)} or _named(item)
    return found


def _named(item: str) -> set[str]:
    """An item of such a list that names the fact instead of asking for it."""
    return {fact for fact, pattern in _NAMES.items() if re.search(pattern, item, re.IGNORECASE)}


def is_readback(text: str) -> bool:
    """Whether what was understood is laid out line by line."""
    return len(_BULLET.findall(text)) >= 2
