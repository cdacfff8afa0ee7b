"""Signals: what interrupts any question, and yes, no and the like as answers.

A wish for a person, danger to life, withdrawal and the like count wherever they stand; yes, no and a bare refusal only
as answers, and some of these only to the question just asked. Where a word is doubtful, danger to life is found rather than
missed: also told of somebody else, also in the past. The lists stand in signals.toml and answers.toml. For danger to life, a wish for
a person, a stolen card, questions, insults, withdrawal and another complaint a list's word is one sign beside what the classifier tells of
the sentence; elsewhere it is certain.

Not here: what is done about a signal (the script), facts, whether the text is a complaint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from dialogue.understanding.classifier import is_anothers, is_sure
from dialogue.understanding.found import Signal
from dialogue.understanding.terms import LONGEST, Folded, Terms, fold, lists, sections, words_of

_LISTS: Final = lists("signals")
_ASKED: Final = (
    Signal.ASKS_WHY, Signal.ASKS_STATUS, Signal.ASKS_DATA_HELD, Signal.ASKS_HOW_LONG, Signal.ABUSE, Signal.WITHDRAWS,
    Signal.ANOTHER_COMPLAINT,
)  # fmt: skip
_WEIGHED: Final = (Signal.DANGER_TO_LIFE, Signal.WANTS_PERSON, Signal.STOLEN_CARD, *_ASKED)
"""Signals of which a list's word is one sign beside what the classifier knows."""
_ANYWHERE: Final = tuple((signal, _LISTS[signal]) for signal in Signal if signal in _LISTS and signal not in _WEIGHED)
_ANSWERS: Final[Mapping[str, Mapping[str, str]]] = sections("dialogue.understanding", "answers.toml")
_CORRECTS: Final = Terms(_ANSWERS["corrects"])
_CORRECTS_READ_BACK: Final = Terms(_ANSWERS["corrects_read_back"])
_STATES: Final = Terms(_ANSWERS["states"])
_BUT: Final = Terms(_ANSWERS["but"])

_YES, _NO, _DECLINES, _WHY = (words_of(_ANSWERS[name]) for name in ("yes", "no", "declines", "why"))
_SMALL: Final = r"[\s,.。!;:、~?…]"
_WHOLE_YES: Final = re.compile(
    rf"\W*(?:[噢哦喔哎呃诶]+{_SMALL}*)?(?>(?:{_YES})(?![a-z])(?:喔|哦|噢|啦|喇|呀|嘅|啊|哈|咯)?[\W_]*)+(?:(?:谢谢|多谢|感谢|辛苦|麻烦|唔该)(?:你们?|您|啊|了|晒)*(?:小?同志|小伙子|小?姑娘|师傅|老师)?|thanks|thank\s+you)?[\W_]*"
)
_LEADING_YES: Final = re.compile(rf"\W*(?:{_YES}){_SMALL}+")
_WHOLE_NO: Final = re.compile(
    rf"\W*(?:({_NO})\1*(?:啊|呀|的)?(?:{_SMALL}+|\Z|(?=[^\w\s]))(?:thanks|thank\s+you|谢谢)?[\W_]*)+"
)
_LEADING_NO: Final = re.compile(
    rf"\W*(?:(?:啊|呃|喔|哦|噢|诶|欸|哎呀?|唉|咦|呀)\W*){{0,2}}(?:{_NO})(?:啊|呀|的)?{_SMALL}+"
)
_AFTER_NO: Final = re.compile(rf"(?:{words_of(_ANSWERS['corrects_after_no'])})")
_WHOLE_DECLINE: Final = re.compile(
    rf"\W*(?:我|也|都|就|还|这个|那个|呢个|嘅|的|个名|名字?|姓名|电话|手机|号码|电邮|邮箱|金额)*(?:{_DECLINES})(?:了|啦|吧|喇|谢谢|please)?[\W_]*"
)
_CLAUSE: Final = re.compile(r"[^,，。.;；!?\n]+")
_WHOLE_WHY: Final = re.compile(rf"\W*(?:{_WHY})[\W_]*")
_COMMAND: Final = re.compile(r"\s*/[a-z_][\w.-]*(?=\s|\{|@|\(|\Z)", re.ASCII)
_SPACED: Final = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")

_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){6,}")
_A_PERSON: Final = re.compile(
    r"人|经理|主管|领导|主任|行长|客服|职员|同事|上级|专员|坐席|座席|话事|阿头|老细|老板"
    r"|\b(?:human|person|people|manager|supervisor|agent|boss|advis[eo]r|someone|somebody|anyone|staff|colleague|operator|rep)"
)

_CLAUSES_AT_LEAST: Final = 2
_ANSWER_LENGTH: Final = 80
"""Nobody says more than this and means only yes or no."""


def signals_in(text: str, *, asked: tuple[str, ...] = ()) -> dict[Signal, str]:
    """Every signal in the text, with the customer's words. `asked` names what the last question was for, or `confirm`."""
    folded = fold(text)
    found: dict[Signal, str] = {signal: hit.words for signal, terms in _ANYWHERE if (hit := terms.first(folded))}
    if danger := danger_in(text):
        found[Signal.DANGER_TO_LIFE] = danger
    person = person_in(text)
    if person and not ("contact" in asked and _gives_number(folded, person)):
        found[Signal.WANTS_PERSON] = person
    if stolen := stolen_in(text):
        found[Signal.STOLEN_CARD] = stolen
    for signal in _ASKED:
        if (said := _heard(folded, signal)) and not _is_the_wish(folded, signal, asked):
            found[signal] = said
    if command := _COMMAND.match(folded.folded):
        found[Signal.COMMAND] = folded.words(*command.span())
    return found | _answers(folded, asked)


