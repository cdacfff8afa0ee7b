"""What stays of a call on paper and in its trail: when it was, each second, consent, recording, listening, erasure (handbook 7.1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.gateway.counter.desk import text_of
from tests.gateway.counter.test_paper import squeezed
from tests.gateway.telephone.conftest import Telephone

TIMED = """[00:00:02] Agent: Example Bank complaints line, this call is recorded.
[00:00:07] Customer: Hello, my name is Ann Lee. On 3 November your Leeds branch charged me a fee of 300 yuan.
[00:00:31] Agent: What would you like us to do?
[00:01:05] Customer: I want the fee refunded.
"""


async def printed(telephone: Telephone, reference: str, language: str = "en") -> str:
    answer = await telephone.get(f"/api/v1/cases/{reference}/record.pdf?language={language}")
    assert answer.status == 200, answer.body
    return text_of(answer.body)


async def test_a_call_is_dated_by_its_beginning_and_each_utterance_by_its_second(
    telephone: Telephone, wav: Callable[..., bytes]
) -> None:
    sound = wav(0.5)
    answer = await telephone.hand_in(
        TIMED, sound, call="c-9", consent="yes", started_at="2026-11-20T15:00:00+08:00", customer="+8613800138000"
    )
    shown = await printed(telephone, answer.body["reference"])
    digest = hashlib.sha256(sound).hexdigest()
    for text in (
        "telephone, from Friday 20 November 2026 at 15:00",
        "20 Nov 2026 15:00:07    0:07    Customer",
        "20 Nov 2026 15:01:05    1:05",
        "from +8613800138000",
        "The customer agreed to be recorded · The recording is kept (see Files)",
        f"Recording of the call c-9 (audio/wav, {len(sound) / 1024:.0f} kB)",
        f"SHA-256 {digest}",
        "Recording kept",
        "Consent to being recorded: agreed (handed in with the call); before: not known",
    ):
        assert squeezed(text) in shown, text
    assert "Nofiles" not in shown
    chinese = await printed(telephone, answer.body["reference"], "zh-Hant")
    assert squeezed("2026-11-20 15:00:07    0:07    客戶") in chinese
    assert "Customer" not in chinese


async def test_listening_and_erasure_stand_in_the_trail_and_on_paper(
    telephone: Telephone, wav: Callable[..., bytes]
) -> None:
    sound = wav(0.5)
    answer = await telephone.hand_in(TIMED, sound, call="c-9", consent="yes")
    assert (await telephone.get("/api/v1/calls/c-9/recording")).status == 200
    said_no = {"consent": "no", "note": "rang back and objected"}
    assert (await telephone.post("/api/v1/calls/c-9/consent", said_no)).status == 200
    conversation = (await telephone.get("/api/v1/calls/c-9")).body["conversation"]
    trail = (await telephone.get(f"/api/v1/conversations/{conversation}/timeline")).body["items"]
    actions = [event["action"] for event in trail]
    kept = ["consent", "recording_kept", "listened", "consent", "recording_erased", "consent_note"]
    assert [one for one in actions if one in kept] == kept
    assert {event["actor"] for event in trail if event["action"] == "listened"} == {"key:pbx"}
    assert [event["detail"] for event in trail if event["action"] == "recording_erased"] == [
        {"sha256": [hashlib.sha256(sound).hexdigest()]}
    ]
    shown = await printed(telephone, answer.body["reference"])
    digest = hashlib.sha256(sound).hexdigest()
    for text in (
        f"Recording listened to, SHA-256 {digest}    pbx · telephone",
        f"Recording erased, SHA-256 {digest}    pbx · telephone",
        "Consent to being recorded: not agreed (noted by an agent); before: agreed",
        "Note on the recording: rang back and objected",
        "The customer did not agree to be recorded · No recording is kept.",
        "No files.",
    ):
        assert squeezed(text) in shown, text


async def test_a_call_that_belongs_to_another_case_of_the_customer_lends_it_no_words_and_no_steps(
    telephone: Telephone,
) -> None:
    one = await telephone.hand_in(TIMED, call="c-11", consent="yes")
    other = await telephone.hand_in("Customer: Your app charged me twice, 50 yuan each.\n", call="c-12")
    conversation = (await telephone.get("/api/v1/calls/c-11")).body["conversation"]
    decision = {"conversation": conversation, "reason": "same voice, same number"}
    assert (await telephone.post(f"/api/v1/cases/{other.body['reference']}/customer/join", decision)).status == 200
    shown = await printed(telephone, other.body["reference"])
    assert squeezed(f"by an agent: whoever wrote or spoke in conversation {conversation}. Reason: same voice") in shown
    for text in ("Consent to being recorded", "its name is c-11", "Ann Lee", "The customer agreed to be recorded"):
        assert squeezed(text) not in shown, text
    assert "itsnameisc-11" in await printed(telephone, one.body["reference"])


async def test_what_a_later_transcript_replaces_is_not_printed_as_said(telephone: Telephone) -> None:
    first = [{"speaker": "customer", "text": "Your lead branch charged me a flea.", "start": 1.0, "end": 4.0}]
    assert (await telephone.post("/api/v1/calls/live-2/utterances", first)).status == 200
    answer = await telephone.hand_in(TIMED, call="live-2")
    shown = await printed(telephone, answer.body["reference"])
    assert squeezed("charged me a flea.Replaced by a later transcript") in shown
    assert shown.count("Replacedbyalatertranscript") == 1


async def test_a_live_call_that_has_ended_keeps_its_time(telephone: Telephone) -> None:
    said: list[dict[str, Any]] = [{"speaker": "customer", "text": "Your branch charged me 300 yuan.", "start": 763.0}]
    assert (await telephone.post("/api/v1/calls/live-3/utterances", said)).status == 200
    live = (await telephone.get("/api/v1/calls/live-3")).body
    ended = await telephone.post("/api/v1/calls/live-3/end")
    call = (await telephone.get("/api/v1/calls/live-3")).body
    assert call["state"] == "ended"
    assert call["started_at"] == live["started_at"]
    began = datetime.fromisoformat(call["started_at"])
    assert abs((datetime.now(UTC) - began).total_seconds()) < 60
    shown = await printed(telephone, ended.body["reference"])
    assert "12:43" in shown
    assert "timenotknown" not in shown


async def test_a_call_that_nobody_dates_is_not_dated_by_the_day_it_was_handed_in(telephone: Telephone) -> None:
    answer = await telephone.hand_in("Customer: Your branch charged me 300 yuan.\nAgent: Thank you.\n", call="c-10")
    shown = await printed(telephone, answer.body["reference"])
    assert squeezed("telephone, time not known") in shown


async def test_the_trail_of_a_conversation_takes_the_scope_of_its_words(telephone: Telephone) -> None:
    assert (await telephone.get("/api/v1/conversations/none/timeline")).status == 404
    described = (await telephone.get("/api/openapi.json")).body["paths"]["/api/v1/conversations/{id}/timeline"]["get"]
    assert "200" in described["responses"]
