"""How a customer can be reached: e-mail addresses and telephone numbers, in one form each.

Order, card, account and identity numbers are no telephones; the bank's hotlines, the numbers of swindlers and of whoever
calls the customer are telephones, but not the customer's.

Not here: whether the address is the customer's own is proved elsewhere; this only reads.
"""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from case_store.records import Language
from dialogue.understanding.found import Found
from dialogue.understanding.numerals import DIGITS
from dialogue.understanding.plain import Plain, Span, overlaps, plain
from dialogue.understanding.regions import region_of
from dialogue.understanding.spoken import emails_said, numbers_said

MOST: Final = 20
"""Numbers looked up in one text; a list of thousands is not a complaint."""

_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])[A-Za-z0-9](?:[\w.+%-]{0,62}[\w+%-])?@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}(?![\w@-])",
    re.ASCII,
)
_DIGITS: Final = re.compile(
    r"(?:(?<![\w.*#@/$£€¥-])|(?<=[\u4e00-\u9fff]/))(?<!\d,)(?:\+ ?|(?=[(\d]))\(?\d(?:[ .()-]{0,2}\d){6,15}(?![\d*]|[A-Za-z]|,\d{3}|\.\d|%|-\d|(?:,\d{3})*\s?(?:元|块|万|千|港|蚊|美))",
    re.ASCII,
)
_GROUPED: Final = re.compile(
    r"(?<![\d.,，-])1[3-9]\d(?P<stop>[,，、])\d{4}(?P=stop)\d{4}(?![\d,，、])", re.ASCII
)  # dictated
_SPELLED: Final = re.compile(
    r"[零〇一二三四五六七八九幺](?:[ -]?[零〇一二三四五六七八九幺]){7,12}(?![零〇一二三四五六七八九幺十百千万年])"
)
_LANDLINE: Final = re.compile(
    r"(?:(?:家里|家|单位|办公室?)?(?:的)?(?:座机|固话|电话)[:是 ]{0,3})?(?<![\w.*#/$£€¥-])[2-8]\d{2,3}[- ]?\d{4}(?![\d*元块万千])",
    re.ASCII,
)
_LABELLED: Final = re.compile(r"座机|固话")
_DATE: Final = re.compile(r"(?:19|20)\d\d[-./ ]?(?:0?[1-9]|1[0-2])[-./ ]?(?:0?[1-9]|[12]\d|3[01])")

_OTHER_NUMBER: Final = re.compile(
    r"(?:订单|单号|编号|流水|卡号|账号|帐号|账户|帐户|户口|尾号|尾数|身份证|证件|证号|工号|合同|保单|凭证|参考号|银行卡|信用卡|号码牌"
    r"|\b(?:order|reference|ref|card|account|acct|sort code|invoice|policy|case|transaction|IBAN|ID|passport|ticket)\b)"
    r"(?: (?:no|number|num))?[^\d,，。;!?\n]{0,8}$",
    re.IGNORECASE,
)
_THEIRS: Final = re.compile(
    r"(?:热线|客服|专线|总机|对方|骗子|诈骗|陌生|来电|催收|有人用|他用|她用|支行|分行|经理|行长|柜员|银行)[^\d,，。;!?\n]{0,10}$"
    r"|(?:别|不要|勿|唔好|不是)[^\d,，。;!?\n]{0,4}(?:往|打|用|回|拨|号)[^\d,，。;!?\n]{0,8}$|借[^\d,，。;!?\n]{0,8}(?:手机|电话)[^\d,，。;!?\n]{0,10}$"
    r"|(?:致电|拨打|拨了|打咗|打过|打去|打了|一打|我打|再打|[0-9一二三四五六七八九两几]次)[^\d,，。;!?\n]{0,6}$"
    r"|\b(?:I (?:\w+ )?(?:called|rang|phoned|dialled|dialed|tried)|hotline|helpline|customer services?|your (?:number|line)|scammer|caller|called (?:me )?from|call from)\b[^\d,.;!?\n]{0,24}$"
    r"|\b(?:solicitors?|lawyers?|adjuster|accountant|landlord|my (?:husband|wife|son|daughter|brother|sister|mate|friend)|trader|seller|company|firm|shop|don't (?:use|ring|call)|do not (?:use|ring|call))\b[^.;!?\n]{0,30}$"
    r"|\b(?:manager|advis[eo]r|clerk|teller|cashier|agent|rep)\b,? (?:called |named )?(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[\w'-]+,? ?$",
    re.IGNORECASE,
)
_MINE: Final = re.compile(
    r"电话(?:号码)?就是|(?:我们?|咱|本人|俺)家?(?:里|的|嘅)?(?:电话|手机|座机|固话|号码|号|联系|联络)|(?:致电|打给|拨给?|打)(?:我|本人|俺)(?=\W*$)|联系|联络|回电|覆我|打(?:给我|我|俾我|畀我)|手提|\b(?:my|me on|me at|reach me|contact|mobile|cell|tel|telephone)\b[^\d\n]{0,20}$",
    re.IGNORECASE,
)
_CALLS_ME_AFTER: Final = re.compile(
    r"^(?!\s*[^\d,，。;!?\n]{0,4}(?:别|不要|勿|不用|唔好))[^\d,，。;!?\n]{0,8}(?:打(?:给|来|电话给|电话骚扰)?我?[^\d,，。;!?\n]{0,4}|骚扰|催收|是假|诈骗|keeps? calling|kept calling|没人接|冇人听|打不通)",
    re.IGNORECASE,
)
_HOTLINE: Final = re.compile(r"^(?:400|800|95\d{3}$|12\d{3}$|1010|0800|0345|0330)")
_DUE_TO_ME: Final = re.compile(r"^[^\d,，。;!?\n]{0,6}(?:打|call)\s*(?:给我|我|me)", re.IGNORECASE)


