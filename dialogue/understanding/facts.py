"""The facts of a complaint in a customer's words: who, when, whom against, what, how much, what should be done.

One text in (a mail, or a burst joined by newlines), one `FactsFound` out. What the last question asked for decides how a short
answer is read; nothing else is ever made up. Certain values stand in `facts`; a range or an ambiguous day stands in `words` alone,
an approximate one in both.

Which of several names, days, sums and matters is meant is told by trained weights (weighed_*.py), the points of the rules among their
signs.

Not here: language, signals and feelings, and whether it is a complaint at all (triage).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from case_store.records import Facts, Language
from dialogue.understanding.abouts import answer_alone, place_beside
from dialogue.understanding.amounts import read_sums
from dialogue.understanding.contacts import contact_in, number_spans
from dialogue.understanding.dates import read_dates
from dialogue.understanding.found import Found
from dialogue.understanding.greetings import GREETING
from dialogue.understanding.kinds import asks_only, praises
from dialogue.understanding.occurrence import LOSS
from dialogue.understanding.plain import Plain, plain, tidy
from dialogue.understanding.weighed_abouts import about_chosen
from dialogue.understanding.weighed_days import day_of_event
from dialogue.understanding.weighed_names import name_chosen
from dialogue.understanding.weighed_sums import disputed_sum
from dialogue.understanding.wishes import joined_wish, ruled_in, wishes_in
from dialogue.understanding.writer import name_alone


@dataclass(frozen=True, slots=True)
class FactsFound:
    """`words` keeps the customer's words where a value is a range, ambiguous or approximate; `evidence` what each fact was read from."""

    facts: Facts = Facts()
    words: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)


_HAPPENED: Final = re.compile(
    LOSS.pattern
    + r"|态度|误导|隐瞒|不给|拒绝|不理|不让|不肯|没人|冇人|唔理|唔肯|推诿|推来推去|踢皮球|骂|辱|催收|骚扰|泄露|泄漏|冒|伪造|代签|擅自|强制|捆绑|搭售|默认|私自|错|排队|等了|等咗|等足|打不开|登录不|登不|用不了|少(?:给|算|付|找|退|发|存)|失败|故障|无法|不能|冇办法|唔到|没有告知|没告诉|没说|没提|冇讲|冇话|未告知|不知情|"
    r"逾期|征信|乱|违规|拖|延误|慢|冷淡|耐烦|关门|吃卡|吞卡|注销不|取消不|退不|保本|说好|说跟|话保证|(?:停|熄|锁|关)(?:咗|了|掉|用)|买|办理|转账|取款|断供|限制|封|挂失|解释不清|投诉无门|rude|mislead|misled|mis-?sold|told|refus|ignor|never|nobody|no one|without|wait|queue|block|lock|froze|wrong|error|mistake|fail|unable|couldn't|can't|cannot|not work|didn't|did not|delay|declin|hasn'?t (?:arrived|been|come|gone)|haven'?t (?:received|had|heard|been|refunded)|didnt|still (?:no|not|waiting|has|have)|bought|opened|leak|harass|forg|sold|promis|denied|hung up|kept|keeps|shows|showing|someone else|closed|missed|double|twice",
    re.IGNORECASE,
)
_ERRAND: Final = re.compile(r"买|办|转账|取款|挂失|咨询|查|bought|opened", re.IGNORECASE)  # what people come for
_WRONG_DOOR: Final = re.compile(
    r"\W*(?:(?:不好意思|抱歉|对不起|哎呀|啊)\W*)?(?:我|是我)?(?:发|打|点|走|找|按)错(?:了|人|地方|窗口|对话|门)*\W*(?:不好意思|抱歉|对不起)?\W*|\W*(?:sorry,? )?(?:wrong (?:chat|window|person|number)|sent (?:this|that) by mistake)\W*(?:sorry)?\W*",
    re.IGNORECASE,
)
_ASKS_ONLY: Final = re.compile(
    r"^[^。!\n]*(?:请问|想问|咨询|利率(?:是)?多少|多少钱|怎么办理|how (?:do|can|much)|what is|could you tell|when (?:do|does|is))[^。!\n]*[?？]?$",
    re.IGNORECASE,
)
_SALUTATION: Final = re.compile(  # the first line of a letter
    r"\s*(?:[^\n,，。!！?？]{2,24}[:：]|(?:dear|to the|to|attn|attention|hi|hello|fao)\b[^\n.!?:]{0,60}[,:])\s*",
    re.IGNORECASE,
)
_MAY_ASK: Final = re.compile(
    r"请问|想问|咨询|打听|几点|\b(?:what'?s? (?:is |are )?(?:the|your)|how (?:do|can|much)|can i|could i|do you|is it possible)\b",
    re.IGNORECASE,
)
_HOW_IT_STANDS: Final = re.compile(
    r"多久|到底|几时|几耐|还没|仲未|未到|没到|进度|多[还扣收]|退|\b(?:how long|still|refund|hasn'?t|not yet|haven'?t)\b",
    re.IGNORECASE,
)
_MAY_PRAISE: Final = re.compile(
    r"谢|讚|赞|鞠躬|好评|耐心|表扬|\b(?:thank|no complaint|not a complaint|brilliant|lovely|kind|star|dote|nice|compliment)",
    re.IGNORECASE,
)
_FAREWELL: Final = re.compile(
    r"^\s*(?:谢谢|多谢|感谢|唔该|唔该晒|thanks?|thank you|regards|kind regards|best regards|yours (?:sincerely|faithfully)|此致敬礼|此致|敬礼|顺颂商祺|顺祝商祺|祝好|特此投诉|麻烦了|辛苦了)(?:[你您们!！。.,~ ]|very much|in advance|so much)*$",
    re.IGNORECASE,
)
_SOMEBODY: Final = re.compile(r"的(?:那|这)(?:位|个)\w{0,3}\W*$|嗰(?:位|个)\w{0,3}\W*$")  # 楼梯口戴红眼镜的那位
_NO_ANSWER: Final = re.compile(
    r"^\s*(?:我?(?:真的?)?(?:都|也|就)?(?:不|唔|冇|没有?|无)(?:太|大)?(?:知道?|清楚|记得?|想(?:说|讲|给|畀|俾)?|用|要|愿意|方便|有|确定|告诉|肯定|了|畀|俾|讲|记|需要).{0,12}|(?:真)?(?:忘了|忘记了?|唔记得).{0,6}|没有?|冇|算了|随便|不是|对|对的|是|是的|系|系呀|好的?|嗯|哦|行|可以|谢谢|多谢|你好|您好|为什么.{0,12}|点解.{0,12}|干嘛.{0,6}|干什么|什么意思|你是.{0,8}|"
    r"h+m+|u+m+|u+h+|e+r+m*|eh|lol|ta|cheers(?:,? ta)?|right|well|no|yes|nope|yeah|ok|okay|sure|none|why\b.*|what(?: for| do| does| is| are| has| the)?\b(?! (?:i|was|we)\b).*|(?:i )?(?:don't|do not|dont) (?:know|remember|want).*|(?:i'd |i would )?rather not.*|not sure.*|n/?a|skip|thanks?|thank you|hi|hello|prefer not.*|nothing|.{0,30}[?？]|(?:你们|你哋)(?:银行)?(?:就|都|全)?(?:是|系)?(?:一?群|帮)?.{0,8}(?:骗子|垃圾|流氓|强盗|土匪|黑店|吸血鬼|呃人).{0,4}|转?人工.*|投诉|我要投诉)[\s。.!！~,，呀啊吧的啦]*$",
    re.IGNORECASE,
)


