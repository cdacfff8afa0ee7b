"""What happened to a case, in sentences, from its audit trail; the words are the console's, which shows the same.

Not here: the trail itself (case_store/audit.py), how the console puts it (console/static/steps.js).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from case_store.audit import HappenedAt
from gateway.console.wording import catalogue
from gateway.paper.words import Words


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

    def who(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        return name or self._words.term("actor", kind)

    def sentence(self, event: HappenedAt) -> str:
        given = dict(event.detail or {})
        if event.action == "changed":
            return self._changed(given)
        if event.action in _ABOUT:
            given["what"] = self.term("occasion", str(given.get("occasion", "")).partition(":")[0])
        if event.action in ("to_be_told", "task_done"):
            given["kind"] = self.term("task", given.get("kind"))
        if event.action == "filed" and given.get("feedback_due"):
            given["day"] = self._words.day(date.fromisoformat(given["feedback_due"]))
        if event.action == "noted":
            return _filled(self._console["step"]["note"], given)
        if event.action == "told" and "how" in given:
            return _filled(self._console["step"]["told_how"], {**given, "how": self.term("how", given["how"])})
        name = _named(event.action, given)
        if "how" in given:
            given["how"] = self.term("how", given["how"])
        if "by" in given:
            given["by"] = self.term("channels", given["by"])
        given["files"] = self._named(given.get("files", ()))
        sentence = self._console["step"].get(name, name.replace("_", " "))
        return _filled(sentence, given)

    def _changed(self, fields: Mapping[str, Any]) -> str:
        if "status" in fields:
            outcome = fields.get("outcome", {}).get("to")
            given = {
                "status": self.term("status", fields["status"]["to"]),
                "outcome": f" · {self.term('outcome', outcome)}" if outcome else "",
            }
            return _filled(self._console["step"]["status"], given)
        names = [name for field, change in fields.items() for name in self._field_names(field, change)]
        return _filled(self._console["step"]["changed"], {"fields": self._words("comma").join(names)})

    def _field_names(self, field: str, change: Mapping[str, Any]) -> list[str]:
        if field != "facts":
            return [self.term("fields", field)]
        before, after = change.get("from") or {}, change.get("to") or {}
        return [self.term("facts", name) for name in after if after[name] != before.get(name)]

    def _named(self, files: Sequence[Mapping[str, Any]]) -> str:
        return self._words("comma").join(str(file.get("name", "")) for file in files)


_ABOUT: Final = ("told", "to_be_told", "not_told", "not_delivered")
_UNDONE: Final = ("withdrawn", "by_mail", "replaced", "not_reached")  # nobody did what the task asked for


def _named(action: str, given: Mapping[str, Any]) -> str:
    """The sentence that says it, as the console chooses it."""
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