def _is_the_wish(text: Folded, signal: Signal, asked: tuple[str, ...]) -> bool:
    """Whether it answers what is wished: of "delete that enquiry record" no list knows that all that is held is meant."""
    return signal is Signal.ASKS_DATA_HELD and asked == ("desired_outcome",) and _LISTS[signal].first(text) is None


def _gives_number(text: Folded, wish: str) -> bool:
    """Whether a wish to be called is an answer to the question for a number: "call me on 6123 4567", 打俾我啦，6123 4567."""
    return _NUMBER.search(text.folded) is not None and not _A_PERSON.search(fold(wish).folded)


@lru_cache(maxsize=16)
def danger_in(text: str) -> str | None:
    """The words that speak of danger to somebody's life, also where blanks are put between them to slip by."""
    heard = _heard(fold(text), Signal.DANGER_TO_LIFE)
    if heard is None and _SPACED.search(text[:LONGEST]):
        joined = fold(_SPACED.sub("", text[:LONGEST]))
        return _heard(joined, Signal.DANGER_TO_LIFE) if _LISTS[Signal.DANGER_TO_LIFE].first(joined) else None
    return heard


@lru_cache(maxsize=16)
def person_in(text: str) -> str | None:
    """The words that wish for a person."""
    return _heard(fold(text), Signal.WANTS_PERSON)


@lru_cache(maxsize=16)
def stolen_in(text: str) -> str | None:
    """The words that say that a card, or what opens an account, is in other hands now."""
    folded = fold(text)
    return None if _is_long_past(folded) else _heard(folded, Signal.STOLEN_CARD)


def keyword_in(text: str, signal: Signal) -> str | None:
    """The words of the list alone that say it."""
    hit = _LISTS[signal].first(fold(text))
    return None if hit is None else hit.words


def _heard(text: Folded, signal: Signal) -> str | None:
    """The words by which a signal is heard: those of the list, or the place that the classifier is sure of."""
    listed = next((hit for hit in _LISTS[signal].every(text) if not is_anothers(text, hit)), None)
    place = is_sure(text, signal, listed)
    return None if place is None else listed.words if listed else text.words(place.start, place.end)


def asks_to_block(text: str) -> bool:
    """Whether the customer wants a card blocked now, and not only tells of it."""
    return _LISTS["asks_to_block"].first(fold(text)) is not None


def _is_long_past(text: Folded) -> bool:
    return _LISTS["past_loss"].first(text) is not None and _LISTS["happening_now"].first(text) is None


def _answers(text: Folded, asked: tuple[str, ...]) -> dict[Signal, str]:
    found: dict[Signal, str] = {}
    stated = _STATES.first(text) if asked == ("desired_outcome",) else None
    if hit := _CORRECTS.first(text) or stated:
        found[Signal.CORRECTS] = hit.words
    if len(text.folded) > _ANSWER_LENGTH:
        return _with_read_back(text, asked, found)
    whole = text.text.strip()
    if _WHOLE_YES.fullmatch(text.folded):
        found[Signal.YES] = whole
    elif _WHOLE_NO.fullmatch(text.folded):
        found[Signal.NO] = whole
    elif asked == ("confirm",) and (closing := _closing_yes(text)):
        found[Signal.YES] = closing
    elif leading := _LEADING_YES.match(text.folded):
        if contradiction := _first_after(_BUT, text, leading.end()):
            found[Signal.CORRECTS] = contradiction
        elif Signal.CORRECTS not in found:
            found[Signal.YES] = text.words(*leading.span())
    elif leading := _LEADING_NO.match(text.folded):
        found[Signal.NO] = text.words(*leading.span())
        if _AFTER_NO.match(text.folded, leading.end()):
            found[Signal.CORRECTS] = text.words(leading.end(), len(text.folded))
    if asked and asked != ("confirm",) and Signal.REFUSES not in found and (declined := declines_in(text)):
        found[Signal.REFUSES] = declined
    if asked and _WHOLE_WHY.fullmatch(text.folded):
        found[Signal.ASKS_WHY] = whole
    return _with_read_back(text, asked, found)


def _closing_yes(text: Folded) -> str | None:
    """The last clause, where it says yes to the read-back and nothing before it says otherwise: "早安，資料都正確"."""
    clauses = list(_CLAUSE.finditer(text.folded))
    if len(clauses) < _CLAUSES_AT_LEAST or not _WHOLE_YES.fullmatch(clauses[-1][0]):
        return None
    doubtful = _BUT.first(text) or _CORRECTS_READ_BACK.first(text) or _CORRECTS.first(text)
    return None if doubtful else text.words(*clauses[-1].span())


def _with_read_back(text: Folded, asked: tuple[str, ...], found: dict[Signal, str]) -> dict[Signal, str]:
    bare = Signal.NO in found and found[Signal.NO] == text.text.strip()
    if "confirm" in asked and Signal.YES not in found and not bare and (hit := _CORRECTS_READ_BACK.first(text)):
        found.setdefault(Signal.CORRECTS, hit.words)
    return found


def states_a_fact(text: str) -> bool:
    """ "The fee was £360." and no more: said of a complaint that is registered it puts the record right."""
    folded = fold(text)
    return len(folded.folded) <= _ANSWER_LENGTH and _STATES.first(folded) is not None


def declines_in(text: Folded) -> str | None:
    """The first clause that does nothing but decline: "不说了，怕报复"."""
    for clause in _CLAUSE.finditer(text.folded):
        if _WHOLE_DECLINE.fullmatch(clause[0]):
            return text.words(*clause.span())
    return None


def _first_after(terms: Terms, text: Folded, start: int) -> str | None:
    return next((hit.words for hit in terms.every(text) if hit.start >= start), None)
