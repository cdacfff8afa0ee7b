"""What a message is at all: a complaint, an enquiry, thanks, something unsolicited, or unclear.

A lost complaint is worse than a needless case, so words of complaint win over everything but a plain advertisement; and a
message is unsolicited only where it says so and speaks of no dealings with the house: doubtful ones are unclear, which a person sees.

Not here: what kind of complaint (triage.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from case_store.records import MessageKind, Opinion
from dialogue.understanding.terms import Folded, Hit, fold, lists

_LISTS: Final = lists("kinds")
_ADVERTISES: Final = (
    2  # signs of advertising that outweigh words of complaint, where nothing speaks of the writer's own dealings
)


_STORY_HAN: Final = 50
_STORY_LATIN: Final = 120
_TOLD_HAN: Final = 7
_TOLD_LATIN: Final = 20
"""Characters: whoever writes so much about an account, asks nothing and advertises nothing, has something to complain of."""


def kind_of(text: str, *, subject: str | None = None, has_facts: bool = False) -> Opinion:
    """The kind with its reason. `has_facts` says that an amount, a date or what is wanted was read from the text."""
    whole = fold(f"{subject}\n{text}" if subject else text)
    complaint = _LISTS["complaint"].first(whole)
    unsolicited = _distinct(_LISTS["unsolicited"].every(whole))
    own = _LISTS["ours"].first(whole)
    if unsolicited and not own and (not complaint or len(unsolicited) >= _ADVERTISES):
        return Opinion(MessageKind.UNSOLICITED, "advertises", unsolicited[0].words)
    if complaint:
        return Opinion(MessageKind.COMPLAINT, "words_of_complaint", complaint.words)
    return _without_complaint(whole, has_facts)


def _without_complaint(text: Folded, has_facts: bool) -> Opinion:
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
