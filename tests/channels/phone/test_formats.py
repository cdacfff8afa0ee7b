"""Each format by small samples of its own: what comes in, what must come out."""

import json
from datetime import UTC, datetime

import pytest

from channels.phone.call import BadTranscript, Speaker
from channels.phone.formats import FORMATS, read_transcript

A, C, S, U = Speaker.AGENT, Speaker.CUSTOMER, Speaker.SYSTEM, Speaker.UNKNOWN

HANS = "客服：您好，很高兴为您服务。\n客户：我要投诉，你们扣了我三万五千元，请退还给我。\n"
HANT = "客服：您好，很高興為您服務。\n客戶：我要投訴，貴行扣了我三萬五千元，請退還給我。\n"
EN = "Agent: Thank you for calling.\nCustomer: I’ve been charged twice – £350.\n"


def said(call):
    return [(one.speaker, one.text, one.start, one.end) for one in call.utterances]


def read(value, **more):
    raw = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return read_transcript(raw, **more)


CONTACT_LENS = {
    "Version": "1.1.0",
    "Channel": "VOICE",
    "LanguageCode": "zh-CN",
    "CustomerMetadata": {"ContactId": "c-1"},
    "Participants": [
        {"ParticipantId": "p1", "ParticipantRole": "CUSTOMER"},
        {"ParticipantId": "p2", "ParticipantRole": "AGENT"},
    ],
    "Transcript": [
        {"ParticipantId": "p2", "Content": "您好", "BeginOffsetMillis": 0, "EndOffsetMillis": 900},
        {"ParticipantId": "p1", "Content": "我叫[NAME]", "BeginOffsetMillis": 1000, "EndOffsetMillis": 2500},
    ],
}
REAL_TIME = {
    "ContactId": "c-2",
    "Segments": [
        {"Transcript": {"ParticipantRole": "AGENT", "Content": "Hello", "BeginOffsetMillis": 5, "EndOffsetMillis": 10}},
        {"Categories": {}},
    ],
}
ANALYTICS_WORDS = {
    "JobStatus": "COMPLETED",
    "Transcript": [
        {
            "ParticipantRole": "CUSTOMER",
            "Content": "My card.",
            "Items": [
                {"Content": "My", "Confidence": "0.8"},
                {"Content": "card", "Confidence": "0.6"},
                {"Content": "."},
            ],
        }
    ],
}
GENESYS = {
    "conversationId": "g-1",
    "startTime": 1700000000000,
    "transcripts": [
        {
            "language": "en-us",
            "phrases": [
                {"text": "press one", "startTimeMs": 1700000001000, "participantPurpose": "ivr", "confidence": 0.5},
                {
                    "text": "hello",
                    "startTimeMs": 1700000002500,
                    "duration": {"milliseconds": 500},
                    "participantPurpose": "external",
                },
            ],
        }
    ],
    "participants": [
        {"participantPurpose": "external", "initialDirection": "outbound", "ani": "+4420", "dnis": "tel:+85223456789"}
    ],
}
AMAZON_STEREO = {
    "results": {
        "language_code": "en-GB",
        "channel_labels": {
            "channels": [
                {
                    "channel_label": f"ch_{n}",
                    "items": [
                        {"type": "pronunciation", "start_time": s, "end_time": e, "alternatives": [{"content": w, "confidence": "0.9"}]}
                        for s, e, w in words
                    ]
                    + [{"type": "punctuation", "alternatives": [{"content": "."}]}],
                }
                for n, words in enumerate([[("0.5", "0.9", "Hello")], [("1.0", "1.2", "Hi"), ("1.3", "1.5", "there")]])
            ]
        },
    }
}  # fmt: skip
SENTENCES = {
    "sentences": [
        {"media_channel": 2, "sentence_index": 1, "start_time": 2.0, "end_time": 3.0, "transcript": "My card is lost", "confidence": 0.9},
        {"media_channel": 1, "sentence_index": 0, "start_time": 0.0, "end_time": 1.0, "transcript": "How may I help you", "words": [{"word": "How", "confidence": 0.7}]},
    ]
}  # fmt: skip
DEEPGRAM_STEREO = {
    "metadata": {"duration": 4.0},
    "results": {
        "channels": [
            {"alternatives": [{"transcript": "…", "words": [{"word": "hello", "punctuated_word": "Hello.", "start": 0.1, "end": 0.4, "confidence": 0.9}]}]},
            {"detected_language": "zh", "alternatives": [{"transcript": "…", "words": [{"word": "你", "start": 1, "end": 1.2}, {"word": "好", "start": 1.2, "end": 1.4}]}]},
        ]
    },
}  # fmt: skip
ASSEMBLYAI = {
    "language_code": "en_us",
    "audio_duration": 9,
    "words": [
        {"text": "Hello.", "start": 100, "end": 500, "confidence": 1, "speaker": "A"},
        {"text": "Hi", "start": 600, "end": 700, "confidence": 0.5, "speaker": "B"},
        {"text": "there.", "start": 710, "end": 900, "confidence": 0.7, "speaker": "B"},
        {"text": "Anyone?", "start": 3000, "end": 3500, "confidence": 0.5, "speaker": "B"},
    ],
}
WHISPER = {"language": "chinese", "segments": [{"start": 0.0, "end": 2.5, "text": " 我的卡丢了", "avg_logprob": -0.5}]}
WHISPERX = {
    "segments": [
        {
            "start": 0.0,
            "end": 3.0,
            "text": " Hello. My card",
            "speaker": "SPEAKER_00",
            "words": [
                {"word": "Hello.", "start": 0.0, "end": 0.5, "score": 0.9, "speaker": "SPEAKER_00"},
                {"word": "My", "start": 1.0, "end": 1.2, "score": 0.8, "speaker": "SPEAKER_01"},
                {"word": "2"},  # a number that could not be aligned
                {"word": "cards", "start": 1.5, "end": 2.0, "score": 0.6, "speaker": "SPEAKER_01"},
            ],
        }
    ]
}
WHISPER_CPP = {
    "result": {"language": "en"},
    "transcription": [{"timestamps": {"from": "00:00:00,000"}, "offsets": {"from": 0, "to": 1500}, "text": " Hello"}],
}
HARPER = [{"speaker_role": "caller", "start_ms": 10, "duration_ms": 20, "transcript": "high", "human_transcript": "hi"}]
PCA = {
    "ConversationAnalytics": {
        "GUID": "g",
        "Agent": "Li Na",
        "ConversationTime": "2024-05-06 07:08:09",
        "Duration": "2.5",
        "LanguageCode": "en-US",
        "SpeakerLabels": [{"Speaker": "spk_1", "DisplayText": "Customer"}],
    },
    "SpeechSegments": [
        {"SegmentStartTime": 0.5, "SegmentEndTime": "PT1.5S", "SegmentSpeaker": "spk_1", "OriginalText": "My card", "WordConfidence": [{"Confidence": 0.5}, {"Confidence": "1"}]}
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "format", "utterances"),
    [
        (CONTACT_LENS, "contact-lens", [(A, "您好", 0.0, 0.9), (C, "我叫[NAME]", 1.0, 2.5)]),
        (REAL_TIME, "contact-lens", [(A, "Hello", 0.005, 0.01)]),
        (ANALYTICS_WORDS, "contact-lens", [(C, "My card.", None, None)]),
        (PCA, "aws-pca", [(C, "My card", 0.5, 1.5)]),
        (GENESYS, "genesys", [(S, "press one", 1.0, None), (C, "hello", 2.5, 3.0)]),
        (AMAZON_STEREO, "amazon-transcribe", [(U, "Hello.", 0.5, 0.9), (U, "Hi there.", 1.0, 1.5)]),
        (SENTENCES, "twilio", [(A, "How may I help you", 0.0, 1.0), (C, "My card is lost", 2.0, 3.0)]),
        (DEEPGRAM_STEREO, "deepgram", [(U, "Hello.", 0.1, 0.4), (U, "你好", 1.0, 1.4)]),
        (ASSEMBLYAI, "assemblyai", [(U, "Hello.", 0.1, 0.5), (U, "Hi there.", 0.6, 0.9), (U, "Anyone?", 3.0, 3.5)]),
        (WHISPER, "whisper", [(U, "我的卡丢了", 0.0, 2.5)]),
        (WHISPERX, "whisper", [(U, "Hello.", 0.0, 0.5), (U, "My 2 cards", 1.0, 2.0)]),
        (WHISPER_CPP, "whisper", [(U, "Hello", 0.0, 1.5)]),
        ({"text": "My card is lost"}, "whisper", [(U, "My card is lost", None, None)]),
        (HARPER, "harper-valley", [(C, "hi", 0.01, 0.03)]),
    ],
)
def test_json_of_a_recogniser(file, format, utterances):
    call = read(file)
    assert (call.format, said(call)) == (format, utterances)
    assert read(json.dumps(file, ensure_ascii=False).encode("utf-16")) == call
    assert read(json.dumps(file, ensure_ascii=False, indent=1).encode("utf-16-le")) == call


