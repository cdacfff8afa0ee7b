"""What happened to a case, in sentences, from its audit trail; the words are the console's, which shows the same.

Not here: the trail itself (case_store/audit.py), how the console puts it (console/static/steps.js).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from case_store.audit import HappenedAt
from case_store.identities import CHAT
from case_store.records import Money
from gateway.console.wording import catalogue
from gateway.paper.words import Words

LONGEST_VALUE: Final = 600  # characters of an old or a new value; the whole stands in the trail
_VOCABULARY: Final = ("category", "risk", "disposition", "status", "outcome", "language")


class Steps:
    """Sentences in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._console = catalogue(words.language)

    def term(self, group: str, value: Any) -> str:
        """A value as agents read it; a reason made of two by its parts."""
        known: Mapping[str, str] = self._console.get(group, {})
        text = str(value or "")
        if group == "reasons":
            for prefix, sentence in self._console["reason_with"].items():
                if text.startswith(f"{prefix}_"):
                    return str(sentence).replace("{reason}", self.term(group, text.removeprefix(f"{prefix}_")))
        return known.get(text, text.replace("_", " "))

    def console(self, group: str, key: str, **given: Any) -> str:
        """A sentence of the console's."""
        return _filled(self._console[group][key], given)

    def who(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        return name or self._words.term("actor", kind)

    def sentence(self, event: HappenedAt) -> str:
        given = dict(event.detail or {})
        if event.action in ("changed", "papers_changed"):
            return self._changed(given, event.action)
        if event.action in _ABOUT:
            given["what"] = self.term("occasion", str(given.get("occasion", "")).partition(":")[0])
        if event.action in ("to_be_told", "task_done"):
            given["kind"] = self.term("task", given.get("kind"))
        if event.action == "filed" and given.get("feedback_due"):
            given["day"] = self._words.day(date.fromisoformat(given["feedback_due"]))
        if event.action == "noted":
            return self._step("note", given)
        if event.action == "told" and "how" in given:
            return self._step("told_how", {**given, "how": self.term("how", given["how"])})
        key = _key(event.action, given)  # by what was noted, before it is put into words
        if "how" in given:
            given["how"] = self.term("how", given["how"])
        if "by" in given:
            given["by"] = self.term("channels", given["by"])
        given["files"] = self._named(given.get("files", ()))
        said = self._step(key, given | self._of_conversation(event.action, given))
        return f"{said}{self._console['list_stop']}{self._step('no_danger', given)}" if "no_danger" in given else said

    def _step(self, key: str, given: Mapping[str, Any]) -> str:
        return _filled(self._console["step"].get(key, key.replace("_", " ")), given)

    def _of_conversation(self, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What an event of a conversation's chain tells, in words."""
        address = str(given.get("address") or "")
        if action in ("customer_joined", "customer_parted") and address.startswith(CHAT):  # nothing else names them
            return {"address": self._step("held_in", {"id": address.removeprefix(CHAT)})}
        if action == "copied":
            return {"to": self._words("comma").join(map(str, given.get("to", ())))}
        if action == "called_person":
            return {"reason": self.term("waiting_reasons", given.get("reason"))}
        if action == "consent":
            told = {name: self.term("consent_value", given.get(name)) for name in ("from", "to")}
            return told | {"basis": self.term("consent_basis", given.get("basis"))}
        if action == "recording_kept":
            return {"size": self._words.size(int(given.get("size") or 0))}
        if action == "recording_erased":
            return {"sha256": self._words("comma").join(given.get("sha256") or ())}
        if action == "speakers_decided":
            voices = {**(given.get("labels") or {}), **(given.get("messages") or {})}
            told_voices = [
                f"{label or self.term('sender', 'unknown')}: {self.term('sender', whose)}"
                for label, whose in voices.items()
            ]
            return {"voices": self._console["list_stop"].join(told_voices)}
        return {}

    def _changed(self, fields: Mapping[str, Any], action: str) -> str:
        """Each field with its old and its new value; a new status first, with the outcome."""
        parts = []
        if "status" in fields:
            outcome = fields.get("outcome", {}).get("to")
            given = {
                "status": self.term("status", fields["status"]["to"]),
                "before": self.term("status", fields["status"]["from"]),
                "outcome": f" · {self.term('outcome', outcome)}" if outcome else "",
            }
            parts.append(self._step("status", given))
        said = ("status", "outcome") if "status" in fields else ()
        others = {field: change for field, change in fields.items() if field not in said}
        changes = [one for field, change in others.items() for one in self._changes(field, change)]
        if changes:
            parts.append(self._step(action, {"fields": self._console["list_stop"].join(changes)}))
        return self._console["list_stop"].join(parts) or self._step(action, {})

    def _changes(self, field: str, change: Any) -> list[str]:
        if not isinstance(change, Mapping):  # what earlier versions wrote holds new values alone
            return [self.term("fields", field)]
        before, after = change.get("from"), change.get("to")
        if field != "facts":
            return [self._changed_one(self.term("fields", field), field, before, after)]
        before, after = before or {}, after or {}
        return [
            self._changed_one(self.term("facts", name), name, before.get(name), value)
            for name, value in after.items()
            if value != before.get(name)
        ]

    def _changed_one(self, title: str, field: str, before: Any, after: Any) -> str:
        given = {"field": title, "from": self.value(field, before), "to": self.value(field, after)}
        return self._step("changed_one", given)

    def value(self, field: str, value: Any) -> str:
        """What a field of the record held, as agents read it."""
        if value in (None, "", [], ()):
            return str(self._console["empty"])
        if isinstance(value, bool):
            return self.term("yes_no", str(value).lower())
        if isinstance(value, Mapping):
            return self._words.money(Money.from_json(value))
        if isinstance(value, list):
            return self._words("comma").join(self.term("facts", one) if field == "declined" else one for one in value)
        known = self.term("languages" if field == "language" else field, value) if field in _VOCABULARY else str(value)
        return known if len(known) <= LONGEST_VALUE else f"{known[:LONGEST_VALUE]}…"

    def _named(self, files: Sequence[Mapping[str, Any]]) -> str:
        return self._words("comma").join(str(file.get("name", "")) for file in files)


_ABOUT: Final = ("told", "to_be_told", "not_told", "not_delivered")
_UNDONE: Final = (
    "withdrawn",
    "by_mail",
    "replaced",
    "not_reached",
    "expired",
    "agreed",
)  # nobody did what the task asked for


def _key(action: str, given: Mapping[str, Any]) -> str:
    """Under which name the sentence of an event stands."""
    if action == "handed_back":
        return f"handed_back_{given.get('to')}"
    if action == "customer_joined" and "case" in given:
        return "customer_joined_case"
    if "by" in given and action in ("told", "to_be_told"):
        return "told_by" if action == "told" else "to_be_sent"
    if action == "not_delivered" and given.get("why") == "barred":
        return "kept_back"
    return "task_closed" if action == "task_done" and given.get("how") in _UNDONE else action


def _filled(sentence: str, given: Mapping[str, Any]) -> str:
    """The sentence with its places filled; what is filled in is not searched for places again."""
    return sentence.format_map(_Given(given)).strip()


class _Given(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return "" if value is None else value
