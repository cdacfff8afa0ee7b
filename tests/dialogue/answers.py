"""How well answers to the bot's questions are understood: answers that people who had not read the code wrote for one question each.

    python -m tests.dialogue.answers             figures by file and by what was meant
    python -m tests.dialogue.answers readback_en mistakes of this file, but for the answers kept unread

`answered/readback_*.yaml` are answers to the read-back, `answered/asked_*.yaml` to the question for one fact. One answer in three, by a
hash of its text, is kept unread: of it only figures are told, so that they say what carries over to new ones.

Not here: facts in whole complaints (understanding/measure.py), whole conversations (tests/conformance), the floors (test_answers.py).
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from case_store.records import Draft, Language
from dialogue.embedded import EmbeddedEngine, embedded_engine
from dialogue.turn import BotTurn, CallPerson, FileCase
from tests.dialogue.conftest import Conversation
from tests.dialogue.houses import HOUSES
from tests.dialogue.understanding.measure import is_right
from tests.yamls import from_yaml

_FOLDER: Final = Path(__file__).parent / "answered"
_FACTS: Final = ("occurred_on", "amount", "name", "contact", "about", "desired_outcome")
_TOLD: Final = {
    "CN": ("上周二在你们手机银行买黄金积存，页面写着免手续费，成交扣了我86元。要求退手续费。", "鲜于洁 13800138000"),
    "HK": ("上星期二喺觀塘分行過數，話免手續費，扣咗我860蚊。要求退返手續費。", "麥炳坤 51239876"),
    "TW": ("上週二在板橋分行轉帳，說免手續費，卻扣了我860元。要求退手續費。", "林佳蓉 0912345678"),
    "GB": (
        "Last Tuesday at your Crewe branch I was charged an £86 transfer fee. Please refund the fee.",
        "Dean Prosser, 07700 900655",
    ),
}
_STORIES: Final = {
    "CN": "你们网点的人态度太差，办个事把我气得够呛",
    "HK": "你哋分行啲人態度好差",
    "TW": "你們分行的人態度很差",
    "GB": "your staff treated me terribly and I lost money by it",
}
_LANGUAGES: Final = {"CN": Language.HANS, "HK": Language.HANT, "TW": Language.HANT, "GB": Language.EN}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer answers, to the read-back or to the question for the fact `asked`; `values` is what the facts are after it."""

    file: str
    region: str
    text: str
    means: str
    asked: str | None
    values: Mapping[str, Any]

    @property
    def is_unread(self) -> bool:
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 3 == 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer: `does` in the words of the files (`open` where nothing came of it), `draft` as it stands after it."""

    does: str
    before: Draft
    draft: Draft
    turn: BotTurn

    def changed(self) -> dict[str, str]:
        """By fact what is otherwise than before."""
        was, now = self.before, self.draft
        return {fact: value for fact in _FACTS if (value := _value(now, fact)) != _value(was, fact)}


def answers() -> Iterator[Answer]:
    for path in sorted(_FOLDER.glob("*.yaml")):
        for entry in from_yaml(path.read_text("utf-8")):
            values = {fact: entry[fact] for fact in _FACTS if fact in entry}
            if "asked" in entry and entry["means"] in ("value", "vague"):
                values = {entry["asked"]: entry.get("value")}
            yield Answer(path.stem, entry["region"], entry["text"], entry["means"], entry.get("asked"), values)


@cache
def _engine() -> EmbeddedEngine:
    return embedded_engine()


def _begun(region: str) -> Conversation:
    return Conversation(_engine(), locale=_LANGUAGES[region], house=HOUSES[region])


@cache
def _at_the_read_back(region: str) -> tuple[dict[str, Any], Draft]:
    talk = _begun(region)
    for told in _TOLD[region]:
        talk.say(told)
    if talk.asks != ("confirm",):
        raise AssertionError(f"{region}: not read back but {talk.text}")
    return talk.state, talk.draft


def outcome(answer: Answer) -> Outcome:
    """What the engine makes of the answer."""
    talk = _begun(answer.region)
    if answer.asked is None:
        talk.state, talk.draft = _at_the_read_back(answer.region)
    else:
        talk.say(_STORIES[answer.region])
        talk.state = {**talk.state, "asked": [answer.asked]}
        talk.draft = replace(talk.draft, facts=replace(talk.draft.facts, **{answer.asked: None}))
    before = talk.draft
    turn = talk.say(answer.text)
    found = Outcome("open", before, talk.draft, turn)
    return replace(found, does=_does(found, answer))


def _does(found: Outcome, answer: Answer) -> str:
    reasons = [act.reason for act in found.turn.acts if isinstance(act, CallPerson)]
    names = {said.response for said in found.turn.says}
    if reasons:
        return "no" if reasons == ["wits_end"] else "person"
    if found.turn.state.get("pending") == "withdraw" or found.turn.state.get("phase") == "withdrawn":
        return "stop"
    if found.changed():
        return "value" if answer.asked else "fix"
    if any(isinstance(act, FileCase) for act in found.turn.acts):
        return "yes"
    if "utter_ask_what_to_correct" in names:
        return "no"
    if answer.asked:
        again = any(answer.asked in said.asks for said in found.turn.says)
        return "open" if again else "settled"
    return "adds" if found.draft.facts.what_happened != found.before.facts.what_happened else "open"


_RIGHT: Final = {
    "asks": {"open"}, "unsure": {"open"}, "adds": {"adds", "fix"},
    "unknown": {"settled"}, "none": {"settled"}, "refuses": {"settled"}, "told": {"settled", "open"}, "vague": {"settled", "value"},
}  # fmt: skip
"""What may come of an answer that means this, where it isn't the same word."""


