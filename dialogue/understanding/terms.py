"""Word lists, kept as data, matched on folded text; what is found is shown in the customer's own words.

A list stands in a TOML file beside the module that uses it: one section per thing looked for, in it `zh` and `en` with one
pattern a line. Chinese is written in either script and matched in Simplified, so one line serves both; English is
matched in lower case, on whole words. Phrases that make a pattern mean something else stand in `not` (a find that touches
one is dropped) or, where missing one would be worse, in `inside` (only a find that lies wholly in one is): "跳楼价".
`gate`, for speed only, names words of which every Chinese pattern of the list has at least one.

Besides regular expressions a line may hold:

    ~   a short gap inside one clause (Chinese 6 characters, English 30)
    ≈   a longer gap inside one sentence (12, 60)
    「 」 where a clause begins and ends

Not here: what any of the lists means.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from opencc import OpenCC

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
_ANCHORS: Final = {"「": rf"(?:\A|(?<=[{_CLAUSE_END}]))", "」": rf"(?=\Z|[{_CLAUSE_END}])"}


def to_simplified(text: str) -> str:
    """The text in Simplified script; anything else stays as it is."""
    return _T2S.convert(text) if _HAN.search(text) else text


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable: NFKC, lower case, Simplified. `origin` says where each folded character stood."""

    text: str
    folded: str
    origin: tuple[int, ...] | None
    han: bool
    latin: bool

    def words(self, start: int, end: int) -> str:
        """The customer's words at this place of the folded text."""
        if start >= end:
            return ""
        if self.origin is None:
            return self.text[start:end].strip()
        return self.text[self.origin[start] : self.origin[end - 1] + 1].strip()


@lru_cache(maxsize=16)
def fold(text: str) -> Folded:
    """Folds the first LONGEST characters. The last few texts are remembered: several rooms look at the same one."""
    text = text[:LONGEST]
    folded = _comparable(text)
    origin = None
    if len(folded) != len(text):
        pieces = [_comparable(character) for character in text]
        folded = "".join(pieces)
        origin = tuple(place for place, piece in enumerate(pieces) for _ in piece)
    return Folded(text, folded, origin, _HAN.search(folded) is not None, _LATIN.search(folded) is not None)


def _comparable(text: str) -> str:
    return to_simplified(unicodedata.normalize("NFKC", text).lower().translate(_QUOTES))


@dataclass(frozen=True, slots=True)
class Hit:
    words: str  # the customer's own
    start: int  # in the folded text
    end: int


class Terms:
    """One list, ready to search."""

    def __init__(self, section: Mapping[str, str]) -> None:
        unknown = set(section) - {"zh", "en", "not", "inside", "gate"}
        if unknown:
            raise ValueError(f"a list has zh, en, not, inside and gate; {sorted(unknown)} is none of them")
        self._zh = _compiled(section.get("zh", ""), "zh")
        self._en = _compiled(section.get("en", ""), "en")
        self._not = _compiled(section.get("not", ""), "zh")
        self._inside = _compiled(section.get("inside", ""), "zh")
        self._gate = tuple(to_simplified(section.get("gate", "")).split())

    def every(self, text: Folded) -> Iterator[Hit]:
        """Every place where a pattern stands and no exception covers it."""
        exceptions: tuple[list[tuple[int, int]], list[tuple[int, int]]] | None = None
        han = text.han and (not self._gate or any(word in text.folded for word in self._gate))
        for pattern, there in ((self._zh, han), (self._en, text.latin)):
            if pattern is None or not there:
                continue
            for match in pattern.finditer(text.folded):
                start, end = match.span()
                if exceptions is None:
                    exceptions = _spans(self._not, text.folded), _spans(self._inside, text.folded)
                touched = any(start < stop and begin < end for begin, stop in exceptions[0])
                if start < end and not touched and not any(b <= start and end <= e for b, e in exceptions[1]):
                    yield Hit(text.words(start, end), start, end)

    def first(self, text: Folded) -> Hit | None:
        return next(self.every(text), None)

    def without_exceptions(self, text: Folded) -> str:
        """The folded text with commas where an exception of this list stands; every place stays where it is."""
        rest = text.folded
        for pattern in (self._not, self._inside):
            if pattern is not None:
                rest = pattern.sub(lambda match: "," * len(match[0]), rest)
        return rest


def _spans(pattern: re.Pattern[str] | None, text: str) -> list[tuple[int, int]]:
    return [] if pattern is None else [match.span() for match in pattern.finditer(text)]


def words_of(section: Mapping[str, str]) -> str:
    """All lines of a section as one alternation, for patterns built in code."""
    lines = [(line.strip(), language) for language in ("zh", "en") for line in section.get(language, "").splitlines()]
    return "|".join(_expanded(line, language) for line, language in lines if line and not line.startswith("#"))


def _compiled(lines: str, language: str) -> re.Pattern[str] | None:
    patterns = [line.strip() for line in lines.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not patterns:
        return None
    whole = "|".join(_expanded(pattern, language) for pattern in patterns)
    if language == "en":
        whole = rf"(?<![a-z0-9])(?:{whole})(?![a-z0-9])"
    return re.compile(whole, re.ASCII if language == "en" else 0)


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


def lists(name: str, module: str = "dialogue.understanding") -> dict[str, Terms]:
    """The lists of `<name>.toml` beside `module`, by section."""
    return {section: Terms(body) for section, body in sections(module, f"{name}.toml").items()}
