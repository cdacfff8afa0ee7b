"""Transcripts from files, for whoever sits at the machine: through the running gateway, or beside the store where none runs.

Each file is taken or refused on its own, with its reason. Not here: the command (commands/transcripts.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from channels.channel import StoreUnavailable
from channels.phone.call import BadTranscript
from channels.phone.details import BadDetail, ConsentRequired, Details
from channels.phone.recording import BadRecording
from gateway.context import Gateway
from gateway.operator import Refused
from gateway.telephone.handing_in import HandingIn, PutAside, Waiting


async def take_files(gateway: Gateway, files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`files` name `path`, perhaps `recording`, and `details`; answers a result for each, in order. Raises Refused if the store is gone."""
    if gateway.hand_in is not None:
        return [await _take(gateway, gateway.hand_in, file) for file in files]
    async with _rooms(gateway) as room:
        return [await _take(gateway, room, file) for file in files]


async def _take(gateway: Gateway, room: HandingIn, file: Mapping[str, Any]) -> dict[str, Any]:
    path, recording = Path(file["path"]), file.get("recording")
    result = {"file": str(path), "reference": None, "call": None, "refused": None}
    try:
        details = Details.from_json({**file["details"], "name": path.name})
        raw = await asyncio.to_thread(_content, path, int(gateway.settings.max_message))
        return {**result, **await room.take(raw, details, Path(recording) if recording else None)}
    except Waiting as waiting:
        return {**result, "call": waiting.call, "refused": None}
    except StoreUnavailable as error:
        raise Refused(f"the store can't take it now: {error}") from None
    except (BadTranscript, BadRecording, ConsentRequired, BadDetail, PutAside) as error:
        return {**result, "refused": str(error)}
    except OSError as error:
        return {**result, "refused": f"can't be read: {error.strerror or error}"}


def _content(path: Path, largest: int) -> bytes:
    size = path.stat().st_size
    if size > largest:
        raise BadTranscript(f"it has {size:,} bytes: expected at most {largest:,} (QINGTING_MAX_MESSAGE)")
    return path.read_bytes()


@asynccontextmanager
async def _rooms(gateway: Gateway) -> AsyncIterator[HandingIn]:
    """The rooms that a call passes through, driven from here, where no gateway runs."""
    from gateway.engines import Engines
    from gateway.intake import Intake
    from gateway.notifications import Notices
    from gateway.policy import triage_of
    from gateway.promises import Promises
    from gateway.service import embedded_later, phone_channel
    from gateway.telephone.reading import Calls

    promises = Promises(gateway.rules, gateway.settings)
    engines = Engines(embedded_later(triage_of(gateway.policy, promises.house)))
    channel = phone_channel(gateway)
    intake = Intake(gateway, {channel.name: channel}, only=[channel.name])
    calls = Calls(gateway, engines, Notices(promises, gateway.settings, gateway.tokens))

    async def drive() -> None:
        while await intake.read_due() + await calls.read_due():
            pass

    try:
        yield HandingIn(gateway, channel, intake, drive)
    finally:
        await channel.stop()
        engines.close()