def is_understood(answer: Answer, found: Outcome) -> bool:
    """Whether what came of it is right: the same thing, with the same facts, and nothing else changed."""
    if answer.means in ("fix", "value"):
        changed = found.changed()
        return changed.keys() == answer.values.keys() and all(
            _holds(fact, meant, changed[fact]) for fact, meant in answer.values.items()
        )
    if answer.asked == "desired_outcome" and answer.means in ("open", "unknown", "none"):
        return found.does in ("settled", "value")  # their own words for it stand for the wish
    if answer.means == "adds":
        return found.does in _RIGHT["adds"] and not found.changed()
    return found.does in _RIGHT.get(answer.means, {answer.means}) or (
        answer.means == "open" and found.does == "settled"
    )


def _holds(fact: str, meant: Any, got: str) -> bool:
    if meant is None:
        return not got
    words = [meant] if fact in ("about", "desired_outcome") and isinstance(meant, str) else meant
    return is_right(fact, words, got)


def _value(draft: Draft, fact: str) -> str:
    value = draft.facts.to_json()[fact]
    if fact == "amount":
        return f"{value['value']} {value['currency']}" if value else draft.words.get("amount", "")
    return str(value or "")


def count() -> Counter[tuple[str, str, bool, bool]]:
    """By file, what was meant, whether unread and whether understood."""
    return Counter(
        (answer.file, answer.means, answer.is_unread, is_understood(answer, outcome(answer))) for answer in answers()
    )


def _tell(file: str) -> None:
    for answer in answers():
        if answer.file == file and not answer.is_unread and not is_understood(answer, found := outcome(answer)):
            said = " / ".join(said.response for said in found.turn.says)
            print(f"[{answer.asked or answer.region}] {answer.text}")
            print(
                f"    meant {answer.means} {dict(answer.values) or ''}: {found.does} {found.changed() or ''} ({said})"
            )


def _print() -> None:
    counted = count()
    print("| file | meant | read | kept unread |\n| --- | --- | --- | --- |")
    for file, means in sorted({(file, means) for file, means, _, _ in counted}):
        shares = []
        for unread in (False, True):
            right, wrong = counted[file, means, unread, True], counted[file, means, unread, False]
            shares.append(f"{right} of {right + wrong}")
        print(f"| {file} | {means} | {shares[0]} | {shares[1]} |")
    for unread in (False, True):
        right = sum(number for key, number in counted.items() if key[2] is unread and key[3])
        print("unread" if unread else "read", right, "of", sum(n for key, n in counted.items() if key[2] is unread))


def main() -> None:
    if len(sys.argv) == 1:
        _print()
    for file in sys.argv[1:]:
        _tell(file)


if __name__ == "__main__":
    main()
