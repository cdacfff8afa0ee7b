"""The script: what the Rasa files say, as far as the embedded engine runs them.

Both engines run the same files. This one takes a declared subset and refuses everything else when it loads, with the
file and the name, so that no sentence or rule is ever silently left out:

    domain/*.yml      version, intents, slots (with an initial value), forms with `required_slots`, actions, responses
                      whose variants have `text`, `condition` on slots, and `buttons` of `title` and `payload: /intent`
    The form's own actions (`action_session_start`, `validate_…`, `action_ask_…`) are steps that only Rasa calls by name.

    data/rules.yml    rules with one `condition` list (`active_loop`, `slot_was_set`) and steps: one `intent` (or none:
                      the rule that follows when the form is done), then `action` and `active_loop`

Not here: what an action does (actions.py), the order of a turn (embedded.py), the examples a classifier learns from
(data/nlu.yml, which only Rasa reads).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import yaml

from dialogue.digest import digest_of

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # six times as fast where libyaml is there

_DOMAIN_KEYS: Final = {"version", "intents", "slots", "forms", "actions", "responses", "session_config"}
_RULE_KEYS: Final = {"rule", "condition", "steps"}
_VARIANT_KEYS: Final = {"condition", "text", "buttons"}
_PLACEHOLDER: Final = re.compile(r"{([a-z_]+)}")
_FIGURE_START: Final = re.compile(r"(?!\d{1,4}[年月])[0-9A-Za-z]")  # a Chinese date is written in one piece
_FIGURE_END: Final = re.compile(r"[0-9A-Za-z]\Z")
_HAN_START: Final = re.compile(r"[\u3400-\u9fff]")
_MOST_REMEMBERED: Final = 20_000
"""Situations, so that values of the customer's own can't fill the memory."""
_BUILT_IN: Final = {"action_listen", "action_deactivate_loop"}


class ScriptError(ValueError):
    """The files hold something that this engine does not run, or contradict themselves."""


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    intent: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to say a response. It fits when every slot of `conditions` has that value."""

    text: str
    conditions: tuple[tuple[str, Any], ...]
    buttons: tuple[Button, ...]

    def fits(self, slots: Mapping[str, Any]) -> bool:
        return all(slots.get(name) == value for name, value in self.conditions)


@dataclass(frozen=True, slots=True)
class Rule:
    """After `intent`, when the loop and the slots are so, run `steps` (names of actions, responses or the form)."""

    name: str
    intent: str | None
    loop: str | None
    anywhere: bool  # holds with and without the form
    slots: tuple[tuple[str, Any], ...]
    steps: tuple[str, ...]
    ends_loop: bool

    def fits(self, intent: str | None, loop: str | None, slots: Mapping[str, Any]) -> bool:
        here = self.anywhere or self.loop == loop
        return intent == self.intent and here and all(slots.get(name) == value for name, value in self.slots)


