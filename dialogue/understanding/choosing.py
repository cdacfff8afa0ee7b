"""What a text says to options that are numbered: which one it names or turns down, what it asks, what it wishes instead.

A number counts where it stands for an option: "2", "第二种", "option B", "the latter", not "2 万" and not "第二天". An option can be named by
its own words too, if they fit no other as well. Negation goes by clause: "不要第一种，要第二种" names the second alone.

The lists stand in negotiation.toml. Not here: which offer is meant and what follows (dialogue/deal.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dialogue.understanding.found import Signal
from dialogue.understanding.signals import signals_in
from dialogue.understanding.terms import Folded, Terms, fold, sections, words_of

_LISTS: Final = sections("dialogue.understanding", "negotiation.toml")
_HAN: Final = "一二三四五六七八九十"
_LETTER_OR_NUMBER: Final = r"(\d{1,2}(?![\d.,]*\d)|one|two|three|four|five|six|[a-f])(?![a-z0-9])"
_ZH_NUMBER: Final = rf"(\d{{1,2}}|[{_HAN}两]|[a-f](?![a-z]))"
_ORDINAL: Final = r"(first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th|6th|former|latter)"
_VALUES: Final = {
    **{character: place for place, character in enumerate(_HAN, 1)},
    "两": 2,
    **{letter: place for place, letter in enumerate("abcdef", 1)},
    **{word: place for place, word in enumerate(("one", "two", "three", "four", "five", "six"), 1)},
    **{word: place for place, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"), 1)},
    **{word: place for place, word in enumerate(("1st", "2nd", "3rd", "4th", "5th", "6th"), 1)},
    "former": 1,
}
_FORMER: Final = re.compile(r"前者|\bthe former\b|头(?:先)?(?:一|那|嗰)?(?:个|种)|上面(?:那|嗰)?(?:个|种)")
_LATTER: Final = re.compile(r"后者|\bthe latter\b|后面(?:那|嗰)?(?:个|种)|下面(?:那|嗰)?(?:个|种)")
_LAST: Final = re.compile(r"最后(?:一|那|嗰|呢)?(?:个|种|项)|\bthe last(?: one| option)?\b")
_MIDDLE: Final = re.compile(r"中间(?:一|那|嗰)?(?:个|种)|\bthe middle (?:one|option)\b")
_SENTENCE: Final = re.compile(r"(?<=[?？。!！;；\n])|(?<=\.)(?=\s)")
_CLAUSE: Final = re.compile(r"[,，;；!！?？\n。]+|\.(?!\d)|但是?|不过|\bbut\b")
_FIGURES: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LATIN: Final = re.compile(r"[a-z][a-z'-]*")
_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff]+")
_QUESTION_MARK: Final = re.compile(r"[?？]")

ENOUGH: Final = 0.7  # of what a text says beside small words stands in an option that it names by words
APART: Final = 0.3  # by so much it fits that option better than any other
LONGEST_READ: Final = 4_000  # characters of an answer
LONGEST_REMARK: Final = 100  # characters of a remark about what was agreed
LONGEST_REMARK_ZH: Final = 40
LONGEST_NAMING: Final = 120  # characters of a text that names an option by words


def _pattern(name: str, language: str, *, whole: bool = False) -> re.Pattern[str]:
    written = words_of({language: _LISTS[name][language]})
    numbers = _ZH_NUMBER if language == "zh" else _LETTER_OR_NUMBER
    pattern = written.replace("{n}", numbers).replace("{o}", _ORDINAL)
    if language == "en" and not whole:
        pattern = rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"
    return re.compile(rf"\W*(?:{pattern})\W*" if whole else pattern)


_NAMES: Final = tuple(_pattern("names", language) for language in ("zh", "en"))
_WHOLE: Final = tuple(_pattern("whole", language, whole=True) for language in ("zh", "en"))
_NOT_THIS: Final = re.compile(f"(?={words_of(_LISTS['not_this'])})")
_NOT_HERE: Final = re.compile(words_of(_LISTS["not_this"]))
_WONT_DO: Final = re.compile(words_of(_LISTS["wont_do"]))
_COURTESIES: Final = rf"(?:(?:{words_of(_LISTS['courtesies'])})\W*)"
_COURTEOUS: Final = re.compile(rf"\W*{_COURTESIES}+")
_AGREES: Final = re.compile(rf"\W*(?:(?:{words_of(_LISTS['agrees'])})\W*)+{_COURTESIES}*")
_SMALL_ZH: Final = re.compile(
    "|".join(sorted(words_of({"zh": _LISTS["small"]["zh"]}).split("|"), key=len, reverse=True))
)
_SMALL_EN: Final = frozenset(_LISTS["small"]["en"].strip().split("|"))
_SALUTES: Final = re.compile(rf"\s*(?:{words_of(_LISTS['salutes'])})")
_CLOSES: Final = re.compile(rf"\s*(?:{words_of(_LISTS['closes'])})")
_TOPICS: Final = ("rights", "until", "differ", "when", "meaning")  # the first that fits is what is asked
_TERMS: Final = {
    name: Terms({part: text for part, text in _LISTS[name].items() if part in ("zh", "en", "not")})
    for name in (
        *(*_TOPICS, "none", "counters", "asks", "thinks", "if", "not_yet", "either", "heard_it"),
        *("regrets", "not_done", "agreed"),
    )
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`named` and `refused` are numbers as they were said, of options that there may not be.

    `bare`: nothing but the number, which may be meant for another question. `agrees` and `disagrees`: nothing else is said.
    `topic` of a question: rights, until, differ, when, meaning, none: what if no option is taken; None where it asks for something else.
    """

    text: str
    named: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    bare: bool = False
    agrees: bool = False
    disagrees: bool = False
    asks: bool = False
    topic: str | None = None
    none: bool = False
    counters: bool = False
    thinks: bool = False  # or has only read it
    partly: bool = False  # a yes, and more
    not_yet: bool = False  # does not agree, and says nothing else
    either: bool = False


