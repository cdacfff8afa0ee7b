"""Trains the table behind dialogue/understanding/gist.py and writes gist.json.

    python -m tests.dialogue.understanding.train_gist           trains and writes the file
    python -m tests.dialogue.understanding.train_gist --check   trains and says whether the file is what training gives
    python -m tests.dialogue.understanding.train_gist --across  how it does on lines it has not learned from, without writing

It learns from labelled/own/gist_*.txt and replies_*.txt, from labelled/forms, from the sentences of the complaints to build on and from
the answers in tests/dialogue/answered that are open to build on; never from those kept unread.

Not here: how a table is trained (train_replies.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dialogue.understanding import gist
from dialogue.understanding.gist import Gist
from dialogue.understanding.plain import plain
from dialogue.understanding.replies import Table, reply_pieces
from dialogue.understanding.terms import fold
from dialogue.understanding.wishes import ruled_in
from tests.dialogue.answers import answers
from tests.dialogue.understanding.forms import forms as every_form
from tests.dialogue.understanding.train_replies import as_file, trained
from tests.dialogue.understanding.training import command
from tests.yamls import from_yaml

FILE: Final = Path(gist.__file__).with_name("gist.json")
_LABELLED: Final = Path(__file__).parent / "labelled"
_MARKS: Final = {"w": Gist.WANTS, "t": Gist.TELLS, "f": Gist.FACT, "o": Gist.OTHER}
_SENTENCE: Final = re.compile(r"[^。！？!?\n；;.]+[！？!?]?")
_LONGEST_HAN: Final = 24
_LONGEST_LATIN: Final = 80
_SHORTEST: Final = 4
_FOLDS: Final = 5
_OWN_WEIGHT: Final = 4  # lines written for it weigh more than sentences of whole complaints
_OF_THE_WRITER: Final = re.compile(
    r"@|\d{6}|我叫|我姓|姓名|电话|電話|regards|my name|谢谢|謝謝|thank|您好|你好|hello", re.IGNORECASE
)

Line = tuple[str, Gist]


def own_lines() -> list[Line]:
    """The lines written for it, and those written for replies.py that are no value."""
    return [*gist_lines(), *((fold(line[2:]).folded, Gist.OTHER) for line in _written("replies") if line[0] != "v")]


def gist_lines() -> list[Line]:
    """The lines written for it."""
    return [(fold(line[2:]).folded, _MARKS[line[0]]) for line in _written("gist")]


def _written(name: str) -> Iterator[str]:
    for path in sorted((_LABELLED / "own").glob(f"{name}_*.txt")):
        yield from (line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def forms() -> Iterator[Line]:
    """Short answers in labelled/forms that were asked for one fact, and what wishes they hold."""
    for _, form in every_form():
        if form.is_unread or form.meant is None:
            continue
        if form.fact == "desired_outcome":
            yield form.text, Gist.WANTS
        elif form.asked == (form.fact,) and len(form.text) <= _LONGEST_HAN * (2 if form.text.isascii() else 1):
            yield form.text, Gist.FACT


def sentences() -> Iterator[Line]:
    """Short sentences of whole complaints: those that hold the labelled wish, and those in which nothing is wished."""
    for path in sorted((_LABELLED / "build").glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            if entry.get("text") and entry.get("kind") == "complaint":
                yield from _of(entry)


def _of(entry: dict[str, Any]) -> Iterator[Line]:
    wished = entry.get("facts", {}).get("desired_outcome") or []
    wished = [wished] if isinstance(wished, str) else wished
    for match in _SENTENCE.finditer(entry["text"]):
        said = match[0].strip(" ,，、")
        longest = _LONGEST_LATIN if said.isascii() else _LONGEST_HAN
        if not _SHORTEST <= len(said) <= longest or _OF_THE_WRITER.search(said):
            continue
        wishes = bool(ruled_in(plain(said)))
        if wishes and any(word in said for word in wished):
            yield said, Gist.WANTS
        elif not wishes and not any(word in said for word in wished):
            yield said, Gist.TELLS


def answered(*, unread: bool = False) -> Iterator[Line]:
    """What others answered to the question for one fact."""
    for answer in answers():
        if not answer.asked or answer.is_unread is not unread:
            continue
        if answer.means in ("value", "vague"):
            yield answer.text, Gist.WANTS if answer.asked == "desired_outcome" else Gist.FACT
        else:
            yield answer.text, Gist.OTHER


def lines() -> list[Line]:
    """All that it learns from."""
    return [
        *own_lines(),
        *gist_lines() * (_OWN_WEIGHT - 1),
        *((fold(text).folded, kind) for text, kind in (*forms(), *sentences(), *answered())),
    ]


def kind_of(made: Table, text: str) -> Gist:
    """The likeliest gist."""
    evidences = made.evidences(reply_pieces(text))
    return list(Gist)[evidences.index(max(evidences))]


def table_file() -> str:
    """The file as training gives it."""
    return as_file(trained(lines(), Gist))


def _across() -> None:
    known = list(dict.fromkeys(lines()))
    pairs: list[tuple[Gist, Gist]] = []
    for part in range(_FOLDS):
        made = trained([line for at, line in enumerate(known) if at % _FOLDS != part], Gist)
        pairs += [(kind, kind_of(made, text)) for text, kind in known[part::_FOLDS]]
    _tell("by cross-validation", pairs)
    made = trained(known, Gist)
    _tell("answers kept unread", [(kind, kind_of(made, fold(text).folded)) for text, kind in answered(unread=True)])


def _tell(name: str, pairs: list[tuple[Gist, Gist]]) -> None:
    print(f"{name}: {sum(meant == got for meant, got in pairs)} of {len(pairs)}")
    for kind in Gist:
        print(f"  {kind}: {dict(Counter(str(got) for meant, got in pairs if meant is kind).most_common())}")


if __name__ == "__main__":
    command(__doc__, FILE, table_file, _across)
