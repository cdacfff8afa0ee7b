"""Which of the values that were read back an answer puts right, and what they are instead.

A value of the same kind that differs from the one on record counts where the message denies, corrects, contrasts or names the fact, or
brings nothing else; a thing and a wish, which stand in any sentence by chance, only where they are told in the place of others. Values
told in part go before whole ones.

Not here: what a message without a value does (amending.py, understanding/verdicts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final

from case_store.records import Draft, Money
from dialogue.understanding.abouts import says_little
from dialogue.understanding.agreement import approval_in
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.instead import subject_put_right, wish_put_right
from dialogue.understanding.meant import without_denied
from dialogue.understanding.partial import (
    contact_put_right,
    day_of_month,
    day_put_right,
    has_no_money,
    name_put_right,
    sum_put_right,
    weekday_beside,
)
from dialogue.understanding.people import names_in
from dialogue.understanding.plain import plain
from dialogue.understanding.replaced import denied_figure, is_of_another_thing, replaced_in
from dialogue.understanding.verdicts import Verdict, objects, once
from dialogue.understanding.wishes import wish_in

Read = Callable[[str, str], Understanding]

_NAMES: Final = {
    "occurred_on": re.compile(r"日期|时间|日子|月份|年份|哪天|几号|几月|\b(?:date|day|month|year)\b", re.IGNORECASE),
    "amount": re.compile(r"金额|数额|银码|钱数|数目|单位|\b(?:amount|sum|figure|total)\b", re.IGNORECASE),
    "name": re.compile(r"名字?|姓|\b(?:names?|called|surname|spel\w+)\b", re.IGNORECASE),
    "contact": re.compile(r"电话|号码|手机|手提|座机|微信|邮箱|电邮|邮件|打(?:给|俾|畀)|\b(?:number|phone|mobile|e-?mail)\b", re.IGNORECASE),
    "about": re.compile(r"对象|产品|主题|名目|投诉的|告的|抱怨的|说的|买的是|关于|叫法|\b(?:complain\w*|branch|subject|fee)\b", re.IGNORECASE),
    "desired_outcome": re.compile(r"诉求|要求|我(?:只|就)?(?:想)?要|要的|尾.项|[想希]望|\b(?:want|wish|ask(?:ed|ing)?|instead|rather|request|outcome)\b", re.IGNORECASE),
}  # fmt: skip
_DENIES: Final = re.compile(
    r"不是|唔系|并非|不对|唔啱|有误|错|才对|先啱|应该|应为|改|换|其实|而已|你(?:写|记|念|打|填)(?:的|成|嘅)|可能在|咋可能|怎么可能|点可能|别给|唔好写|搞混|串了|只是一|\b(?:not|n't|wasn't|isn't|never|should|rather|instead|actually|sorry|wrong|change|correct (?:it|the|that)|no|meant|can't|couldn't|you(?:'ve)? (?:put|wrote|got)|shouldn't|wrong|but|exact|accurate)\b",
    re.IGNORECASE,
)
_A_PERSON: Final = re.compile(r"经理|主任|行长|柜员|客服|理专|行员|职员|顾问|业务员|先生|小姐|女士")
_SUBJECT_CUE: Final = re.compile(
    r"不是|唔系|并非|不对|唔啱|错|才对|应该|改|换|叫|其实|无关|没关系|冤枉|投诉的|告的|抱怨的|说的|添上|\b(?:not|n't|wasn't|isn't|never|should|rather|instead|actually|wrong|change|call|substitute|it was|it's)\b",
    re.IGNORECASE,
)
_TO_US: Final = re.compile(
    r"^(?:but |please |so |just |then |and |但|我)*(?:put (?:that|the|it|me|this|my|our|his|her|down)|add (?:a|the)|take (?:the|that|it)|(?:call|ring|text|email|e-mail|contact|phone|write) (?:to )?(?:me|my|us)|write (?:it|that|this|down)|just write|send (?:it|this) (?:off|in)|give me a|drop the|scrub (?:the|that)|rub|stick|rather than me|change|make (?:it|that)|register|i'd want to (?:run|ask|check))|^[^，,。\n]{0,4}(?:撤|删|刪|登记|提交|填|写成|主题|金额|日期|名字|号码|电话|点了?取消|点咗|漏)|(?<!要求)(?<!诉求)(?:改成|改为|改做)|(?:删|刪|撤|划)(?:咗|掉|了|去)|吗$|改(?:返|一?下|下)?$|嘛$|[?？]$",
    re.IGNORECASE,
)
_VAGUE: Final = re.compile(
    r"只?(?:记得|肯定)|忘|印象|唔记|不清|大概|别给我|唔好写|\b(?:guess\w*|as close|not sure|can't (?:swear|be sure|remember)|only|vague\w*|roughly|some ?time)\b",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"加起来|一共|合计|总共|共(?:是|计)?|total|in all|altogether|按|应该|才对|came off|in pounds|\bput\b|\bthe fee\b|\bit's\b|\bit was\b|金额(?:是|改|那)|钱数|还差|\bin total\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"(?:[^，,。；;!！?？\n.]|[.,](?=\d))+")
_FIGURES: Final = re.compile(
    r"\d|[一二两三四五六七八九十百千万零]{2,}|\b(?:hundred|thousand|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"[翻找查看睇对搵](?:出|到|了|返|过)|刚|啱啱|改名|换|退了|\b(?:just|found|checked|looked|been on|got round|refunded)\b",
    re.IGNORECASE,
)
_SPOKEN_FIGURES: Final = re.compile(
    r"[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两][零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两 \-]{6,}"
)
_AS_FIGURES: Final = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0012345678911234567892")


_LEADS_A_NAME: Final = re.compile(
    r"^(?:我|本人|本名|真名|名字|姓名|新身[分份][證证]|身[分份][證证](?:上)?|应该|應該|填|用|写|寫|叫|是|係|系|投诉人|經辦人|经办人|户主|戶主|我?先生的?|我?太太的?)+[:：]?"
)
_NAME_SAID: Final = re.compile(
    r"\b(?:say|put|be|called|is|it's|am|i'm|name(?: as)?(?: on my \w+,)?) (?P<name>[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+){1,3})"
)
_NAME_SAID_HAN: Final = re.compile(
    r"(?:本人|我|投诉人|投訴人|户主|戶主|她|他|佢)(?:的)?(?:名字|姓名)?(?:叫做?|是叫|係叫)(?P<name>[\u3400-\u9fff]{2,4}?)(?=\W|\Z|喎|呀|啊|啦|才)"
)
_MONEY_SAID: Final = re.compile(
    r"[£$€¥元块塊蚊圆圓]|钱|錢|金额|金額|\b(?:quid|pounds?|fee|sum|amount|pence)\b", re.IGNORECASE
)
_CURRENCY: Final = re.compile(
    r"[£$€¥￥]|人民|[港台臺美英欧歐日澳加新紐][幣币元圓圆紙纸镑鎊金]|镑|鎊|\b(?:quid|pounds?|dollars?|euros?|yen|[A-Z]{3})\b"
)
_FIGURE: Final = re.compile(
    r"(?<![\d.])\d[\d,]*(?:\.\d+)?(?![\d.]| ?(?:[%％:：月号日点年岁次天个位折倍]|per ?cent|st\b|nd\b|rd\b|th\b|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|years?|months?|days?|weeks?|hours?|min|times?|o'clock|[ap]m\b))|[一二两三四五六七八九十百千万零]{2,}",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:(?:st|nd|rd|th)\b(?! time| floor| century)|[号日](?!线|楼))", re.IGNORECASE
)
_MONTH: Final = re.compile(
    r"(?:去年|今年|前年)?(?:十[一二]?|[一二三四五六七八九]|\d{1,2})月(?![\d一二三四五六七八九十])|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b(?: 20\d\d)?",
    re.IGNORECASE,
)
_WAS_THEN: Final = re.compile(
    r"\b(?:it was|that was|it's|should be|happened|signed|made)(?: in)? (?P<month>(?:january|february|march|april|may|june|july|august|september|october|november|december)\b(?: 20\d\d)?)|(?:去年|今年|前年)?(?:十[一二]?|[一二三四五六七八九]|\d{1,2})月(?![\d一二三四五六七八九十])",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(r"^[^\S\n]*(?:\d|[一二三四])\s*[.、)]", re.MULTILINE)
_WEEKDAY: Final = re.compile(
    r"(?:周|星期|礼拜)[一二三四五六日天]|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE
)
_WHOLE_SUM: Final = re.compile(
    r"加起来|加埋|一共|合计|总共|\b(?:total|in all|altogether|all told|put together|combined)\b", re.IGNORECASE
)
_REMEDY: Final = re.compile(
    r"退|赔|道歉|解释|注销|取消|开除|处分|培训|还我|公告|说明|\b(?:refund|apolog\w*|explain\w*|explanation|close|compensat\w*|sack\w*|train\w*|back|notice)\b",
    re.IGNORECASE,
)
_PER_CENT: Final = re.compile(r" ?(?:[%％]|per ?cent)")
_YEAR: Final = re.compile(r"(?:19|20)\d\d\.00")
_DENIED_ALONE: Final = re.compile(r"\W*(?:not|不是|唔系|不系)\W", re.IGNORECASE)
_PLACE: Final = re.compile(r"[分支]行|\bbranch\b", re.IGNORECASE)
_SURELY: Final = re.compile(r"才(?:对|是)|先(?:啱|系)|应该是|应为|改(?:成|为|做)")
_ONLY_THAT: Final = 30
"""Characters of an answer that says no more than how far off it was."""
_INTERJECTION: Final = re.compile(r"[A-Z][a-z]+")
_IS_A_PLACE: Final = re.compile(
    r"(?:末|尾|头|结尾|打头|开头)[^，,。\n]{0,6}\d|\d(?:打头|开头)|(?:补充|加)(?:返|一)|个字|三点水|(?:第)?[一二三]\s*[.、]\s*$",
)


def values_put_right(
    heard: Understanding, draft: Draft, read: Read, reply: Verdict | None, today: date
) -> tuple[dict[str, Any], frozenset[str], bool]:
    """By fact the value as it should be (None: there is none any more), the facts whose value stands whatever was known, and whether
    anything differs from the record, so that words of approval beside it are none.

    What was wished or named besides is still weighed against what is known (weighing.py).
    """
    if reply is Verdict.STOPS and not (has_no_money(heard.text) or names_a_fact(heard.text)):
        return {}, frozenset(), False
    message = _Message(heard, draft, read, reply, today)
    found = message.values()
    return found, frozenset(found.keys() - message.weighed), message.another


def names_a_fact(text: str) -> bool:
    """Whether a fact of the record is named, so that an order to strike or change something means that fact."""
    read = plain(text).plain
    return any(_NAMES[fact].search(read) for fact in ("occurred_on", "amount", "name", "desired_outcome"))


def figure_of_another_thing(heard: Understanding, draft: Draft) -> Verdict | None:
    """ "Window 8", "79, not 78" where 78 stands in the story, add to what happened; "72, not 71" of nobody knows what asks for more."""
    denied, known = denied_figure(heard.text), draft.facts.amount
    story = plain(draft.facts.what_happened or "").plain
    if is_of_another_thing(heard.text) or (denied and _has_figure(story, denied)):
        return Verdict.ADDS
    return Verdict.OBJECTS if heard.facts.amount is not None and is_no_sum(heard.text, known) else None


def _has_figure(text: str, figure: str) -> bool:
    """Whether it stands there, and not as a part of a longer one."""
    at = text.find(figure)
    while at >= 0:
        end = at + len(figure)
        if not text[at - 1 : at].isdecimal() and not text[end : end + 1].isdecimal():
            return True
        at = text.find(figure, at + 1)
    return False


def _is_rate(text: str, figure: str) -> bool:
    """ "3.5%": the figure is a share and no sum."""
    at = text.find(figure)
    while at >= 0:
        if _PER_CENT.match(text, at + len(figure)):
            return True
        at = text.find(figure, at + 1)
    return False


def is_no_sum(text: str, known: Money | None) -> bool:
    """ "Not 78, 79" and 係24號窗, where neither is the sum and nothing speaks of money."""
    if _MONEY_SAID.search(text) or _NAMES["amount"].search(plain(text).plain):
        return False
    denied = denied_figure(text)
    sum_known = "" if known is None else f"{known.value.normalize():f}"
    return is_of_another_thing(text) or (denied is not None and denied not in sum_known)


def _fills(about: str, text: str) -> bool:
    return not says_little(about) and len(about) * 5 > len(text) * 2


class _Message:
    """An answer, and what is on record as it is given."""

    def __init__(self, heard: Understanding, draft: Draft, read: Read, reply: Verdict | None, today: date) -> None:
        self.today = today
        self.weighed: set[str] = set()
        self.replaces = False
        self.heard, self.draft, self.read, self.reply = heard, draft, read, reply
        self.text = heard.text
        self.plain = plain(heard.text).plain
        denies = Signal.CORRECTS in heard.signals or bool(_DENIES.search(self.plain)) or objects(self.text)
        self.another = reply is Verdict.AGREES and self._gives_another()
        if self.another:
            self.reply = reply = None
        self.denies = denies
        sure = Signal.CORRECTS in heard.signals or objects(self.text) or _SURELY.search(self.plain) is not None
        self.corrects = (sure if reply is Verdict.ADDS else denies) and reply is not Verdict.AGREES
        self.waits = reply in (Verdict.ASKS, Verdict.ADDS, Verdict.PAUSES, Verdict.AGREES)

    def values(self) -> dict[str, Any]:
        found = self._in_the_place_of_another()
        for put_right in (self._contact, self._name, self._amount, self._day, self._about, self._wish):
            put_right(found)
        return found

    def _in_the_place_of_another(self) -> dict[str, Any]:
        """ "Gary not Gareth": wherever that stands, and nothing else; in the story it is told beside it."""
        if self.reply in (Verdict.PAUSES, Verdict.STOPS, Verdict.ASKS):
            return {}
        about, wish = (replaced_in(self.text, self._known(fact)) for fact in ("about", "desired_outcome"))
        found: dict[str, Any] = {"about": about} if about else {}
        # in Chinese a fee and a person are written alike
        if wish and (not about or wish.isascii() or _A_PERSON.search(plain(about).plain)):
            found["desired_outcome"] = wish
        self.replaces = bool(found)
        if "about" not in found and replaced_in(self.text, self._known("what_happened")):
            self.replaces = True
            if replaced_in(self.text, self._known("name")) is None:
                found["what_happened"] = self.text
                self.weighed.add("what_happened")
        return found

    def _gives_another(self) -> bool:
        """ "准确说是85块5": words of approval, and a sum or a number that is not the one on record."""
        amount, contact = self.heard.facts.amount, self.heard.facts.contact
        other = amount not in (None, self._known("amount")) and _MONEY_SAID.search(
            self.heard.evidence.get("amount", "")
        )
        about, known = self.heard.facts.about, str(self._known("about") or "")
        if self._remedies(self.heard.facts.desired_outcome) - self._remedies(self._known("desired_outcome")):
            return True
        if about and about not in known and (_PLACE.search(about) or _fills(about, self.text)):
            return True
        return bool(other) or contact not in (None, self._known("contact"))

    def _remedies(self, wish: str | None) -> set[str]:
        said = plain(wish or "").plain.lower()
        return set() if _TO_US.search(said) else set(_REMEDY.findall(said))

    def _speaks_of_the_sum(self) -> bool:
        """ "不是600，是700", where 600 is the sum and no part of a number is named."""
        sum_known = self._known("amount")
        whole = "" if sum_known is None else f"{sum_known.value.normalize():f}"
        return bool(whole) and not self._names("contact") and _has_figure(self.plain, whole)

    def _names(self, fact: str) -> bool:
        return _NAMES[fact].search(self.plain) is not None

    def _counts(self, fact: str) -> bool:
        """Whether a value found in the message stands in the place of the one on record."""
        if fact in self.heard.named:
            return True
        return self.corrects or self._names(fact) if self.waits else True

    def _known(self, fact: str) -> Any:
        return getattr(self.draft.facts, fact)

    def _contact(self, found: dict[str, Any]) -> None:
        known, value = self._known("contact"), self.heard.facts.contact
        if value is None and (spoken := _SPOKEN_FIGURES.search(self.plain)):
            figures = re.sub(r"\D", "", spoken[0].translate(_AS_FIGURES))
            value = self.read(figures, "contact").facts.contact
        part = (
            contact_put_right(self.text, known) if value is None and known and not self._speaks_of_the_sum() else None
        )
        if part or (value is not None and value != known and (self.denies or self._counts("contact"))):
            found["contact"] = part or value

    def _name(self, found: dict[str, Any]) -> None:
        known, value = self._known("name"), self.heard.facts.name
        if value is not None and value.lower() in self.heard.evidence.get("contact", "").lower():
            value = None  # an address that is spelled out holds one
        whole = value is not None and " " in value and value != known
        part = name_put_right(self.text, known) if known and not whole else None
        if part is None and not (self.waits and not self.corrects) and (self._denies(known) or self._names("name")):
            part = self._named_in_a_clause(known)
        value = part or (None if self.replaces else value)
        if value and value != known and (part or self.denies or self._counts("name")) and not self._only_signs(value):
            found["name"] = value

    def _only_signs(self, value: str) -> bool:
        """ "Seen and agreed. D. Prosser": signed, with the name as it stands but shorter."""
        known = str(self._known("name") or "")
        return bool(known) and value.split()[-1] == known.split()[-1] and self.reply is Verdict.AGREES

    def _denies(self, value: Any) -> bool:
        """Whether the value on record is named as somebody else's, or asked about in wonder."""
        return bool(value) and plain(str(value)).plain in self.plain

    def _named_in_a_clause(self, known: str | None) -> str | None:
        for match in _CLAUSE.finditer(self.text):
            clause = _LEADS_A_NAME.sub("", match[0].strip())
            names = names_in(clause, asked=True) if 2 <= len(clause) <= 24 else ()
            if names and names[0].value and names[0].value != known:
                return names[0].value
        said = _NAME_SAID.search(self.text) or _NAME_SAID_HAN.search(self.text)
        return said["name"] if said and said["name"] != known else None

    def _amount(self, found: dict[str, Any]) -> None:
        known = self._known("amount")
        if (known is None and "amount" not in self.draft.words) or is_no_sum(self.text, known):
            return
        if has_no_money(self.text) and self.heard.facts.amount in (None, known):
            found["amount"] = None
            return
        value, part = None, sum_put_right(self.text, known) if known is not None else None
        if "contact" not in found and not (self.waits and not self.corrects):
            value = self._sum_in_its_place(known)
        wished = self.heard.evidence.get("amount", "") in (self.heard.facts.desired_outcome or "")
        if self.heard.evidence.get("amount") and wished and not self._names("amount") and not _TOTAL.search(self.plain):
            value = None  # what is asked for, not what was lost
        if self._names("contact") and not self._names("amount") and not _MONEY_SAID.search(self.text):
            value = part = None
        if value is not None and _is_rate(self.plain, f"{value.value.normalize():f}"):
            value = None
        if value is not None and _YEAR.fullmatch(str(value.value)) and not _MONEY_SAID.search(self.text):
            value = None
        total = value is not None and _WHOLE_SUM.search(self.plain) is not None
        if value is not None and value != known and (total or self._counts("amount")):
            found["amount"] = value
        elif part is not None:
            found["amount"] = part

    def _sum_in_its_place(self, known: Money | None) -> Money | None:
        """The last sum that is told to be the one, else the one that was found."""
        rest = without_denied(self.text)
        said = [match[0] for match in _CLAUSE.finditer(rest or self.text) if _FIGURES.search(match[0])]
        told = [clause for clause in said if _TOTAL.search(plain(clause).plain)]
        day = self.heard.evidence.get("occurred_on", "")
        for clause in (*reversed(told), *(said if len(said) == 1 else ())):
            if (day and day in clause and not _MONEY_SAID.search(clause)) or _DENIED_ALONE.match(plain(clause).plain):
                continue
            value = self._sum_in(without_denied(clause) or clause, alone=clause in told or rest is not None)
            if value is not None and known is not None and not _CURRENCY.search(clause):
                value = replace(value, currency=known.currency)
            if value is not None and value != known and not _IS_A_PLACE.search(plain(clause).plain):
                return value
        value = self.heard.facts.amount
        if value is not None and known is not None and not _CURRENCY.search(self.heard.evidence.get("amount", "")):
            value = replace(value, currency=known.currency)
        return None if _IS_A_PLACE.search(self.plain) else value

    def _sum_in(self, clause: str, *, alone: bool) -> Money | None:
        """The sum of a clause, or, where it is told to be one, its only figure."""
        value = self.read(clause, "amount").facts.amount
        figures = _FIGURE.findall(plain(clause).plain)
        if value is None and alone and len(figures) == 1 and _DAY.search(clause) is None:
            value = self.read(figures[0], "amount").facts.amount
        return value

    def _day(self, found: dict[str, Any]) -> None:
        known, value = self._known("occurred_on"), self.heard.facts.occurred_on
        if is_of_another_thing(self.text):
            return
        if self.replaces and value is None and (said := _WAS_THEN.search(self.plain)):
            month = said["month"] or said[0]
            value = self.read(f"in {month}" if month.isascii() else month, "occurred_on").facts.occurred_on
        elif {"contact", "name"} & found.keys() and not self._names("occurred_on"):
            return
        if known is not None and (near := weekday_beside(self._weekday_said(), known, self.today)):
            value = near
        if (
            known is not None
            and value in (None, known)
            and (self.corrects or self._names("occurred_on") or len(self.text) < _ONLY_THAT)
        ):
            value = day_put_right(self.text, known) or value
        if value in (None, known) and self.reply in (None, Verdict.OBJECTS):
            days = (
                (day_of_month(int(said["day"]), known, self.today) for said in _DAY.finditer(self._undenied()))
                if known
                else ()
            )
            value = next((day for day in days if day not in (None, known)), value)
        if (rest := without_denied(self.text)) and self.heard.evidence.get("occurred_on", "") not in rest:
            value = self.read(rest, "occurred_on").facts.occurred_on  # "it says the 12th, so not yesterday"
        if value is None and (self._names("occurred_on") or _VAGUE.search(self.plain)) and not found:
            said = _MONTH.search(self.plain)
            value = self.read(said[0] if said else self.text, "occurred_on").facts.occurred_on
        if (
            value is None
            or value == known
            or (known is not None and known.text.startswith(value.text) and not _VAGUE.search(self.plain))
        ):
            return
        beside = self._only_tells_when(self.heard.evidence.get("occurred_on", ""), found)
        if self._counts("occurred_on") and not beside:
            found["occurred_on"] = value

    def _undenied(self) -> str:
        return plain(without_denied(self.text) or self.text).plain

    def _weekday_said(self) -> str:
        """The clause with a day of the week in it, where that is all that is said of a day."""
        clauses = [match[0] for match in _CLAUSE.finditer(self._undenied()) if _WEEKDAY.search(match[0])]
        return clauses[0] if len(clauses) == 1 and not re.search(r"\d", self.plain) else ""

    def _only_tells_when(self, words: str, found: dict[str, Any]) -> bool:
        """ "I've just looked", 上個月改名了: when something was found out or done since."""
        clause = next((match[0] for match in _CLAUSE.finditer(self.text) if words and words in match[0]), "")
        beside = bool(found) or self._names("name")
        return beside and _FOUND.search(plain(clause).plain) is not None

    def _about(self, found: dict[str, Any]) -> None:
        known = self._known("about")
        listed = len(_LISTED.findall(self.plain)) > 1
        if self.replaces or is_of_another_thing(self.text):
            return
        if found and not (self._names("about") or listed):
            return
        value = subject_put_right(self.text, known or "") if self.reply not in (Verdict.ADDS, Verdict.PAUSES) else None
        told, aside = self.heard.facts.about, wish_put_right(self.text, self._known("desired_outcome") or "")
        if (
            value is None
            and told
            and not self.waits
            and not aside
            and (listed or (not found and (self.another or self._told_instead(told))))
        ):
            value = None if says_little(told) and not self._names("about") else told
            self.weighed.add("about")
        if value and value != known and not (known and value in known):
            found["about"] = value

    def _told_instead(self, value: str) -> bool:
        """Whether the words around it say that it stands in the place of something."""
        return _SUBJECT_CUE.search(self.plain) is not None and not _INTERJECTION.fullmatch(value)

    def _wish(self, found: dict[str, Any]) -> None:
        known, value = self._known("desired_outcome"), self.heard.facts.desired_outcome
        if "desired_outcome" in found:
            return
        no_wish = "about" in found or self.reply in (Verdict.PAUSES, Verdict.STOPS)
        part = None if no_wish else wish_put_right(self.text, known or "")
        own = value if value and not _TO_US.search(plain(value).plain) and wish_in(self.text) is not None else None
        wants = self._names("desired_outcome")
        if own and self.reply is not None and not (wants and self.corrects):
            own = None
        begins = _CLAUSE.search(once(self.text))
        agrees = Signal.YES in self.heard.signals or (begins and approval_in(begins[0]) is not None)
        if own and agrees and not _REMEDY.search(plain(own).plain):
            own = None
        if own and found and not (wants and "about" in found) and not _REMEDY.search(plain(own).plain):
            own = None
        value = part or own
        if part is None:
            self.weighed.add("desired_outcome")
        if value and value != known:
            found["desired_outcome"] = value
