"""Whom and what a complaint is against: a branch, a product or fee, a member of staff, in the customer's words.

Put together as one short phrase: "滨江支行 · 理财 · 罗经理". Words that say little (客服, APP, a card) count only where
nothing better is said.

Not here: the category of the complaint (triage) and what happened (facts).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.particulars import names_nothing, nouns_in, particulars_in
from dialogue.understanding.people import COMPOUND, SURNAMES
from dialogue.understanding.plain import Plain, overlaps, plain, tidy
from dialogue.understanding.terms import fold, lists
from dialogue.understanding.things import complains_beside, han_kind, head_at, things_in, with_kind

_HAN = r"[\u4e00-\u9fff]"
_DESK = (
    "(?:信贷|个贷|房贷|贷款|个金|个人金融|公司业务|对公|国际业务|业务|客服|客户|理财|财富|零售|信用卡|保卫|运营|会计)"
)
_BRANCH: Final = re.compile(
    rf"(?P<name>{_HAN}{{1,12}}?)(?P<kind>支行|分行|总行|营业部|营业厅|网点|分理处|储蓄所|财富中心|分部)(?!长)(?P<desk>(?:的|嘅)?{_DESK}部(?!分|署|门)|(?:的|嘅)?{_DESK}部门)?"
)
_BEFORE_BRANCH: Final = re.compile(
    r".*(?:你们的?|你[哋地]|你行|贵行|我们|咱们|他们|她|他|在|到|去|从|于|跟|向(?!阳|塘)|找|的|嘅|了|咗|是|系|和(?![平谐睦顺兴义])|与|同(?![德心安济])|这家|那家|这间|那间|呢间|嗰间|某|个|间|天(?![河津府宁山虹安目桥元台水门长心坛])|号|日(?!照)|月(?![湖坛牙])|年|晚|次|被|对|喺|经(?![济开纬])|由|说|前往|跑|让|叫|请|给|问|投诉|反映|关于|附近|那边|早上|上午|下午|今早|(?:星期|礼拜|周)[一二三四五六日天]|礼拜|六(?![里合安盘])|去过|里|行的|家(?!乐)|办|来(?!宾|安|凤)|往|收到|拨打|致电|打|因|和你|经过|昨日|即)"
)
_BRANCH_THERE: Final = re.compile(
    rf"(?P<name>{_HAN}{{2,4}}?)(?:[嗰𠮶]|呢|那|这)?(?:间|家|个)(?:支行|分行|银行|网点)(?=$|[^\u4e00-\u9fff]|[嘅的])"
)
_LEADS_TO_PLACE: Final = re.compile(r"^(?:你们的?|你哋|贵行|在|喺|去|到|就是|就系)+")
_NO_PLACE_HAN: Final = re.compile(r"[我你他她佢系是的嘅了咗过在喺有冇没不唔就都也要想说讲话知道]|银行|卡|钱")
_SHORTEST_NAME: Final = 2
_IN_NAMES: Final = "和同里由经到来往天日月年办"
_NO_BRANCH: Final = re.compile(
    r"^(?:哪个?|什么|各|本|该|所有|任何|其他|别的|另一?个?|几个?|多个?|两个?|一个?|最近|就近|开户|我|你|同一?|不同|银行)?$"
)
_BRANCH_ENGLISH: Final = re.compile(
    r"\b(?P<name>[A-Z][\w'.-]{1,20}(?: [A-Z][\w'.-]{1,20}){0,3}(?:, [A-Z]{2})?) (?:[Bb]ranch)\b|\b(?:[Bb]ranch|[Bb]ank) (?:in|at|on) (?P<place>[A-Z][\w'.-]{1,20}(?: [A-Z][\w'.-]{1,20}){0,2})"
)
_WORKS_AT: Final = re.compile(
    r"\b(?:clerk|cashier|teller|staff|advis[eo]r|receptionist|security guard|counter|cash machine|bank machine|ATM|cashpoint) (?:in|at) [A-Z][\w'.-]{2,20}(?: [A-Z][\w'.-]{1,20})?"
)
# "your bath branch", "your 旺角 branch": typed without capitals, or in the script that the place has at home
_BRANCH_SMALL: Final = re.compile(r"\b(?:[Yy]our|[Tt]he) (?P<name>[a-z][a-z'-]{2,20}|[\u4e00-\u9fff]{2,6}) branch\b")
_NO_BRANCH_ENGLISH: Final = frozenset(
    "local main nearest same whole other new old city high bank first second third last home closest usual own only wrong entire big small this "  # noqa: SIM905
    "that next nearby particular specific said relevant respective one few many closed branch head".split()
)
_PLACE_ENGLISH: Final = re.compile(
    r"\b[Yy]our (?P<office>[A-Z][\w'-]{2,20}(?: [A-Z][\w'-]{2,20})?) (?:office|call cent(?:re|er)|counter|shop)\b"
    r"|\b(?:[Mm]anager|[Cc]ashier|[Tt]eller|[Cc]lerk|[Ss]taff|[Bb]ranch|[Oo]ffice|[Ll]ady|[Mm]achine|cash ?point|ATM|[Ll]obby|branches|[Dd]esk|[Cc]ounter|fella|lad|bloke|woman|man|girl|guy|person) (?:in|at|of) (?P<place>[A-Z][\w'-]{2,20}(?: [A-Z][\w'-]{2,20})?)"
    r"|\b(?P<machine>[A-Z][\w'-]{2,20}) (?:cash machine|ATM|cashpoint)\b|, (?P<listed>[A-Z][\w'-]{2,20}) (?:call cent(?:re|er)|office)\b"
    r"|^(?P<first>[A-Z][a-z]{3,14}), (?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|\d|last|yesterday|this)|\binto (?P<into>[A-Z][\w'-]{2,20}) in person\b"
)
_THAT_BRANCH: Final = re.compile(
    r"(?:你们|你哋|贵行|在|喺|去)(?:的|那个|嗰个)?(?P<one>[\u4e00-\u9fff]{2,3}?)(?:嗰|那|这|呢)(?:间|家|台|部|边)|(?P<two>[\u4e00-\u9fff]{2,3})(?:你们|你哋)(?:那|嗰|这)(?:间|家|个)(?:网点|分行|支行)?"
)
_NOT_A_PLACE: Final = frozenset(
    "the your this my that our local a an every any no which bank at in from visited to dear head i".split()  # noqa: SIM905
)

_STRONG_PRODUCTS = (
    "债券基金|股票基金|定期定额|智能止盈|定投|复委托|窝轮|牛熊证|期权|外汇保证金|融资融券|投资型保单|雪球|抵押贷|车位贷|信用卡账单|遗产户口|公司户口|证券户口|证券账户|二类户|对公账户|自动续费|自动加值|海外交易手续费|支票|汇票|本票|积分|红利点数|点数|里程|悠游卡|联名卡|IPO|认购|展期|继承|转名|挂失费|无卡取款|ETC|孖展|加按|长辈模式|销户|会员|押金|结构性存款|大额存单|定期存款|通知存款|活期存款|理财产品|银行理财|理财|净值型产品|基金定投|基金|私募|信托|年金险|万能险|分红险|投资型保单|储蓄险|寿险|保险|保单|贵金属|纸黄金|黄金积存|黄金|原油宝|(?<![境海国])外汇(?![款到过给])|连动债|债券|股票|国债|"
    r"信用卡分期|现金分期|分期付款|分期|(?:住)?房(?:屋)?(?:贷款|贷)|按揭贷款|按揭|楼按(?!揭)|车贷|消费贷|经营贷|信用贷|信贷|网贷|公积金贷款|助学贷款|组合贷|学贷|助学贷|贷款|私人贷款|税贷|强积金|八达通|征信记录|征信报告|征信|信用报告|数字人民币|定存|存单|年金|保险箱|保管箱"
)
_FEES = r"提前还款(?:违约金|手续费|罚息)|提前还贷(?:违约金)?|提早还款(?:罚款|费|罚息)?|(?:账户|帐户|户口|小额账户|小额)?管理费|低结余费|换汇|漫游|挂失费|年费|卡费|逾期费|跨行费|提款费|汇费|开户费|处理费|保管费|透支费|查询费|补发费|国外交易费|海外交易费|月费|手续费|服务费|违约金|滞纳金|罚息|罚款|短信(?:通知|服务)?费|提醒费|话费|流量费|行政费|转账费|汇款费|开卡费|工本费|保费|申购费|赎回费|托管费|咨询费|循环利息|利息|汇率|手续费用|保证金"
_CARDS = (
    r"信用卡|借记卡|储蓄卡|提款卡|银行卡|工资卡|社保卡|养老金卡|扣账卡|联名卡|白金卡|金卡|柜员机卡|张卡|附属卡|金融卡"
)
_PRODUCT: Final = re.compile(
    rf"(?P<fee>{_FEES})|(?P<strong>{_STRONG_PRODUCTS})(?!经理|专员|顾问|师|客户|经)|(?P<alone>{_CARDS}|卡(?=[的嘅]?年费))"
)
_LATIN: Final = re.compile(r"[A-Za-z]{3}")
_WEAK: Final = re.compile(
    r"我的?卡(?=[里上内也被刚就])|卡(?=[里上]|被)|小程序|公众号|官网|自助机|存款机|机器(?!人)|理财专员|理专|理财经理|客户经理|手机银行|网上银行|网银|(?<![a-zA-Z])ATM(?![a-zA-Z])机?|自动柜员机|柜员机|取款机|提款机|(?<![a-zA-Z])APP(?![a-zA-Z])|转账|转帐|汇款|转数快|大堂经理|柜台|柜员|柜面|客服|热线|催收|行员|保安|工作人员|职员|员工|存折|账户|帐户|户口|(?<![跟和同像])存款(?!一样)|U盾|短信|排队|(?<![a-zA-Z])POS(?![a-zA-Z])机?|验证码|系统|手机|机器人|限额|(?<!剪)卡|IVR|短信码|商户码|收款码|网站|页面|文件|证明|地推|保管箱|账单|余额|信用额|密码|自助机|窗口|柜姐|保全|接线员|话务员|业务员|收数|追数|催款|叫号|停车|台阶",
    re.IGNORECASE,
)
_PRODUCT_ENGLISH: Final = re.compile(
    r"(?<![A-Za-z])(?:(?P<fee>(?:foreign |wire |international )?(?:early (?:repayment|settlement|termination) (?:fee|charge|penalty)|overdraft (?:fee|charge)s?|annual fee|fall[ -]below fee|minimum balance (?:fee|charge)|account (?:fee|charge)|late (?:payment )?(?:fee|charge)s?|monthly fee|maintenance fee|service (?:fee|charge)|transaction fee|transfer fee|wire fee|handling fee|admin(?:istration)? fee|exit fee|arrangement fee|interest rate|interest))"
    r"|(?P<strong>help to buy|lifetime ISA|accumulators?|cash ISA|stocks (?:and|&) shares(?: ISA)?|tax loan|HDB loan|giro|medical insurance|safe deposit(?: box)?|cheque(?: book)?s?|fund statement|loyalty points|reward points|air ?miles|cash ?back|packaged? account|packages?|faster payment|deposit account|dollar transfer|foreign exchange|travel money|euros|shares|chargeback|escrow|money order|gift card|title loan|payday loan|structured (?:deposit|product|note)s?|fixed (?:term )?deposit|time deposit|investment fund|mutual fund|unit trust|investment bond|bond|fund|investment|wealth management product|endowment|life insurance|home insurance|travel insurance|insurance(?: policy)?|annuity|pension|PPI|ISA|mortgage|home loan|car loan|student loan|personal loan|business loan|loan|overdraft|credit report|credit score|credit file)s?"
    r"|(?P<alone>credit card|debit card|current account|checking account|savings account|joint account|business account|bank card|standing order|direct debit))(?![A-Za-z])(?! (?:advis[eo]r|manager|team|officer))",
    re.IGNORECASE,
)
_WEAK_ENGLISH: Final = re.compile(
    r"(?<![A-Za-z])(?:(?:mortgage|loans?|cards?|fraud|complaints?|collections?|lending) (?:team|department|desk)|mobile app|banking app|online banking|mobile banking|app|ATM|cash machine|wire transfer|bank transfer|transfer|customer services?|call cent(?:re|er)|teller|cashier|advis[eo]r|debt collectors?|account|helpline|cards?(?! payments?)|cheques?|acct|texts?|letters?|chat ?bot|bot|queue|till|counter|machine|website|wallet|line|fees?|order|ticket|remittance|(?:rent|wages?|salary) payments?|(?:phone|electricity|water|gas) bill|statements?)(?![A-Za-z])",
    re.IGNORECASE,
)

_AT_HOME: Final = re.compile(  # what somebody of the household does with a thing of the house's: "he took my card"
    r"\b(?:he|she|(?:my|our) (?:ex|husband|wife|partner|boyfriend|girlfriend|son|daughter|brother|sister|mum|mom|dad|mother|father))(?:'s| has| had| always| just){0,2} (?:took|taken|takes|takes away|stole|hid|hides|keeps?|kept|has|got|holds?|cut up|uses?|used|controls?) (?:my|our|the|all my) (?:bank |debit |credit )?$|(?:他|佢|她|我?老公|我?老婆|我?丈夫|我?先生|我?儿子|前夫|前妻)(?:就|都|会|又)?(?:拿走|抢走?|收走|没收|藏|拎走|攞走|偷)(?:了|咗)?我?[的嘅]?(?:张)?$",
    re.IGNORECASE,
)
_RM: Final = re.compile(
    r"(?:\bRM|relationship manager) ?(?:叫|called|named|阿|,)? ?(?P<name>(?!Mr|Ms|Dr)[A-Z][a-z]{1,12}(?: [A-Z][a-z'-]+)?)\b"
)
_SURNAME = r"[\u4e00-\u9fff]"
_POST = r"(?:客户经理|理财经理|大堂经理|业务经理|经理|副?主任|副?行长|柜员(?!机)|顾问|专员|主管|理专|襄理|理财师|客服)"
_NOT_SURNAME = "的你我他她们个位名户财堂务女男是找跟被和与在叫说让请问同向对由给从到去这那该某一两几任行项目产品总副新老原前大小客嘅啲哋贷专理部级高初银业险金化投销店柜融监都有了就还也不没来得见骗当时候"
_STAFF: Final = re.compile(
    rf"(?P<of>{_POST}|职员|员工|行员|业务员|催收员|工作人员|该员)(?:就|应该|好像)?(?:是|系)?姓(?P<after>(?:{COMPOUND}|[{SURNAMES}]))(?=$|[^\u4e00-\u9fff]|的|嘅|[，,。])"
    rf"|姓(?P<bare>{_SURNAME})的?(?:那个?)?(?P<post>{_POST}|先生|小姐|女士|职员|员工)"
    rf"|(?P<titled>(?<![\u4e00-\u9fff]姓)(?<![块元万千百外智值当])(?:{COMPOUND}|(?=[{SURNAMES}])[^\W\da-zA-Z_{_NOT_SURNAME}]){_POST})"
    rf"|(?P<named>(?:客户经理|理财经理|大堂经理|经理(?=叫)|柜员(?!机)|理专|职员|行员|客服|业务员|催收员|经办人?|坐席|话务员)(?:叫|是|:|、)?(?P<name>[\u4e00-\u9fff]{{2,3}}))(?=$|[^\u4e00-\u9fff]|[跟对说向把叫让给推介告在上昨今却没骗帮才])"
    rf"|(?:他|她|佢)(?:名?叫)(?P<he>[{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，,。])"
    rf"|(?P<number>工号[:是 ]{{0,2}}[A-Za-z]?\d{{2,8}})"
    rf"|(?:职员|员工|柜员(?!机)|客服|行员|你们的|你哋|贵行的?|行里的?|一位|一个|有个|叫)(?P<polite>{_SURNAME}(?:先生|小姐|女士|姑娘))"
)
_CALLED: Final = re.compile(r"(?:叫|是|:|、)(?=[\u4e00-\u9fff]{2,3}$)")
_NAMED_LIKE: Final = re.compile(
    r"[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方俞任袁柳唐罗薛雷贺汤郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒项祝董梁杜阮江颜郭梅林徐邱骆高夏蔡田胡霍虞万柯卢莫丁邓洪石崔龚程邢陆翁段侯武刘龙叶黎白赖卓谭温庄易]"
)
_STAFF_ENGLISH: Final = re.compile(
    r"\b(?P<title>(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][A-Za-z'-]+)|\b(?P<post>(?:[Mm]anager|[Aa]dvis[eo]r|[Tt]eller|[Cc]ashier|[Cc]lerk|[Bb]anker|[Oo]fficer|agent|rep|representative|colleague|employee),? (?:called |named )?[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?)(?![a-z])"
)
_SELF_ENGLISH: Final = re.compile(
    r"(?:\b(?:I am|I'm|this is|name is|dear|regards,?|sincerely,?|faithfully,?)\s*|^)$", re.IGNORECASE
)
_LEAD: Final = re.compile(
    r"^(?:就?是|系|就系|关于|有关|投诉的?是?|针对|我要投诉|我想投诉|要投诉|it's |it is |it was |about |the complaint is about |my complaint is about |against )+",
    re.IGNORECASE,
)
LONGEST: Final = 60
_AT_THE_HEAD: Final = 6
"""Characters: who is named so early is whom it is about."""
_LIKELY: Final = 2.0
"""Points of a thing by which the complaint is about it, whatever else is named."""
_FEW: Final = 2
_MAYBE: Final = 1.0
"""Points by which it may be, where nothing else is."""
_FIRMS: Final = lists("triage_firms", "dialogue")

_PIECE: Final = re.compile(r"[^.!?;\n]+")
_DENIED: Final = re.compile(r"[\s?!,。]{0,3}(?:不是|不系|唔系|唔是|没有|冇|no\b|nope\b)")
_NOT_IT: Final = re.compile(r"(?:(?<!是)不是|唔系|并非|\bnot|\bisn't|\bwasn't)[\s\"']{0,2}\Z")
_DANGLES: Final = re.compile(
    r"(?:[\s,]|\b(?:on|in|since|about|around|for|from|last|the|at|and|i think|it was)\b)+$", re.IGNORECASE
)
_CAPITAL: Final = re.compile(r"\b[A-Z][a-z']{2,}\b")
_NO_PLACE: Final = _NOT_A_PLACE | frozenset(
    "it they my we you she he but and not nobody since on about around i'm it's don't the was just maybe probably sometime roughly yes no sorry "  # noqa: SIM905
    "well think why what how can could please when where who thanks hello hi ok okay".split()
)


def abouts_in(text: str | Plain) -> tuple[Found[str], ...]:
    """The parts in the order of the phrase: branch, product or fee, staff; the weak words only if there is none of them."""
    return _parts_in(plain(text))


@lru_cache(maxsize=256)
def _parts_in(read: Plain) -> tuple[Found[str], ...]:
    """Remembered, like what it is made of: the same words are read for what they are about by several."""
    branch, staff = _branch(read), _staff(read)
    products = _products(read)
    firm = _firm(read)
    if branch is not None:  # 城东支行信贷部 is an office, and no credit
        products = [part for part in products if part.words not in branch.words]
    strong = [part for part in (branch, *products, staff) if part is not None]
    if firm is not None and (not strong or firm.start <= _AT_THE_HEAD):
        strong = [firm, *strong]
    named = _named_things(read, few=len(strong) < _FEW, alone=not strong)
    named = [*particulars_in(read)[:2], *named]
    kept = [part for part in strong if not any(part.words in one.words for one in named)]
    if named or products or staff:
        return (*kept, *named)
    weak = [one for one in _weak(read) if branch is None or one.words not in branch.words]
    return (*kept, *weak) if kept or weak else tuple(nouns_in(read))


def known_in(read: Plain) -> Iterator[tuple[str, Found[str]]]:
    """All that the lists and forms of this room know in a text, with what it is: branch, staff, firm, product, fee, card or weak."""
    for kind, part in (("branch", _branch(read)), ("staff", _staff(read)), ("firm", _firm(read))):
        if part is not None:
            yield kind, part
    forms = (_PRODUCT, _PRODUCT_ENGLISH) if _LATIN.search(read.plain) else (_PRODUCT,)
    for form in forms:
        for match in form.finditer(read.plain):
            kind = "fee" if match["fee"] else "product" if match["strong"] else "card"
            yield kind, _part(read, _start_of(read, match), _end_of(read, match))
    for form in (_WEAK, _WEAK_ENGLISH):
        for match in form.finditer(read.plain):
            if not _AT_HOME.search(read.plain, max(0, match.start() - 40), match.start()):
                yield "weak", _part(read, *match.span())


def _named_things(read: Plain, *, few: bool, alone: bool) -> list[Found[str]]:
    """The likeliest thing; where little else is named, whatever may be it, and a second."""
    things = [one for one in things_in(read) if one.points >= (_MAYBE if few else _LIKELY)]
    parts = list({part.words: part for one in things if (part := _part(read, one.start, one.end))}.values())
    return parts[: 2 if alone else 1]


def names_staff(text: str) -> bool:
    """Whether a member of staff is named in it."""
    return _staff(plain(text)) is not None


def about_in(text: str | Plain, *, asked: bool = False) -> Found[str] | None:
    """The phrase, or None. A short answer to "whom or what is it about" stands for itself."""
    read = plain(text)
    parts = abouts_in(read)
    if parts:
        said = list(dict.fromkeys(part.value for part in parts if part.value))
        once = [part for part in said if not any(part != other and part in other for other in said)]
        return Found(
            _as_many_as_fit(once),
            " · ".join(dict.fromkeys(part.words for part in parts)),
            parts[0].start,
        )
    return answer_alone(read) if asked else None


def answer_alone(read: Plain) -> Found[str] | None:
    """A short answer to "whom or what is it about", which stands for itself."""
    said = read.plain.strip()
    if names_nothing(read.plain) or not 2 <= len(said) <= LONGEST or "\n" in said:
        return None
    lead = _LEAD.match(read.plain)
    words = tidy(read.own[lead.end() if lead else 0 :])
    return Found(words, tidy(read.own), 0) if len(words) >= 2 else None


def without_lead(said: str) -> str:
    """ "就是存折" names the passbook."""
    lead = _LEAD.match(plain(said).plain)
    return tidy(said[lead.end() if lead else 0 :])


def _as_many_as_fit(parts: list[str]) -> str:
    phrase = parts[0]
    for part in parts[1:]:
        if len(longer := f"{phrase} · {part}") <= LONGEST:
            phrase = longer
    return phrase


def place_beside(read: Plain, said: Iterable[str]) -> Found[str] | None:
    """Asked where and when: "Whitby first, then Scarborough. Since August" names places beside the day."""
    rest = read.plain
    for words in said:
        rest = rest.replace(plain(words).plain, "\n")
    for piece in _PIECE.finditer(rest):
        if len(piece[0]) > 2 * LONGEST:
            continue
        words = tidy(_DANGLES.sub("", piece[0]))
        names = [name for name in _CAPITAL.findall(words) if name.lower() not in _NO_PLACE]
        if names and len(words) <= LONGEST:
            return Found(words, words, max(read.plain.find(words), 0))
    return None


def says_little(about: str) -> bool:
    """Whether it is one of the words that count only where nothing better is said: 短信, 客服, APP."""
    return (_WEAK.fullmatch(about) or _WEAK_ENGLISH.fullmatch(about)) is not None


def _part(read: Plain, start: int, end: int) -> Found[str]:
    words = read.own[start:end]
    return Found(tidy(words), words, start)


@lru_cache(maxsize=256)
def _firm(read: Plain) -> Found[str] | None:
    """Another firm that is named: a bank, a shop, a bureau."""
    text = fold(read.own)
    hits = [
        hit
        for kind, terms in _FIRMS.items()
        if kind != "addressed"
        for hit in terms.every(text)[:_FEW]
        if not _DENIED.match(text.folded, hit.end) and not _NOT_IT.search(text.folded, 0, hit.start)
    ]
    if not hits or text.origin is not None:
        return None
    first = min(hits, key=lambda hit: hit.start)
    return Found(first.words, first.words, first.start)


def _lead_of(name: str) -> int:
    """Where the branch's own name begins: 和 and 天 end a lead (我和…), but stand in 中和 and 天母 as well."""
    lead = _BEFORE_BRANCH.match(name)
    while lead and len(name) - lead.end() < _SHORTEST_NAME and lead[0][-1] in _IN_NAMES:
        shorter = _BEFORE_BRANCH.match(name[: lead.end() - 1])
        if shorter is not None and lead.end() - shorter.end() == 1:
            break
        lead = shorter
    return lead.end() if lead else 0