def contacts_in(
    text: str | Plain, *, language: Language | None = None, region: str = "CN", asked: bool = False
) -> tuple[Found[str], ...]:
    """Every address and number the customer gives as their own, in the order of the text, each once.

    A landline without its area code, given when a contact was asked for, has no value: the words are kept.
    """
    read = plain(text)
    found = [*_emails(read), *_phones(read, language, region)]
    local = _LANDLINE.search(read.plain) if not found and region == "CN" else None
    if local is not None and (asked or _LABELLED.search(local[0])):
        return (Found(None, read.own[slice(*local.span())].strip(), local.start()),)
    once: dict[str | None, Found[str]] = {}
    for contact in sorted(found, key=lambda contact: contact.start):
        once.setdefault(contact.value, contact)
    return tuple(once.values())


_FAR: Final = 80
"""Characters between a number told in the story and one that a letter is signed with."""
_ANSWER_THERE: Final = re.compile(
    r"(?:联系|联络|回复|回覆|回电|发到|发至|邮箱|电邮|打给我|找我|覆我)[^\d@。;\n]{0,12}$|\b(?:reply|reach me|contact me|e-?mail(?: me)?|write to me|text me|call me|ring me|get me)\b[^\d@.;\n]{0,24}$",
    re.IGNORECASE,
)


def contact_in(
    text: str | Plain, *, language: Language | None = None, region: str = "CN", asked: bool = False
) -> Found[str] | None:
    """The one to answer to: the first, unless another is given for the answer, or stands alone at the end."""
    read = plain(text)
    found = contacts_in(read, language=language, region=region, asked=asked)
    if len(found) < 2:
        return found[0] if found else None
    given = [one for one in found if _ANSWER_THERE.search(read.plain[max(0, one.start - 40) : one.start])]
    if given:
        return given[0]
    last = found[-1]
    return last if last.start - found[-2].start > _FAR else found[0]


_NEARLY: Final = re.compile(r"(?<![\w.*#@/$£€¥-])\+?\(?\d(?:[ .()-]{0,2}\d){5,14}(?![\w*%]|[.,]\d|-\d)", re.ASCII)
_MONEY_AFTER: Final = re.compile(r"\s*(?:元|块|万|千|百|蚊|港|美|人民币|台币|dollars?|pounds?|quid)", re.IGNORECASE)


def nearly_a_number(text: str | Plain) -> str | None:
    """Digits that were given as a telephone number and cannot be one: a digit too many or too few; in the customer's words."""
    read = plain(text)
    for match in _NEARLY.finditer(read.plain):
        start, end = match.span()
        date = _DATE.fullmatch(match[0]) is not None
        if date or _MONEY_AFTER.match(read.plain, end) or not _is_own(read.plain, start, end):
            continue
        return read.own[start:end].strip()
    return None


_EMERGENCY: Final = re.compile(
    r"(?:打|拨|叫|报|call|dial|ring|phone)(?:个|咗|了|过|紧|ed|ing|d)?\s?(?P<number>(?:1(?:10|12|19|20)|9(?:99|11)|[幺一][幺一二][零〇九]|九九九)(?![\d零〇一二三四五六七八九十百千万次蚊块元遍%.]))",
    re.IGNORECASE,
)


def number_spans(text: str | Plain) -> tuple[Span, ...]:
    """Places of addresses and long numbers of any kind: whatever they are, they are no money and no day."""
    read = plain(text).plain
    written = tuple(
        match.span() for pattern in (_EMAIL, _DIGITS, _SPELLED, _GROUPED) for match in pattern.finditer(read)
    )
    emergency = tuple(match.span("number") for match in _EMERGENCY.finditer(read))
    return (*written, *emergency, *(span for said in (emails_said, numbers_said) for span, _ in said(read)))


