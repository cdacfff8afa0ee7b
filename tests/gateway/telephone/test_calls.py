"""A transcript handed in becomes a filed case, from the customer's words alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from case_store.store import StoreUnavailable
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import calls, conversations
from case_store.tables_people import api_keys
from channels.message import Arrival
from channels.phone.details import Details
from gateway.telephone import handing_in
from gateway.telephone.addressing import source_of_key
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

BROKEN = {
    "harper-valley/0002f70f7386445b.metadata.json",  # about the call, and no word of it
    *(
        f"webvtt-srt/{name}.vtt"
        for name in ("empty", "invalid", "invalid_timeframe", "missing_timeframe", "no_captions")
    ),
    *(f"webvtt-srt/{name}.sbv" for name in ("invalid_format", "invalid_timeframe", "missing_timeframe")),
    *(f"webvtt-srt/invalid_format{number}.srt" for number in (1, 2, 3, 4)),
    "webvtt-srt/missing_timeframe.srt",
}


def samples(shared_data: Path) -> list[tuple[str, Path]]:
    folder = shared_data / "transcripts"
    files = (path for path in sorted(folder.glob("*/*")) if path.name != "LICENSE")
    return [(str(path.relative_to(folder)), path) for path in files]


async def test_a_transcript_is_a_filed_case_when_it_is_answered(telephone: Telephone) -> None:
    answer = await telephone.hand_in(
        COMPLAINT, call="c-17", started_at="2026-11-20T10:00:00+08:00", customer="+8613800138000"
    )
    assert answer.status == 201
    record = await telephone.case(answer.body["reference"])
    assert (record["status"], record["channel"], record["incomplete"]) == ("filed", "phone", False)
    assert record["received_at"] == "2026-11-20T02:00:00+00:00"  # when the customer called, not when it was registered
    assert record["registered_at"] > record["received_at"]
    assert record["facts"] | {"what_happened": None} == {
        "name": "Ann Lee",
        "contact": "+8613800138000",
        "occurred_on": "2026-11-03",
        "about": "Leeds branch · fee",
        "what_happened": None,
        "amount": {"value": "300.00", "currency": "CNY"},
        "desired_outcome": "I want the fee refunded",
    }
    assert "this call is recorded" not in record["facts"]["what_happened"]
    assert await telephone.said(answer.body["conversation"]) == [
        ("agent", "Example Bank complaints line, this call is recorded."),
        ("customer", "Hello, my name is Ann Lee. On 3 November your Leeds branch charged me a fee of 300 yuan."),
        ("agent", "What would you like us to do?"),
        ("customer", "I want the fee refunded."),
    ]


async def test_nobody_speaks_by_itself_in_a_call(telephone: Telephone) -> None:
    answer = await telephone.hand_in(COMPLAINT, call="c-17")
    shown = await telephone.conversation(answer.body["conversation"])
    assert {one["sender"] for one in shown["messages"]} == {"agent", "customer"}
    # not even if somebody takes the conversation over and hands it back to the bot
    await telephone.post(f"/api/v1/conversations/{shown['id']}/take-over", {})
    back = await telephone.post(f"/api/v1/conversations/{shown['id']}/hand-back", {"to": "bot"})
    row = telephone.rows(select(conversations.c.speak_at))[0]
    assert (back.body["owner"], row.speak_at) == ("bot", None)


async def test_every_good_sample_ends_as_a_case_with_its_words(telephone: Telephone, shared_data: Path) -> None:
    asked = 0
    good = [(sample, path) for sample, path in samples(shared_data) if sample not in BROKEN]
    for sample, path in good:
        answer = await telephone.hand_in(path.read_bytes(), call=sample)
        assert answer.status == 201, (sample, answer.body)
        record = await telephone.case(answer.body["reference"])
        read = (await telephone.channel.read(_arrival(telephone, sample), {}))[0]
        told = [utterance.text for utterance in read.call.utterances]  # type: ignore[union-attr]
        said = await telephone.said(answer.body["conversation"])
        assert [text for _, text in said] == told, sample
        customer = " ".join(text for sender, text in said if sender == "customer")
        if customer:
            story = record["facts"]["what_happened"].split()
            assert story, sample
            assert set(story) <= set(customer.split()), f"only the customer's words are read: {sample}"
        else:
            asked += 1
            assert record["facts"] == dict.fromkeys(record["facts"]), f"nothing is guessed: {sample}"
    assert [task["words"] for task in await telephone.tasks()].count("who_is_the_customer") == asked
    assert 0 < asked < len(good)


def _arrival(telephone: Telephone, call: str) -> Arrival:
    [row] = telephone.rows(select(arrivals).where(arrivals.c.external_id.startswith(f"{call}:", autoescape=True)))
    raw = row.raw if row.raw is not None else telephone.gateway.files.get(row.digest)
    return Arrival(row.channel, row.account, row.external_id, row.received_at, raw, row.transport)


async def test_a_broken_file_is_refused_with_line_and_reason_and_nothing_is_kept(
    telephone: Telephone, shared_data: Path
) -> None:
    broken = [(sample, path) for sample, path in samples(shared_data) if sample in BROKEN]
    assert len(broken) == len(BROKEN)
    for sample, path in broken:
        answer = await telephone.hand_in(path.read_bytes())
        assert (answer.status, answer.body["code"]) == (422, "bad_transcript"), sample
        assert answer.body["reason"], sample
        assert answer.body["line"] is not None or sample.endswith(".json"), sample
    assert [_count(telephone, table) for table in (arrivals, conversations, cases, calls)] == [0, 0, 0, 0]


def _count(telephone: Telephone, table: Any) -> int:
    return int(telephone.rows(select(func.count()).select_from(table))[0][0])


async def test_the_same_call_is_the_same_case(telephone: Telephone) -> None:
    first = await telephone.hand_in(COMPLAINT, call="c-17")
    again = await telephone.hand_in(COMPLAINT, call="c-17")
    said_otherwise = await telephone.hand_in(COMPLAINT, call="c-17", language="en-GB")
    assert [one.status for one in (first, again, said_otherwise)] == [201, 201, 201]
    assert len({one.body["reference"] for one in (first, again, said_otherwise)}) == 1
    assert len(await telephone.said(first.body["conversation"])) == 4
    assert [_count(telephone, table) for table in (conversations, cases, calls)] == [1, 1, 1]


async def test_two_calls_with_the_same_words_are_two_cases(telephone: Telephone) -> None:
    first = await telephone.hand_in(COMPLAINT, call="c-17")
    other = await telephone.hand_in(COMPLAINT, call="c-18")
    assert first.body["reference"] != other.body["reference"]


async def test_a_transcript_without_a_name_for_its_call_is_known_by_its_content(telephone: Telephone) -> None:
    first, again = await telephone.hand_in(COMPLAINT), await telephone.hand_in(COMPLAINT)
    other = await telephone.hand_in(COMPLAINT + "Customer: One more thing.\n")
    assert first.body["call"] == again.body["call"] != other.body["call"]


async def test_another_transcript_of_a_call_takes_the_place_of_the_first_which_stays_folded(
    telephone: Telephone,
) -> None:
    rough = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Customer>you charged me three hundred van\n"
    better = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Customer>You charged me a fee of 300 yuan.\n\n00:05.000 --> 00:06.000\n<v Agent>I see.\n"
    first = await telephone.hand_in(rough, call="c-17")
    second = await telephone.hand_in(better, call="c-17")
    assert first.body["reference"] == second.body["reference"]
    assert await telephone.said(second.body["conversation"]) == [
        ("customer", "You charged me a fee of 300 yuan."),
        ("agent", "I see."),
    ]
    whole = (await telephone.conversation(second.body["conversation"]))["messages"]
    assert [one["text"] for one in whole if one["utterance"].get("superseded")] == ["you charged me three hundred van"]
    record = await telephone.case(second.body["reference"])
    assert record["facts"]["amount"] == {"value": "300.00", "currency": "CNY"}
    assert "van" not in record["facts"]["what_happened"]


async def test_a_second_piece_of_a_call_goes_on_where_the_first_ended(telephone: Telephone) -> None:
    one = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Customer>You charged me a fee of 300 yuan.\n"
    two = "WEBVTT\n\n00:10.000 --> 00:12.000\n<v Customer>I want it refunded.\n"
    first = await telephone.hand_in(one, call="c-17")
    await telephone.hand_in(two, call="c-17")
    assert [text for _, text in await telephone.said(first.body["conversation"])] == [
        "You charged me a fee of 300 yuan.",
        "I want it refunded.",
    ]
    record = await telephone.case(first.body["reference"])
    assert record["facts"]["desired_outcome"]


async def test_words_without_times_that_share_nothing_with_what_is_known_replace_nothing(telephone: Telephone) -> None:
    first = await telephone.hand_in("Customer: You charged me a fee of 300 yuan.\nAgent: I see.\n", call="c-17")
    await telephone.hand_in("Customer: I want it refunded.\nAgent: Noted.\n", call="c-17")
    assert [text for _, text in await telephone.said(first.body["conversation"])] == [
        *("You charged me a fee of 300 yuan.", "I see.", "I want it refunded.", "Noted."),
    ]


async def test_a_call_that_an_agent_has_joined_to_another_case_changes_nothing_there(telephone: Telephone) -> None:
    from case_store import cases as case_units
    from case_store import conversations as talks
    from case_store.ids import new_id
    from case_store.records import Draft, Facts

    def joined(tx: Any, conversation: str) -> str:
        mail = new_id()
        talks.open_conversation(tx, talks.NewConversation(mail, "email", "email:a@b.example", "en"))
        case = case_units.open_draft(
            tx,
            conversation_id=mail,
            channel="email",
            account="email:a@b.example",
            language="en",
            received_at=tx.now,
            customer=None,
        )
        case_units.save_draft(tx, case, Draft(Facts(name="Bob Ray", about="Hull branch")), None, "en")
        talks.add_messages(tx, talks.locked(tx, conversation), [], values={"case_id": case})
        return case

    first = await telephone.hand_in(COMPLAINT, call="c-17")
    case = telephone.store.write_now(joined, first.body["conversation"])
    await telephone.hand_in(COMPLAINT + "Customer: And one more thing.\n", call="c-17")
    record = await telephone.case(case)
    assert (record["facts"]["name"], record["facts"]["about"]) == ("Bob Ray", "Hull branch")
    assert record["facts"]["amount"] == {"value": "300.00", "currency": "CNY"}


async def test_a_call_that_is_no_complaint_is_filed_with_its_kind(telephone: Telephone) -> None:
    answer = await telephone.hand_in(
        "Agent: Example Bank.\nCustomer: Hello, what are your opening hours on Saturday?\n", call="c"
    )
    assert answer.status == 201
    assert answer.body["reference"]
    assert answer.body["kind"] == "enquiry"
    record = await telephone.case(answer.body["reference"])
    assert "opening hours" in record["facts"]["what_happened"]
    assert record["judgement"]["kind"]["value"] == "enquiry"


async def test_yesterday_is_the_day_before_the_call_not_before_its_reading(telephone: Telephone) -> None:
    words = "Customer: Yesterday your Leeds branch charged me a fee of 300 yuan. I want it back.\nAgent: I see.\n"
    answer = await telephone.hand_in(words, call="c", started_at="2026-10-05T10:00:00+08:00")
    assert (await telephone.case(answer.body["reference"]))["facts"]["occurred_on"] == "2026-10-04"


async def test_utterances_know_their_second(telephone: Telephone) -> None:
    told = "WEBVTT\n\n00:01.500 --> 00:04.000\n<v Customer>You charged me a fee of 300 yuan.\n"
    answer = await telephone.hand_in(told, call="c", started_at="2026-11-20T10:00:00+08:00")
    [message] = (await telephone.conversation(answer.body["conversation"]))["messages"]
    assert message["utterance"] == {"start": 1.5, "end": 4.0, "label": "Customer", "sequence": 0}
    assert message["at"] == "2026-11-20T02:00:01.500000+00:00"


async def test_a_caller_s_number_proves_nothing(telephone: Telephone) -> None:
    answer = await telephone.hand_in(COMPLAINT, call="c", customer="+8613800138000")
    contacts = await telephone.get(f"/api/v1/cases/{answer.body['reference']}/contacts")
    [task] = await telephone.tasks()
    assert contacts.status in (200, 404)  # the console's own route; what counts is what the task says
    assert (task["detail"]["number"], task["detail"]["proved"]) == ("+8613800138000", False)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"call": "x" * 101}, "call"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"started_at": "2026-11-20T10:00:00"}, "started_at"),
        ({"started_at": "2999-01-01T00:00:00Z"}, "started_at"),
        ({"consent": "perhaps"}, "consent"),
        ({"customer": "ann@example.org"}, "customer"),
        ({"agent": "nobody"}, "agent"),
        ({"line": "a b"}, "line"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_parameter_is_named(telephone: Telephone, params: dict[str, str], field: str) -> None:
    answer = await telephone.hand_in(COMPLAINT, **params)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert _count(telephone, arrivals) == 0


async def test_a_plus_in_an_address_that_nobody_encoded_is_understood(telephone: Telephone) -> None:
    answer = await telephone.post(
        "/api/v1/transcripts?call=c&started_at=2026-11-20T10:00:00+08:00", data=COMPLAINT.encode()
    )
    assert answer.status == 201, answer.body
    assert answer.body["received_at"] == "2026-11-20T02:00:00+00:00"


async def test_the_same_key_repeats_the_answer_and_another_body_is_refused(telephone: Telephone) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await telephone.post("/api/v1/transcripts?call=c", data=COMPLAINT.encode(), headers=key)
    again = await telephone.post("/api/v1/transcripts?call=c", data=COMPLAINT.encode(), headers=key)
    other = await telephone.post("/api/v1/transcripts?call=d", data=b"Customer: other words\n", headers=key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert _count(telephone, calls) == 1


async def test_a_refusal_is_repeated_under_its_key_too(telephone: Telephone) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await telephone.post("/api/v1/transcripts", data=b"WEBVTT\n", headers=key)
    again = await telephone.post("/api/v1/transcripts", data=b"WEBVTT\n", headers=key)
    other = await telephone.post("/api/v1/transcripts", data=COMPLAINT.encode(), headers=key)
    assert (first.status, again.status) == (422, 422)
    assert again.body["detail"] == first.body["detail"]
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


async def test_too_large_is_told_before_it_is_read(telephone: Telephone) -> None:
    answer = await telephone.post("/api/v1/transcripts", data=io.BytesIO(b"Customer: x\n" * 200_000))
    assert (answer.status, answer.body["code"]) == (413, "too_large")
    assert _count(telephone, arrivals) == 0


async def test_what_died_between_taking_and_reading_is_read_at_the_next_start(telephone: Telephone) -> None:
    """Accepted to the ledger, then the process is gone: nobody has been answered, and nothing is lost."""
    await telephone.stop()
    [program] = telephone.rows(select(api_keys.c.id))
    source = source_of_key(program.id)
    arrival = await telephone.channel.prepare(COMPLAINT.encode(), Details(call="c-17"), source=source)
    await telephone.intake.accept(arrival)
    assert _count(telephone, calls) == 0
    await telephone.intake.read_due()
    assert telephone.rows(select(calls.c.due_at))[0].due_at is not None  # dies again here
    while await telephone.calls.read_due():
        pass
    [row] = telephone.rows(select(cases.c.reference, cases.c.status))
    assert row.status == "filed"
    await telephone.start()
    again = await telephone.hand_in(COMPLAINT, call="c-17")
    assert again.body["reference"] == row.reference


async def test_a_transcript_that_holds_what_no_database_keeps_is_kept(telephone: Telephone) -> None:
    answer = await telephone.hand_in(b"Customer: you charged me\x00 300 yuan, I want it back\nAgent: yes\n", call="c")
    assert answer.status in (201, 422)
    if answer.status == 201:
        assert all("\x00" not in text for _, text in await telephone.said(answer.body["conversation"]))


async def test_life_in_danger_on_the_telephone_calls_everybody(telephone: Telephone) -> None:
    answer = await telephone.hand_in(
        "Agent: Yes?\nCustomer: I have lost everything and I want to kill myself.\n", call="c"
    )
    shown = await telephone.conversation(answer.body["conversation"])
    assert (shown["owner"], shown["urgent"], shown["waiting_reason"]) == ("queue", True, "danger_to_life")
    assert answer.body["reference"]


async def test_an_agent_s_correction_survives_a_better_transcript(telephone: Telephone) -> None:
    first = await telephone.hand_in(COMPLAINT, call="c")
    record = await telephone.case(first.body["reference"])
    corrected = await telephone.send(
        "PATCH",
        f"/api/v1/cases/{record['id']}",
        json={"facts": {"name": "Ann Leigh"}},
        headers={"If-Match": f'"{record["version"]}"'},
    )
    assert corrected.status == 200
    await telephone.hand_in(COMPLAINT + "Customer: And I want an apology.\n", call="c")
    assert (await telephone.case(first.body["reference"]))["facts"]["name"] == "Ann Leigh"


async def test_what_was_committed_is_never_said_to_be_not_taken(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes away between the commit and the receipt: 503 would say that nothing has been taken."""
    read = telephone.gateway.store.read

    async def gone(unit: Any, *given: Any) -> Any:
        if unit is handing_in._standing:
            raise StoreUnavailable("the database went away")
        return await read(unit, *given)

    with monkeypatch.context() as patched:
        patched.setattr(telephone.gateway.store, "read", gone)
        patched.setattr(handing_in, "PATIENCE", 0.5)
        answer = await telephone.hand_in(COMPLAINT, call="c")
    assert answer.status == 202
    again = await telephone.hand_in(COMPLAINT, call="c")
    assert again.status == 201
    assert len(telephone.rows(select(arrivals.c.id))) == 1