@pytest.mark.parametrize(
    ("file", "confidences"),
    [
        (ANALYTICS_WORDS, [0.7]),
        (PCA, [0.75]),
        (WHISPER, [0.6065]),
        (WHISPERX, [0.9, 0.7]),
        (ASSEMBLYAI, [1.0, 0.6, 0.5]),
        (SENTENCES, [0.7, 0.9]),
        (GENESYS, [0.5, None]),
        ({"segments": [{"text": "x", "confidence": 87}]}, [None]),  # another scale is none
    ],
)
def test_how_sure_the_recogniser_was(file, confidences):
    assert [u.confidence and round(u.confidence, 4) for u in read(file).utterances] == confidences


@pytest.mark.parametrize(
    ("file", "facts"),
    [
        (CONTACT_LENS, {"call_id": "c-1", "language": "zh-CN"}),
        (REAL_TIME, {"call_id": "c-2"}),
        (
            GENESYS,
            {"started_at": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "customer_number": "+85223456789", "language": "en-US"},
        ),
        (
            PCA,
            {"call_id": "g", "agent_name": "Li Na", "started_at": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), "duration": 2.5},
        ),
        (WHISPER, {"language": "zh"}),
        (ASSEMBLYAI, {"language": "en-US", "duration": 9.0, "call_id": None}),
        (DEEPGRAM_STEREO, {"duration": 4.0}),
    ],
)  # fmt: skip
def test_what_a_file_says_about_its_call(file, facts):
    call = read(file)
    assert {name: getattr(call, name) for name in facts} == facts


