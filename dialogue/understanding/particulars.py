"""Names of what a complaint is about that no list holds, told by how they are written: 「鑫豐六六」, ELN呀, 旗山老街那邊的分行, 貸款經理小孔, Denise at the window.

Between quotation marks what is no speech is the name of a product or a firm; Latin letters among Chinese ones name a shop, a
product or a clerk; a first name beside a desk is somebody of the house; a firm ends in a word for firms.

Not here: products and fees by name, branches by 分行 (abouts.py), nouns with their kind (things.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.given_names import is_given, is_ordinary
from dialogue.understanding.people import COMPOUND, NO_NAME, STOP_WORDS, SURNAMES
from dialogue.understanding.plain import Plain, tidy

_HAN = r"[\u4e00-\u9fff]"

# ---- between quotation marks ----

_QUOTED: Final = re.compile(
    r"(?P<before>.{0,4})[“「『《\"](?P<name>[^”」』》\"\n，,。！!？?；;]{2,14})[”」』》\"]|(?P<lead>(?:^|[^A-Za-z])[A-Za-z']{0,12} ?)[“\"](?P<english>[A-Z][\w'-]*(?: [\w'&-]+){0,4})[”\"]"
)
_SPEECH: Final = re.compile(
    r"(?:说|话|讲|写|问|答|喊|骂|回|称|显示|提示|句|道|听|念|叫我|表示|原话|:|：|said|says?|told|goes|went|asked|wrote|reads?|says it)\s*$",
    re.IGNORECASE,
)
_IS_SPEECH: Final = re.compile(
    r"[我你您他她它佢吗呢吧啊呀啦嘅啰喇]|不(?!动)|没有?|请|已|就|了|会|可以|不能|在|是|要|点解|正在|处理中|清算中|进取|稳健|保守|先(?!进)|跟进|人情|一样|上门|上限|同意|收到|欠|[。,]|^\d|\b(?:the|is|not|to|you|we|are|was|I|your|please|in review|review)\b"
)

# ---- Latin among Chinese ----

_LATIN: Final = re.compile(
    r"(?<![A-Za-z0-9@._-])(?P<name>[A-Z][A-Za-z]*[a-zA-Z](?:[-'&][A-Za-z]+)*(?: [A-Z][a-zA-Z'-]+){0,2}|i[A-Z][a-z]+)(?![A-Za-z@]|\.\w)"
)
_GENERAL: Final = frozenset(
    "atm app sms ok line otp pin ai sos vip usb pdf id whatsapp email wechat qq ivr hkd twd usd cny rmb hk tw cn gb uk us eur gbp jpy pm am kyc aml faq cs csr pos wifi iphone ipad android google facebook ig hi hello sorry thanks thank regards dear yours re fw ps bye yes no please pls rm ms mr mrs miss dr the and i my you nt ntd".split()  # noqa: SIM905
)

# ---- places and people ----

_ROLE = r"(?:客户经理|理财经理|贷款经理|大堂经理|业务经理|经理|主任|行长|柜员(?!机)|柜姐|柜台小姐|理专|理财专员|专员|顾问|业务员?|代理人|保险经纪|经纪|中介|行员|职员|员工|客服|保安|保全|话务员|坐席|催收员?|收数佬?|经办人?|襄理|副理|协理|AO|RM|sales|Sales|agent|Agent)"
_STAFF: Final = (
    re.compile(
        rf"{_ROLE}(?:叫|是|系|:|：|、| )?(?P<name>(?:{COMPOUND}){_HAN}{{1,2}}|[{SURNAMES}]{_HAN}{{2}})(?=$|[^\u4e00-\u9fff]|[跟对说向把叫让给推介告在上昨今却没骗帮才代一收未])"
    ),
    re.compile(
        rf"{_ROLE}(?:叫|是|系|个|:|：)?(?P<name>[小阿老](?!姐|板|人|师|公|婆|妈|爸|伯|姨|叔|婶|哥|嫂|头|妹|时|心)(?:{_HAN}|[A-Z][a-z]+))(?![姐])"
    ),
    re.compile(rf"{_ROLE}(?:叫|:|：| )?(?P<name>[A-Z][a-z]+(?: [A-Z][a-z'-]+)?)(?![A-Za-z])"),
    re.compile(
        r"(?:叫|自称[^，,。\n]{0,10}?|[的嘅])[“「\"]?(?P<name>阿(?![叔伯姨婶婆公爸妈姐哥嫂头妹仔])(?:[\u4e00-\u9fff]|[A-Z][a-z]+))[”」\"]?(?=$|[^\u4e00-\u9fff]|天天|一直|日日)"
    ),
    re.compile(r"(?P<name>(?:工号|代号|员工编号|编号|员编|职员编号)[:：是 ]{0,2}[A-Za-z]?\d{2,8})"),
)
_DESK = r"(?:till|desk|counter|window|phone|chat|branch|line|front desk|drive-thru|reception|office|other end)"
_STAFF_ENGLISH: Final = (
    re.compile(
        rf"\b(?P<name>[A-Z][a-z]{{2,12}})(?:,)? (?:at|on|from|in|behind|of) (?:the|your)(?: [\w-]+){{0,2}} {_DESK}\b"
    ),
    re.compile(
        r"\b(?:[Ii]t was|[Tt]hat|one|some|your|a|called|named) (?P<name>[A-Z][a-z]{2,12})(?: \w+)? (?:who|that|on|at|in|from|promised|told|said|refused|never)\b"
    ),
    re.compile(
        r"\b(?:advis[eo]r|banker|teller|cashier|clerk|manager|agent|notary|broker|rep)(?: at [A-Z]\w+(?: [A-Z]\w+)?)?,? (?:a |called |named |one )?(?P<name>[A-Z][a-z]{2,12}(?: [A-Z][a-z'-]+)?)\b"
    ),
)
_PLACE_HAN: Final = re.compile(
    rf"(?:在|喺|去|到|系|是|关|[,，。 ]|^)(?P<name>(?!一|两|那|这|我|你|他|她|佢|某|哪|边|就|银行|同|上次|昨|前|今){_HAN}{{2,6}}?)(?:站|道)?(?:上面|对面|旁边|隔离|附近|里面|门口)?(?:的|嘅)?(?:[嗰𠮶]|那|呢|这)(?:间|家|边|头|个(?=支行|分行|网点|银行|保安|柜员|柜姐|经理|客服|职员|小姐|阿姐|保全|ATM|提款机|柜员机|机))(?:的|嘅)?(?:支行|分行|银行|网点|事)?"
)
_NO_PLACE: Final = re.compile(
    r"[我你他她佢们的了是有没不说话讲知道时候天次个钱卡单件后前来去]|客服|经理|柜员|职员|自己|大家|楼下|旁边|对面|门口|阿姨"
)
_FIRM: Final = re.compile(
    r"\b(?P<name>[A-Z][\w&'-]+(?: (?:[A-Z][\w&'-]+|of|and|&)){0,3} (?:Society|Insurance|Bank|Fitness|Finance|Financial|Ltd|Limited|Services|Group|Credit|Capital|Energy|Telecom|Mobile|Recovery|Recoveries|Agency|Solicitors|Homes|Airlines|Airways|Motors|Travel|Holidays|Store|Stores|Supermarket|Gym|Holdings|Assurance|Mutual|Union|Saver|Saver Plus|Bond|Fund|Account|ISA|Plan|Guardian|Shield|Protect|Rewards|Club))\b(?! (?:Reporting|Protection|Bureau|Act|Billing|Commission|Ombudsman))"
)
_APPOSED: Final = re.compile(
    r"\b(?:people|company|firm|agents?|agency|collectors?|contractors?|shop|gym|builder|store|team|merchant|seller|trader|charge by|charges? from|payment to|paid to|charged by)(?:,| called| named|) (?P<name>[A-Z][\w&'-]+(?: [A-Z][\w&'-]+){0,2})(?=,| in\b| on\b| for\b|\.|$)"
)
_AGAINST: Final = re.compile(
    rf"(?:投诉|检举|举报|告(?!诉|知|訴)|申诉对象[:：]?|投诉对象[:：]?|被投诉人[:：]?)(?!你|贵|本|我|银行|无门|电话|热线|人|对象|一下|的|嘅|单|部|没|冇|过|了|咗)(?P<name>{_HAN}{{2,6}})(?=$|[，,。 …])"
)


@lru_cache(maxsize=256)
def particulars_in(read: Plain) -> tuple[Found[str], ...]:
    """All that is named so, in the order of how much it tells."""
    found: list[Found[str]] = []
    for start, end in _spans(read.plain):
        words = read.own[start:end]
        if not any(words in one.words or one.words in words for one in found):
            found.append(Found(tidy(words), words, start))
    return tuple(found)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    yield from _quoted(text)
    if not text.isascii():
        for form in _STAFF:
            for match in form.finditer(text):
                if not NO_NAME.search(match["name"]) or match["name"][0].isascii():
                    yield match.span("name")
        for match in _AGAINST.finditer(text):
            yield match.span("name")
        for match in _PLACE_HAN.finditer(text):
            if not _NO_PLACE.search(match["name"]):
                yield match.span("name")
        yield from _latin(text)
    if re.search("[A-Za-z]{3}", text):
        yield from _english(text)


def _quoted(text: str) -> Iterator[tuple[int, int]]:
    if not re.search('[“「『《"]', text):
        return
    for match in _QUOTED.finditer(text):
        group = "name" if match["name"] else "english"
        before = match["before"] if group == "name" else match["lead"]
        if _SPEECH.search(before or "") or _IS_SPEECH.search(match[group]):
            continue
        if match[group].isascii() and not match[group][0].isupper():
            continue
        yield match.span(group)


def _latin(text: str) -> Iterator[tuple[int, int]]:
    if not re.search(_HAN, text):
        return
    for match in _LATIN.finditer(text):
        words = match["name"].lower().split()
        if (
            len(match["name"]) < 3
            or words[0] in _GENERAL
            or words[0] in STOP_WORDS
            or (len(words) > 1 and is_given(words[0]))
        ):
            continue
        if text[match.end() :].strip(" .\n") == "" or not re.search(
            _HAN, text[max(0, match.start() - 12) : match.end() + 12]
        ):
            continue  # a signature
        yield match.span("name")


def _english(text: str) -> Iterator[tuple[int, int]]:
    for form in _STAFF_ENGLISH:
        for match in form.finditer(text):
            if is_given(match["name"].split()[0]) and match["name"].lower() not in STOP_WORDS:
                yield match.span("name")
    for form in (_FIRM, _APPOSED):
        for match in form.finditer(text):
            if match["name"].split()[0].lower() not in STOP_WORDS:
                yield match.span("name")


# ---- where nothing else is named ----

_YOURS: Final = re.compile(
    r"\b(?:your|ur|yr|you lot's|ye're|yer)(?: (?:own|new|so-called|bloody|damn|stupid|wonderful|lovely|whole|old))* (?P<name>[A-Za-z][\w'-]*(?: [A-Za-z][\w'-]*){0,3})",
    re.IGNORECASE,
)
_HEAD_OF: Final = re.compile(
    r"(?:^|[.!?\n] ?)(?:(?:so|and|it's|its|about|it was|well|ok|hi|hello)[, ]+){0,2}(?:the|my|that|this|our|a|an) (?P<name>[A-Za-z][\w'-]*(?: [A-Za-z][\w'-]*){0,4})",
    re.IGNORECASE,
)
NO_NOUN: Final = STOP_WORDS | frozenset(
    "staff employee employees colleague colleagues attitude system manners behaviour rudeness bank banks lot people company firm time times help reply answer question name number day week month year morning afternoon other one thing things way fault own end side part problem issue money attention consideration information response records place hours opinion supervisor manager best worst last first next whole same moment "  # noqa: SIM905
    "husband wife son daughter mum dad mother father brother sister friend neighbour late man woman lady guy chap blood life mind heart point fact truth reason idea word god hell devil world house home job work boss phone kid kids child family dog cat nerve cheek behalf convenience".split()
)
_ENDS_NOUN: Final = re.compile(
    r"(?:is|was|are|were|has|had|have|did|does|do|will|won't|wont|would|can|can't|cant|could|keeps?|kept|took|takes|made|makes|says?|said|told|sold|lied|lent|never|not|just|still|charged?|sent|gave|got|gets|went|wants?|only|at|in|on|to|for|from|of|with|by|and|or|but|that|which|who|when|where|because|cos|so|if|than|as|out|up|off|down|again|now|today|yesterday|please|me|us|it|them|you|i|we|they|he|she|stamped|swallowed|lapsed|closed|lost|broke|ate|refused|double|wrong|about|after|before|since|until|over|into|a|an|the|my|your|this|all)",
    re.IGNORECASE,
)
_PLACE_SMALL: Final = re.compile(
    r"\b(?:(?:in|at|to|into|from|of|the|your|went in|near) (?P<name>[a-z]{4,14}) (?:branch|office|counter|shop|cashpoint|atm|lobby)|(?:with you|branch|bank|one of yours|yous|lot|desk|counter|machine) (?:at|in) (?P<at>[a-z]{4,14})\b|(?:shut|shutting|closing|closed|reopen|close|closure of) (?P<shut>[A-Z][a-z]{3,14})(?=\W*$|[?!.,]))"
)
_HAN_NOUN: Final = re.compile(
    r"(?:你们|你哋|贵行|你行|行里|银行)(?:的|嘅|家)?(?:那|这|呢|[嗰𠮶])?(?:个|张|部|台|条|只|份|笔|单|间|档|款|套|的|嘅)(?P<name>[\u4e00-\u9fff]{2,8})"
)
_ENDS_HAN: Final = frozenset(
    "我你他她佢了过着在把被给跟就都也还又才再不没有是冇唔咗要会能可说话讲乱扣收骗错坏慢吃吞卡停关打发寄死嘅的"
)


@lru_cache(maxsize=256)
def nouns_in(read: Plain) -> tuple[Found[str], ...]:
    """The noun that stands for what is complained of where no better name was found: "your notary in Boise …"."""
    text = read.plain
    for match in _PLACE_SMALL.finditer(text):
        group = next(group for group in ("name", "at", "shut") if match[group])
        if group == "shut" or not (is_ordinary(match[group]) or is_given(match[group])):
            return (_found(read, *match.span(group)),)
    if re.search(_HAN, text):
        for match in _HAN_NOUN.finditer(text):
            length = next((at for at, char in enumerate(match["name"]) if char in _ENDS_HAN), len(match["name"]))
            if length >= _SHORTEST and match["name"][:length] not in SAYS_LITTLE:
                return (_found(read, match.start("name"), match.start("name") + length),)
        return ()
    for form in (_YOURS, _HEAD_OF):
        for match in form.finditer(text):
            words: list[str] = []
            for word in match["name"].split(" "):
                if _ENDS_NOUN.fullmatch(word) or (word.lower().endswith(("ed", "n't")) and words):
                    break
                words.append(word)
            if (
                words
                and words[-1].lower() not in NO_NOUN
                and (form is _YOURS or len(words) < len(match["name"].split(" ")))
            ):
                return (_found(read, match.start("name"), match.start("name") + len(" ".join(words))),)
    return ()


_SHORTEST: Final = 2
SAYS_LITTLE: Final = frozenset(
    (
        "态度",
        "服务",
        "员工",
        "职员",
        "人员",
        "工作",
        "系统",
        "银行",
        "分行",
        "支行",
        "网点",
        "东西",
        "事情",
        "做法",
        "领导",
        "问题",
        "同事",
        "解释",
    )
)


def _found(read: Plain, start: int, end: int) -> Found[str]:
    return Found(tidy(read.own[start:end]), read.own[start:end], start)


_NOTHING: Final = re.compile(
    r"生气|火大|气人|气死|不爽|唔爽|嬲|离谱|离晒|听不懂|唔明|不知道?|唔知|点知|忘|再说|说来话长|讲起|啥来着|冇乜|发泄|你估|没有一样|谢谢|多谢|不见了|全部|都一样|都有份|样样|哪都|到处|所有|一切|就那个|那个啥|无语|想哭|算了|随便|你们银行$|贵行$|成间银行|得闲|我(?!的|嘅|们?的|妈的|爸的)|你(?!们的|哋嘅)|佢|唉|哎"
    r"|^\W*(?:your (?:bank|lot|company)|the (?:bank|lot of you|whole (?:thing|bank|lot))|all(?: of (?:it|you|them))?|everything|the same|same\b.*|nothing.*|no idea.*|dunno.*|don'?t know.*|not sure.*|i\b.*|i'?m\b.*|you\b.*|it'?s (?:all|everything)\b.*|as i said.*|like i said.*|that one|this one|it|them|you lot|the lot|whatever.*|same as .*|see above.*|already .*)\W*$",
    re.IGNORECASE,
)


def names_nothing(answer: str) -> bool:
    """Whether an answer to whom or what it is about names neither: 全部都有份, "same like last time"."""
    return _NOTHING.search(answer) is not None