def hear(text: str, options: Sequence[str]) -> Answer:
    """`options` are the words of each, title and meaning."""
    said = _without_courtesies(text)[:LONGEST_READ]
    folded = fold(said)
    named, refused, bare = _named(folded.folded, len(options))
    signals = signals_in(said, asked=("confirm",))
    asks = bool(_QUESTION_MARK.search(said)) or _TERMS["asks"].first(folded) is not None
    turned_down = _turned_down(said)
    none = "none" in turned_down or set(refused) >= set(range(1, len(options) + 1))
    supposed = not none and "asked" in turned_down
    if not named and not refused and not asks and not none:
        named = _named_by_words(folded.folded, options)
    offered = fold(" ".join(options[number - 1] for number in named if number <= len(options))).folded
    return Answer(
        said,
        named=named,
        refused=refused,
        bare=bare,
        agrees=_is_yes(folded.folded) or _agrees_to(folded.folded, named),
        disagrees=signals.get(Signal.NO) == said.strip(),
        asks=asks,
        topic=_topic(folded, supposed=supposed) if asks else None,
        none=none and not named,
        # "全额退回" is no wish for something else where the option says so itself
        counters=(
            any(fold(hit.words).folded not in offered for hit in _TERMS["counters"].every(folded))
            and not (supposed and "if" in turned_down)
        )
        or ("unless" in turned_down and not none),
        thinks=_TERMS["thinks"].first(folded) is not None or _TERMS["heard_it"].first(folded) is not None,
        partly=any(_is_yes(clause) for clause in _clauses(folded.folded)),
        not_yet=_TERMS["not_yet"].first(folded) is not None,
        either=_TERMS["either"].first(folded) is not None,
    )


def _turned_down(said: str) -> frozenset[str]:
    """How it is said that no option is taken: none, asked, if (asked what then), unless (a condition).

    "What if I accept none?" ends nothing, and "none unless you pay 500" is a wish.
    """
    how: set[str] = set()
    for sentence in filter(str.strip, _SENTENCE.split(said)):
        folded = fold(sentence)
        if _TERMS["none"].first(folded) is None:
            continue
        asked = bool(_QUESTION_MARK.search(sentence)) or _TERMS["asks"].first(folded) is not None
        supposed = _TERMS["if"].first(folded) is not None
        how |= {"asked"} if asked else set()
        how |= {"if" if asked else "unless"} if supposed else set()
        how |= {"none"} if not asked and not supposed else set()
    return frozenset(how)


def _topic(folded: Folded, *, supposed: bool) -> str | None:
    found = next((topic for topic in _TOPICS if _TERMS[topic].first(folded) is not None), None)
    return found or ("none" if supposed else None)


def of_what_was_agreed(text: str) -> str | None:
    """What is said of a settlement: that it is regretted, that nothing has come of it, or that it is asked about.

    Whoever tells more than a line tells something new, and is heard as ever.
    """
    said = _without_courtesies(text)
    if len(said) > (LONGEST_REMARK_ZH if _HAN_RUN.search(said) else LONGEST_REMARK):
        return None
    folded = fold(said)
    return next((what for what in ("regrets", "not_done", "agreed") if _TERMS[what].first(folded) is not None), None)


