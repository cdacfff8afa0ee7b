"""From a transcript's bytes to a call that can be kept: read in a process that can be killed, then tidied.

Whatever a recogniser or a stranger wrote, what comes out has words, times that are numbers, and nothing that a database
can't hold.

Not here: the formats (formats/), who the customer is and what becomes of the call (gateway).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from channels.phone.call import BadTranscript, Call, Utterance
from channels.phone.details import Details, is_call_name, is_number
from channels.workers import MEMORY, SECONDS, GaveUp, Workers

MOST_UTTERANCES: Final = 20_000  # some eight hours of talk
LONGEST_LABEL: Final = 80
LONGEST_NAME: Final = 200
HARMLESS: Final = 64 << 10  # bytes that are read beside everything else
CLOCKS_DIFFER: Final = timedelta(minutes=5)
_UNKEEPABLE: Final = re.compile(
    "[\x00\ud800-\udfff]"
)  # no database keeps a NUL, and half a surrogate pair is no character


class Transcripts(Workers):
    """Reads transcripts."""

    def __init__(self, processes: int = 1, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        super().__init__(["channels.phone.formats"], "transcript-reader", processes, seconds, memory)

    async def read(self, raw: bytes, details: Details, now: datetime, zone: tzinfo) -> Call:
        """Raises BadTranscript, also where reading took too much."""
        run = self.run_beside if len(raw) <= HARMLESS else self.run
        options = {name: getattr(details, name) for name in ("format", "name", "media_type", "language")}
        try:
            call: Call = await run(_read, raw, options)
        except GaveUp as error:
            raise BadTranscript(str(error)) from error
        return tidied(call, now, zone)


def _read(raw: bytes, options: dict[str, Any]) -> Call:
    from channels.phone.formats import read_transcript  # late: in the reading process, or with the first transcript

    try:
        return read_transcript(raw, **options)
    except (BadTranscript, MemoryError):
        raise
    except RecursionError as error:
        raise BadTranscript("nested too deeply") from error
    except Exception as error:  # a transcript that breaks the reader is refused, not lost
        raise BadTranscript(f"the reader failed: {type(error).__name__}") from error


def tidied(call: Call, now: datetime, zone: tzinfo) -> Call:
    """The call as it can be kept. A time without a zone is the institution's. Raises BadTranscript for one without words."""
    utterances = tuple(tidy for one in call.utterances if (tidy := _tidied(one)).text)
    if not utterances:
        raise BadTranscript("nobody says anything in it: expected at least one utterance with words")
    if len(utterances) > MOST_UTTERANCES:
        raise BadTranscript(f"it holds {len(utterances):,} utterances: expected at most {MOST_UTTERANCES:,}")
    started_at = call.started_at
    if started_at is not None and started_at.tzinfo is None:
        started_at = started_at.replace(tzinfo=zone)
    if started_at is not None and started_at > now + CLOCKS_DIFFER:
        started_at = None  # nobody can have called tomorrow; the file keeps what it said
    return replace(
        call,
        utterances=utterances,
        started_at=started_at,
        duration=_seconds(call.duration),
        call_id=call.call_id if is_call_name(call.call_id or "") else None,
        customer_number=call.customer_number if is_number(call.customer_number or "") else None,
        agent_name=_UNKEEPABLE.sub("", call.agent_name or "")[:LONGEST_NAME].strip() or None,
        why_speakers=_UNKEEPABLE.sub("", call.why_speakers),
    )


def _tidied(one: Utterance) -> Utterance:
    start, end = _seconds(one.start), _seconds(one.end)
    return Utterance(
        speaker=one.speaker,
        text=_UNKEEPABLE.sub("", one.text).strip(),
        start=start,
        end=None if start is None or end is None or end < start else end,
        confidence=_share(one.confidence),
        label=_UNKEEPABLE.sub("", one.label)[:LONGEST_LABEL],
    )


def _seconds(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) or value < 0 else round(float(value), 3)


def _share(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) or not 0 <= value <= 1 else round(float(value), 4)
