"""A value put right in part: the last digits of a number, one character of a name, a zero too many, the day before.

Each reader takes the customer's words and the value on record and gives the value as it should be, or None where the words do not
say so for certain. What is told whole ("it was the 5th", a new number) is read by the readers of facts.

Not here: whether the words are an answer to the read-back at all (dialogue/amending.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Final

from case_store.records import Money, PartialDate
from dialogue.understanding.people import COMPOUND
from dialogue.understanding.plain import plain

_SHORT: Final = 140
_LIKE: Final = 0.65
"""How alike two spellings of one name are at least."""

_ENDS: Final = re.compile(
    r"(?:末|尾|最[后尾]|结尾|(?<!前)后)(?:[一二两三四五六七八九十\d]{0,2}(?:位|码|个|字|号码?|数字?|嗰个|那个))*[^\d,，。\n]{0,6}?(\d{1,7})(?!\d)"
    r"|\b(?:ends?|ending|finish(?:es|ing)?|(?:the )?(?:very )?(?:last|final)(?: (?:\w+ )?(?:digits?|numbers?|figures?|bit|part|one|two|three|four))?)(?: (?:in|is|are|it's|should|be|with|as|of|it|on|a|an)|'s)*\W{1,3}(?:an? )?(\d[\d ]{0,7})(?!\d)",
    re.IGNORECASE,
)
_AT_THE_END: Final = re.compile(r"(?<![\d£$€.])(\d{1,7}) (?:at|on) the end\b", re.IGNORECASE)
_STARTS: Final = re.compile(
    r"(?<!\d)(\d{2,5})(?:打头|开头|起头|行头|做头)|(?:开头|打头|起头|头[一二三四五\d]?(?:位|个|码)|前[一二三四五六\d](?:位|个|码))[^\d,，。\n]{0,6}?(\d{2,6})(?!\d)"
    r"|\b(?:starts?|begins?|starting|beginning|(?:the )?first (?:\w+ )?(?:digits?|numbers?|figures?|bit|part))(?: (?:in|is|are|it's|should|be|with|as|of))*\W{1,3}(\d[\d ]{1,6})(?!\d)",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(r"(?<![\d£$€.])(\d{3,7})(?![\d.])")
_LAST_TWO: Final = re.compile(r"(?:最后|末|尾)[两二2]|\blast (?:two|couple)\b", re.IGNORECASE)
_NOT_THAT: Final = re.compile(
    r"(?<!\d)(\d{2,8})(?:是|系)?\W{0,3}(?:而)?(?:不是|唔系|唔係|not|rather than|instead of|and not)\W{0,2}(\d{2,8})(?!\d)"
    r"|(?:不是|唔系|唔係|\bnot)\W{0,2}(\d{2,8})\W{0,3}(?:而)?(?:是|系|but|it's|it is|应该是)?\W{0,2}(\d{2,8})(?!\d)",
    re.IGNORECASE,
)
_NUMBER_NAMED: Final = re.compile(r"电话|手机|号码|数字|位|\b(?:phone|number|digits?|mobile)\b", re.IGNORECASE)
_TURNED: Final = re.compile(
    r"颠倒|倒转|反转|调转|倒过来|反过来|写反|弄反|掉转|\b(?:other way (?:a)?round|back to front|transposed|wrong way (?:a)?round|swapped|switched|reversed)\b",
    re.IGNORECASE,
)
_DIGIT_WORDS: Final = {
    word: str(place) for place, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
} | {"oh": "0", "nought": "0", "nil": "0", "o": "0"}  # fmt: skip
_TWICE: Final = re.compile(rf"\bdouble ({'|'.join(_DIGIT_WORDS)})\b", re.IGNORECASE)
_WORD_DIGITS: Final = re.compile(rf"\b(?:{'|'.join(_DIGIT_WORDS)})(?: (?:{'|'.join(_DIGIT_WORDS)}))+\b", re.IGNORECASE)
_HAN_DIGITS: Final = re.compile(
    r"(?<=[是系为:： ,，])[零〇一二三四五六七八九幺]+(?![个位码字数天日月号点百千万])|[零〇一二三四五六七八九幺]{3,}"
)
_HAN_FIGURES: Final = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_COUNTRY: Final = re.compile(r"\+(?:86|852|853|886|44|1|65|61)")


def contact_put_right(text: str, known: str) -> str | None:
    """ "Ends 656 not 655", 末三碼是687, 139打头: only these digits of the number are others."""
    read, country = _in_figures(plain(text).plain), _COUNTRY.match(known)
    if country is None or len(text) > _SHORT:
        return None
    number = known[country.end() :]
    if pair := _NOT_THAT.search(read):
        right, wrong = (pair[1], pair[2]) if pair[1] else (pair[4], pair[3])
        if len(right) == len(wrong) and number.count(wrong) == 1:
            return country[0] + number.replace(wrong, right)
        if number.endswith(wrong) and len(right) == len(wrong):
            return country[0] + number[: -len(wrong)] + right
    if (
        (end := _AT_THE_END.search(read) or _ENDS.search(read))
        and (digits := _digits(end))
        and len(digits) < len(number)
    ):
        return _changed(known, country[0] + number[: -len(digits)] + digits)
    if (start := _STARTS.search(read)) and (digits := _digits(start).removeprefix("0" if number[0] != "0" else "")):
        return _changed(known, country[0] + digits + number[len(digits) :]) if len(digits) < len(number) else None
    if _LAST_TWO.search(read) and _TURNED.search(read):
        return _changed(known, known[:-2] + known[-1] + known[-2])
    return _near(read, known, number)


def _in_figures(text: str) -> str:
    """Digits that are spelled out, written as figures: "ends double six five", 尾数是三七."""
    text = _TWICE.sub(lambda match: f"{match[1]} {match[1]}", text)
    text = _WORD_DIGITS.sub(lambda match: "".join(_DIGIT_WORDS[word.lower()] for word in match[0].split()), text)
    return _HAN_DIGITS.sub(lambda match: match[0].translate(_HAN_FIGURES), text)


def _near(read: str, known: str, number: str) -> str | None:
    """A few digits that are the number's own but for one: "it's 0065, you've put 0655"."""
    if _NUMBER_NAMED.search(read) is None:
        return None
    said: str
    for said in _ALONE.findall(read):
        places = [
            place for place in range(len(number) - len(said) + 1)
            if sum(one != other for one, other in zip(number[place:], said, strict=False)) == 1
        ]  # fmt: skip
        if len(places) == 1 and said not in number:
            return known[: len(known) - len(number)] + number[: places[0]] + said + number[places[0] + len(said) :]
    return None


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", next(filter(None, match.groups())))


