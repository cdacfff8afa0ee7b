"""How many ways of saying one fact are read: short messages that people who had not read the code wrote for one fact each.

    python -m tests.dialogue.understanding.forms               figures by file
    python -m tests.dialogue.understanding.forms occurred_on   every mistake with this fact, but for the lines kept unread

`labelled/forms/*.yaml` are lists of `{text, region, asked, <fact>: value or null}`; null is a trap: nothing of the kind is stated.
One line in three, by a hash of its text, is kept unread: of it only figures are told, so that they say what carries over to new lines.

Not here: whole complaints with all their facts (measure.py), the floors (test_forms.py).
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from case_store.records import Language
from dialogue.understanding.understand import understand
from tests.dialogue.understanding.measure import CURRENCIES, FACTS, NOW, is_right
from tests.yamls import from_yaml

_FOLDER: Final = Path(__file__).parent / "labelled" / "forms"
_VALUE: Final = re.compile(r"\d+\.\d\d [A-Z]{3}")
_LANGUAGES: Final = {"CN": Language.HANS, "HK": Language.HANT, "TW": Language.HANT}


@dataclass(frozen=True, slots=True)
class Form:
    """A message and the one fact that it states; `meant` is None where it states none though it looks so."""

    text: str
    region: str
    asked: tuple[str, ...]
    fact: str
    meant: Any

    @property
    def is_unread(self) -> bool:
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 3 == 0

    def got(self) -> str:
        """What the software reads, as the record would hold it; of a sum without value the words."""
        heard = understand(
            self.text,
            now=NOW,
            region=self.region,
            home_currency=CURRENCIES.get(self.region, "CNY"),
            spoken=_LANGUAGES.get(self.region, Language.EN),
            asked=self.asked,
        )
        value = heard.facts.to_json()[self.fact]
        if self.fact == "amount":
            return f"{value['value']} {value['currency']}" if value else heard.words.get("amount", "")
        return str(value or "")

    def is_read(self, got: str) -> bool:
        if self.meant is None:
            return not got or (self.fact == "amount" and not _VALUE.fullmatch(got))  # the words of a vague sum are kept
        return is_right(self.fact, self.meant, got)


def forms() -> Iterator[tuple[str, Form]]:
    """Every line with the name of its file."""
    for path in sorted(_FOLDER.glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            fact = next(name for name in FACTS if name in entry)
            yield path.stem, Form(entry["text"], entry["region"], tuple(entry.get("asked", ())), fact, entry[fact])


def count() -> Counter[tuple[str, str, bool]]:
    """By file, whether unread and outcome: "right", "wrong" (also missed) or "invented"."""
    counted: Counter[tuple[str, str, bool]] = Counter()
    for name, form in forms():
        got = form.got()
        outcome = "right" if form.is_read(got) else "invented" if form.meant is None else "wrong"
        counted[name, outcome, form.is_unread] += 1
    return counted


def _tell(fact: str) -> None:
    for name, form in forms():
        if form.fact == fact and not form.is_unread and not form.is_read(got := form.got()):
            print(f"{name} [{form.region}] {form.text}\n    {got!r}, meant {form.meant!r}")


def _print() -> None:
    counted = count()
    print("| file | read | kept unread |\n| --- | --- | --- |")
    for name in sorted({name for name, _, _ in counted}):
        print(f"| {name} | {_figure(counted, name, False)} | {_figure(counted, name, True)} |")


def _figure(counted: Counter[tuple[str, str, bool]], name: str, unread: bool) -> str:
    right, wrong, invented = (counted[name, outcome, unread] for outcome in ("right", "wrong", "invented"))
    return f"{right} of {right + wrong + invented}, {invented} invented"


def main() -> None:
    if len(sys.argv) == 1:
        _print()
    for fact in sys.argv[1:]:
        if fact not in FACTS:
            sys.exit(f"{fact!r} is no fact; one of {', '.join(FACTS)}")
        _tell(fact)


if __name__ == "__main__":
    main()
