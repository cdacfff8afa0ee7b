"""Things a complaint is about that no list names: a noun with the kind it is of, 聯名戶口, 看盤軟體, "CHAPS fee", "community account".

The noun is one of the few that a bank's things end in; what kind it is stands right before it and ends where the sentence begins
(的, 了, 我, "the", "my", a verb). A noun without its kind says little and counts less, one in a clause that complains counts more.

Not here: products and fees known by name, branches, staff (abouts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dialogue.understanding.plain import Plain, clause_around

_LONGEST_KIND_HAN: Final = 4
_REACH: Final = 30
_CALLED_POINTS: Final = 2.5

_HEADS_HAN: Final = re.compile(
    r"(?:(?:手机银行|短信提醒|人脸识别|人面识别|刷脸|识别|验证(?!码)|抽签|找换|兑换|提醒|服务|计划|专案|方案|套餐|票据|保函|投顾|面签|销售|贴息|月结单|结单|对数单|存折|存簿|证券户|交割|理赔|核保|代发|代付|代收|闪付|回馈|直播|保管|定存|定期|理财|保险|贷款|按揭|基金|年金|寿险|积存|开户|销户|领养|投保|复效|续保|斜坡|厕所|车位|大堂|闸门|提款卡|入数机|补登机|叫号机|(?:旅行|医|社|储蓄|家居|汽车|车|危疾|意外|人寿)保(?![险单安障证持留本存姆])|网上银行|小程序|自动取款机|编码器|密码器|读卡器|对账单|账单|回单|明细|存款机|取款机|提款机|柜员机|自助机|自助区|点钞机|扫码盒子|收款码|二维码|银行卡|信用卡|储蓄卡|借记卡|副卡|主卡|金融卡|提款卡|户口|户头|账户|账号|帐户|证券户|"
    r"系统|软件|软体|程序|程式|平台|功能|网银|机器人|网站|热线|专线|短信|邮件|广告|推销|合同|合约|协议|条款|公告|通知书?|证明|名单|记录|纪录|资料|征信|催收|清收|押运车|停车场|"
    r"公司|中心|部门|证券部|业务部|理赔部|柜台|网点|窗口|分期|还款|扣款|转账|转帐|汇款|收汇|结汇|购汇|取款|提款|存款|刷卡|盗刷|代缴|代扣|到账|限额|额度|利率|年化|汇率|积分|里数|点数|优惠|活动|礼品|迎新礼|赠品|券|红包|回赠|回馈|折抵|"
    r"(?:[\u4e00-\u9fff](?:(?<![风危])险|贷|债|(?<!宝)宝|(?<![免学路])费|票|(?<!养老)(?<!退休)金(?=[，,。的嘅被给])|户(?=[，,。的嘅被给是里])|卡))){1,3}|(?<![A-Za-z])(?:tt|ETF|POS)(?![A-Za-z]))",
    re.IGNORECASE,
)
BOUND_HAN: Final = frozenset(
    "行的了着过在把被给跟和与及从到去来我你妳他她它您们咱恁俺妈爸爷剪这那哪某每各该此张笔条份家间台部位只个次是有没不无未就都也还又才再只却但而或若如果为因对向以于由自叫让请使说讲问看听想要会能可嘅咗喺畀俾同埋呢嗰啲哋佢系係唔冇成洽响觉啦呀吧吗呃喂晒完错寄收扣刷买办开存打发寄查做当等时候后前上下里内外中用将并且大小多少很最更新旧什么怎一二两三四五六七八九十年月日号天块元蚊万千百"
)
_ONE_WORD: Final = frozenset(
    (
        "过路",
        "看盘",
        "刷卡",
        "自动",
        "对方",
        "收益",
        "开户",
        "存款",
        "大额",
        "小额",
        "对公",
        "个人",
        "上市",
        "中国",
        "国际",
        "外币",
        "年金",
        "月供",
        "国家",
        "自助",
        "用卡",
        "信使",
        "最低",
        "最高",
        "智能",
        "家佣",
        "无卡",
        "过渡",
        "到期",
        "里数",
        "家用",
        "公用",
        "上门",
        "下单",
        "一卡",
        "三方",
        "五险",
        "大病",
        "不动",
        "月供",
        "年结",
        "日元",
        "日圆",
        "新居",
        "新屋",
        "万能",
        "千金",
        "百万",
        "收入",
        "收单",
        "开心",
        "中小",
        "境外",
        "海外",
        "国外",
        "跨境",
        "内地",
        "外币",
        "外汇",
    )
)
_NO_KIND: Final = frozenset(
    (
        "其实",
        "影响",
        "别人",
        "自己",
        "大家",
        "根本",
        "完全",
        "直接",
        "突然",
        "已经",
        "必须",
        "需要",
        "帮忙",
        "办理",
        "关于",
        "投诉",
        "开通",
        "扣除",
        "取消",
        "注销",
        "申请",
        "使用",
        "登录",
        "怀疑",
        "什么",
        "怎样",
        "识分",
        "转成",
        "提前",
        "主要",
        "全部",
        "收取",
        "购买",
        "推荐",
        "推介",
        "签署",
        "终止",
        "激活",
        "补办",
        "更换",
        "解绑",
        "领取",
        "缴纳",
        "偿还",
        "归还",
    )
)
"""Words before a thing that are no part of its name."""
"""Words with a character that otherwise ends a kind."""
_EMPTY_HAN: Final = frozenset(
    (
        "推销",
        "催收",
        "短信",
        "通知",
        "资料",
        "系统",
        "记录",
        "账户",
        "户口",
        "公司",
        "还款",
        "到账",
        "平台",
        "功能",
        "活动",
        "柜台",
        "窗口",
        "网点",
        "部门",
        "中心",
        "广告",
        "邮件",
        "证明",
        "额度",
        "机器人",
        "热线",
        "软件",
        "程序",
        "合同",
        "条款",
        "月结单",
        "结单",
        "存折",
        "服务",
        "计划",
        "方案",
        "提醒",
        "识别",
        "销售",
        "保险",
        "定期",
        "理财",
    )
)
_COMPLAINS: Final = re.compile(
    r"被|扣|收(?!到)|骗|盗|错|误|停|冻|锁|乱|擅自|没|不|冇|唔|拒|退|坏|吞|吃|打不开|故障|瘫|慢|拖|卡住|漏|泄|丢|少|多|亏|变|强制|"
    r"\b(?:charged|took|taken|wrong|stuck|closed|refus\w+|declin\w+|won't|not|never|didn't|can't|lost|missing|gone|blocked|frozen|failed|mis\w+|without)\b",
    re.IGNORECASE,
)
_TURNED_DOWN: Final = re.compile(
    r"(?:不是|不用|不要|别|不找|不想|唔使|唔要|而不是|并非|不归)[^，,。]{0,4}$|\b(?:not|isn't|no) (?:a |an |the )?$"
)

_HEADS = r"(?:account|card|fee|charge|payment|transfer|wire|line|helpline|deposit|loan|fund|plan|bond|policy|statement|machine|desk|counter|certificate|file|report|credit|mortgage|overdraft|scheme|offer|bonus|points|app|portal|platform|order|refund|cheque|pension|rate|agreement|team|department|warranty|parcel|bill|tax|subscription|ticket|box|safe|lift|ramp|queue|letter|text|code|limit|form|trade|shares?|units|cover|reader|saver|savings|switch|notary|investing|emergency|lounge|kiosk|terminal|vault|passbook|note|trust|service|update|toggle|escrow|CD|forex|guarantee|overdraft|ramp|leaflet|roadshow|seminar|hotline|chat|menu|barrier|cashback|giro)s?"
_HEADS_ENGLISH: Final = re.compile(rf"(?<![A-Za-z])(?P<head>{_HEADS})(?![A-Za-z])", re.IGNORECASE)
_WORDS_BEFORE: Final = re.compile(r"(?<![A-Za-z0-9'])(?:[A-Za-z][A-Za-z0-9&'-]* ){1,3}\Z")
BOUND_ENGLISH: Final = frozenset(
    "the a an my your our his her its their this that these those of in on at to for from with by and or but so is was are were be been has have had do did does not no i you we they he she it as if when then than because which who what why how "  # noqa: SIM905
    "me us him them one two three four five six ten another other same new old bloody damn damned stupid sodding bleeding blasted flipping effing fucking wretched crappy useless first second last next any some every each all both more most only just also very own whole after before since until about into over under up down out off via per "
    "charged charge took taken take paid pay paying sent send got get getting gave give made make put opened open closed close cancelled cancel called call rang told said asked said want wanted need changed change left kept keep through ye u ur can will would "
    "could should must may might there here please lost missing wrong still never again now yesterday today your's it's i'm i've there's that's got's don't didn't won't can't isn't wasn't using use used bought buy sold sell let using stop".split()
)
_EMPTY_ENGLISH: Final = frozenset(
    "account accounts card cards fee fees charge charges payment payments line order letter letters text texts code form queue team machine app refund credit rate statement bill offer file".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A place in the text, and what speaks for its being what the complaint is about."""

    start: int
    end: int
    points: float