def _changed(known: str, value: str) -> str | None:
    return None if value == known else value


_DESCRIBED: Final = re.compile(
    r"([\u3400-\u9fff]{2,6})(?:嗰个|那个|的那个|嘅|的|个)(?P<one>[\u3400-\u9fff])(?![\u3400-\u9fff]{2})"
    r"|(?:下|上|旁|边|头|底|土|字)[^,，。\n]{0,4}(?:嗰个|那个|这个)(?P<drawn>[\u3400-\u9fff])(?![\u3400-\u9fff])"
)
_SWAPPED: Final = re.compile(
    r"[“「'\"]?(?P<old>[\u3400-\u9fff])[”」'\"]?(?:字|嗰个|那个)?(?:写错了?|打错了?|错了)?[，, ]{0,2}(?:应该|应当|要)?(?:是|系|改成|改做|改为|换成|写成|改)[“「'\"]?(?P<new>[\u3400-\u9fff])(?:[”」'\"]|字|嘅?(?=\W|\Z))"
    r"|(?:不是|唔系|不系)[“「'\"]?(?P<no>[\u3400-\u9fff])[”」'\"]?(?:字|嗰个|那个)?[，, ]{0,2}(?:而)?(?:是|系)[“「'\"]?(?P<it>[\u3400-\u9fff])(?=字|[”」'\"]|\W|\Z|嗰个|那个)"
    r"|(?:是|系)[“「'\"]?(?P<so>[\u3400-\u9fff])[”」'\"]?(?:字)?[，, ]{0,2}(?:而)?(?:不是|唔系|不系)[“「'\"]?(?P<not>[\u3400-\u9fff])(?=字|[”」'\"]|\W|\Z)"
)
_SURNAME: Final = re.compile(
    r"(?:(?:^|(?<=[，,。；;！!\s]))|我|本人|应该)(?:是)?姓(?P<name>[\u3400-\u9fff])(?![\u3400-\u9fff]{3})"
)
_LAST: Final = re.compile(r"最[后尾]|尾|末")
_MIDDLE: Final = re.compile(r"中间")
_FOREIGN: Final = re.compile(r"[\u3400-\u9fff]{1,8}(?:[·•・][\u3400-\u9fff]{1,8})+")
_LETTERS: Final = re.compile(
    r"\bwith(?:out)? (?:an?|one|two|no|the|double) (?:\w+ )?['\"]?[a-z]['\"]?(?![a-z])|\b(?:one|two|double|single|silent|no) ['\"]?[a-z]['\"]?(?![a-z'])|\ban? [b-hj-z]\b|\b(?:spel\w+|letters?|on the end|at the end)\b",
    re.IGNORECASE,
)
_SURNAME_SAID: Final = re.compile(
    r"\b(?:(?P<last>(?i:surname|last name|family name|second name))|(?i:first name|christian name|forename))(?: is| was|'s|:| should be| should read|, it's| wrong,? it's| wrong,?)+ (?P<it>[A-Z][A-Za-z'’-]+)",
)
_TOKEN: Final = re.compile(r"\b[A-Za-z][a-z'’]{2,}(?:-[A-Z][a-z]+)?\b")
_NO_LONGER: Final = re.compile(
    r"\b(?i:maiden|married|divorc\w*|deed poll|used to be|went back to|old name|ex-?(?:husband|wife)'?s?)\b.{0,40}?\b(?i:it's|i'm|back to|now|am|to|is)(?: now)? (?P<it>[A-Z][a-z'’]+)"
)
_NO_PART: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "the",
        "a",
        "an",
        "my",
        "his",
        "her",
        "our",
        "that",
        "this",
        "it",
        "is",
        "was",
        "not",
        "drop",
        "say",
        "says",
        "put",
        "name",
        "no",
        "called",
        "said",
        "i'm",
        "im",
        "by",
        "and",
        "or",
        "of",
        "for",
        "to",
        "from",
        "only",
        "just",
        "in",
        "on",
        "at",
        "with",
        "but",
        "why",
        "who",
        "what",
        "be",
        "s",
        "spelt",
        "spelled",
        "real",
        "proper",
        "full",
        "first",
        "last",
        "old",
        "young",
        "dot",
        "mister",
    ]
)


