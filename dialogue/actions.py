"""What the script can do: hear facts, hand over, file, withdraw, explain. Written once, for both engines.

Each action reads and changes a `Scene`; its name is the one in the script's rules. The wording is the script's, and so is
when an action runs.

Not here: the form (form.py), letters (letters.py), the order of a turn (embedded.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from case_store.records import Draft, Facts, MessageKind, Opinion, Status
from dialogue import checking, form, readback
from dialogue.memory import Phase
from dialogue.mood import with_mood
from dialogue.scene import Action, Scene
from dialogue.turn import REFERENCE, AnotherComplaint, CallPerson, FileCase, Pace, Proof, WithdrawCase
from dialogue.understanding.reaching import REACH

MOST_ABUSE: Final = 2
LONGEST_QUOTE: Final = 80

_PLACES: Final = tuple(
    re.compile(rf"第{han}[件个個宗单單]|\b{word}\b", re.IGNORECASE)
    for han, word in (("一", "first"), ("[二两兩]", "second"), ("三", "third"))
)


def call_person(scene: Scene, reason: str, *, urgent: bool = False) -> None:
    """Puts the conversation into the queue; the complaint is registered meanwhile when nobody can come now."""
    scene.acts.append(CallPerson(reason, urgent))
    turn = scene.turn
    if turn.person_at is None:
        scene.say("utter_person_now")
    else:
        scene.say("utter_person_later", at=readback.moment(turn.person_at, scene.language))
        held = checking.is_held(scene)  # nothing is registered against the customer's word
        if scene.draft.facts.what_happened is not None and not _filed(scene) and not held:
            file(scene, incomplete=bool(form.missing(scene)))


def file(scene: Scene, *, incomplete: bool = False) -> None:
    scene.acts.append(FileCase(incomplete))
    scene.memory.phase, scene.memory.loop = Phase.FILED, None
    day = readback.due(scene.turn.feedback_due, scene.language)
    reached = {"reachable": scene.turn.reachable or scene.knows("contact")}
    scene.say("utter_filed", reference=REFERENCE)
    scene.say("utter_next_steps", conditions=reached, due=day)
    scene.say("utter_how_to_add")
    scene.say("utter_next_authorities", authorities=scene.turn.house.next_authorities[scene.memory.language])


def action_file(scene: Scene) -> None:
    file(scene)
    if scene.memory.pending != "another":
        return
    if not scene.memory.others:
        scene.say("utter_now_the_other")  # an invitation: the draft that it asks for begins with the answer
    else:
        other = scene.memory.others[0]
        quoted = other if len(other) <= LONGEST_QUOTE else scene.word("utter_shortened", value=other[:LONGEST_QUOTE])
        scene.say("utter_now_the_other_told", ("confirm",), other=quoted.rstrip("。.；;"))


def action_call_for_life(scene: Scene) -> None:
    """No question about the complaint, no form: numbers to call, and a person at once."""
    scene.memory.loop = None
    scene.acts.append(CallPerson("danger_to_life", urgent=True))
    scene.say("utter_danger", emergency=scene.turn.house.emergency[scene.memory.language])


def action_stay_near(scene: Scene) -> None:
    """Who has spoken of danger and waits is not left in silence; somebody has been called already."""
    scene.say_once("utter_danger", emergency=scene.turn.house.emergency[scene.memory.language])


def action_call_person(scene: Scene) -> None:
    call_person(scene, "asked")


def tell_who_comes(scene: Scene) -> None:
    """Who waits is told what waiting they are in for; a letter waits for no one at a desk."""
    if scene.turn.pace is Pace.LETTER:
        scene.say("utter_letter_person")
    elif scene.turn.person_at is None:
        scene.say("utter_person_now")
    else:
        scene.say("utter_person_later", at=readback.moment(scene.turn.person_at, scene.language))


def action_answer_abuse(scene: Scene) -> None:
    scene.memory.abused += 1
    if scene.memory.abused >= MOST_ABUSE:
        call_person(scene, "abuse")
    else:
        scene.say("utter_stay_calm")


def action_name_hotline(scene: Scene) -> None:
    if scene.turn.house.hotline:
        scene.say("utter_hotline", hotline=scene.turn.house.hotline)


def action_stop_scam(scene: Scene) -> None:
    """The money first, then a person who can look at the account; the complaint goes on meanwhile."""
    first = "utter_stop_scam" not in scene.memory.said
    scene.say("utter_stop_scam")
    if scene.turn.house.hotline:
        scene.say("utter_scam_hotline", hotline=scene.turn.house.hotline)
    else:
        scene.say("utter_scam_card_number")
    if first:
        scene.acts.append(CallPerson("scam_now"))  # announced at once; `urgent` is danger to life


def action_decline_command(scene: Scene) -> None:
    scene.say("utter_command")


def action_answer_status(scene: Scene) -> None:
    if not scene.turn.cases and scene.turn.waiting is not None:
        tell_who_comes(scene)
    elif not scene.turn.cases:
        scene.say("utter_status_draft" if scene.draft.facts.what_happened else "utter_status_none")
    for case in scene.turn.cases:
        status = scene.word("utter_status_word", status=case.status.value)
        dated = case.feedback_due is not None and case.status not in (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN)
        day = readback.due(case.feedback_due, scene.language) if case.feedback_due else ""
        scene.say("utter_status", conditions={"dated": dated}, reference=case.reference, status=status, due=day)
        if case.offer is not None or case.agreed:
            from dialogue import negotiation  # late: it calls on this room's neighbours

            negotiation.tell_standing(scene, case)


def action_answer_proof(scene: Scene) -> None:
    """Whether a case that was filed elsewhere is this customer's; once it is, how it stands."""
    proof = scene.turn.proof
    if proof is None:
        return
    scene.say("utter_proof", conditions={"proof": proof.value})
    if proof is Proof.RIGHT:
        if scene.memory.phase == Phase.OPEN and scene.memory.loop is None:
            scene.memory.phase = Phase.FILED  # what comes next is about that case
        action_answer_status(scene)