@lru_cache(maxsize=256)
def _branch(read: Plain) -> Found[str] | None:
    for match in _BRANCH.finditer(read.plain):
        start = max(match.start(), match.start("kind") - 10)
        name = read.plain[start : match.start("kind")]
        cut = _lead_of(name)
        if not _NO_BRANCH.match(name[cut:]):
            return _part(read, start + cut, match.end())
    for match in _BRANCH_THERE.finditer(read.plain):
        lead = _LEADS_TO_PLACE.match(match["name"])
        start = match.start() + (lead.end() if lead else 0)
        name = read.plain[start : match.end("name")]
        if len(name) >= 2 and not _NO_PLACE_HAN.search(name):
            return _part(read, start, match.end())
    for match in _BRANCH_ENGLISH.finditer(read.plain):
        group = "name" if match["name"] else "place"
        words = match[group].split()
        while words and words[0].lower() in _NOT_A_PLACE:
            words.pop(0)
        if words:
            place = " ".join(words)
            at = match.start(group) + match[group].rfind(place)
            name = f"{place} branch"
            return Found(name, read.own[at : match.end()] if group == "name" else read.own[slice(*match.span())], at)
    if at_work := _WORKS_AT.search(read.plain):
        return _part(read, *at_work.span())
    for match in _PLACE_ENGLISH.finditer(read.plain):
        group = next(group for group in ("office", "place", "machine", "listed", "into", "first") if match[group])
        if match[group].split()[0].lower() not in _NOT_A_PLACE:
            return _part(read, *match.span(group))
    for match in _THAT_BRANCH.finditer(read.plain):
        group = "one" if match["one"] else "two"
        if not _NO_BRANCH.match(match[group]) and match[group][0] not in "他她它我你的那这个":
            return _part(read, *match.span(group))
    for match in _BRANCH_SMALL.finditer(read.plain):
        if match["name"] not in _NO_BRANCH_ENGLISH:
            return _part(read, match.start("name"), match.end())
    return None