EVENTS = [
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-started", "Timestamp": "2026-01-01T10:00:00Z", "LanguageCode": "en-US", "From": "+1 415-555-2671"},
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-content", "SequenceId": "3", "Track": "outbound_track", "Final": "true", "Timestamp": "2026-01-01T10:00:04Z", "TranscriptionData": '{"transcript": "Go on", "confidence": 0.5}'},
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-content", "SequenceId": "2", "Track": "inbound_track", "Final": "true", "Timestamp": "2026-01-01T10:00:02.5Z", "TranscriptionData": '{"transcript": "Hello", "confidence": 0.9}'},
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-content", "SequenceId": "2", "Track": "inbound_track", "Final": "true", "Timestamp": "2026-01-01T10:00:02.5Z", "TranscriptionData": '{"transcript": "Hello", "confidence": 0.9}'},
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-content", "SequenceId": "1", "Track": "inbound_track", "Final": "false", "TranscriptionData": '{"transcript": "Hell"}'},
    {"CallSid": "CA1", "TranscriptionEvent": "transcription-stopped"},
]  # fmt: skip


def forms(events):
    from urllib.parse import urlencode

    return "\n".join(urlencode(event) for event in events)


@pytest.mark.parametrize(
    "file",
    [EVENTS, {"events": EVENTS}, "\n".join(json.dumps(event) for event in EVENTS), forms(EVENTS)],
    ids=["list", "events", "JSON lines", "posted forms"],
)
def test_events_of_twilio_in_any_wrapping_out_of_order_and_posted_twice(file):
    call = read(file)
    assert call.format == "twilio"
    assert said(call) == [(C, "Hello", 2.5, None), (A, "Go on", 4.0, None)]
    assert (call.call_id, call.language, call.customer_number) == ("CA1", "en-US", "+14155552671")
    assert call.started_at == datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "format", "utterances"),
    [
        (
            "WEBVTT\nLanguage: zh-Hant\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000 align:start\n<v.loud 客戶 陳>我要投訴 A&amp;B</v>\n\n"
            "00:02.000 --> 01:00:03.500\n<v 客服>好的\n<v 客戶 陳>謝謝",
            "webvtt",
            [(C, "我要投訴 A&B", 1.0, 2.0), (A, "好的", 2.0, 3603.5), (C, "謝謝", 2.0, 3603.5)],
        ),
        (
            "1\n00:00:01,000 --> 00:00:02,000\nAgent: <i>Hello</i>\n\n2\n00:00:02,000 --> 00:00:03,000\nand welcome\n\nto us\n\n"
            "3\n00:00:03,000 --> 00:00:04,000\nCustomer: Note: my card",
            "srt",
            [(A, "Hello", 1.0, 2.0), (A, "and welcome to us", 2.0, 3.0), (C, "Note: my card", 3.0, 4.0)],
        ),
        (
            "1\n00:00:01,000 --> 00:00:02,000\n[SPEAKER_00]: Hi\n2\n00:00:02,000 --> 00:00:03,000\n[SPEAKER_00]: there",
            "srt",
            [(U, "Hi", 1.0, 2.0), (U, "there", 2.0, 3.0)],
        ),
        ("00:00:01,000 --> 00:00:02,000\n你们\n好", "srt", [(U, "你们好", 1.0, 2.0)]),
        ("0:00:01.000,0:00:02.000\n客户：你好\n\n0:00:02.000,0:00:03.500\n坐席：请讲", "sbv", [(C, "你好", 1.0, 2.0), (A, "请讲", 2.0, 3.5)]),
        (HANS, "text", [(A, "您好，很高兴为您服务。", None, None), (C, "我要投诉，你们扣了我三万五千元，请退还给我。", None, None)]),
        (
            "[00:01:23] Customer: I was charged:\ntwice.\n[00:01:30 - 00:01:31.5] Agent: I see.",
            "text",
            [(C, "I was charged: twice.", 83.0, None), (A, "I see.", 90.0, 91.5)],
        ),
        ("（00：05）坐席１：您好\n00:07 客户：喂", "text", [(A, "您好", 5.0, None), (C, "喂", 7.0, None)]),
        ("客服小王 00:00:01\n您好\n\n张先生  00:00:05\n我的钱呢\n我要退款", "text", [(A, "您好", 1.0, None), (C, "我的钱呢我要退款", 5.0, None)]),
        ("Agent (Lisa): Hi\nMr Lee: hello\nMr Lee: anybody?", "text", [(A, "Hi", None, None), (C, "hello", None, None), (C, "anybody?", None, None)]),
        ("[Agent] Hi\n[Customer] Hello", "text", [(A, "Hi", None, None), (C, "Hello", None, None)]),
        ("2026-03-05 09:08:07 客服：您好\n2026-03-05 09:08:09.5 客户：喂", "text", [(A, "您好", 0.0, None), (C, "喂", 2.5, None)]),
        ("[14:03:20] Agent: Hi\n[14:03:25] Customer: Hello", "text", [(A, "Hi", 0.0, None), (C, "Hello", 5.0, None)]),
        ("Agent: When?\nCustomer: At\n12:30 today. He said: no\nAgent: Ok", "text", [(A, "When?", None, None), (C, "At 12:30 today. He said: no", None, None), (A, "Ok", None, None)]),
        ("00:00:01 - 00:00:05\nAgent: hello\n\n00:00:05 - 00:00:09\nCustomer: hi", "text", [(A, "hello", 1.0, 5.0), (C, "hi", 5.0, 9.0)]),
        ("**Agent:** Hello\n[00:05] **Customer**: Card ****1234 **", "text", [(A, "Hello", None, None), (C, "Card ****1234 **", 5.0, None)]),
        ("[00:01] hello\n[00:02] hi", "text", [(U, "hello", 1.0, None), (U, "hi", 2.0, None)]),
        ("IVR: This call may be recorded.\nCaller: Hi\nRep: Hello", "text", [(S, "This call may be recorded.", None, None), (C, "Hi", None, None), (A, "Hello", None, None)]),
    ],
)  # fmt: skip
def test_text_formats(file, format, utterances):
    call = read(file)
    assert (call.format, said(call)) == (format, utterances)
    assert read(file.replace("\n", "\r\n")) == call