def action_answer_machine(scene: Scene) -> None:
    """Who asks is told that a machine answers, and how to get a person; who waits for one already is told so."""
    scene.say("utter_machine", conditions={"waits": scene.turn.waiting is not None})


def action_answer_data_held(scene: Scene) -> None:
    held = readback.summary(scene)
    scene.say("utter_data_held" if held else "utter_data_held_none", summary=held)
    scene.acts.append(CallPerson("data_request"))


def action_answer_why(scene: Scene) -> None:
    """Asked again while something is being asked for, in few words; and the question stands for itself after that."""
    if scene.memory.loop is None or not scene.memory.said.get("utter_why"):
        scene.say("utter_why")
    else:
        scene.say_once("utter_why_again")


def action_answer_how_long(scene: Scene) -> None:
    if not scene.asks_back or not scene.say_once("utter_what_next"):
        scene.say("utter_how_long", due=readback.due(scene.turn.feedback_due, scene.language))


def action_ask_withdraw(scene: Scene) -> None:
    if not scene.turn.cases and scene.draft.facts.what_happened is None:
        scene.say("utter_nothing_to_withdraw")
        return
    scene.memory.pending = "withdraw"
    open_case = _named_reference(scene) or (None if _is_drafting(scene) else _open_reference(scene))
    scene.memory.withdrawing = open_case
    scene.say(
        "utter_ask_withdraw", ("confirm",), conditions={"filed": open_case is not None}, reference=open_case or ""
    )


def action_withdraw(scene: Scene) -> None:
    scene.memory.pending = None
    reference = scene.memory.withdrawing or (_open_reference(scene) if _filed(scene) else None)
    scene.memory.withdrawing = None
    scene.acts.append(WithdrawCase(reference))
    scene.say("utter_withdrawn", conditions={"filed": reference is not None}, reference=reference or "")
    if reference is not None and _is_drafting(scene):
        form.ask_again(scene)  # an earlier case is taken back; the one that is being told goes on
    else:
        scene.memory.phase, scene.memory.loop = Phase.WITHDRAWN, None


def action_keep(scene: Scene) -> None:
    scene.memory.pending = scene.memory.withdrawing = None
    scene.say("utter_kept")


