"""What the customer wants: 要求退款, 退錢就得, "I want it refunded", in the customer's own words.

What others demanded of the customer, the wish to complain or to ask, and questions are no desired outcome.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dialogue.understanding.asking import requests, told_by_others, wishes_nothing
from dialogue.understanding.demands import demands
from dialogue.understanding.found import Found
from dialogue.understanding.orders import only_tells, order_in
from dialogue.understanding.plain import Plain, Span, overlaps, plain, tidy
from dialogue.understanding.signals import danger_in, person_in
from dialogue.understanding.wanting import Clause, evidences, names_a_deed

LONGEST: Final = 200
_MOST_WISHES: Final = 4

_DO = (
    "退|赔|补|道歉|赔礼|解释|说明|说法|交代|答复|回复|回覆|取消|更正|纠正|改正|修正|修改|撤销|撤回|删除|消除|恢复|解冻|解封|解锁|解除|注销|销户|处罚|处分|处理|惩罚|追究|追回|返还|返回|还我|还给|归还|归回|免|减|停|关闭|补偿|赎回|查清|查明|彻查|调查|查|兑付|兑现|换|降|重办|重新|开除|补发|"
    "落实|赔付|入返|撤|拿回|要回|取回|还钱|还款计划|承担|负责|解决|跟进|公道|改善|加快|放款|去哪|去向|到账|入账|打款|提供|出具|告知|给我|俾返|畀返|找|cancel|refund|整返|攞返|拎返|取返|对唔住|承诺|保本|一分不|本息|全额|原价|利息"
)
_WANT: Final = re.compile(
    r"(?:^|(?<=[^\u4e00-\u9fff]))(?P<lead>(?:那|所以|因此|故|现在?|我|本人|我们|客户|俺|咱们?|只|就|还|也|强烈|特|并|且|而家|麻烦|同时|另外|最后|总之|唯一|最|真的|其实|亦|都|净系|净|,| ){0,6})"
    r"(?:(?P<strong>要求|希望|请求|恳请|恳求|盼望|盼|诉求(?:是|为|:)?|的?要求(?:是|:)|期望|的?(?:诉求|愿望|希望|要求)(?:就?是|系|:))"
    r"|(?P<weak>一定要|必须|需要|应该|应当|想要|想|要|只求|求求?(?:你们?|你哋|您|贵行)|快点|帮我|帮忙|唔该|麻烦|烦请|敬请|请|务必|立即|即刻|马上|尽快|赶紧|快点|快啲|把|将|给我|还我|俾返|畀返|退(?:还|回|返|钱|款|一赔|货|保)|赔(?:偿|我|钱|付)|补偿|取消|恢复|撤销|道歉|解冻|解锁|还钱))"
)
_POLITE_LEAD: Final = re.compile(r"(?:\s*(?:pls|plz|please|kindly|just|so|and|then)\b\s*)*", re.IGNORECASE)
_ACTION: Final = re.compile(_DO, re.IGNORECASE)
_NOT_A_WISH: Final = re.compile(
    r"^(?:[也都]?(?:要|想)?客诉|[也都]?(?:要|想)?(?:改|换|变|修改|更改|更正|调整)(?:一?下|了)?(?:$|[，,。！!])|投诉|举报|人工|问|请问|了解|知道(?!为什么|原因|真相|[^,，]{0,6}(?:去哪|去了哪|在哪|去向|谁))|咨询|反映|查询|找人|说的|和你|跟你|买|办|取钱|开户|贷款|等|多久|转人工|去|死|活|哭|骂|申诉|起诉|上报|银保监|报警|先生|一个人|稍|不要再打|见|假|提前还|存钱|转账|投资|一下问|请教)"
)
_QUESTION: Final = re.compile(
    r"[?？]|吗[\s。!]*$|呢[\s。!]*$|为什么我|怎么(?:办理|操作|申请)|多久|几天|几时先|是不是要|要不要"
)
_POLITE: Final = re.compile(
    r"^(?:那|请问|所以|,|，)?(?:你们|您|你哋|贵行)?(?:能不能|能否|可不可以|可唔可以|可以|可否|能)(?:请)?(?:你们|您)?(?:快点|马上|尽快)?(?:帮我|给我|帮忙|同我|把[^，,。?？]{1,8}|退|还|赔)[^，,。?？]{0,4}(?:追回|退|还|赔|恢复|解冻|解锁|取消|撤销|更正|修|补|我)"
)
_OTHERS: Final = re.compile(
    r"(?:他们?|她们?|银行|经理|客服|柜员|贵行|对方|你们|你哋|佢哋?|行长|职员|员工|主任|工作人员|骗子|却|被|一直|还|竟然?|又|反而|居然|说|话|叫|强制|按|根据|不符合|硬|硬性|突然|非)(?:\S{0,3})$"
)
_STANDING: Final = re.compile(
    r"(?:(?:把|将)[^，,。;!?\n]{1,20}(?:退|还|赔|补|返)(?:给我|还|回来?|返)|(?:退|还|赔|补|俾|畀|给)[^，,。;!?\n]{0,10}(?:就得|就行|就好|就可以|即可|便可|就算)|[^，,。;!?\n]{0,8}(?:一分都?不能少|一分不少|一蚊都唔可以少)"
    r"|^[\s，,]*(?:全部?|都|再|就)?(?:补|还|退|赔)(?:回|还)?给(?:我|她|他|佢)|(?:还|退|赔)我(?:的)?[^，,。;!?\n]{0,8}(?:钱|款|费|本金|损失)|(?:还|退|赔)我(?:的|那)?[\d一二两三四五六七八九十]|[^，,。;!?\n了我没不]{0,4}(?:钱|款|费|金|多?收的|多?扣的|本|息)[^，,。;!?\n]{0,3}(?:退|还|赔|补)(?:还|返)?(?:给我|畀我|俾我|回来|回给|番畀)(?![后时的了还扣收少])|(?:让|叫)(?:他|她|佢|你们|经理|柜员|客服|那个人)们?[^，,。;!?\n]{0,6}(?:道歉|认错|解释|对唔住)(?:就行|就好|就可以|即可|就够|吧)?|给(?:我)?(?:一?个|我个)(?:说法|交代|解释|公道)|(?:赔|退|补|还)(?:返|番)(?:晒)?(?:畀|俾|给)?我(?!话|说|讲)|讨(?:一?个|回)(?:说法|公道)|退一赔[一三十])"
)
_OF_THEM: Final = re.compile(r"^(?:他|她)们?[^,，。]{0,6}(?:道歉|认错|赔|还我|解释|说清楚|给我一?个)")
_JOINED: Final = re.compile(
    r"^[,，、;； ]*(?:(?=(?:把|将)[^,，。;；]{1,16}(?:退|还|赔|补))|并|且|和|同时|以及|还要|还有|及|或者|再|另|然后|亦|,? ?and\b|,? ?or\b)",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"(?:\b(?:I|we)(?: (?:all|both|just|only|simply|now|also|therefore|really|still|hereby|do|would|should))*(?:'d |(?='m)| )(?P<verb>want|would like|should like|like|need|demand|expect|request|insist on|am asking for|'m asking for|am requesting|am looking for|'m looking for|am seeking|ask (?:that|for(?! (?:years|weeks|months|days|ages|hours))|you)|hope|wish|are asking for)\b"
    r"|\b(?P<please>please|kindly|can you|could you) (?:(?:just|now|also|immediately|urgently|promptly|fully) )?(?=refund|cancel|correct|close|remove|reverse|return|explain|apologi[sz]e|waive|stop|reopen|re-open|unfreeze|unlock|unblock|compensate|reimburse|pay|send me|give (?:me|us|back)|credit|fix|put (?:it|this|the)|investigate|restore|release|repay|write off|delete|update|amend|look into|issue|sort)"
    r"|\b(?P<noun>(?:my |the )?(?:desired|preferred) (?:outcome|resolution|solution)(?: is|:)|what i (?:want|would like|need) is|(?:refund|compensate|reimburse|repay) (?:me|us|my)\b|give (?:me|us) (?:my|our|back)|i(?: would|'d) be (?:happy|satisfied) with|all i (?:want|ask)(?: for)? is)"
    r"|(?P<you>\byou (?:should|must|need to|have to) (?=refund|compensate|return|pay|reimburse|apologi[sz]e|cancel|reverse)))",
    re.IGNORECASE,
)
_ENGLISH_NOT: Final = re.compile(
    r"^ ?(?:like )?(?:that )?(?:I'm |I am |this (?:is|finds|reaches) |you(?:'re| are) (?:all |keeping )?(?:well|the )|(?:some|any)(?:one|body) can help|you can help)"
    r"|^ ?(?:like )?(?:to )?(?:complain|make a (?:formal )?complaint|raise|file|lodge|report|know (?:how|if|when|what time)|ask|speak|talk|enquire|inquire|say|tell|understand how|help|your help|let you know|check|find out|open an? account|apply|him|her|them|it was|me to|submit|express|escalate|register|bring|buy|invest|you to know|take this)\b",
    re.IGNORECASE,
)


# one of these stands in every wish: most sentences need no closer look
_SIGN: Final = re.compile(
    r"[求望盼诉要想该当须请赔退补还给俾畀返恢撤消解把将务立马尽快赶麻烦讨歉帮]|一分|一蚊|\b(?:I|we|please|kindly|can|could|want|refund|compensate|reimburse|repay|give|you|desired|preferred)\b",
    re.IGNORECASE,
)


# a message or a clause that is nothing but remedies says what is wanted, whatever was asked
_REMEDY = r"(?:全额|书面|公开|正式)?(?:退款|退钱|退费|退刷|退卡|退货|退保|退还|赔偿|赔钱|补偿|道歉|赔礼道歉|解释|说明|说法|交代|更正|恢复|撤销|注销|销户|还钱|(?:去|好好)?(?:查清楚|查明|彻查|查个明白|调查(?:清楚)?)|解锁|解冻|解封|还我的?(?:卡|钱|存折|身份证))"
_MEND = r"(?:(?:赶紧|马上|尽快|快|快点|给我|帮我|请|把(?:它|钱|卡|系统|app)){0,3}(?:修好|修复|存回(?:去|来)|还回来|改(?:过|回)来|退回(?:来|去)|弄好|搞好|搞定|处理好|解决)(?:它|钱)?(?:给我)?)"
_REMEDIES: Final = re.compile(
    rf"(?:我|(?:请|麻烦)?你们|(?:唔该|请)?你哋)?(?:就|只|只要|只想|想|想要|要|希望|需要|求|给|请|一|个|净系|净){{0,4}}{_REMEDY}(?:(?:和|与|及|跟|同|同埋|加|加上|、|,|，|再|还要|要|一个|个)+{_REMEDY})*(?:给我)?(?:就行|就好|就得|就可以|即可|便可|就够|吧|啊|呀|啦|了|咯)*"
    rf"|{_MEND}(?:就行|就好|就可以|吧|啊|呀|啦)*",
    re.IGNORECASE,
)
_REMEDY_EN = r"(?:an? |the |my |some |any |full |proper |written |formal |public |sincere )*(?:apolog(?:y|ies)|explanation|refund|money back|compensation|correction|reimbursement|answer in writing)"
_DO_IT_EN = r"(?:refund|return|repay|reverse|cancel|give|pay|waive|unlock|unblock|unfreeze|fix|correct)(?: it| this| that| them| the \w+| my \w+| me)(?: back)?(?: to me)?"
_REMEDIES_EN: Final = re.compile(
    rf"(?:please |just |kindly )*{_DO_IT_EN}(?: please| now| today| at once)*|(?:just |only |all i want is |i want |i'd like |i would like )?{_REMEDY_EN}(?:(?:,? and |,? or |, | plus | with )(?:also )?{_REMEDY_EN})*(?: please| will do| would do| is enough| is all(?: i want)?| would be nice)?",
    re.IGNORECASE,
)
# "I hope I have come to the right place", 希望没有找错地方: politeness, and nothing to be done
_OPENS: Final = re.compile(
    r"^ ?(?:that )?(?:I(?:'m|'ve| am| have)(?! (?:to |my |a |the |got ))\b|(?:this|that) (?:is|finds|reaches)|it(?:'s| is) (?:the right|ok|okay|all right|not)|(?:you|everyone|all)(?:'re| are| is) (?:\w+ ){0,2}well|some(?:one|body) (?:is|can help|here)|you (?:don't|do not) mind|not to )",
    re.IGNORECASE,
)
_IN_VAIN: Final = re.compile(
    r"(?:也|都|还是|又|仲系)(?:没有?用|不行|不管用|唔得|冇用|退不|没人|未|冇|没有?)|极都"
)  # 退订也没用
_OPENS_HAN: Final = re.compile(
    r"^(?:我|这里|自己)?(?:没有?|冇|不会|不是|唔会|别|没)(?:有)?(?:我)?(?:找错|来错|走错|打错|揾错|搵错|发错|点错|打扰|打搅|阻|唐突|冒犯|耽误)|^(?:你们?|您|大家|各位|你哋)?(?:一切|身体|工作|都)?(?:安好|顺利|安康|平安|别介意|不要介意|唔好介意)"
)
_CLAUSE: Final = re.compile(r"(?:[^，,。;；!?？\n.]|\.(?=\S))+")
_PART: Final = re.compile(r"(?:[^，,。;；!?？\n.]|[.,](?=\w))+[，,。;；!?？\n.]*")
_ONE_WORD: Final = re.compile(r"[退赔查]")
_DICTATED: Final = 30
_GIVES_NAME: Final = re.compile(
    r"(?:然后|跟住|同埋)?我(?:叫|姓|的名字|个名)|(?:然后|跟住)?(?:我的?|我嘅)?(?:电话|手机)[是系号]"
)
_NEW_CLAUSE: Final = re.compile(
    rf"我(?:就|只)?(?:要|想|希望)(?=你们|你哋|即刻|马上|立即|把|将|退|赔|拿|攞|取消|道歉)|{_GIVES_NAME.pattern}"
)
_LONGEST_ANSWER: Final = 60
_GOES_ON: Final = -1.0  # the evidence from which a clause goes on asking
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_BEFORE: Final = 3  # characters in which another request may stand before one that was found
_AT_THE_END: Final = 4  # clauses
_STOP_IT: Final = re.compile(
    r"^(?:请|叫(?:他们|佢哋)?|你们|你哋|以后|马上|立即){0,2}(?:不要|别|不准|不许|唔好|唔准|停止|勿)(?:再|一直|总|老)?(?:打|骚扰|扣|收|联系|联络|催|发|来|找|碰|用)"
)


# A request that is told as what somebody else said or did, or that didn't come to pass, is no wish.
_TOLD: Final = re.compile(
    r"(?:说|话|讲|告诉|回复|答复|叫我|让我|要我|请我|不给|没|冇|不肯|唔肯|拒绝|已经?|早就|当时|上次|骗|一直|又|被|竟|居然|答应|承诺|原话|不用|不需|毋须|别|唔好)[^，,。]{0,10}$"
)
_DONE: Final = re.compile(r"^[^，,。]{0,3}(?:了|过|咗|失败|不了|唔到|的时候|之后|以后)(?!吧|结|就|呗|行|好)")
_MARK = r"(?:请|拜托|麻烦|唔该|劳烦|恳请|帮我|帮忙|给我|给俺|畀我|俾我|同我|替我|快(?:点|啲|啦)?|赶紧|马上|立刻|立即|尽快|能不能|能否|可否|可不可以|可唔可以|可以|要(?:求)?(?:你们|你哋|贵行|银行)|(?:你们|你哋)(?:得|要)|叫(?:他们|佢哋|她|他)|让(?:他们|他|她)|希望|期望|想(?:请|要)|我要|只要|务必|应该|就想|只想)"
_DEED = r"(?:退|赔|补(?!充)|道歉|赔礼|解释(?!权)|说明|说法|说清|准话|交代|答复|答覆|回复|取消|更正(?![:：])|改(?!版)|修正|撤销|撤回|撤|删除|消除|恢复|复原|解冻|解封|解除|解约|注销|处分|处理|查(?!询)|追|返还|还(?!有|是|没|要|在|款|贷)|免|减|停|关掉|关闭|补偿|赎回|兑付|换(?!汇)|降|放款|到账|入账|提供|出具|赎|止付|冻结|冻|停卡|挂失|锁|按住|填平|填|掏|吐|报销|催|简化|优先|安排|设|列|清单|跟进|豁免|批|说个|计返|差额|freeze|refund|cancel|block|优化|加(?:个|上)|开通|关停)"
_ASKED: Final = re.compile(
    rf"{_MARK}[^，,。;!?\n]{{0,16}}?{_DEED}"
    rf"|^(?:那|就|快|赶紧|请)?(?:退|赔|恢复|取消|停止|解冻|注销|撤销|止付|冻住|冻结|更正|补回|换|豁免|删除|返还|免|停)(?![了过咗不没得款出息高卡车])[^，,。;!?\n了过]{{1,12}}$"
    rf"|^(?:就|我|总之|最后|现在|现|错过的)?[^，,。;!?\n]{{0,8}}(?:要|得|须|应)(?:你们|你哋|银行|贵行)?(?:给我|给)?(?:补|赔|退|掏|填|报销|道歉|赔礼|公开|还)(?![了过])"
    rf"|^[^，,。;!?\n]{{0,8}}(?:你们|你哋|贵行|银行)(?:来|要|得)?(?:填平|掏|赔|补|出|负责|退)(?![了过])[^，,。;!?\n]{{0,6}}$"
    rf"|{_DEED}[^，,。;!?\n]{{0,8}}(?:(?:给我|给俺|畀我|俾我|我妈)$|就好|就行|就结|就得|即可|便可|呗|噻|来不|回来不|得回来吗|回来吗|返嚟)"
    rf"|^[^，,。;!?\n唔不没冇话说讲佢他她别被]{{0,6}}(?:注销|退|停|取消|解约|销户|止付|吐出来|催催)(?:掉|了它|吧|呗|噻|一下)?(?: 谢谢|,?谢谢)?$"
)


_REFUSES: Final = re.compile(
    r"^更正[:：]|要等|起停|俾人|被人|搞到|[没未不](?:给|畀|俾|退|还)我|(?:唔|不)(?:要|使|用|需要?)(?:你|佢|他|她)"
)


def _asks(text: str, start: int, end: int) -> int | None:
    """Where a request begins in a clause that asks for a deed, also as a question: 能不能凍結, 给我解约噻."""
    clause = text[start:end].strip("，,。;!?、 ")
    match = _ASKED.search(clause)
    if (
        match is None
        or _REFUSES.search(clause)
        or _TOLD.search(clause[: match.start()])
        or _DONE.match(clause[match.end() :])
    ):
        return None
    if re.match(r"[^，,。]{0,6}的(?:柜员|经理|人|客服|职员|行员|银行|承诺)", clause[match.end() :]):
        return None
    if re.search(r"(?:是不是|怎么|为什么|点解|多久|几时|什么时候|如何|需要什么|要带)", clause) or _NOT_A_WISH.match(
        clause
    ):
        return None
    return start


_VERBS_EN = (
    "refund|cancel|close|release|remove|delete|return|compensate|give|put|take|stop|send|remit|recredit|credit|waive|reopen|unblock|unfreeze|unlock"
    "|reverse|write|correct|fix|pay|apologi[sz]e|block|freeze|reissue|replace|reinstate|restore|investigate|explain|mark|tell|add|make|drop|lift"
    "|reimburse|repay|honou?r|adjust|update|amend|provide|confirm|disregard|ignore|rectify|resolve|arrange"
)
_IMPERATIVE: Final = re.compile(
    rf"^[\s\W]*(?:(?:so|just|and|now|then|please|pls|plz|kindly|simply|well|ok|at least|all i ask is|rather not ta) ?,? )*(?:{_VERBS_EN}) (?!me (?:a|one) (?:call|ring|break)\b)(?:(?:my|the|it|this|that|me|us|all|every|a|an|our|him|her|them|those|these|one|both|in|up|out|off|on|back|your|any|so|for|and|here|everything|whatever)\b|[£$€\d])[^.!?\n]{{0,}}"
    rf"|\b(?:can|could|would|will|won't) (?:you|u|ye|yous|somebody|someone|the bank) (?:please |pls |just |kindly |now )*(?:{_VERBS_EN})\b"
    rf"|\b(?:pls|please|plz|kindly|just) (?:just |also |now )?(?:{_VERBS_EN})\b"
    rf"|\b(?:need|needs|want|wants|wanted|ought|has|have) (?:it |this |that |the \w+ |my \w+ |them |you )?(?:to be )?(?:refunded|removed|corrected|deleted|returned|fixed|closed|cancelled|reversed|reopened|blocked|released|waived|credited|repaid|sorted)\b"
    r"|\bI(?:'d| would)? (?:ask(?! since| for (?:years|weeks|months|ages))|require|request|seek|only want|only ask|propose|suggest|await|look forward to) (?!to know|you if|whether|how|when|why)"
    r"|\bno further action\b|\bmaybe you can\b|\bput (?:it|this|that|things) right\b|\bgive (?:it|me|us|them) \w+",
    re.IGNORECASE,
)


_TOLD_EN: Final = re.compile(
    r"\b(?:said|says|told|asked|text|letter|website|he|she|they|who|which|not|never|don't|didn't|if)\b[^.!?;]{0,40}$",
    re.IGNORECASE,
)
_HOW_CAN: Final = re.compile(r"\b(?:what|how|why|where) (?:can|could|should|may|do|must) \Z", re.IGNORECASE)
_NOT_DONE_EN: Final = re.compile(
    r"\b(?:make it [£$€\d]|drop it|keep (?:it\W*$|the (?:rest|money|change|cash))|put (?:them|him|her|me|someone|somebody) (?:on|through)|tell (?:that|him|her|them|your)\b|tell my (?:kids|wife|husband|mum|dad|mother|father|family|son|daughter|children)|send me (?:the|a) (?:form|link|code|leaflet)|tell me (?:how|what|when|whether|why)|explain (?:how to)|open an? account|let you know|speak|talk|get (?:through|to)|call|human|agent)\b",
    re.IGNORECASE,
)


ASKS: Final = -0.3
"""The evidence, in logits, from which a clause asks for something that no rule has read."""
ASKS_TOO: Final = 0.0
"""The same where a rule has read a wish elsewhere."""
_ELSE_MEANT: Final = 2.0
"""How much more it takes where a person is wished for, who is called anyway, or a life is in danger, where nothing is a wish to be kept."""


_BARE_DEED: Final = 3
"""Characters of a clause that may as well say what was being done: 取钱."""


def wishes_in(text: str | Plain) -> tuple[Found[str], ...]:
    """The clauses that say what should be done, in the order of the text: those that a rule reads, and those that ask in other words."""
    return _wishes_in(plain(text))


@lru_cache(maxsize=256)
def _wishes_in(read: Plain) -> tuple[Found[str], ...]:
    """Remembered: the same words are asked for a wish by several."""
    weighed = evidences(read.plain)
    ruled = [_whole(read, wish, weighed) for wish in ruled_in(read)]
    taken = tuple((wish.start, wish.start + len(wish.words)) for wish in ruled)
    bar = ASKS_TOO if ruled else ASKS
    if all(evidence < bar for _, evidence in weighed):
        return tuple(ruled)
    otherwise = _otherwise(
        read, [(one, evidence) for one, evidence in weighed if not overlaps(one.start, one.end, taken)], bar
    )
    return tuple(sorted([*ruled, *otherwise], key=lambda wish: wish.start)[:_MOST_WISHES])


def _whole(read: Plain, wish: Found[str], weighed: list[tuple[Clause, float]]) -> Found[str]:
    """A wish of which a rule has read a part, with the whole of a clause that asks: 請將9 | ,000元退回."""
    start, end = wish.start, wish.start + len(wish.words)
    if not _HAN.search(read.plain, start, end) or names_a_deed(wish.words):
        return wish
    for one, evidence in weighed:
        here = one.start < end and start < one.end <= one.start + _DICTATED
        if here and evidence >= ASKS and names_a_deed(read.plain[one.start : one.end]):
            start, end = min(start, one.start), max(end, one.end)
    return wish if end - start <= len(wish.words) else _value(read, start, end) or wish


def _otherwise(read: Plain, weighed: list[tuple[Clause, float]], bar: float) -> Iterator[Found[str]]:
    """The clauses that ask, each with those of its sentence that go on asking."""
    meant = _else_meant(read)
    last: Clause | None = None
    start = end = 0
    for one, evidence in weighed:
        if last is not None and last.sentence == one.sentence and last.end == one.start and evidence >= _GOES_ON:
            last, end = one, one.end
            continue
        if last is not None and (wish := _value(read, start, end)) is not None:
            yield wish
        last = None
        bare = len(read.plain[one.start : one.end].strip()) <= _BARE_DEED
        if evidence >= bar + (_ELSE_MEANT if bare or overlaps(one.start, one.end, meant) else 0.0):
            last, start, end = one, one.start, one.end
    if last is not None and (wish := _value(read, start, end)) is not None:
        yield wish


def _else_meant(read: Plain) -> tuple[Span, ...]:
    if danger_in(read.own):
        return ((0, len(read.own)),)
    words = person_in(read.own)
    at = read.own.lower().find(words.lower()) if words else -1
    return ((at, at + len(words)),) if words and at >= 0 else ()


@lru_cache(maxsize=256)
def ruled_in(read: Plain) -> tuple[Found[str], ...]:
    """The wishes that a rule reads: by a verb of wishing, an order, the form or the grammar of a request."""
    found: list[Found[str]] = []
    for start, end in _sentences(read.plain):
        for _ in range(_MOST_WISHES):
            if len(found) >= _MOST_WISHES or (wish := _first_wish(read, start, end)) is None:
                break
            if not _IN_VAIN.search(plain(wish.words).plain):
                found.append(wish)
            start = wish.start + max(len(wish.words), 1)
    return tuple(found) or _remedies(read)


def _first_wish(read: Plain, start: int, end: int) -> Found[str] | None:
    found = _chinese(read, start, end) or _english(read, start, end)
    if found is None:
        return _demand(read, start, end)
    earlier = next(requests(read.plain, start, found.start), None) if found.start - start > _BEFORE else None
    return _value(read, *earlier) if earlier else found


def _demand(read: Plain, start: int, end: int) -> Found[str] | None:
    span = next(demands(read.plain, start, end), None)
    if span is not None and told_by_others(read.plain, start, span[0]):
        span = None
    span = span or next(requests(read.plain, start, end), None)
    return span and _value(read, *span)


def _remedies(read: Plain) -> tuple[Found[str], ...]:
    text = read.plain.strip(" 。.!！\n")
    start = read.plain.find(text)
    clauses = [match.span() for match in _CLAUSE.finditer(read.plain)]
    if len(text) > _LONGEST_ANSWER:  # after a story it stands at the end, before name and address
        whole, clauses = [], clauses[-_AT_THE_END:]
    else:
        whole = [(start, start + len(text))]
    for begin, end in [*whole, *clauses]:
        clause = read.plain[begin:end].strip()
        if clause and (_REMEDIES.fullmatch(clause) or _REMEDIES_EN.fullmatch(clause) or _STOP_IT.match(clause)):
            found = _value(read, begin, end)
            return (found,) if found else ()
    return ()


def wish_in(text: str | Plain, *, asked: bool = False) -> Found[str] | None:
    """The wish, joined where it is said in several sentences; asked for, a short answer is the wish as it stands."""
    return joined_wish(plain(text), wishes_in(text), asked=asked)


def joined_wish(read: Plain, wishes: tuple[Found[str], ...], *, asked: bool) -> Found[str] | None:
    """As `wish_in`, of wishes already found."""
    answer = _without_questions(read) if asked else ""
    if answer and not wishes and (wishes_nothing(plain(answer).plain) or only_tells(answer)):
        answer = ""
    if re.search(r"\w", answer) and (len(answer) <= LONGEST if not wishes else _is_one_sentence(answer)):
        return Found(answer, answer, 0) if len(answer) >= 2 or _ONE_WORD.fullmatch(plain(answer).plain) else None
    if not wishes:
        return None
    once = list(dict.fromkeys(wish.value for wish in wishes if wish.value))
    joint = "；" if not once[0].isascii() else "; "
    joined = once[0]
    for wish in once[1:_MOST_WISHES]:
        joined = longer if len(longer := f"{joined}{joint}{wish}") <= LONGEST else joined
    return Found(joined, "\n".join(wish.words for wish in wishes[:_MOST_WISHES]), wishes[0].start)


def _is_one_sentence(answer: str) -> bool:
    return len(answer) <= _LONGEST_ANSWER and not re.search(r"[。!！;；\n]|\. ", answer)


def _without_questions(read: Plain) -> str:
    """ "Cancel it. How long will this take?" asks back, and wishes all the same."""
    kept = [part.span() for part in _PART.finditer(read.plain) if not _QUESTION.search(part[0])]
    return tidy("".join(read.own[start:end] for start, end in kept))


def _sentences(text: str) -> list[tuple[int, int]]:
    return [
        match.span() for match in re.finditer(r"(?:[^。!?\n.\u2600-\u27bf\U0001f300-\U0001faff]|\.(?=\w))+[!?]?", text)
    ]


def _value(read: Plain, start: int, end: int) -> Found[str] | None:
    words = tidy(read.own[start : min(end, start + LONGEST)])
    return Found(words, words, start) if len(words) >= 2 else None


def _chinese(read: Plain, start: int, end: int) -> Found[str] | None:
    """The first clause of a sentence that wishes, with those that go on from it."""
    clauses = [
        (start + match.start(), start + match.end())
        for match in re.finditer(r"[^，,;；、]+[，,;；、]?", read.plain[start:end])
    ]
    clauses = [part for clause in clauses for part in _unpunctuated(read.plain, *clause)]
    for number, (clause_start, clause_end) in enumerate(clauses):
        at = _wish_at(read.plain, clause_start, clause_end)
        if at is None:
            continue
        last = clause_end
        for next_start, next_end in clauses[number + 1 :]:
            next_clause = read.plain[next_start:next_end]
            if _GIVES_NAME.match(next_clause):
                break
            if not (
                _JOINED.match(next_clause)
                or (len(next_clause) <= 14 and _ACTION.match(next_clause))
                or read.plain[last - 1] == "、"
            ):
                break
            last = next_end
        return _value(read, at, last)
    return None


def _unpunctuated(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A clause as long as a sentence was dictated: a wish begins in the middle of it, and ends where a name is given."""
    if end - start < _DICTATED:
        return [(start, end)]
    cuts = [start, *(match.start() for match in _NEW_CLAUSE.finditer(text, start + 1, end)), end]
    return list(itertools.pairwise(cuts))


