"""What whoever hands over a transcript says beside it, and whether a recording may be kept (handbook 7.1.2 (3)).

A recording is kept only where the customer agreed to it: because they said so, or because the line announces it and they
stayed on. Otherwise the sound is refused and never written anywhere; the transcript is taken all the same, and what was said
about consent is kept with the call.

Not here: how details come in (the API, the watched folder, the command line).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self

YES: Final = "yes"
NO: Final = "no"
UNKNOWN: Final = "unknown"
CONSENTS: Final = (YES, NO, UNKNOWN)
LINE: Final = "main"
LONGEST_CALL: Final = 100
LONGEST: Final = {"format": 40, "language": 35, "agent": 200, "name": 255, "media_type": 100}
_CALL: Final = re.compile(rf"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{1,{LONGEST_CALL}}}")
_LINE: Final = re.compile(r"[A-Za-z0-9+._-]{1,80}")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{5,14}")


class BadDetail(ValueError):
    """Something said beside a transcript can't be meant: `field` names it."""

    final = True

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class ConsentRequired(Exception):
    """A recording came without the customer's consent: it is not kept."""

    final = True

    def __init__(self, consent: str) -> None:
        super().__init__(
            f"the recording is not kept: consent is {consent!r}. Send it with consent=yes if the customer agreed to be "
            "recorded, or send the transcript without it"
        )


class Objected(ConsentRequired):
    """The customer has said no to a recording of this call: no telephone system can say otherwise for them."""

    def __init__(self) -> None:
        Exception.__init__(
            self,
            "the recording is not kept: the customer has said no to it. Only an agent can record that they agree after all",
        )


@dataclass(frozen=True, slots=True)
class Details:
    """`call` is the telephone system's name for the call; `format`, `language` and `started_at` win over what the file says.

    `customer` is the caller's number in E.164, `agent` a user name of ours, `line` the line that was called.
    """

    call: str | None = None
    format: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    line: str = LINE
    customer: str | None = None
    agent: str | None = None
    consent: str = UNKNOWN
    name: str | None = None  # of the transcript's file
    media_type: str | None = None

    def checked(self) -> Self:
        """Raises BadDetail."""
        if self.call is not None and not is_call_name(self.call):
            raise BadDetail("call", f"a call's name has 1 to {LONGEST_CALL} printable characters")
        if not _LINE.fullmatch(self.line):
            raise BadDetail("line", f"a line is named by letters, digits, +, dots and hyphens, not {self.line[:60]!r}")
        if self.consent not in CONSENTS:
            raise BadDetail("consent", f"is one of {', '.join(CONSENTS)}, not {self.consent[:60]!r}")
        for field, most in LONGEST.items():
            if len(getattr(self, field) or "") > most:
                raise BadDetail(field, f"is longer than {most} characters")
        if self.customer is not None and not is_number(self.customer):
            raise BadDetail("customer", f"is a number in E.164, such as +8613800138000, not {self.customer[:60]!r}")
        if self.started_at is not None and self.started_at.tzinfo is None:
            raise BadDetail("started_at", f"needs its offset, such as +08:00, not {self.started_at.isoformat()}")
        return self if self.call is None else replace(self, call=self.call.strip())

    def to_json(self) -> dict[str, Any]:
        said = {name: value for name, value in asdict(self).items() if value is not None}
        if self.started_at is not None:
            said["started_at"] = self.started_at.isoformat()
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Raises BadDetail for a field that is none, or a value that can't be read."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(said) - known):
            raise BadDetail(unknown[0], f"there is no such field; there are {', '.join(sorted(known))}")
        values = dict(said)
        for name, value in values.items():
            if not isinstance(value, str):
                raise BadDetail(name, f"is a text, not {value!r:.60}")
        if "started_at" in values:
            try:
                values["started_at"] = datetime.fromisoformat(values["started_at"])
            except ValueError:
                wrong = values["started_at"]
                raise BadDetail(
                    "started_at", f"is a time such as 2026-11-23T09:00:00+08:00, not {wrong[:60]!r}"
                ) from None
        return cls(**values).checked()


def is_call_name(written: str) -> bool:
    return _CALL.fullmatch(written) is not None and bool(written.strip())


def is_number(written: str) -> bool:
    """A telephone number in E.164."""
    return _NUMBER.fullmatch(written) is not None


def consent_of(said: str, *, announced: bool) -> tuple[str, str | None]:
    """(consent, how it is known). A line that announces recording has the consent of whoever stays on, unless they said no."""
    if said == UNKNOWN and announced:
        return YES, "announced"
    return said, None if said == UNKNOWN else "said"
