"""Answering a letter: one answer that holds everything, for mail and form.

A letter is registered as it is read and its answer is the read-back: what was understood, the reference, what happens by
when, and the few things still missing, each asked for once. A reply fills the case; thanks alone need no answer.

Not here: conversations that go to and fro (form.py), how a mail is read (channels/email).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from case_store.records import MessageKind
from dialogue import actions, form, readback
from dialogue.memory import Phase
from dialogue.scene import Action, Scene
from dialogue.sympathy import name_what_happened
from dialogue.turn import REFERENCE, CallPerson, FileCase
from dialogue.understanding.found import Signal


def action_answer_letter(scene: Scene) -> None:
    salute(scene)
    if _answers_a_question(scene):
        pass
    elif scene.memory.phase == Phase.FILED:
        _answer_reply(scene)
    elif scene.draft.facts.what_happened is not None:
        _answer_complaint(scene)
    else:
        _answer_other(scene)
    sign(scene)


def action_call_for_life_by_letter(scene: Scene) -> None:
    """As in a chat: no question about the complaint, numbers to call, a person at once; but in the form of a letter."""
    scene.memory.loop = None
    scene.acts.append(CallPerson("danger_to_life", urgent=True))
    action_stay_near_by_letter(scene)


def action_stay_near_by_letter(scene: Scene) -> None:
    salute(scene)
    scene.say("utter_letter_danger", emergency=scene.turn.house.emergency[scene.memory.language])
    scene.say("utter_signature", house=scene.turn.house.name[scene.memory.language])


def action_withdraw_by_letter(scene: Scene) -> None:
    salute(scene)
    actions.action_withdraw(scene)
    sign(scene)


def action_keep_by_letter(scene: Scene) -> None:
    salute(scene)
    actions.action_keep(scene)
    sign(scene)


def salute(scene: Scene) -> None:
    name = scene.draft.facts.name or ""
    scene.say("utter_salutation", conditions={"named": bool(name)}, name=name)


def sign(scene: Scene) -> None:
    house = scene.turn.house
    if scene.memory.notice_shown is None and not scene.silent:
        scene.memory.notice_shown = house.privacy_notice_version
        scene.say("utter_privacy_notice", notice=house.privacy_notice[scene.memory.language])
    scene.say("utter_signature", house=house.name[scene.memory.language])


def _answers_a_question(scene: Scene) -> bool:
    """Withdrawal, status, data held: answered where the letter tells of no new complaint."""
    if scene.memory.phase != Phase.FILED and scene.draft.facts.what_happened is not None:
        return False
    for signal, action in (
        (Signal.WITHDRAWS, actions.action_ask_withdraw),
        (Signal.ASKS_DATA_HELD, actions.action_answer_data_held),
        (Signal.ASKS_STATUS, actions.action_answer_status),
        (Signal.WANTS_PERSON, _pass_on),
    ):
        if scene.heard_signal(signal):
            if scene.got_something:
                _acknowledge_reply(scene)
            action(scene)
            return True
    return False


def _answer_complaint(scene: Scene) -> None:
    missing = form.missing(scene)
    scene.acts.append(FileCase(incomplete=bool(missing)))
    scene.memory.phase = Phase.FILED
    if scene.heard_signal(Signal.SCAM_NOW):
        actions.action_stop_scam(scene)
    elif scene.heard_signal(Signal.STOLEN_CARD):
        actions.action_name_hotline(scene)
    name_what_happened(scene)
    actions.tell_referral(scene)
    scene.say("utter_letter_read_back", summary=readback.summary(scene))
    scene.say("utter_letter_filed", reference=REFERENCE, due=readback.due(scene.turn.feedback_due, scene.language))
    if scene.heard_signal(Signal.WANTS_PERSON):
        _pass_on(scene)
    if missing:
        items = [scene.word(f"utter_item_{fact}") for fact in missing]
        scene.say("utter_letter_ask", missing, items="\n".join(items))
    scene.say("utter_letter_how_to_add", conditions={"channel": scene.turn.channel.value})
    scene.say("utter_next_authorities", authorities=scene.turn.house.next_authorities[scene.memory.language])


def _answer_reply(scene: Scene) -> None:
    if scene.got_something:
        _acknowledge_reply(scene)
    if scene.heard_signal(Signal.THREATENS):
        actions.tell_where_to_turn(scene)
    if _brings_files(scene):
        _acknowledge_files(scene)
    elif scene.got_something or scene.heard_signal(Signal.THREATENS):
        pass
    elif scene.heard_signal(Signal.ASKS_HOW_LONG):
        actions.action_answer_status(scene)
    elif scene.heard_signal(Signal.ASKS_WHY):
        actions.action_answer_why(scene)
    elif scene.heard_signal(Signal.REFUSES, Signal.DOES_NOT_KNOW):
        scene.say("utter_letter_left_open")
    elif scene.heard_signal(Signal.THANKS, Signal.YES, Signal.GREETS):
        scene.silent = True
    else:
        scene.say("utter_letter_passed_on")
        scene.acts.append(CallPerson("unclear"))


def _acknowledge_reply(scene: Scene) -> None:
    facts = [*scene.changed, *scene.learned]
    lines = [scene.word(f"utter_line_{fact}", value=readback.value_of(scene, fact)) for fact in facts]
    reference = scene.turn.cases[-1].reference if scene.turn.cases else ""
    known = {"with_lines": bool(lines)}
    scene.say("utter_letter_recorded", conditions=known, reference=reference, changes="\n".join(lines))


def _brings_files(scene: Scene) -> bool:
    return any(message.files for message in scene.turn.messages)


def _acknowledge_files(scene: Scene) -> None:
    """Evidence for whoever handles the case: it is there, and the date stands. No question for a person."""
    case = scene.turn.cases[-1] if scene.turn.cases else None
    dated = case is not None and case.feedback_due is not None
    day = readback.due(case.feedback_due, scene.language) if case and case.feedback_due else ""
    scene.say("utter_letter_files", conditions={"dated": dated}, reference=case.reference if case else "", due=day)


def _answer_other(scene: Scene) -> None:
    kind = actions.kind_of_message(scene)
    if kind == MessageKind.UNSOLICITED:
        scene.silent = True
    elif kind == MessageKind.THANKS:
        scene.say("utter_letter_thanks")
    else:
        scene.say("utter_letter_enquiry")
        scene.acts.append(CallPerson("enquiry" if kind == MessageKind.ENQUIRY else "unclear"))


def _pass_on(scene: Scene) -> None:
    """A letter waits for no one at a desk: who wants a person is written to or called."""
    scene.say("utter_letter_person")
    scene.acts.append(CallPerson("asked"))


ACTIONS: Final[Mapping[str, Action]] = {
    action.__name__: action
    for action in (
        action_answer_letter,
        action_call_for_life_by_letter,
        action_stay_near_by_letter,
        action_withdraw_by_letter,
        action_keep_by_letter,
    )
}