def name_put_right(text: str, known: str) -> str | None:
    """ "Deane with an e", 安静的静, 我姓莫唔係姓麥: the part of the name that is another."""
    read = plain(text)
    if len(text) > _SHORT:
        return None
    if known.isascii():
        return _english_name(read.own, known)
    return _chinese_name(read.plain, read.own, plain(known).plain, known)


def _chinese_name(text: str, own: str, folded: str, known: str) -> str | None:
    if foreign := _FOREIGN.search(own):
        return foreign[0]
    lead = 2 if len(folded) > 2 and folded[:2] in (*COMPOUND.split("|"), "鲜于") else 1
    given = known[lead:]
    if surname := _SURNAME.search(text):
        said = own[surname.start("name") : surname.end("name")]
        if said != known[0] or lead == 2:
            whole = re.search(rf"(?<!姓){said}(?![的嘅系係是])[\u3400-\u9fff]{{1,2}}(?=\W|\Z)", own[surname.end() :])
            return whole[0] if whole else said + given
    # a pattern made of the customer's own name is compiled for it alone: only where that name stands
    surname_again = rf"{re.escape(folded[:lead])}(?P<given>[\u3400-\u9fff]{{1,2}})(?=\W|\Z)"
    for match in re.finditer(surname_again, text) if folded[:lead] in text else ():
        value = own[match.start() : match.end()]
        if match["given"] != folded[lead:] and not re.match(r"[系是个的先小女]", match["given"]):
            return value
    for match in _SWAPPED.finditer(text):
        old, new = next((old, new) for old, new in (("old", "new"), ("no", "it"), ("not", "so")) if match[old])
        if folded.count(match[old]) == 1 and match[new] not in folded:
            return known.replace(known[folded.index(match[old])], own[match.start(new) : match.end(new)])
    one = next((match for match in _DESCRIBED.finditer(text) if match["drawn"] or match["one"] in match[1]), None)
    if one is None or (place := _place(text, folded, lead, one)) is None:
        return None
    name = "drawn" if one["drawn"] else "one"
    value = known[:place] + own[one.start(name) : one.end(name)] + known[place + 1 :]
    return _changed(known, value)