def test_the_head_of_a_plain_text_says_what_call_it_is():
    head = "通话记录\n=====\n通话编号：T-9\n开始时间：2026年3月5日 09:08:07\n来电号码：+86 138 0013 8000\n坐席姓名：王芳\n通话时长：01:02\n\n"
    call = read(head + HANS)
    assert (call.call_id, call.customer_number, call.agent_name) == ("T-9", "+8613800138000", "王芳")
    assert (call.started_at, call.duration) == (datetime(2026, 3, 5, 9, 8, 7), 62.0)
    assert [one.speaker for one in call.utterances] == [S, A, C]  # the title is not lost and nobody's word


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (HANS, "utf-8-sig"), (HANS, "gb18030"), (HANS, "utf-16"), (HANS, "utf-16-be"), (HANS, "utf-32"),
        (HANT, "utf-8"), (HANT, "big5"), (HANT, "utf-16-le"),
        (EN, "utf-8"), (EN, "cp1252"), (EN, "utf-16"),
    ],
)  # fmt: skip
def test_any_encoding(text, codec):
    assert said(read_transcript(text.encode(codec))) == said(read_transcript(text.encode()))


@pytest.mark.parametrize("given", FORMATS)
def test_a_format_that_does_not_fit_is_refused_with_what_it_is(given):
    if given != "whisper":
        with pytest.raises(BadTranscript, match="looks like whisper"):
            read(WHISPER, format=given)
    if given not in {"webvtt"}:
        with pytest.raises(BadTranscript, match="looks like webvtt"):
            read("WEBVTT\n\n00:01.000 --> 00:02.000\nhi", format=given)