def _emails(read: Plain) -> list[Found[str]]:
    return [
        Found(match[0].lower(), read.own[slice(*match.span())], match.start())
        for match in _EMAIL.finditer(read.plain)
        if ".." not in match[0]
    ] + [Found(address, read.own[slice(*span)], span[0]) for span, address in emails_said(read.plain)]


def _phones(read: Plain, language: Language | None, region: str) -> list[Found[str]]:
    place = region_of(read, language, region)
    emails = tuple(match.span() for match in _EMAIL.finditer(read.plain))
    phones = []
    candidates = [match for form in (_DIGITS, _SPELLED, _GROUPED) for match in form.finditer(read.plain)]
    for match in candidates[:MOST]:
        start, end = match.span()
        if overlaps(start, end, emails) or not _is_own(read.plain, start, end):
            continue
        digits = "".join(str(DIGITS.get(char, char)) for char in match[0])
        digits = digits.replace(match["stop"], "") if match.re is _GROUPED else digits
        number = _e164(digits, language, place, spelled=match[0][0] in DIGITS)
        if number is not None:
            phones.append(Found(number, read.own[start:end], start))
    for (start, end), digits in numbers_said(read.plain):
        if _is_own(read.plain, start, end) and (number := _e164(digits, language, place, spelled=False)):
            phones.append(Found(number, read.own[start:end], start))
    return phones


def _is_own(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 40) : start], text[end : end + 20]
    if _OTHER_NUMBER.search(before):
        return False
    mine = _MINE.search(re.split(r"[,，。;!?\n]", before)[-1])
    if _THEIRS.search(before) and not mine:
        return False
    return not _CALLS_ME_AFTER.search(after) or bool(mine) or bool(_DUE_TO_ME.search(after) and "一直" not in after)


def _e164(said: str, language: Language | None, place: str, *, spelled: bool) -> str | None:
    digits = re.sub(r"\D", "", said)
    if said.lstrip().startswith("+") or (digits.startswith("00") and len(digits) > 11):
        return _known("+" + digits.removeprefix("00"), "ZZ", possible=True)
    if _HOTLINE.match(digits) or _DATE.fullmatch(said) or len(set(digits)) == 1:
        return None
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits):
        return "+86" + digits[-11:]
    if spelled and _TAIWAN_MOBILE.fullmatch(digits):
        return _known(digits, "TW")  # nobody else's numbers look like these
    if spelled:  # dictated: a mobile number as it is written there
        home = {"HK": r"[2-9]\d{7}", "TW": r"0\d{8,9}"}.get(place, "")
        return _known(digits, place) if re.fullmatch(home, digits) else None
    if re.fullmatch(r"852[2-9]\d{7}|8869\d{8}", digits):
        return _known("+" + digits, "ZZ")
    return next(
        (
            known
            for region in _regions(digits, language, place)
            if not (region == "GB" and digits.startswith("07") and len(digits) != _BRITISH_MOBILE)
            and (known := _known(digits, region, possible=region in ("GB", "HK")))
        ),
        None,
    )


_TAIWAN_MOBILE: Final = re.compile(r"09\d{8}")
_BRITISH_MOBILE: Final = 11
"""Digits; a shorter number that begins like one is possible to telephone tables and reaches nobody."""
_EIGHT_OR_ZERO: Final = {"SG": r"[3689]\d{7}", "MO": r"[268]\d{7}", "IE": r"0[1-9]\d{7,9}"}
"""Where numbers look like those of Hong Kong or Britain, the place decides."""


def _regions(digits: str, language: Language | None, place: str) -> list[str]:
    """The regions whose numbers look like this, likeliest first."""
    regions: list[str] = []
    if place in _EIGHT_OR_ZERO and re.fullmatch(_EIGHT_OR_ZERO[place], digits):
        regions.append(place)
    if _TAIWAN_MOBILE.fullmatch(digits):
        regions.append("TW")
    if re.fullmatch(r"[2-9]\d{7}", digits) and (place == "HK" or language in (Language.HANT, Language.EN)):
        regions.append("HK")
    if re.fullmatch(r"07\d{9}", digits) and (place == "GB" or language is not Language.HANS):
        regions.append("GB")
    if re.fullmatch(r"0[1-9]\d{7,9}", digits) and (place == "TW" or (language is Language.HANT and len(digits) <= 10)):
        regions.append("TW")
    if re.fullmatch(r"0[1-9]\d{8,10}", digits) and place == "CN":
        regions.append("CN")
    if re.fullmatch(r"1?[2-9]\d\d[2-9]\d{6}", digits) and (place == "US" or language is Language.EN):
        regions.append("US")
    if place in ("GB", "SG", "MO", "JP", "AU", "DE") and (digits.startswith("0") or place in ("SG", "MO")):
        regions.append(place)
    return regions


def _known(number: str, region: str, *, possible: bool = False) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    good = phonenumbers.is_valid_number(parsed) or (possible and phonenumbers.is_possible_number(parsed))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if good else None
