"""How well texts are understood, beside labels that people wrote who had not read the code.

    python -m tests.dialogue.understanding.measure            both parts, as tables
    python -m tests.dialogue.understanding.measure build -v   the part to build on, with every mistake
    python -m tests.dialogue.understanding.measure --apart    texts by other authors than those learned from
    python -m tests.dialogue.understanding.measure --keep     keeps the figures as the floors of test_labelled.py

`labelled/build` is there to learn from; `labelled/judge` to judge by: of it only figures are told, never a text or what was made
of one, so nobody can tune on it. The narratives of the CFPB are not copied here: their labels name lines of the shared sample.

Not here: how a classifier compares (benchmarks/understanding.py), the floors (test_labelled.py).
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import yaml

from case_store.records import Draft, Judgement
from dialogue.policy_terms import DEFAULT_TRIAGE, TriagePolicy
from dialogue.triage import judge
from dialogue.understanding import classifier
from dialogue.understanding.found import Understanding
from dialogue.understanding.understand import understand
from tests.yamls import from_yaml

PARTS: Final = ("build", "judge")
FACTS: Final = ("name", "contact", "occurred_on", "amount", "about", "desired_outcome")
SIGNALS: Final = (
    "danger_to_life", "wants_person", "stolen_card", "abuse", "withdraws", "asks_status", "asks_data_held", "asks_how_long",
    "another_complaint",
)  # fmt: skip
"""Not `asks_why`: the authors labelled every "why" with it, while the script answers why data is wanted (`answers.py` measures that)."""
OPINIONS: Final = ("language", "kind", "category", "scope", "risk", "disposition", "emotion")
_HERE: Final = Path(__file__).parent
_FOLDER: Final = _HERE / "labelled"
_FLOORS: Final = _FOLDER / "floors.yaml"
CURRENCIES: Final = {"HK": "HKD", "TW": "TWD", "GB": "GBP", "US": "USD", "SG": "SGD", "IE": "EUR"}
_HOME: Final = {"zh-Hans": "CN", "zh-Hant": "HK", "en": "GB"}
NOW: Final = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
_TITLES: Final = re.compile(
    r"^(?:mr|mrs|ms|miss|mdm|dr|rev|sir|lt|cdr|prof)\b\.?|先生$|小姐$|女士$|太太$|[\s.,()]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what a careful person understood: `facts` as the record should hold them, `opinions` by name."""

    id: str
    text: str
    language: str
    region: str
    facts: Mapping[str, Any]
    not_facts: frozenset[str]
    opinions: Mapping[str, str]
    signals: frozenset[str]
    has_facts: bool  # False: only opinions were labelled

    @property
    def is_complaint(self) -> bool:
        return self.opinions.get("kind") == "complaint"


def shared_narratives() -> list[str]:
    """The narratives by line, empty where the shared samples are not beside the tree."""
    root = Path(os.environ.get("QINGTING_SHARED", Path(__file__).resolve().parents[3].parent / "shared"))
    path = root / "data" / "complaints" / "cfpb_en.jsonl"
    if not path.exists():
        return []
    return [json.loads(line)["narrative"] for line in path.read_text("utf-8").splitlines()]


