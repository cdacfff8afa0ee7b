"""Whom and what a complaint is about, of all the nouns in a text: what speaks for each, weighed by ranking.py.

A noun speaks for itself by its last word (險, 卡, "account"), by the readers that know it, by what the clause says was done to it, by standing
first or often; the phrase that the rules make (abouts.py) is a sign among these. The likeliest is taken, and further ones that are likely
enough, as many as a short phrase holds: "滨江支行 · 理财".

Not here: what may be a candidate (about_candidates.py), the weights (ranking_about.json), an answer that stands for itself (abouts.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from dialogue.understanding.about_candidates import AboutCandidate, places_of_abouts
from dialogue.understanding.abouts import LONGEST, about_in
from dialogue.understanding.found import Found
from dialogue.understanding.greetings import without_greeting
from dialogue.understanding.plain import Plain, quoted
from dialogue.understanding.ranking import NONE, RULES, Candidate, Considered, beginning_of, ranking, tokens_of
from dialogue.understanding.things import complains_beside

JOINT: Final = " · "
_HAS_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_BEFORE: Final = 24
_AFTER: Final = 16
_FURTHER: Final = 0.05
"""The chance from which a noun stands beside the likeliest."""
_FURTHER_THAN_RULED: Final = 0.25
"""The same where the rules' phrase holds the likeliest and other nouns already."""
_MOST: Final = 3
_HEAD: Final = 120
_SHORT_HAN: Final = 10
_SHORT: Final = 36
"""Characters of a remark that has to name something known, where it wasn't asked for."""
_OURS: Final = re.compile(
    r"(?:你们的?|你哋|贵行的?|你行|行里|银行的?|嘅)[\u3400-\u9fff]{0,2}$|\b(?:your|yr|ur|the bank's) (?:[a-z]+ )?$",
    re.IGNORECASE,
)
_MINE: Final = re.compile(
    r"(?:我的?|我哋|我们的?|本人|阿爸|阿妈|爸|妈)[\u3400-\u9fff]{0,1}$|\b(?:my|our|his|her|their|mum's|dad's) (?:[a-z]+ )?$",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(
    r"(?:关于|有关|投诉|反映|针对|事由|主旨|案由|产品|对象)[^,，。\n]{0,6}$|\b(?:about|re|regarding|concerning|against|subject|product)\b[^.\n]{0,12}$",
    re.IGNORECASE,
)


def considered_abouts(
    read: Plain, *, name: str = "", asked: bool = False
) -> tuple[Considered, list[AboutCandidate], Found[str] | None]:
    """What there is to choose from, the places in the same order, and the phrase that the rules would make. `name` is the writer's own."""
    read = without_greeting(read)
    ruled = about_in(read)
    places = _places(read, name)
    return _considered(read, places, ruled, asked=asked), places, ruled


def _places(read: Plain, name: str) -> list[AboutCandidate]:
    return [one for one in places_of_abouts(read) if not name or not (name in one.words or one.words in name)]


def _considered(read: Plain, places: list[AboutCandidate], ruled: Found[str] | None, *, asked: bool) -> Considered:
    text = _Text(read, places, parts_of(ruled.value or "") if ruled else [], asked=asked)
    candidates = tuple(Candidate(one.words, text.signs(one), text.pieces(one)) for one in places)
    return Considered(candidates, Candidate(NONE, text.none(), text.told()))


def about_chosen(read: Plain, *, name: str = "", asked: Sequence[str] = ()) -> Found[str] | None:
    """The phrase, or None where nothing is sure enough. `name` is the writer's own, of whom nobody complains; `asked` what the last
    question was for."""
    is_remark = "about" not in asked and _is_short(read, answers=bool(asked))
    read = without_greeting(read)
    ruled = about_in(read)
    places = () if is_remark and ruled is None else _places(read, name)
    if not places:
        return None
    considered = _considered(read, places, ruled, asked="about" in asked)
    table = ranking("about")
    phrase = phrase_of(table.chances(considered), table.bar, "" if ruled is None else ruled.value or "")
    if not phrase:
        return ruled  # the rules name something only where it is said so: of texts by strangers they invented none
    if ruled is not None and phrase == ruled.value:
        return ruled
    first = parts_of(phrase)[0]
    return Found(phrase, phrase, next((one.start for one in places if one.words == first), 0))


def _is_short(read: Plain, *, answers: bool) -> bool:
    """Whether it is a remark in a conversation, in which any noun may stand, above all where something else was asked."""
    shortest = _SHORT_HAN if _HAS_HAN.search(read.plain) else _SHORT
    return len(read.plain.strip()) < (2 * shortest if answers else shortest)


def parts_of(phrase: str) -> list[str]:
    return phrase.split(JOINT) if phrase else []


def phrase_of(chances: Mapping[str, float], bar: float, ruled: str) -> str:
    """The likeliest nouns as one phrase; "" where "none" is likelier than the bar allows.

    What the rules put together stays together where the likeliest noun is among it, for it says more: branch, product and clerk. Else it
    stands behind what is likelier.
    """
    if 1 - chances[NONE] < bar:
        return ""
    parts = parts_of(ruled)
    likely: list[str] = []
    further = _FURTHER
    for key, chance in sorted(chances.items(), key=lambda item: -item[1]):
        if likely and (chance < further or len(likely) == _MOST):
            break
        if not likely and key in parts:
            further = _FURTHER_THAN_RULED
        if key != NONE:
            likely.append(key)
    kept = parts if any(part == likely[0] or _shares(part, likely[0]) for part in parts) else likely[:1]
    return _joined([*kept, *likely, *parts])


_BEGUN: Final = ("叫", "說", "说", "講", "讲")
"""With these a noun stands together with what its clerk did: 職員叫(我轉錢)."""


def _joined(parts: Iterable[str]) -> str:
    """As many as fit a short phrase; what is part of another is left out."""
    kept: list[str] = []
    for part in parts:
        if any(part in other or other in part or _shares(part, other) for other in kept):
            continue
        if kept and part.endswith(_BEGUN):
            continue
        if kept and (len(kept) > _MOST or len(JOINT.join([*kept, part])) > LONGEST):
            break
        kept.append(part)
    return JOINT.join(kept)


def _shares(one: str, other: str) -> bool:
    """Whether one goes on where the other ends: "mortgage adviser", "adviser called Gary"."""
    first, second = one.lower().split(), other.lower().split()
    return first[-1] == second[0] or second[-1] == first[0]


class _Text:
    """What of the text as a whole matters for every candidate."""

    def __init__(self, read: Plain, places: list[AboutCandidate], ruled: list[str], *, asked: bool) -> None:
        self.read, self.places, self.asked = read, places, asked
        self.ruled = [part.lower() for part in ruled]
        self.length = len(read.plain) + 1

    def none(self) -> list[str]:
        found = [f"none:many{min(len(self.places), 20) // 4}", f"none:long{min(self.length // 60, 5)}"]
        if self.asked:
            found.append("none:asked")
        if not self.ruled:
            found.append(f"{RULES}none")
        return found

    def told(self) -> Collection[str]:
        """What the text begins with: a stolen card, a farewell."""
        return beginning_of(self.read.plain, _HEAD)

    def signs(self, one: AboutCandidate) -> Collection[str]:
        text, words = self.read.plain, one.words.lower()
        found = {f"kind:{kind}" for kind in one.kinds}
        if len(one.kinds) > 1:
            found.add(f"kinds:{min(len(one.kinds), 3)}")
        found.update(self._ruled(words))
        beside = complains_beside(text, one.start, one.end)
        if beside:
            found.add("complained of" if beside > 0 else "turned down")
        before = text[max(0, one.start - _BEFORE) : one.start]
        for name, form in (("ours", _OURS), ("mine", _MINE), ("about", _ABOUT)):
            if form.search(before):
                found.add(name)
        if quoted(text, one.start):
            found.add("quoted")
        found.add(f"at:{min(4 * one.start // self.length, 3)}")
        if one is self.places[0]:
            found.add("first")
        count = self.read.own.lower().count(words)
        if count > 1:
            found.add(f"told:{min(count, 3)}")
        found.update(self._shape(one))
        return found

    def _ruled(self, words: str) -> Iterator[str]:
        for place, part in enumerate(self.ruled):
            if words == part:
                yield f"{RULES}part {min(place, 2)}"
            elif words in part:
                yield f"{RULES}in a part"
            elif part in words:
                yield f"{RULES}holds a part"

    def _shape(self, one: AboutCandidate) -> Iterator[str]:
        text = self.read.plain[one.start : one.end]
        script = "han" if _HAS_HAN.search(text) else "capital" if text[:1].isupper() else "small"
        yield f"{script}:{min(len(text) if script == 'han' else len(text.split()), 8)}"
        for other in self.places:
            if other is not one and other.start <= one.start and one.end <= other.end:
                yield "in a longer"
            elif other is not one and one.start <= other.start and other.end <= one.end:
                yield "holds a shorter"

    def pieces(self, one: AboutCandidate) -> Collection[str]:
        """Its own words, above all the last, and the words before and after."""
        text, start, end = self.read.plain, one.start, one.end
        before, after = tokens_of(text[max(0, start - _BEFORE) : start])[-4:], tokens_of(text[end : end + _AFTER])[:4]
        own = tokens_of(text[start:end])
        joint = "" if _HAS_HAN.search(text, start, end) else " "
        found = {"=" + joint.join(own)}
        found.update(f"={token}" for token in own)
        found.update("=" + joint.join(own[at : at + 2]) for at in range(len(own) - 1))
        for size in (1, 2, 3):
            found.add("$" + joint.join(own[-size:]))
            found.add("<<" + " ".join(before[-size:] if len(before) >= size else ["^", *before]))
            found.add(">>" + " ".join(after[:size] if len(after) >= size else [*after, "$"]))
        found.update(f"<{token}" for token in before)
        found.update(f">{token}" for token in after)
        return found
