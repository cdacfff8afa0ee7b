"""Which of several days is the one complained of.

Every day gets points from the words of its clause and its sentence: what the house did or money did speaks for it, a call, a
letter or a reply about it against. The best one wins, the earlier of equals; below the bar none does. A day of the customer's life
(a death, an operation), of an earlier complaint, of how long one has been a customer, or that somebody else spoke of, never counts.

Not here: which days a text holds (dates.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dialogue.understanding.dates import DateFound
from dialogue.understanding.plain import Plain, clause_around, quoted, sentence_around

BAR: Final = -1.5
_REACH: Final = 40
_NEAR: Final = 28
"""Characters of a clause on either side that are looked at, and of those that tell of the customer's life."""

_HOUSE: Final = re.compile(r"你们|你哋|贵行|贵司|你行|系统|柜员|机器|\b(?:you|ye|y'?all|they|your)\b", re.IGNORECASE)
_CALLS: Final = re.compile(  # a call that is itself complained of
    r"(?:你们|你哋|贵行|催收|他们|佢哋)[^，,。\n]{0,8}打(?!过|咗|了|返)|接到?[^，,。\n]{0,10}电话|\b(?:called|rang|phoned|rung|texted|phones|rings|calls) (?:me|my|us|him|her|our)\b",
    re.IGNORECASE,
)
_BAD_LINE: Final = re.compile(
    r"挂断|挂(?:了|我|咗)|cut我|占线|打唔通|打不通|没人接|冇人(?:听|接)|晾|\b(?:cut (?:me )?off|hung up|on hold|nobody answer|no one answer)",
    re.IGNORECASE,
)
_PAST: Final = re.compile(
    r"[了咗过被]|扣|收到|\b\w+ed\b|\b(?:was|were|had|took|went|left|sent|paid|since|got)\b", re.IGNORECASE
)
_TURN: Final = re.compile(
    r"结果|谁知|谁料|没想到|却|偏偏|突然|居然|竟然|又话|又说|又扣|\b(?:until|suddenly|instead|anyway|nevertheless|but then|dates? from|dating from|began|started)\b",
    re.IGNORECASE,
)
"""What was well until then, and what came of it."""