def _wish_at(text: str, start: int, end: int) -> int | None:
    clause = text[start:end]
    if polite := _POLITE.search(clause):
        return start + polite.start()
    if clause.isascii():
        return None
    if not _SIGN.search(clause) or _QUESTION.search(clause):
        return _asks(text, start, end)
    for match in re.finditer(r"要求|希望|请求|恳请|恳求|诉求|期望|盼", clause):
        before = clause[max(0, match.start() - 24) : match.start()]
        if _OTHERS.search(before) and not re.search(r"(?:我|本人)[^他她你们]{0,3}$", before):
            continue
        rest = clause[match.end() :].lstrip("就是为系: ,，")
        own = (
            not before.strip()
            or re.search(r"我|本人|客户|所以|因此|现|特|强烈|并|故|只|就|的$|最", before)
            or len(before) <= 2
        )
        if (
            own
            and not rest.startswith(("我", "客户", "他", "不高"))
            and (_ACTION.search(rest) or len(tidy(rest)) >= 4 or (not rest.strip() and end < len(text)))
            and not _NOT_A_WISH.match(rest)
            and not re.match(r"你们的?(?:孩子|家人|妈|祖宗|良心|倒闭)|从来|当初|下辈子", rest)
            and not _OPENS_HAN.match(rest)
        ):
            return start + match.start()
    weak = _WANT.match(clause, _POLITE_LEAD.match(clause).end())  # type: ignore[union-attr]  # matches anything
    if weak and weak["weak"]:
        rest = clause[weak.end("weak") :]
        whole = clause[weak.start("weak") :]
        if (
            not _NOT_A_WISH.match(rest)
            and not _OTHERS.search(weak["lead"].removeprefix("还"))
            and _acts(weak["weak"], rest, whole)
        ):
            return start + weak.start("weak")
    standing = None if _REFUSES.search(clause) else _STANDING.search(clause)
    if standing and not re.search(r"(?:不|没|唔|拒绝|未|说|话|答应|承诺|冇)[^，,]{0,4}$", clause[: standing.start()]):
        return start + standing.start()
    return _asks(text, start, end)


