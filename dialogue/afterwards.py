"""After a complaint is registered: what is asked is answered, what is told goes onto the case and is said back.

Whoever has complained goes on writing: how they are, what they forgot, what comes next, whom to ring, whether the money comes back.
First comes a word to how they are, then what is on record now, then the answer; what only a colleague can answer is written down for
the colleague, and that is said. Nothing is asked again, and no outcome is told before it is decided.

Not here: what interrupts at any time (actions.py), letters (letters.py), what the words mean (understanding/afterwards.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from case_store.records import Language, Status
from dialogue import actions, readback
from dialogue.scene import Action, Scene
from dialogue.story import ON_RECORD
from dialogue.sympathy import sympathise
from dialogue.themes import names_need
from dialogue.turn import CaseGlance
from dialogue.understanding.afterwards import After, after_in, is_sleepless, worries
from dialogue.understanding.reaching import REACH

LONGEST_QUOTE: Final = {Language.HANS: 60, Language.HANT: 60, Language.EN: 160}
"""Characters of what is said back in the customer's own words."""

_OFFERS: Final = {"utter_safe_first", "utter_after_question", "utter_after_faster", "utter_after_whom"}
_ADDED: Final = {REACH, "contact", "desired_outcome"}
"""What may be other than before without having been wrong."""
_ENDED: Final = (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN)
_BY_DAY: Final = (After.NEXT, After.HOW_THEY_ANSWER, After.OUTCOME, After.DOUBTS)
"""What is answered with the day by which the answer comes."""


def action_add_to_case(scene: Scene) -> None:
    """What comes is heard, taken onto the case and answered."""
    asked_back = scene.memory.pending == "withdraw"
    if asked_back:  # answered with something else: it stays
        scene.memory.pending = scene.memory.withdrawing = None
    case = scene.turn.cases[-1] if scene.turn.cases else None
    _hear(scene)
    if case is not None:
        _say_what_is_recorded(scene, case)
        _answer(scene, case)
    _offer_a_person(scene)
    if asked_back:
        scene.say("utter_kept")
    if not scene.pieces:
        scene.say("utter_after_filing")


def action_hear_them(scene: Scene) -> None:
    """A word to who says that they are hungry, afraid, bereaved or sleepless, and what to do if it cannot wait."""
    _hear(scene)
    _offer_a_person(scene)


def _hear(scene: Scene) -> None:
    before, text = len(scene.pieces), scene.heard.text
    if is_sleepless(text) and not names_need(text):
        scene.say("utter_worried", conditions={"sleepless": True})
        return
    sympathise(scene)
    if len(scene.pieces) == before and (worries(text) or names_need(text)):
        scene.say("utter_worried", conditions={"sleepless": False})  # said again, and heard again


def _offer_a_person(scene: Scene) -> None:
    """To who is in need, unless it was said already in this answer how to get one."""
    said = {piece.response for piece in scene.pieces}
    if names_need(scene.heard.text) and said.isdisjoint(_OFFERS):
        scene.say_once("utter_if_it_cannot_wait")


def action_close(scene: Scene) -> None:
    """Thanks, a nod, goodbye: a short word, and one on how they are if they say so."""
    action_hear_them(scene)
    scene.say("utter_closing")


def action_answer_threat(scene: Scene) -> None:
    """Who will turn to a regulator, a court or the press is understood and told where; the promised day stands."""
    if scene.changed:
        action_add_to_case(scene)
    actions.tell_where_to_turn(scene)


def _say_what_is_recorded(scene: Scene, case: CaseGlance) -> None:
    """The values that are new or other than before; words that were told are said back."""
    facts = tuple(dict.fromkeys((*scene.changed, *scene.learned)))
    if scene.odd_number:
        number = scene.draft.words.get("contact") or scene.heard.words.get(REACH, "")
        scene.say("utter_contact_odd", number=number, count=str(sum(char.isdigit() for char in number)))
    elif facts == (REACH,):
        scene.say("utter_reach_noted", words=scene.heard.words[REACH])
    elif facts:
        lines = [scene.word(f"utter_line_{fact}", value=readback.new_value(scene, fact)) for fact in facts]
        added = _ADDED.issuperset(scene.changed)
        response = "utter_recorded_after_filing" if added else "utter_changed_after_filing"
        scene.say(response, reference=case.reference, changes="\n".join(lines))
    if not scene.told_more or _answer_says_so(scene):
        return
    words = " ".join(scene.heard.text.split())
    if len(words) <= LONGEST_QUOTE[scene.language]:
        scene.say("utter_added_words", reference=case.reference, words=words.rstrip("。.；;，,"))
    else:
        scene.say("utter_added", reference=case.reference)


def _answer_says_so(scene: Scene) -> bool:
    """Whether the answer itself says that the words are on record."""
    kind = after_in(scene.heard.text)
    return kind in ON_RECORD and not _is_a_cry(scene)


def _is_a_cry(scene: Scene) -> bool:
    """ "What am I meant to eat?" wants to be heard, and not to be told that nobody knows."""
    return after_in(scene.heard.text) is After.QUESTION and names_need(scene.heard.text)


def _answer(scene: Scene, case: CaseGlance) -> None:
    kind = after_in(scene.heard.text) if scene.heard.text.strip() else None
    if kind is None or _is_a_cry(scene):
        return
    if kind is After.GOODBYE:
        if not scene.got_something:
            scene.say("utter_closing")
    elif kind is After.PRESENT:
        scene.say("utter_here")
        scene.say("utter_after_filing", attached=True)
    elif kind in _BY_DAY and (case.feedback_due is None or case.status in _ENDED):
        actions.action_answer_status(scene)
    else:
        _say(scene, kind, case)


def _say(scene: Scene, kind: After, case: CaseGlance) -> None:
    wish = scene.draft.facts.desired_outcome or ""
    told = 0 < len(wish) <= LONGEST_QUOTE[scene.language]
    house = scene.turn.house
    scene.say(
        f"utter_after_{kind.value}",
        conditions={
            "with_hotline": bool(house.hotline),
            "with_wish": told,
            "reachable": scene.turn.reachable or scene.knows("contact"),
        },
        reference=case.reference,
        due=readback.due(case.feedback_due, scene.language) if case.feedback_due else "",
        hotline=house.hotline,
        wish=wish,
        authorities=house.next_authorities[scene.memory.language],
    )


ACTIONS: Final[Mapping[str, Action]] = {
    action.__name__: action for action in (action_add_to_case, action_hear_them, action_close, action_answer_threat)
}
