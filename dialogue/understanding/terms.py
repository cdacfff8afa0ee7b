r"""Word lists, kept as data, matched on folded text; what is found is shown in the customer's own words.

A list stands in a TOML file beside the module that uses it: one section per thing looked for, in it `zh` and `en` with one
pattern a line. Chinese is written in either script and matched in Simplified, so one line serves both; English is
matched in lower case, on whole words. Phrases that make a pattern mean something else stand in `not` (a find that touches
one is dropped) or, where missing one would be worse, in `inside` (only a find that lies wholly in one is): "跳楼价".
Where a list has a `gate`, its Chinese patterns count only if one of the gate's words stands in the text.

Besides regular expressions a line may hold:

    ~   a short gap inside one clause (Chinese 6 characters, English 30)
    ≈   a longer gap inside one sentence (12, 60)
    「 」 where a clause begins and ends
    ⏎   where a line ends

A story grows by a line with every message and is read again each time. `grown` remembers what was found in its earlier
lines, so that only the new ones are searched, except for lists that look for the end of the text (`\Z`). For that to find what a
search of the whole finds, no pattern reaches from one passage into the next: a passage ends with its line, unless the line was only wrapped by a mail program.

Not here: what any of the lists means.
"""

from __future__ import annotations

import re
import threading
import tomllib
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import ClassVar, Final

from opencc import OpenCC

from dialogue.understanding.required import LONGEST_RUN, Index

LONGEST: Final = 20_000
"""Characters of a text that are looked at: nobody states a complaint later than that, and it bounds the time."""

_T2S: Final = OpenCC("t2s")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f]")
_LATIN: Final = re.compile(r"[a-z]")
_QUOTES: Final = str.maketrans("’‘“”`´", "''\"\"''")

_CLAUSE_END: Final = r"\s,.。!?;:、~"
_MACROS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {"~": r"[^,。!?;\n]{0,6}", "≈": r"[^。!?;\n]{0,12}"},
    "en": {"~": r"[^.!?;\n]{0,30}", "≈": r"[^.!?;\n]{0,60}"},
}
_ANCHORS: Final = {"⏎": r"(?=\n|\Z)", "「": rf"(?:\A|(?<=[{_CLAUSE_END}]))", "」": rf"(?=\Z|[{_CLAUSE_END}])"}


def to_simplified(text: str) -> str:
    """The text in Simplified script; anything else stays as it is."""
    return _T2S.convert(text) if _HAN.search(text) else text


@dataclass(frozen=True, slots=True)
class Hit:
    words: str  # the customer's own
    start: int  # in the folded text
    end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable: NFKC, lower case, Simplified. `origin` says where each folded character stood."""

    text: str
    folded: str
    origin: tuple[int, ...] | None
    han: bool
    latin: bool
    hits: dict[Terms, tuple[Hit, ...]] = field(default_factory=dict, compare=False, repr=False)
    """What each list found here; filled as lists are asked."""
    known: Mapping[Terms, tuple[int, tuple[Hit, ...]]] = field(default_factory=dict, compare=False, repr=False)
    """What it found in the text that this one grew from, and up to where that holds."""
    searched: dict[int, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)
    """By the place from which on it is searched: the patterns that may stand there, and how many there were to look for."""

    def may_hold(self, first: int, many: int, start: int) -> Iterator[int]:
        """Which of so many patterns from the one of this number on may stand here from that place on, counted from that one."""
        told = self.searched.get(start)
        if told is None or told[1] < first + many:
            whole = self.folded[start:] if start else self.folded
            told = self.searched[start] = _PATTERNS.within(whole)
        left = told[0] >> first & (1 << many) - 1
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def words(self, start: int, end: int) -> str:
        """The customer's words at this place of the folded text."""
        if start >= end:
            return ""
        if self.origin is None:
            return self.text[start:end].strip()
        return self.text[self.origin[start] : self.origin[end - 1] + 1].strip()


class _Remembered:
    """The texts that were folded last, bounded in number and in characters; used by several threads."""

    def __init__(self, most: int, most_characters: int) -> None:
        self._most, self._most_characters = most, most_characters
        self._texts: OrderedDict[str, Folded] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def get(self, text: str) -> Folded | None:
        with self._lock:
            found = self._texts.get(text)
            if found is not None:
                self._texts.move_to_end(text)
            return found

    def pop(self, text: str) -> Folded | None:
        with self._lock:
            found = self._texts.pop(text, None)
            self._characters -= 0 if found is None else len(text)
            return found

    def put(self, folded: Folded) -> None:
        with self._lock:
            if folded.text not in self._texts:
                self._characters += len(folded.text)
            self._texts[folded.text] = folded
            while len(self._texts) > self._most or self._characters > self._most_characters:
                self._characters -= len(self._texts.popitem(last=False)[0])


