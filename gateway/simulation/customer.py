"""What a customer says next: from their sheet, in their own words, to what they take the house to ask.

Not here: how it is typed and sent (webchat.py and its neighbours), who judges the house (scoring.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.simulation.reading import CONFIRM, OTHER, is_readback
from gateway.simulation.sheet import FACTS, Move, NotYet, Sheet
from gateway.simulation.shown import is_shown, laid_out

STOCK: Final = {
    "zh-Hans": {
        "unknown": "不清楚",
        "again": "我说过了，",
        CONFIRM: "对的",
        OTHER: "是的",
        "joint": "，",
        "wrong": "{fact}不对，应该是：{words}",
    },
    "zh-Hant": {
        "unknown": "不清楚",
        "again": "我說過了，",
        CONFIRM: "對",
        OTHER: "是",
        "joint": "，",
        "wrong": "{fact}不對，應該是：{words}",
    },
    "en": {
        "unknown": "I don't know",
        "again": "as I said: ",
        CONFIRM: "yes, that's right",
        OTHER: "yes",
        "joint": ", ",
        "wrong": "the {fact} is wrong, it should be: {words}",
    },
}

CALLED: Final = {
    "zh-Hans": {
        "what_happened": "经过", "about": "投诉对象", "occurred_on": "日期", "amount": "金额", "desired_outcome": "要求",
        "name": "姓名", "contact": "联系方式",
    },
    "zh-Hant": {
        "what_happened": "經過", "about": "投訴對象", "occurred_on": "日期", "amount": "金額", "desired_outcome": "要求",
        "name": "姓名", "contact": "聯絡方式",
    },
    "en": {
        "what_happened": "story", "about": "subject", "occurred_on": "date", "amount": "amount", "desired_outcome": "request",
        "name": "name", "contact": "contact",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said now, line by line, and what it settles. `leaves`: the window is closed and opened again first."""

    lines: tuple[str, ...]
    tells: frozenset[str] = frozenset()
    answering: frozenset[str] = frozenset()
    leaves: bool = False
    wish: bool = False
    corrects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: str | None = None


class Talker:
    """One customer in one conversation."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._said: Counter[str] = Counter()  # how often each question was answered
        self._moves = list(sheet.moves)
        self._answers = 0
        self._readbacks = 0
        self._told: set[str] = set(sheet.tells)
        self._put_right: set[str] = set()
        self._wishes = sheet.ends in ("person", "danger", "withdrawn")

    def first(self) -> Reply:
        wish = self._wishes and not self._moves
        return Reply(self.sheet.opens, frozenset(self.sheet.tells), wish=wish)

    def answer(self, asks: frozenset[str], text: str = "") -> Reply | None:
        """What is said to a message that asks this. None: nothing was asked, and nothing occurs to them.

        `text` is the message itself: who is attentive finds in a read-back what is wrong.
        """
        reply = self._answer(asks, text)
        self._told |= reply.tells if reply is not None else frozenset()
        return reply

    def _answer(self, asks: frozenset[str], text: str) -> Reply | None:
        self._answers += 1
        if CONFIRM in asks:
            self._readbacks += 1
        move = self._due(asks)
        if move is not None:
            return self._moved(move, asks)
        if CONFIRM in asks and self.sheet.attentive and is_readback(text):
            return self._objection(text) or self._plain(asks)
        return self._plain(asks) if asks else None

    def _objection(self, text: str) -> Reply | None:
        """Puts right what was told and is not read back, each thing once."""
        known = {fact: values for fact, values in self.sheet.sheet.items() if fact in self._told - self._put_right}
        taken = laid_out(text, self.sheet.opens)
        wrong: dict[str, tuple[str, ...]] = {
            fact: values
            for fact, values in known.items()
            if not is_shown(fact, values, text if fact == "what_happened" else taken)
        }
        self._put_right |= wrong.keys()
        if not wrong:
            return None
        stock, called = STOCK[self.sheet.language], CALLED[self.sheet.language]
        lines = [
            stock["wrong"].format(
                fact=called[fact], words=self._words(fact)[0] if fact in self.sheet.says else values[0]
            )
            for fact, values in wrong.items()
        ]
        return Reply(self._lines(lines), frozenset(wrong), corrects=wrong)

    def after_filing(self) -> Reply | None:
        """What is said once the reference number is there."""
        for move in self._moves:
            if move.at == "filed":
                self._moves.remove(move)
                return self._moved(move, frozenset())
        return None

    def _due(self, asks: frozenset[str]) -> Move | None:
        moments = {f"answer {self._answers}", *(f"asked {fact}" for fact in asks & frozenset(FACTS))}
        if CONFIRM in asks:
            moments |= {f"readback {self._readbacks}", *(["readback"] if self._readbacks == 1 else [])}
        for move in self._moves:
            # a moment that has passed unseen (the house asked for less than thought) comes at the next chance
            late = move.at.startswith("answer ") and int(move.at.split()[1]) < self._answers
            if move.at in moments or late:
                self._moves.remove(move)
                return move
        return None

    def _moved(self, move: Move, asks: frozenset[str]) -> Reply:
        also = self._plain(asks) if move.and_answers and asks else None
        return Reply(
            (*move.says, *(also.lines if also else ())),
            frozenset(move.corrects) | (also.tells if also else frozenset()),
            (also.answering if also else frozenset()),
            leaves=move.leaves,
            wish=self._wishes and not self._moves,
            corrects=move.corrects,
            language=move.language,
        )

    def _plain(self, asks: frozenset[str]) -> Reply:
        if CONFIRM in asks:
            words, _ = self._words(CONFIRM)
            return Reply(self._lines([words]), frozenset({CONFIRM}), frozenset({CONFIRM}))
        facts = [fact for fact in FACTS if fact in asks]
        if not facts:
            words, _ = self._words(OTHER)
            return Reply(self._lines([words]))
        joint = next((key for key in self.sheet.says if "+" in key and set(key.split("+")) == set(facts)), None)
        answers = [self._words(joint)] if joint else [self._words(fact) for fact in facts]
        settled = frozenset(facts) if joint else frozenset()
        for fact, (_, settles) in zip(facts if not joint else [], answers, strict=False):
            settled |= {fact} if settles else frozenset()
        if joint and not answers[0][1]:
            settled = frozenset()
        return Reply(self._lines([words for words, _ in answers]), settled, settled)

    def _words(self, asked: str) -> tuple[str, bool]:
        """(words, whether they settle the question)"""
        answers = self.sheet.says.get(asked)
        stock = STOCK[self.sheet.language]
        if answers is None and asked in self.sheet.tells:
            return stock["again"] + " ".join(self.sheet.opens), True
        if answers is None:
            return stock.get(asked, stock["unknown"]), True
        one = answers[min(self._said[asked], len(answers) - 1)]
        self._said[asked] += 1
        return (one.not_yet, False) if isinstance(one, NotYet) else (one, True)

    def _lines(self, words: list[str]) -> tuple[str, ...]:
        said = ""
        for one in dict.fromkeys(word.strip() for word in words):
            joint = STOCK[self.sheet.language]["joint"]
            ended = said.endswith(tuple(".,;!?。，；！？…"))
            said += one if not said else (" " if self.sheet.language == "en" else "") + one if ended else joint + one
        if "bursts" in self.sheet.tempers:
            return tuple(line for line in said.splitlines() if line.strip())
        return (said,)
