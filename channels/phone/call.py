"""A telephone call once its transcript has been read: who said what, when. Plain data.

Not here: how a transcript's format is found out and read (formats/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Speaker(StrEnum):
    """Whose words they are; `unknown` where the transcript does not tell and nothing could be worked out."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"  # an announcement, the menu
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one person said without a break.

    `start` and `end` are seconds from the beginning of the call, None where the format has no times; `confidence` is the
    recogniser's own, from 0 to 1; `label` is what the transcript calls the speaker (`spk_0`, `AGENT`, `Mr Lee`).
    """

    speaker: Speaker
    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A transcript as it was read. What the file does not say is None.

    `format` is the format's name as `?format=` takes it; `call_id` the telephone system's own name for the call;
    `started_at` has no zone where the file gives none: it is then the time on the house's own clocks;
    `customer_number` is in E.164; `language` a tag of BCP 47 as the file has it; `duration` in seconds;
    `why_speakers` says how customer and agent were told apart.
    """

    format: str
    utterances: tuple[Utterance, ...]
    call_id: str | None = None
    started_at: datetime | None = None
    duration: float | None = None
    language: str | None = None
    customer_number: str | None = None
    agent_name: str | None = None
    why_speakers: str = ""


class BadTranscript(ValueError):
    """A transcript that can't be read: `reason` says what is wrong with what value and what would be right.

    `line` is counted from 1 where the format has lines. `final`: reading it again would come to the same.
    """

    final = True

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.reason = reason
        self.line = line