_PATTERNS: Final = Index()
"""What is known of all lists together."""
_RECENT: Final = _Remembered(64, 64 * LONGEST)
_STORIES: Final = _Remembered(2_000, 2_000_000)
_NOTHING_KNOWN: Final[tuple[int, tuple[Hit, ...]]] = (0, ())
_NEWEST: Final = 6
"""Lines by which a story may have grown since it was read last; more are read as a new one."""


def fold(text: str) -> Folded:
    """Folds the first LONGEST characters. The last few texts are remembered: several rooms look at the same one."""
    text = text[:LONGEST]
    found = _RECENT.get(text) or _STORIES.get(text)
    if found is None:
        found = _folded(text)
        _RECENT.put(found)
    return found


def grown(text: str) -> Folded:
    """Like `fold`, for a story that is read again with every line added to it: only the new lines are searched."""
    text = text[:LONGEST]
    found = _STORIES.get(text)
    if found is None:
        before = _grown_from(text)
        found = _folded(text) if before is None else _longer(before, text)
        _STORIES.put(found)
    return found


def _grown_from(text: str) -> Folded | None:
    cut = len(text)
    for _ in range(_NEWEST):
        cut = text.rfind("\n", 0, cut)
        if cut <= 0:
            return None
        if before := _STORIES.pop(text[:cut]):
            return before
    return None


def _longer(before: Folded, text: str) -> Folded:
    added = _folded(text[len(before.text) :])
    origin = None
    if before.origin is not None or added.origin is not None:
        first = before.origin if before.origin is not None else tuple(range(len(before.text)))
        second = added.origin if added.origin is not None else range(len(added.text))
        origin = first + tuple(len(before.text) + place for place in second)
    han, latin = before.han or added.han, before.latin or added.latin
    known: dict[Terms, tuple[int, tuple[Hit, ...]]] = {}
    if (han, latin) == (before.han, before.latin):  # else patterns of a script are searched for that were not before
        settled = _settled(before.folded)
        known = {**before.known, **{terms: (settled, hits) for terms, hits in before.hits.copy().items()}}
    searched: dict[int, tuple[int, int]] = {}
    if (told := before.searched.get(0)) is not None:
        may_stand, _ = _PATTERNS.within(before.folded[-LONGEST_RUN:] + added.folded)
        searched[0] = (told[0] | may_stand, told[1])
    return Folded(text, before.folded + added.folded, origin, han, latin, known=known, searched=searched)


def _folded(text: str) -> Folded:
    folded = _comparable(text)
    origin = None
    if len(folded) != len(text):
        pieces = [_comparable(character) for character in text]
        folded = "".join(pieces)
        origin = tuple(place for place, piece in enumerate(pieces) for _ in piece)
    return Folded(text, folded, origin, _HAN.search(folded) is not None, _LATIN.search(folded) is not None)


def _comparable(text: str) -> str:
    return to_simplified(unicodedata.normalize("NFKC", text).lower().translate(_QUOTES))


# Mail programs wrap between 60 and 80 characters, never after the end of a sentence that is one's last.
_WRAPPED: Final = re.compile(r"(?:\A|\n)[^\n]{56,80}(?<=[a-z0-9,;'\"()-])\Z")


def _ends_passage(folded: str, line_end: int) -> bool:
    """Whether the line that ends here was ended by its writer."""
    return _WRAPPED.search(folded[max(0, line_end - 81) : line_end]) is None


def _settled(folded: str) -> int:
    """Where new passages begin once more lines come: what stands before it is read and stays as it is."""
    line_end = len(folded)
    while line_end > 0 and not _ends_passage(folded, line_end):
        line_end = folded.rfind("\n", 0, line_end)
    return line_end + 1


