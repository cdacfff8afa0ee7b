"""A folder in which a telephone system leaves its transcripts, each with its recording beside it under the same stem.

    call-17.json  call-17.wav  call-17.meta.json       →  done/      once they are committed
    call-18.json                                       →  refused/   with call-18.json.reason.txt, if it can't be taken

Files are taken when they are complete: size and time have stood still for a while, or they were renamed into place. Nothing is
ever deleted. One process at a time watches, under a duty. A process that dies leaves the files where they are: they are found
again and accepted as repeats, so that nothing is lost and nothing twice. Moves are written down before they are begun, and
finished by whoever looks next: half a call never stands there alone.

`….meta.json` holds what an API call would say beside a transcript (details.py): call, language, started_at, consent, customer,
agent, line, format. A recording that comes after its transcript was taken is matched by the receipt beside it in done/.

Not here: what a transcript is (reading.py), whether a recording may be kept (details.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from channels.channel import Accept, Duty, Hold, StoreUnavailable
from channels.phone.call import BadTranscript
from channels.phone.details import LINE, BadDetail, ConsentRequired, Details
from channels.phone.recording import BadRecording

if TYPE_CHECKING:
    from channels.phone.channel import PhoneChannel

log = logging.getLogger(__name__)

LOOK: Final = 1.0  # seconds between two looks
SETTLED: Final = 2.0  # seconds that a file must have stood still
AGAIN: Final = 30.0  # seconds until files that could not be moved or kept are tried again
LARGEST_META: Final = 64 << 10
DONE: Final = "done"
REFUSED: Final = "refused"
META: Final = ".meta.json"
REASON: Final = ".reason.txt"
RECEIPT: Final = ".receipt.json"
JOURNAL: Final = ".moving-"
WRITING: Final = ".writing"
AUDIO: Final = frozenset({".wav", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".webm"})
UNFINISHED: Final = (".part", ".partial", ".tmp", ".filepart", ".crdownload", WRITING)

Seen = tuple[int, int, int]
"""Size, time of the last change, inode: what stands still once a file is complete."""


@dataclass(slots=True)
class Group:
    """Files of one call. `lone` recordings wait for their transcript."""

    stem: str
    transcript: Path | None = None
    recording: Path | None = None
    meta: Path | None = None
    seen: dict[Path, Seen] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        return [path for path in (self.recording, self.meta, self.transcript) if path is not None]

    def check(self) -> None:
        """Raises Unsettled unless all files are those that stood still: others may be being taken for minutes before them."""
        try:
            changed = any(_seen(path.lstat()) != self.seen[path] for path in self.files)
        except FileNotFoundError:
            changed = True
        if changed:
            raise Unsettled(self.stem)


class FolderUnusable(Exception):
    """The folder can't be made, or nothing can be moved within it."""


class Unsettled(Exception):
    """A file was written or replaced since it stood still: it waits until it stands still again."""


class Refusal(Exception):
    """This can't be taken, and will not be later either: the sentence goes beside the files."""