def labelled(part: str) -> list[Labelled]:
    """All texts of a part. Narratives that were looked at while building are not in the part to judge by."""
    narratives = shared_narratives()
    looked_at = from_yaml((_HERE.parent / "cfpb_labels.yaml").read_text("utf-8"))
    seen = {entry["line"] for entry in looked_at["seen"]}
    texts: list[Labelled] = []
    for path in sorted((_FOLDER / part).glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            if "line" not in entry:
                texts.append(_labelled(entry, entry["text"]))
            elif narratives and entry["line"] not in seen:
                texts.append(_labelled(entry, narratives[entry["line"]]))
    taken = {text.text for text in texts}
    looked_at_here = looked_at["seen"] + looked_at["held_out"] if narratives and part == "build" else []
    texts += [
        _opinions_only(entry, narratives[entry["line"]])
        for entry in looked_at_here
        if narratives[entry["line"]] not in taken
    ]
    return texts


def by_author() -> tuple[list[Labelled], list[Labelled]]:
    """The part to build on by who wrote it: the texts of the first and second authors, and those of the third, which judged last.

    What learned from the former alone shows by the latter how well it would do on texts by strangers.
    """
    others = {
        _id(entry) for path in (_FOLDER / "build").glob("*_third.yaml") for entry in from_yaml(path.read_text("utf-8"))
    }
    texts = labelled("build")
    return [text for text in texts if text.id not in others], [text for text in texts if text.id in others]


def narratives_to_learn_from() -> list[str]:
    """The shared narratives that nobody judges by."""
    judged_by = _FOLDER / "judge" / "cfpb.yaml"
    entries = from_yaml(judged_by.read_text("utf-8")) if judged_by.exists() else []
    lines = {entry["line"] for entry in entries}
    return [text for line, text in enumerate(shared_narratives()) if line not in lines]


def _id(entry: Mapping[str, Any]) -> str:
    return str(entry.get("id") or f"cfpb-{entry['line']}")


def _labelled(entry: Mapping[str, Any], text: str) -> Labelled:
    return Labelled(
        _id(entry),
        text,
        entry["language"],
        entry.get("region") or _HOME[entry["language"]],
        entry.get("facts") or {},
        frozenset(entry.get("not_facts") or ()),
        {name: entry[name] for name in OPINIONS if name in entry},
        frozenset(entry.get("signals") or ()),
        has_facts=True,
    )


def _opinions_only(entry: Mapping[str, Any], text: str) -> Labelled:
    opinions = {"kind": "complaint", "category": entry["category"], "risk": entry["risk"]}
    return Labelled(f"cfpb-{entry['line']}", text, "en", "US", {}, frozenset(), opinions, frozenset(), has_facts=False)


@dataclass(frozen=True, slots=True)
class Understood:
    heard: Understanding
    judged: Judgement

    def opinion(self, name: str) -> str:
        if name == "language":
            return str(self.heard.language or "")
        return str(self.heard.emotion if name == "emotion" else getattr(self.judged, name).value)

    def fact(self, name: str) -> str:
        """The value as a text; of a sum without value the words."""
        value = self.heard.facts.to_json()[name]
        if name == "amount":
            return f"{value['value']} {value['currency']}" if value else self.heard.words.get("amount", "")
        return str(value or "")


_POLICY: Final = TriagePolicy.from_mapping(DEFAULT_TRIAGE)


def understood(text: Labelled) -> Understood:
    """What the software makes of a text that stands alone, as a letter or the first burst of a chat."""
    heard = understand(text.text, now=NOW, region=text.region, home_currency=CURRENCIES.get(text.region, "CNY"))
    draft = Draft(heard.facts, dict(heard.words), evidence=dict(heard.evidence))
    return Understood(heard, judge(text.text, draft, _POLICY, language=heard.language))


def is_right(fact: str, meant: Any, got: str) -> bool:
    if fact == "name":
        return _bare(str(meant)) == _bare(got)
    if fact in ("about", "desired_outcome"):
        return any(str(word).lower() in got.lower() for word in meant)
    if fact == "amount" and isinstance(meant, Mapping):
        return f"{meant['value']} {meant['currency']}" == got
    if fact == "amount":
        return str(meant) in got or (bool(got) and got in str(meant))
    return str(meant).lower() == got.lower()


def _bare(name: str) -> str:
    while name != (shorter := _TITLES.sub("", name)):
        name = shorter
    return name.lower()


def stated(text: Labelled) -> dict[str, Any]:
    """By fact what the text states; a vague sum by its words."""
    facts = {name: text.facts[name] for name in FACTS if name in text.facts}
    if "amount_words" in text.facts:
        facts["amount"] = text.facts["amount_words"]
    return facts


def may_hold(text: Labelled, fact: str) -> bool:
    """Whether what was not labelled may stand all the same: of what is no complaint nobody records whom and what it is about."""
    return fact not in text.not_facts and not text.is_complaint and fact in ("about", "desired_outcome")


@dataclass
class Tally:
    """Figures of one part. `facts` counts by fact and outcome, `opinions` by name and whether right, `signals` by outcome."""

    texts: int = 0
    facts: Counter[tuple[str, str]] = field(default_factory=Counter)
    opinions: Counter[tuple[str, bool]] = field(default_factory=Counter)
    signals: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, text: Labelled, result: Understood) -> Iterator[str]:
        """Counts a text in; yields its mistakes, one line each."""
        self.texts += 1
        for name, meant in text.opinions.items():
            got = result.opinion(name)
            self.opinions[name, got == meant] += 1
            if got != meant:
                reason = "" if name in ("language", "emotion") else getattr(result.judged, name).reason
                yield f"{name}: {got} ({reason}), meant {meant}"
        if text.has_facts:
            yield from self._facts(text, result)
            yield from self._signals(text, result)

    def _facts(self, text: Labelled, result: Understood) -> Iterator[str]:
        meant = stated(text)
        for fact in FACTS:
            got = result.fact(fact)
            if fact in meant:
                outcome = "right" if is_right(fact, meant[fact], got) else "wrong" if got else "missed"
                self.facts[fact, "stated"] += 1
            else:
                outcome = "" if not got or may_hold(text, fact) else "invented"
            self.facts[fact, outcome] += 1
            if outcome not in ("", "right"):
                yield f"{fact} {outcome}: {got!r}, meant {meant.get(fact)!r}"

    def _signals(self, text: Labelled, result: Understood) -> Iterator[str]:
        for signal in SIGNALS:
            meant, got = signal in text.signals, signal in result.heard.signals
            outcome = "hit" if meant and got else "missed" if meant else "false" if got else "none"
            self.signals[signal, outcome] += 1
            if outcome in ("missed", "false"):
                yield f"{signal} {outcome}: {result.heard.evidence.get(signal, '')!r}"

    def right(self, name: str) -> float:
        """The share of right opinions."""
        return _share(self.opinions[name, True], self.opinions[name, True] + self.opinions[name, False])

    def recall(self, signal: str) -> float:
        return _share(self.signals[signal, "hit"], self.signals[signal, "hit"] + self.signals[signal, "missed"])

    def precision(self, signal: str) -> float:
        return _share(self.signals[signal, "hit"], self.signals[signal, "hit"] + self.signals[signal, "false"])

    def fact_right(self, fact: str) -> float:
        return _share(self.facts[fact, "right"], self.facts[fact, "stated"])

    def floors(self) -> dict[str, dict[str, dict[str, int]]]:
        """The counts below (or, of mistakes, above) which nothing may fall."""
        return {
            "opinions": {name: {"right": self.opinions[name, True]} for name in OPINIONS},
            "facts": {
                fact: {outcome: self.facts[fact, outcome] for outcome in ("right", "wrong", "invented")}
                for fact in FACTS
            },
            "signals": {
                signal: {outcome: self.signals[signal, outcome] for outcome in ("hit", "false")} for signal in SIGNALS
            },
        }

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """What, the figure, and of how many."""
        for name in OPINIONS:
            of = self.opinions[name, True] + self.opinions[name, False]
            yield name, f"{self.right(name):.1%}", f"{self.opinions[name, True]} of {of}"
        for fact in FACTS:
            count = {
                outcome: self.facts[fact, outcome] for outcome in ("right", "stated", "wrong", "missed", "invented")
            }
            yield (
                fact,
                f"{self.fact_right(fact):.1%}",
                "{right} of {stated}, {wrong} wrong, {missed} missed, {invented} invented".format(**count),
            )
        for signal in SIGNALS:
            hit, missed, false = (self.signals[signal, outcome] for outcome in ("hit", "missed", "false"))
            yield (
                signal,
                f"recall {self.recall(signal):.1%}, precision {self.precision(signal):.1%}",
                f"{hit} of {hit + missed}, {false} false",
            )


