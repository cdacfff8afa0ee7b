"""Telephone calls behind the four verbs of a channel: transcripts are handed in, or lie in a watched folder.

`prepare` reads a transcript before it is taken, so that one that is broken is refused with its reason instead of being put aside
here; the ledger keeps it exactly as it came and it is read from there again. The recording is kept as a file of its own before
the arrival that names it is accepted, and only with the customer's consent.

Not here: the folder (folder.py), the formats (formats/), what becomes of the call (gateway).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final, Protocol

from channels.channel import Accept
from channels.message import Arrival, CallIn, Delivery, Event, OutboundMessage, Refused
from channels.phone.call import Call, Recording
from channels.phone.details import LINE, YES, ConsentRequired, Details, consent_of
from channels.phone.reading import Transcripts
from channels.phone.recording import HEAD, media_type_of

NAME: Final = "phone"
DIGEST: Final = 24  # hexadecimal digits of a digest in a name

Keep = Callable[[Path, str, str], Awaitable[str]]
"""Keeps a recording of the call of this source and name durably and answers its digest.

Raises Objected where the customer has said no to it, before a byte is written; channels.channel.StoreUnavailable.
"""


class Folder(Protocol):
    """Where transcripts may also be left (folder.py)."""

    async def start(self, channel: PhoneChannel, accept: Accept) -> None: ...

    async def stop(self) -> None: ...


class PhoneChannel:
    """All lines of the house. `announced`: the lines say that calls are recorded, before anybody speaks."""

    name = NAME
    account = f"{NAME}:main"

    def __init__(
        self,
        keep: Keep,
        zone: tzinfo = UTC,
        *,
        announced: bool = False,
        folder: Folder | None = None,
        transcripts: Transcripts | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.keep = keep
        self.zone = zone
        self.announced = announced
        self.folder = folder
        self.transcripts = transcripts or Transcripts()
        self.clock = clock

    async def start(self, accept: Accept) -> None:
        if self.folder is not None:
            await self.folder.start(self, accept)

    async def stop(self) -> None:
        if self.folder is not None:
            await self.folder.stop()
        await self.transcripts.stop()

    async def named(self, raw: bytes, details: Details) -> Details:
        """With the call's name, as it is told beside the transcript or in it. Raises BadTranscript."""
        read = await self.transcripts.read(raw, details, self.clock(), self.zone)
        call = details.call or read.call_id or f"file-{hashlib.sha256(raw).hexdigest()[:DIGEST]}"
        return replace(details, call=call)

    async def prepare(
        self, raw: bytes, details: Details, recording: Path | None = None, source: str | None = None
    ) -> Arrival:
        """What `accept` is to take. `source` is who names the call; None: it came by files, and its line does.

        Raises BadTranscript, BadRecording, ConsentRequired, and what `keep` raises.
        """
        return await self._arrival(raw, await self.named(raw, details), recording, source)

    async def prepare_recording(self, details: Details, recording: Path, source: str | None = None) -> Arrival:
        """The recording of a call that is known already, by `details.call`. Raises as `prepare` does."""
        return await self._arrival(b"", details, recording, source)

    async def _arrival(self, raw: bytes, details: Details, recording: Path | None, source: str | None) -> Arrival:
        source = source or source_of_line(details.line)
        consent, basis = consent_of(details.consent, announced=self.announced)
        transport: dict[str, object] = {"details": details.to_json(), "consent": consent, "consent_basis": basis}
        transport["source"] = source
        if recording is not None:
            if consent != YES:
                raise ConsentRequired(consent)
            kept = await self._kept(recording, source, details.call or "")
            transport["recording"] = {"digest": kept.digest, "media_type": kept.media_type, "size": kept.size}
        call = details.call or ""
        return Arrival(
            channel=NAME,
            account=f"{NAME}:{details.line}",
            external_id=f"{call}:{_digest(raw, transport)}",
            received_at=self.clock(),
            raw=raw,
            transport=transport,
            lane=lane_of(source, call),
        )

    async def _kept(self, recording: Path, source: str, call: str) -> Recording:
        media_type, size = await asyncio.to_thread(_looked_at, recording)
        return Recording(await self.keep(recording, source, call), media_type, size)

    def needs_fetch(self, arrival: Arrival) -> bool:
        return False

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        return {}

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        """Raises BadTranscript."""
        said = arrival.transport
        details = Details.from_json(said["details"])
        call = Call("", ())
        if arrival.raw:
            call = await self.transcripts.read(arrival.raw, details, arrival.received_at, self.zone)
        return [
            CallIn(
                conversation_key=details.call or "",
                call=_as_told(call, details),
                line=details.line,
                consent=said["consent"],
                consent_basis=said["consent_basis"],
                recording=Recording(**said["recording"]) if "recording" in said else None,
                agent=details.agent,
                source=source_of(said),
            )
        ]

    async def send(self, message: OutboundMessage) -> Delivery:
        """Nothing is spoken by itself: whoever is to be told by telephone becomes a call-back task."""
        raise Refused("a telephone call has no way to send: call back")


def _looked_at(recording: Path) -> tuple[str, int]:
    """(media type by its content, size in bytes)."""
    with recording.open("rb") as file:
        return media_type_of(file.read(HEAD)), os.fstat(file.fileno()).st_size


def source_of_line(line: str) -> str:
    """Who names the calls that come by files."""
    return f"line:{line}"


def source_of(transport: Mapping[str, Any]) -> str:
    """Who names the call that came so; what was taken before sources were kept is its line's."""
    return str(transport.get("source") or source_of_line(transport["details"].get("line", LINE)))


def lane_of(source: str, call: str) -> str:
    """Everything that comes of one call is read in order."""
    return f"call:{hashlib.sha256(f'{source} {call}'.encode()).hexdigest()[:DIGEST]}"


def _as_told(call: Call, details: Details) -> Call:
    """What is said beside a transcript wins over what it says itself."""
    return replace(
        call,
        call_id=details.call,
        started_at=details.started_at or call.started_at,
        language=details.language or call.language,
        customer_number=details.customer or call.customer_number,
    )


def _digest(raw: bytes, transport: Mapping[str, object]) -> str:
    """The same transcript said to be something else is another arrival; it adds nothing that is there already."""
    said = dict(transport)
    whole = hashlib.sha256(raw)
    whole.update(repr(sorted((name, _sorted(value)) for name, value in said.items())).encode())
    return whole.hexdigest()[:48]


def _sorted(value: object) -> object:
    return sorted(value.items()) if isinstance(value, dict) else value