def _products(read: Plain) -> list[Found[str]]:
    """One product and one fee at most: the first of each, together where they stand together."""
    matches = list(_PRODUCT.finditer(read.plain))
    if _LATIN.search(read.plain):
        matches += _PRODUCT_ENGLISH.finditer(read.plain)
    fees = [match for match in matches if match["fee"]]
    for before, fee in itertools.pairwise(matches):
        if fee["fee"] and not before["fee"] and read.plain[before.end() : fee.start()] in ("", "的", "嘅", " "):
            return [_part(read, before.start(), fee.end())]
    goods = sorted(
        (match for match in matches if not match["fee"]), key=lambda match: -_speaks_for(read, match)
    )  # of equals the first
    if len(goods) > 1 and _speaks_for(read, goods[-1]) < 0:
        goods = [match for match in goods if _speaks_for(read, match) >= 0] or goods
    other = [match for match in goods[1:] if match[0].lower() not in goods[0][0].lower()]
    kept = sorted([*goods[:1], *other[:1], *fees[:1]], key=lambda match: match.start())
    return [_part(read, _start_of(read, match), _end_of(read, match)) for match in kept]


def _end_of(read: Plain, match: re.Match[str]) -> int:
    further = None if match[0].isascii() else head_at(read.plain, match.end())
    return match.end() if further is None else further