_CALLED: Final = re.compile(
    r"(?:叫做?|名叫|所谓的?)\s?[“「『\"'](?P<han>[^”」』\"'\n]{2,12})|\b(?:called|named|known as) [\"'“]?(?P<english>(?:the )?[A-Z][\w'-]+(?: (?:[A-Z0-9][\w'-]*|of|and|&)){1,4})"
)


_SUBJECT: Final = re.compile(
    r"(?:(?:hi|hello|dear sirs?|dear sir or madam|to whom it may concern)\b[,.:\s]*)?(?P<firm>[A-Z][\w&'-]+(?: [A-Z][\w&'-]+){0,2})(?:\.| (?:won't|will not|have|has|is|are|keeps?|sold|took|refus\w+|den\w+|\w{3,}ed)\b)(?! you)"
)
_NO_FIRM: Final = frozenset(
    "see having since also given attached further regarding someone somebody nobody everyone people hello hi thanks thank however because although while during despite following".split()  # noqa: SIM905
)
"""A firm that a text begins with: "Ryanair cancelled …"."""


@lru_cache(maxsize=256)
def things_in(read: Plain) -> tuple[Thing, ...]:
    """All that the text names so, the likeliest first; of equals the first."""
    called = [
        Thing(*match.span("han" if match["han"] else "english"), _CALLED_POINTS)
        for match in _CALLED.finditer(read.plain)
    ]
    if (firm := _SUBJECT.match(read.plain)) and firm["firm"].split()[0].lower().split("'")[
        0
    ] not in BOUND_ENGLISH | _NO_FIRM:
        called.append(Thing(*firm.span("firm"), _CALLED_POINTS))
    found = [*called, *_han(read.plain), *(_english(read.plain) if re.search("[A-Za-z]{3}", read.plain) else ())]
    return tuple(sorted(found, key=lambda thing: -thing.points))


