"""Solutions that are offered: how they are put, what follows from an answer, and what is agreed (handbook 5.2 and 5.3).

What a choice means is said before it binds: the option, by when it is done, that authorities stay open. Then it is asked back, and
the answer to that makes the settlement. A question is answered by the option's own words or not at all: what they do not say is
for a person, and so is a wish for something else.

Not here: which offer and option are meant (deal.py), what is kept and who is told (the gateway).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from case_store.records import Language
from dialogue import letters, readback
from dialogue.deal import SETTLE, Deal, value_of
from dialogue.scene import Action, Piece, Scene
from dialogue.script import Script, default_script, filled
from dialogue.turn import (
    Agreed,
    AnswerOffer,
    CallPerson,
    CaseGlance,
    Choice,
    ChooseOption,
    ConfirmSettlement,
    Offer,
    OfferedOption,
    Pace,
)
from dialogue.understanding.choosing import content_of, part_in

LONGEST_LABEL: Final = 60  # characters of a button
LONGEST_WORDS: Final = 4_000  # of the customer's that are kept with an answer
SAID_SO: Final = 0.5  # of what a question asks beside small words has to stand in an option's own words


@dataclass(frozen=True, slots=True)
class Voice:
    """The script's sentences in one language, in a turn or outside one."""

    script: Script
    slots: Mapping[str, Any]

    @classmethod
    def outside(cls, language: Language, dialect: str | None = None) -> Voice:
        return cls(default_script(), {"language": language.value, "dialect": dialect})

    @property
    def language(self) -> Language:
        return Language(self.slots["language"])

    def __call__(self, response: str, conditions: Mapping[str, Any] | None = None, **values: str) -> str:
        [variant, *_] = self.script.variants(response, {**self.slots, **(conditions or {})})
        return filled(variant.text, values)


def presentation(
    offer: Offer, voice: Voice, authorities: str, *, again: bool = False, anew: bool = False, by_person: bool = False
) -> tuple[str, tuple[Choice, ...]]:
    """(the text, its buttons) with which an offer is put before its customer. `again`: they have answered an earlier one.

    `anew`: it takes the place of one that they have not answered. `by_person`: as somebody says it on the telephone or writes it in a letter.
    """
    count = str(len(offer.options))
    parts = [
        voice(
            "utter_offer_intro",
            {"again": again, "standing": anew and not again},
            reference=offer.reference,
            count=count,
        ),
        _listed(offer, voice),
        voice("utter_offer_how_by_person" if by_person else "utter_offer_how", expires=_until(offer, voice)),
        voice("utter_offer_rights", authorities=authorities),
    ]
    return "\n\n".join(parts), buttons(offer, voice)


def buttons(offer: Offer, voice: Voice) -> tuple[Choice, ...]:
    return tuple(
        Choice(_short(_line(number, option, voice)), value_of(offer.id, number))
        for number, option in enumerate(offer.options, 1)
    )


def _listed(offer: Offer, voice: Voice) -> str:
    return "\n\n".join(
        voice(
            "utter_offer_option",
            number=str(number),
            title=option.title,
            meaning=option.meaning,
            when=_when(option, voice),
        )
        for number, option in enumerate(offer.options, 1)
    )


def _when(option: OfferedOption, voice: Voice) -> str:
    span = {0: "none", 1: "one"}.get(option.days, "many")
    by = readback.due(option.by, voice.language)
    return voice("utter_offer_when", {"span": span}, days=str(option.days), by=by)


def _line(number: int, option: OfferedOption, voice: Voice) -> str:
    return voice("utter_option_line", number=str(number), title=option.title)


def _lines(offer: Offer, voice: Voice) -> str:
    return "\n".join(_line(number, option, voice) for number, option in enumerate(offer.options, 1))


def _until(offer: Offer, voice: Voice) -> str:
    return readback.due(offer.expires_on, voice.language)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


# what follows from an answer --------------------------------------------------------------------------------------


