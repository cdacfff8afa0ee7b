"""Every place where a name may stand, whosever it is: 蔡水木, 上官女士, "Rosalind Tye", "terrell o", 依林・馬卡魯.

Generous on purpose: what is not found here can't be chosen. Han names begin with a surname and end or begin where a clause does, or
stand beside a word that names (叫, 我是, 本人, 先生); names in Latin letters are runs of words with capitals, or words that are known as given
names.
Not here: which of them is the writer's, or none (weighed_names.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dialogue.understanding.english_names import capitals
from dialogue.understanding.given_names import is_given, is_ordinary
from dialogue.understanding.han_names import AT_AN_OFFICE
from dialogue.understanding.people import COMPOUND, STOP_WORDS, SURNAMES
from dialogue.understanding.plain import Plain


@dataclass(slots=True)
class NameCandidate:
    """A name and where it stands in the text; `words` are what a rule read it from, if one did."""

    start: int
    end: int
    value: str
    words: str = ""


_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff](?:[\u3400-\u9fff·•・‧]*[\u3400-\u9fff])?")
_NEVER: Final = frozenset(
    "我你您他她它的了是在就都不没吗呢吧啊呀嘅咗系喺啦喇嘛跟被把给让这那啲哋佢嗰𠮶冇唔呃嗯哦欸齁去个哈咧嘞呗噻说话问还也很太再又才只但和或与从向对为因等过着到来上下里后前时候会能要想叫做打卡钱账户单元块万千百二两四五六七八九十号日天退扣收付款费"
)
"""Characters that stand in no given name, or so seldom that it is not worth looking."""
_SURNAME: Final = re.compile(f"{COMPOUND}|[{SURNAMES}㐱农罗阴]")
_AFTER_WORD: Final = re.compile(
    r"叫做?|叫作|名叫|(?<![但可总老还])是|系|姓名?|名字?|本人|我(?!们)|俺|阮|小弟|在下|鄙人|客户|用户|储户|家长|代表|持有人|持卡人|户主|业主|主任|老师|教师|经理|干事|负责人|店主|老板娘?|会计|财务|法人|找|联系|联络|人|者"
)
_BEFORE_WORD: Final = re.compile(
    r"本人|先生|女士|小姐|太太|老师|师傅|阿姨|就是我|就系我|敬上|谨上|谨启|敬启|上$|反映|投诉|申诉|电话|手机|手提|身份证|今年|现年|我|你|在|要|想|于|因|来|把|这|不|的|嘅|啦|啊|呀"
)
_TITLED: Final = re.compile(
    rf"(?:{COMPOUND}|[{SURNAMES}阴])(?:先生|女士|小姐|太太|老师|师傅|阿姨|大爷|大妈|伯伯|婆婆|[生太姨叔伯婶姐哥](?![\u4e00-\u9fff]))"
)
_SURNAME_ALONE: Final = re.compile(rf"姓(?!名)(?P<name>{COMPOUND}|[\u3400-\u9fff])")
_NICKNAME: Final = re.compile(
    r"(?<![\u4e00-\u9fff])[小阿老][\u4e00-\u9fff](?![\u4e00-\u9fff])|(?<=叫)[小阿老][\u4e00-\u9fff]"
)
_LABELLED: Final = re.compile(
    r"(?:姓名|称呼|名字|人|者|客户|署名|落款)(?:\([^)\n]{0,6}\))?[:：】\]】] {0,2}(?P<name>[\u3400-\u9fff]{2,4}(?![\u3400-\u9fff·•・‧])|[\u3400-\u9fff]{1,8}[·•・‧][\u3400-\u9fff·•・‧]{1,12})"
)

_LETTER = r"[A-Za-z\u00c0-\u024f]"
_CAPITALISED = rf"(?:[A-Z\u00c0-\u00de]\.|(?:Mr|Mrs|Ms|Mdm|Dr|Prof|Rev|Capt|Sgt|Lt|Cdr|Col|Maj|St)\.|[A-Z\u00c0-\u00de]{_LETTER}*(?:['’-]{_LETTER}+)*)"
_PARTICLE = r"(?:van|der|den|de|la|le|du|da|dos|von|binte|binti|bin|bte|al|el|ap|ab|d/o|s/o|Ní|Ó)"
_CAPITAL_RUN: Final = re.compile(
    rf"(?<![\w'’@./-]){_CAPITALISED}(?: (?:{_CAPITALISED}|{_PARTICLE}(?= {_CAPITALISED}| {_PARTICLE}))){{0,5}}(?![\w@])"
)
_SMALL_WORD: Final = re.compile(r"(?<![\w'’@./-])[a-z\u00df-\u024f]{2,14}(?:['’-][a-z]+)?(?![\w@]|\.\w)")
_TITLES: Final = frozenset("mr mrs ms miss mdm madam dr prof rev sir capt major lt cdr fr mx".split())  # noqa: SIM905
_BLACKED_OUT: Final = re.compile(r"x{2,}")
_LONGEST_LATIN: Final = 5


def places_of_names(read: Plain) -> Iterator[NameCandidate]:
    """All places, in no order; several may be the same name, or parts of one another."""
    text = read.plain
    if not text.isascii():
        for start, end in set(_han_spans(text)):
            yield NameCandidate(start, end, "".join(read.own[start:end].split()))
    for start, end in set(_latin_spans(text)):
        yield NameCandidate(start, end, capitals(read.own[start:end]))
    yield from _joined(read)


def _han_spans(text: str) -> Iterator[tuple[int, int]]:
    told = "".join(match["name"] for match in _SURNAME_ALONE.finditer(text) if len(match["name"]) == 1)
    surnames = re.compile(f"{_SURNAME.pattern}|[{told}]") if told.strip(SURNAMES) else _SURNAME
    for run in _HAN_RUN.finditer(text):
        start, end = run.span()
        starts = {start, *(match.end() for match in _AFTER_WORD.finditer(text, start, end))}
        ends = {end, *(match.start() for match in _BEFORE_WORD.finditer(text, start, end))}
        for begin in starts:
            surname = surnames.match(text, begin, end)
            if surname is None or (text[begin] == text[begin + 1 : begin + 2] and text[begin - 1 : begin] == "姓"):
                continue
            for stop in range(surname.end() + 1, min(surname.end() + 3, end) + 1):
                if _may_be_given(text, surname.end(), stop) and (stop - surname.end() < 3 or stop in ends):
                    yield begin, stop
        for stop in ends:
            for begin in range(max(start, stop - 4), stop - 1):
                surname = surnames.match(text, begin, stop)
                if surname and 1 <= stop - surname.end() <= 2 and _may_be_given(text, surname.end(), stop):
                    yield begin, stop
        if "·" in run[0] or "・" in run[0] or "•" in run[0] or "‧" in run[0]:
            yield start, end
    for form in (_TITLED, _NICKNAME):
        for match in form.finditer(text):
            yield match.span()
    for form in (_SURNAME_ALONE, _LABELLED, _CALLED, _SIGNED):
        for match in form.finditer(text):
            if form is _SURNAME_ALONE and AT_AN_OFFICE.match(text, match.end()):
                continue
            if form in _BARE and not _may_be_given(text, match.start("name") + 1, match.end("name")):
                continue  # 两千整, 唔想講 before a number
            yield match.span("name")


def _may_be_given(text: str, start: int, stop: int) -> bool:
    return not any(char in _NEVER or not "\u3400" <= char <= "\u9fff" for char in text[start:stop])


_SPACED: Final = re.compile(
    r"(?<![\u3400-\u9fff])[\u3400-\u9fff](?: [\u3400-\u9fff]){1,3}(?![\u3400-\u9fff])"
)  # 侯 金 贵
_CALLED: Final = re.compile(r"(?:叫做?|姓名|名字)[:：是 ]{0,2}(?P<name>[\u3400-\u9fff]{2,3})(?![\u3400-\u9fff])")
_SIGNED: Final = re.compile(
    r"(?:^|[\n。！？!? 　])(?P<name>[\u3400-\u9fff]{2,3})(?=[ ,，]{0,2}(?:[\d+]|[\w.]+@)|\W*\Z)"
)
_BARE: Final = (_CALLED, _SIGNED)
"""Forms that take any characters that stand so."""
_TURNED: Final = re.compile(
    rf"(?<![A-Za-z\u00c0-\u024f'’-])(?P<last>{_CAPITALISED}), (?P<first>{_CAPITALISED})(?=\W*(?:\n|\Z|\d))"
)  # McIlwaine, Tony
_FIRST: Final = re.compile(
    rf"\b(?:first|given|fore|christian) ?names?(?:\(s\))?(?:'s| is)?[:,]? {{0,2}}(?P<name>{_LETTER}[\w'-]+)",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    rf"\b(?:last|sur|family|second) ?name(?:'s| is)?[:,]? {{0,2}}(?P<name>{_LETTER}[\w'-]+)", re.IGNORECASE
)
_LAST_WORD: Final = re.compile(r"(?<![\w'’@./-])[a-z]{2,12}(?=[\s.!x]*\Z|[,.]? *\d{4,}|\n)")


def _joined(read: Plain) -> Iterator[NameCandidate]:
    """Names in two parts, or with blanks in between: "Surname: Babbage" beside "Forename: Colin", 侯 金 贵."""
    text = read.plain
    for match in _SPACED.finditer(text):
        if _SURNAME.match(match[0]):
            yield NameCandidate(*match.span(), "".join(read.own[slice(*match.span())].split()))
    for match in _TURNED.finditer(text):
        yield NameCandidate(*match.span(), f"{match['first']} {match['last']}")
    first, last = _FIRST.search(text), _LAST.search(text)
    if first and last:
        start, end = min(first.start("name"), last.start("name")), max(first.end(), last.end())
        yield NameCandidate(start, end, f"{capitals(first['name'])} {capitals(last['name'])}")
    elif last and (named := _NAME_BEFORE.search(text, 0, last.start())) and last.start() - named.end() < _NEAR:
        yield NameCandidate(named.start("name"), last.end(), f"{capitals(named['name'])} {capitals(last['name'])}")


_NAME_BEFORE: Final = re.compile(rf"\bname(?:'s| is)?:? (?P<name>{_LETTER}[\w'-]+)", re.IGNORECASE)
_NEAR: Final = 40
"""Characters between a first name and "last name …"."""


def _latin_spans(text: str) -> Iterator[tuple[int, int]]:
    for run in _CAPITAL_RUN.finditer(text):
        words = [(run.start() + word.start(), run.start() + word.end()) for word in re.finditer(r"\S+", run[0])]
        said = [text[start:end].lower().strip(".,") for start, end in words]
        first = next((at for at, word in enumerate(said) if word not in STOP_WORDS), len(words))
        last = first
        while last < len(words) and (said[last] not in STOP_WORDS or len(said[last]) == 1):
            last += 1
        titles = [at for at in range(first, last) if said[at] in _TITLES]
        for begin in {*range(first, min(first + 2, last)), *titles}:
            for stop in range(begin + 1, min(last, begin + _LONGEST_LATIN) + 1):
                if (
                    stop < last
                    and stop - begin > 1
                    and not (len(said[stop]) == 1 or text[words[stop - 1][1] - 1] == ".")
                ):
                    continue  # a name in the middle of a run of capitals is no name; what letters spell is no part of it
                if _BLACKED_OUT.match(said[begin]):
                    continue
                if stop - begin == 1 and (
                    said[begin] in _TITLES or len(said[begin]) < 2 or (stop < last and begin == first)
                ):
                    continue
                end = words[stop - 1][1]
                if text[end - 1] == "." and end - words[stop - 1][0] > 2:
                    end -= 1
                yield words[begin][0], end
    small = list(_SMALL_WORD.finditer(text))
    for place, word in enumerate(small):
        given = is_given(word[0])
        if not given and (
            place + 1 == len(small)
            or is_ordinary(word[0])
            or not _goes_on(text, word, small[place + 1])
            or is_ordinary(small[place + 1][0])
        ):
            continue
        if given:
            yield word.span()
        stop = word.end()
        for further in small[place + 1 : place + 3]:
            if text[stop : further.start()] != " " or (further[0] in STOP_WORDS and len(further[0]) > 1):
                break
            stop = further.end()
            yield word.start(), stop
    for match in _LAST_WORD.finditer(text):
        if not is_ordinary(match[0]):
            yield match.span()


def _goes_on(text: str, word: re.Match[str], further: re.Match[str]) -> bool:
    return text[word.end() : further.start()] == " "