class Terms:
    """One list, ready to search."""

    def __init__(self, section: Mapping[str, str]) -> None:
        unknown = set(section) - {"zh", "en", "not", "inside", "gate"}
        if unknown:
            raise ValueError(f"a list has zh, en, not, inside and gate; {sorted(unknown)} is none of them")
        self.chinese, self.english = Lines(section.get("zh", ""), "zh"), Lines(section.get("en", ""), "en")
        self._not, self._inside = Lines(section.get("not", ""), "zh"), Lines(section.get("inside", ""), "zh")
        gate = to_simplified(section.get("gate", "")).split()
        self._gate = re.compile("|".join(map(re.escape, gate))) if gate else None
        self._looks_for_the_end = any(r"\Z" in lines for lines in section.values())

    def every(self, text: Folded) -> tuple[Hit, ...]:
        """Every place where a pattern stands and no exception covers it, in the order of the text."""
        found = text.hits.get(self)
        if found is None:
            start, earlier = (0, ()) if self._looks_for_the_end else text.known.get(self, _NOTHING_KNOWN)
            kept = tuple([hit for hit in earlier if hit.end <= start]) if earlier else ()
            found = text.hits[self] = kept + self._search(text, start)
        return found

    def first(self, text: Folded) -> Hit | None:
        found = self.every(text)
        return found[0] if found else None

    def _search(self, text: Folded, start: int) -> tuple[Hit, ...]:
        chinese = self.chinese.spans(text, start) if text.han else []
        if chinese and self._gate is not None and self._gate.search(text.folded, start) is None:
            chinese = []
        spans = {*chinese, *(self.english.spans(text, start) if text.latin else ())}
        if not spans:  # as it is nearly always
            return ()
        excepted, within = self._not.spans(text, start), self._inside.spans(text, start)
        hits = [
            Hit(text.words(begin, end), begin, end)
            for begin, end in sorted(spans)
            if begin < end
            and not any(begin < stop and other < end for other, stop in excepted)
            and not any(other <= begin and end <= stop for other, stop in within)
        ]
        return tuple(hits)


class Lines:
    """The patterns of a list in one script: those that may stand in a text are tried each by itself, and if one does all together.

    Each is compiled when it is first tried, or by `compile_all`.
    """

    _every: ClassVar[list[Lines]] = []

    def __init__(self, lines: str, language: str) -> None:
        listed = [line.strip() for line in lines.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        self._patterns = [_expanded(line, language) for line in listed]
        self._english = language == "en"
        self._first = _PATTERNS.add_all(self._patterns)
        self._tried: dict[int, re.Pattern[str]] = {}
        Lines._every.append(self)

    @staticmethod
    def compile_all() -> None:
        """Compiles what was not tried yet: a second or so, for a house that opens."""
        for lines in Lines._every:
            for place in range(len(lines._patterns)):
                lines._stands(place, "", 0)
            lines.whole  # noqa: B018

    def spans(self, text: Folded, start: int) -> list[tuple[int, int]]:
        """Where one stands from here on, in no passage and the next at once."""
        if not any(
            self._stands(place, text.folded, start) for place in text.may_hold(self._first, len(self._patterns), start)
        ):
            return []  # as it is nearly always
        return list(_found(self.whole, text.folded, start, len(text.folded)))

    def _stands(self, place: int, folded: str, start: int) -> bool:
        pattern = self._tried.get(place)
        if pattern is None:
            pattern = self._tried[place] = self._compiled(self._patterns[place])
        return pattern.search(folded, start) is not None

    @cached_property
    def whole(self) -> re.Pattern[str]:
        return self._compiled("|".join(self._patterns))

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        if self._english:
            return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", re.ASCII)
        return re.compile(pattern)


def _found(pattern: re.Pattern[str], text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    ends = [stop]
    while ends:
        for match in pattern.finditer(text, start, ends[-1]):
            start, end = match.span()
            if "\n" in match[0] and (parted := _parted(text, start, end)):
                ends.append(parted)  # first what this passage holds by itself
                break
            yield start, end
        else:
            start = ends.pop()


def _parted(text: str, start: int, end: int) -> int | None:
    """The end of a passage between these places."""
    at = text.find("\n", start, end)
    while at >= 0:
        parted = max(at, start + 1)
        if parted < end and _ends_passage(text, at):
            return parted
        at = text.find("\n", at + 1, end)
    return None


def words_of(section: Mapping[str, str]) -> str:
    """All lines of a section as one alternation, for patterns built in code."""
    lines = [(line.strip(), language) for language in ("zh", "en") for line in section.get(language, "").splitlines()]
    return "|".join(_expanded(line, language) for line, language in lines if line and not line.startswith("#"))


def _expanded(pattern: str, language: str) -> str:
    english = language == "en"
    pattern = pattern.replace(" ?", r"\s*").replace(" ", r"\s+") if english else to_simplified(pattern)
    for macro, meaning in {**_MACROS[language], **_ANCHORS}.items():
        pattern = pattern.replace(macro, meaning)
    return pattern


def sections(module: str, name: str) -> dict[str, dict[str, str]]:
    """The sections of a list file that ships with `module`."""
    data: dict[str, dict[str, str]] = tomllib.loads(resources.files(module).joinpath(name).read_text("utf-8"))
    return data


@lru_cache(maxsize=64)
def lists(name: str, module: str = "dialogue.understanding") -> Mapping[str, Terms]:
    """The lists of `<name>.toml` beside `module`, by section. Remembered: several rooms look into one file."""
    return {section: Terms(body) for section, body in sections(module, f"{name}.toml").items()}
