"""Requests told by their form alone: "先给我锁上", 把我從名單移除, "Trace it, please", "want it re-read", "An apology would be a start".

What makes a clause one: it speaks to nobody but the house (no subject, or "you"), it asks for something that is not done yet (no
了, no past tense but in its tag), and its verb is one by which a house puts things right. What somebody else said, what
was done already and what is asked about is none.

Not here: wishes with a verb of wishing (wishes.py), English orders with the commonest verbs (orders.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.plain import Span, quoted

# ---- Chinese ----

_MENDS = (
    r"(?:退|赔|补|还(?!款|贷|有|是|没|在|要)|改|更(?!正[:：])|换|修|恢复|复原|解(?!释权)|开(?!户|始|头|心|会)|停|撤|销|注销|取消|删|移|划|挪|转(?!账的|人工|告|高|达)|锁|冻|断|拦|追|查|止付|挂失|弄|搞|处理|办(?!的)|调|降|减|免|撕|清|列|给个|说清|讲清|写清|"
    r"说明|解释|道歉|认错|赔礼|道个歉|公开|承担|负责|负担|安排|加(?!班|微信|按)|关(?!于|系)|拿(?!主意|不)|收回|打回|撤回|提高|放|批|结清|寄|派|取(?!款|钱|机)|补发|重(?:新|办|做|发|算|批)|留|管管|查查|递|转达|反映一下|lock|freeze|block|cancel|refund|unlock|stop|fix|update)"
)
_URGES = r"(?:(?<!申)请(?!问|假|教|款)|拜托|麻烦|唔该|劳烦|有劳|求求(?:你们?|您)?|求你们?|恳请|先(?=给|把|锁|停|帮|冻|止|退|lock)|快(?:点|啲|啦|些)|快(?=把|给|帮|退|停|锁)|赶紧|赶快|麻溜|马上|立刻|立即|即刻|即时|尽快|务必|千万|能不能|能否|可否|可不可以|可唔可以|倒是|至少|好歹|最起码|建议)"
_FOR_ME = r"(?:[给帮替同畀俾][我俺](?!们?(?:打|推|介绍|讲|说|听))|给俺)"
_TAG = r"(?:行不行|行吗|行嘛|好不好|好吗|好嘛|成不成|成吗|可以吗|可以嘛|可不可以|得唔得|得唔得呀|好唔好|中不中|中吗|中不|中唔|吧|呗|噻|嘛|咯|啦)"
_ENOUGH = r"(?:就(?:行|好|成|得|够|完事|可以|ok|算|结|得了|好了|行了|成了|完事儿)(?:了|啦)?|即可|便可|(?:咪|就)算(?:囉|啰|咯|了))"
_HAN_FORMS: Final = re.compile(
    rf"{_URGES}[^，,。;!?\n]{{0,14}}?{_MENDS}"
    rf"|{_FOR_ME}[^，,。;!?\n]{{0,5}}?{_MENDS}"
    rf"|^(?:那么?|就|所以|现在|你们?|你哋|恁|贵行|银行|名单上|[^，,。;!?\n]{{1,4}}[上里中]| ){{0,6}}把[^，,。;!?\n]{{1,14}}?{_MENDS}[^，,。;!?\n]{{0,10}}$"
    rf"|^[^，,。;!?\n]{{0,4}}{_MENDS}(?:咗|住|了|掉)?(?:佢|它|他)?先(?:呀|啦|啊)?(?:唔该)?$|能(?:不能)?(?:帮忙|帮我?|给我?|替我?)[^，,。;!?\n]{{0,8}}?{_MENDS}"
    rf"|^(?:拍|发|寄|列|写|拿|打印|出示)[^，,。;!?\n了]{{0,6}}给我(?:看|听)?$|^(?:查查|查一查|查一下|管管)[^，,。;!?\n了]{{1,10}}$"
    rf"|{_MENDS}[^，,。;!?\n]{{0,12}}?(?:{_TAG}|{_ENOUGH})[\W啊呀啦了喔噢]*$"
    rf"|^{_MENDS}(?:掉|回|清|还|返|过来|回来|开|上|到)[^，,。;!?\n了过]{{0,12}}$|^[^，,。;!?\n了过我他她你]{{2,8}}(?:退|撤|删|停|取消|注销|补|改)(?:掉|回来|过来|回去)$"
    rf"|(?:我|俺)?(?:就是?|只(?!是)|净系|光)(?:要|想要|求|认)(?!问|知|投诉|我(?:去|来|拿|提供)|你们?(?:听|知)).{{2,}}"
    rf"|^要么|(?:应|该|须|得|要)?由?(?:贵行|你们|你哋|银行|你行|您行)[^，,。;!?\n]{{0,6}}(?:承担|负担|负责|买单|认账|出)|(?:应|该)由[^，,。;!?\n]{{1,8}}(?:承担|负担|负责)"
    rf"|能[^，,。;!?\n]{{1,6}}多少算多少|该怎么[^，,。;!?\n]{{1,4}}怎么|^(?:还|拿|退|吐)(?:来|回来|出来)$"
    rf"|^(?:别|不要|勿|唔好|不准|不许)再?(?:打|来|寄|发|扣|骚扰|推|联系|烦)",
)
_TASK: Final = 8  # characters in which a task would be told as done
_IF_NOT: Final = re.compile(
    r"^[^，,。;!?\n]{0,10}(?<![话说])不(?:给[我俺])?(?P<deed>(?:解冻|解开|解锁|退|赔|还|恢复|处理|道歉|批核?|答复|放款)[^，,。;!?\n]{0,12})[，,\s]+(?:我|俺|老子|本人|佢|我们)?(?:就|将|会)"
)
_ONLY: Final = re.compile(
    r"^(?:我|俺)?(?:就|只是|不过|净系|只不过)(?:是|要|想)*(?:换|改|取|办|补|更新)[^，,。;\n]{2,}(?:而已|啫|啊+|呀|罢了)$"
)
_ABOUT_OTHERS: Final = re.compile(
    r"(?:他们?|她们?|佢哋?|经理|客服|柜员|职员|行员|小姐|先生|主任|骗子|对方|理专|人|说|话|讲|叫我|让我|要我|喊我|劝我|催我|问我|答应|承诺|回我|教我|一直|竟然?|居然|却|又|被|已经?|早就|当时|后来|结果|于是|原来|拒绝|不肯|唔肯|不给|没给|没|冇|未|还没|从来|不用|唔使|唔要|不想|不是|别人|通知)[^，,。;!?\n]{0,6}$"
)
_IS_PAST: Final = re.compile(
    r"(?:[了咗]|过(?!来|去|户))(?!$|[\W啊呀吧啦先佢它]|就|结|行|好|吧|再|之后)|被|没给|未给|不给|失败|唔到|不了|才(?:能|给)|的时候"
)
_DONE: Final = re.compile(r"[了咗][\W啊呀啦]*$")  # 帮我取消了
_SUFFERED: Final = re.compile(r"俾人|畀人|被人|搞到")
_URGED: Final = re.compile(rf"{_URGES}|[把将]")
_ASKS: Final = re.compile(
    r"是不是|怎么(?!批|办的)|为什么|点解|为何|多久|几时|什么时候|如何|需要什么|要带|多少钱|哪(?!天)|谁|有没有|干嘛|吗[\W]*$(?<!好吗)(?<!行吗)(?<!可以吗)(?<!成吗)"
)
_NOUN_AFTER: Final = re.compile(
    r"^[^，,。]{0,6}的(?:柜员|经理|人|客服|职员|银行|承诺|短信|时候|那)|^(?:车|时|用卡|牌|发票|水|业|机|户|到期)"
)
_NO_DEED: Final = re.compile(
    r"投诉|举报|转人工|人工|客诉|回(?:电|话|拨|过来)|打(?:给|个?电话)|致电|联系|问一下|查询|查一下怎么|咨询|了解|听(?:我|就)|稍等|等|别挂|看清楚|帮您|联络|走|投资|提前还"
)

# ---- English ----

_FIXES = (
    r"(?:refund|repay|return|reverse|waive|cancel|close|reopen|re-open|correct|fix|mend|repair|restore|reinstate|replace|reissue|re-issue|release|unlock|unblock|unfreeze|lift|clear|remove|delete|wipe|erase|scrap|drop|undo|redo|re-?read|"
    r"re-?check|re-?send|re-?run|resend|trace|track|push|process|credit|recredit|pay|send|post|give|get|put|bring|take|move|transfer|chase|sort|settle|honou?r|match|lower|raise|up|reduce|cut|stop|block|freeze|lock|kill|shut|disable|explain|"
    r"apologi[sz]e|say sorry|own up|admit|investigate|look into|review|check|confirm|show|list|provide|supply|answer|update|amend|change|switch|train|retrain|sack|discipline|make|let|have|treat|dispute|withdraw|add|find|open|arrange|set|write|shoot|print|compensate|reimburse)"
)
_OBJECT = r"(?:good|it|this|that|them|these|those|me|us|him|her|my|our|the|all|both|every|everything|each|your|his|an?|any|in|up|down|back|whatever|£|\$|€|\d|sure|[a-z]+ing\b)"
_LEAD_EN = r"(?:(?:so|and|but|now|then|just|also|right|ok(?:ay)?|please|pls|plz|kindly|at least|all i ask is|for pity'?s sake|for heaven'?s sake|either)[, ]+){0,4}"
_EN_FORMS: Final = re.compile(
    rf"^\W*(?P<order>{_LEAD_EN}{_FIXES} (?=[^a-z]?{_OBJECT}))"
    rf"|(?:^\W*|[,;:] |\band |\bso )(?P<wants>{_LEAD_EN}(?:i(?: just| only)? )?(?:want|need|demand|expect|require|wanna|would like|looking for|asking for|seeking|requesting) (?=[a-z£$€\d]))"
    rf"|(?P<please>\b(?:please|pls|plz|kindly) (?:just |also |now |do )?(?:{_FIXES}\b|(?!(?:call|ring|phone|contact|note|see|excuse|forgive|help|ask|tell)\b)[a-z]+ (?={_OBJECT}\b)))"
    rf"|(?:^\W*|[,;:] |\band )(?P<must>(?:they|you|ye|u|he|she|somebody|someone|the bank|your \w+) (?:need to|needs to|should|must|ought to|have to|has to|had better) (?:just |at least |also )?(?!have\b){_FIXES}\b)"
    rf"|(?P<can>\b(?:can|could|would|will|won't|can't) (?:you|ye|yous?|u|somebody|someone|one of you|it|they|the bank|that|this|these) (?:please |pls |just |kindly |now |not |be |all |at least )*(?!have\b)(?:{_FIXES}(?:ed|ped|d)?\b|(?<=be )\w+er\b))"
    rf"|(?P<maybe>\b(?:maybe|perhaps) you (?:can|could)\b|\bis it possible (?:to|that|for)\b)"
    rf"|(?P<noun>\b(?:my|our) (?:demand|request|ask|wish|preferred outcome|expectation)s? (?:is|are)\b|\bi(?:'m| am)? (?:also |still )?(?:owed|due|entitled to|after|seek(?:ing)?|request(?:ing)?|demand(?:ing)?|claim(?:ing)?)\b (?=an?\b|the\b|my\b|full\b|compensation|restitution|£|\$|€|that|all))"
    rf"|(?P<again>\b(?:requesting|demanding) (?=(?:that|all|my|our|the|an?|this|you)\b))"
    rf"|(?P<would>^\W*(?:an? |the |some |my |full |proper |written )*(?:apology|refund|explanation|compensation|correction|sorry|money back|reimbursement|call back)\b[^.!?]*\b(?:would|will do|please|pls|expected|due|is (?:what|all|the least)|required|wanted)\b)"
    rf"|(?P<shall>\b(?:have|get) (?:it|this|that|them|the [\w ]+?|my [\w ]+?|all [\w ]+?) (?:corrected|fixed|removed|refunded|returned|sorted|reversed|deleted|put right|cleared|updated|restored|unblocked)\b)",
    re.IGNORECASE,
)
_TOLD_EN: Final = re.compile(
    r"\b(?:said|says?|told|tells|asked|asks|letter|website|he|she|they|who|which|never|don't|didn't|did|if|when|that|what|how|why|where|after|before|tried|trying|refused?|supposed|not)\b[^.!?;,:]{0,40}$",
    re.IGNORECASE,
)
_NO_FIX: Final = re.compile(
    r"\b(?:to (?:complain|speak|talk|know|ask|report|raise|make a|file|lodge|inform|mention|also mention|tell|say|point out|let you|understand|add|open an?|apply|buy|invest|check (?:if|whether|my)|find out|see|sell|use|pay|go|get (?:to|through)|do|be able|express|submit|escalate|withdraw (?:my|the|some|£|\$))|help|(?:a|the|your|some) (?:manager|human|person|supervisor|agent|copy of the form|quote|loan|mortgage|card)\b|anything|nothing|advice|some(?:one|body) (?:to )?(?:call|ring|phone|speak)|call(?:ed)? back|somebody else|you to know)|"
    r"\b(?:let'?s|let me|let us|let you|keep (?:it\W*$|the (?:rest|money|change|cash))|put (?:them|him|her|me|someone|somebody) (?:on|through)|tell (?:that|him|her|them|your)\b|take it easy|take care|make it [£$€\d]|make sure you|drop it|leave it|tell my (?:kids|wife|husband|mum|family|mother|son|daughter)|get (?:lost|stuffed|a grip|real|this)|give (?:it|me|us) (?:a (?:rest|break|minute|moment|sec|call|ring|bell)|to (?:me|you)\b)|find (?:the |my |an? )?(?:attached|enclosed)|(?:send|give|show|email|get) (?:me|us) (?:the|an?|your) (?:form|link|number|address|code|leaflet|e-?mail|website|details)\b|send help|have (?:you|i|been|no|had|not|never|to|a (?:nice|good|look|think|word))\b|put me through|take (?:a|my) (?:look|word)|set (?:up|out)|show (?:up|me how)|get me (?:a|your|the) (?:manager|human|person|supervisor)|open (?:an?|the|my) (?:account|app)|bring (?:up|a)\b|check (?:if|whether|my|the balance))",
    re.IGNORECASE,
)
_WE_WANTED: Final = re.compile(r"\b(?:wanted|needed|expected|demanded)\b", re.IGNORECASE)
_BREAK_EN: Final = re.compile(r",? but |, (?:as|because|since|which|otherwise)\b| because ", re.IGNORECASE)

_MOST_FORMS: Final = 20
"""Forms of a request in one clause that are looked at."""


def demand_han(text: str, start: int, end: int) -> int | None:
    """Where a request begins in a Chinese clause."""
    clause = text[start:end].strip("，,。;；、 ")
    at = start + text[start:end].find(clause)
    if len(clause) < 2 or quoted(text, at):
        return None
    if _ONLY.match(clause) and not _IS_PAST.search(clause[:_TASK]):
        return at
    if _SUFFERED.search(clause) or (_DONE.search(clause) and not _URGED.search(clause)):
        return None
    for match in itertools.islice(_HAN_FORMS.finditer(clause), _MOST_FORMS):
        before, after = clause[: match.start()], clause[match.end() :]
        if _ABOUT_OTHERS.search(before) or _NOUN_AFTER.match(after) or _IS_PAST.search(clause[match.start() :]):
            continue
        if _NO_DEED.search(clause[match.start() :]) or _ASKS.search(clause):
            continue
        return at
    return None


def threat_han(text: str, start: int, end: int) -> Span | None:
    """What must be done, of "不解冻我的账户，我就…"."""
    match = _IF_NOT.match(text[start:end])
    return match and (start + match.start("deed"), start + match.end("deed"))


def demand_english(text: str, start: int, end: int) -> Span | None:
    """Where the request of an English sentence stands, to the end of what is asked."""
    sentence = text[start:end]
    for match in _EN_FORMS.finditer(sentence):
        begin = next(match.start(name) for name, said in match.groupdict().items() if said is not None)
        if _TOLD_EN.search(sentence[:begin]) or _NO_FIX.match(sentence, begin) or quoted(text, start + begin):
            continue
        if _NO_FIX.search(sentence[begin : match.end() + 28]) or _WE_WANTED.search(match[0]):
            continue
        if match["wants"] and sentence.rstrip().endswith("?"):
            continue
        stop = _BREAK_EN.search(sentence, match.end())
        return start + begin, start + (stop.start() if stop else len(sentence))
    return None


def demands(text: str, start: int, end: int) -> Iterator[Span]:
    """The request of one sentence, English or Chinese clause by clause."""
    if not _HAN.search(text, start, end):
        if (span := demand_english(text, start, end)) is not None:
            yield span
        return
    if (span := threat_han(text, start, end)) is not None:
        yield span
    for clause in _CLAUSE.finditer(text, start, end):
        if (at := demand_han(text, *clause.span())) is not None:
            yield at, clause.end()


_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_CLAUSE: Final = re.compile(r"(?:[^，,;；。!?\n ]|(?<![\u4e00-\u9fff]) | (?![\u4e00-\u9fff]))+")
