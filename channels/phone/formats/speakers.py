"""Who is the customer, who the agent: by what the file states, by the speakers' names, by what they say. Else nobody is.

Wrongly told apart, an agent's words would be filed as the customer's complaint; so anything short of certain leaves all
speakers that the file does not name itself unknown, and says so, for a person to decide. The words stand in `speakers.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from channels.phone.call import Speaker, Utterance

HEARD: Final = 20_000  # characters of a speaker that are searched for telling words
MOST_SPEAKERS: Final = 50
PLAIN: Final = 2  # telling phrases more of one kind than of the other that make a speaker's role plain

_DATA: Final[dict[str, Any]] = tomllib.loads((files("channels.phone.formats") / "speakers.toml").read_text("utf-8"))
_SPACES: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Told:
    """The utterances with their speakers, how these were told apart, and the agent's name if it is the label."""

    utterances: tuple[Utterance, ...]
    why: str
    agent_name: str | None = None


def tell(utterances: Sequence[Utterance], stated: Mapping[str, Speaker], where: str) -> Told:
    """Gives each utterance its speaker. `stated` are the roles that the file gives, by label; `where` is how it does so."""
    labels = list(dict.fromkeys(utterance.label for utterance in utterances))
    roles = {label: stated[label] for label in labels if label in stated}
    reasons = [where] if roles and where else []
    by_name = {label: role for label in labels if label not in roles and (role := role_of(label)) is not None}
    if by_name:
        reasons.append("by name: " + ", ".join(f"“{label}” is the {role}" for label, role in list(by_name.items())[:6]))
    roles |= by_name
    open_labels = [label for label in labels if label not in roles]
    if open_labels:
        found, reason = _work_out(utterances, open_labels, roles)
        roles |= found
        reasons.append(reason)
    known = tuple(replace(one, speaker=roles.get(one.label, Speaker.UNKNOWN)) for one in utterances)
    names = [label for label, role in roles.items() if role is Speaker.AGENT and label and _is_name(label, stated)]
    return Told(known, "; ".join(reasons), names[0] if len(names) == 1 else None)


@lru_cache(maxsize=4096)
def role_of(label: str) -> Speaker | None:
    """The role that a speaker's name states: `Customer`, `坐席2`, `Agent (Lisa)`; None if it states none."""
    name = _plain(label[:80])
    if not name:
        return None
    padded = f" {name} "
    for word, role in _LABELS:
        # Chinese runs on without spaces: 客服小王; of a long name the last word counts too: Lisa, agent
        if name == word or (not word.isascii() and (name.startswith(word) or name.endswith(word))):
            return role
        if word.isascii() and (padded.startswith(f" {word} ") or padded.endswith(f" {word} ")):
            return role
    return None


@lru_cache(maxsize=4096)
def header_of(name: str) -> str | None:
    """Which field of the call a line at the head of a text gives: `Call ID`, `来电号码`; None if none."""
    return _HEADERS.get(_plain(name[:80]))


@lru_cache(maxsize=256)
def language_tag(language: str) -> str | None:
    """A tag of BCP 47 for a tag or an English name of a language; None if it is neither."""
    name = language.strip().replace("_", "-")
    if name.lower() in _LANGUAGES:
        return _LANGUAGES[name.lower()]
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}", name):
        return None
    first, *rest = name.split("-")
    return "-".join([first.lower(), *(_cased(part) for part in rest)])


