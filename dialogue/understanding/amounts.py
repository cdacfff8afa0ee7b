"""Sums of money as customers say them: 三万五, 3.5萬, HK$12,000, 三千蚊, £1,460, two grand.

A number is money where a currency or a money unit stands by it, after a verb or noun of money (扣了, 年费, charged), or where
the amount was asked for. Days, telephone numbers, counts, percentages and the tails of cards are not. 两万多 and 五十几万 are
ranges: no value, the words are kept. cn2an is not used: it reads 三万五 as 30,005 or refuses it.

Not here: which of several sums is the one in dispute (facts).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from case_store.records import Language, Money
from dialogue.understanding.currencies import FIRST, LEFT, LEFT_MARK, PLAIN_UNITS, RIGHT, RIGHT_MARK, key_of
from dialogue.understanding.doubtful import doubtful_sums
from dialogue.understanding.found import Found
from dialogue.understanding.numerals import ENGLISH, HAN, english_value, value_of
from dialogue.understanding.plain import Plain, Span, clause_around, overlaps, plain, with_zeros
from dialogue.understanding.regions import CURRENCIES, region_of
from dialogue.understanding.slang import slang_sums

MOST: Final = 200
"""Numbers looked at in one text."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum found, with what is not certain of it: `about` (大概三万), `stated` whether its currency was said, `is_small` less than one of it,
    `doubtful` whether it is money at all."""

    found: Found[Money]
    end: int
    about: bool
    stated: bool
    is_small: bool = False
    doubtful: bool = False


_NUMBER = r"(?:(?:(?<=[¥£$€])|(?<=[¥£$€] ))\d{1,3}(?: \d{3})+(?!\d)|\d{1,2}(?:,\d\d){1,3},\d{3}(?!\d)|\d{1,4},\d\d(?![\d,])|\d{1,3}(?:\.\d{3}){1,3},\d\d(?!\d)|\d{1,12}(?:,\d{3,4}){0,4}(?:\.\d{1,4})?)"
_VAGUE = "几多来余把数"
_DIGIT, _UNIT = "零〇一壹幺二两贰三叁参四肆五伍六陆七柒八捌九玖", "十拾百佰千仟万亿廿卅几多来余数点"
# the number itself: digits and units mixed (2万3, 3千5百), characters (三万五), or a loose word (几千, 上万)
_SAID = rf"(?:(?:{_NUMBER}|[{HAN}几]|数(?=[十百千万亿])) ?(?:(?<!\d)[{_DIGIT}]|(?<=[零〇\s])[{_DIGIT}]|[{_UNIT}]|个(?=[wW万千百亿])|(?<=[万千]零)\d{{1,3}}|[万千百亿kKwW](?![a-zA-Z])|\d(?<=[万千百亿kKwW]\d)(?!\d*[a-zA-Z])| \d(?<=[万千百亿] \d)(?! ?[月日号/:\d万千])){{0,12}}|[上成好](?:千上|百上)?[十百千万亿]{{1,2}}[{_DIGIT}{_UNIT}]{{0,4}})"
_SUM: Final = re.compile(
    rf"(?=[\d{HAN}几数上成好{FIRST}-])(?:(?<![A-Za-z])(?P<left>{LEFT_MARK})[: )]{{0,2}}|(?:(?<![\w.%-])|(?<=[A-Za-z])(?=[{HAN}])))(?<![A-Za-z\d],)(?P<minus>-)?"
    rf"(?P<said>{_SAID})(?:(?P<to> ?(?:-|~|到|至|(?<=[一二三四五六七八九])、(?=[一二三四五六七八九][十百千万])) ?)(?P<upper>{_SAID}))?"
    rf"(?P<more>[几多来余把]|左右|上下|不到|出头|有余|好几|开外|以上|以下|以内|之间)?[个]?(?: ?(?P<right>{RIGHT_MARK}))?(?P<small>(?:(?:(?<=pounds)|(?<=pound)|(?<=quid)|(?<=euros)|(?<=euro)|(?<=dollars))(?: and)? \d\d(?:p|c| pence| cents)?(?![\w.,])|零?(?:[零〇一二两三四五六七八九]|\d{{1,2}})[角毛毫](?:[一二两三四五六七八九\d](?![{HAN}块元蚊次个天年月])分?)?|(?<=[块蚊])[零〇一二两三四五六七八九](?=$|[^\u4e00-\u9fff\w]|[的了都也就我你没被啊呀吧嘅咗唔喇啦先俾])|\d{{1,2}}(?![\w\d{HAN}点块元蚊毛毫次个天年月日号张笔件])))?",
    re.IGNORECASE | re.ASCII,
)
_WORDS = (
    rf"(?:\d[\d,]{{0,12}}(?:\.\d{{1,4}})?|{ENGLISH}|a(?= (?:grand|thousand|hundred|million|half|dozen|couple|few)))"
)
_PENCE = rf"(?:,? and)? (?:\d{{1,2}}|(?:{ENGLISH})(?:[ -](?:{ENGLISH}))?) ?(?:pence|p|cents?)\b|(?:(?<=pounds)|(?<=pound)|(?<=quid)|(?<=buck)|(?<=bucks)|(?<=euro)|(?<=euros)|(?<=dollar)|(?<=dollars))(?: and)? (?:{ENGLISH})(?:[ -](?:{ENGLISH}))?(?! ?(?:hundred|thousand|million|grand|k\b|pounds?|quid|times|{ENGLISH}|(?!is\b|was\b|has\b|this\b)[a-z]+s\b|[-\d]))"
_ENGLISH_SUM: Final = re.compile(
    rf"(?<!\w)(?=[\da-z$£€¥])(?:(?P<left>{LEFT_MARK}) ?)?(?<![\w.,-])"
    rf"(?P<vague>(?:a couple of|a few|several|some|tens of|hundreds of|thousands of|between(?= [\w,.£$€]{{1,12}}(?: \w+)? and )|(?:{ENGLISH}|\d{{1,3}})\s(?:or|to)(?=\s(?:{ENGLISH}|\d{{1,3}})\s(?:hundred|thousand|grand|k|million)\b))\s)?"
    rf"(?P<said>(?:hundreds|thousands)(?= of (?:pounds|dollars|quid))|(?:half|(?:three )?quarters? of|a quarter of) a (?:million|grand|thousand)\b|(?:\d[\d.]*|{ENGLISH}) and a (?:half|quarter) (?:thousand|grand|million|hundred|k)\b|an? (?:grand|thousand|hundred|million) and a half\b|(?:{ENGLISH}) point (?:{ENGLISH})(?: (?:{ENGLISH}))? (?:k|grand|thousand|million)\b|(?:\d[\d,]{{0,12}}(?:\.\d{{1,4}})?(?: (?:hundred|thousand|grand|million)\b(?: (?:and )?(?:\d{{1,3}}(?: hundred\b)?|{ENGLISH})\b(?! (?:hundred|thousand|of)?[a-z]*s\b)){{0,3}})?|{_WORDS}(?:(?:[ -](?:and |n |& )?|(?<=thousand), (?=(?:{ENGLISH}) hundred))(?:{ENGLISH}|grand|million|oh|nought)\b){{0,6}})(?:(?<=\d) ?(?:k|m|bn|mil)\b)?)(?![a-z])"
    rf"(?: of(?= ?(?:{RIGHT_MARK})))?(?: ?(?P<right>{RIGHT_MARK}))?(?P<small>{_PENCE})?",
    re.IGNORECASE | re.ASCII,
)
_HAS_WORDS: Final = re.compile(
    rf"\b(?:{ENGLISH}|hundreds|thousands|couple|few|k)\b|\d ?(?:k|m|bn|mil)\b", re.IGNORECASE
)

_COUNTED: Final = re.compile(
    r"^ ?(?:多|几|来)?(?:次|个(?!亿)|天|晚|年(?!费|初|底|尾|中|头|末)|月(?!费|供|初|底)|日|号|张|人|点|小时|分钟|分|秒|笔|遍|家|名|条(?!款|件|例|文|约)|%|％|‰|楼|期|位|股|份(?!额)|手(?!续)|件|封|回|只|台|倍|成|折|岁|度|趟|层|周|星期|礼拜|代|级|室|栋|单元|步|页|字|通|种|样|套|间|路|户(?!口)|号线|基点|BP|bp|年期|克|公里|里(?!面|头|有)|平|兆|G(?![a-z])|分之|起|轮|排|楼|句|声|晚|夜|季|些|下|开始|:\d|/\d|\.\d|\*)"
    r"|^ ?(?:%|per ?cent|percent|times?\b|days?\b|nights?\b|evenings?\b|mornings?\b|fortnights?\b|weeks?\b|months?\b|years?\b|hours?\b|minutes?\b|mins?\b|people\b|calls?\b|emails?\b|letters?\b|visits?\b|cards?\b|accounts?\b|transactions?\b|payments?\b|st\b|nd\b|rd\b|th\b|am\b|pm\b|o'clock|of (?:us|them|my|your|the)\b|different|staff|branches|separate|other|weeks?-|different|working|business|bps?\b|points?\b|bus(?:es)?\b|trains?\b|trams?\b|[-/:]\d)",
    re.IGNORECASE,
)
_MONEY_BEFORE: Final = re.compile(
    r"(?:领|找|吐|多|扔|计|吃|拨|碌|结|报|核|定|挣|赎|贴|昧|黑|坑|划|挪|抠|笔|(?<!第)[一两]条|亏空|负|丢|赚|挣|争|输|摆|放|扣|亏|差|赔|损失|损|骗|刷|盗|转|收|退|交|付|给|欠|花|取|存|投|买|补|罚|充|还|汇|借|贷|少|多|蚀|蚀咗|没|提|贴|缴|吞|掉|拿|打|卷|冻|冻结|入|cut)(?:走|掉|进|出来|出|入|要|去|回|到|款|失|损|取|费|金|本|钱|账|帐|缴|付|还|贴|偿|了|咗|过|着|我|你|佢|他|她|我妈|我爸|们|哋|共|计|的|嘅|差不多|将近|接近|好|小|快|一[期笔次单]|大约|大概|大約|约|近|整整|足足|给|俾|畀|番|返|得|一共|总共|合计|共计|多|至少|起码|超过|就|都|才|是|:| ){0,8}$"
    r"|(?:[一每][次笔张位人天年]|加起来|加一块儿?|加埋|夹埋|合着|统统|准确说|准确地说|说白了|其实|争议部分|差额|费|金额|本金|利息|罚息|违约金|款|数额|余额|钱|金|额|价|合计|共计|一共|总共|总计|共|年费|值|收益|存款|贷款|不是|是|系|改为|改成|应该是|说是|赔偿|补偿|损失|亏损|工资|押金|定金|保费|那|(?:卡|户口|账户|折)(?:里面?|上|入面)|月供|每月|每个月|每年|即|只有|剩|剩下|变成|变|到手)(?:是|为|约|大约|大概|有|的|了|共|系|:|只|才|要|被扣|就|至少|差不多|合计|共计|快|近| ){0,5}$",
)
_ENGLISH_BEFORE: Final = re.compile(
    r"\b(?:charged?|charging|took|taken|take|lost|lose|losing|paid|pay|paying|owes?d?|refund(?:ed)?|return(?:ed)?|stole|stolen|deducted|debited|withdr[ea]wn?|transferred|sent|invested|deposited|overcharged|fee|fees|charge|amount|sum|total|worth|cost|costs|balance|deposit|payment|loan|loss|losses|penalty|compensation|interest|down|missing|scammed|defrauded|swindled|out|claim|claiming|saved|savings|but)"
    r"(?: (?:me|us|my (?:mother|father|mum|dad|account)|him|her|out|of|for|is|was|were|at|back|by|to|a|an|the|about|around|roughly|nearly|almost|over|another|total|me for|approximately|some|just|only|not|her|than|more|down|extra|to be|with)){0,5}:? ?$",
    re.IGNORECASE,
)
_MONEY_AFTER: Final = re.compile(
    r"^ ?(?:就|都|全|也|已经|这么|咁|突然|的|嘅| ){0,4}(?:没了|不见|没有了|冇咗|唔见|不翼而飞|没到|未到|到账|被[骗盗扣转刷吞冻]|打了?水漂|转走|[一每](?:年|个月|次|笔|份|单)(?![前多内来级])|(?:账户|信用卡)?[年月](?:费|供)|手续费|服务费|罚息|违约金|滞纳金|利息|理财|存款|本金|定期|贷款|[^，,。\d]{0,3}费|fee\b|charge\b|refund\b|penalty\b|has gone|was taken|is gone|missing)",
    re.IGNORECASE,
)
_NUMBER_LABEL: Final = re.compile(
    r"(?:尾号|尾数|末四位|后四位|卡号|账号|帐号|单号|编号|流水号?|工号|合同号?|号码|密码|验证码|热线|邮编|区号|QQ|微信|代码|房间?|第|ending(?: in)?|ends in|order|ref(?:erence)?|number|no\.?|#|card|code|flat|room|page|step|error|form|type|version|pin|iphone|section|clause|article)[ :：是为]{0,3}$",
    re.IGNORECASE,
)
_ABOUT_BEFORE: Final = re.compile(
    r"(?:大概|大约|约|差不多|将近|接近|近|左右|估计|可能|好像|大致|about|around|roughly|approximately|nearly|almost|some|circa|over|more than|(?:just )?shy of|(?:just |well )?under|upwards of|小|快|超过|至少|起码|不止|at least|up to) ?(?:是|有|亏了?|扣了?|收了?|损失了?|被骗了?|蚀咗|扣咗|收咗|少了)?$",
    re.IGNORECASE,
)
_ABOUT_AFTER: Final = re.compile(r"^ ?(?:元|块钱?|蚊)?(?:左右|上下|的样子|or so|or thereabouts|ish\b)", re.IGNORECASE)
_RATE_AFTER: Final = re.compile(r"^ ?(?:%|％|个点|个百分点|per ?cent|percent|成(?!本)|折|倍)")
_ODD: Final = re.compile(
    r"[- ]?(?:odd|something)\b(?! (?:charge|payment|fee|amount|thing))|\+(?!\d)| and (?:a (?:little )?bit|change|some(?:thing)?)\b",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(r" ?(?:-|~|to|or|到|至|或|或者) ?")
_NEAR: Final = 4
"""So many times the lower sum is more than a range."""
_PENNIES: Final = re.compile(r" ?(?:p|pence|penny|cents?|毛|角)\b|^[毛角分](?!钟)", re.IGNORECASE)
"""Read in slang.py."""
_SUM_ALONE: Final = re.compile(r"[一二两三四五六七八九][百千万][一二两三四五六七八九十百千万零〇]{0,6}")
_AS_SPOKEN: Final = re.compile(
    r"[一二两三四五六七八九十百零]{1,4}[百千万][一二两三四五六七八九十百千万零]{2,9}|(?:[一二两三四五六七八九十][百千万]|\d[千万]) ?[一二两三四五六七八九\d]|[一二三四五六七八九]{2}[百千万]"
)
"""三千六, 3万5, 六七千: said so of money, if nothing is counted."""
_GROUPED: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d\d?)?|\d{1,2}(?:,\d\d)+,\d{3}|(?:\d{1,2}\.[6-9]\d|(?:2[4-9]|[3-9]\d)\.\d\d)(?!\d)|\d{3,7}\.\d\d|\d{1,3}(?:\.\d{3})+,\d\d"
)
_SHORTEST_ALONE: Final = 2
_OF_MINE: Final = re.compile(r" of (?:my|our|the)\b", re.IGNORECASE)
_NO_SUM_AFTER: Final = re.compile(r" (?:[A-Z]|shares?\b|units?\b|points?\b|miles?\b|customers?\b|others?\b)")
_NOTES: Final = re.compile(r"[一两三四五六七八九十\d]张$")
_FIGURE_ALONE: Final = re.compile(r"(?!(?:19|20)\d\d$)[1-9]\d{2,6}")  # "转错账了，追不回来，5000"
_OF_MONEY: Final = re.compile(r"[扣亏骗刷转汇吞收退][了错走我到不]|盗刷|到账|钱|手续费|年费|利息|本金")
_NOTHING: Final = re.compile(r"[0零〇 .,]+|zero", re.IGNORECASE)
_RATE: Final = re.compile(r"\d{1,2}\.\d{1,2}")
_RATE_TOLD: Final = re.compile(r"费率|点差|加点|利率|年化|收益率|息率|interest rate|\bAPR\b|\brate\b", re.IGNORECASE)
_PLURAL: Final = re.compile(
    r" (?!(?:is|was|has|as|this|its|us|plus|less|across|towards|thanks|yes|always|perhaps|besides|unless|does|his|pounds|dollars|euros|bucks|cents|refunds|charges|fees|grands|minus|quids|euros|yoyos)\b)(?:[a-z]{3,}[^s'\W]s|people|percent|per cent|calls|staff|children)\b",
    re.IGNORECASE,
)
"""What is counted."""
_ONE_WORD: Final = re.compile(r"^[世心直般旦定共切律致起样]")  # 一直, 一定, not 八十万定存
_OF_A_PRODUCT: Final = re.compile(
    r"^(?:火急|八千里|个(?:为什么|不)|医疗|保额|身价|富翁)|^元?(?:大?钞|纸币|面额|面值|券)|^ ?[xX*]{2}"
)
_POINTS_BEFORE: Final = re.compile(r"(?:积分|里程|点数|里数|哩数|points|miles)[^，,。\d]{0,4}$", re.IGNORECASE)
_POINTS_AFTER: Final = re.compile(
    r"^ ?(?:个|点)?(?:积分|里程|点数|里数|分(?![钟之红期])|哩|points?\b|miles?\b|avios\b|nectar\b)", re.IGNORECASE
)
_ABOUT_POINTS: Final = re.compile(r"\d ?k? (?:points|miles|avios)\b|积分|里程", re.IGNORECASE)
_BOUGHT: Final = re.compile(
    r"(?:办|买|订|刷|充|交|报|付|收|扣|签|拍|预订|租|存|花|退|缴|卖)[^，,。\d]{0,12}[^\W\d号码尾第楼房间座版型年级学班路月日]$"
)
_BOUGHT_FOR: Final = re.compile(r"(?!(?:19|20)\d\d$)[1-9]\d{2,5}")
_AT_AN_END: Final = re.compile(r"^ ?(?:$|[，。,.!！；;、\n])")
_NO_SUM: Final = re.compile(r"[壹贰叁参肆伍陆柒捌玖]+|上?(?:\d\d?|[一二三四五六七八九十两]{1,3})点[多几]?|7-11")
_SHORT_OF: Final = re.compile(
    r"^ (?:short|down|light|missing|out of pocket|altogether|in total|in all\b|all told|all in\b|back\b|off me|disappeared|vanished|left my)",
    re.IGNORECASE,
)
_THE_ONE: Final = re.compile(r"^ (?:you|that|they|he|she|which|we|i)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    r"\bbetween (?:[£$€] ?)?[\d,.]+k? and (?:[£$€] ?)?$|(?:^|[\s,])(?:[£$€] ?)?[\d,.]{1,7} or $|小$|[千百万]儿$|(?:快|最少|至少|少说|起码|顶多|最多|不到|不足|超过|不止|唔止|唔到|冇)(?:也)?(?:是|有)?$|\b(?:under|less than|more than|well over|upwards of|at least|at most)(?: about| a)? $",
    re.IGNORECASE,
)
_BOUND_AFTER: Final = re.compile(r"[元块蚊钱]{0,2}(?:都|还)?(?:不到|唔到|挂零|冒头|开外|以上|以下|以内|出头)")
_ROUGH: Final = rf"[{HAN}几]{{1,3}}"
"""Three characters at most: 成廿萬 is no value, 成兩千一百四 is one."""
_AS_MUCH_AS: Final = re.compile(r"(?<![变换改降升涨跌做当看])成$")
_NINETY_NINE: Final = re.compile(r"(?P<whole>[a-z]+(?:[ -][a-z]+)?) ninety[ -]?(?P<part>nine|five)", re.IGNORECASE)
_SMALL: Final = re.compile(
    r"(?:[a-z]+teen|[a-z]{3,6}ty|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fiver|tenner)",
    re.IGNORECASE,
)
_ROUND: Final = re.compile(r"hundred", re.IGNORECASE)
_ENDS_OR_OF_IT: Final = re.compile(r"^(?: ?(?:$|[,.;!?\n])| (?:out )?of (?:it|that|mine)\b)", re.IGNORECASE)
_BIG_UNIT: Final = re.compile(r"[万亿]|\d ?[wW]$")
_ALL_OF_IT: Final = re.compile(
    r"^(?:是|系|就是|一共|总共|大概|大约|约|差不多|应该|好似|好像|被扣了?|亏了|扣了|收了|it was|it's|about|around|roughly|the amount (?:is|was)|not sure,?|i think|maybe|only|just| )*$",
    re.IGNORECASE,
)


def amounts_in(
    text: str | Plain,
    *,
    language: Language | None = None,
    region: str = "CN",
    home_currency: str = "CNY",
    asked: bool = False,
    taken: tuple[Span, ...] = (),
) -> tuple[Found[Money], ...]:
    """Every sum in the order of the text; a range has no value. `taken` are places that belong to days and telephone numbers."""
    sums = read_sums(text, language=language, region=region, home_currency=home_currency, asked=asked, taken=taken)
    return tuple(one.found for one in sums)


def read_sums(
    text: str | Plain,
    *,
    language: Language | None = None,
    region: str = "CN",
    home_currency: str = "CNY",
    asked: bool = False,
    taken: tuple[Span, ...] = (),
    generous: bool = False,
) -> tuple[Sum, ...]:
    """As `amounts_in`, telling also what is not certain; `generous`: with numbers that may be none."""
    read = with_zeros(plain(text))
    sums: list[Sum] = []
    spans: list[Span] = []
    money = _Money(read, language, region, home_currency)
    for start, end, value, mark, is_part in slang_sums(read.plain, money.place, asked=asked):
        if not overlaps(start, end, (*taken, *spans)):
            spans.append((start, end))
            sums.append(money.told(start, end, value, mark, small=is_part))
    for match, english in itertools.islice(_matches(read.plain), MOST):
        start, end = _span(match)
        if overlaps(start, end, (*taken, *spans)) or not _is_money(read.plain, match, english=english, asked=asked):
            continue
        spans.append((start, end))
        if not _NOTHING.fullmatch(match["said"]):
            sums.append(money.sum_of(match, english=english))
    told = list(_explained(list(_ranges(read, sorted(sums, key=lambda one: one.found.start)))))
    if generous:
        spans += [(one.found.start, one.end) for one in told]
        doubtful = doubtful_sums(read.plain, (*taken, *spans))
        told += [
            replace(money.told(start, end, value, "", small=False), doubtful=True) for start, end, value in doubtful
        ]
        told.sort(key=lambda one: one.found.start)
    return tuple(told)


def _explained(sums: list[Sum]) -> Iterator[Sum]:
    """ "two thousand one hundred fifty … the twenty one fifty": what may be two sums is the one that was said in full."""
    known = {one.found.value.value: one.found.value for one in sums if one.found.value is not None}
    for one in sums:
        words = one.found.words.lower().replace("-", " ").removeprefix("a ").split()
        pairs = (
            [
                (english_value(" ".join(words[:cut])), english_value(" ".join(words[cut:])))
                for cut in range(1, len(words))
            ]
            if one.found.value is None and len(words) <= 4
            else []
        )
        meant = next(
            (known[value] for high, low in pairs if high and low and (value := high * 100 + low) in known), None
        )
        yield replace(one, found=replace(one.found, value=meant)) if meant is not None else one


def _ranges(read: Plain, sums: list[Sum]) -> Iterator[Sum]:
    """£200-£300, "40 or 50 quid", "£300-odd": one sum without a value; the words tell both."""
    waiting: Sum | None = None
    for one in sums:
        if odd := _ODD.match(read.plain, one.end):
            one = _unclear(read, one.found.start, odd.end(), one.stated)
        if waiting is not None and _is_range(read.plain, waiting, one):
            one = _unclear(read, waiting.found.start, one.end, one.stated)
        elif waiting is not None:
            yield waiting
        waiting = one
    if waiting is not None:
        yield waiting


def _unclear(read: Plain, start: int, end: int, stated: bool) -> Sum:
    return Sum(Found(None, read.own[start:end].strip(), start), end, about=True, stated=stated)


def _is_range(text: str, low: Sum, high: Sum) -> bool:
    if low.found.value is None or high.found.value is None:
        return False
    joint = text[low.end : high.found.start]
    before = text[max(0, low.found.start - 10) : low.found.start].lower()
    between = joint.strip() == "and" and before.endswith("between ")
    near = low.found.value.value < high.found.value.value < _NEAR * low.found.value.value
    return near and not before.endswith(("from ", "从")) and (between or _JOINT.fullmatch(joint) is not None)


_LETTER: Final = re.compile(r"[A-Za-z]")
_FIGURE: Final = re.compile(rf"[\d{HAN}]")
_THOUSANDS: Final = re.compile(r"\dk\b", re.IGNORECASE)
_HOTLINE: Final = re.compile(r"(?:400|800|95\d{3,5}|12\d{3}|110|120|119)")
_CLAUSE_END: Final = re.compile(r"[。！？!?;；，、\n]|,(?!\d)")


def _matches(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    if _HAS_WORDS.search(text):
        for match in _ENGLISH_SUM.finditer(text):
            if _LETTER.search(match["said"]) or match["vague"]:
                yield match, True
    for match in _SUM.finditer(text):
        yield match, False


def _span(match: re.Match[str]) -> Span:
    return match.start(), match.start() + len(match[0].rstrip())


def _is_money(text: str, match: re.Match[str], *, english: bool, asked: bool) -> bool:
    start, end = _span(match)
    marked = bool(match["left"] or match["right"])
    said = match["said"]
    if (said.lower() == "grand" and not match["vague"]) or (
        not english and not match["right"] and match[0].rstrip().endswith("个")
    ):
        return False  # "she's grand now", 二十多个
    ranged = not english and bool(match["to"])
    if len(match["said"]) == 1 and not marked and not ranged and not match["said"].isdigit() and not asked:
        return False
    before, after = text[max(0, start - 40) : start], text[end : end + 20]
    pence = _PENNIES.match(after) and not match["left"]
    if _NUMBER_LABEL.search(before[-16:]) or _RATE_AFTER.search(after) or pence or _OF_A_PRODUCT.match(after):
        return False
    if not match["left"] and (
        _POINTS_BEFORE.search(before) or _POINTS_AFTER.match(after) or _NO_SUM.fullmatch(match[0].strip())
    ):
        return False
    if (
        not marked
        and _PLURAL.match(after)
        and not _GROUPED.fullmatch(said.strip())
        and not (english and _SHORT_OF.match(after))
    ):
        return False
    if not marked and ((said.endswith("一") and _ONE_WORD.match(after)) or said.startswith("0.")):
        return False
    if english and re.fullmatch(r"\d{7,} ?k", said, re.IGNORECASE):
        return False
    if not english and not _FIGURE.search(said):
        return False
    if marked and not match["right"] and len(said.strip()) == 1 and _COUNTED.search(after):
        return False  # 美元三个月定期
    if marked:
        # "一块" is also "together", "三元" the start of a name; a lone 元 after one character is still money when digits say so
        return not (match["right"] == "块" and said in ("一", "大", "几") and not match["small"]) and not re.match(
            r"^(?:去|儿|来)", after if match["right"] == "块" else ""
        )
    if _COUNTED.search(after) and not (_GROUPED.fullmatch(said.strip()) and _OF_MINE.match(after)):
        return False
    if english and not asked and _SMALL.fullmatch(said.strip()):
        return said.strip().lower() in ("fiver", "tenner")
    if (
        english
        and _NINETY_NINE.fullmatch(said.strip())
        and re.match(r" (?:for|each|a (?:month|year|week|pop|go)|off)\b", after)
    ):
        return True
    if not marked and _THOUSANDS.search(said) and _ABOUT_POINTS.search(text):
        return False
    if _SHORT_OF.match(after) and (english or len(said.strip()) > 1):
        return True  # "two hundred short"
    if (
        english
        and _ROUND.search(said)
        and (
            _ENDS_OR_OF_IT.match(text[end:])
            or (
                " " in said.strip()
                and not re.match(r" (?:and (?!you|i\b|they|we|it|my|the|now|then|still|no)|of\b|or\b)", after)
            )
        )
    ):
        return True  # "swallowed nine hundred of it", "NINE HUNDRED"
    if english:
        return bool(
            re.search(r"grand|million|thousand|\dk\b|\d k\b|\bk$", said, re.IGNORECASE)
            or _ENGLISH_BEFORE.search(before)
        ) or (asked and len(said) > 2)
    return _unmarked(text, match, before, asked=asked)


def _unmarked(text: str, match: re.Match[str], before: str, *, asked: bool) -> bool:
    said = match["said"].strip()
    if asked and text.strip(" 。.!！") == said.strip() and said.isdigit() and len(said) <= 10:
        return True
    if _RATE.fullmatch(said) and _RATE_TOLD.search(text):
        return False
    if sum(map(str.isdecimal, said)) > 10 or _HOTLINE.fullmatch(said):
        return False
    clause = _CLAUSE_END.split(before)[-1]
    at_an_end = _AT_AN_END.match(text[_span(match)[1] :]) is not None
    if at_an_end and _BOUGHT_FOR.fullmatch(said) and _BOUGHT.search(clause):
        return True
    if before.endswith("the ") and re.fullmatch(r"\d{2,6}", said) and _THE_ONE.match(text[_span(match)[1] :]):
        return True  # "the 850 you blocked"
    if match["minus"] and re.fullmatch(r"\d+\.\d\d", said):
        return True
    if (
        asked
        and said.isdigit()
        and not clause.strip()
        and re.match(r"^ ?(?:$|[，。,.!！；;\n])", text[_span(match)[1] :])
    ):
        return True
    if (
        not clause.strip()
        and _FIGURE_ALONE.fullmatch(said)
        and re.match(r"^ ?(?:$|[，。,.!！；;\n])", text[_span(match)[1] :])
        and _OF_MONEY.search(text)
    ):
        return True
    if (
        not clause.strip()
        and _SUM_ALONE.fullmatch(said)
        and (len(said) > _SHORTEST_ALONE or _OF_MONEY.search(text))
        and re.match(r"^(?:$|[，。,.!！；;、\n])", text[_span(match)[1] :])
    ):
        return True  # "一千八，上个月": in a complaint nothing else is counted so
    if (
        asked
        and _SUM_ALONE.fullmatch(said)
        and len(said) > _SHORTEST_ALONE
        and re.match(r"^ ?(?:$|[，。,.!！；;、\n])", text[_span(match)[1] :])
    ):
        return True  # at the end of a clause: "婴儿车一千九百八，…"
    if (
        asked
        and (len(text) <= 30 or _ALL_OF_IT.match(clause))
        and said not in ("一", "两", "二", "三", "十", "万", "千", "百")
    ):
        return True
    if (not match["to"] and re.fullmatch(rf"[{HAN}]", said)) or said in ("万一", "百万", "千万", "千百"):
        return said == "百万"
    if _BIG_UNIT.search(match["upper"] or said) or _AS_SPOKEN.fullmatch(said):
        return True
    if _GROUPED.fullmatch(said) and not _NO_SUM_AFTER.match(text[_span(match)[1] :]):
        return True
    if _NOTES.search(before) and text[_span(match)[1] :].startswith("的"):
        return True  # 一张一百的
    end = _span(match)[1]
    return bool(
        _MONEY_BEFORE.search(clause)
        or _ENGLISH_BEFORE.search(before)
        or (len(said) > 1 and _MONEY_AFTER.search(text[end : end + 12]))
    )


class _Money:
    """Turns a match into a sum, once what 元 and $ mean in this text is known."""

    def __init__(self, read: Plain, language: Language | None, region: str, home_currency: str) -> None:
        self.read = read
        place = self.place = region_of(read, language, region)
        self.local = home_currency if place == region else CURRENCIES.get(place, home_currency)
        self.certain = language is Language.HANS or place != region
        self.dollar = (
            self.local
            if self.local in ("HKD", "TWD", "SGD", "AUD", "CAD", "USD")
            else "HKD"
            if language is Language.HANT
            else "USD"
        )

    def sum_of(self, match: re.Match[str], *, english: bool) -> Sum:
        start, end = _span(match)
        words = self.read.own[start:end].strip()
        left, right = LEFT.get(key_of(match["left"])) or "", RIGHT.get(key_of(match["right"])) or ""
        mark = left if left and match["right"] in PLAIN_UNITS else right or left
        currency = self.dollar if mark == "$" else mark or self.local
        value = _english(match) if english else _chinese(match)
        if value is not None and (value <= 0 or value >= Decimal(10) ** 13):
            value = None
        before, after = clause_around(self.read.plain, start, end, 10)
        if _AS_MUCH_AS.search(before) and re.fullmatch(_ROUGH, match["said"].strip()):
            value = None  # 成廿萬, but 成$4,500
        if _BETWEEN.search(self.read.plain[max(0, start - 24) : start]) or _BOUND_AFTER.match(self.read.plain, end):
            value = None
        about = bool(_ABOUT_BEFORE.search(before) or _ABOUT_AFTER.search(after)) or (
            not english and match["more"] in ("左右", "上下")
        )
        money = None if value is None else Money(value.quantize(Decimal("0.01")), currency)
        stated = (bool(mark) and mark != "$") or self.certain
        return Sum(Found(money, words, start), end, about, stated)

    def told(self, start: int, end: int, value: Decimal | None, mark: str, *, small: bool) -> Sum:
        """A sum read elsewhere: what it is worth and its currency, "$" and "" as in the lists here."""
        currency = self.dollar if mark == "$" else mark or self.local
        money = None if value is None else Money(value.quantize(Decimal("0.01")), currency)
        return Sum(Found(money, self.read.own[start:end].strip(), start), end, about=False, stated=True, is_small=small)


def _english(match: re.Match[str]) -> Decimal | None:
    value = None if match["vague"] else english_value(match["said"])
    if value is None and (cents := _NINETY_NINE.fullmatch(match["said"].strip())) and not match["vague"]:
        whole = english_value(cents["whole"])  # "nine ninety nine"
        return None if whole is None else whole + Decimal("0.9") + (english_value(cents["part"]) or Decimal(0)) / 100
    small = _part(match["small"]) if match["right"] or match["left"] else None
    return value if value is None or small is None else value + small


def _part(said: str | None) -> Decimal | None:
    """ "and eighty pence": the part of a pound, a dollar, a euro."""
    words = re.sub(r"(?:pence|p|cents?)$|^,? and", "", (said or "").strip()).strip()
    part = english_value(words) if words else None
    return part / 100 if part is not None and part < 100 else None


def _chinese(match: re.Match[str]) -> Decimal | None:
    if match["left"] and match["to"] and match["to"].strip() == "-" and re.fullmatch(r"\d\d", match["upper"].strip()):
        low = value_of(match["said"])  # £47-20
        if low is not None and low > int(match["upper"]):
            return low + Decimal(match["upper"]) / 100
    if match["to"] or match["more"] in (
        *_VAGUE,
        "不到",
        "出头",
        "有余",
        "好几",
        "开外",
        "以上",
        "以下",
        "以内",
        "之间",
    ):
        return None
    value = value_of(match["said"])
    small = match["small"]
    if value is None or not small:
        return value
    if small[0] == " ":
        return value + Decimal(re.sub(r"\D", "", small)) / 100  # "89 pounds 99"
    tenths, _, hundredths = small.rstrip("分").replace("毛", "角").replace("毫", "角").partition("角")
    tenths = tenths.removeprefix("零")
    part = value_of(tenths)
    if part is None or not match["right"]:
        return value
    value += part / (100 if len(small) == 2 and small.isdigit() else 10)
    return value + (value_of(hundredths) or Decimal(0)) / 100 if hundredths else value
