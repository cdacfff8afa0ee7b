"""A turn as Rasa's JSON: what is sent to its channel, what its action calls bring and get, what comes back.

Rasa remembers nothing between turns. Each turn is a tracker of its own that begins with everything the house knows (`opening`);
Rasa decides by the script's rules and its form which step comes next, and each step is run here, on the scene that the last one
left (`step`). The scene travels in the messages that Rasa collects, sealed (rasa_seal.py), so any process of the house can run any
step, and a Rasa that is killed, restarted or given another model takes nothing with it.

Names, when to ask and what follows what are Rasa's to decide; what is said is rendered from the same files by the same hands as
in the embedded engine. `closing` trusts nothing that comes back: a scene that no step of this turn has left, a step or response that
Rasa counts as done and that left no trace here, an unfinished turn or another script is a RasaAnswerError.

Not here: HTTP, signatures, time limits (the gateway), the channel inside Rasa (rasa_project/channel.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final, get_args

from pydantic import TypeAdapter, ValidationError

from case_store.records import Draft, Judgement
from dialogue import steps
from dialogue.deal import Deal
from dialogue.memory import Memory
from dialogue.rasa_seal import BrokenSeal, sealed, unsealed
from dialogue.scene import Judge, Piece, Scene
from dialogue.script import Script, digest
from dialogue.turn import Act, BotTurn, CustomerTurn, House
from dialogue.understanding.found import Understanding

Json = dict[str, Any]

LISTEN: Final = "action_listen"
SESSION_START: Final = "action_session_start"
_NOTHING_TO_RUN: Final = (LISTEN, SESSION_START)
_RESPONSE: Final = "utter_"
_RUN: Final = "ran"
_SEALED: Final = "sealed"
_SESSION_BEGAN: Final[Json] = {_RUN: [SESSION_START]}

_ACTS: Final[Mapping[str, type]] = {kind.__name__: kind for kind in get_args(Act)}
_LISTS: Final = ("learned", "changed", "refused", "settled", "in_vain")
_FLAGS: Final = ("told_more", "repeats", "silent", "confirmed", "asks_back", "odd_number", "unmoved")


class FormRejected(Exception):
    """The form steps back for a rule: what came is no answer to it. Rasa asks the form first, and its rules only then."""


class RasaAnswerError(Exception):
    """What Rasa sent is not an answer to this turn; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Here:
    """What a scene needs of this process: the script, the judgement, the house, the key that scenes are sealed with."""

    script: Script
    judge: Judge
    house: House
    key: bytes


def opening(turn_id: str, scene: Scene, key: bytes) -> Json:
    """What is sent to Rasa's channel to begin a turn. `turn_id` names this one attempt."""
    begun = {"turn": _turn_json(scene.turn), "scene": scene_json(scene, []), "slots": _slots(scene)}
    return {
        "turn": turn_id,
        "script": digest(),
        "intent": scene.intent,
        "text": scene.heard.text,
        "metadata": {_SEALED: sealed(begun, turn_id, key)},
    }


def step(call: Mapping[str, Any], here: Here) -> Json:
    """Runs what Rasa's action call asks for; answers `events` and `responses`.

    Raises FormRejected where a rule comes before the form, RasaAnswerError for a call that is not of this script.
    """
    name, tracker = call.get("next_action"), call.get("tracker")
    if not isinstance(name, str) or not isinstance(tracker, Mapping):
        raise RasaAnswerError("a call without next_action and tracker")
    turn_id = tracker.get("sender_id")
    if not isinstance(turn_id, str):
        raise RasaAnswerError("a call of no turn")
    if name == SESSION_START:
        events = _session(_begun(_at_session(tracker), turn_id, here), here.script)
        return {"events": events, "responses": [{"custom": {_SEALED: sealed(_SESSION_BEGAN, turn_id, here.key)}}]}
    begun = _begun(_with_message(tracker), turn_id, here)
    scene, ran = _scene_at(turn_id, tracker, begun, here)
    events = _run(name, scene, tracker, begun["slots"], here.script)
    left = sealed(scene_json(scene, [*ran, name]), turn_id, here.key)
    return {"events": events, "responses": [{"custom": {_SEALED: left}}]}


