"""What is answered while a customer waits in the queue for a person.

"A person", "withdraw my complaint" and "what do you hold about me" work in any state, and so do danger to life, the question how
the complaint stands, the answer to what was asked back, and one to an offer that the bot was handed (deal.py). Who waits because a question was no complaint, and was invited to
complain, is heard. All else is for the person; a complaint among it is taken down without a word, so that it is not lost if nobody comes.
Nothing is answered here while an agent owns the conversation.

Not here: the answers (actions.py), who owns a conversation (the gateway).
"""

from __future__ import annotations

from typing import Final

from case_store.records import Facts, MessageKind
from dialogue import triage
from dialogue.memory import Memory
from dialogue.policy_terms import DEFAULT_TRIAGE, TriagePolicy
from dialogue.turn import CustomerTurn
from dialogue.understanding.found import Signal
from dialogue.understanding.scams import calls_for_warning
from dialogue.understanding.signals import signals_in

IN_ANY_STATE: Final = frozenset(
    {
        Signal.DANGER_TO_LIFE,
        Signal.SCAM_NOW,
        Signal.WANTS_PERSON,
        Signal.WITHDRAWS,
        Signal.ASKS_DATA_HELD,
        Signal.ASKS_STATUS,
        Signal.ASKS_MACHINE,
        Signal.ASKS_HOW_LONG,
    }
)
IN_DANGER: Final = "danger_to_life"
IN_SCAM: Final = "scam_now"  # a person looks at the account while the complaint is told on
_INVITED: Final = ("enquiry", "unclear", IN_SCAM)  # to say what happened, if there is something to complain about
_COMFORT: Final = ("utter_danger", "utter_letter_danger")
_MOST_COMFORT: Final = 2  # ways of saying that somebody is coming

_POLICY: Final = TriagePolicy.from_mapping(DEFAULT_TRIAGE)


def is_answered(turn: CustomerTurn) -> bool:
    """Whether the bot answers this turn though its conversation waits for a person."""
    text = "\n".join(message.text for message in turn.messages if message.text)
    pending = turn.state.get("pending") == "withdraw"
    heard = signals_in(text, asked=("confirm",) if pending else ()).keys()
    if not IN_ANY_STATE.isdisjoint(heard):
        return True
    if pending and (not {Signal.YES, Signal.NO}.isdisjoint(heard) or any(message.choice for message in turn.messages)):
        return True
    warned = dict(turn.state.get("said", {})).get("utter_stop_scam", 0)
    if calls_for_warning(text, turn.draft.facts.what_happened or "", warned):
        return True
    if turn.offers and _answers_an_offer(turn, frozenset(heard)):
        return True
    if turn.waiting == IN_DANGER:
        said = dict(turn.state.get("said", {}))
        return bool(text.strip()) and sum(said.get(name, 0) for name in _COMFORT) < _MOST_COMFORT
    return is_invited(turn) and _complains(turn, text)


def _answers_an_offer(turn: CustomerTurn, heard: frozenset[Signal]) -> bool:
    from dialogue import deal  # late: the house takes messages before its word lists are read

    answer = deal.read(turn, Memory.of(turn.state, turn.locale), heard, Facts())
    return answer is not None and answer.intent in deal.WHILE_WAITING


def tells_a_complaint(turn: CustomerTurn) -> bool:
    """Whether what is left to the person is a complaint, to be taken down meanwhile."""
    return _complains(turn, "\n".join(message.text for message in turn.messages if message.text))


def is_invited(turn: CustomerTurn) -> bool:
    """Whether the form may go on: the question was for a person, the complaint is for us."""
    return turn.waiting in _INVITED


def _complains(turn: CustomerTurn, text: str) -> bool:
    if turn.draft.facts.what_happened is not None:
        return not turn.cases
    if turn.waiting == IN_SCAM:
        return bool(text.strip())
    return triage.judge(text, turn.draft, _POLICY, subject=turn.subject).kind.value == MessageKind.COMPLAINT
