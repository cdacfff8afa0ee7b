"""Who signed: a name that stands by itself where a text ends, on its last lines or beside a number and an address.

"… 退了就结。鄧先生", "Compensate me. Harinder Gill, hgill@…", "永昌冶金材料 总经理 屈广林". People who write to a bank
sign as on paper, also in a chat; a name within a sentence is somebody else's until the words say otherwise (people.py).

Not here: introductions ("我叫…", "my name is"), names given as an answer (people.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.numerals import english_value
from dialogue.understanding.people import COMPOUND, NO_NAME, STOP_WORDS, SURNAMES
from dialogue.understanding.plain import Plain, Span, plain

_TAIL: Final = 160
"""Characters before the end in which a signature stands."""
_PIECES: Final = 4

_BORN: Final = re.compile(r"\b(?:DOB|born|date of birth)\b(?:[^\n.]|\.(?=\d))*|(?:出生|生日)[^\n]*", re.IGNORECASE)
_PIECE: Final = re.compile(r"[^\s。.!！?？,，;；:：()（）、|/【】\[\]《》…~-]+")
_HAN_NAME: Final = re.compile(rf"(?:{COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}}")
_HAN_TITLED: Final = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])(?:先生|女士|小姐|太太|师傅|老师|阿姨|伯|伯伯|生|太)")
_BESIDE: Final = re.compile(
    r"(?:敬上|谨上|敬启|谨启|拜上|顿首|上|启|亲笔|谨此|此致|敬礼|手机|电话|手提|邮箱|电邮|联系人?|联系电话|联络人?|微信|同号|号码|分机|内线|财务|会计|总经理|经理|法人|法定代表人|负责人|店主|客户|投诉人|申诉人|先生|女士|小姐|本人|年|月|日|\d|谢谢|多谢|唔该|感谢|就这个事|就这事|就这些|完毕|以上|(?:资金|银行|信用卡|会员|客户|证券|保单)?(?:账号|卡号|账户|户口|保单号?|尾号|尾数|编号|末四?位|后四?位|尾))++"
)
_WRITTEN_BY: Final = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:代笔|代书|代填|代写|敬上|谨上|敬启|谨启|拜上|上)$")
_HAN_WORD: Final = re.compile(  # words that begin like a name and end a text
    r"安排|包退|常有|成功|成交|成何|方案|方便|高利|关掉|关闭|管管|广告|何故|何来|何在|和好|胡[扯来说闹]|黄牛|解[冻封约除释决]|经[过手理办]|康复|空[头话]|冷[漠淡]|连[夜累]|廉价|满[意期]|毛病|明[天日白早]|宁可|平[时台]|亲自|任[性何]|时[间候]|万[一元分]|危险|文[明件]|习惯|向[上我你]|项目|幸[亏好]|严[惩查重]|应[急该当]|于[心是]|余[额下]|元[旦整]|云云|张[嘴口]|支[持行]|周[末一二三四五六日]|祝[好您你]|庄家|左[右边]|卓越|单[号子位据]|金[额卡]|利息|费[用了]|钱[呢没]|强[盗烈制]|别[了的再]|全[额部款]|许[多可]|查[清处询实]|柜[员台]|路[过上]|白[等跑扣]|红[包利]|黑[心店]|温[馨]|盛[怒]|水[平深]|马[上]|牛[的啊]|车[主贷]|房[贷]|游[戏]|通[知过]|从[来此]|曾[经]|郁[闷]|乐[意]|雷[人]|麻[烦]|花[呗的]|贺[卡]|贝[贝]|伏|双[十]|宿|段[位]|巫|井|桂|都|能|申[请诉]|易|古|冀|晁|居[然]|向"
)
_TITLE: Final = re.compile(
    r"\(?(?:mr|mrs|ms|miss|mdm|madam|dr|rev|sir|lt|cdr|capt|major|prof|fr)\b\.?\)?", re.IGNORECASE
)
_NAME_WORD: Final = re.compile(r"[A-Z\u00c0-\u00de][A-Za-z'\u2019\u00c0-\u024f-]+|[A-Z\u00c0-\u00de]\.?")
_LETTERS: Final = re.compile(r"[A-Z]{2,4}|PhD|MSc|BSc")
_BLACKED_OUT: Final = re.compile(r"X+")
_OF_A_HOUSE: Final = re.compile(
    r"'s\b|\b(?:Ltd|Limited|plc|PLC|LLP|Inc|LLC|Co|School|Primary|Academy|College|University|Hospital|Surgery|Church|Parish|Street|Road|Avenue|Lane|Close|Crescent|Court|House|Team|Department|Services|Centre|Center|Group|Association|Society|Club|Trust|Salon|Garage|Stores?|Bakery|Farm|Bank|Building|Teacher|Director|Manager|Secretary|Treasurer|Owner|Chair|Officer|Trustee)\b"
)
"""Words in the line of a firm, an address or a post beneath a name."""
_ANOTHERS: Final = re.compile(
    r"\b(?:mother|father|mum|dad|wife|husband|son|daughter|sister|brother|partner|late \w+|his|her|their|your|manager|clerk|adviser|advisor|agent|payee|seller)(?:'s)?(?: (?:first|full|real))? name(?:'s| is| was)?[,:]? *$",
    re.IGNORECASE,
)
_BETWEEN: Final = frozenset(("and", "&", "de", "da", "van", "von", "der", "den", "ter", "bin", "bint", "al", "la"))
_LINE_OR_SENTENCE: Final = re.compile(
    r"(?:[^.!?\n]|(?<=\b[A-Z])\.|(?<=\b(?:Mr|Ms|Dr|Lt))\.|(?<=\b(?:Mrs|Rev|Cdr))\.|\.(?=\w))+"
)
_CLOSED: Final = re.compile(
    r"^.{0,40}\b(?:regards|kindest|warmly|cordially|thx|rgds|thanks|sincerely|faithfully|wishes|truly|cheers|thank you|yours|signed|best)\b,?\s+(?=[A-Z])",
    re.IGNORECASE,
)
_CONTACT_WORDS: Final = re.compile(
    r"\b(?:tel(?:ephone)?|phone|mobile|mob|cell|e-?mail|ph|contact|ref|acct?)\b[ .:]*(?=\s{4}|:|\n|$)", re.IGNORECASE
)
_ROLES = r"(?:店主|老板|老板娘|法人|法定代表人|负责人|总经理|经理|财务|会计|业主|村民|教师|老师|学生|股东|掌柜)"
_I_AM_THE: Final = re.compile(
    rf"我(?:是|系)[^，,。;\n]{{0,16}}{_ROLES}(?P<name>[{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，,。;\n])"
    rf"|本人(?P<me>(?![于从在向因已曾对现经])[{SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=[于在系持是，,(（]|今年|现年|曾|因|自\d)"
    rf"|(?:联系人|联络人|姓名|投诉人|客户姓名)[:： ]{{1,3}}(?P<label>[{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，,。;\n ]|$)"
    r"|(?:联系人|联络人|姓名|Contact|Name)[:： ]{1,3}(?P<english>[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){1,3})(?=[，,。;\n]|$)"
)


def signed_names(text: str | Plain, contacts: tuple[Span, ...] = ()) -> tuple[Found[str], ...]:
    """The name the text is signed with, if any. `contacts` are places of addresses and telephone numbers."""
    read = plain(text)
    masked = _masked(read.plain, contacts)
    for found in (_said_to_be(read), _han(read, masked), _english(read, masked)):
        if found is not None and english_value(found.value or "") is None:  # "NINE HUNDRED"
            return (found,)
    return ()


def _masked(text: str, contacts: tuple[Span, ...]) -> str:
    """The text with numbers and addresses blanked out; places stay."""
    chars = list(text)
    for start, end in contacts:
        chars[start:end] = " " * (end - start)
    for pattern in (_BORN, _CONTACT_WORDS):
        for match in pattern.finditer("".join(chars)):
            chars[match.start() : match.end()] = " " * (match.end() - match.start())
    return "".join(chars)


def _said_to_be(read: Plain) -> Found[str] | None:
    for match in _I_AM_THE.finditer(read.plain):
        group = next(group for group in ("name", "me", "label", "english") if match[group])
        start, end = match.span(group)
        return Found(read.own[start:end], read.own[match.start() : end].strip(), start)
    return None


def _han(read: Plain, masked: str) -> Found[str] | None:
    pieces = list(_PIECE.finditer(masked, max(0, len(masked) - _TAIL)))
    for match in reversed(pieces[-_PIECES:]):
        words = _WRITTEN_BY.sub("", match[0])
        if _BESIDE.fullmatch(words):
            continue
        if (_HAN_NAME.fullmatch(words) and not is_a_word(words)) or _HAN_TITLED.fullmatch(words):
            if not _stands_alone(masked, match, words):
                return None
            name = read.own[match.start() : match.start() + len(words)]
            return Found(name, name, match.start())
        if len(words) > 1 and not words.isascii():
            return None
    return None


def is_a_word(words: str) -> bool:
    """Whether what reads like a name is a word: 安排, 明天."""
    return bool(NO_NAME.search(words) or _HAN_WORD.match(words))


def _stands_alone(masked: str, match: re.Match[str], words: str) -> bool:
    """Nobody signs with nothing before: a name alone is a text about it, and after a comma it belongs to the sentence."""
    before = masked[: match.start()].rstrip(" ")
    if not before.strip():
        return False
    pause = before[-1]
    return (
        pause in "。.!！?？\n;；:：)）】~…" or (len(words) == 3 and pause in ",，") or masked[match.start() - 1] == " "
    )


def _english(read: Plain, masked: str) -> Found[str] | None:
    """The last sentence or line that begins with a name and goes on with nothing but places, posts and letters after it."""
    since = max(0, len(masked) - _TAIL)
    sentences = [match for match in _LINE_OR_SENTENCE.finditer(masked, since) if match[0].strip(" ,;:()-/|")]
    for match in reversed(sentences[-_PIECES:]):
        start = match.start()
        if since and start == since:
            return None  # cut off in the middle
        if closing := _CLOSED.match(masked[start : match.end()]):
            start += closing.end()
        span = _name_at(masked[start : match.end()])
        if span is not None and _OF_A_HOUSE.search(masked[start : match.end()][slice(*span)]):
            continue
        if span is not None and _ANOTHERS.search(masked[max(0, start - 40) : start]):
            return None
        if span is not None and masked[:start].strip():
            name = read.own[start + span[0] : start + span[1]].strip(" .,()")
            return Found(name, name, start + span[0])
    return None


def _name_at(sentence: str) -> Span | None:
    """Where the name stands in a sentence that is one."""
    words = list(re.finditer(r"\S+", sentence))
    first = next((at for at, word in enumerate(words) if not _TITLE.fullmatch(word[0].strip("(),"))), len(words))
    last = first
    while last < len(words):
        word = words[last][0].rstrip(",;:)")
        joins = word in _BETWEEN and last > first
        if _BLACKED_OUT.fullmatch(word):
            return None
        if not joins and (not _NAME_WORD.fullmatch(word) or word.strip(".").lower() in STOP_WORDS):
            break
        last += 1
        if words[last - 1][0][-1] in ",;:)":
            break
    rest = [word[0].strip("(),.;:/|-") for word in words[last:]]
    if any(word and word[0].islower() and word not in ("of", "and", "the", "retd") for word in rest):
        return None
    while last - first > 2 and _LETTERS.fullmatch(words[last - 1][0].strip(".,")) and not words[last - 2][0].isupper():
        last -= 1  # "P. J. Ormerod RN"
    count, least = last - first, 1 if first else 2
    if not least <= count <= 6 or all(len(word[0].strip(".,")) == 1 for word in words[first:last]):
        return None
    keeps_title = first > 0 and count == 1
    return words[0 if keeps_title else first].start(), words[last - 1].end()