def _acts(want: str, rest: str, whole: str) -> bool:
    if re.match(r"退|赔|补偿|取消|恢复|撤销|道歉|解冻|还钱", want):
        return len(whole) <= 16 and not re.search(
            r"[了过]|不|没|要(?:蚀|亏|扣|赔|收|付|罚|损失)|的(?!钱|款|费|损失|本)|被|失败", whole
        )
    if re.match(r"(?:他|她)们?[^，,。的]{0,4}(?:道歉|认错|赔|退|解释|说明|补偿|负责|还我|书面)", rest):
        return True
    if want in ("帮我", "帮忙") and re.search(r"[了过]|的(?:柜员|经理|客服|人|那)", rest):
        return False
    if want in ("要", "想", "需要") and re.match(r"(?:我|他|她|被)", rest):
        return bool(_OF_THEM.match(rest))
    return bool(_ACTION.search(rest)) and not re.search(r"^(?:是|不是|么|不然)", rest)


def _english(read: Plain, start: int, end: int) -> Found[str] | None:
    sentence = read.plain[start:end]
    if not re.search(r"[A-Za-z]{2}", sentence):
        return None
    for match in _ENGLISH.finditer(sentence):
        rest = sentence[match.end() :]
        if match["verb"] and (
            _ENGLISH_NOT.match(rest)
            or (match["verb"].lower() == "hope" and _OPENS.match(rest))
            or re.search(
                r"\b(?:if|when|that|what|which|do|did|not|(?:what|how) (?:can|could|should|may)) $",
                sentence[: match.start()],
            )
        ):
            continue
        if sentence.endswith("?") and match["verb"]:
            continue
        stop = re.search(r",? but |, (?:as|because|since|which|otherwise|or I|and I (?:will|shall))\b| because ", rest)
        return _value(read, start + match.start(), start + match.end() + (stop.start() if stop else len(rest)))
    if not sentence.endswith("?") and (order := order_in(read.plain, start, end)):
        return _value(read, *order)
    asked = _IMPERATIVE.search(sentence)
    if (
        asked
        and not _HOW_CAN.search(sentence[: asked.start()])
        and not _TOLD_EN.search(sentence[: asked.start()])
        and not _NOT_DONE_EN.search(asked[0])
    ):
        return _value(read, start + asked.start(), end)
    return None