LOSS: Final = re.compile(
    r"亏|负(?=[一二三四五六七八九\d])|输(?!入|出)|差了|对不上|损失|损(?!害)|扣|骗|盗|刷|转走|划走|收(?!到|入|益|据)|赔了|少了|没了|不见|唔见|蚀|冇咗|吞|卷走|冻结|锁|没到|未到|罚|费|违约金|滞纳金|缴|多付|多交|取不出|兑付|逾期|消失|"
    r"\b(?:charg|took|take|taken|lost|lose|losing|loss|stole|stolen|deduct|debit|overcharg|missing|fees?\b|penalt|scam|fraud|defraud|swindl|cost|withdr|fine\b|gone|unauthori|frozen|froze)",
    re.IGNORECASE,
)
_EVENT: Final = re.compile(
    LOSS.pattern
    + r"|买|转|签|办|存|投|买|还款|还清|结清|取|去|在.{2,10}行|汇|贷|到期|申请|开|被|偷|抢|丢|吃|寄|停|退|堵|涨|降|改|bought|took out|opened|repaid|invested|transferred|signed|paid|sent|moved|went|visited|applied|closed|blocked|locked|cancel\w+|declin\w+|refus\w+|fail\w+|wrong|matured|turned down|sold|swallow|kept|credit|snatched|nicked|hung up|ate\b|posted|accepted|process\w+|drilled|cloned|double|wrong|advised|error|mistake|登入|拒|发生|关|吐|失败|封",
    re.IGNORECASE,
)
_TALK: Final = re.compile(
    r"打(?:了|过|咗)?.{0,4}(?:电话|热线|客服)|致电|投诉|反映|咨询|(?:打|找|问|跟|和|联系)[^，,。\n]{0,4}客服|客服(?:说|回复|答复|讲)|回复|答复|承诺|答应|发现|收到(?:短信|信|邮件|通知)|查到|看到|先知|问(?:了|过|咗)|去问|开户|办卡|\b(?:call(?!ed in|ing in|s? in the)|phone|rang|rung|wrote|written|email|complain|ask|noticed|found|discover|realis|realiz|spoke|opened|promis|repl|said|checked|learn|letter)",
    re.IGNORECASE,
)
# of the customer's own life
_LIFE: Final = re.compile(
    r"去世|过世|离世|过身|病逝|先父|先母|先夫|亡|生日|出院|住院(?!理赔|津贴|险|申请)|手术(?!费)|开刀|中风|心梗|退休(?!金|教|干|老|人|员|证|后开|讲|工)|出嫁|婚礼|摆酒|满月酒|开学|离婚|结婚|生孩子|出生|割脉|自杀|轻生|吞药|跳楼|大桥|天台|楼顶|栏杆|漂白水|敌敌畏|安眠药|生果刀|服毒|急救|抢救|"
    r"\b(?:passed away|(?:mum|mom|mother|dad|father|husband|wife|son|daughter|brother|sister|nan|gran\w*|he|she) passed|(?<!nearly )(?<!almost )died|turned \d\d|wedding (?:is|was)|death|dead|(?:lost|buried) (?:my|our) (?:son|daughter|mother|father|husband|wife|mum|mom|dad|brother|sister|gran\w*|nan|baby|partner|child)|birthday|heart attack|stroke|cancer|surgery|operation|hospital|infirmary|retired|divorced|married|"
    r"(?:took|take|end(?:ed)?) (?:his|her|their|my) (?:own )?life|funeral|overdose|insulin|climb\w*|sectioned)\b",
    re.IGNORECASE,
)
# the day of another matter, or of the first complaint of this one
_OTHER_MATTER: Final = re.compile(
    r"^[^，,。;；!?\n]{0,4}(?:投诉|申诉|登记|反映|提交)(?:过|了|咗)?[^，,。;；!?\n]{0,2}[的嘅]|^[^，,。;；!?\n]{0,4}[报入填][的嘅](?:[那嗰这件宗]|$)|^[^，,。;；!?\n]{0,4}(?:已?登记|投诉)的?(?:$|[，,。])|^[^，,。;；!?\n]{0,8}[的嘅](?:[那嗰][张宗件次回]|事(?:无|没)关)|^[^，,。;；!?\n]{0,10}那回|"
    r"^[^，,。;；!?\n]{0,14}过一?[回次]|^(?:'s)? (?:one(?! of)|complaint|case|ticket)\b",
    re.IGNORECASE,
)
_FILED: Final = re.compile(
    r"\b(?:complaint|case|dispute|claim)(?: was| were)?(?: first)?(?: (?:i|we))? (?:filed|made|raised|lodged|logged|sent|put in|submitted)|\b(?:that|which)(?:'s| is) $|\b(?:filed|lodged|raised|logged|submitted) (?:a|the|my|this) (?:complaint|case|dispute|ticket)\b[^.]{0,12}$",
    re.IGNORECASE,
)
# since when somebody is a customer, or what a contract was made
_STANDING: Final = re.compile(
    r"^[^，,。;；!?\n]{0,4}(?:起|以来|开始)?[^，,。;；!?\n]{0,4}(?:就是|一直是|为|成为)[^，,。;；!?\n]{0,4}(?:客户|用户|老客|持卡人)|^[^，,。;；!?\n]{0,3}(?:签|开|办)[的嘅](?:户|合同|约)?(?=$|[，,。;；!?\n ])|^[^，,。;；!?\n]{0,2}开的户|^[^，,。;；!?\n]{0,14}(?:就|已经?)[^，,。;；!?\n]{0,8}(?:开(?:了|咗|立)?户|办卡|用(?:你们|你哋|贵行)|(?:在|系|喺|同|跟)(?:你们|你哋|贵行)(?:那|这)?(?:存|开|做))",
)
_CUSTOMER_SINCE: Final = re.compile(
    r"\b(?:customer|client|member|banked|banking|account holder)\b[^.,;]{0,24}$|\b(?:account|policy)s? (?:was|were) (?:first )?opened [^.,;]{0,12}$",
    re.IGNORECASE,
)
_CALLS_IN: Final = re.compile(
    r"^[^，,。;；!?\n]{0,3}(?:打(?:电话|来|嚟|过来|嚟|俾|给)|来电|写信|写邮件|发邮件|联系|联络)[^，,。;；!?\n]{0,8}(?:想|为了?|问|投诉|反映|就是|系要)|^[^.,;!?\n]{0,4}\b(?:i'?m|i am|we are) (?:writing|ringing|calling|phoning|emailing)",
    re.IGNORECASE,
)
_TODAY: Final = re.compile(
    r"今(?:天|日|晚|早|朝)?|today|tonight|this (?:morning|afternoon|evening|week)", re.IGNORECASE
)
_DUE: Final = re.compile(  # today as the day by which, or on which, something should be done
    r"^[^，,。\n]{0,4}(?:给我|帮我|同我|替我)|^(?:还|再|先|就)?(?:会|要(?!求)|可以|有空|得|能|务必|必须|给我|派|安排|请|麻烦|下班前|营业|再去|(?:上午|下午|晚上)?(?:\d{1,2}|[一二三四五六七八九十两]{1,3})[点:：][^，,。\n]{0,3}[到至-]|'s\b|之内|以内|内|日内|之前|以后|写的?)",
)
_ORDERS: Final = re.compile(
    r"^ ?(?:please |kindly |just |so )?(?:process|pay|fix|release|unblock|unfreeze|refund|return|cancel|stop|sort|reverse|transfer|credit|put|give|make|get|answer|reply|send)\b|过了?$",
    re.IGNORECASE,
)
_ASKED_BEFORE: Final = re.compile(
    r"(?:请|要|麻烦|希望|安排|务必|必须|唔该|尽快|想|能不能|可以|等到|直到)[^，,。;；!?\n]{0,12}$|\b(?:want|please|need|can you|could you|would you|call|ring|phone|back|by|later|again|until)\b[^.,;!?\n]{0,30}$",
    re.IGNORECASE,
)
_ENQUIRES: Final = re.compile(
    r"\b(?:what time|(?:is|are|will|can|do|does) (?:the |your |you |it |i |we )[^.!?]*|opening hours)\b[^.!?]*\?|(?:几点|开门|营业)[^。!\n]*[?？吗]",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(
    r"(?:说(?!明)|讲|话|称|告诉我?|答应|承诺)[^，,。;；!?\n]{0,4}$|\b(?:says?|said|told (?:me|us)|promised|tomorrow)\b[^.,;!?\n]{0,16}$",
    re.IGNORECASE,
)
_SPOKE_WITH: Final = re.compile(r"\b(?:spoken|spoke|talked) (?:to|with)\b[^.!?\n]*$", re.IGNORECASE)
_UNDER_WAY: Final = re.compile(r"正|刚|剛|啱|而家|此刻|just|right", re.IGNORECASE)
_SETTLED: Final = re.compile(r"(?:退|还|送)(?:回|返)|存入|到账|收到|解决|came back|sorted|resolved", re.IGNORECASE)
_THANKS: Final = re.compile(r"谢谢|多谢|感谢|致谢|有劳|鞠躬|辛苦|👍|\bthank|\bgrateful", re.IGNORECASE)
_TOLD: Final = re.compile(r"\btold (?:me|us|him|her|them)\b", re.IGNORECASE)
_AND: Final = re.compile(r"\b(?:and|but|so) |[但并且]")


Scored = tuple[float, DateFound]
"""A day with its points."""


def ruled_day(scored: Sequence[Scored], *, asked: bool) -> DateFound | None:
    """The day by points alone; asked when it was, whoever names days at all names the one that is meant."""
    if not asked:
        scored = [(points, date) for points, date in scored if points >= BAR]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None  # of equals, max takes the first


def points_of(read: Plain, date: DateFound) -> float:
    start = date.found.start
    end = start + len(date.found.words.rstrip("."))
    before, after = clause_around(read.plain, start, end, _REACH)
    after = _AND.split(after, maxsplit=1)[0]
    if _never(read, before, after, start, end):
        return -10.0
    points = _from_clause(before, after, _talks(read, before, after, start, end)) - 3.0 * bool(
        _SPOKE_WITH.search(read.plain[max(0, start - 90) : start])
    )
    if not _EVENT.search(after) and not _EVENT.search(before):
        sentence = sentence_around(read.plain, start, end, 2 * _REACH)
        points += 0.5 * bool(_EVENT.search(sentence[0]) or _EVENT.search(sentence[1]))
    points -= 3.0 * bool(_REPORTED.search(before) and not _UNDER_WAY.match(date.found.words))
    points += 0.5 * bool(_TURN.search(before[-12:]) or _TURN.search(after[:12]))
    points += 0.25 * bool(_HOUSE.search(before[-_NEAR:]) or _HOUSE.match(after.lstrip()))
    points -= 4.0 * (date.may_come and not (_PAST.search(before) or _PAST.search(after)))
    if date.found.value is None:
        return points - 2.0
    return points - {4: 0.5, 7: 0.25}.get(len(date.found.value.text), 0.0)


def _talks(read: Plain, before: str, after: str, start: int, end: int) -> bool:
    """Whether the clause tells of a talk about the matter, not of one that is the matter."""
    if not (_TALK.search(after[:24]) or _TALK.search(before[-16:])):
        return False
    if _CALLS.search(before) or _CALLS.search(after):
        return False
    sentence = sentence_around(read.plain, start, end, 2 * _REACH)
    return not (_BAD_LINE.search(sentence[0]) or _BAD_LINE.search(sentence[1]))


def _from_clause(before: str, after: str, talk: bool) -> float:
    event = bool(_EVENT.search(after) or _EVENT.search(before))
    return 2.0 * event - 3.0 * talk - 1.0 * (bool(_TOLD.search(before[-16:]) or _TOLD.search(after[:24])))


def _never(read: Plain, before: str, after: str, start: int, end: int) -> bool:
    words = read.plain[start:end]
    if _LIFE.search(before[-_NEAR:]) or _LIFE.search(after[:_NEAR]) or _OTHER_MATTER.search(read.plain[end : end + 24]):
        return True
    if _FILED.search(before) or _STANDING.search(after) or _CUSTOMER_SINCE.search(before):
        return True
    if _SETTLED.search(after) and _THANKS.search(read.plain, end):
        return True
    if _TODAY.match(words) and (
        _DUE.match(after) or _CALLS_IN.match(after) or _ASKED_BEFORE.search(before) or _ORDERS.search(before)
    ):
        return True
    if quoted(read.plain, start) and not words[0].isdigit():  # "今天没得换": somebody else's today
        return True
    return bool(
        _ENQUIRES.search("".join((sentence := sentence_around(read.plain, start, end, 80))[0] + words + sentence[1]))
    )
