"""The recording of a call: kept with consent alone, played in pieces, every listening written down (handbook 7.1.2 (3))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from case_store.audit import conversation_chain
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import calls
from case_store.tables_house import audit_events
from gateway.policy import Policy, load_policy
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

Wav = Callable[..., bytes]


async def test_a_recording_is_kept_with_consent_and_comes_back_byte_for_byte(telephone: Telephone, wav: Wav) -> None:
    sound = wav(0.5)
    answer = await telephone.hand_in(COMPLAINT, sound, call="c", consent="yes")
    assert (answer.status, answer.body["recording"], answer.body["consent"]) == (201, True, "yes")
    whole = await telephone.get("/api/v1/calls/c/recording")
    assert (whole.status, whole.body) == (200, sound)
    assert whole.headers["Content-Type"] == "audio/wav"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-9", 0, 10), ("bytes=100-199", 100, 200), ("bytes=-44", -44, None)]
)
async def test_a_player_may_ask_for_a_piece(
    telephone: Telephone, wav: Wav, asked: str, first: int, last: int | None
) -> None:
    sound = wav(0.5)
    await telephone.hand_in(COMPLAINT, sound, call="c", consent="yes")
    piece = await telephone.get("/api/v1/calls/c/recording", headers={"Range": asked})
    assert (piece.status, piece.body) == (206, sound[first:last])
    assert piece.headers["Content-Range"].endswith(f"/{len(sound)}")


@pytest.mark.parametrize("consent", ["no", "unknown"])
async def test_without_consent_the_sound_is_refused_and_never_written(
    telephone: Telephone, wav: Wav, consent: str
) -> None:
    answer = await telephone.hand_in(COMPLAINT, wav(), call="c", consent=consent)
    assert (answer.status, answer.body["code"]) == (422, "consent_required")
    assert telephone.rows(select(arrivals.c.id)) == []
    assert list(telephone.gateway.files.digests()) == []
    alone = await telephone.hand_in(COMPLAINT, call="c", consent=consent)
    assert (alone.status, alone.body["recording"], alone.body["consent"]) == (201, False, consent)


class TestAnnounced:
    """Where the line says that calls are recorded, whoever stays on agrees."""

    @pytest.fixture
    def policy(self) -> Policy:
        built_in = load_policy(None)
        return built_in.model_copy(
            update={"telephone": built_in.telephone.model_copy(update={"announces_recording": True})}
        )

    async def test_whoever_stays_on_has_agreed(self, telephone: Telephone, wav: Wav) -> None:
        answer = await telephone.hand_in(COMPLAINT, wav(), call="c")
        assert (answer.status, answer.body["recording"]) == (201, True)
        call = (await telephone.get("/api/v1/calls/c")).body
        assert (call["consent"], call["consent_basis"]) == ("yes", "announced")

    async def test_a_no_is_a_no_all_the_same(self, telephone: Telephone, wav: Wav) -> None:
        answer = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="no")
        assert (answer.status, answer.body["code"]) == (422, "consent_required")

    async def test_an_announcement_overrules_nobody_who_has_said_no(self, telephone: Telephone, wav: Wav) -> None:
        await telephone.hand_in(COMPLAINT, call="c", consent="no")
        answer = await telephone.hand_in(COMPLAINT, wav(), call="c")
        assert answer.body["recording"] is False
        while await telephone.calls.read_due():
            pass
        assert list(telephone.gateway.files.digests()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\x00" + b"\x00" * 200,
        b"%PDF-1.7\n",
        b"RIFF\x00\x00\x00\x00AVI LIST",
    ],
    ids=["empty", "page", "program", "pdf", "film"],
)
async def test_a_recording_is_known_by_its_content_not_its_name(telephone: Telephone, content: bytes) -> None:
    answer = await telephone.hand_in(COMPLAINT, content, call="c", consent="yes")
    assert (answer.status, answer.body["code"]) == (422, "bad_recording")
    assert "WAV, MP3, Ogg, M4A or WebM" in answer.body["detail"]
    assert list(telephone.gateway.files.digests()) == []


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 100, "audio/mpeg"),
        (b"\xff\xf3\x40\xc4" + b"\x00" * 400, "audio/mpeg"),
        (b"\xff\xe3\x18\xc4" + b"\x00" * 400, "audio/mpeg"),
        (b"OggS\x00\x02" + b"\x00" * 20 + b"\x01\x13OpusHead\x01\x01" + b"\x00" * 50, "audio/ogg"),
        (b"\x00\x00\x00 ftypM4A \x00\x00\x00\x00M4A mp42isom" + b"\x00" * 50, "audio/mp4"),
        (
            b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + b"\x00" * 50,
            "audio/webm",
        ),
    ],
    ids=["mp3 with tags", "mp3 at 16 kHz", "mp3 at 8 kHz", "opus", "m4a", "webm"],
)
def test_the_kinds_that_telephones_record(head: bytes, media_type: str) -> None:
    from channels.phone.recording import media_type_of

    assert media_type_of(head) == media_type


async def test_every_listening_is_written_down_and_pieces_of_one_are_one(telephone: Telephone, wav: Wav) -> None:
    answer = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    for asked in ("bytes=0-99", "bytes=100-199", "bytes=5000-"):
        await telephone.get("/api/v1/calls/c/recording", headers={"Range": asked})
    events = _events(telephone, answer.body["conversation"], "listened")
    assert [(event.actor, event.detail["call"]) for event in events] == [("key:pbx", "c")]


async def test_nobody_listens_without_the_scope(telephone: Telephone, wav: Wav) -> None:
    from case_store import people
    from gateway.auth.sessions import digest_of, new_key

    answer = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    key = new_key()
    scopes = ("transcripts", "conversations:read", "cases:read")
    telephone.store.write_now(people.add_key, name="deaf", scopes=scopes, digest=digest_of(key), actor="system")
    refused = await telephone.get("/api/v1/calls/c/recording", headers={"Authorization": f"Bearer {key}"})
    stranger = await telephone.get("/api/v1/calls/c/recording", headers={"Authorization": "Bearer nothing"})
    assert (refused.status, stranger.status) == (403, 401)
    assert _events(telephone, answer.body["conversation"], "listened") == []


async def test_consent_taken_back_erases_the_recording_and_says_so(telephone: Telephone, wav: Wav) -> None:
    answer = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    no = await telephone.post("/api/v1/calls/c/consent", {"consent": "no", "note": "said so at the call back"})
    assert (no.status, no.body["consent"], no.body["recording"]) == (200, "no", None)
    while await telephone.calls.read_due():
        pass
    assert list(telephone.gateway.files.digests()) == []
    assert telephone.rows(select(calls.c.erasing))[0].erasing is None
    assert all("recording" not in row.transport for row in telephone.rows(select(arrivals.c.transport)))
    assert (await telephone.get("/api/v1/calls/c/recording")).status == 404
    told = _events(telephone, answer.body["conversation"], "recording_erased", "consent", "consent_note")
    assert [event.action for event in told[-3:]] == ["consent", "recording_erased", "consent_note"]


async def test_an_erasure_that_was_cut_short_is_finished_at_the_next_start(telephone: Telephone, wav: Wav) -> None:
    await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    await telephone.stop()
    await telephone.post("/api/v1/calls/c/consent", {"consent": "no"})
    assert len(list(telephone.gateway.files.digests())) == 1  # dies here
    await telephone.start()
    while await telephone.calls.read_due():
        pass
    assert list(telephone.gateway.files.digests()) == []


async def test_a_recording_that_another_call_has_too_stays_with_that(telephone: Telephone, wav: Wav) -> None:
    for call in ("c", "d"):
        await telephone.hand_in(COMPLAINT, wav(), call=call, consent="yes")
    await telephone.post("/api/v1/calls/c/consent", {"consent": "no"})
    while await telephone.calls.read_due():
        pass
    assert (await telephone.get("/api/v1/calls/d/recording")).status == 200


async def test_a_recording_may_come_after_its_transcript(telephone: Telephone, wav: Wav) -> None:
    sound = wav(0.2)
    first = await telephone.hand_in(COMPLAINT, call="c")
    later = await telephone.post(
        "/api/v1/calls/c/recording", data=sound, params={"consent": "yes"}, headers={"Content-Type": "audio/wav"}
    )
    assert (later.status, later.body["reference"], later.body["recording"]) == (201, first.body["reference"], True)
    assert (await telephone.get("/api/v1/calls/c/recording")).body == sound
    nobody = await telephone.post("/api/v1/calls/nobody/recording", data=sound, params={"consent": "yes"})
    assert nobody.status == 404


async def test_a_backup_holds_the_recording(telephone: Telephone, wav: Wav, tmp_path: Any) -> None:
    from case_store.backup import backup

    await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    made = backup(telephone.store, telephone.gateway.files, tmp_path / "backup")
    assert made.files == 1
    assert made.missing == ()


def _events(telephone: Telephone, conversation: str, *actions: str) -> list[Any]:
    e = audit_events.c
    found = select(e.actor, e.action, e.detail).where(
        e.chain == conversation_chain(conversation), e.action.in_(actions)
    )
    return telephone.rows(found.order_by(e.number))
