"""Whether the scanner lets an original go as it came: asked when somebody wants it.

Attachments are scanned as soon as they are stored (examiner.py). A bounce, an answer of a machine and a mail that can't be read have
none, and a mail holds more than its attachments. So whoever wants an original has all of it scanned first: the whole, and every part as
our own reader cuts it, for a scanner takes a crooked mail apart in another way. It is kept back as an attachment would be.

Not here: the routes (console/originals.py, console/postroom.py), the scanner's protocol (clamd.py).
"""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from case_store.attachments import Scan
from channels.email.mime import Unreadable
from channels.email.workers import Readers
from gateway.clamd import Clamd, NotScannable, ScannerAway

AT_ONCE: Final = 2  # originals scanned at a time by this process
FRESH: Final = 300.0  # seconds for which it is remembered what the scanner has said
REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What the scanner says of an original; `told` is the signature, or why it could not be scanned."""

    scan: Scan
    told: str | None = None


class Originals:
    """Asks the scanner; one for a process. `clamd` is where it is."""

    def __init__(self, clamd: Clamd, readers: Readers) -> None:
        self._clamd = clamd
        self._readers = readers
        self._few = asyncio.Semaphore(AT_ONCE)
        self._known: OrderedDict[str, tuple[float, Found]] = OrderedDict()

    async def examined(self, id: str, raw: bytes, *, is_mail: bool) -> Found:
        """What is found in this arrival, never changed since it came."""
        async with self._few:
            known = self._known.get(id)
            if known is not None and known[0] > asyncio.get_running_loop().time():
                return known[1]
            found = await self._scanned(raw, is_mail)
            if found.scan in (Scan.CLEAN, Scan.INFECTED):
                self._known[id] = (asyncio.get_running_loop().time() + FRESH, found)
                self._known.move_to_end(id)
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            return found

    async def _scanned(self, raw: bytes, is_mail: bool) -> Found:
        try:
            for content in (raw, *(await self._parts(raw) if is_mail else ())):
                signature = await self._clamd.scan(io.BytesIO(content))
                if signature is not None:
                    return Found(Scan.INFECTED, signature)
        except ScannerAway as error:
            return Found(Scan.UNSCANNED, str(error))
        except NotScannable as error:
            return Found(Scan.FAILED, str(error))
        return Found(Scan.CLEAN)

    async def _parts(self, raw: bytes) -> list[bytes]:
        try:
            return [content for content in await self._readers.contents(raw) if content]
        except Unreadable:  # the whole has been scanned, and there is nothing more that we could make of it
            return []


ORIGINALS: web.AppKey[Originals] = web.AppKey("originals", Originals)
