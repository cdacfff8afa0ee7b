"""Listening: what a turn's messages say, taken up and judged, before anybody decides what to answer.

Both engines begin a turn here: join the burst, understand it, take up the facts, judge, and say what was meant. So what is
known of a complaint never depends on the engine that asks for the rest of it.

Not here: what is understood (understanding/), judged (triage.py), and what follows from what was meant (the script, run by an
engine).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final, Protocol

from case_store.records import Draft, Facts, Judgement, Language
from dialogue import actions, circles, corrections, deal, files, spoken, triage
from dialogue.amending import amended
from dialogue.answering import as_heard, kind_of_answer, without_chatter
from dialogue.as_said import wish_beside
from dialogue.asking_back import Asked, asked_back, gives_up, leaves_it_open, ponders, without_answers
from dialogue.fraud import with_scam
from dialogue.intents import EDITS, INTENTS, intent_of
from dialogue.memory import Memory, Phase
from dialogue.policy_terms import DEFAULT_TRIAGE, TriagePolicy
from dialogue.scene import Judge, Scene
from dialogue.script import Script
from dialogue.story import is_telling
from dialogue.taking import take_correction, take_facts, take_odd_number, take_reach
from dialogue.turn import CustomerMessage, CustomerTurn, Pace
from dialogue.understanding.afterwards import After, after_in
from dialogue.understanding.agreement import agreement_in
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.holding import holds_back
from dialogue.understanding.language import Dialect, writes_cantonese
from dialogue.understanding.machines import asks_if_machine, without_the_question
from dialogue.understanding.meant import without_denied
from dialogue.understanding.named import as_named, corrections_named
from dialogue.understanding.reaching import REACH, reach_in, wants_no_contact, without_reach
from dialogue.understanding.regions import CURRENCIES, region_said
from dialogue.understanding.repeats import without_repeated
from dialogue.understanding.replies import Reply
from dialogue.understanding.second import parted
from dialogue.understanding.signals import danger_in, declines_in, states_a_fact
from dialogue.understanding.terms import fold
from dialogue.understanding.understand import understand
from dialogue.weighing import LONGEST_ANSWER

_Pairs = frozenset[tuple[str, str]]


class Understand(Protocol):
    def __call__(
        self,
        text: str,
        *,
        now: datetime,
        region: str,
        home_currency: str,
        asked: tuple[str, ...] = (),
        spoken: Language | None = None,
        only: str | None = None,
    ) -> Understanding: ...


_FIGURE: Final = re.compile(r"[\d一二两三四五六七八九十百千万萬兩]")
_THIS_NOT_THAT: Final = re.compile(
    r"((?:是|係|系|叫)[^，,。！!？?\n不唔]{1,12})[，, ]?((?:不是|唔係|唔系|并非|並非)[^，,。！!？?\n]{1,12})(?=\W*$)"
)  # said of a registered complaint without a pause: 是60块不是50
_IT_WAS: Final = re.compile(r"^.*\b(?:it was|it's|it is|that was|was|in|meant)\s+", re.IGNORECASE)
_CALLS: Final = re.compile(
    r"催收|催债|催債|骚扰|騷擾|打电话|打電話|打畀|打俾|\b(?:calls?|calling|ringing|phoning|collect\w+|chasing|harass\w+)\b",
    re.IGNORECASE,
)
_CODES: Final = {"+852": "HK", "+853": "MO", "+886": "TW"}
_ASKS_FOR_NOBODY: Final = frozenset({Signal.WANTS_PERSON})
_MISTAKEN: Final[Mapping[After | None, frozenset[Signal]]] = {
    After.HOW_THEY_ANSWER: _ASKS_FOR_NOBODY,
    After.WHOM: _ASKS_FOR_NOBODY,
    After.NEXT: _ASKS_FOR_NOBODY,
    After.CONFIDENTIAL: frozenset({Signal.ASKS_DATA_HELD, Signal.ASKS_WHY}),
}
"""What a question after filing may be taken for: "will somebody ring me?" asks and orders nothing."""
MOST_OTHERS: Final = 3  # matters that wait for their turn each by itself
_CHOICES: Final = {"affirm": Signal.YES, "deny": Signal.NO}


def judge_by(policy: TriagePolicy | None = None) -> Judge:
    """The judgement under this policy, remembered: most turns of a conversation leave the story as it was."""
    rules = policy or TriagePolicy.from_mapping(DEFAULT_TRIAGE)

    @lru_cache(maxsize=512)
    def remembered(
        text: str, facts: Facts, words: _Pairs, evidence: _Pairs, subject: str | None, language: Language | None
    ) -> Judgement:
        draft = Draft(facts, dict(words), evidence=dict(evidence))
        return triage.judge(text, draft, rules, subject=subject, language=language)

    def judge(text: str, draft: Draft, *, subject: str | None = None, language: Language | None = None) -> Judgement:
        words, evidence = frozenset(draft.words.items()), frozenset(draft.evidence.items())
        return remembered(text, draft.facts, words, evidence, subject, language)

    return judge


class Listener:
    """Makes of a turn the scene that an engine answers."""

    def __init__(self, script: Script, judge: Judge, understand: Understand = understand) -> None:
        self.script = script
        self.judge = judge
        self._understand = understand

    def begin(self, turn: CustomerTurn) -> Scene:
        """The scene with everything taken up, judged and acknowledged; `intent` says what was meant."""
        corrected, rest = corrections.apart(turn)
        if not corrected:
            return self._ready(self._listen(turn))
        scene, was = self._correct(rest, corrected)
        if rest.messages:
            heard = self._listen(replace(rest, draft=scene.draft))
            heard.changed += scene.changed
            heard.learned += scene.learned
            return self._ready(heard)
        if _interrupts(scene.heard.signals - was.signals):
            return self._ready(scene, take_up=False)
        actions.judge(scene)
        scene.intent = EDITS
        return scene

    def _ready(self, scene: Scene, *, take_up: bool = True) -> Scene:
        scene.deal = deal.read(scene.turn, scene.memory, scene.heard.signals, scene.heard.facts)
        if take_up and scene.heard.text.strip():
            self._take_up(scene)
        take_reach(scene)
        take_odd_number(scene)
        actions.judge(scene)
        self._show_notice(scene)
        files.acknowledge(scene)
        circles.count(scene)
        scene.intent = intent_of(scene)
        if scene.intent == "enquiry":
            scene.draft, scene.learned = scene.turn.draft, []  # what a question names is nobody's complaint
        return scene

    def _correct(self, turn: CustomerTurn, messages: Sequence[CustomerMessage]) -> tuple[Scene, Understanding]:
        """A scene in which answered messages have got the text that they have now, and what the last of them said before."""
        memory = Memory.of(turn.state, turn.locale.value)
        draft, changed, learned, told_more = turn.draft, list[str](), list[str](), False
        for message in messages:
            asked = corrections.facts_from(draft, message.corrects or "")
            was = self._read(turn, message.corrects or "", asked)
            heard = self._read(turn, message.text, asked)
            heard = replace(heard, signals=heard.signals | {Signal.CORRECTS})
            if (reach := reach_in(message.text)) is not None:
                heard = replace(heard, words={**heard.words, REACH: reach})
            scene = Scene(self.script, turn, heard, memory, draft, self.judge)
            take_correction(scene, was)
            take_reach(scene)
            draft, told_more = scene.draft, told_more or scene.told_more
            changed += [fact for fact in scene.changed if fact not in changed]
            learned += [fact for fact in scene.learned if fact not in learned]
        scene.changed, scene.learned, scene.told_more = changed, learned, told_more
        return scene, was

    def _listen(self, turn: CustomerTurn) -> Scene:
        memory = Memory.of(turn.state, turn.locale.value)
        if memory.phase == Phase.FILED and memory.pending == "withdraw" and "confirm" not in memory.asked:
            memory.pending = memory.withdrawing = None  # something else was said since: a nod to that withdraws nothing
        said = "\n".join(message.text for message in turn.messages if message.text)
        reach = None if "contact" in memory.asked and wants_no_contact(said) else reach_in(said)
        text = _new_in(_beside_reach(said, turn, memory) if reach else said, turn, memory)
        repeats = text != said and reach is None
        if machine := asks_if_machine(text):
            text = without_the_question(text).strip()
        puts_right = memory.phase == Phase.FILED and _THIS_NOT_THAT.search(text) is not None
        if puts_right:
            text = _THIS_NOT_THAT.sub(r"\1，\2", text)
        heard, text = self._read_one_matter(turn, memory, text)
        if repeats and (danger := danger_in(said)):  # never left out, however often it was said
            evidence = {**heard.evidence, Signal.DANGER_TO_LIFE.value: danger}
            heard = replace(heard, signals=heard.signals | {Signal.DANGER_TO_LIFE}, evidence=evidence)
        if memory.phase == Phase.FILED and (puts_right or states_a_fact(text)):
            heard = replace(heard, signals=heard.signals | {Signal.CORRECTS})
        corrects = Signal.CORRECTS in heard.signals or (memory.loop is not None and len(text) <= LONGEST_ANSWER)
        if corrects and (meant := without_denied(text)) is not None:
            heard = self._read_what_is_meant(turn, heard, meant, tuple(memory.asked))
        heard = self._read_what_is_named(turn, heard, text)
        held = memory.pending == "withdraw" and memory.phase == Phase.CONFIRMING and holds_back(text)
        read_back = memory.asked == ["confirm"] and (held or memory.pending not in ("withdraw", deal.SETTLE))
        if read_back or (Signal.CORRECTS in heard.signals and len(text) <= LONGEST_ANSWER):
            heard = self._read_as_sum(turn, heard)
        heard = self._read_as_day(turn, heard)
        spoken.follow(memory, heard, told=turn.draft.facts.what_happened is not None)
        if memory.language != Language.HANT:
            memory.dialect = None
        elif writes_cantonese(text):
            memory.dialect = Dialect.HK.value
        memory.region = region_said(text, heard.language or Language(memory.language)) or memory.region
        chosen = {_CHOICES[message.choice] for message in turn.messages if message.choice in _CHOICES}
        if chosen and Signal.ANOTHER_COMPLAINT not in heard.signals:
            heard = _with_choice(heard, chosen)
        at_read_back = read_back and turn.pace is Pace.LIVE and memory.loop is not None and not chosen
        found = amended(heard, turn.draft, partial(self._read_alone, turn), turn.now.date()) if at_read_back else None
        heard, back = (
            (found.heard, found.asks_back) if found else _as_answer(turn, memory, heard, said if repeats else None)
        )
        if not chosen:
            heard = with_scam(heard, said, turn, memory)
            back = back and Signal.SCAM_NOW not in heard.signals
        if machine and not chosen:
            heard = replace(heard, signals=heard.signals - {Signal.WANTS_PERSON} | {Signal.ASKS_MACHINE})
        if memory.phase == Phase.FILED and not turn.waiting:
            heard = replace(heard, signals=heard.signals - _MISTAKEN.get(after_in(text), frozenset()))
        if reach is not None and not chosen:
            heard = self._with_reach(turn, memory, heard, reach, said)
        return Scene(self.script, turn, heard, memory, turn.draft, self.judge, repeats=repeats, asks_back=back)

    def _with_reach(
        self, turn: CustomerTurn, memory: Memory, heard: Understanding, reach: str, said: str
    ) -> Understanding:
        """Keeps how they want to be reached, and what is grave in it, beside what else was read."""
        whole = self._read(turn, said, ())
        grave = whole.signals & _GRAVE - {Signal.WANTS_PERSON}
        evidence = {**{signal.value: whole.evidence.get(signal, "") for signal in grave}, **heard.evidence}
        wish = heard.facts.desired_outcome
        only = turn.pace is Pace.LETTER and wish is not None and wish in reach
        facts = replace(heard.facts, desired_outcome=None) if only else heard.facts
        words = {**heard.words, REACH: reach}
        named = heard.named
        if turn.pace is Pace.LIVE and heard.text == said and "desired_outcome" in memory.asked and wish is None:
            facts, named = replace(facts, desired_outcome=said.strip()), named | {"desired_outcome"}
        return replace(heard, facts=facts, signals=heard.signals | grave, words=words, evidence=evidence, named=named)

    def _read_alone(self, turn: CustomerTurn, text: str, fact: str) -> Understanding:
        """The words as an answer to what was asked for one fact, a day, a sum or an address: nothing else is read."""
        return self._read(turn, text, (fact,), only=fact)

    def _read(self, turn: CustomerTurn, text: str, asked: tuple[str, ...], *, only: str | None = None) -> Understanding:
        region, currency = _place(turn)
        return self._understand(
            text,
            now=turn.now,
            region=region,
            home_currency=currency,
            asked=asked,
            spoken=Language(turn.state["language"]) if "language" in turn.state else None,
            only=only,
        )

    def _read_one_matter(self, turn: CustomerTurn, memory: Memory, text: str) -> tuple[Understanding, str]:
        """What the words say of the matter at hand. What they tell of another is kept for its turn, or taken up now."""
        heard = self._read(turn, text, _asked(turn, memory))
        if memory.others and memory.phase == Phase.FILED and memory.pending == "another":
            return self._read_the_other(turn, memory, heard, text)
        split = None if turn.pace is Pace.LETTER or memory.phase in (Phase.FILED, Phase.WITHDRAWN) else parted(text)
        if split is None or not (is_telling(split[0]) or turn.draft.facts.what_happened is not None):
            return heard, text
        own, other = split
        memory.others = [*memory.others[: MOST_OTHERS - 1], "\n".join([*memory.others[MOST_OTHERS - 1 :], other])]
        said = heard
        heard = self._read(turn, own, tuple(memory.asked)) if own else Understanding("", heard.language)
        grave = said.signals & {Signal.DANGER_TO_LIFE, Signal.SCAM_NOW, Signal.WANTS_PERSON, Signal.STOLEN_CARD}
        signals = heard.signals | grave | {Signal.ANOTHER_COMPLAINT}
        return replace(heard, signals=signals, evidence={**said.evidence, **heard.evidence}), own

    def _read_the_other(
        self, turn: CustomerTurn, memory: Memory, heard: Understanding, text: str
    ) -> tuple[Understanding, str]:
        """The answer to whether the other matter shall be registered now: a yes, or more of it, tells it."""
        chosen = {_CHOICES[message.choice] for message in turn.messages if message.choice in _CHOICES}
        says = chosen or heard.signals
        if (Signal.NO in says and Signal.CORRECTS not in says) or declines_in(fold(text)):
            memory.pending, memory.others = None, []
            return heard, text
        if _interrupts(heard.signals) or {Signal.THANKS, Signal.GREETS} & heard.signals:
            return heard, text
        just_yes = chosen or heard.evidence.get(Signal.YES) == text.strip()
        other, *memory.others = memory.others
        text = other if just_yes else f"{other}\n{text}"
        found = self._read(turn, text, ())
        facts = replace(found.facts, what_happened=found.facts.what_happened or text)  # that it tells is known
        evidence = {**found.evidence, Signal.ANOTHER_COMPLAINT: ""}
        signals = frozenset({Signal.ANOTHER_COMPLAINT})
        return replace(found, facts=facts, signals=signals, evidence=evidence), text

    def _read_what_is_meant(
        self, turn: CustomerTurn, heard: Understanding, meant: str, asked: tuple[str, ...]
    ) -> Understanding:
        """ "Not last Friday but Thursday": only what is not denied counts."""
        found = self._read(turn, meant, asked)
        return replace(
            heard,
            facts=replace(found.facts, what_happened=heard.facts.what_happened),  # a story is told whole
            words=found.words,
            evidence={**heard.evidence, **found.evidence},
            signals=heard.signals | {Signal.CORRECTS},
        )

    def _read_what_is_named(self, turn: CustomerTurn, heard: Understanding, text: str) -> Understanding:
        """ "The date is wrong, it should be: …": what follows is that fact and no other."""
        named = corrections_named(text) if turn.draft.facts.what_happened is not None else ()
        if not named:
            return heard
        before = self._read(turn, text[: named[0].start], ()) if text[: named[0].start].strip() else Understanding("")
        facts: dict[str, Any] = {fact: getattr(before.facts, fact) for fact in before.facts.known()}
        words = dict(before.words)
        for one in named:
            found = self._read(turn, one.said, (one.fact,))
            facts[one.fact] = as_named(one, getattr(found.facts, one.fact))
            words = {fact: said for fact, said in words.items() if fact != one.fact}
            words |= {fact: said for fact, said in found.words.items() if fact == one.fact}
        return replace(
            heard,
            facts=Facts(**facts),
            words=words,
            signals=frozenset({Signal.CORRECTS}) | (heard.signals & _GRAVE),
            evidence={**heard.evidence, **{one.fact: one.said for one in named}},
            named=frozenset(one.fact for one in named),
        )

    def _read_as_sum(self, turn: CustomerTurn, heard: Understanding) -> Understanding:
        """A bare figure at the read-back or as a correction ("不是750，是780") is the sum, where a sum was read back."""
        known = turn.draft.facts.amount is not None or "amount" in turn.draft.words
        read = set(heard.facts.known()) - {"desired_outcome"}  # that may be the correction itself, for want of a wish
        says_more = read or heard.words or Signal.YES in heard.signals
        if not known or says_more or not _FIGURE.search(heard.text):
            return heard
        found = self._read_alone(turn, without_denied(heard.text) or heard.text, "amount").facts.amount
        if found is not None and turn.draft.facts.amount is not None:
            found = replace(found, currency=turn.draft.facts.amount.currency)
        return replace(heard, facts=replace(heard.facts, amount=found))

    def _read_as_day(self, turn: CustomerTurn, heard: Understanding) -> Understanding:
        """A correction in which nothing is found but, read as one, a day: "no, it was July"."""
        read = set(heard.facts.known()) - {"desired_outcome"}
        if read or heard.words or Signal.CORRECTS not in heard.signals:
            return heard
        meant = _IT_WAS.sub("", without_denied(heard.text) or heard.text)
        if meant.isascii() and len(meant.split()) == 1:
            meant = f"in {meant}"  # a month alone
        found = self._read_alone(turn, meant, "occurred_on")
        if found.facts.occurred_on is None and "occurred_on" not in found.words:
            return heard
        words = {fact: said for fact, said in found.words.items() if fact == "occurred_on"}
        return replace(heard, facts=replace(heard.facts, occurred_on=found.facts.occurred_on), words=words)

    def _take_up(self, scene: Scene) -> None:
        phase = scene.memory.phase
        told = is_telling(scene.heard.text) and not scene.heard_signal(Signal.WITHDRAWS, Signal.ASKS_STATUS)
        invited = phase == Phase.WITHDRAWN or (phase == Phase.FILED and scene.memory.pending == "another")
        other = scene.heard_signal(Signal.ANOTHER_COMPLAINT) and not scene.heard_signal(Signal.WITHDRAWS)
        announced = other and phase in (Phase.FILED, Phase.WITHDRAWN)
        if announced or (invited and told):
            actions.begin_another(scene)
        if (
            scene.turn.proof is None and scene.deal is None
        ):  # a code is no amount, and a question about another case no story
            take_facts(scene)

    def _show_notice(self, scene: Scene) -> None:
        house = scene.turn.house
        if scene.memory.notice_shown is None and scene.turn.pace is Pace.LIVE:
            scene.memory.notice_shown = house.privacy_notice_version
            scene.say("utter_privacy_notice", notice=house.privacy_notice[scene.memory.language])


def _asked(turn: CustomerTurn, memory: Memory) -> tuple[str, ...]:
    """What was asked last; with the contact also the name that was asked for before: who types slowly answers the question before."""
    late = memory.asked == ["contact"] and "name" in memory.times and turn.draft.facts.name is None
    return ("name", "contact") if late and "name" not in turn.draft.declined else tuple(memory.asked)


def _as_answer(
    turn: CustomerTurn, memory: Memory, heard: Understanding, said: str | None = None
) -> tuple[Understanding, bool]:
    """What was heard as an answer to what was asked, and whether it is none but a question back.

    `said` is the whole text, where what had been told before was left out of what was heard.
    """
    live = turn.pace is Pace.LIVE and memory.loop is not None and memory.pending is None
    whole = heard if said is None else replace(heard, text=said)
    kind = kind_of_answer(whole, memory.asked) if live else None
    again = said is not None and (kind is not Reply.TOLD or len(said) > LONGEST_ANSWER)
    if kind is not None and not again:  # who tells it all again tells it
        return as_heard(whole, kind, memory.asked)
    heard = without_chatter(heard, memory.asked) if live and Signal.CORRECTS not in heard.signals else heard
    certain = [signal for signal, _ in INTENTS] + [Signal.YES, Signal.NO]
    asked = memory.asked if memory.pending not in ("withdraw", deal.SETTLE) else []
    if turn.pace is not Pace.LIVE or memory.loop is None or not heard.signals.isdisjoint(certain):
        return heard, False
    unknown = heard.evidence.get(Signal.DOES_NOT_KNOW, "")
    if asked == ["desired_outcome"] and unknown and (wish := wish_beside(heard.text, unknown)):
        signals = heard.signals - {Signal.DOES_NOT_KNOW}
        return replace(heard, facts=replace(heard.facts, desired_outcome=wish), signals=signals), False
    if gives_up(heard.text, read_back=asked == ["confirm"]):
        return _with(heard, Signal.WITHDRAWS, heard.text), False
    if asked == ["confirm"] and (agreed := agreement_in(heard.text)):
        return _with(replace(heard, signals=heard.signals - {Signal.CORRECTS}), Signal.YES, agreed), False
    if Signal.CORRECTS in heard.signals:
        return heard, False
    if asked and asked != ["confirm"] and ponders(heard.text):
        return without_answers(heard), False
    if leaves_it_open(heard.text) and not {"what_happened", "desired_outcome", "confirm"}.intersection(asked):
        return _with(without_answers(heard), Signal.DOES_NOT_KNOW, heard.text), False
    if not asked or "what_happened" in asked or (about := asked_back(heard)) is None:
        return heard, False
    asks = {Asked.NEED: {Signal.ASKS_WHY}, Asked.NEXT: {Signal.ASKS_HOW_LONG}}.get(about, set())
    return replace(without_answers(heard), signals=heard.signals | asks), True


def _with(heard: Understanding, signal: Signal, words: str) -> Understanding:
    return replace(heard, signals=heard.signals | {signal}, evidence={**heard.evidence, signal: words})


def _new_in(said: str, turn: CustomerTurn, memory: Memory) -> str:
    """What of it has not been told yet; a letter is read whole, and after filing everything is added."""
    story = turn.draft.facts.what_happened
    if story is None or turn.pace is not Pace.LIVE or memory.phase not in (Phase.OPEN, Phase.CONFIRMING):
        return said
    return without_repeated(said, "\n".join([story, *turn.draft.evidence.values()]))


def _beside_reach(said: str, turn: CustomerTurn, memory: Memory) -> str:
    """What is said besides how to be reached. A letter is read whole, as is the answer that being called no more is what is wanted."""
    rest = without_reach(said)
    wished = "desired_outcome" in memory.asked and _CALLS.search(turn.draft.facts.what_happened or "") is not None
    return said if turn.pace is Pace.LETTER or (wished and not rest) else rest


def _interrupts(signals: frozenset[Signal]) -> bool:
    """Whether words that came with a correction have to be answered as if they had been written now."""
    return any(signal in signals for signal, _ in INTENTS if signal not in _NOT_BY_EDIT)


_GRAVE: Final = frozenset({Signal.DANGER_TO_LIFE, Signal.SCAM_NOW, Signal.WANTS_PERSON, Signal.STOLEN_CARD})
_NOT_BY_EDIT: Final = (Signal.ANOTHER_COMPLAINT, Signal.COMMAND, Signal.THREATENS)


def _place(turn: CustomerTurn) -> tuple[str, str]:
    """Where a bare sum or number is read from: who has written as in Hong Kong or Taiwan means theirs, from then on."""
    region = "HK" if turn.state.get("dialect") == Dialect.HK else turn.state.get("region") or _number_beside(turn)
    if region is not None:
        return region, CURRENCIES[region]
    return turn.house.region, turn.house.home_currency


def _number_beside(turn: CustomerTurn) -> str | None:
    """The place of the customer's own number, where what they write is in its script."""
    if turn.state.get("language", turn.locale) != Language.HANT:
        return None
    numbers = (turn.sender or "", turn.draft.facts.contact or "")
    return next((place for code, place in _CODES.items() for number in numbers if number.startswith(code)), None)


def _with_choice(heard: Understanding, chosen: set[Signal]) -> Understanding:
    """A button's label is ours: its words say nothing, its value everything."""
    return Understanding(heard.text, heard.language, signals=frozenset(chosen), emotion=heard.emotion)