def content_of(text: str) -> frozenset[str]:
    """What a text says beside small words: English words by their stem, Chinese as pairs of characters, figures."""
    folded = fold(text).folded
    latin = {_stem(word) for word in _LATIN.findall(folded) if word not in _SMALL_EN and len(word) > 1}
    pairs: set[str] = set()
    for run in _HAN_RUN.findall(_SMALL_ZH.sub(" ", folded)):
        pairs |= {run[place : place + 2] for place in range(len(run) - 1)}
    figures = {figure.replace(",", "") for figure in _FIGURES.findall(folded) if len(figure) > 1}
    return frozenset(latin | pairs | figures)


def part_in(content: frozenset[str], words: str) -> float:
    """How much of it stands in these words, 0 to 1."""
    folded = fold(words).folded
    stems = {_stem(word) for word in _LATIN.findall(folded)} | {
        one.replace(",", "") for one in _FIGURES.findall(folded)
    }
    found = sum(1 for piece in content if piece in stems or (_HAN_RUN.fullmatch(piece) and piece in folded))
    return found / len(content) if content else 0.0


def _stem(word: str) -> str:
    return re.sub(r"(?:'s|ing|ed|es|s)\Z", "", word) if len(word) > 4 else word


@lru_cache(maxsize=16)
def _without_courtesies(text: str) -> str:
    """A letter without its salutation and what follows its close."""
    kept: list[str] = []
    for line in text.splitlines():
        folded = fold(line).folded
        if kept and _CLOSES.fullmatch(folded):
            break
        if not kept and (not line.strip() or _SALUTES.fullmatch(folded)):
            continue
        kept.append(line)
    return "\n".join(kept).strip() or text.strip()


def _named(text: str, count: int) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """(named, refused, whether nothing but a number was said)."""
    named: list[int] = []
    refused: list[int] = []
    bare = False
    for clause in _clauses(text):
        numbers, alone = _numbers_in(clause, count)
        against = _NOT_HERE.search(clause) is not None or (bool(numbers) and _WONT_DO.search(clause) is not None)
        (refused if against else named).extend(number for number in numbers if number not in (*named, *refused))
        bare = bare or alone
    return tuple(named), tuple(refused), bare and len(named) == 1


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSE.split(text):
        for part in _NOT_THIS.split(clause):
            if part.strip():
                yield part.strip()


def _numbers_in(clause: str, count: int) -> tuple[list[int], bool]:
    for whole in _WHOLE:
        if match := whole.fullmatch(clause):
            said = next(group for group in match.groups() if group is not None)
            return [_value(said, count)], not re.search(r"第|[a-z]{3}", clause)
    found = [
        (match.start(), next(group for group in match.groups() if group))
        for pattern in _NAMES
        for match in pattern.finditer(clause)
    ]
    numbers = [(start, _value(said, count)) for start, said in found]
    for pattern, number in ((_LAST, count), (_FORMER, 1), (_LATTER, 2), (_MIDDLE, 2)):
        fits = pattern is _LAST or count == (3 if pattern is _MIDDLE else 2)
        if fits and (match := pattern.search(clause)):
            numbers.append((match.start(), number))
    return list(dict.fromkeys(number for _, number in sorted(numbers))), False


def _value(said: str, count: int) -> int:
    if said.isascii() and said.isdigit():
        return int(said)
    return count if said in ("last", "latter") else _VALUES[said]


def _named_by_words(text: str, options: Sequence[str]) -> tuple[int, ...]:
    """The option that these words fit, and no other as well."""
    content = content_of(text)
    if not content or len(text) > LONGEST_NAMING or _NOT_HERE.search(text):
        return ()
    fits = sorted(((part_in(content, words), number) for number, words in enumerate(options, 1)), reverse=True)
    best, number = fits[0]
    next_best = fits[1][0] if len(fits) > 1 else 0.0
    return (number,) if best >= ENOUGH and best - next_best >= APART else ()


def _agrees_to(text: str, named: tuple[int, ...]) -> bool:
    """ "对，第二种", "yes, option 2": a yes, and the option that it is about."""
    if len(named) != 1:
        return False
    clauses = list(_clauses(text))
    rest = [clause for clause in clauses if not _numbers_in(clause, max(named))[0] and not _COURTEOUS.fullmatch(clause)]
    return bool(rest) and all(_is_yes(clause) for clause in rest)


def _is_yes(text: str) -> bool:
    """Whether it says yes and nothing else."""
    return _AGREES.fullmatch(text) is not None or signals_in(text).get(Signal.YES) == text.strip()