def _work_out(
    utterances: Sequence[Utterance], labels: list[str], known: Mapping[str, Speaker]
) -> tuple[dict[str, Speaker], str]:
    """The roles of speakers that no name gives away; none of them unless all are certain."""
    people = {role for role in known.values() if role is not Speaker.SYSTEM}
    if len(labels) == 1 and labels[0] and len(people) == 1:
        other = Speaker.CUSTOMER if Speaker.AGENT in people else Speaker.AGENT
        return {labels[0]: other}, f"“{labels[0]}” is the only other speaker, so the {other}"
    if len(labels) == 1 and not known:
        return {}, "not told apart: the transcript does not say which words are whose"
    if len(labels) > MOST_SPEAKERS:
        return {}, f"not told apart: {len(labels)} speakers"
    heard = {label: _heard(utterances, label) for label in labels}
    machines = {label for label in labels if len(labels) > 2 and heard[label].is_machine}
    rest = [label for label in labels if label not in machines]
    found = _certain(heard, rest)
    if found is None:
        return {}, "not told apart: what is said does not show for certain who is the customer"
    reason = "by what they say: " + ", ".join(
        f"{'“' + label + '”' if label else 'who has no name'} is the {role} (“{heard[label].phrase(role)}”)"
        if heard[label].phrase(role)
        else f"“{label}” is the {role}"
        for label, role in found.items()
    )
    return found | dict.fromkeys(machines, Speaker.SYSTEM), reason


@dataclass(frozen=True, slots=True)
class _Heard:
    """The telling phrases of one speaker."""

    agent: tuple[str, ...]
    customer: tuple[str, ...]
    system: tuple[str, ...]
    greets: bool = False

    @property
    def margin(self) -> int:
        """Above zero: rather the agent; a greeting of the house's is plain by itself."""
        return len(self.agent) + (PLAIN - 1) * self.greets - len(self.customer)

    @property
    def is_machine(self) -> bool:
        return bool(self.system) and not self.agent and not self.customer

    def phrase(self, role: Speaker) -> str:
        phrases = {Speaker.AGENT: self.agent, Speaker.CUSTOMER: self.customer}.get(role, self.system)
        return phrases[0] if phrases else ""


def _certain(heard: Mapping[str, _Heard], labels: list[str]) -> dict[str, Speaker] | None:
    """The roles if one speaker plainly is the agent and the others are not, or each leans the other way."""
    if len(labels) < 2:
        return None
    agents = [label for label in labels if heard[label].margin > 0]
    others = [label for label in labels if heard[label].margin <= 0]
    if len(labels) == 2 and len(agents) == 1:
        agent, customer = heard[agents[0]].margin, heard[others[0]].margin
        if agent >= PLAIN or customer < 0:
            return {agents[0]: Speaker.AGENT, others[0]: Speaker.CUSTOMER}
        return None
    if len(others) == 1 and heard[others[0]].margin < 0 and all(heard[label].margin >= PLAIN for label in agents):
        return {**dict.fromkeys(agents, Speaker.AGENT), others[0]: Speaker.CUSTOMER}
    return None


def _heard(utterances: Sequence[Utterance], label: str) -> _Heard:
    pieces, length = [], 0
    for utterance in utterances:
        if utterance.label == label:
            pieces.append(utterance.text[:HEARD])
            length += len(utterance.text)
            if length > HEARD:
                break
    text = "\n".join(pieces)[:HEARD]
    hits = {
        kind: tuple(match[0].strip() for pattern in patterns if (match := pattern.search(text)))
        for kind, patterns in _SAID.items()
    }
    return _Heard(hits["greeting"] + hits["agent"], hits["customer"], hits["system"], bool(hits["greeting"]))


def _plain(text: str) -> str:
    """Without case, widths, punctuation and numbers."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _SPACES.sub(" ", "".join(" " if char.isdecimal() else char for char in text)).strip()


def _is_name(label: str, stated: Mapping[str, Speaker]) -> bool:
    """Is this an agent's name, not a role or a number such as `spk_0`?"""
    return label not in stated and role_of(label) is None and not any(char.isdigit() or char == "_" for char in label)


def _cased(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


_LABELS: Final = sorted(
    ((_plain(word), Speaker(role)) for role, words in _DATA["labels"].items() for word in words),
    key=lambda entry: -len(entry[0]),  # 客户经理 before 客户
)
_HEADERS: Final = {_plain(word): key for key, words in _DATA["header"].items() for word in words}
_LANGUAGES: Final[dict[str, str]] = _DATA["languages"]
_SAID: Final = {
    kind: [re.compile(pattern, re.IGNORECASE) for pattern in patterns] for kind, patterns in _DATA["said"].items()
}