class WatchedFolder:
    """Watches one folder (channel.Folder)."""

    def __init__(self, place: Path, duty: Duty, *, largest: int, settled: float = SETTLED, look: float = LOOK) -> None:
        self.place = place
        self.settled = settled
        self.look = look
        self.largest = largest
        self._duty = duty
        self._hold: Hold | None = None
        self._taken_at = 0.0
        self._stood: dict[Path, tuple[Seen, float]] = {}
        self._not_before: dict[str, float] = {}
        self._looked: dict[str, float] = {}
        self._told: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self, channel: PhoneChannel, accept: Accept) -> None:
        """Raises FolderUnusable."""
        await asyncio.to_thread(self._prepare)
        self._stopping.clear()
        self._task = asyncio.create_task(self._run(channel, accept), name="transcripts folder")

    def _prepare(self) -> None:
        for folder in (self.place, self.place / DONE, self.place / REFUSED):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise FolderUnusable(f"{folder} can't be made: {error.strerror or error}") from error
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise FolderUnusable(f"{folder}: user {os.geteuid()} may not move files within it")

    async def stop(self) -> None:
        """Finishes the call that is being taken."""
        self._stopping.set()
        if self._task is not None:
            await self._task
        hold, self._hold = self._hold, None
        if hold is not None:
            with contextlib.suppress(StoreUnavailable):
                await self._duty.let_go(hold)

    async def _run(self, channel: PhoneChannel, accept: Accept) -> None:
        while not self._stopping.is_set():
            try:
                await self._look(channel, accept)
            except StoreUnavailable as error:
                log.warning("the folder of transcripts waits for the store: %s", error)
            except Exception:
                log.exception("the folder of transcripts could not be read")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.look):
                    await self._stopping.wait()

    async def _look(self, channel: PhoneChannel, accept: Accept) -> None:
        if not await self._holds():  # another process watches it
            self._stood.clear()
            return
        await asyncio.to_thread(self._finish_moves)
        for group in await asyncio.to_thread(self.complete):
            if self._stopping.is_set() or not await self._holds():
                return
            await self._take_or_refuse(channel, accept, group)

    async def _holds(self) -> bool:
        """Whether this process watches the folder now; asks the store well before the duty runs out, not at every look."""
        if self._hold is None or time.monotonic() - self._taken_at > self._duty.seconds / 3:
            self._taken_at = time.monotonic()
            self._hold = await self._duty.take()
        return self._hold is not None

    # what is there --------------------------------------------------------------------------------------------

    def complete(self) -> list[Group]:
        """Calls whose files have all stood still, and that have a transcript or can be matched to one."""
        now = time.monotonic()
        groups: dict[str, Group] = {}
        for path, seen in self._entries():
            stem, kind = _kind(path)
            group = groups.setdefault(stem, Group(stem))
            if getattr(group, kind) is None:
                setattr(group, kind, path)
                group.seen[path] = seen
            elif path.name not in self._told:
                self._told.add(path.name)
                log.warning("%r: another file of this name stands there already; it is taken after that", path.name)
        stood = {path: self._stood_since(path, seen, now) for one in groups.values() for path, seen in one.seen.items()}
        self._stood = stood
        return [
            group
            for group in groups.values()
            if all(now - stood[path][1] >= self.settled for path in group.seen)
            and self._not_before.get(group.stem, 0.0) <= now
            and (group.transcript is not None or self._is_late(group, now))
        ]

    def _entries(self) -> Iterator[tuple[Path, Seen]]:
        """Plain files, no links: a pipe would hold us up for ever, a link would read what is not meant for us."""
        with os.scandir(self.place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.name.startswith((".", "~")) or entry.name.lower().endswith(UNFINISHED):
                continue
            try:
                about = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(about.st_mode):
                yield self.place / entry.name, _seen(about)

    def _stood_since(self, path: Path, seen: Seen, now: float) -> tuple[Seen, float]:
        before = self._stood.get(path)
        return before if before is not None and before[0] == seen else (seen, now)

    def _is_late(self, group: Group, now: float) -> bool:
        """Whether a lone recording belongs to a call that was taken. Looks into done/ now and then only: it grows large."""
        if group.recording is None or self._looked.get(group.stem, float("-inf")) > now - AGAIN:
            return False
        known = bool(self._calls_named(group.stem))
        if not known:
            self._looked[group.stem] = now
        return known

    def _calls_named(self, stem: str) -> list[tuple[str, str]]:
        """(line, name) of the calls whose transcripts came under this stem, by their receipts."""
        found = set()
        for path in (self.place / DONE).glob(f"*{RECEIPT}"):
            if not path.name.startswith(stem):
                continue
            with contextlib.suppress(ValueError, OSError, TypeError, KeyError):
                receipt = json.loads(path.read_text("utf-8"))
                if receipt["stem"] == stem:
                    found.add((str(receipt.get("line", LINE)), str(receipt["call"])))
        return sorted(found)

    # taking ---------------------------------------------------------------------------------------------------

    async def _take_or_refuse(self, channel: PhoneChannel, accept: Accept, group: Group) -> None:
        """One call that can't be taken holds up no other."""
        try:
            await self._take_and_move(channel, accept, group)
        except Unsettled:
            log.warning("%r has changed while it was taken: it is taken anew once it stands still", group.stem)
        except StoreUnavailable:
            raise
        except Exception as error:
            # its kind and reason alone: what a customer said may stand in the words of an error
            told = error.strerror if isinstance(error, OSError) else type(error).__name__
            log.error("%r can't be taken or moved: %s", group.stem, told)
            self._not_before[group.stem] = time.monotonic() + AGAIN

    async def _take_and_move(self, channel: PhoneChannel, accept: Accept, group: Group) -> None:
        try:
            await asyncio.to_thread(group.check)
            line, call = await self._take(channel, accept, group)
        except (BadTranscript, BadRecording, BadDetail, Refusal) as error:
            await asyncio.to_thread(group.check)  # half a file is no bad one
            await asyncio.to_thread(self._move_refused, group, group.files, str(error))
        else:
            await asyncio.to_thread(self._move_done, group, line, call)

    async def _take(self, channel: PhoneChannel, accept: Accept, group: Group) -> tuple[str, str]:
        """Its files are committed when this returns; answers the call's line and name. A recording that may not be kept is refused alone."""
        details = await asyncio.to_thread(self._details, group)
        if group.transcript is None:
            return await self._take_late(channel, accept, group, details)
        raw = await asyncio.to_thread(self._content, group.transcript)
        if group.recording is not None:
            self._check_size(group.recording)
        try:
            arrival = await channel.prepare(raw, details, group.recording)
        except (ConsentRequired, BadRecording) as error:
            arrival = await channel.prepare(raw, details)
            await asyncio.to_thread(group.check)
            await accept(arrival)
            alone = [group.recording] if group.recording else []
            await asyncio.to_thread(self._move_refused, group, alone, str(error))
            group.recording = None
        else:
            await asyncio.to_thread(group.check)
            await accept(arrival)
        return details.line, str(arrival.transport["details"]["call"])

    async def _take_late(
        self, channel: PhoneChannel, accept: Accept, group: Group, details: Details
    ) -> tuple[str, str]:
        """A recording whose transcript was taken before it came."""
        known = self._calls_named(group.stem)
        if len(known) != 1:
            raise Refusal(
                f"{len(known)} calls have come under this name: nobody can tell which one this is the sound of"
            )
        [(line, call)] = known
        recording = group.recording
        assert recording is not None
        self._check_size(recording)
        try:
            arrival = await channel.prepare_recording(replace(details, call=call, line=line), recording)
            await asyncio.to_thread(group.check)
            await accept(arrival)
        except ConsentRequired as error:
            raise Refusal(str(error)) from None
        return line, call

    def _details(self, group: Group) -> Details:
        named = group.transcript.name if group.transcript is not None else None
        name = named and named.encode("utf-8", "replace").decode()  # a name in another encoding is no text
        if group.meta is None:
            return Details(name=name)
        try:
            said = json.loads(self._content(group.meta, LARGEST_META).decode("utf-8"))
        except ValueError as error:
            raise Refusal(f"{group.meta.name} is not JSON in UTF-8: {error}") from None
        if not isinstance(said, dict):
            raise Refusal(f'{group.meta.name} is not an object such as {{"consent": "yes"}}')
        return replace(Details.from_json(said), name=name)

    def _content(self, path: Path, largest: int | None = None) -> bytes:
        self._check_size(path, largest)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            return file.read()

    def _check_size(self, path: Path, largest: int | None = None) -> None:
        most, size = largest or self.largest, path.stat(follow_symlinks=False).st_size
        if size > most:
            raise Refusal(f"{path.name} has {size:,} bytes: expected at most {most:,} (QINGTING_MAX_MESSAGE)")

    # moving ---------------------------------------------------------------------------------------------------

    def _move_done(self, group: Group, line: str, call: str) -> None:
        notes = []
        if group.transcript is not None:
            receipt = {"call": call, "line": line, "stem": group.stem}
            notes = [(group.transcript.name + RECEIPT, json.dumps(receipt) + "\n")]
        self._move(DONE, group, group.files, notes)
        self._not_before.pop(group.stem, None)

    def _move_refused(self, group: Group, files: Sequence[Path], why: str) -> None:
        for path in files:
            log.warning("%r is refused", path.name)
        self._move(REFUSED, group, files, [(path.name + REASON, why + "\n") for path in files])

    def _move(self, to: str, group: Group, files: Sequence[Path], notes: Sequence[tuple[str, str]]) -> None:
        """Writes down what is to be moved, then moves it: what a kill leaves half done is finished at the next look.

        Only what was taken is moved. What has been written since under the same name stays, and is taken as well.
        """
        mark = _free_mark(self.place / to, [*(path.name for path in files), *(name for name, _ in notes)])
        plan = {
            "to": to,
            "files": [[path.name, _marked(path.name, mark), group.seen[path]] for path in files],
            "notes": [[_marked(name, mark), text] for name, text in notes],
        }
        journal = self.place / f"{JOURNAL}{time.time_ns()}"
        _write(journal, json.dumps(plan))
        self._finish(journal, plan)

    def _finish_moves(self) -> None:
        """What was being moved when a process died; one that died while it wrote that down has moved nothing."""
        for unwritten in self.place.glob(f".{JOURNAL}*{WRITING}"):
            unwritten.unlink(missing_ok=True)
        for journal in sorted(self.place.glob(f"{JOURNAL}*")):
            try:
                plan = json.loads(journal.read_text("utf-8"))
            except ValueError:
                log.error("%s can't be read: look into %s and delete it", journal.name, self.place)
                continue
            self._finish(journal, plan)

    def _finish(self, journal: Path, plan: Mapping[str, Any]) -> None:
        folder = self.place / plan["to"]
        for name, text in plan["notes"]:
            _write(folder / name, text)
        for name, target, seen in plan["files"]:
            source = self.place / name
            with contextlib.suppress(FileNotFoundError):  # moved before
                if _seen(source.lstat()) == tuple(seen):
                    source.rename(folder / target)
        journal.unlink(missing_ok=True)


def _seen(about: os.stat_result) -> Seen:
    return about.st_size, about.st_mtime_ns, about.st_ino


def _kind(path: Path) -> tuple[str, str]:
    """(stem, which part of a call it is)."""
    if path.name.lower().endswith(META):
        return path.name[: -len(META)], "meta"
    return path.stem, "recording" if path.suffix.lower() in AUDIO else "transcript"


def _free_mark(folder: Path, names: Sequence[str]) -> str:
    """What makes these names new in the folder: nothing is ever overwritten."""
    number = 0
    while any((folder / _marked(name, f".{number}" if number else "")).exists() for name in names):
        number += 1
    return f".{number}" if number else ""


def _marked(name: str, mark: str) -> str:
    stem, dot, rest = name.partition(".")
    return f"{stem}{mark}{dot}{rest}" if mark else name


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}{WRITING}")
    unfinished.write_text(text, "utf-8", errors="backslashreplace")
    unfinished.replace(path)