def floors() -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """The figures that were kept, by part, kind and name."""
    kept: dict[str, dict[str, dict[str, dict[str, int]]]] = from_yaml(_FLOORS.read_text("utf-8"))
    return kept


def _share(some: int, of: int) -> float:
    return some / of if of else 1.0


def measure(
    texts: Iterable[Labelled],
    told: Callable[[Labelled, list[str]], None] | None = None,
    understand: Callable[[Labelled], Understood] = understood,
) -> Tally:
    """The figures over these texts; `told` gets every text with its mistakes."""
    tally = Tally()
    for text in texts:
        mistakes = list(tally.count(text, understand(text)))
        if told and mistakes:
            told(text, mistakes)
    return tally


def _tell(text: Labelled, mistakes: list[str]) -> None:
    print(f"\n{text.id} [{text.region}] {text.text[:600]}")
    for mistake in mistakes:
        print(f"    {mistake}")


def _print(name: str, tally: Tally) -> None:
    print(f"\n{name}: {tally.texts} texts\n\n| what | figure | of |\n| --- | --- | --- |")
    for row in tally.rows():
        print("| " + " | ".join(row) + " |")


def _apart() -> Tally:
    """The figures over texts by authors whom the classifier did not learn from; the word lists are as they are shipped."""
    from tests.dialogue.understanding import train  # it learns from the texts that are read here

    learned, others = by_author()
    made = classifier.Model(**train.model(learned))
    classifier.forget()
    try:
        with patch.object(classifier, "model", lambda: made):
            return measure(others)
    finally:
        classifier.forget()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=[], metavar="part", help="build, judge (default: both)")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell the mistakes; of the part to judge by never")
    parser.add_argument("--apart", action="store_true", help="train on one author's texts, measure by others'")
    parser.add_argument("--keep", action="store_true", help="keep the figures as floors")
    chosen = parser.parse_args()
    if chosen.apart:
        _print("others' texts", _apart())
        return
    kept = floors()
    for part in chosen.parts or PARTS:
        tally = measure(labelled(part), _tell if chosen.verbose and part == "build" else None)
        _print(part, tally)
        kept[part] = tally.floors()
    if chosen.keep:
        _FLOORS.write_text(yaml.safe_dump(kept, sort_keys=False), "utf-8")


if __name__ == "__main__":
    main()