def _place(text: str, folded: str, lead: int, one: re.Match[str]) -> int | None:
    """Which character of the name is meant: the one that is named, the place that is told, or the only one there is."""
    rest = text[: one.start()] + text[one.end() :]
    said = [place for place, character in enumerate(folded) if character in rest.replace(folded, "")]
    if len(said) == 1:
        return said[0]
    if _MIDDLE.search(text) and len(folded) == lead + 2:
        return lead
    return len(folded) - 1 if _LAST.search(text) or len(folded) == lead + 1 else None


def _english_name(text: str, known: str) -> str | None:
    parts = known.split()
    if not 2 <= len(parts) <= 3:
        return None
    if surname := _SURNAME_SAID.search(text):
        return f"{parts[0]} {surname['it']}" if surname["last"] else f"{surname['it']} {parts[-1]}"
    if _LETTERS.search(text):
        for said in _TOKEN.findall(text):
            for place, part in enumerate(parts):
                if said.lower() not in known.lower().split() and _are_alike(said, part):
                    return " ".join([*parts[:place], _capital(said), *parts[place + 1 :]])
    if married := _NO_LONGER.search(text):
        return f"{parts[0]} {married['it']}" if married["it"] not in parts else None
    for double in re.findall(r"\b[A-Z][a-z'’]+-[A-Z][a-z'’]+\b", text):
        at = next((at for at, part in enumerate(parts) if part in double.split("-")), None)
        if at is not None:
            return " ".join([*parts[:at], double, *parts[at + 1 :]])
    if parts[0] not in text and parts[-1].lower() not in text.lower():
        return None
    first, last = re.escape(parts[0]), re.escape(parts[-1])
    for match in re.finditer(rf"\b([A-Za-z'’-]{{2,}}) {last}\b", text, re.IGNORECASE):
        if match[1].lower() not in _NO_PART | {parts[0].lower()}:
            return f"{_capital(match[1])} {parts[-1]}"
    for match in re.finditer(rf"\b{first} ([A-Z][A-Za-z'’-]+)\b", text):
        if match[1].lower() not in {part.lower() for part in parts}:
            return f"{parts[0]} {match[1]}"
    return None


def _are_alike(one: str, other: str) -> bool:
    return one[0] == other[0] and SequenceMatcher(None, one.lower(), other.lower()).ratio() >= _LIKE


def _capital(word: str) -> str:
    return word if word[0].isupper() else word.capitalize()


