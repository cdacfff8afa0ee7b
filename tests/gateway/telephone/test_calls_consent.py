"""A customer's no: who may say otherwise, which recordings it ends, and which files it must leave alone."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import calls
from channels.phone.details import Details
from tests.gateway.telephone.conftest import COMPLAINT, Telephone
from tests.naming import NAMED, attach

Wav = Callable[..., bytes]
RECORDINGS = sa.select(arrivals.c.id).where(sa.cast(arrivals.c.transport, sa.Text).contains("recording"))
RECORDING = {"Content-Type": "audio/wav"}


async def consent_of(telephone: Telephone, call: str) -> tuple[str, str | None, Any]:
    told = (await telephone.get(f"/api/v1/calls/{call}")).body
    return told["consent"], told["consent_basis"], told["recording"]


class TestAMachineDoesNotOverruleTheCustomer:
    """An agent has recorded a no; whatever a telephone system says afterwards, it stays."""

    async def objects(self, telephone: Telephone, wav: Wav) -> None:
        await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
        assert (await telephone.post("/api/v1/calls/c/consent", {"consent": "no"})).status == 200
        await telephone.settle()
        assert list(telephone.gateway.files.digests()) == []

    async def test_by_the_same_recording_again(self, telephone: Telephone, wav: Wav) -> None:
        await self.objects(telephone, wav)
        again = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
        assert (again.status, again.body["recording"], again.body["consent"]) == (201, False, "no")
        assert await consent_of(telephone, "c") == ("no", "agent", None)
        assert list(telephone.gateway.files.digests()) == []  # nor does its sound come back to the disk

    async def test_by_another_recording(self, telephone: Telephone, wav: Wav) -> None:
        await self.objects(telephone, wav)
        other = await telephone.post(
            "/api/v1/calls/c/recording", data=wav(0.5), params={"consent": "yes"}, headers=RECORDING
        )
        assert (other.status, other.body["code"]) == (422, "consent_required")
        assert "an agent" in other.body["detail"]
        assert await consent_of(telephone, "c") == ("no", "agent", None)

    @pytest.mark.parametrize("said", ["yes", "no"])
    async def test_by_what_comes_with_the_next_words(self, telephone: Telephone, wav: Wav, said: str) -> None:
        await self.objects(telephone, wav)
        word = {"speaker": "agent", "text": "Anything else?"}
        heard = await telephone.post("/api/v1/calls/c/utterances", word, params={"consent": said})
        assert heard.status == 200
        assert await consent_of(telephone, "c") == ("no", "agent", None)

    async def test_nor_a_no_that_the_telephone_system_itself_passed_on(self, telephone: Telephone, wav: Wav) -> None:
        await telephone.hand_in(COMPLAINT, call="c", consent="no")
        again = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
        assert (again.status, again.body["recording"], again.body["consent"]) == (201, False, "no")

    async def test_a_recording_under_way_when_the_no_came_goes_too(self, telephone: Telephone, wav: Wav) -> None:
        """It was accepted before the no and is read after it."""
        await telephone.hand_in(COMPLAINT, call="c")
        await telephone.stop()
        sound = telephone.gateway.settings.data_dir.with_name("late.wav")
        sound.write_bytes(wav())
        [(source,)] = telephone.rows(sa.select(calls.c.source))
        arrival = await telephone.channel.prepare_recording(Details(call="c", consent="yes"), sound, source)
        word = {"speaker": "customer", "text": "Do not record me.", "start": 9.0, "end": 10.0}
        await telephone.post("/api/v1/calls/c/utterances", word, params={"consent": "no"})
        await telephone.intake.accept(arrival)
        await telephone.read_all()
        await telephone.settle()
        assert await consent_of(telephone, "c") == ("no", "said", None)
        assert list(telephone.gateway.files.digests()) == []

    async def test_an_agent_may_when_the_customer_agrees_after_all(self, telephone: Telephone, wav: Wav) -> None:
        await self.objects(telephone, wav)
        await telephone.post("/api/v1/calls/c/consent", {"consent": "yes"})
        again = await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
        assert (again.status, again.body["recording"], again.body["consent"]) == (201, True, "yes")
        assert (await telephone.get("/api/v1/calls/c/recording")).body == wav()


@pytest.mark.parametrize("other", ["p80:1", "p80:", ":p80", "p80:p80", "p80%"])
async def test_a_no_ends_no_recording_of_a_call_whose_name_begins_alike(
    telephone: Telephone, wav: Wav, other: str
) -> None:
    await telephone.hand_in(COMPLAINT, wav(0.3), call=other, consent="yes")
    await telephone.hand_in(COMPLAINT, wav(0.2), call="p80", consent="yes")
    assert (await telephone.post("/api/v1/calls/p80/consent", {"consent": "no"})).status == 200
    await telephone.settle()
    assert len(telephone.rows(RECORDINGS)) == 1
    kept = await telephone.get(f"/api/v1/calls/{other.replace('%', '%25')}/recording")
    assert (kept.status, kept.body) == (200, wav(0.3))


@pytest.mark.parametrize("by", NAMED)
async def test_a_no_deletes_no_file_that_anything_else_names(telephone: Telephone, wav: Wav, by: str) -> None:
    """A telephone system hands in the bytes of somebody's evidence as its recording, and then says no."""
    digest = hashlib.sha256(wav()).hexdigest()
    pbx = telephone.key("pbx-2", "transcripts")
    await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes", headers=pbx)
    telephone.store.write_now(NAMED[by], digest)
    word = {"speaker": "customer", "text": "Do not record me.", "start": 9.0, "end": 10.0}
    said = await telephone.post("/api/v1/calls/c/utterances", word, params={"consent": "no"}, headers=pbx)
    assert said.status == 200
    await telephone.settle()
    assert telephone.gateway.files.get(digest) == wav()
    erasing = sa.select(calls.c.erasing).where(calls.c.call == "c")
    assert telephone.rows(erasing) == [(None,)]


async def test_a_no_leaves_alone_what_somebody_has_just_put_and_not_named_yet(telephone: Telephone, wav: Wav) -> None:
    """The same bytes come as evidence: they are among the files, and the transaction that names them is under way."""
    await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    files, digest = telephone.gateway.files, hashlib.sha256(wav()).hexdigest()
    os.utime(files.path_of(digest), (time.time() + 1, time.time() + 1))  # put again after it came of the call
    await telephone.post("/api/v1/calls/c/consent", {"consent": "no"})
    await telephone.settle()
    assert files.get(digest) == wav()
    assert telephone.rows(sa.select(calls.c.erasing))[0].erasing is not None
    telephone.store.write_now(attach, digest)
    long_ago = time.time() - 3600
    os.utime(files.path_of(digest), (long_ago, long_ago))
    await telephone.settle()
    assert files.get(digest) == wav()
    assert telephone.rows(sa.select(calls.c.erasing))[0].erasing is None


async def test_what_was_put_again_and_never_named_is_erased_a_little_later(telephone: Telephone, wav: Wav) -> None:
    await telephone.hand_in(COMPLAINT, wav(), call="c", consent="yes")
    files, digest = telephone.gateway.files, hashlib.sha256(wav()).hexdigest()
    os.utime(files.path_of(digest), (time.time() + 1, time.time() + 1))
    await telephone.post("/api/v1/calls/c/consent", {"consent": "no"})
    await telephone.settle()
    long_ago = time.time() - 3600
    os.utime(files.path_of(digest), (long_ago, long_ago))
    await telephone.settle()
    assert list(files.digests()) == []
    assert telephone.rows(sa.select(calls.c.erasing))[0].erasing is None