class _Answering:
    """One answer to an offer under way."""

    def __init__(self, scene: Scene, answered: Deal) -> None:
        self.scene = scene
        self.deal = answered
        self.voice = Voice(scene.script, scene.slots())
        self.authorities = scene.turn.house.next_authorities[scene.memory.language]

    @property
    def offer(self) -> Offer:
        assert self.deal.offer is not None, f"{self.deal.intent} is about an offer"
        return self.deal.offer

    @property
    def words(self) -> str:
        said = "\n".join(message.text for message in self.scene.turn.messages if message.text.strip())
        return said.strip()[:LONGEST_WORDS]

    def say(self, response: str, **given: Any) -> None:
        self.scene.say(response, **given)

    def show(self, text: str, choices: tuple[Choice, ...] = (), *, response: str = "utter_offer_option") -> None:
        """A text made of several sentences of the script, with the buttons of the offer."""
        self.scene.pieces.append(Piece(response, text, choices=choices))

    def buttons(self) -> None:
        """The offer's buttons under what is said."""
        last = self.scene.pieces.pop()
        self.scene.pieces.append(
            Piece(last.response, last.text, last.asks, buttons(self.offer, self.voice), last.attached)
        )

    def pass_on(self, reason: str) -> str:
        """Calls a person. Answers who comes and when, as a sentence."""
        turn = self.scene.turn
        self.scene.acts.append(CallPerson(reason))
        if turn.pace is Pace.LETTER:
            return self.voice("utter_offer_who", {"state": "letter"})
        at = "" if turn.person_at is None else readback.moment(turn.person_at, self.scene.language)
        return self.voice("utter_offer_who", {"state": "later" if at else "now"}, at=at)

    def ask_to_settle(self, number: int) -> None:
        """What the option means, and whether it is agreed: nothing binds before the answer to this."""
        option = self.offer.options[number - 1]
        self.scene.memory.pending, self.scene.memory.settling = SETTLE, f"{self.offer.id}:{number}"
        text = self.voice(
            "utter_ask_to_settle",
            reference=self.offer.reference,
            number=str(number),
            title=option.title,
            meaning=option.meaning,
            by=readback.due(option.by, self.voice.language),
            authorities=self.authorities,
        )
        choices = (
            Choice(self.voice("utter_settle_yes"), value_of(self.offer.id, f"yes:{number}")),
            Choice(self.voice("utter_settle_no"), value_of(self.offer.id, "no")),
        )
        self.scene.pieces.append(Piece("utter_ask_to_settle", text, ("confirm",), choices))

    def forget_choice(self) -> None:
        self.scene.memory.pending = self.scene.memory.settling = None


def _action_ask_to_settle(about: _Answering) -> None:
    assert about.deal.option is not None, "an option was chosen"
    about.scene.acts.append(ChooseOption(about.offer.id, about.deal.option, about.words))
    about.ask_to_settle(about.deal.option)


def _action_settle(about: _Answering) -> None:
    assert about.deal.option is not None, "an option was confirmed"
    option = about.offer.options[about.deal.option - 1]
    about.scene.acts.append(ConfirmSettlement(about.offer.id, about.deal.option, about.words, option.by))
    about.forget_choice()
    about.say(
        "utter_settled",
        reference=about.offer.reference,
        number=str(about.deal.option),
        title=option.title,
        meaning=option.meaning,
        by=readback.due(option.by, about.scene.language),
        authorities=about.authorities,
    )


def _action_keep_choosing(about: _Answering) -> None:
    if about.offer.chosen is not None:
        about.scene.acts.append(AnswerOffer(about.offer.id, "change", about.words))
    about.forget_choice()
    about.say("utter_keep_choosing", expires=_until(about.offer, about.voice), options=_lines(about.offer, about.voice))
    about.buttons()


def _action_answer_about_offer(about: _Answering) -> None:
    """By the option's own words, or by a person; what was asked back before stays asked."""
    numbers = _asked_about(about)
    topic = about.deal.heard.topic
    if topic in ("until", "rights", "none"):
        _answer_of_all(about, topic)
    elif topic == "differ":
        about.show("\n\n".join((about.voice("utter_offer_no_advice"), _listed(about.offer, about.voice))))
    elif not _says_so(about, numbers):
        about.scene.acts.append(AnswerOffer(about.offer.id, "question", about.words))
        about.say("utter_offer_for_person", who=about.pass_on("offer_question"))
        return
    chosen = about.offer.chosen
    if chosen is not None and about.scene.memory.pending == SETTLE:
        about.ask_to_settle(chosen)
    else:
        about.buttons()


def _answer_of_all(about: _Answering, topic: str) -> None:
    if topic == "until":
        about.say("utter_offer_until", expires=_until(about.offer, about.voice))
    elif topic == "none":
        about.say("utter_offer_if_none", authorities=about.authorities, expires=_until(about.offer, about.voice))
    else:
        about.say("utter_offer_rights_answer", authorities=about.authorities)


def _asked_about(about: _Answering) -> tuple[int, ...]:
    """The options a question is about: those it names, else the one that waits for a confirmation, else all."""
    count = len(about.offer.options)
    named = tuple(number for number in about.deal.heard.named if 1 <= number <= count)
    if named:
        return named
    return (about.offer.chosen,) if about.offer.chosen is not None else tuple(range(1, count + 1))