def _start_of(read: Plain, match: re.Match[str]) -> int:
    start = match.start()
    return with_kind(read.plain, start) if match[0][0].isascii() else han_kind(read.plain, start)


def _speaks_for(read: Plain, match: re.Match[str]) -> float:
    return complains_beside(read.plain, *match.span()) + (1.0 if match["strong"] else 0.5)


def _weak(read: Plain) -> list[Found[str]]:
    found = [
        match
        for pattern in (_WEAK, _WEAK_ENGLISH)
        for match in pattern.finditer(read.plain)
        if not _AT_HOME.search(read.plain, max(0, match.start() - 40), match.start())
    ]
    return [_part(read, *min(match.span() for match in found))] if found else []


@lru_cache(maxsize=256)
def _staff(read: Plain) -> Found[str] | None:
    for match in _STAFF.finditer(read.plain):
        start, end = match.span()
        if match["after"]:
            surname, post = read.own[slice(*match.span("after"))], read.own[slice(*match.span("of"))]
            return Found(surname + post, read.own[start:end], start)
        if match["bare"]:
            surname, post = read.own[match.start("bare")], read.own[slice(*match.span("post"))]
            return Found(surname + post, read.own[start:end], start)
        if match["named"] and not _NAMED_LIKE.match(match["name"]):
            continue
        group = next(group for group in ("titled", "named", "number", "polite", "he") if match[group])
        if group == "named" and (said := _CALLED.search(read.plain, *match.span(group))):
            own = read.own[slice(*match.span(group))]
            return Found(own.replace(read.own[slice(*said.span())], "", 1), own, match.start(group))
        if group == "titled" and overlaps(start, end, tuple(branch.span() for branch in _BRANCH.finditer(read.plain))):
            continue
        return _part(read, *match.span(group))
    if manager := _RM.search(read.plain):
        return _part(read, *manager.span("name"))
    for match in _STAFF_ENGLISH.finditer(read.plain):
        if not _SELF_ENGLISH.search(read.plain[max(0, match.start() - 16) : match.start()].split("\n")[-1]):
            return _part(read, *match.span())
    return None