_ZERO: Final = r"(?:零|0|nought|zero|noughts|zeros|zeroes|oh)"
_ZERO_MORE: Final = re.compile(
    rf"(?:少|漏|欠|差)(?:了|咗|写|打)*(?:一)?个{_ZERO}|后[头面边][^,，。\n]{{0,4}}(?:跟|有|带)[^,，。\n]{{0,4}}{_ZERO}|\b(?:missing|missed|short of|lost|forgot|forgotten|left off|left out|dropped|another|one more|needs?|add|extra)(?: \w+)? (?:a |an |another |one )?{_ZERO}\b",
    re.IGNORECASE,
)
_ZERO_LESS: Final = re.compile(
    rf"多(?:了|咗|写|打)*(?:一)?个{_ZERO}|\b(?:{_ZERO} too many|too many {_ZERO}|lose (?:a|the|that) {_ZERO}|(?:a|one) {_ZERO} (?:too )?(?:many|over))\b",
    re.IGNORECASE,
)
_MONEY_WORDS: Final = {
    "USD": r"美[元金刀]|\b(?:us )?dollars?\b(?! (?:not|instead))|\bUSD\b", "EUR": r"欧元|\beuros?\b|\bEUR\b", "JPY": r"日[元圆币]|\byen\b",
    "GBP": r"英镑|\b(?:pounds|sterling|GBP)\b", "HKD": r"港[币元纸]", "CNY": r"人民币|\byuan\b|\bRMB\b", "TWD": r"(?:新)?台[币]", "AUD": r"澳[元币]",
}  # fmt: skip
_DENIED: Final = r"(?:不是|唔系|唔係|\bnot|rather than|instead of)(?: in)? ?"
_OTHER_MONEY: Final = {
    currency: (re.compile(words, re.IGNORECASE), re.compile(rf"{_DENIED}(?:{words})", re.IGNORECASE))
    for currency, words in _MONEY_WORDS.items()
}
"""By currency its words, and the same denied."""
_NO_MONEY: Final = re.compile(
    r"(?:金额|钱|数|银码|数目|(?<![\d一二三四五六七八九十百千])[\d一二三四五六七八九十百千]{1,12}(?:元|块|蚊)?)[^,，。\n]{0,6}(?:划掉|删(?:咗|了|掉|去|走|除)?|去掉|拿掉|抹掉|取消|不要写|唔好写|不用写|免了)|(?:划掉|删掉|去掉|拿掉)[^,，。\n]{0,5}(?:金额|钱|数|银码|那一?[栏栏格])"
    r"|等于没(?:花|扣|收)|一(?:分|毫子?|毛|蚊)(?:钱)?(?:都)?(?:没|冇|未)(?:少|扣|有少)|(?:没|冇|未)(?:有)?(?:真的?|真系)?(?:扣|收|过数|扣着|扣到|少到)(?:我|到|成)?(?:的|嘅)?(?:钱|数|一)|(?:不|冇|没|唔)(?:涉及|牵涉|关乎?)[^,，。\n]{0,3}(?:钱|金额)"
    r"|\b(?:rub out|take out|remove|delete|scrub|cross out|strike|drop|lose|scratch) (?:the |that )?(?:sum|amount|money|figure|£? ?\d+|\w+ pounds?)\b|\b(?:take|leave) (?:the |that )?(?:sum|amount|money|figure) (?:off|out|away)\b|\b(?:there's|there is|there was|with) no (?:money|sum|amount)\b|\bnever (?:actually )?(?:took|charged|taken|left)\b|\bno money (?:in it|involved|was taken|changed hands)\b|\bdidn't (?:actually )?(?:lose|pay|take) (?:any|a)",
    re.IGNORECASE,
)


def sum_put_right(text: str, known: Money) -> Money | None:
    """A zero more or less, digits turned round, the same sum in another currency."""
    read = plain(text).plain
    if len(text) > _SHORT:
        return None
    if _ZERO_MORE.search(read):
        return replace(known, value=known.value * 10)
    if _ZERO_LESS.search(read):
        return replace(known, value=known.value / 10)
    whole = format(known.value.to_integral_value(), "f")
    if _TURNED.search(read) and known.value == known.value.to_integral_value() and whole != whole[::-1]:
        return replace(known, value=Decimal(whole[::-1]).quantize(known.value))
    for currency, (words, denied) in _OTHER_MONEY.items():
        if currency != known.currency and words.search(read) and words.search(denied.sub("", read)):
            figures = [figure for figure in re.findall(r"\d[\d,.]*\d|\d", read) if figure.replace(",", "") not in whole]
            return None if figures else replace(known, currency=currency)
    return None


def has_no_money(text: str) -> bool:
    """Whether it says that no money was lost after all, so that the sum on record goes."""
    return _NO_MONEY.search(plain(text).plain) is not None


_DAYS: Final = (
    (re.compile(r"(?:前|上)(?:一|1)?个?(?:周|星期|礼拜)(?:吧|才|的)?(?=\W|\Z|才|的)|(?:早|往前)(?:推|了|挪)?一个?(?:周|星期|礼拜)|\b(?:a|the|one) week (?:before|earlier|sooner)\b|\bweek before\b", re.IGNORECASE), -7),
    (re.compile(r"(?:迟|晚|往后)(?:推|了|挪)?一个?(?:周|星期|礼拜)|\ba week (?:later|after)\b", re.IGNORECASE), 7),
    (re.compile(r"前(?:一|1)[天日]|(?:早|往前)(?:了|挪)?一[天日]|头一天|\b(?:the )?(?:day|night|evening|afternoon|morning) before\b(?! yesterday)|\ba day (?:earlier|sooner|before)\b", re.IGNORECASE), -1),
    (re.compile(r"第二[天日]|后一[天日]|(?:迟|晚|往后)(?:了|挪)?一[天日]|翌日|隔天|\b(?:the )?(?:day|morning) after\b(?! tomorrow)|\b(?:the )?next (?:day|morning)\b|\ba day later\b", re.IGNORECASE), 1),
)  # fmt: skip


