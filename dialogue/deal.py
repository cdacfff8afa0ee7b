"""Whether what a customer says is an answer to an offer, and which: read before facts are taken up, so that "2" is no amount.

What is certain goes before it: danger to life, a wish for a person, withdrawal, data held, another complaint. An offer that is over is
meant only by whoever names an option; what else is said then is said to the house as ever.

An option binds nobody until it was asked back, and the answer to that has to be a yes and nothing else, given to that very question:
"option 2" sent twice is no yes, since the second may have left before the question was read.

Not here: what numbers, words and wishes say (understanding/choosing.py), what is answered (negotiation.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from case_store.records import Facts
from dialogue.memory import Memory
from dialogue.turn import CustomerTurn, Offer, Pace
from dialogue.understanding.choosing import Answer, hear, of_what_was_agreed
from dialogue.understanding.found import Signal

SETTLE: Final = "settle"  # what `pending` holds while a choice is asked back
BUTTON: Final = "offer"

CHOOSES: Final = "chooses_option"
CONFIRMS: Final = "confirms_settlement"
KEEPS: Final = "keeps_choosing"
ASKS: Final = "asks_about_offer"
COUNTERS: Final = "counters_offer"
DECLINES: Final = "declines_offer"
THINKS: Final = "thinks_it_over"
UNCLEAR: Final = "offer_unclear"
OVER: Final = "offer_is_over"
SETTLED: Final = "speaks_of_settlement"

WHILE_WAITING: Final = (CHOOSES, CONFIRMS, KEEPS, DECLINES, UNCLEAR, OVER)
"""What is taken though its customer waits for a person: what they wish for besides is for the person."""

_BEFORE: Final = frozenset(
    {
        Signal.DANGER_TO_LIFE,
        Signal.COMMAND,
        Signal.WANTS_PERSON,
        Signal.STOLEN_CARD,
        Signal.SCAM_NOW,
        Signal.WITHDRAWS,
        Signal.ASKS_DATA_HELD,
        Signal.ANOTHER_COMPLAINT,
    }
)
_OFFERS_ARE_OVER: Final = ("expired", "withdrawn", "replaced", "declined")


@dataclass(frozen=True, slots=True)
class Deal:
    """`intent` of the script. `option` may be a number that the offer does not have.

    `why` an answer is unclear: which, case, never; what is said of a settlement: regrets, not_done, agreed.
    """

    intent: str
    offer: Offer | None
    heard: Answer
    option: int | None = None
    why: str = ""


def value_of(offer_id: str, what: object) -> str:
    """The value of a button: the offer, and the option, `yes:2` or `no`. It fits the 64 bytes that Telegram takes."""
    return f"{BUTTON}:{offer_id}:{what}"


def read(turn: CustomerTurn, memory: Memory, signals: frozenset[Signal], facts: Facts) -> Deal | None:
    """The answer to an offer that a turn holds; None where it holds none. `facts` are those found in its words."""
    if turn.proof is not None or not (turn.offers or any(case.agreed for case in turn.cases)):
        return None
    pressed = next((message.choice for message in reversed(turn.messages) if message.choice), None)
    typed = any(message.text.strip() and not message.choice for message in turn.messages)
    if not _BEFORE.isdisjoint(signals) and (typed or pressed is None):
        return None  # the words of a button alone are the offer's, whatever they speak of
    text = "\n".join(message.text for message in turn.messages if message.text.strip())
    if pressed is not None:
        return _pressed(turn, pressed, text) if pressed.startswith(f"{BUTTON}:") else None
    if not text.strip():
        return None
    if turn.pace is Pace.LIVE and facts.contact is not None:
        return None  # a number or an address to be reached at is for the record, whatever it was "changed to"
    offers = _meant(turn, memory, text)
    if not any(offer.open for offer in offers):
        return _of_an_offer_that_is_over(offers, memory, text) or _of_a_settlement(turn, memory, signals, text)
    if len(offers) > 1:
        found = _of_one_of_several(offers, memory, signals, facts, text)
    else:
        found = _of_one(offers[0], memory, signals, facts, text)
    return _of_an_edited_message(turn, found)


def _of_an_edited_message(turn: CustomerTurn, found: Deal | None) -> Deal | None:
    """What was written before the question cannot confirm it by being changed; a story put right is no wish about an offer."""
    changed = [message.corrects for message in turn.messages if message.corrects is not None]
    if found is None or len(changed) < sum(bool(message.text.strip()) for message in turn.messages):
        return found
    if found.intent in (CHOOSES, CONFIRMS):
        return replace(found, intent=CHOOSES)
    before = [hear(words, () if found.offer is None else _words(found.offer)) for words in changed]
    return found if any(said.named or said.none or said.agrees for said in before) else None


# which offer ----------------------------------------------------------------------------------------------------


def _pressed(turn: CustomerTurn, value: str, text: str) -> Deal:
    """A button says all by itself: the offer, the option, and whether it confirms what its own message described."""
    _, _, rest = value.partition(":")
    id, _, what = rest.partition(":")
    kind, _, number = what.rpartition(":")
    offer = next((one for one in turn.offers if one.id == id), None)
    heard = Answer(text)
    if offer is None or not offer.open:
        return _pressed_too_late(turn, offer, number if kind in ("", "yes") else "", heard)
    if what == "no":
        return Deal(KEEPS, offer, heard)
    option = int(number) if number.isdigit() else 0
    if kind == "yes" and offer.chosen == option:
        return Deal(CONFIRMS, offer, heard, option)
    return _choice(offer, option, heard)


def _pressed_too_late(turn: CustomerTurn, offer: Offer | None, number: str, heard: Answer) -> Deal:
    """A button of a round that is over: who has agreed, and presses again, is not told that nothing was agreed."""
    titles = {agreed.title for case in turn.cases for agreed in case.agreed}
    if offer is not None and offer.state == "agreed" and titles:
        pressed = int(number) if number.isdigit() else 0
        same = 1 <= pressed <= len(offer.options) and offer.options[pressed - 1].title in titles
        return Deal(SETTLED, None, heard, why="agreed" if same else "regrets")
    if offer is None and len(turn.offers) == 1 and turn.offers[0].open:
        return Deal(OVER, turn.offers[0], heard)  # the round that took its place
    if offer is None and titles:
        return Deal(SETTLED, None, heard, why="regrets")
    return Deal(OVER, offer, heard)


def _meant(turn: CustomerTurn, memory: Memory, text: str) -> list[Offer]:
    """The offers that may be meant: of the case that is named, the one asked back, the open ones, or the last of those that are over."""
    written = re.sub(r"\s", "", text).upper()
    named = [offer for offer in turn.offers if offer.reference in written]
    asked_back = [offer for offer in turn.offers if _asked_back(offer, memory) is not None]
    standing = [offer for offer in turn.offers if offer.open]
    return named or asked_back or standing or [one for one in turn.offers if one.state in _OFFERS_ARE_OVER][-1:]


def _asked_back(offer: Offer, memory: Memory) -> int | None:
    """The option that the last thing said has asked back, if the store knows it as chosen too."""
    if memory.pending != SETTLE or "confirm" not in memory.asked or offer.chosen is None or not offer.open:
        return None
    return offer.chosen if memory.settling == f"{offer.id}:{offer.chosen}" else None


def _of_an_offer_that_is_over(offers: list[Offer], memory: Memory, text: str) -> Deal | None:
    if not offers:
        return None
    heard = hear(text, _words(offers[-1]))
    other_question = heard.bare and bool(memory.asked) and memory.pending != SETTLE
    agreed = heard.agrees and memory.pending == SETTLE
    if (heard.named and not other_question and not heard.asks) or agreed:
        return Deal(OVER, offers[-1], heard)
    return None


def _of_a_settlement(turn: CustomerTurn, memory: Memory, signals: frozenset[Signal], text: str) -> Deal | None:
    """What is agreed already can't be chosen otherwise here: it is said again, and a person comes where there is something to do."""
    agreed = any(case.agreed for case in turn.cases)
    if not agreed or memory.loop is not None or memory.pending not in (None, SETTLE) or Signal.ASKS_STATUS in signals:
        return None
    about = of_what_was_agreed(text)
    if about is None:
        last = [offer for offer in turn.offers if offer.state == "agreed"][-1:]
        heard = hear(text, _words(last[0])) if last else None
        if heard is not None and heard.agrees and memory.pending == SETTLE:
            about = "agreed"  # it was agreed elsewhere, while it was asked back here
        elif heard is None or heard.bare or not heard.named or not _numbered(text):
            return None
        else:
            about = "regrets"
    return Deal(SETTLED, None, Answer(text), why=about)