def facts_in(
    text: str,
    *,
    now: datetime,
    language: Language | None,
    region: str = "CN",
    home_currency: str = "CNY",
    asked: tuple[str, ...] = (),
    only: str | None = None,
) -> FactsFound:
    """All that the text says for certain, and the words of what it says loosely. `asked` are the facts the bot's last message asked for.

    `only` names a day, a sum or an address that alone is looked for.
    """
    read = plain(text)
    found = _Collector()
    numbers = number_spans(read)
    if only in (None, "contact"):
        found.keep("contact", contact_in(read, language=language, region=region, asked="contact" in asked))
    if only is None:
        found.keep("name", name_chosen(read, numbers, asked="name" in asked))
        if "name" not in found.evidence and "confirm" in asked:
            found.keep("name", name_alone(read))
    elif only == "contact":
        return found.all()
    only_asks = not asked and tells_nothing(read)
    days = read_dates(
        read,
        now=now,
        language=language,
        asked="occurred_on" in asked,
        taken=numbers,
        region=region,
        generous=not asked or "occurred_on" in asked,
    )
    if only != "amount":
        day = day_of_event(read, days.dates, today=now.date(), asked="occurred_on" in asked, idle=only_asks)
        found.keep("occurred_on", day.found if day else None, loose=day is not None and not day.exact)
    if only == "occurred_on":
        return found.all()
    sums = read_sums(
        read,
        language=language,
        region=region,
        home_currency=home_currency,
        asked="amount" in asked,
        taken=(*numbers, *days.spans),
        generous=not asked or "amount" in asked,
    )
    disputed = disputed_sum(read, sums, asked="amount" in asked, idle=only_asks)
    found.keep(
        "amount",
        disputed.found if disputed else None,
        loose=disputed is not None and (disputed.about or not disputed.stated),
    )
    if only == "amount":
        return found.all()
    bare = bool(_NO_ANSWER.match(read.plain)) or only_greets(read)
    alone = "about" in asked and not bare and not found.evidence
    about = answer_alone(read) if alone and _SOMEBODY.search(read.plain) else None
    about = about or about_chosen(read, name=found.values.get("name", ""), asked=asked)
    if about is None and "about" in asked:
        about = (answer_alone(read) if alone else None) or place_beside(read, found.evidence.values())
    found.keep("about", about)
    # at the read-back orders are mostly about the record itself: "strike the sum out, what I want is the account closed"
    wishes = (ruled_in(read) if "confirm" in asked else ()) or wishes_in(read)
    wish_alone = "desired_outcome" in asked and (not bare or bool(wishes)) and not _answers_another(found, asked)
    if wishes and not {"occurred_on", "name", "contact"}.isdisjoint(found.evidence):
        wish_alone = False  # "it was Wednesday. I want …": only what is wished
    found.keep("desired_outcome", joined_wish(read, wishes, asked=wish_alone))
    if _WRONG_DOOR.fullmatch(read.plain):
        return found.all()
    found.keep("what_happened", _narrative(read, found, wishes, asked="what_happened" in asked and not bare))
    return found.all()


