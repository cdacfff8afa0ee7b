"""One turn while it is being answered: what was heard, what is known, what is being said and done.

Actions read and change a scene; the engine makes one from a `CustomerTurn` and turns it into a `BotTurn`. What is said in
one turn becomes one message: two bubbles for one thought would ask before the first is read.

Not here: which actions run (embedded.py), what they say (actions.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from case_store.records import Draft, Judgement, Language
from dialogue.deal import Deal
from dialogue.memory import Memory
from dialogue.script import Script, filled
from dialogue.turn import Act, BotTurn, Choice, CustomerTurn, Pace, Said
from dialogue.understanding.found import Signal, Understanding


class Judge(Protocol):
    def __call__(
        self, text: str, draft: Draft, *, subject: str | None = None, language: Language | None = None
    ) -> Judgement: ...


@dataclass(frozen=True, slots=True)
class Piece:
    response: str
    text: str
    asks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    attached: bool = False  # goes on in the paragraph before it


@dataclass(slots=True)
class Scene:
    script: Script
    turn: CustomerTurn
    heard: Understanding
    memory: Memory
    draft: Draft
    judge: Judge
    judgement: Judgement | None = None
    learned: list[str] = field(default_factory=list)  # facts known since this turn
    changed: list[str] = field(default_factory=list)  # facts that have another value since this turn
    refused: list[str] = field(default_factory=list)  # facts the customer would not give, said in this turn
    told_more: bool = False  # more of the story
    repeats: bool = False  # the customer says again what stands in the story
    settled: list[str] = field(default_factory=list)  # asked for, and there is none
    in_vain: list[str] = field(default_factory=list)  # asked for, and still not known after this answer
    pieces: list[Piece] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    silent: bool = False
    confirmed: bool = False
    intent: str = ""  # what was meant: an intent of the script
    deal: Deal | None = None  # what was answered to an offer, if anything
    asks_back: bool = False  # a question was answered with a question, and nothing else
    odd_number: bool = False  # what was given for a number cannot be one, and is asked for again
    unmoved: bool = False  # the turn leaves the conversation where it stood, and nothing is said

    @property
    def language(self) -> Language:
        return Language(self.memory.language)

    @property
    def got_something(self) -> bool:
        return bool(self.learned or self.changed or self.told_more)

    @property
    def brought(self) -> str:
        """What came along in a live conversation, `voice` or `file`, or empty.

        Named files count if nothing was said with them: words beside those that a chat sends are words like others.
        """
        if self.turn.pace is not Pace.LIVE:
            return ""
        wordless = any(message.files and not message.text.strip() for message in self.turn.messages)
        return max(self._from_messenger(), "file" if wordless else "")

    @property
    def captions(self) -> bool:
        """Whether words may be what a messenger puts under a picture."""
        return bool(self.turn.pace is Pace.LIVE and self._from_messenger())

    def _from_messenger(self) -> str:
        return max((message.brought for message in self.turn.messages if message.brought != "missing"), default="")

    @property
    def only_brought(self) -> bool:
        """Whether something came and nothing was said, or no more than what it is ("the receipt")."""
        told = self.got_something or self.refused or self.settled or self.heard.signals
        return bool(self.brought) and not told

    def heard_signal(self, *signals: Signal) -> bool:
        return not self.heard.signals.isdisjoint(signals)

    def knows(self, fact: str) -> bool:
        """A value, or the customer's words where they are ambiguous."""
        return getattr(self.draft.facts, fact, None) is not None or fact in self.draft.words

    def slots(self) -> dict[str, Any]:
        return {
            "language": self.memory.language,
            "dialect": self.memory.dialect,
            "phase": self.memory.phase,
            "pending": self.memory.pending,
            "pace": self.turn.pace.value,
            "channel": self.turn.channel.value,
            "emotion": self.heard.emotion.value,
        }

    def render(
        self, response: str, *, conditions: dict[str, Any] | None = None, beginning: int = 0, **values: str
    ) -> Piece | None:
        """The response in the customer's language, another way of saying it each time; None if the script has none.

        `beginning` is the way that comes first; the others follow in the order of the script, and round again.
        """
        slots = self.slots() | (conditions or {})
        variants = self.script.variants(response, slots)
        if not variants:
            return None
        variant = variants[(beginning + self.memory.said.get(response, 0)) % len(variants)]
        text = filled(variant.text, values)
        return Piece(response, text, choices=tuple(Choice(button.title, button.intent) for button in variant.buttons))

    def word(self, response: str, **values: str) -> str:
        """A part of a sentence: a line of the read-back, the name of a status."""
        piece = self.render(response, conditions=dict(values.items()), beginning=0, **values)
        return "" if piece is None else piece.text

    def say(
        self,
        response: str,
        asks: tuple[str, ...] = (),
        *,
        conditions: dict[str, Any] | None = None,
        attached: bool = False,
        beginning: int = 0,
        **values: str,
    ) -> None:
        piece = self.render(response, conditions=conditions, beginning=beginning, **values)
        if piece is None:
            return
        self.memory.said[response] = self.memory.said.get(response, 0) + 1
        self.pieces.append(Piece(response, piece.text, asks, piece.choices, attached and bool(self.pieces)))

    def say_once(
        self,
        response: str,
        *,
        conditions: dict[str, Any] | None = None,
        attached: bool = False,
        beginning: int = 0,
        **values: str,
    ) -> bool:
        """Says it unless every way of saying it has been used."""
        variants = self.script.variants(response, self.slots() | (conditions or {}))
        if self.memory.said.get(response, 0) >= len(variants):
            return False
        self.say(response, (), conditions=conditions, attached=attached, beginning=beginning, **values)
        return True

    def answer(self) -> BotTurn:
        if self.unmoved:
            return BotTurn((), self.turn.state, self.draft, self.language, self.judgement)
        says: tuple[Said, ...] = ()
        self.memory.asked = []
        if self.pieces and not self.silent:
            asks = tuple(dict.fromkeys(fact for piece in self.pieces for fact in piece.asks))
            choices = tuple(choice for piece in self.pieces for choice in piece.choices)
            text = self._joined()
            says = (Said("+".join(piece.response for piece in self.pieces), text, asks, choices),)
            self.memory.asked = list(asks)
        return BotTurn(says, self.memory.to_json(), self.draft, self.language, self.judgement, tuple(self.acts))

    def _joined(self) -> str:
        paragraph = "\n\n" if self.turn.pace is Pace.LETTER else "\n"
        sentence = " " if self.language is Language.EN else ""
        text = self.pieces[0].text
        for piece in self.pieces[1:]:
            text += (sentence if piece.attached else paragraph) + piece.text
        return text


Action = Callable[[Scene], None]