def closing(turn_id: str, scene: Scene, answer: object, here: Here) -> BotTurn:
    """The turn as Rasa has ended it. Raises RasaAnswerError."""
    if not isinstance(answer, Mapping):
        raise RasaAnswerError(f"not an object but {type(answer).__name__}")
    if answer.get("turn") != turn_id:
        raise RasaAnswerError(f"an answer to another turn, {str(answer.get('turn'))[:40]!r}")
    if answer.get("script") != digest():
        raise RasaAnswerError(f"a model of another script, {str(answer.get('script'))[:80]!r}: train it on this one")
    actions, messages = answer.get("actions"), answer.get("messages")
    if not _is_list(actions, str) or not _is_list(messages, Mapping):
        raise RasaAnswerError("no lists of actions and messages")
    assert isinstance(actions, list)
    assert isinstance(messages, list)
    _check_session(turn_id, messages, here)
    messages = messages[1:]
    scene, ran = _replayed(turn_id, scene, [], messages, here)
    _check_run(actions, ran, scene, here.script)
    _check_said(actions, messages)
    return scene.answer()


def _check_session(turn_id: str, messages: Sequence[Mapping[str, Any]], here: Here) -> None:
    """The turn began here: without its beginning Rasa goes on all the same, as if nothing had been said before."""
    carried = messages[0].get("custom") if messages else None
    if not isinstance(carried, Mapping) or _unsealed(carried, turn_id, here) != _SESSION_BEGAN:
        raise RasaAnswerError(f"{SESSION_START} was counted as done and never came here")


def _check_run(actions: Sequence[str], ran: Sequence[str], scene: Scene, script: Script) -> None:
    """Every step that Rasa counts as done has been done here: with its action server down it answers all the same."""
    if not actions or actions[-1] != LISTEN:
        raise RasaAnswerError(f"a turn without an end: {list(actions)[-3:]}")
    done = list(ran)
    for action in actions:
        if action in _NOTHING_TO_RUN or action.startswith(_RESPONSE):
            continue
        for expected in _halves(script, scene) if action == script.form else (action,):
            if expected not in done:
                raise RasaAnswerError(f"{expected} was counted as done and never came here")
            done.remove(expected)
    if all(action in _NOTHING_TO_RUN for action in actions):
        raise RasaAnswerError("a turn in which nothing was done")


def _halves(script: Script, scene: Scene) -> tuple[str, ...]:
    """The form has checked, and asked as well unless it is done: a question that got lost would leave the customer in silence."""
    check = f"validate_{script.form}"
    return (check,) if scene.confirmed else (check, f"action_ask_{script.form}_{script.required_slots[0]}")


def _check_said(actions: Sequence[str], messages: Sequence[Mapping[str, Any]]) -> None:
    """Every response that Rasa counts as said has come, and no other."""
    counted = [action for action in actions if action.startswith(_RESPONSE)]
    said = [message.get("utter_action") for message in messages if message.get("custom") is None]
    if counted != said:
        raise RasaAnswerError(f"other responses than those counted as said: {said[:3]}, not {counted[:3]}")


def _run(name: str, scene: Scene, tracker: Mapping[str, Any], slots: Mapping[str, Any], script: Script) -> list[Json]:
    """`slots` are those that the turn began with."""
    if name in script.form_actions:
        return _run_form(name, scene, tracker, slots, script)
    if name not in steps.ACTIONS:
        raise RasaAnswerError(f"the action {name[:80]!r} is not one of the script")
    if not steps.is_over(scene):
        steps.ACTIONS[name](scene)
    return []


