"""What a message is at all: a complaint, an enquiry, thanks, something unsolicited, or unclear.

A lost complaint is worse than a needless case, so words of complaint win over everything but a plain advertisement; and a
message is unsolicited only where it says so and speaks of no dealings with the house: doubtful ones are unclear, which a person sees.

Not here: what kind of complaint (triage.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from case_store.records import MessageKind, Opinion
from dialogue.understanding.classifier import is_complaint
from dialogue.understanding.terms import Folded, Hit, fold, lists

_LISTS: Final = lists("kinds")
_ADVERTISES: Final = (
    2  # signs of advertising that outweigh words of complaint, where nothing speaks of the writer's own dealings
)


_CLAUSES: Final = re.compile(r"[^,，。;；.!！\n?？]{1,400}[?？]?")
_QUESTION: Final = re.compile(r"[?？吗呢]\s*$|几多|多少|几时|什么时候|怎么办理")
_OWN_EVENT: Final = re.compile(
    r"我[^,，。?？\n]{0,12}(?:了|被|咗)|(?:怎么|为什么|为何|点解)[^,，。?？\n]{0,16}[了咗]|\bmy\b[^,.?\n]{0,40}\b(?:was|were|has|had|went|got|did|didn't|hasn't)\b|\byou\b[^,.?\n]{0,40}ed (?:my|me|our|us)\b|\bwhy\b"
)
_BUT: Final = re.compile(r"但|不过|可是|结果|却|\b(?:but|until|except|however|though|yet|then)\b")
_ASIDE_HAN: Final = 6
_ASIDE_LATIN: Final = 24
"""Characters of a clause beside a question that may mean nothing: "没出什么事", "nothing happened"."""

_DOUBTFUL: Final = (MessageKind.UNCLEAR, MessageKind.ENQUIRY)
_ENOUGH_HAN: Final = 12
_ENOUGH_LATIN: Final = 30
"""Characters from which the wording as a whole says something."""

_STORY_HAN: Final = 50
_STORY_LATIN: Final = 120
_TOLD_HAN: Final = 7
_TOLD_LATIN: Final = 20
"""Characters: whoever writes so much about an account, asks nothing and advertises nothing, has something to complain of."""


def kind_of(text: str, *, subject: str | None = None, has_facts: bool = False) -> Opinion:
    """The kind with its reason. `has_facts` says that an amount, a date or what is wanted was read from the text.

    What no list takes for a complaint is one all the same where its wording as a whole is that of a complaint.
    """
    whole = fold(f"{subject}\n{text}" if subject else text)
    listed = _by_lists(whole, has_facts)
    if listed.value not in _DOUBTFUL or len(whole.folded) < (_ENOUGH_HAN if whole.han else _ENOUGH_LATIN):
        return listed
    return Opinion(MessageKind.COMPLAINT, "wording", whole.text.strip()) if is_complaint(whole) else listed


def kind_by_lists(text: str) -> str:
    """The kind by the word lists alone."""
    return str(_by_lists(fold(text), has_facts=False).value)


def _by_lists(whole: Folded, has_facts: bool) -> Opinion:
    complaint = _LISTS["complaint"].first(whole)
    unsolicited = _distinct(_LISTS["unsolicited"].every(whole))
    own = _LISTS["ours"].first(whole)
    if unsolicited and not own and (not complaint or len(unsolicited) >= _ADVERTISES):
        return Opinion(MessageKind.UNSOLICITED, "advertises", unsolicited[0].words)
    if complaint:
        return Opinion(MessageKind.COMPLAINT, "words_of_complaint", complaint.words)
    return _without_complaint(whole, has_facts)


def asks_only(text: str) -> bool:
    """Whether it asks for information and tells of nothing: "what is the rate on a three year bond", 没出什么事，打听一下利率.

    Stricter than the kind: one question beside what is told makes nothing of it an enquiry.
    """
    whole = fold(text)
    if not _LISTS["enquiry"].first(whole) or _LISTS["complaint"].first(whole) or _OWN_EVENT.search(whole.folded):
        return False
    return not any(_tells(fold(clause[0].strip())) for clause in _CLAUSES.finditer(whole.folded))


def _tells(clause: Folded) -> bool:
    if _LISTS["enquiry"].first(clause) or _QUESTION.search(clause.folded):
        return False
    long = len(clause.folded) > (_ASIDE_HAN if clause.han else _ASIDE_LATIN)
    return long and _LISTS["happened"].first(clause) is not None


def praises(text: str) -> bool:
    """Whether it speaks well of somebody and complains of nothing."""
    whole = fold(text)
    return _praise(whole) is not None and _LISTS["complaint"].first(whole) is None


def _praise(text: Folded) -> Hit | None:
    """The words of it; who goes on with a "but" has something else to say."""
    return None if _BUT.search(text.folded) else _LISTS["praise"].first(text)


def _without_complaint(text: Folded, has_facts: bool) -> Opinion:
    if praise := _praise(text):
        return Opinion(MessageKind.THANKS, "praise", praise.words)
    matter = _LISTS["money_matters"].first(text)
    if enquiry := _LISTS["enquiry"].first(text):
        return Opinion(MessageKind.ENQUIRY, "asks_for_information", enquiry.words)
    if matter and len(text.folded) >= (_STORY_HAN if text.han else _STORY_LATIN):
        return Opinion(MessageKind.COMPLAINT, "story_of_money_matters", matter.words)
    if thanks := _LISTS["thanks"].first(text):
        return Opinion(MessageKind.THANKS, "thanks", thanks.words)
    if matter and _LISTS["happened"].first(text) and len(text.folded) >= (_TOLD_HAN if text.han else _TOLD_LATIN):
        return Opinion(MessageKind.COMPLAINT, "tells_of_money_matters", matter.words)
    if has_facts and (own := _LISTS["ours"].first(text)):
        return Opinion(MessageKind.COMPLAINT, "facts_of_own_dealings", own.words)
    return Opinion(MessageKind.UNCLEAR, "nothing_certain")


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    seen: dict[str, Hit] = {}
    for hit in hits:
        seen.setdefault(hit.words.lower(), hit)
    return list(seen.values())