def _of_one_of_several(
    offers: list[Offer], memory: Memory, signals: frozenset[Signal], facts: Facts, text: str
) -> Deal | None:
    """Open offers of two cases, and neither is named by its number: an option's own words can tell them apart."""
    deals = [(offer, _of_one(offer, memory, signals, facts, text)) for offer in offers]
    answers = [(offer, deal) for offer, deal in deals if deal is not None]
    if not answers:
        return None
    by_words = [deal for offer, deal in answers if deal.heard.named and not _numbered(text)]
    if len(by_words) == 1:
        return by_words[0]
    _, first = answers[0]
    return first if first.intent == THINKS else replace(first, intent=UNCLEAR, why="case", option=None)


def _numbered(text: str) -> bool:
    """Whether an option is named by a number, which every offer has."""
    return bool(hear(text, ("", "", "", "")).named)


# what is answered ------------------------------------------------------------------------------------------------


def _of_one(offer: Offer, memory: Memory, signals: frozenset[Signal], facts: Facts, text: str) -> Deal | None:
    heard = hear(text, _words(offer))
    asked_back = _asked_back(offer, memory)
    if memory.pending not in (None, SETTLE) and (heard.agrees or heard.disagrees):
        return None  # the answer to another question that was asked back
    if memory.loop is not None and asked_back is None and (heard.bare or not heard.named) and not heard.none:
        return None  # the form's question is open, and this may be its answer
    wishes = heard.counters or (not heard.named and not heard.agrees and _wishes(facts))
    if asked_back is not None and heard.agrees and set(heard.named) <= {asked_back}:
        return Deal(CHOOSES if heard.asks else CONFIRMS, offer, heard, asked_back)  # "yes?" is no yes
    if asked_back is not None and heard.not_yet:
        return Deal(KEEPS, offer, heard)
    if heard.none:
        return Deal(DECLINES, offer, heard)
    if heard.either and not heard.counters:
        return Deal(UNCLEAR, offer, heard, why="which")
    if heard.asks and not (heard.counters and heard.topic in (None, "none")):
        return _question(offer, memory, signals, heard)
    if wishes or (heard.refused and not heard.named):
        return Deal(COUNTERS, offer, heard)
    if len(heard.named) == 1:
        return _choice(offer, heard.named[0], heard)
    if heard.named:
        return Deal(UNCLEAR, offer, heard, why="which")
    if heard.thinks:
        return Deal(THINKS, offer, heard)
    if heard.disagrees or heard.not_yet:
        return Deal(KEEPS, offer, heard)
    if asked_back is not None and (heard.partly or Signal.YES in signals):
        return Deal(CHOOSES, offer, heard, asked_back)  # a yes with more to it binds nobody: asked back again
    return Deal(UNCLEAR, offer, heard, why="which") if heard.agrees else None


def _choice(offer: Offer, option: int, heard: Answer) -> Deal:
    if not 1 <= option <= len(offer.options):
        return Deal(UNCLEAR, offer, heard, option, why="never")
    return Deal(CHOOSES, offer, heard, option)


def _question(offer: Offer, memory: Memory, signals: frozenset[Signal], heard: Answer) -> Deal | None:
    """How a complaint stands is asked of the house, a greeting asks nothing; all else that is asked now is about the offer."""
    elsewhere = Signal.ASKS_STATUS in signals or Signal.GREETS in signals
    if elsewhere and not heard.named and heard.topic is None:
        return None
    named = next((number for number in heard.named if 1 <= number <= len(offer.options)), None)
    if heard.named and named is None:
        return Deal(UNCLEAR, offer, heard, heard.named[0], why="never")
    return Deal(ASKS, offer, heard, named if len(heard.named) == 1 else None)


def _wishes(facts: Facts) -> bool:
    return facts.desired_outcome is not None or facts.amount is not None


def _words(offer: Offer) -> tuple[str, ...]:
    return tuple(f"{option.title} {option.meaning}" for option in offer.options)