def _run_form(
    name: str, scene: Scene, tracker: Mapping[str, Any], slots: Mapping[str, Any], script: Script
) -> list[Json]:
    """One half of the form, checking or asking.

    Rasa asks the form first and its rules only when the form steps back, and it goes back to a running form after every rule,
    also after one that says nothing of the form: there the form keeps still.
    """
    rule = script.rule_for(scene.intent, slots.get("loop"), slots)
    said_before = _something_was_done(tracker, script)
    keeps_still = rule is not None and said_before and script.form not in rule.steps
    if name != f"validate_{script.form}":
        if not keeps_still:
            steps.ask_form(scene)
        return []
    if rule is not None and slots.get("loop") and not said_before:
        raise FormRejected
    if not keeps_still:
        steps.check_form(scene, interrupted=said_before)
    return [_slot("requested_slot", None if scene.confirmed else script.required_slots[0])]


def _something_was_done(tracker: Mapping[str, Any], script: Script) -> bool:
    """Whether a rule had its say between the customer's words and the form."""
    return any(
        event.get("event") == "action" and event.get("name") not in (script.form, LISTEN)
        for event in _since_user(tracker)
    )


def _session(begun: Json, script: Script) -> list[Json]:
    """A tracker's beginning: where the conversation stands, as slots and the form that is running."""
    known = [_slot(name, value) for name, value in begun["slots"].items() if name in script.slots]
    loop = begun["slots"].get("loop")
    form: list[Json] = [{"event": "active_loop", "name": loop}] if loop else []
    return [{"event": "session_started"}, *known, *form, {"event": "action", "name": LISTEN}]


def _begun(metadata: object, turn_id: str, here: Here) -> Json:
    """What the turn began with: `turn`, `scene` and `slots`. Rasa has it in two places, before and with the message."""
    if not isinstance(metadata, Mapping):
        raise RasaAnswerError("a call without what the house knows")
    return _unsealed(metadata, turn_id, here)


def _at_session(tracker: Mapping[str, Any]) -> object:
    slots = tracker.get("slots")
    return slots.get("session_started_metadata") if isinstance(slots, Mapping) else None


def _with_message(tracker: Mapping[str, Any]) -> object:
    latest = tracker.get("latest_message")
    return latest.get("metadata") if isinstance(latest, Mapping) else None


def _unsealed(carried: Mapping[str, Any], turn_id: str, here: Here) -> Json:
    try:
        return unsealed(carried.get(_SEALED), turn_id, here.key)
    except BrokenSeal:
        raise RasaAnswerError("a scene that was not made here for this turn") from None


def _slots(scene: Scene) -> Json:
    """Facts, memory and where the conversation stands, by the names of the script's slots."""
    facts = {name: value for name, value in scene.draft.facts.to_json().items() if value is not None}
    return {**facts, **scene.memory.to_json(), **scene.slots()}


def _slot(name: str, value: Any) -> Json:
    return {"event": "slot", "name": name, "value": value}


def _scene_at(turn_id: str, tracker: Mapping[str, Any], begun: Json, here: Here) -> tuple[Scene, list[str]]:
    """The scene as the last step of this turn has left it."""
    scene, ran = scene_from(begun["scene"], _turn_from(begun["turn"], here), here)
    said = [_message(event) for event in _since_user(tracker) if event.get("event") == "bot"]
    return _replayed(turn_id, scene, ran, said, here)


def _replayed(
    turn_id: str, scene: Scene, ran: list[str], messages: Iterable[Mapping[str, Any]], here: Here
) -> tuple[Scene, list[str]]:
    """The scene after these messages: the last that a step left, and what Rasa has said by itself since."""
    for message in messages:
        carried, response = message.get("custom"), message.get("utter_action")
        if isinstance(carried, Mapping):
            scene, ran = scene_from(_unsealed(carried, turn_id, here), scene.turn, here)
        elif carried is None and isinstance(response, str) and response in here.script.responses:
            if not steps.is_over(scene):
                scene.say(response)
        else:
            raise RasaAnswerError("a message that is neither a step's nor a response of the script")
    return scene, ran


