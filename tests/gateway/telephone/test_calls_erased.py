"""A call that was erased stays so: what comes of it late is another call, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import erasing
from case_store.audit import conversation_chain
from case_store.certificates import Why
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import calls as call_rows
from case_store.tables_conversations import messages
from channels.message import CallIn
from channels.phone.call import Call, Recording
from gateway.telephone import taking
from tests.case_store.over import details
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

Wav = Callable[..., bytes]
LATE = {"speaker": "customer", "text": "And you never called me back.", "start": 90.0, "end": 93.0}
ADDRESSED = (
    ("POST", "consent", {"consent": "no", "note": "she said so, her name is Ann Lee"}),
    ("POST", "speakers", {"utterances": {"1": "customer"}}),
)


async def erased_call(telephone: Telephone, **more: str) -> str:
    """The conversation of a call that was filed and erased."""
    filed = (await telephone.hand_in(COMPLAINT, call="c", **more)).body
    record = await telephone.case(filed["reference"])
    assert telephone.store.write_now(erasing.erase_case, record["id"], Why("person")) is not None
    return str(filed["conversation"])


def texts(telephone: Telephone, id: str) -> set[str]:
    m = messages.c
    return {row.text for row in telephone.rows(sa.select(m.text).where(m.conversation_id == id))}


async def test_a_late_utterance_is_another_call_and_the_erased_one_stays_empty(telephone: Telephone) -> None:
    old = await erased_call(telephone)
    answer = await telephone.post("/api/v1/calls/c/utterances", LATE)
    assert (answer.status, answer.body["stored"]) == (200, 1)
    new = answer.body["conversation"]
    assert new != old
    assert texts(telephone, old) == {""}
    assert texts(telephone, new) == {LATE["text"]}
    [(action, told), *_] = telephone.store.read_now(details, conversation_chain(new))
    assert (action, told["after_erasure_of"]) == ("call_opened", old)
    more = await telephone.post("/api/v1/calls/c/utterances", {**LATE, "text": "Hello?", "start": 95.0, "end": 96.0})
    assert more.body["conversation"] == new  # the name is the new one's
    assert (await telephone.get(f"/api/v1/calls/{old}")).body["call"] == f"erased:{old}"


async def test_another_transcript_of_it_is_another_call(telephone: Telephone) -> None:
    old = await erased_call(telephone, consent="no")
    answer = await telephone.hand_in(COMPLAINT + "Customer: Please hurry, I have waited for a month.\n", call="c")
    assert answer.status == 201
    assert answer.body["conversation"] != old
    assert texts(telephone, old) == {""}
    assert answer.body["consent"] == "no"  # said of this very call


async def test_a_late_recording_is_refused_before_it_is_kept_anywhere(telephone: Telephone, wav: Wav) -> None:
    old = await erased_call(telephone, consent="yes")
    form = {"data": wav(0.5), "headers": {"Content-Type": "audio/wav"}, "params": {"consent": "yes"}}
    refused = await telephone.send("POST", "/api/v1/calls/c/recording", **form)
    assert (refused.status, refused.body["code"]) == (409, "erased")
    assert list(telephone.gateway.files.digests()) == []
    c = call_rows.c
    assert telephone.rows(sa.select(c.recording).where(c.conversation_id == old)) == [(None,)]


async def test_one_that_was_accepted_before_is_put_aside_and_not_lost(telephone: Telephone) -> None:
    """From the watched folder, or accepted in the moment of the erasure."""
    old = await erased_call(telephone, consent="yes")
    c, a = call_rows.c, arrivals.c
    [(source,)] = telephone.rows(sa.select(c.source).where(c.conversation_id == old))
    sound = Recording("f" * 64, "audio/wav", 9)
    event = CallIn("c", Call("text", ()), "main", consent="yes", recording=sound, source=source)
    [(arrival,)] = telephone.rows(sa.select(a.id).limit(1))
    with pytest.raises(taking.ErasedCall) as barred:
        telephone.store.write_now(taking.take_call, telephone.gateway, _Arrival(arrival), event)
    assert barred.value.final  # which parks it


class _Arrival:
    account = "phone:main"

    def __init__(self, id: str) -> None:
        self.id = id


@pytest.mark.parametrize(("method", "what", "body"), ADDRESSED)
async def test_nothing_is_written_into_it(telephone: Telephone, method: str, what: str, body: Any) -> None:
    old = await erased_call(telephone)
    before = telephone.store.read_now(details, conversation_chain(old))
    answer = await telephone.send(method, f"/api/v1/calls/c/{what}", json=body)
    assert (answer.status, answer.body["code"]) == (409, "erased")
    assert telephone.store.read_now(details, conversation_chain(old)) == before