def test_neither_name_nor_media_type_decides_the_format():
    assert read(HANS, name="call.srt", media_type="application/json").format == "text"


def test_a_format_has_other_names():
    assert read(WHISPERX, format="WhisperX").format == "whisper"
    assert read(CONTACT_LENS, format="call_analytics").format == "contact-lens"
    with pytest.raises(BadTranscript, match='"mp3" is not known, expected one of amazon-transcribe'):
        read(HANS, format="mp3")


def test_the_language_that_is_given_stands_before_the_file_s():
    assert read(WHISPER, language="zh_hant_hk").language == "zh-Hant-HK"
    with pytest.raises(BadTranscript, match='the language is "!", expected a tag'):
        read(WHISPER, language="!")


@pytest.mark.parametrize(
    ("file", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\xef\xbb\xbf \n\n", 1, "the file is empty"),
        ('{"segments": [\n {"text": "x",}\n]}', 2, "broken at column 15"),
        ('{"CallSid": "x", "TranscriptionEvent": "y"}\n{"CallSid"', 2, "broken at column"),
        ({"segments": []}, 1, "nothing is said"),
        ({"segments": [{"text": " ... "}]}, 1, "nothing is said"),
        ({"segments": [{"text": 5}]}, None, "segments[0].text is 5, expected text"),
        ({"segments": [{"start": 0}]}, None, "segments[0].text is missing, expected text"),
        ({"segments": [7]}, None, "segments[0] is 7, expected an object"),
        ({"segments": [{"text": "x", "start": 5, "end": 4}]}, None, "segments[0].end is 4, expected a time not before segments[0].start, which is 5"),
        ({"segments": [{"text": "x", "start": -1}]}, None, "segments[0].start is -1, expected a number of seconds"),
        ({"segments": [{"text": "x", "start": True}]}, None, "segments[0].start is true"),
        ({"segments": [{"text": "x", "start": 1e300}]}, None, "expected a number of seconds"),
        ('{"segments": [{"text": "x", "start": NaN}]}', None, "holds NaN"),
        ('{"segments": [{"text": "x", "start": ' + "9" * 5000 + "}]}", None, "a number that can't be read"),
        ("[" * 200_000, None, "nested too deeply"),
        (
            {"results": {"channels": [{"alternatives": [{"words": [{"word": "a"}, {"word": "b"}, {"word": "c"}, {"word": "d", "start": "abc"}]}]}]}},
            None,
            'results.channels[0].alternatives[0].words[3].start is "abc", expected a number of seconds',
        ),
        ([{"TranscriptionData": {}, "Final": {}}], None, "[0].TranscriptionData.transcript is missing, expected text"),
        ([{"TranscriptionEvent": "transcription-content", "TranscriptionData": "{"}], None, '[0].TranscriptionData is "{", expected JSON'),
        ({"audio_url": "x", "status": "error", "error": "no audio"}, None, "the recogniser says no audio"),
        ({"audio_url": "x", "status": "queued"}, None, 'status is "queued", expected completed'),
        ({"JobStatus": "FAILED", "Transcript": []}, None, 'JobStatus is "FAILED", expected COMPLETED'),
        ("1\n00:00:05,000 --> 00:99:04,000\nhi", 2, '"00:99:04,000" is no time'),
        ("[00:00:01] Agent: hi\n[00:75:99] Agent: hi", 2, '"00:75:99" is no time'),
        ("[00:09 - 00:01] Agent: hi", 1, "00:01 is before 00:09"),
        ("Dear sirs,\nI am not a transcript.", 1, 'begins with "Dear sirs,", which no known transcript does'),
        ("<html>\n<b>Agent</b>", 1, 'begins with "<html>"'),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00" + bytes(range(256)) * 4, 1, "looks like wav"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 9, 1, "looks like pdf"),
        ("客户：\ufeff".encode("utf-16") + b"\x00\xd8\x41\x00", 1, "the bytes"),
        ({"unrelated": 1}, None, 'a JSON object with the keys "unrelated"'),
        ("[]", None, "an empty JSON list"),
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_with_place_and_reason(file, line, reason):
    with pytest.raises(BadTranscript) as refused:
        read(file)
    assert refused.value.line == line
    assert reason in refused.value.reason
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    "cue",
    ["WEBVTT\n\n00:05.000 --> 00:04.000\nhi", "1\n00:00:05,000 --> 00:00:04,000\nhi", "0:00:05.000,0:00:04.000\nhi"],
)
def test_an_end_before_the_beginning_costs_nobody_their_words(cue):
    [said] = read_transcript(cue.encode()).utterances
    assert (said.text, said.start, said.end) == ("hi", 5.0, 5.0)