def tells_of_an_event(text: str) -> bool:
    """Whether its words say that something happened, however few they are: "扣钱"."""
    read = plain(text).plain
    return _HAPPENED.search(read) is not None and _ERRAND.search(read) is None


def only_greets(text: str | Plain) -> bool:
    """Whether it calls in and says nothing else: "喂？在吗？"."""
    return GREETING.fullmatch(plain(text).plain) is not None


def tells_nothing(read: Plain) -> bool:
    """Whether it asks for information or speaks well of somebody: no day and no sum of it is in dispute."""
    said = read.own
    told = _HOW_IT_STANDS.search(read.plain) or LOSS.search(read.plain)
    if not told and _MAY_ASK.search(read.plain) and asks_only(said):
        return True
    return _MAY_PRAISE.search(read.plain) is not None and praises(said)


class _Collector:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.words: dict[str, str] = {}
        self.evidence: dict[str, str] = {}

    def keep(self, fact: str, found: Found[Any] | None, *, loose: bool = False) -> None:
        """Takes the value; a finding without value, or a loose one, keeps its words beside."""
        if found is None:
            return
        self.evidence[fact] = found.words
        if found.value is None or loose:
            self.words[fact] = found.words
        if found.value is not None:
            self.values[fact] = found.value

    def all(self) -> FactsFound:
        return FactsFound(Facts(**self.values), self.words, self.evidence)


def _answers_another(found: _Collector, asked: tuple[str, ...]) -> bool:
    """A name or number given when several things were asked is the answer to that question, not to the wish."""
    return any(fact in asked or fact in ("name", "contact") for fact in found.evidence)


def _narrative(read: Plain, found: _Collector, wishes: tuple[Found[str], ...], *, asked: bool) -> Found[str] | None:
    """The customer's own words without greeting, farewell, name and address, if they tell that something happened."""
    own: list[str] = []
    matched: list[str] = []
    addresses = tuple(plain(found.evidence[fact]).plain for fact in ("name", "contact") if fact in found.evidence)
    for line, line_plain in zip(read.own.split("\n"), read.plain.split("\n"), strict=True):
        greeting = GREETING.match(line_plain)
        cut = greeting.end() if greeting else 0
        kept, rest = line[cut:].strip(), line_plain[cut:].strip()
        if not own and _SALUTATION.fullmatch(line_plain) and not _HAPPENED.search(line_plain):
            continue
        if tidy(kept) and not _FAREWELL.match(rest) and not _is_address(rest, addresses):
            own.append(kept)
            matched.append(rest)
    told = "\n".join(own)
    if not told:
        return None
    rest = "\n".join(matched)
    for wish in wishes:
        rest = rest.replace(plain(wish.words).plain, " ")
    tells = bool(_HAPPENED.search(rest)) and _long_enough(rest) and not _ASKS_ONLY.match("\n".join(matched).strip())
    if not tells and not (asked and len(tidy(rest)) >= 2):
        return None
    return Found(told.strip(), told.strip())


def _long_enough(text: str) -> bool:
    return len(re.findall(r"[\u4e00-\u9fff]", text)) >= 5 or len(re.findall(r"[A-Za-z']{2,}", text)) >= 4


_ADDRESS_WORDS: Final = re.compile(
    r"[\W\d_]|联系人|姓名|电话|手机|联系|号码|邮箱|我叫|先生|女士|小姐|我的|我是|本人|名字|name|is|my|email|phone|tel|mobile|and|是",
    re.IGNORECASE,
)


def _is_address(line: str, addresses: tuple[str, ...]) -> bool:
    """A line that holds nothing but the customer's name and how to be reached."""
    rest = line
    for address in addresses:
        rest = rest.replace(address, "")
    return rest != line and len(_ADDRESS_WORDS.sub("", rest)) <= 2