_AWAY: Final = re.compile(
    r"(?P<way>早|往前|提前|迟|晚|往后|推后|延后)(?:推|了|挪|咗|返)?(?P<many>[两二三四五六七八九2-9])(?P<unit>[天日]|个?(?:周|星期|礼拜))"
    r"|\b(?P<en>two|three|four|five|six|[2-6]) (?P<units>days?|weeks?) (?P<side>before|earlier|sooner|later|after)\b",
    re.IGNORECASE,
)
_MANY: Final = {
    **dict(zip("两二三四五六七八九", (2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
}
_YEAR_NAMED: Final = re.compile(
    r"年份|年(?:写|记)?(?:错|不对|唔啱)|哪年|\b(?:wrong year|year(?:'s| is| was| should)?)\b", re.IGNORECASE
)
_WEEKDAYS: Final = tuple(re.compile(words, re.IGNORECASE) for words in (
    r"(?:周|星期|礼拜)一|\bmon(?:day)?\b", r"(?:周|星期|礼拜)二|\btues?(?:day)?\b", r"(?:周|星期|礼拜)三|\bwed(?:nesday)?\b",
    r"(?:周|星期|礼拜)四|\bthur?s?(?:day)?\b", r"(?:周|星期|礼拜)五|\bfri(?:day)?\b", r"(?:周|星期|礼拜)六|\bsat(?:urday)?\b",
    r"(?:周|星期|礼拜)[日天]|\bsun(?:day)?\b",
))  # fmt: skip
_OTHER_WEEK: Final = re.compile(
    r"上个?|前个?|上上|这个?|今个|本|\b(?:last|this|past|just gone|before last)\b|\d", re.IGNORECASE
)


def weekday_beside(said: str, known: PartialDate, today: date) -> PartialDate | None:
    """A day of the week and no more, in the place of a day: the one that is next to it and not to come."""
    read = plain(said).plain
    found = [place for place, words in enumerate(_WEEKDAYS) if words.search(read)]
    if len(known.text) < 10 or len(found) != 1 or _OTHER_WEEK.search(read):
        return None
    was = date.fromisoformat(known.text)
    days = (was + timedelta(days=away) for away in (1, -1, 2, -2, 3, -3, -4, -5, -6))
    return next((PartialDate(day.isoformat()) for day in days if day.weekday() == found[0] and day <= today), None)


def day_of_month(number: int, known: PartialDate, today: date) -> PartialDate | None:
    """ "It was the 14th": of the month on record, or of the one before where it would be still to come."""
    if len(known.text) < 7:
        return None
    year, month = int(known.text[:4]), int(known.text[5:7])
    for its_year, its_month in ((year, month), (year - (month == 1), (month - 2) % 12 + 1)):
        try:
            day = date(its_year, its_month, number)
        except ValueError:
            continue
        if day <= today:
            return PartialDate(day.isoformat())
    return None


def _away(text: str) -> int | None:
    """How many days before (negative) or after the one on record."""
    match = _AWAY.search(text)
    if match is None:
        return None
    many, unit = (match["many"] or match["en"]).lower(), match["unit"] or match["units"]
    number = int(many) if many.isdigit() else _MANY[many]
    earlier = (match["way"] or "") in ("早", "往前", "提前") or (match["side"] or "").lower() in (
        "before",
        "earlier",
        "sooner",
    )
    return (-number if earlier else number) * (1 if unit[0] in "天日dD" else 7)


def day_put_right(text: str, known: PartialDate) -> PartialDate | None:
    """ "I noticed on the 17th, they'd helped themselves the day before": counted from the day on record."""
    read = plain(text).plain
    if len(known.text) < 10:
        return None
    if _YEAR_NAMED.search(read) and (year := re.search(r"(?<!\d)20[0-3]\d(?!\d)", read)):
        return PartialDate(year[0] + known.text[4:])
    if (away := _away(read)) is not None:
        return PartialDate((date.fromisoformat(known.text) + timedelta(days=away)).isoformat())
    for words, days in _DAYS:
        if words.search(read):
            return PartialDate((date.fromisoformat(known.text) + timedelta(days=days)).isoformat())
    return None