_ONE_CHARACTER: Final = frozenset("险贷债宝费票金户卡")


def _han(text: str) -> Iterator[Thing]:
    for match in _HEADS_HAN.finditer(text):
        start, end = match.span()
        if len(match[0]) == 2 and (match[0][1] in _ONE_CHARACTER or match[0][0] in BOUND_HAN):
            start += 1  # 的卡, 里数卡
        kind = han_kind(text, start)
        if end - kind < 2 or _NO_THING.search(text, max(0, kind - 4), end):
            continue
        empty = kind >= match.start() and text[kind:end] in _EMPTY_HAN
        yield Thing(kind, end, _points(text, kind, end, named=not empty))


_NO_THING: Final = re.compile(  # what is done for somebody, and what is slipped to a clerk: 为人民服务, 收我红包
    r"[为替给][\u4e00-\u9fff]{1,4}服务\Z|(?:收|索|要|塞|吃)(?:了|过|咗|取)?[我他她佢人]?(?:个|的|嘅)?红包\Z"
)


def head_at(text: str, start: int) -> int | None:
    """Where a noun ends that goes on with what stands before: 黄金存折."""
    match = _HEADS_HAN.match(text, start)
    return match.end() if match and len(match[0]) > 1 and match[0][0] not in BOUND_HAN else None


def han_kind(text: str, start: int) -> int:
    """Where a Chinese name begins whose last word stands at `start`: 農機貸款, 機器人理財."""
    kind = start
    while kind > max(0, start - _LONGEST_KIND_HAN):
        if text[max(kind - 2, 0) : kind] in _NO_KIND:
            break
        word = text[max(kind - 2, 0) : kind] in _ONE_WORD
        if not word and not _is_kind(text[kind - 1]):
            break
        kind -= 2 if word else 1
    while kind < start and text[kind] == "费":  # of what stands before: 短信费年费管理费
        kind += 1
    return kind


def _is_kind(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" and character not in BOUND_HAN


def _english(text: str) -> Iterator[Thing]:
    heads = list(_HEADS_ENGLISH.finditer(text))
    for place, match in enumerate(heads):
        if place + 1 < len(heads) and heads[place + 1].start() == match.end() + 1 and text[match.end()] == " ":
            continue  # "card line" is a line
        start = with_kind(text, match.start())
        if start == match.start() and match["head"].removesuffix("s") in _EMPTY_ENGLISH:
            continue
        if text[start : match.end()].lower().removesuffix("s") == "card payment":
            continue  # says nothing of which card or payment
        yield Thing(start, match.end(), _points(text, start, match.end(), named=start < match.start()))


def _kind_of(said: str) -> list[str]:
    """The last words of it that can belong to the name of a thing."""
    kept: list[str] = []
    for word in reversed(said.split()):
        if word.lower() in BOUND_ENGLISH or (word.endswith(("'s", "ing", "ed")) and "-" not in word):
            break
        kept.insert(0, word)
    return kept


def with_kind(text: str, start: int) -> int:
    """Where an English name begins whose last word stands at `start`: "Greater China Dividend Fund", "balance transfer fee"."""
    before = _WORDS_BEFORE.search(text, max(0, start - _REACH), start)
    kept = _kind_of(before[0]) if before else []
    return start - len(" ".join(kept)) - 1 if kept else start


def _points(text: str, start: int, end: int, *, named: bool) -> float:
    beside = complains_beside(text, start, end)
    return 1.0 + beside if named else min(0.5 * beside, beside)


def complains_beside(text: str, start: int, end: int) -> float:
    """1 where the clause of a place tells what went wrong, -2 where it turns the thing down, else 0."""
    before, after = clause_around(text, start, end, _REACH)
    if _TURNED_DOWN.search(before):
        return -2.0
    return float(bool(_COMPLAINS.search(before) or _COMPLAINS.search(after)))