def _message(event: Mapping[str, Any]) -> Json:
    data, metadata = event.get("data"), event.get("metadata")
    custom = data.get("custom") if isinstance(data, Mapping) else None
    return {"custom": custom, "utter_action": metadata.get("utter_action") if isinstance(metadata, Mapping) else None}


def _since_user(tracker: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    events = tracker.get("events")
    if not _is_list(events, Mapping):
        raise RasaAnswerError("a tracker without events")
    assert isinstance(events, list)
    last = max((place for place, event in enumerate(events) if event.get("event") == "user"), default=-1)
    return events[last + 1 :]


def scene_json(scene: Scene, ran: Sequence[str]) -> Json:
    """Everything of a scene but the turn and the house; `ran` are the steps so far."""
    return {
        _RUN: list(ran),
        "heard": _adapter(Understanding).dump_python(scene.heard, mode="json"),
        "memory": asdict(scene.memory),
        "draft": _adapter(Draft).dump_python(scene.draft, mode="json"),
        "judgement": None if scene.judgement is None else scene.judgement.to_json(),
        "intent": scene.intent,
        "pieces": [_adapter(Piece).dump_python(piece, mode="json") for piece in scene.pieces],
        "deal": None if scene.deal is None else _adapter(Deal).dump_python(scene.deal, mode="json"),
        "acts": [_act_json(act) for act in scene.acts],
        **{name: list(getattr(scene, name)) for name in _LISTS},
        **{name: getattr(scene, name) for name in _FLAGS},
    }


def scene_from(data: object, turn: CustomerTurn, here: Here) -> tuple[Scene, list[str]]:
    """The scene and the steps so far. Raises RasaAnswerError."""
    if not isinstance(data, Mapping):
        raise RasaAnswerError("a step without its scene")
    try:
        scene = Scene(
            here.script,
            turn,
            _adapter(Understanding).validate_python(data["heard"]),
            _adapter(Memory).validate_python(data["memory"]),
            _adapter(Draft).validate_python(data["draft"]),
            here.judge,
            judgement=None if data["judgement"] is None else Judgement.from_json(data["judgement"]),
            intent=data["intent"],
            deal=None if data["deal"] is None else _adapter(Deal).validate_python(data["deal"]),
            pieces=[_adapter(Piece).validate_python(piece) for piece in data["pieces"]],
            acts=[_act_from(act) for act in data["acts"]],
        )
        for name in _LISTS:
            setattr(scene, name, list(data[name]))
        for name in _FLAGS:
            setattr(scene, name, bool(data[name]))
        return scene, list(data[_RUN])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise RasaAnswerError(f"a scene that can't be read ({type(error).__name__})") from error


def _act_json(act: Act) -> Json:
    name = type(act).__name__
    return {"act": name, **_adapter(_ACTS[name]).dump_python(act, mode="json")}


def _act_from(data: Mapping[str, Any]) -> Any:
    fields = {name: value for name, value in data.items() if name != "act"}
    return _adapter(_ACTS[data["act"]]).validate_python(fields)


def _turn_json(turn: CustomerTurn) -> Json:
    dumped: Json = _adapter(CustomerTurn).dump_python(turn, mode="json", exclude={"house"})
    return dumped


def _turn_from(data: object, here: Here) -> CustomerTurn:
    if not isinstance(data, Mapping):
        raise RasaAnswerError("a call without its turn")
    try:
        turn: CustomerTurn = _adapter(CustomerTurn).validate_python({**data, "house": here.house})
    except ValidationError as error:
        raise RasaAnswerError(f"a turn that can't be read: {error.error_count()} faults") from error
    return turn


def _is_list(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(entry, kind) for entry in value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
