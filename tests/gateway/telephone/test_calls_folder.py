"""The watched folder: files of one call together, taken when complete, moved when committed, never deleted, never twice."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import calls, messages
from case_store.tables_house import duties
from channels.phone.channel import PhoneChannel
from channels.phone.folder import WatchedFolder
from gateway.duties import StoredDuty
from gateway.telephone.handing_in import keeper
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

Wav = Callable[..., bytes]


@pytest.fixture
def database() -> str:
    """One is enough: files are moved alike whatever the store is. Both are tried under kill -9 and by the suite of all channels."""
    return "sqlite"


class Watched:
    """The folder, looked into by hand: `look` is one look after everything has stood still."""

    def __init__(self, telephone: Telephone, place: Path) -> None:
        self.telephone = telephone
        self.place = place
        self.begin()

    def begin(self) -> None:
        """A process that has just started."""
        duty = StoredDuty(self.telephone.store, "transcripts", "node")
        self.folder = WatchedFolder(self.place, duty, largest=500_000, settled=0.0)
        self.channel = PhoneChannel(keeper(self.telephone.gateway), folder=self.folder)
        self.folder._prepare()

    def lease_runs_out(self) -> None:
        """Of a process that was killed: half a minute later."""
        self.telephone.store.write_now(lambda tx: tx.execute(update(duties).values(until=tx.now)) and None)

    async def look(self) -> None:
        self.folder._taken_at = 0.0
        await self.folder._look(self.channel, self.telephone.intake.accept)

    def leave(self, name: str, content: str | bytes) -> Path:
        path = self.place / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def names(self, folder: str = ".") -> list[str]:
        return sorted(path.name for path in (self.place / folder).iterdir() if path.is_file())

    async def filed(self) -> list[str]:
        """References, once everything that was taken is filed."""
        while await self.telephone.intake.read_due() + await self.telephone.calls.read_due():
            pass
        return [row.reference for row in self.telephone.rows(select(cases.c.reference).order_by(cases.c.reference))]


@pytest.fixture
async def watched(telephone: Telephone, tmp_path: Path) -> AsyncIterator[Watched]:
    await telephone.stop()
    made = Watched(telephone, tmp_path / "transcripts")
    yield made
    await made.channel.transcripts.stop()


async def test_a_call_with_its_recording_is_filed_and_moved(watched: Watched, wav: Wav) -> None:
    sound = wav(0.2)
    watched.leave("call-17.txt", COMPLAINT)
    watched.leave("call-17.wav", sound)
    watched.leave("call-17.meta.json", json.dumps({"consent": "yes", "call": "c-17", "customer": "+8613800138000"}))
    await watched.look()
    assert watched.names() == []
    assert watched.names("done") == ["call-17.meta.json", "call-17.txt", "call-17.txt.receipt.json", "call-17.wav"]
    [reference] = await watched.filed()
    call = (await watched.telephone.get("/api/v1/calls/c-17")).body
    assert (call["reference"], call["consent"], call["customer_number"]) == (reference, "yes", "+8613800138000")
    assert (await watched.telephone.get("/api/v1/calls/c-17/recording")).body == sound


async def test_what_is_still_being_written_waits(watched: Watched) -> None:
    watched.folder.settled = 3600.0
    path = watched.leave("call.txt", COMPLAINT[:40])
    await watched.look()
    path.write_text(COMPLAINT)
    await watched.look()
    assert watched.names() == ["call.txt"]
    watched.folder.settled = 0.0
    await watched.look()
    assert watched.names() == []


async def test_a_transcript_waits_for_a_recording_that_is_still_growing(watched: Watched, wav: Wav) -> None:
    watched.leave("call.txt", COMPLAINT)
    sound = watched.leave("call.wav", wav(0.1))
    watched.folder.settled = 0.2
    for _ in range(3):
        sound.write_bytes(sound.read_bytes() + b"\x00" * 64)
        await watched.look()
        assert watched.names() == ["call.txt", "call.wav"]


async def test_names_that_say_unfinished_are_left_alone(watched: Watched) -> None:
    for name in (".call.txt", "call.txt.part", "call.txt.tmp", "~call.txt"):
        watched.leave(name, COMPLAINT)
    await watched.look()
    assert len(watched.names()) == 4
    (watched.place / "call.txt.part").rename(watched.place / "call.txt")  # renamed into place
    await watched.look()
    assert watched.names("done") == ["call.txt", "call.txt.receipt.json"]


async def test_what_can_t_be_read_is_refused_with_its_reason(watched: Watched) -> None:
    watched.leave("bad.vtt", "WEBVTT\n\n00:01.000 --> 00:0x.000\nwords\n")
    watched.leave("good.txt", COMPLAINT)
    await watched.look()
    assert watched.names("refused") == ["bad.vtt", "bad.vtt.reason.txt"]
    assert "line 3" in (watched.place / "refused" / "bad.vtt.reason.txt").read_text()
    assert watched.names("done") == ["good.txt", "good.txt.receipt.json"]
    assert len(await watched.filed()) == 1


async def test_without_consent_the_call_is_filed_and_the_sound_refused(watched: Watched, wav: Wav) -> None:
    watched.leave("call.txt", COMPLAINT)
    watched.leave("call.wav", wav(0.1))
    await watched.look()
    assert watched.names("done") == ["call.txt", "call.txt.receipt.json"]
    assert watched.names("refused") == ["call.wav", "call.wav.reason.txt"]
    assert len(await watched.filed()) == 1
    assert list(watched.telephone.gateway.files.digests()) == []


async def test_a_recording_that_comes_late_finds_its_call(watched: Watched, wav: Wav) -> None:
    watched.channel.announced = True
    watched.leave("call.txt", COMPLAINT)
    watched.leave("other.call.txt", COMPLAINT + "Customer: And another thing.\n")
    await watched.look()
    watched.leave("call.wav", wav(0.1))
    await watched.look()
    assert "call.wav" in watched.names("done")
    await watched.filed()
    kept = {row.call: row.recording for row in watched.telephone.rows(select(calls.c.call, calls.c.recording))}
    receipt = json.loads((watched.place / "done" / "call.txt.receipt.json").read_text())
    assert [call for call, digest in kept.items() if digest] == [receipt["call"]]


async def test_a_late_recording_that_might_be_of_two_calls_is_given_to_neither(watched: Watched, wav: Wav) -> None:
    watched.channel.announced = True
    for words in (COMPLAINT, COMPLAINT + "Customer: And another thing.\n"):
        watched.leave("call.txt", words)
        await watched.look()
    watched.leave("call.wav", wav(0.1))
    await watched.look()
    assert watched.names("refused") == ["call.wav", "call.wav.reason.txt"]
    await watched.filed()
    assert [row.recording for row in watched.telephone.rows(select(calls.c.recording))] == [None, None]


async def test_a_recording_alone_waits_for_its_transcript(watched: Watched, wav: Wav) -> None:
    watched.channel.announced = True
    watched.leave("call.wav", wav(0.1))
    await watched.look()
    assert watched.names() == ["call.wav"]
    watched.leave("call.txt", COMPLAINT)
    await watched.look()
    assert watched.names() == []


async def test_nothing_is_overwritten_under_the_same_name(watched: Watched) -> None:
    for words in ("one", "two", "three"):
        watched.leave("call.txt", f"Customer: {words} things you did wrong.\nAgent: I see.\n")
        await watched.look()
    assert [name for name in watched.names("done") if not name.endswith("receipt.json")] == [
        "call.1.txt",
        "call.2.txt",
        "call.txt",
    ]
    assert len(await watched.filed()) == 3


@pytest.mark.parametrize("dies_at", ["accept", "plan", "journal", "first move", "second move"])
async def test_a_kill_at_any_instant_leaves_one_call_and_no_file_behind(
    watched: Watched, wav: Wav, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    """The process is gone between any two steps; the next one goes on, and everything is there once."""
    watched.leave("call.txt", COMPLAINT)
    watched.leave("call.wav", wav(0.1))
    watched.leave("call.meta.json", json.dumps({"consent": "yes", "call": "c-17"}))
    with monkeypatch.context() as patched:
        _die(patched, watched, dies_at)
        with pytest.raises(Killed):
            await watched.look()
    watched.lease_runs_out()
    watched.begin()
    await watched.look()
    assert watched.names() == []
    assert [name for name in watched.names("done") if "receipt" not in name] == [
        "call.meta.json",
        "call.txt",
        "call.wav",
    ]
    assert len(await watched.filed()) == 1
    telephone = watched.telephone
    assert [row.call for row in telephone.rows(select(calls.c.call))] == ["c-17"]
    assert (await telephone.get("/api/v1/calls/c-17")).body["recording"]


@pytest.mark.parametrize("when", ["before it is read", "after it is read", "after it is committed"])
@pytest.mark.parametrize("how", ["replaced", "written on"])
async def test_a_call_that_is_written_anew_while_it_is_taken_is_taken_whole(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, when: str, how: str
) -> None:
    path = watched.leave("call.txt", COMPLAINT)
    better = COMPLAINT + "Customer: And it was 99,000 yuan.\n"

    def write() -> None:
        if how == "replaced":
            watched.leave("call.txt.part", better).replace(path)
        else:
            path.write_text(better)

    with monkeypatch.context() as patched:
        _happens(patched, watched, when, write)
        await watched.look()
    await watched.look()
    assert watched.names() == []
    done = [(watched.place / "done" / name).read_text() for name in watched.names("done") if "receipt" not in name]
    assert better in done
    assert watched.names("refused") == []
    await watched.filed()
    said = watched.telephone.rows(select(messages.c.text).where(messages.c.sender == "customer"))
    assert [row.text for row in said].count("And it was 99,000 yuan.") == 1


def _happens(patched: pytest.MonkeyPatch, watched: Watched, when: str, what: Callable[[], None]) -> None:
    """Once, at that instant."""
    left = [what]
    accept, content = watched.telephone.intake.accept, WatchedFolder._content

    def once() -> None:
        while left:
            left.pop()()

    def read(*given: Any) -> bytes:
        if when == "before it is read":
            once()
        raw = content(*given)
        if when == "after it is read":
            once()
        return raw

    async def accepted(arrival: Any) -> Any:
        taken = await accept(arrival)
        once()
        return taken

    patched.setattr(WatchedFolder, "_content", read)
    patched.setattr(watched.telephone.intake, "accept", accepted)


class Killed(BaseException):
    """Stands in for SIGKILL: nothing catches it."""


def _die(patched: pytest.MonkeyPatch, watched: Watched, at: str) -> None:
    def dead(*_: Any) -> Any:
        raise Killed

    if at == "accept":
        accept = watched.telephone.intake.accept

        async def accepts_and_dies(arrival: Any) -> Any:
            await accept(arrival)
            raise Killed

        patched.setattr(watched.telephone.intake, "accept", accepts_and_dies)
    elif at == "plan":
        replace = Path.replace
        patched.setattr(Path, "replace", lambda path, to: dead() if path.parent == watched.place else replace(path, to))
    elif at == "journal":
        patched.setattr(WatchedFolder, "_finish", dead)
    else:
        rename, left = Path.rename, {"first move": 0, "second move": 1}[at]

        def renames(path: Path, target: Any) -> Any:
            nonlocal left
            if path.parent == watched.place:
                if left == 0:
                    raise Killed
                left -= 1
            return rename(path, target)

        patched.setattr(Path, "rename", renames)


async def test_two_processes_watch_one_folder_one_at_a_time(watched: Watched) -> None:
    other = Watched(watched.telephone, watched.place)
    watched.leave("call.txt", COMPLAINT)
    await watched.look()
    other.leave("next.txt", COMPLAINT)
    await other.look()
    assert other.names() == ["next.txt"]  # the first one has the duty
    await watched.folder.stop()
    await other.look()
    assert other.names() == []
    await other.channel.transcripts.stop()


async def test_a_store_that_is_down_leaves_everything_where_it_is(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels.channel import StoreUnavailable

    async def down(arrival: Any) -> Any:
        raise StoreUnavailable("gone")

    watched.leave("call.txt", COMPLAINT)
    with monkeypatch.context() as patched:
        patched.setattr(watched.telephone.intake, "accept", down)
        with pytest.raises(StoreUnavailable):
            await watched.look()
    assert watched.names() == ["call.txt"]
    await watched.look()
    assert watched.names("done") == ["call.txt", "call.txt.receipt.json"]


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
async def test_what_is_no_plain_file_is_left_alone(watched: Watched, tmp_path: Path, what: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(COMPLAINT)
    odd = watched.place / "odd.txt"
    {"link": lambda: odd.symlink_to(secret), "pipe": lambda: os.mkfifo(odd), "folder": odd.mkdir}[what]()
    async with asyncio.timeout(30):
        await watched.look()
    assert watched.telephone.rows(select(func.count()).select_from(arrivals))[0][0] == 0


@pytest.mark.parametrize(
    ("meta", "reason"),
    [
        ('{"consent": "perhaps"}', "consent"),
        ('{"colour": "red"}', "colour"),
        ('{"started_at": "soon"}', "started_at"),
        ("[]", "not an object"),
        ("{", "not JSON"),
    ],
)
async def test_a_wrong_word_beside_a_transcript_refuses_the_call_whole(
    watched: Watched, meta: str, reason: str
) -> None:
    watched.leave("call.txt", COMPLAINT)
    watched.leave("call.meta.json", meta)
    await watched.look()
    assert watched.names("refused") == [
        *("call.meta.json", "call.meta.json.reason.txt", "call.txt", "call.txt.reason.txt"),
    ]
    assert reason in (watched.place / "refused" / "call.txt.reason.txt").read_text()


async def test_too_large_a_file_is_refused_unread(watched: Watched) -> None:
    watched.leave("call.txt", b"Customer: x\n" * 50_000)
    await watched.look()
    assert "QINGTING_MAX_MESSAGE" in (watched.place / "refused" / "call.txt.reason.txt").read_text()


async def test_a_name_in_another_encoding_holds_up_no_other(watched: Watched) -> None:
    watched.leave(os.fsdecode(b"\xc0\xfd\xd7\xd3.txt"), COMPLAINT)  # 例子 in GB 2312
    watched.leave("plain.txt", COMPLAINT + "Customer: And another thing.\n")
    await watched.look()
    assert watched.names() == []
    assert len(await watched.filed()) == 2
