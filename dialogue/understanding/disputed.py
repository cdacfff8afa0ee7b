"""Which of several sums is the one in dispute.

Every sum gets points from the words beside it, in its clause and its sentence. Most for what was lost, charged or taken, then for
what is asked back, then for what was bought or lent; a total beats its parts, "不是A是B" means B. Never: what an account holds,
what somebody earns, limits, offers and prices, what somebody else is quoted with, and whatever is said to be not owed or not so.

Not here: which sums a text holds (amounts.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dialogue.understanding.amounts import Sum
from dialogue.understanding.occurrence import LOSS
from dialogue.understanding.plain import Plain, clause_around, quoted, sentence_around

NEVER: Final = -10.0
_CLEAR: Final = 4.0
"""Points of what is in dispute however often it is also said otherwise."""
_REACH_HAN: Final = 14
_REACH_LATIN: Final = 40
_SENTENCE: Final = 120
"""Characters of a clause on either side that are looked at."""

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_HAN_AND: Final = re.compile(
    r"现在|而家|依家|结果|然后|后来|但是?|不过|可是|之后|接着|还有|另外|倒是|仲要|却"
)  # between clauses that nothing parts
_AND: Final = re.compile(r"\b(?:and|but|so|then|because|while|after) ", re.IGNORECASE)  # between English clauses
_GONE: Final = re.compile(
    r"啃|吃了|吃掉|卡住|缩水|蒸发|负\||扔|没[打发]|未发|不发|多供|倒扣|拒赔|不赔|我(?:都|可|从)?(?:没|冇|未)(?:有)?(?:转|刷|买|签|借|碌|授权|消费|做|用)过?|不是我(?:本人)?(?:刷|转|买|花|借|签|操作|消费)|吃我|A我|套|坑|卷|丢|白[花交付]|多(?:还|要|算|出|交|收|扣|付)|少(?:给|算|付|找|退|发|存)|差额|重复|两次|打了?水漂|腰斩|要回|没(?:给|退|收|到)|不(?:给|退|吐)|冒|偷|抢|诈|提现|取走|领走|"
    r"\b(?:evaporat\w*|swallow\w*|ate|kept|keeps|wiped|short(?:fall)?|vanish\w*|disappear\w*|twice|double|never (?:arrived|came|got|reached)|stuck|nicked|duplicat\w*|didn'?t (?:credit|arrive)|hasn'?t|not (?:credited|arrived|received)|bounced|arrears|demand\w*|bill|swiped|drained|emptied|reported|recorded|billed|won'?t (?:pay|cover|refund)|refus\w* to (?:pay|cover|refund)|turned down|rejected|declined|out of pocket|posted|wasn'?t me|not mine|didn'?t authori\w+|unauthori\w+|i never (?:made|bought|authori\w+|signed|spent|sent))\b",
    re.IGNORECASE,
)
_CLAIM: Final = re.compile(
    r"退|赔|还我|返还|补偿|补足|补给|补回|refund|compensat|reimburs|return|repay|(?<!I )owe|back\b", re.IGNORECASE
)
_CLAIMED: Final = re.compile(
    r"(?:争议|有异议)[^，,。\d]{0,6}$|差额[^，,。\d]{0,3}$|(?:退还?|赔偿?|补偿?|追[回讨]|[攞拎要讨取]返?[返回]晒?|报销|[退还补返](?:回|返|番))(?:我|给我|全部|共|合计|这|了|至今|合共|那|的|多[扣收]的)*$|\b(?:refund|return|remit|repay|reimburse|compensat\w*|claim(?:ing)?|credit|want|give (?:me|us)|shortfall|missing)(?: \w+){0,3} ?$|\b(?:disput\w*|remaining|the rest|the other|outstanding)(?: \w+){0,2} ?$|\b(?:went up|gone up|rose|raised|increased|went|now) to ?$|(?:涨|变|升)(?:到|成|为)$",
    re.IGNORECASE,
)
_CLAIMED_AFTER: Final = re.compile(
    r"^[^，,。\n]{0,4}可?取回|^(?:请|麻烦|要|应|该|得|务必|全数|全部|全额)*(?:补|退|还|赔|返|吐)(?:回|给|还|返|我|到|番)|^ ?back\b",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"一共|总共|合共|合计|共计|总计|总额|前后|共(?:是|计)?\||加起来|统共|拢共|合着|加一块儿?|加埋|夹埋|统统|拢总|累计|in total|altogether|\ball told|\bin all\b|total|so far|to date|迄今|至今|前前后后",
    re.IGNORECASE,
)
_STANDING: Final = re.compile(
    r"余额(?!宝)|结余|(?<![a-z])limit(?![a-z])|(?<!本)(?<!个)月薪(?!金|资)|(?<!发)工资|收入|月入|(?:每月|月领|领|靠|拿)[^，,。\n]{0,4}(?:退休金|养老金)|(?:退休金|养老金)(?:每月|一个月|才|只有|就)|额度|限额|起[购投]|身家|资产|剩|还有|注册资本|牌价|只(?:让|能|准|给|可)[取转用刷]|起存|门槛|豁免|封顶|花呗|白条|日[赚薪入]|月赚|时薪|"
    r"salary|balance(?! transfer)|income|earn|wage|credit limit|年薪|薪水|人工(?!证)|(?:户口|账户|卡|存折)(?:里面?|入面|上)?(?:还|仲|只|淨|净|现)?有|存[够满足]|(?<!不)[满够](?=$|[^，,。\n]{0,3}\|)|免费额|最低(?:消费|存款|还款|应缴)|[要需须]存|per year|(?<!just )\bleft (?:in|to (?:my|live|last|spend|me|us))\b|to my name|in my (?:pocket|purse|wallet)|\bborrow\b|(?<!went )(?<!gone )(?<!go )up to|\boffer|(?:let|allow|permit)s? (?:me|us)\b|\ba day\b|per day|daily|\bcap\b|\b(?:i|we)'ve(?: got)? ?\||minimum|threshold|at least",
    re.IGNORECASE,
)
_OWN_BEFORE: Final = re.compile(  # the word before a pause: "and my balance too, £3,217.44"
    r"(?:余额|额度|限额|工资|年薪|月薪|balance|limit|salary|wages|income)(?:'s| is| too| also| out|是|为)?[,，:：] ?$",
    re.IGNORECASE,
)
_OFFERED: Final = re.compile(
    r"(?:说|只肯|肯|提出|愿意|表示|打发)(?:要|可以|只)?[赔补给俾](?:偿|回|返)?(?:我|我们|佢)?$|(?<!开户)(?<!赠)送(?:我|你|个|张|你个|俾你)?$|(?:话费|券|代金券|红包)?补偿封口",
    re.IGNORECASE,
)
_NOT_KEPT: Final = re.compile(r"冇|没|未|不见")
_EACH_BEFORE: Final = re.compile(
    r"(?:每[次笔张个回月天单年期][^，,。\d]{0,6}|各|一次|一笔|一单|人均|单笔|\b(?:lots of|times|x)) ?(?:扣|收|是|要|交|罚|的)*$",
    re.IGNORECASE,
)
_EACH_AFTER: Final = re.compile(
    r"^ ?(?:each|apiece|twice|(?:two|three|four|five|six|\d{1,2}) times|[x×*] ?\d|a (?:go|time|pop|piece|night|week|month)|per \w+|every (?:time|month|week|day|year|single)|一次|一笔|一单|一个月|/月|/次|每次)",
    re.IGNORECASE,
)
_SO: Final = re.compile(
    r"(?:所以|等于|即系|即是|就是|合|共|总|一共|\b(?:so|makes?|making|comes? to|came to|adds? up to|that'?s|equals|is)) ?(?:a |是|了)?$|=$",
    re.IGNORECASE,
)
_ADMITTED: Final = re.compile(
    r"^[元块蚊钱]{0,2}(?:是|系)?我(?:自己)?(?:转|刷|花|买|做|碌)的?(?:我?认|没问题|没错)|^[元块蚊钱]{0,2}我认"
)
_NOT_TAKEN: Final = re.compile(r"(?:没|未|冇)(?:有)?(?:扣|收|刷)(?:到|款|成)?")
_SAYS: Final = re.compile(
    r"(?:说|讲|话|称|道|问|表示|回复?|答应?|承诺|喊|叫|[:：]|\b(?:said|says?|told \w+|goes|asked|replied|wrote|like|promised|asking|asks?|text(?:s|ed)?|reads?))[,:：， ]{0,2}[“「『\"'《]?$",
    re.IGNORECASE,
)
_BY_THE_HOUSE: Final = re.compile(
    r"(?:你们|你哋|贵行|银行|机器|\byou(?:'ve)?|they(?:'ve)?)[^，,。\n]{0,6}$", re.IGNORECASE
)
_ANOTHER: Final = re.compile(r"(?:余额|结余|可用)(?=[:： ¥为]?\d)")  # the next line of a message
_OWED: Final = re.compile(r"少(?:缴|还|交)(?:了|咗)?$|未缴的?$|没(?:缴|还)的?$")
_HELD_AFTER: Final = re.compile(
    r"^[元块蚊]?(?:就|都|只)?(?:是|为|系)(?:我的?|信用卡)?(?:额度|限额|余额|上限|工资|收入|年薪)|^ ?[元块蚊]?我(?:都|也|可以)?(?:认|同意|接受|没意见)"
)
_PRINCIPAL: Final = re.compile(
    r"本金|存|投|买|贷|每月|每个月|月供|每年|房款|mortgage of|loan of|invest|deposit|monthly|a month|per month|saving|borrow|transferred|sent|paid",
    re.IGNORECASE,
)
_LENT: Final = re.compile(r"[续房车借]贷|贷款|贷了|mortgage of|loan of", re.IGNORECASE)
_EVERY: Final = re.compile(
    r"每月|每个月|月供|每年|每天|monthly|(?<!over )(?<!about )(?<!for )(?<!within )(?<!than )(?<!nearly )(?<!almost )a month(?! (?:more|for|and|now|ago|later|late)\b)|/月|月租",
    re.IGNORECASE,
)
_SHUT: Final = re.compile(
    r"冻结|锁|注销|销户|结束|封|限制|取不出|不给取|frozen|froze|locked|blocked|closed|suspended", re.IGNORECASE
)
_LOST_SUM: Final = re.compile(
    r"(?:亏|亏损|损失|蚀|少|收|罚|计|吃|A|坑|多?扣|划走|转走|盗刷|啃|吞|吃|骗|丢)(?:了|掉|咗|我|去|走)*[约大概近]{0,2}$|\b(?:lost|losing|loss of|charged me|cost me|fees? of|charge of|took|taken) (?:about |over |nearly |by |another )?$",
    re.IGNORECASE,
)
_DIFFERENCE: Final = re.compile(
    r"(?:差|差额|少[找给付发退吐算俾畀]?|短|争|缺|多(?:[收扣算要交付供缴]|(?=[了咗]$))|白[扔花交付丢]|吃|吞)(?:了|咗|我|的|俾我)*$|\b(?:short|difference|shortfall|missing|where(?:'s| is| are) my)(?: (?:of|is|was|by|the))*$",
    re.IGNORECASE,
)
_DIFFERENCE_AFTER: Final = re.compile(
    r"^ ?(?:short|light|missing|difference|in (?:fees|charges|interest))\b", re.IGNORECASE
)
_CAME_BACK: Final = re.compile(  # what is left, was handed out or was paid back is not what is missing
    r"[得净剩]返$|得番$|(?:只|才|就)(?:能|肯|给|得|退|拿|取|赔|剩|有|吐|收|数)[^，,。\n]{0,5}$|(?:跌|降|缩水?|剩)[^，,。\n]{0,6}(?:到|剩|成|至|下)$|吐了$|机得$|"
    r"\b(?:only (?:got|gave|received|credited|refunded|paid)(?: me)?|gave me|receipt says|(?:fell|dropped|down|shrank|reduced)\b[^,.;]{0,24}\bto|(?:now )?worth|left with)(?: only| just)? ?$",
    re.IGNORECASE,
)
_RIGHTED: Final = re.compile(
    r"(?:准确(?:地)?说|确切(?:地)?说|更正|其实|实际上?|哦?不对|哦?不是)[,，、 ]{0,2}(?:应该|应当)?(?:是|系)\s*$|(?:i meant|make that|correction:?|should (?:be|say|read|have been)|nought too many\W+it'?s|typo\W+(?:it'?s)?|\bas in|more like) (?:a )?$|\b(?:no,? wait|sorry|i mean|scratch that|correction)[,. ]+(?:it'?s |it was |that'?s )?$|"
    r"(?:[说写打讲记输]错(?:了|咗)?|更正)[,，。!\s]*(?:一下|应该|应当)?[:：,，]?(?:是|为|系)?\s*$"
)
_RIGHTED_AFTER: Final = re.compile(
    r"^[^\d。\n]{0,5}(?:上面|刚才|前面|之前)?[说写打讲记输]错",
    re.IGNORECASE,
)
_WRONG_AFTER: Final = re.compile(
    r"^[^\d。\n]{0,4}[?？]\s?(?:不是|不对|唔系|no\b)|^[^\d.\n]{0,24}\b(?:nought|zero) too many", re.IGNORECASE
)
_NOT_THIS: Final = re.compile(
    r"(?:不是|唔系|不系|并非|而非|[ㄅㄆ8]是|\bnot|\bisn't|\binstead of)[^,，。;\n\d是]{0,6}$|(?:没有?|冇|不|未|从未)(?:欠|借)[^,，。;\n]{0,8}$",
    re.IGNORECASE,
)
_NOT_ASKED_BACK: Final = re.compile(
    r"承诺|保证|预期|说好|宣传|说(?:是|好)|promis|guarantee|supposed|meant to be", re.IGNORECASE
)
_FROM: Final = re.compile(r"从(?:原来的?)?$|\bfrom ?$", re.IGNORECASE)
_FALLS: Final = re.compile(r"跌|降|缩|亏|\b(?:fell|dropped|down|lost|shrank)\b", re.IGNORECASE)
_TO: Final = re.compile(
    r"^[^，,。;\n]{0,6}(?:降|变|跌|涨|升|减|改|调)(?:到|成|为|至|剩)|^ (?:to|down|up)\b", re.IGNORECASE
)


_UNDONE: Final = re.compile(
    r"退|取消|cancel|没签|冇签|未经|擅自|不知情|\b(?:refund|cancel|never (?:signed|agreed|authori\w+|asked))\b",
    re.IGNORECASE,
)


def _premium(read: Plain, sums: Sequence[Sum]) -> Sum | None:
    """What is paid every month, where nothing else is told and it is to be undone: "4.99 a month? I never signed up"."""
    if len(sums) != 1 or sums[0].found.value is None or not _UNDONE.search(read.plain):
        return None
    start, end = sums[0].found.start, sums[0].end
    before, after = clause_around(read.plain, start, end, _REACH_LATIN)
    return (
        sums[0] if _EVERY.search(f"{before[-8:]}|{after[:12]}") and not _STANDING.search(f"{before}|{after}") else None
    )


Scored = tuple[float, Sum]
"""A sum with its points."""


def ruled_sum(read: Plain, scored: Sequence[Scored], *, asked: bool) -> Sum | None:
    """The sum by points alone; asked how much it is about, whoever names sums at all names the one that is meant."""
    sums = [one for _, one in scored]
    clear = {one.found.value for points, one in scored if points >= _CLEAR}
    standing = {one.found.value for points, one in scored if points < 0 and one.found.value is not None} - clear
    if not asked:
        scored = [(points, one) for points, one in scored if points >= 0 and one.found.value not in standing]
    said = [one.found.value for _, one in scored if one.found.value is not None]
    if not scored:
        return _premium(read, sums)
    again = [
        (points + 0.5 * (one.found.value is not None and said.count(one.found.value) > 1), one)
        for points, one in scored
    ]
    return max(again, key=lambda pair: pair[0])[1]


def points_of(read: Plain, one: Sum) -> float:
    start, end = one.found.start, one.end
    reach = _REACH_HAN if _HAN.search(read.plain, max(0, start - _REACH_HAN), end + _REACH_HAN) else _REACH_LATIN
    before, after = clause_around(read.plain, start, end, reach)
    if reach == _REACH_HAN:
        before, after = _HAN_AND.split(before)[-1], _HAN_AND.split(after, maxsplit=1)[0]
    else:
        before, after = _AND.split(before)[-1], _AND.split(after, maxsplit=1)[0]
    after = _ANOTHER.split(after, maxsplit=1)[0]
    before, around = before.rstrip(), f"{before}|{after}"
    if _NOT_THIS.search(before) or _HELD_AFTER.match(after) or _ADMITTED.match(after):
        return NEVER
    if _WRONG_AFTER.match(read.plain[end : end + 40]):
        return NEVER
    if _RIGHTED.search(read.plain[max(0, start - 24) : start]) or _RIGHTED_AFTER.match(read.plain[end : end + 12]):
        return -NEVER
    if _OWN_BEFORE.search(read.plain[max(0, start - 24) : start]):
        return 1.0 if _SHUT.search(read.plain[max(0, start - 240) : start]) else NEVER
    if (_OFFERED.search(before) and not _NOT_KEPT.search(read.plain[end : end + 24])) or "封口" in after:
        return NEVER
    if quoted(read.plain, start) and _is_speech(read.plain, start):
        return NEVER
    points = _from_words(_NOT_TAKEN.sub("", before), _NOT_TAKEN.sub("", after)) - 2.5 * quoted(read.plain, start)
    if _TOTAL.search(around) and LOSS.search(sentence_around(read.plain, start, end, _SENTENCE)[0]):
        points = max(points, 4.0)  # "charged me £35 three times, £105 in total"
    if _STANDING.search(around) and points < 4:
        # what an account holds is in dispute once the account is shut
        return 1.0 if _SHUT.search(read.plain[max(0, start - 40) : start]) else NEVER
    if _EVERY.search(around) and points <= 1:
        return NEVER  # what is paid or put by every month
    points += 0.5 * bool(_LOST_SUM.search(before))
    points += 1.0 * bool(_DIFFERENCE.search(before) or _DIFFERENCE_AFTER.match(after))
    points -= 1.5 * bool(_EACH_BEFORE.search(before) or _EACH_AFTER.match(after)) + 0.25 * one.is_small
    points -= 1.0 * bool(_OWED.search(before))
    points += 2.0 * bool(_SO.search(read.plain[max(0, start - 12) : start])) + 0.5 * bool(_BY_THE_HOUSE.search(before))
    if _CAME_BACK.search(before):
        points -= 2.5
        if points < 0.5:
            return -1.0
    points -= 2.0 * bool(_STANDING.search(before))
    points -= 1.5 * bool(_NOT_ASKED_BACK.search(before))
    points -= 1.0 * bool(_EVERY.search(around)) + 1.0 * bool(
        _FROM.search(before) and _TO.match(after) and not _FALLS.search(around)
    )
    return max(points + 1.5 * bool(_TOTAL.search(around)), 0.0)


def _is_speech(text: str, place: int) -> bool:
    """Whether the quotation marks round the place hold somebody's words rather than a name or a line of a bill."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    opens = max(line.rfind(mark) for mark in '“「『《"')
    return _SAYS.search(line[max(0, opens - 10) : opens]) is not None or len(line) - opens > 24


def _from_words(before: str, after: str) -> float:
    around = f"{before}|{after}"
    if _CLAIMED.search(before) or _CLAIMED_AFTER.match(after):
        return 4.5
    if LOSS.search(around) or _GONE.search(around):
        return 4.0
    if _CLAIM.search(around):
        return 2.0
    if _PRINCIPAL.search(around):
        return 0.2 if _LENT.search(around) else 0.5
    return 1.0
