"""What a complaint is about, or what is wanted, said instead of what stands on record: "app. not branch", 退不退无所谓，主要是….

A subject is another where what stands there is denied, or where the words say that the complaint is about something. A wish is another
where the one on record is waved aside, and what is left of the message is wanted.

Not here: branches and products by their names (abouts.py), wishes by their verbs (wishes.py), which messages are looked at
(dialogue/amending.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from dialogue.understanding.abouts import about_in
from dialogue.understanding.plain import plain, tidy

LONGEST: Final = 60
"""Characters of a subject."""

_SHORT: Final = 160
_JOINT: Final = " · "
_HAN_PART: Final = re.compile(r"[\u3400-\u9fff]{2}")
_WORD: Final = re.compile(r"[a-z]{3,}")
_NO_SUBJECT: Final = frozenset(
    [
        "is",
        "it's",
        "that",
        "it",
        "this",
        "what",
        "which",
        "my",
        "wish",
        "his",
        "hers",
        "mine",
        "that",
        "one",
        "the",
        "one",
    ]
)
_EMPTY: Final = frozenset(
    [
        "the",
        "and",
        "not",
        "was",
        "for",
        "from",
        "your",
        "you",
        "that",
        "this",
        "with",
        "fee",
        "account",
        "branch",
        "bank",
    ]
)

_COMPLAINS_OF: Final = re.compile(
    r"(?:投诉|告|抱怨|反映|客诉|针对)(?:的|嘅)(?:对象|重点|人)?(?:其实|应该|根本|就)?(?:是|系)(?P<han>[^，,。；;!！?？\n]{2,40})"
    r"|(?:主题|对象|产品|名目|名称|叫法|重点)[^，,。是系改换写\n]{0,4}(?:改成|改为|改做|换成|应该是|应为|写成)(?P<topic>[^，,。；;!！?？\n]{2,40})"
    r"|(?:买|办|开|存|借|用|扣|收|叫)(?:的|嘅)(?:其实|应该)?(?:是|系)(?P<bought>[^，,。；;!！?？\n]{2,40})|\bwrong (?:branch|product|account|card|place|town|one)\W+(?:it's |it was |should be |it should be )?(?P<wrong>[^,.;!?\n]{3,40})|\b(?:what )?i(?:'m| am|'ve been)? (?:really |actually |only )?(?:complain\w*|moaning|on|cross|angry) (?:about|of)(?: here)? (?:is|was) (?P<en>[^.;!?\n]{3,90})"
    r"|\b(?:my|the) (?:complaint|grievance|gripe|problem)(?:'s| is| was)(?: really| actually| only)? (?:about|with|against) (?P<it>[^,.;!?\n]{3,60})"
    r"|\byou want (?P<want>[^,.;!?\n]{3,40}) in there\b|\b(?:call it|substitute|put (?:it )?down as|should (?:be|say|read)) ['\"]?(?P<called>[a-z][^,.;!?'\"\n]{2,40})",
    re.IGNORECASE,
)
_DENIED_FIRST: Final = re.compile(
    r"(?:不是|唔系|不系|(?:不|唔)叫|没有?去|冇去|(?:不|唔)关|跟|和|与)(?:在|喺|去|到)?(?P<no>[^，,。；;!！\n]{1,16})[，,。；;!！\s]+(?:而)?(?P<it>[^。；;!！\n]{2,40})"
    r"|\b(?:not|never|n't|no)\b(?P<no_en>[^,.;!?\n]{2,50}?)(?:[,.;!?-]+\s*)(?:but |rather |it's |it is |it was |that was |this was |is |was |all |done |i was |actually )+(?P<it_en>[^,.;!?\n]{2,60})"
    r"|(?:^|[.!?]\s*)(?P<no_q>[^,.;!?\n]{3,30})\?+ (?:[^?\n]{0,60}?)\b(?:it's|it was|it is|that was) (?P<it_q>[^,.;!?\n]{3,40})",
    re.IGNORECASE,
)
_DENIED_LAST: Final = re.compile(
    r"(?:^|[，,。；;!！\s])(?:是|系|喺|在)?(?P<it>[^，,。；;!！\s]{2,20})[，,。；;!！\s]*(?:而)?(?:不是|唔系|不系)(?:在|喺)?(?P<no>[^，,。；;!！\n]{2,12})"
    r"|(?:^|[,.;!?]\s*)(?:it was |it's |it is |at |the |in |that was )*(?P<it_en>[A-Za-z][^,.;!?\n]{1,40}?)[,.;]? (?:and )?(?:not|rather than|instead of) (?:the |a |an |in |at |your )*(?P<no_en>[^,.;!?\n]{3,40})",
    re.IGNORECASE,
)
_STRIP_EN: Final = re.compile(
    r"^(?:(?:all|done|the|a|an|in|at|over|on|by|through|via|them|about|was|is|it's|it was)\s+)+", re.IGNORECASE
)
_CUT_EN: Final = re.compile(r" (?:with|that|who|which|where|because|when|by the|as|so|makes)\b.*$", re.IGNORECASE)
_STRIP_HAN: Final = re.compile(
    r"^(?:而?(?:是|系)|喺|在|张|嗰个|那个|这个|你们|你哋|我|买的|办的|用|单|月结单|上面?|写(?:住|着)?|叫|其实|应该)+"
)


def subject_put_right(text: str, known: str) -> str | None:
    """What it is about instead of what is known, or None where nothing of that is denied."""
    read = plain(text)
    if len(text) > _SHORT:
        return None
    if match := _COMPLAINS_OF.search(read.plain):
        name = next(name for name, said in match.groupdict().items() if said)
        return _trimmed(read.own[match.start(name) : match.end(name)], whole=name in ("en", "han"))
    for pattern in (_DENIED_LAST, _DENIED_FIRST):
        for match in pattern.finditer(read.plain):
            groups = {name: match.span(name) for name, said in match.groupdict().items() if said}
            no = next(read.plain[slice(*span)] for name, span in groups.items() if name.startswith("no"))
            it = next(read.own[slice(*span)] for name, span in groups.items() if name.startswith("it"))
            named = about_in(it)
            if _shares(no, plain(known).plain) or (named is not None and about_in(no) is not None):
                value = named.value if named is not None and named.value else _trimmed(it)
                return _with_part(known, no, value) if value and value not in known else None
    return None


def _trimmed(said: str, *, whole: bool = False) -> str | None:
    said = tidy(said)
    said = _STRIP_HAN.sub("", said) if not said.isascii() else _STRIP_EN.sub("", said)
    value = tidy(said if whole else _CUT_EN.sub("", said))
    if value.lower() in _NO_SUBJECT or not re.search(r"[^\W\d_]{2}", value):
        return None
    return value if 2 <= len(value) <= LONGEST else value[:LONGEST] or None


def _shares(denied: str, known: str) -> bool:
    """Whether it denies something of what is known: a word of it, or two characters."""
    words = set(_WORD.findall(known.lower())) - (_EMPTY - {"branch", "fee", "account"})
    if words & set(_WORD.findall(denied.lower())):
        return True
    return any(known[place : place + 2] in denied for place in range(len(known) - 1) if _HAN_PART.match(known, place))


def _with_part(known: str, denied: str, value: str | None) -> str | None:
    parts = known.split(_JOINT)
    touched = [place for place, part in enumerate(parts) if _shares(denied, plain(part).plain)]
    if len(touched) != 1 or len(parts) == 1 or value is None:
        return value
    return _JOINT.join([*parts[: touched[0]], value, *parts[touched[0] + 1 :]])


_ASIDE_HAN: Final = re.compile(
    r"[^，,。；;!！\n]*(?:退|钱|费|赔|数|[\d一二三四五六七八九十百千](?:多|几)?(?:元|块|蚊))[^，,。；;!！\n]*?(?:次要|无所谓|冇所谓|没差|冇差|算数|随便|随意|是但|另说|另计|再说|小事|不要(?:了|啦)?|唔要(?:喇|啦)?|不至于|食咗|唔紧要|不重要|唔重要|不打紧|不在乎|不计较|不稀罕|都行|都得|都好|不是重点|唔系重点|其次|附带|免了|罢了)[^，,。；;!！\n]*"
    r"|[^，,。；;!！\n]*(?:费事|不用|不要|唔使|唔要|不必|用不着)[^，,。；;!！\n]{0,8}(?:退|赔|钱)[^，,。；;!！\n]*"
)
_LEAD_HAN: Final = re.compile(
    r"^(?:[，,。；;!！\s]|但(?:是|系)?|不过|而是|就是|主要(?:是|系)?|重点(?:是|系)?|关键(?:是|系)?|最(?:要)?紧要(?:的|嘅)?(?:是|系)?|最重要(?:的)?(?:是|系)?|(?:我|俺)?(?:要|想要)(?:的|嘅)(?:是|系)|折返|换成|改成|改为)+"
)
_TAIL_HAN: Final = re.compile(
    r"[，,。；;]?(?:这|呢|咁)(?:个)?(?:才|先)(?:是|系)(?:我)?(?:要|想)[^，,。\n]{0,4}$|[。！!，,\s]+$"
)
_BESIDES: Final = re.compile(
    r"(?:除了?|除咗)[^，,。；;\n]{1,14}(?:之?外|以外)?[，,](?P<one>[^。；;!！\n]{3,60})|[^，,。；;\n]{1,14}(?:之外|以外)[，,](?P<two>[^。；;!！\n]{3,60})"
)
_NO_RECORD: Final = re.compile(r"[，,?？]?(?:这个|呢个|呢样|这)?(?:也|都|埋)?(?:写|记|加)(?:进去|上|落去|埋)?[。!！]?$")
_ASIDE_EN: Final = re.compile(
    r"[^,.;!?\n]*\b(?:refund|money|fee|cash|compensation|it)\b[^,.;!?\n]*?(?:neither here nor there|(?:doesn't|does not|don't|isn't) (?:really )?(?:matter|the point|important|bother me)|not (?:the point|bothered|important|fussed)|secondary|immaterial)[^,.;!?\n]*"
    r"|[^,.;!?\n]*\b(?:don't|do not|dont|no longer|not|never|couldn't|stop) (?:really |even |actually )?(?:want|need|care|after|bothered|fussed|wanting|mind|chasing)\b[^,.;!?\n]*?\b(?:refund|money|fee|it|cash|compensation|back)\b[^,.;!?\n]*"
    r"|[^,.;!?\n]*\b(?:never mind|forget|keep|scrub|scrap|stuff|sod|drop|skip) (?:about )?(?:the|your|that|any) (?:refund|money|fee|cash|compensation)\b[^,.;!?\n]*",
    re.IGNORECASE,
)
_LEAD_EN: Final = re.compile(
    r"^(?:[\s,.;!-]|\b(?:but|and|so|just|instead|now|what i(?:'m| am)? (?:want\w*|after)(?: is)?|i (?:only |just )?want|i(?:'d| would) like)\b)+",
    re.IGNORECASE,
)
_RATHER: Final = re.compile(
    r"\b(?:i'd|i would|we'd|we would) (?:much |far )?(?:rather|sooner|prefer)(?: that| to| have)?(?P<it> [^.;!?\n]{6,90})",
    re.IGNORECASE,
)
_THAN: Final = re.compile(r" (?:than|instead of|to getting) .*$|, (?:he|she|it|they)'?s? .*$", re.IGNORECASE)
_WOULD_DO: Final = re.compile(
    r"(?P<it>(?:half|part|some|an?|the|just|only|even)\b[^,.;!?\n]{2,60}?) (?:would|will|'ll|'d) (?:do|suit|be (?:enough|plenty|fine))\b",
    re.IGNORECASE,
)
_PLUS: Final = re.compile(
    r"\b(?:fee|refund|money|it|back)\b[^,.;!?\n]{0,20}? (?:plus|as well as|together with|along with|and also) (?P<more>[^,.;!?\n]{3,60})",
    re.IGNORECASE,
)


@lru_cache(maxsize=128)
def wish_put_right(text: str, known: str) -> str | None:
    """What is wanted instead of what is known or on top of it, or None where nothing says so."""
    read = plain(text)
    if len(text) > _SHORT:
        return None
    if match := _BESIDES.search(read.plain):
        name = "one" if match["one"] else "two"
        more = _NO_RECORD.sub("", read.own[match.start(name) : match.end(name)])
        return f"{known}；{tidy(more)}"
    if match := _PLUS.search(read.own):
        return f"{known} plus {tidy(match['more'])}"
    if match := _RATHER.search(read.own):
        return tidy(_THAN.sub("", match["it"]))
    if match := _WOULD_DO.search(read.own):
        return tidy(match["it"])
    return _beside(read.own, read.plain)


def _beside(own: str, text: str) -> str | None:
    """What is left of the message once the wish on record is waved aside."""
    han = not text.isascii() and _HAN_PART.search(text) is not None
    aside = (_ASIDE_HAN if han else _ASIDE_EN).search(text)
    if aside is None:
        return None
    before, after = own[: aside.start()].strip(" ，,。"), own[aside.end() :]
    rest = after if len(tidy(after)) > 3 else before
    lead = (_LEAD_HAN if han else _LEAD_EN).match(plain(rest).plain)
    rest = rest[lead.end() :] if lead else rest
    if han and (tail := _TAIL_HAN.search(plain(rest).plain)):
        rest = rest[: tail.start()]
    rest = tidy(rest)
    return rest if len(rest) >= (4 if han else 10) else None