def action_another_complaint(scene: Scene) -> None:
    """A filed complaint stays as it is and a new one begins; one that is still being told comes first."""
    if any(isinstance(act, AnotherComplaint) for act in scene.acts):
        scene.say("utter_another")
    else:
        scene.memory.pending = "another"
        scene.say("utter_one_at_a_time")


def tell_where_to_turn(scene: Scene) -> None:
    case = next((case for case in reversed(scene.turn.cases) if case.feedback_due is not None), None)
    scene.say(
        "utter_may_turn_elsewhere",
        conditions={"dated": case is not None},
        reference=case.reference if case else "",
        due=readback.due(case.feedback_due, scene.language) if case and case.feedback_due else "",
        authorities=scene.turn.house.next_authorities[scene.memory.language],
    )


def action_answer_enquiry(scene: Scene) -> None:
    scene.say("utter_enquiry")
    call_person(scene, "enquiry")


def begin_another(scene: Scene) -> None:
    """A fresh draft for a second complaint; who is complaining stays known."""
    facts = scene.draft.facts
    scene.acts.append(AnotherComplaint())
    kept = {name: said for name, said in scene.draft.words.items() if name in (REACH, "contact")}
    scene.draft = Draft(
        Facts(name=facts.name, contact=facts.contact), kept, declined=scene.draft.declined & {"name", "contact"}
    )
    scene.memory.begin_again()


def judge(scene: Scene) -> None:
    """The preliminary judgement, and the way out where the matter is not ours."""
    story = scene.draft.facts.what_happened
    if story is None:
        return
    judgement = scene.judge(story, scene.draft, subject=scene.turn.subject, language=scene.language)
    if scene.turn.pace is Pace.LIVE and judgement.kind.value != MessageKind.COMPLAINT:
        # it was heard as the complaint: no list of words makes a question of it afterwards, and the house keeps it
        judgement = replace(judgement, kind=Opinion(MessageKind.UNCLEAR, "nothing_certain"))
    scene.judgement = with_mood(judgement, scene.heard)


def tell_referral(scene: Scene) -> None:
    judgement = scene.judgement
    if (
        judgement is not None
        and judgement.scope.value == "not_ours"
        and judgement.referral
        and "what_happened" in scene.learned
    ):
        scene.say_once("utter_out_of_scope", referral=judgement.referral)


def kind_of_message(scene: Scene) -> str:
    text = scene.heard.text
    return scene.judge(text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind.value


def is_enquiry(scene: Scene) -> bool:
    return kind_of_message(scene) == MessageKind.ENQUIRY


def _filed(scene: Scene) -> bool:
    return scene.memory.phase == Phase.FILED


def _is_drafting(scene: Scene) -> bool:
    """Whether a complaint is being told that has no number yet."""
    return scene.memory.phase in (Phase.OPEN, Phase.CONFIRMING) and scene.draft.facts.what_happened is not None


def _open_reference(scene: Scene) -> str | None:
    closed = (Status.WITHDRAWN, Status.CLOSED)
    return next((case.reference for case in reversed(scene.turn.cases) if case.status not in closed), None)


def _named_reference(scene: Scene) -> str | None:
    """The open case that the customer names, by its number or by its place among those of this conversation."""
    text = re.sub(r"\s", "", scene.heard.text).upper()
    closed = (Status.WITHDRAWN, Status.CLOSED)
    for place, case in enumerate(scene.turn.cases):
        named = case.is_called(text) or (place < len(_PLACES) and _PLACES[place].search(scene.heard.text))
        if named and case.status not in closed:
            return case.reference
    return None


ACTIONS: Final[Mapping[str, Action]] = {
    action.__name__: action
    for action in (
        action_file,
        action_call_for_life,
        action_call_person,
        action_answer_abuse,
        action_name_hotline,
        action_stop_scam,
        action_decline_command,
        action_answer_status,
        action_answer_proof,
        action_answer_data_held,
        action_answer_machine,
        action_answer_why,
        action_answer_how_long,
        action_ask_withdraw,
        action_withdraw,
        action_keep,
        action_another_complaint,
        action_answer_enquiry,
        action_stay_near,
    )
}