@dataclass(frozen=True, slots=True)
class Script:
    intents: frozenset[str]
    slots: Mapping[str, Any]  # with their initial values
    actions: frozenset[str]
    form: str
    form_actions: frozenset[str]  # the form's halves, as Rasa calls them
    required_slots: tuple[str, ...]
    responses: Mapping[str, tuple[Variant, ...]]
    rules: tuple[Rule, ...]
    _after: dict[str | None, list[Rule]] = field(default_factory=dict, compare=False, repr=False)
    """The rules by their intent."""
    _looks_at: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _fitting: dict[tuple[Any, ...], tuple[Variant, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._after.setdefault(rule.intent, []).append(rule)

    def variants(self, response: str, slots: Mapping[str, Any]) -> tuple[Variant, ...]:
        """The ways to say it now: those with the most conditions met, as the files list them."""
        names = self._looks_at.get(response)
        if names is None:
            looked = (name for variant in self.responses[response] for name, _ in variant.conditions)
            names = self._looks_at[response] = tuple(dict.fromkeys(looked))
        told = (response, *(slots.get(name) for name in names))
        found = self._fitting.get(told)
        if found is None:
            found = self._variants(response, slots)
            if len(self._fitting) < _MOST_REMEMBERED:
                self._fitting[told] = found
        return found

    def _variants(self, response: str, slots: Mapping[str, Any]) -> tuple[Variant, ...]:
        fitting = [variant for variant in self.responses[response] if variant.fits(slots)]
        most = max((len(variant.conditions) for variant in fitting), default=0)
        return tuple(variant for variant in fitting if len(variant.conditions) == most)

    def rule_for(self, intent: str | None, loop: str | None, slots: Mapping[str, Any]) -> Rule | None:
        """The rule that says most about the situation wins, as in Rasa."""
        fitting = [rule for rule in self._after.get(intent, ()) if rule.fits(intent, loop, slots)]
        return max(fitting, key=lambda rule: (len(rule.slots), not rule.anywhere), default=None)


@lru_cache(maxsize=1)
def default_script() -> Script:
    """The script that ships with the project, read once in a process."""
    return load_script(resources.files("dialogue") / "rasa_project")


@lru_cache(maxsize=1)
def digest() -> str:
    """Names the script that ships with the project: a model that was trained on other files is another script's."""
    return digest_of(resources.files("dialogue") / "rasa_project")


def load_script(folder: Traversable) -> Script:
    """Reads and checks the files. Raises ScriptError with the file and what it may not hold."""
    domain = _domain(folder / "domain")
    if len(domain["forms"]) != 1:
        raise ScriptError(f"domain: exactly one form is run, not {sorted(domain['forms'])}")
    [(form, description)] = domain["forms"].items()
    required = tuple(description["required_slots"])
    asking = {f"action_ask_{form}_{slot}" for slot in required}
    called = {"action_session_start", f"validate_{form}", *asking}
    script = Script(
        intents=frozenset(domain["intents"]),
        slots=domain["slots"],
        actions=frozenset(domain["actions"]) - called,
        form=form,
        form_actions=frozenset(called),
        required_slots=required,
        responses=domain["responses"],
        rules=tuple(_rules(folder / "data" / "rules.yml")),
    )
    _check(script)
    if missing := sorted(called - set(domain["actions"])):
        raise ScriptError(f"domain: the form needs the action {missing[0]!r}")
    return script


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled. A figure or Latin letter keeps a blank from a Chinese character; a date does not."""

    def value(place: re.Match[str]) -> str:
        said = values[place[1]]
        before = " " if _FIGURE_START.match(said) and _HAN_START.match(text, place.start() - 1) else ""
        after = " " if _FIGURE_END.search(said) and _HAN_START.match(text, place.end()) else ""
        return f"{before}{said}{after}"

    return _PLACEHOLDER.sub(value, text)


def placeholders_in(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(text))


def _domain(folder: Traversable) -> dict[str, Any]:
    domain: dict[str, Any] = {"intents": [], "slots": {}, "forms": {}, "actions": [], "responses": {}}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yml"):
            continue
        content = _mapping(file)
        _only(_DOMAIN_KEYS, content, file.name)
        domain["intents"] += content.get("intents", [])
        domain["actions"] += [_name_of_action(action, file.name) for action in content.get("actions", [])]
        for name, slot in content.get("slots", {}).items():
            domain["slots"][name] = slot.get("initial_value")
        for name, form in content.get("forms", {}).items():
            _only({"required_slots"}, form, f"{file.name}: form {name}")
            domain["forms"][name] = form
        for name, variants in content.get("responses", {}).items():
            if name in domain["responses"]:
                raise ScriptError(f"{file.name}: {name} stands in another file already")
            domain["responses"][name] = tuple(_variant(variant, f"{file.name}: {name}") for variant in variants)
    return domain


def _name_of_action(action: str | Mapping[str, Any], where: str) -> str:
    """An action is its name, or its name with `send_domain`, which only Rasa heeds."""
    if isinstance(action, str):
        return action
    [(name, told)] = action.items()
    _only({"send_domain"}, told, f"{where}: action {name}")
    return str(name)


def _variant(variant: Mapping[str, Any], where: str) -> Variant:
    _only(_VARIANT_KEYS, variant, where)
    conditions = []
    for condition in variant.get("condition", []):
        _only({"type", "name", "value"}, condition, where)
        if condition.get("type") != "slot":
            raise ScriptError(f"{where}: a condition is on a slot, not {condition.get('type')!r}")
        conditions.append((condition["name"], condition["value"]))
    buttons = []
    for button in variant.get("buttons", []):
        _only({"title", "payload"}, button, where)
        if not re.fullmatch(r"/[a-z_]+", button["payload"]):
            raise ScriptError(f"{where}: a button's payload is an intent such as /affirm, not {button['payload']!r}")
        buttons.append(Button(button["title"], button["payload"][1:]))
    return Variant(variant["text"].rstrip("\n"), tuple(conditions), tuple(buttons))


def _rules(file: Traversable) -> Iterator[Rule]:
    content = _mapping(file)
    _only({"version", "rules"}, content, file.name)
    for rule in content["rules"]:
        where = f"{file.name}: {rule.get('rule', rule)}"
        _only(_RULE_KEYS, rule, where)
        loop, anywhere, slots = _conditions(rule.get("condition", []), where)
        intent, steps, ends_loop = _steps(rule["steps"], where)
        yield Rule(rule["rule"], intent, loop, anywhere, slots, steps, ends_loop)


def _conditions(
    conditions: list[Mapping[str, Any]], where: str
) -> tuple[str | None, bool, tuple[tuple[str, Any], ...]]:
    loop: str | None = None
    anywhere = True
    slots: list[tuple[str, Any]] = []
    for condition in conditions:
        _only({"active_loop", "slot_was_set"}, condition, where)
        if "active_loop" in condition:
            loop, anywhere = condition["active_loop"], False
        for slot in condition.get("slot_was_set", []):
            slots += slot.items()
    return loop, anywhere, tuple(slots)


def _steps(steps: list[Mapping[str, Any]], where: str) -> tuple[str | None, tuple[str, ...], bool]:
    intent: str | None = None
    actions: list[str] = []
    ends_loop = False
    for place, step in enumerate(steps):
        _only({"intent", "action", "active_loop", "slot_was_set"}, step, where)
        if "intent" in step:
            if place:
                raise ScriptError(f"{where}: an intent comes first or not at all")
            intent = step["intent"]
        elif "action" in step:
            actions.append(step["action"])
        elif "active_loop" in step and step["active_loop"] is None:
            ends_loop = True
    return intent, tuple(actions), ends_loop


def _check(script: Script) -> None:
    """Everything named stands somewhere, and every response can be said in any language."""
    known = script.actions | set(script.responses) | {script.form} | _BUILT_IN
    for rule in script.rules:
        if rule.intent is not None and rule.intent not in script.intents:
            raise ScriptError(f"rules.yml: {rule.name}: the intent {rule.intent!r} is not in the domain")
        if missing := [step for step in rule.steps if step not in known]:
            raise ScriptError(f"rules.yml: {rule.name}: {missing[0]!r} is neither an action nor a response")
        if missing := [name for name, _ in rule.slots if name not in script.slots]:
            raise ScriptError(f"rules.yml: {rule.name}: the slot {missing[0]!r} is not in the domain")
    for name, variants in script.responses.items():
        for variant in variants:
            if missing := [slot for slot, _ in variant.conditions if slot not in script.slots]:
                raise ScriptError(f"domain: {name}: the slot {missing[0]!r} is not in the domain")
            if missing := [button.intent for button in variant.buttons if button.intent not in script.intents]:
                raise ScriptError(f"domain: {name}: the intent {missing[0]!r} is not in the domain")
    if missing := [slot for slot in script.required_slots if slot not in script.slots]:
        raise ScriptError(f"domain: {script.form}: the slot {missing[0]!r} is not in the domain")


def _mapping(file: Traversable) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_bytes(), Loader=_Loader)
    except yaml.YAMLError as error:
        raise ScriptError(f"{file.name}: {error}") from error
    if not isinstance(content, dict):
        raise ScriptError(f"{file.name}: holds no mapping")
    return content


def _only(allowed: set[str], content: Mapping[str, Any], where: str) -> None:
    if unknown := sorted(set(content) - allowed):
        raise ScriptError(f"{where}: {unknown[0]!r} is outside the subset that this engine runs")