def _says_so(about: _Answering, numbers: tuple[int, ...]) -> bool:
    """Answers a question for these options if their own words do. False, and nothing said, if they don't."""
    content, topic = content_of(about.deal.heard.text), about.deal.heard.topic
    options = [(number, about.offer.options[number - 1]) for number in numbers]
    if content:
        told = [(n, o) for n, o in options if part_in(content, f"{o.title} {o.meaning}") >= SAID_SO]
        if topic == "when" and not told:
            return False
        options = told
    elif topic is None:
        return False
    response = "utter_offer_when_answer" if topic == "when" else "utter_offer_meaning"
    for number, option in options:
        given = {"number": str(number), "title": option.title}
        given |= {"when": _when(option, about.voice)} if topic == "when" else {"meaning": option.meaning}
        about.say(response, **given)
    return bool(options)


def _action_note_counter_wish(about: _Answering) -> None:
    about.scene.acts.append(AnswerOffer(about.offer.id, "counter", about.words))
    about.forget_choice()
    about.say("utter_counter_noted", who=about.pass_on("counter_wish"), expires=_until(about.offer, about.voice))


def _action_note_declined(about: _Answering) -> None:
    about.scene.acts.append(AnswerOffer(about.offer.id, "declined", about.words))
    about.forget_choice()
    about.say("utter_declined_noted", who=about.pass_on("offer_declined"), authorities=about.authorities)


def _action_let_think(about: _Answering) -> None:
    about.forget_choice()
    about.say("utter_let_think", expires=_until(about.offer, about.voice))


def _action_ask_which_option(about: _Answering) -> None:
    why = about.deal.why
    if why == "case":
        open_offers = [offer for offer in about.scene.turn.offers if offer.open]
        options = "\n".join(f"{offer.reference}\n{_lines(offer, about.voice)}" for offer in open_offers)
        about.say("utter_which_option", conditions={"why": why}, options=options, number="")
        return
    given = {"options": _lines(about.offer, about.voice), "number": str(about.deal.option or "")}
    about.say("utter_which_option", conditions={"why": why}, **given)
    about.buttons()


def _action_tell_offer_is_over(about: _Answering) -> None:
    """Nothing was agreed. Where another offer stands it is shown; else a person hears what the customer would have taken."""
    about.forget_choice()
    offer = about.deal.offer
    if offer is not None and offer.open:
        about.say("utter_offer_over", conditions={"standing": True}, options=_lines(offer, about.voice), who="")
        about.buttons()
    else:
        who = about.pass_on("offer_question")
        about.say("utter_offer_over", conditions={"standing": False}, options="", who=who)


# how it stands, and what is agreed already -----------------------------------------------------------------------


def tell_standing(scene: Scene, case: CaseGlance) -> None:
    """Of a case whose status is asked: what waits for an answer and until when, what was agreed and by when it is done."""
    voice = Voice(scene.script, scene.slots())
    if case.offer is not None:
        count, options = str(len(case.offer.options)), _lines(case.offer, voice)
        scene.say("utter_status_offer", count=count, expires=_until(case.offer, voice), options=options)
    for agreed in case.agreed:
        _tell_agreed(scene, agreed)


def _tell_agreed(scene: Scene, agreed: Agreed) -> None:
    state = "done" if agreed.done_on is not None else "late" if agreed.late else "due"
    by = readback.due(agreed.done_on or agreed.by, scene.language)
    scene.say("utter_status_agreed", conditions={"state": state}, title=agreed.title, by=by)


def _action_answer_about_settlement(about: _Answering) -> None:
    """Nobody is let out of it, or put off, by a machine: what was agreed is said, and who comes."""
    standing = [(case, agreed) for case in about.scene.turn.cases for agreed in case.agreed]
    for _, agreed in standing:
        _tell_agreed(about.scene, agreed)
    waits = any(agreed.late or agreed.done_on is not None for _, agreed in standing)
    if about.deal.why == "regrets" or (about.deal.why == "not_done" and waits):
        about.say("utter_settlement_for_person", who=about.pass_on("settlement_question"))


def _in_a_letter_too(act: Any) -> Action:
    """A letter is answered with salutation and signature."""

    def action(scene: Scene) -> None:
        assert scene.deal is not None, "an offer was answered"
        if scene.turn.pace is Pace.LETTER:
            letters.salute(scene)
        act(_Answering(scene, scene.deal))
        if scene.turn.pace is Pace.LETTER:
            letters.sign(scene)

    return action


ACTIONS: Final[Mapping[str, Action]] = {
    f"action{act.__name__.removeprefix('_action')}": _in_a_letter_too(act)
    for act in (
        _action_ask_to_settle,
        _action_settle,
        _action_keep_choosing,
        _action_answer_about_offer,
        _action_note_counter_wish,
        _action_note_declined,
        _action_let_think,
        _action_ask_which_option,
        _action_tell_offer_is_over,
        _action_answer_about_settlement,
    )
}
