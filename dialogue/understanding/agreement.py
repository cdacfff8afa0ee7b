"""Whether an answer to the read-back agrees with it, in whatever words people agree: "you've got it", 就这么着吧, 係咁上下啦.

Certain yes and no stand in signals.py and go before this. Here a text agrees if somewhere in it a word of approval stands and
nothing in it asks, denies, doubts, tells, names a figure or wants something else: who has something to put right says what.

Not here: what an agreement leads to (checking.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.terms import Terms, fold, sections

LONGEST_HAN: Final = 60
LONGEST_LATIN: Final = 120
"""Characters: who says more than this has something to add."""

_LISTS: Final = sections("dialogue.understanding", "agreement.toml")
_APPROVES: Final = Terms(_LISTS["approves"])
_HARMLESS: Final = Terms(_LISTS["harmless"])
_DOUBTS: Final = Terms(_LISTS["doubts"])
_ASKS: Final = re.compile(r"[?？]|[吗呢嘛咩]\W*\Z")
_SIGNS: Final = re.compile(
    r"\W*?(?:100 ?[%％]|[+＋]?1|[\u2705\u2714\U0001f44c\U0001f44d\U0001f4af\U0001f64f\U0001f646])++\W*+"
)
_FIGURE: Final = re.compile(r"\d")
_REST: Final = re.compile(
    r"(?:(?:对|嗯|好|ok|okay|yes|yeah|oh|well|and|那|就|but|is|是|对的|好的|係|系)[\s,，。.!]*)*(?:其[他余它]|剩下|余下|别|上面其他|all (?:the|of the) rest|the (?:rest|others?|remainder)|rest|everything else|all else|all the other (?:bits|things|details))(?:的|嘅|地方|内容|资料|项目| of (?:it|that|this))*[ ,，]?(?:就|都|也|全|全部|皆|is|'s|are|was|looks?|seems?|reads?|sounds?)*(?:没|冇|无|是|系| all| quite| just| about| still)*\s*(?:对|啱|正确|没错|冇错|错|问题|无误|可以|好|ok|得|right|correct|fine|good|okay|grand|accurate|true|perfect|as it should be|spot on|in order)(?:晒|的|嘅|了|啦|喇|呀|啊|哦|喔|吧|哈|哒|滴|㗎)*(?:[\s,，。.!~]*(?:thank(?:s| you)|ta|dear|love|mate|please|duck|pet|sir|madam|now|then|yes|谢谢|多谢|唔该|麻烦|登记|ok|对|yeah))*[\s,，。.!~]*",
    re.IGNORECASE,
)


def agreement_in(text: str) -> str | None:
    """The words of approval, or None where it is none, or not only that."""
    folded = fold(text)
    longest = LONGEST_HAN if folded.han else LONGEST_LATIN
    if len(folded.folded) > longest or _FIGURE.search(folded.folded) or _ASKS.search(folded.folded):
        return None
    return approval_in(text)


def approval_in(text: str) -> str | None:
    """As `agreement_in`, whatever figures and questions stand beside it: who recites what stands there agrees to it."""
    folded = fold(text)
    if len(text) <= LONGEST_LATIN and _SIGNS.fullmatch(text):
        return text.strip()
    approves = _HARMLESS.first(folded) or _APPROVES.first(folded)
    if approves is None:
        return None
    rest = _without(_HARMLESS, text)
    told = folded.han and tells_of_an_event(rest)  # in English "fine" is a charge as well
    return None if told or _DOUBTS.first(fold(rest)) else approves.words


def agrees_to_the_rest(text: str) -> bool:
    """ "The rest is right dear", 其餘啱: once what was wrong has been put right, all of it is agreed to."""
    return _REST.fullmatch(fold(text).folded.strip()) is not None


def approvals_end(text: str) -> int:
    """Where the last word of approval begins; -1 where there is none."""
    folded = fold(text)
    return max((hit.start for terms in (_HARMLESS, _APPROVES) for hit in terms.every(folded)), default=-1)


def without_harmless(text: str) -> str:
    """The text without words of denial that deny nothing: 没问题, "nothing to add"."""
    return _without(_HARMLESS, text)


def _without(terms: Terms, text: str) -> str:
    """The text with commas for words of denial that deny nothing: 没问题, "nothing to add"."""
    rest = text
    for hit in terms.every(fold(text)):
        rest = rest.replace(hit.words, ",", 1)
    return rest
